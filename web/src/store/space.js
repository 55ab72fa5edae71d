/** Room on the phone: what is left, whether the browser promised to keep it, what to do when there is none. */

import { sweepForms } from "./shelf.js";

/** The part of the browser's share from which on people are warned. */
export const WARN = 0.8;
/** Bytes below which no form with photos is begun. */
export const LEAST = 20_000_000;

/**
 * What an estimate means.
 * @param {{usage?: number, quota?: number}} estimate as browsers give it
 * @returns {{known: boolean, used: number, left: number, level: "fine"|"warn"|"full"}} bytes
 */
export function judge({ usage = 0, quota = 0 } = {}) {
  if (!quota) return { known: false, used: usage, left: 0, level: "fine" };
  const left = Math.max(0, quota - usage);
  const level = left < LEAST ? "full" : usage / quota >= WARN ? "warn" : "fine";
  return { known: true, used: usage, left, level };
}

/** How much room there is; `known` is false where the browser does not say. */
export async function room() {
  try {
    return judge(await navigator.storage.estimate());
  } catch {
    return judge();
  }
}

/** Whether the browser promised not to throw away what is kept. */
export async function isPromised() {
  try {
    return await navigator.storage.persisted();
  } catch {
    return false;
  }
}

/**
 * Ask the browser to promise it. It may ask the person, or decide alone: it says yes sooner to an
 * application on the home screen.
 * @returns {Promise<boolean>}
 */
export async function askForPromise() {
  try {
    return (await navigator.storage.persisted()) || (await navigator.storage.persist());
  } catch {
    return false;
  }
}

/** Whether an error says that there is no room. */
export function isFull(error) {
  return error?.name === "QuotaExceededError" || error?.code === 22;
}

/**
 * Do it; where there is no room, free what nobody needs and do it once more.
 * @template Result
 * @param {import("./db.js").Db} db
 * @param {() => Promise<Result>} work
 * @returns {Promise<Result>} rejects with QuotaExceededError where that did not help
 */
export async function withRoom(db, work) {
  try {
    return await work();
  } catch (error) {
    if (!isFull(error)) throw error;
    await sweepForms(db, true);
    return work();
  }
}

/** Whether a form asks for photos, recordings or other files. */
export function asksForFiles(definition) {
  return /<input[^>]+type="file"/i.test(definition.form);
}
