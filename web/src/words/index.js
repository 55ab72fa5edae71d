/**
 * What the pages say, in the reader's language.
 *
 * To add words: a file per part of the front end under `vi/` and `en/`, named in `vi.js` and `en.js`. Both
 * languages have the same keys; a test holds that. `{name}` in a sentence is filled from the values given.
 */

import vi from "./vi.js";

/** The languages there are, in the order they are offered. */
export const TONGUES = Object.freeze({ vi: "Tiếng Việt", en: "English" });

let words = vi;
let tongue = "vi";

/** @returns {string} vi or en */
export function getTongue() {
  return tongue;
}

/**
 * Speak another language from now on. English is fetched when it is asked for; where it cannot be had,
 * Vietnamese stays.
 * @param {string} tag vi or en, also as browsers write them; anything else is Vietnamese
 * @returns {Promise<string>} the language in use
 */
export async function setTongue(tag) {
  const wanted = String(tag ?? "").slice(0, 2).toLowerCase();
  try {
    words = wanted === "en" ? (await import("./en.js")).default : vi;
    tongue = wanted === "en" ? "en" : "vi";
  } catch {
    words = vi;
    tongue = "vi";
  }
  return tongue;
}

/**
 * A sentence by its key, its places filled.
 * @param {string} key as in vi.js
 * @param {Record<string, unknown>} [values] for the {names} in it
 * @returns {string} the key itself where there is no such sentence, so that it is noticed
 */
export function say(key, values = {}) {
  const sentence = words[key] ?? vi[key] ?? key;
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}
