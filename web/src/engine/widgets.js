/** The questions' own controls: which there are is said in src/widgets, those a form uses are fetched with it. */

import { AT_ONCE, ON_DEMAND } from "../widgets/index.js";

/** The engine asks for this list; `equip` fills it before a form is opened. */
const inUse = [];
export default inUse;

/**
 * Fetches what a form needs.
 * @param {HTMLFormElement} form - not yet opened by the engine
 * @returns {Promise<void>} rejects where a part is neither kept nor reachable
 */
export async function equip(form) {
  const wanted = ON_DEMAND.filter(({ selector }) => form.querySelector(selector));
  const parts = await Promise.all(wanted.map(({ load }) => load()));
  inUse.splice(0, inUse.length, ...AT_ONCE, ...parts.flat());
}
