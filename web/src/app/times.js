/** Moments and sizes as people here write them. */

import { getTongue, say } from "../words/index.js";

const two = (number) => String(number).padStart(2, "0");

/**
 * The time alone for today, the day before it for any other.
 * @param {number|string} moment milliseconds, or as ISO 8601
 * @param {Date} [now]
 * @returns {string} "10:32" or "21/11/2026 10:32"; "" for what is no moment
 */
export function when(moment, now = new Date()) {
  const at = new Date(moment);
  if (!moment || Number.isNaN(at.getTime())) return "";
  const time = `${two(at.getHours())}:${two(at.getMinutes())}`;
  return at.toDateString() === now.toDateString() ? time : `${day(at)} ${time}`;
}

/** A day as dd/mm/yyyy. */
export function day(moment) {
  const at = new Date(moment);
  return Number.isNaN(at.getTime()) ? "" : `${two(at.getDate())}/${two(at.getMonth() + 1)}/${at.getFullYear()}`;
}

/**
 * Bytes in words.
 * @param {number} bytes
 * @returns {string} "12 kB", "1,4 MB"
 */
export function weight(bytes) {
  if (bytes < 1_000_000) return `${Math.max(1, Math.round(bytes / 1000))} kB`;
  if (bytes >= 1_000_000_000) return `${short(bytes / 1_000_000_000)} GB`;
  return `${short(bytes / 1_000_000)} MB`;
}

function short(number) {
  return number.toLocaleString(getTongue(), { maximumFractionDigits: 1 });
}

/** How long until a moment, roughly: for a record that waits for its turn. */
export function until(moment, now = Date.now()) {
  const seconds = Math.max(0, Math.round((moment - now) / 1000));
  return seconds < 90 ? say("time.seconds", { n: seconds }) : say("time.minutes", { n: Math.round(seconds / 60) });
}
