/**
 * Dates as people here write them: dd/mm/yyyy whatever the phone's locale; kept as ISO. Pure.
 *
 * What cannot be one day of the solar calendar is refused with a reason, never guessed.
 */
import { fold } from "./fold.js";

/** What is asked: a day, a month of a year, or a year. */
export const GRAINS = { day: "day", month: "month", year: "year" };

const LUNAR = new RegExp(
  "\\b(am|al|ram|mong|mung|tet|gieng|chap|nhuan|giap|at|binh|dinh|mau|ky|canh|tan|nham|quy|" +
    "ti|ty|suu|dan|mao|meo|thin|ngo|mui|than|dau|tuat|hoi)\\b",
);
const WIDTHS = { day: [2, 2, 4], month: [2, 4], year: [4] };
const two = (number) => String(number).padStart(2, "0");

/**
 * What was typed, as the form keeps it.
 *
 * @param {string} text "5/3/1980", "05.03.1980", "05031980", "1980-03-05"; a month "3/1980"; a year "1980"
 * @param {"day"|"month"|"year"} grain
 * @returns {{value: string} | {fault: string, day?: number, month?: number, year?: number}}
 *   value: ISO date, a month as its first day, a year as its first of January, "" for nothing typed;
 *   fault: `lunar`, `letters`, `partial`, `short_year`, `no_month` or `no_day`
 */
export function readDay(text, grain = "day") {
  const plain = fold(text);
  if (!plain) {
    return { value: "" };
  }
  if (/[a-z]/.test(plain)) {
    return { fault: LUNAR.test(plain) ? "lunar" : "letters" };
  }
  const parts = inOrder(numbersOf(plain, grain), grain);
  if (parts.length !== WIDTHS[grain].length) {
    return { fault: "partial" };
  }
  const last = parts[parts.length - 1];
  if (last.length !== 4) {
    return { fault: last.length === 2 ? "short_year" : "partial" };
  }
  const [year, month = 1, day = 1] = parts.map(Number).reverse();
  return checked({ day, month, year });
}

function numbersOf(plain, grain) {
  const parts = plain.split(/\D+/).filter(Boolean);
  const widths = WIDTHS[grain];
  const whole = widths.reduce((sum, width) => sum + width, 0);
  if (parts.length === 1 && widths.length > 1 && parts[0].length === whole) {
    let at = 0;
    return widths.map((width) => parts[0].slice(at, (at += width)));
  }
  return parts;
}

function inOrder(parts, grain) {
  const turned = parts.length > 1 && parts[0].length === 4 ? [...parts].reverse() : parts;
  // Asked for less than a day and told a day: the month or the year of it.
  return turned.length === 3 && grain !== "day" ? turned.slice(grain === "year" ? 2 : 1) : turned;
}

function checked({ day, month, year }) {
  if (month < 1 || month > 12) {
    return { fault: "no_month", month };
  }
  const date = new Date(Date.UTC(2000, month - 1, day));
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCDate() !== day || date.getUTCMonth() !== month - 1 || year < 1) {
    return { fault: "no_day", day, month, year };
  }
  return { value: `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}` };
}

/**
 * A kept date as people read it.
 *
 * @param {string} value ISO date or date and time; anything else gives ""
 * @param {"day"|"month"|"year"} grain
 * @returns {string} "05/03/1980", "03/1980" or "1980"
 */
export function writeDay(value, grain = "day") {
  const found = /^(\d{4})-(\d{2})-(\d{2})/.exec(value);
  if (!found) {
    return "";
  }
  const [, year, month, day] = found;
  return { day: `${day}/${month}/${year}`, month: `${month}/${year}`, year }[grain];
}

/**
 * The text with the slashes a number pad has no key for.
 *
 * Only while typing on at the end: whoever deletes or mends in the middle is left alone.
 *
 * @param {string} text as it stands after a key
 * @param {string} before as it stood before it
 * @param {"day"|"month"|"year"} grain
 * @returns {string}
 */
export function slashed(text, before, grain = "day") {
  const widths = WIDTHS[grain];
  if (text.length <= before.length || !/^[\d\s/.,-]*$/.test(text) || /^\d{4}\D/.test(text)) {
    return text;
  }
  const parts = text.split(/[\s/.,-]+/);
  const done = [];
  parts.forEach((part, at) => spread(part, at, { done, widths, ended: at < parts.length - 1 }));
  const last = done.length - 1;
  const full = last < widths.length - 1 && done[last] !== undefined && done[last].length === widths[last];
  return done.join("/") + (full ? "/" : "");
}

function spread(part, at, { done, widths, ended }) {
  let rest = part;
  if (!rest && at > 0) {
    return;
  }
  while (rest) {
    const place = done.length;
    const width = widths[place] ?? 4;
    let piece = rest.slice(0, width);
    rest = rest.slice(width);
    const small = width === 2 && piece.length === 1;
    // A day cannot begin with 4 to 9, nor a month with 2 to 9; a single one before a slash is that number.
    if (small && (ended || Number(piece) > (widths.length === 3 && place === 0 ? 3 : 1))) {
      piece = two(piece);
    }
    done.push(piece);
    if (done.length >= widths.length) {
      done[done.length - 1] += rest;
      return;
    }
  }
}
