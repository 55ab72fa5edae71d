/** What the page says, in the tongue of the person. The catalogues have the same keys; Vietnamese comes first. */

import en from "./en.js";
import vi from "./vi.js";

const CATALOGUES = { vi, en };

let tongue = "vi";

/** @param {string} tag - vi or en; anything else stays Vietnamese */
export function setTongue(tag) {
  const short = String(tag ?? "").slice(0, 2).toLowerCase();
  tongue = short in CATALOGUES ? short : "vi";
}

/** @returns {string} vi or en */
export function getTongue() {
  return tongue;
}

/**
 * @param {string} key - as in vi.js
 * @param {Record<string, unknown>} [values] - for the {names} in it
 * @returns {string} the sentence; the key itself where it is in no catalogue
 */
export function say(key, values = {}) {
  const sentence = CATALOGUES[tongue][key] ?? vi[key] ?? key;
  return sentence.replace(/\{(\w+)\}/g, (hole, name) => String(values[name] ?? hole));
}
