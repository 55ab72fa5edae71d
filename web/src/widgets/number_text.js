/**
 * Numbers as people here write them: a comma before the fraction, dots or spaces between thousands. Pure.
 *
 * What can be read two ways is refused and told how to write it: a yield of 1.500 must not become 1,5.
 */

const MOST_WHOLE = 2147483647;

/**
 * What was typed, as the form keeps it.
 *
 * @param {string} text "1500", "1.500", "1 500", "-3", "2,5", "1.234,5", "2.5"
 * @param {boolean} whole no fraction may be given
 * @returns {{value: string} | {fault: "letters" | "whole" | "two_ways" | "groups" | "large", plain?: string,
 *   fraction?: string}} value: digits with a dot before the fraction, "" for nothing typed;
 *   plain and fraction: the two readings of `two_ways`, as one may write them
 */
export function readNumber(text, whole) {
  const bare = text.normalize("NFKC").replace(/[\s_']/g, "").replace(/^[−–]/, "-");
  if (!bare) {
    return { value: "" };
  }
  if (!/^-?[\d.,]*\d$/.test(bare)) {
    return { fault: "letters" };
  }
  const read = whole ? readWhole(bare) : readFraction(bare);
  return read.fault ? read : { value: tidy(read.value) };
}

function readWhole(bare) {
  const joined = /^-?\d{1,3}(\.\d{3})+$/.test(bare) ? bare.replaceAll(".", "") : bare;
  if (/,\d{3}$/.test(joined)) {
    return { fault: "groups", plain: joined.replace(/[.,]/g, "") };
  }
  if (!/^-?\d+$/.test(joined)) {
    return { fault: "whole" };
  }
  return Math.abs(Number(joined)) > MOST_WHOLE ? { fault: "large" } : { value: joined };
}

function readFraction(bare) {
  if (/^-?[1-9]\d{0,2}\.\d{3}$/.test(bare)) {
    return { fault: "two_ways", plain: bare.replace(".", ""), fraction: bare.replace(".", ",") };
  }
  if (/^-?\d{1,3}(\.\d{3})*,\d+$/.test(bare) || /^-?\d+,\d+$/.test(bare)) {
    return { value: bare.replaceAll(".", "").replace(",", ".") };
  }
  if (/^-?[1-9]\d{0,2}(\.\d{3}){2,}$/.test(bare)) {
    return { value: bare.replaceAll(".", "") };
  }
  return /^-?\d+(\.\d+)?$/.test(bare) ? { value: bare } : { fault: "groups", plain: bare.replace(/[.,]/g, "") };
}

function tidy(value) {
  const negative = value.startsWith("-");
  const digits = value.replace("-", "").replace(/^0+(?=\d)/, "");
  return negative && !/^[0.]+$/.test(digits) ? `-${digits}` : digits;
}

/**
 * A kept number as people read it.
 *
 * @param {string} value digits with a dot before the fraction
 * @param {boolean} grouped whether a dot stands between thousands
 * @returns {string} "1234,5" or "1.234,5"; what is no number stays as it is
 */
export function writeNumber(value, grouped = false) {
  const found = /^(-?)(\d+)(?:\.(\d+))?$/.exec(value);
  if (!found) {
    return value;
  }
  const [, sign, whole, fraction] = found;
  const front = grouped ? whole.replace(/\B(?=(\d{3})+$)/g, ".") : whole;
  return sign + front + (fraction ? `,${fraction}` : "");
}
