/**
 * Times of day as people here write them, by 24 hours: "8h30", "8 giờ 30", "0830"; kept as hh:mm. Pure.
 */
import { fold } from "./fold.js";

const two = (number) => String(number).padStart(2, "0");

/**
 * What was typed, as the form keeps it.
 *
 * @param {string} text
 * @returns {{value: string} | {fault: "partial" | "no_time" | "letters"}} value: "08:30", "" for nothing typed
 */
export function readTime(text) {
  const plain = fold(text);
  if (!plain) {
    return { value: "" };
  }
  const found = /^(\d{1,2}?)\s*(?:h|:|g|gio|\.|\s)?\s*(\d{2})?\s*(?:p|phut)?(?:\s*(sa|ch|am|pm))?$/.exec(plain);
  if (!found) {
    return { fault: /[a-z]/.test(plain) ? "letters" : "no_time" };
  }
  const [, hours, minutes, half] = found;
  if (minutes === undefined && /^\d+$/.test(plain)) {
    return { fault: "partial" };
  }
  const hour = half ? (Number(hours) % 12) + (half === "ch" || half === "pm" ? 12 : 0) : Number(hours);
  const minute = Number(minutes ?? 0);
  return hour > 23 || minute > 59 ? { fault: "no_time" } : { value: `${two(hour)}:${two(minute)}` };
}

/**
 * A kept time as people read it.
 *
 * @param {string} value "08:30", "08:30:00.000+07:00" or the same behind a date and T
 * @returns {string} "08:30", "" where there is none
 */
export function writeTime(value) {
  return /(?:^|T)(\d{2}:\d{2})/.exec(value)?.[1] ?? "";
}

/**
 * The text with the colon a number pad has no key for, while typing on at the end.
 *
 * @param {string} text as it stands after a key
 * @param {string} before as it stood before it
 * @returns {string}
 */
export function coloned(text, before) {
  if (text.length <= before.length || !/^[\d:.,\s-]*$/.test(text)) {
    return text;
  }
  const plain = text.replace(/[.,\s-]+/g, ":");
  const [hours, ...rest] = plain.split(":");
  if (rest.length) {
    return hours ? `${two(hours)}:${rest.join("").slice(0, 2)}` : text;
  }
  if (hours.length === 1) {
    return Number(hours) > 2 ? `0${hours}:` : hours;
  }
  return `${hours.slice(0, 2)}:${hours.slice(2, 4)}`;
}
