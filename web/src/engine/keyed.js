/**
 * One row of a list by what it is called, as `instance('l')/root/item[name= ../ref ]/label`: the commonest look-up
 * there is. The rows are put in order once, so that it costs the same in a list of ten and of ten thousand.
 */

const KEYED =
  /^\s*instance\(\s*['"]([^'"]+)['"]\s*\)\/root\/item\[\s*([A-Za-z_][\w.-]*)\s*=\s*('[^']*'|"[^"]*"|(?:current\(\)\/|\/)[\w./-]+)\s*\]\/([A-Za-z_][\w.-]*)\s*$/;

/**
 * @param {string} expression
 * @returns {{list: string, column: string, key: string, wanted: string} | null} what it looks up, null where it
 *   is no such look-up; `key` is a path or a literal in quotes
 */
export function readKeyed(expression) {
  const found = KEYED.exec(expression);
  return found && { list: found[1], column: found[2], key: found[3], wanted: found[4] };
}

/** The lists of a form, by what their rows are called. They do not change while it is open. */
export class Lists {
  #model;
  #rows = new Map();

  /** @param {import("enketo-core/src/js/form-model.js").FormModel} model */
  constructor(model) {
    this.#model = model;
  }

  /**
   * @param {{list: string, column: string, wanted: string}} asked
   * @param {string} value - of the key
   * @returns {string | null} what the first such row has, "" where there is none, null where it is not known here
   */
  find({ list, column, wanted }, value) {
    const rows = this.#of(list, column);
    if (!rows) {
      return null;
    }
    const row = rows.get(value);
    return row ? (child(row, wanted)?.textContent ?? null) : "";
  }

  #of(list, column) {
    const name = `${list}|${column}`;
    if (!this.#rows.has(name)) {
      const root = this.#model.getSecondaryInstance(list)?.querySelector(":scope > root");
      this.#rows.set(name, root ? ordered(root, column) : null);
    }
    return this.#rows.get(name);
  }
}

function ordered(root, column) {
  const rows = new Map();
  for (const item of root.children) {
    const key = item.nodeName === "item" ? child(item, column)?.textContent : undefined;
    if (key !== undefined && !rows.has(key)) {
      rows.set(key, item);
    }
  }
  return rows;
}

function child(item, name) {
  for (const one of item.children) {
    if (one.nodeName === name) {
      return one;
    }
  }
  return undefined;
}
