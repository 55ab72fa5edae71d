/**
 * Which nodes of a record are hidden, and what stood in them.
 *
 * A hidden node is blank for every expression and comes back as it was, as in ODK Collect. It stays hidden
 * while any of the questions or groups around it is.
 */

import { getXPath } from "enketo-core/src/js/dom-utils.js";

/** @type {WeakMap<Node, {by: Set<Node>, value: string, fresh: boolean}>} fresh: worked out while it was hidden */
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
  const known = hidden.get(node);
  known.value = value;
  known.fresh = true;
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
  const known = hidden.get(node) ?? { by: new Set(), value: "", fresh: false };
  if (!known.by.size && !node.children.length) {
    known.value = node.textContent;
    known.fresh = false;
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

/**
 * Shows in the questions what was worked out for them while they were hidden.
 *
 * @param {object} form - the engine's
 * @param {Element[]} roots - that were shown again
 */
export function refresh(form, roots) {
  for (const node of roots.flatMap((root) => [root, ...root.querySelectorAll("*")])) {
    const known = hidden.get(node);
    if (known?.fresh && !known.by.size) {
      known.fresh = false;
      const path = getXPath(node, "instance");
      const control = form.input.find(path, form.model.node(path).getElements().indexOf(node));
      if (control) {
        form.input.setVal(control, node.textContent);
      }
    }
  }
}
