/**
 * Which nodes of a record are hidden, and what stood in them.
 *
 * A hidden node is blank for every expression and comes back as it was, as in ODK Collect. It stays hidden
 * while any of the questions or groups around it is.
 */

/** @type {WeakMap<Node, {by: Set<Node>, value: string}>} */
const hidden = new WeakMap();

/** @param {Node} node */
export function isShown(node) {
  return !hidden.get(node)?.by.size;
}

/**
 * @param {Node} node
 * @returns {string} what a hidden node comes back with; "" for one that is shown
 */
export function behind(node) {
  const known = hidden.get(node);
  return known?.by.size ? known.value : "";
}

/**
 * Something new to come back with, for a node that is hidden.
 *
 * @param {Node} node
 * @param {string} value
 */
export function keepFor(node, value) {
  hidden.get(node).value = value;
}

/**
 * Hides elements and all below them, or shows them again.
 *
 * @param {Element[]} roots - where a relevance has changed
 * @param {boolean} hide
 * @returns {string[]} the names of the nodes whose text has changed, the last one first
 */
export function turn(roots, hide) {
  const changed = [];
  for (const root of roots) {
    for (const node of [root, ...root.querySelectorAll("*")]) {
      const before = node.textContent;
      (hide ? conceal : reveal)(node, root);
      if (!node.children.length && node.textContent !== before) {
        changed.unshift(node.nodeName);
      }
    }
  }
  return changed;
}

function conceal(node, by) {
  const known = hidden.get(node) ?? { by: new Set(), value: "" };
  if (!known.by.size && !node.children.length) {
    known.value = node.textContent;
    node.textContent = "";
  }
  known.by.add(by);
  hidden.set(node, known);
}

function reveal(node, by) {
  const known = hidden.get(node);
  if (known?.by.delete(by) && !known.by.size && !node.children.length) {
    node.textContent = known.value;
  }
}
