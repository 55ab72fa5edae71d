/**
 * Answers to questions that are hidden just now. The engine takes them out of the record and remembers them, in
 * case the questions come back; a draft has to remember them too.
 */

import { behind } from "./relevance.js";

/**
 * @template T
 * @param {import("enketo-core").Form} form
 * @param {() => T} work - done while they stand in the record
 * @returns {T}
 */
export function withUnasked(form, work) {
  const hidden = [...form.model.rootElement.querySelectorAll("*")]
    .filter((node) => !node.children.length && !node.textContent)
    .map((node) => [node, behind(node)])
    .filter(([, value]) => value);
  try {
    for (const [node, value] of hidden) {
      node.textContent = value;
    }
    return work();
  } finally {
    for (const [node] of hidden) {
      node.textContent = "";
    }
  }
}
