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
