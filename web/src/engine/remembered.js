/**
 * Look-ups go to the browser's own evaluator (plain.js), and what they and other steady expressions came to is
 * remembered until an answer changes that they rest on. A list that every row of a repeat offers is looked up
 * once, not once for each row and each of its questions; with a commune's learners that is the difference between
 * a second and minutes. The engine asks for every calculation three times before a form stands.
 */

import { FormModel } from "enketo-core/src/js/form-model.js";

import { Lists, readInside, readKeyed } from "./keyed.js";
import { isPlain, isSameEverywhere, isSteady, restsOn } from "./plain.js";

const evaluate = FormModel.prototype.evaluate;

/** @type {WeakMap<FormModel, Memory>} */
const memories = new WeakMap();

/** The browser finds no way from an attribute (of an entity) back to its row; the engine's evaluator does. */
function isAttribute(selector) {
  return typeof selector === "string" && selector.includes("/@");
}

function kindOf(expression, repeats) {
  if (!isPlain(expression)) {
    return isSteady(expression) ? "steady" : "";
  }
  return isSameEverywhere(expression, repeats) ? "everywhere" : "here";
}

/** Whether elements came or went, or one began or ceased to be a template of rows. */
function isMoved({ attributeName, addedNodes, removedNodes }) {
  const isElement = (node) => node.nodeType === Node.ELEMENT_NODE;
  return attributeName?.endsWith("template") || [...addedNodes, ...removedNodes].some(isElement);
}

/** Names of the elements and attributes that have another value now, those around them included. */
function changedBy(records) {
  const names = new Set();
  for (const { attributeName, target } of records) {
    names.add(attributeName?.replace(/^.*:/, ""));
    for (let node = target; node; node = node.parentNode) {
      names.add(node.localName);
    }
  }
  return names;
}

/** What expressions of one record came to. */
class Memory {
  #observer = new MutationObserver((records) => this.#forget(records));
  #results = new Map();
  #rests = new Map();
  #kinds = new Map();
  #keyed = new Map();
  #inside = new Map();
  #lists;

  constructor(model) {
    this.model = model;
    this.#lists = new Lists(model);
    this.#observer.observe(model.xml, { subtree: true, childList: true, characterData: true, attributes: true });
  }

  /** "" - asked anew each time; "steady" - not plain; "here" - depends on where it is asked; "everywhere". */
  kind(expression) {
    if (!this.#kinds.has(expression)) {
      this.#kinds.set(expression, kindOf(expression, Object.keys(this.model.templates)));
    }
    return this.#kinds.get(expression);
  }

  /** One row of a list by its name, "" where there is none; null where the expression asks for something else. */
  row(expression, selector, index) {
    if (!this.#keyed.has(expression)) {
      this.#keyed.set(expression, readKeyed(expression));
    }
    const asked = this.#keyed.get(expression);
    const found = asked && this.#look(asked, selector, index);
    return found && (found[0] ?? "");
  }

  /** The expression with the texts in it that its look-ups of one row come to now. */
  filledIn(expression, selector, index) {
    if (!this.#inside.has(expression)) {
      this.#inside.set(expression, readInside(expression));
    }
    let filled = "";
    let from = 0;
    for (const { start, end, asked } of this.#inside.get(expression)) {
      // Of several rows some functions take all; and the engine reads on in texts: entities, paths, calls.
      const found = this.#look(asked, selector, index);
      const text = found && found.length < 2 ? (found[0] ?? "") : null;
      const isSayable = text !== null && !/['&/(]/.test(text);
      filled += expression.slice(from, start) + (isSayable ? `'${text}'` : expression.slice(start, end));
      from = end;
    }
    return filled + expression.slice(from);
  }

  #look(asked, selector, index) {
    if (/^['"]/.test(asked.key)) {
      return this.#lists.find(asked, asked.key.slice(1, -1));
    }
    // The parent of an entity's attribute is the entity, from which the browser does find the way.
    const isEntity = isAttribute(selector);
    const key = isEntity ? asked.key.replace(/^current\(\)\/\.\.\//, "current()/") : asked.key;
    const from = isEntity ? selector.slice(0, selector.indexOf("/@")) : selector;
    const keys = this.model.evaluate(key, "nodes-ordered", from, index, true);
    return keys?.length === 1 ? this.#lists.find(asked, keys[0].textContent) : null;
  }

  /** What was remembered under a key, or is worked out now. */
  recall(key, expression, work) {
    // Changes of this very moment have not been told yet.
    this.#forget(this.#observer.takeRecords());
    if (!this.#results.has(key)) {
      this.#results.set(key, { expression, result: work() });
    }
    const { result } = this.#results.get(key);
    return Array.isArray(result) ? [...result] : result;
  }

  #forget(records) {
    // Where a row came or went, the same place and number may mean another row.
    if (records.some(isMoved)) {
      this.#results.clear();
      return;
    }
    const changed = changedBy(records);
    for (const [key, { expression }] of records.length ? this.#results : []) {
      if (this.#concerns(expression, changed)) {
        this.#results.delete(key);
      }
    }
  }

  #concerns(expression, changed) {
    if (!this.#rests.has(expression)) {
      this.#rests.set(expression, restsOn(expression));
    }
    const names = this.#rests.get(expression);
    return !names || [...names].some((name) => changed.has(name));
  }
}

FormModel.prototype.evaluate = function evaluateRemembering(expression, type, selector, index, tryNative) {
  // While a record is put together there is no model yet, or another one in a moment.
  if (!this.isReady || typeof expression !== "string") {
    return evaluate.call(this, expression, type, selector, index, tryNative);
  }
  if (!memories.has(this)) {
    memories.set(this, new Memory(this));
  }
  const memory = memories.get(this);
  const kind = memory.kind(expression);
  if (!kind) {
    return evaluate.call(this, expression, type, selector, index, tryNative);
  }
  const row = type === "string" ? memory.row(expression, selector, index) : null;
  if (row !== null) {
    return row;
  }
  if (isAttribute(selector)) {
    return evaluate.call(this, expression, type, selector, index, tryNative);
  }
  const key = kind === "everywhere" ? `${type}|${expression}` : `${type}|${expression}|${selector}|${index}|${tryNative}`;
  return memory.recall(key, expression, () => {
    if (kind !== "steady") {
      return evaluate.call(this, expression, type, selector, index, true);
    }
    // A row that is there is true, however empty its cell.
    const asked = type === "string" ? memory.filledIn(expression, selector, index) : expression;
    return evaluate.call(this, asked, type, selector, index, tryNative);
  });
};

const init = FormModel.prototype.init;

FormModel.prototype.init = function initAndRemember() {
  const errors = init.call(this);
  this.isReady = Boolean(this.xml);
  return errors;
};
