/** The engine's words, from our catalogue: `form.required` is `engine.form.required` there. */

import { say } from "../words/index.js";

/**
 * @param {string} key - as enketo-core and its form sheet name it
 * @param {Record<string, unknown>} [values] - what the sentence has room for
 * @returns {string} the sentence
 */
export function t(key, values) {
  return say(`engine.${key}`, values);
}
