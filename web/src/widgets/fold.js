/**
 * Searching Vietnamese text without its marks: "muong lai" finds "Mường Lai". Pure.
 */

/**
 * A text without marks and capitals.
 *
 * @param {string} text
 * @returns {string} lower case, without diacritics, đ as d, spaces single
 */
export function fold(text) {
  return text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/[đĐ]/g, "d")
    .toLowerCase()
    .replace(/\s+/g, " ")
    .trim();
}

/**
 * The choices that hold every word asked for, those that begin with what was typed first.
 *
 * Somebody who typed the marks means them: "mường" does not find "muồng".
 *
 * @template {{label: string, folded: string}} Choice
 * @param {Choice[]} choices `folded` is `fold(label)`, made once by the caller
 * @param {string} typed
 * @returns {Choice[]} in the order of the list but for those that begin with it
 */
export function sift(choices, typed) {
  const plain = fold(typed);
  if (!plain) {
    return choices;
  }
  const words = typed.normalize("NFC").toLowerCase().trim().split(/\s+/);
  const found = choices.filter((choice) => words.every((word) => holds(choice, word)));
  const first = found.filter((choice) => choice.folded.startsWith(plain));
  return first.length ? [...first, ...found.filter((choice) => !choice.folded.startsWith(plain))] : found;
}

function holds(choice, word) {
  const bare = fold(word);
  return bare === word
    ? choice.folded.includes(bare)
    : choice.label.normalize("NFC").toLowerCase().includes(word);
}
