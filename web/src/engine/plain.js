/**
 * Expressions the browser works out by itself, a hundred times faster than the engine's own evaluator: those
 * that only look up and compare for being the same. In them nothing is a day or a number to one and not to the
 * other; lists of a commune in a repeat are such look-ups, row by row.
 */

const LITERAL = /"[^"]*"|'[^']*'/g;
/** Functions of XPath 1.0 that mean the same to both. */
const SAME = /\b(?:instance|current|count|not|position|last|true|false)\s*\(/g;
const JOINED = /\b(?:and|or)\s*\(/g;
const FUNCTION = /[\w.:-]\s*\(/;
/** position(..) is not XPath's. */
const OF_A_NODE = /\bposition\s*\(\s*[^)\s]/;
const ARITHMETIC = /[<>+*|$]|&[lg]t;|\b(?:div|mod)\b|(?:^|[^\w.])-|-(?![A-Za-z_])/;

/**
 * @param {string} expression
 * @returns {boolean} whether both evaluators come to the same
 */
export function isPlain(expression) {
  const bare = expression.replace(LITERAL, "''");
  const rest = bare.replace(JOINED, "'(").replace(SAME, "'(");
  return !OF_A_NODE.test(bare) && !ARITHMETIC.test(bare) && !FUNCTION.test(rest);
}

/** Functions that come to the same until an answer changes: no clock, no chance, no language, no row's place. */
const STEADY = new Set(
  (
    "abs and boolean ceiling coalesce concat contains count count-non-empty count-selected current div false floor " +
    "if instance int join last max min mod normalize-space not number or pow regex round selected selected-at " +
    "starts-with string string-length substr substring substring-after substring-before sum translate true"
  ).split(" "),
);

/**
 * @param {string} expression
 * @returns {boolean} whether it comes to the same, asked twice from one place, while no answer changes
 */
export function isSteady(expression) {
  const bare = expression.replace(LITERAL, "''");
  return Array.from(bare.matchAll(/([\w.:-]+)\s*\(/g)).every(([, name]) => STEADY.has(name));
}

/** A step that may be any node, or one that is not named; the node itself, asked for by no name. */
const UNNAMED = new RegExp(
  [
    /(?:^|[/[(,|=!<>@:+-]|\b(?:and|or|div|mod)\b)\s*\*|::|\b(?:node|text)\s*\(/,
    /(?<![\w.])\.(?![\w.]|\s*\/)|\.\.(?!\s*\/)/,
    /\bcurrent\s*\(\s*\)(?!\s*\/)|\b(?:string|string-length|number|normalize-space)\s*\(\s*\)/,
    // Names with other letters than these would be torn apart below.
    /[^\0-\x7F]/,
  ]
    .map(({ source }) => source)
    .join("|"),
);
/** A step of a path that others do not follow on: what is asked for, and what a row is chosen by. */
const LAST_STEP = /[A-Za-z_][\w.-]*(?![\w.-]|\s*[/(:])/g;

/**
 * @param {string} expression
 * @returns {Set<string> | null} names of the elements whose values it may rest on, null where it may be any
 */
export function restsOn(expression) {
  const bare = expression.replace(LITERAL, "''");
  return UNNAMED.test(bare) ? null : new Set(bare.match(LAST_STEP) ?? []);
}

/**
 * @param {string} expression - a plain one
 * @param {string[]} repeats - paths of the form's repeats
 * @returns {boolean} whether it comes to the same wherever it is asked: all its paths begin at the top, and none
 *   leads into a repeat, where it would mean the row it is asked in
 */
export function isSameEverywhere(expression, repeats) {
  const bare = expression.replace(LITERAL, "''");
  const outside = withoutPredicates(bare);
  return (
    !/\.\.|current\s*\(|(?:^|[^\w/:])\.(?!\w)/.test(bare) &&
    !/(?:^|[=!\s(,])(?!and\b|or\b)[A-Za-z_@](?![\w.-]*\s*\()/.test(outside) &&
    !repeats.some((path) => bare.includes(path))
  );
}

/** What stands outside [brackets]; inside them names are those of a list's row. */
function withoutPredicates(expression) {
  let depth = 0;
  let rest = "";
  for (const letter of expression) {
    depth += letter === "[" ? 1 : 0;
    rest += depth ? "" : letter;
    depth -= letter === "]" ? 1 : 0;
  }
  return rest;
}
