/**
 * One row of a list by what it is called, as `instance('l')/root/item[name= ../ref ]/label`: the commonest look-up
 * there is. The rows are put in order once, so that it costs the same in a list of ten and of ten thousand.
 */

const LOOK_UP =
  /instance\(\s*['"]([^'"]+)['"]\s*\)\/root\/item\[\s*([A-Za-z_][\w.-]*)\s*=\s*('[^']*'|"[^"]*"|(?:current\(\)\/|\/)[\w./-]+)\s*\]\/([A-Za-z_][\w.-]*)/;
const LITERAL = /"[^"]*"|'[^']*'/g;
const KEYED = new RegExp(`^\\s*${LOOK_UP.source}\\s*$`);
/** One that is a whole argument of a function. */
const ARGUMENT = new RegExp(`([(,]\\s*)${LOOK_UP.source}(?=\\s*[,)])`, "g");
/** Functions that make a text or a number of what they are given, and those that hand it on. */
const MAKE_TEXT = new Set(["concat", "count-selected", "number", "selected-at", "string"]);
const HAND_ON = new Set(["coalesce", "if"]);

/**
 * @param {string} expression
 * @returns {{list: string, column: string, key: string, wanted: string} | null} what it looks up, null where it
 *   is no such look-up; `key` is a path or a literal in quotes
 */
export function readKeyed(expression) {
  const found = KEYED.exec(expression);
  return found && { list: found[1], column: found[2], key: found[3], wanted: found[4] };
}

/**
 * @param {string} expression
 * @returns {{start: number, end: number, asked: {list: string, column: string, key: string, wanted: string}}[]} the
 *   look-ups in it, in order, in whose place a text may stand: where no row and an empty cell come to the same
 */
export function readInside(expression) {
  const bare = expression.replace(LITERAL, (text) => `'${" ".repeat(text.length - 2)}'`);
  const found = Array.from(expression.matchAll(ARGUMENT), (match) => {
    const [all, before, list, column, key, wanted] = match;
    const [start, end] = [match.index + before.length, match.index + all.length];
    return { start, end, asked: { list, column, key, wanted } };
  });
  return found.filter(({ start, end }) => isMadeText(bare, start, end));
}

/** Whether what stands there, a whole argument or all there is, is made a text or a number by what is around it. */
function isMadeText(bare, start, end) {
  const [before, after] = [bare.slice(0, start).trimEnd(), bare.slice(end).trimStart()];
  if (!before && !after) {
    return true;
  }
  if (!/[(,]$/.test(before) || !/^[,)]/.test(after)) {
    return false;
  }
  const [opened, closed] = [bracket(bare, start - 1, -1), bracket(bare, end, 1)];
  const name = /[\w.:-]+\s*$/.exec(bare.slice(0, opened))?.[0] ?? "";
  const isCondition = name.trim() === "if" && before.length - 1 === opened;
  return (
    MAKE_TEXT.has(name.trim()) ||
    (HAND_ON.has(name.trim()) && !isCondition && isMadeText(bare, opened - name.length, closed + 1))
  );
}

/** Where the bracket around a position opens (a step of -1) or closes (1). */
function bracket(bare, position, step) {
  let depth = 0;
  for (let at = position; at >= 0 && at < bare.length; at += step) {
    depth += step * ({ "(": 1, ")": -1 }[bare[at]] ?? 0);
    if (depth < 0) {
      return at;
    }
  }
  return -1;
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
   * @returns {string[] | null} what the rows of that key have, in order; null where it is not known here
   */
  find({ list, column, wanted }, value) {
    const rows = this.#of(list, column);
    if (!rows) {
      return null;
    }
    const found = (rows.get(value) ?? []).map((row) => child(row, wanted)?.textContent);
    return found.includes(undefined) ? null : found;
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
    if (key !== undefined) {
      if (!rows.has(key)) {
        rows.set(key, []);
      }
      rows.get(key).push(item);
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
