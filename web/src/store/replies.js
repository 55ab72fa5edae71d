/**
 * What a reply of the server means for a record of the queue. Nothing here asks, stores or looks at a clock.
 *
 * States of a queued record:
 * - `waiting`: goes by itself, not before `nextAt`
 * - `signin`: kept until its person has signed in again, then goes by itself
 * - `closed`: the way in was withdrawn or the form closed; kept, tried again when the form is open again
 * - `conflict`: the server has another record under its number; kept and shown
 * - `large`: larger than the server takes; kept and shown
 * - `refused`: anything else the server will not have; kept and shown
 */

/** The states in which a person has to do something. */
export const STUCK = Object.freeze(["signin", "closed", "conflict", "large", "refused"]);

const STEPS = [5, 15, 45, 120, 300, 600]; // seconds to wait after each failure in a row
const AGAIN = new Set([0, 408, 425, 429]);

/**
 * @typedef {object} Queued
 * @property {string} instanceId
 * @property {string} person whose it is
 * @property {number} project
 * @property {object} entry the form as the shelf named it when it was begun
 * @property {string} name what the person calls the record
 * @property {string} xml the final bytes, never written again
 * @property {string} owner under which its files lie in `blobs`
 * @property {{name: string, size: number, sent: boolean, carried?: boolean}[]} files `carried`: the server has
 *   it from the record this one corrects
 * @property {string} state
 * @property {number} tries failures in a row
 * @property {number} nextAt milliseconds, not before which it is tried
 * @property {{status: number, code: string|null, sentence: string}|null} error what the server said last
 */

/**
 * What is to be sent, request by request. Each carries the XML; small files go with it, larger ones alone.
 * @param {Queued} record
 * @param {number} limit bytes the server takes in one request
 * @param {number} [handy] bytes that a weak network gets through in one go
 * @returns {string[][]} the names of the files of each request; one empty request where no file is left
 */
export function plan(record, limit, handy = 500_000) {
  const most = Math.min(limit || handy, handy);
  const spoken = 4096; // headers and edges of the parts
  const left = record.files.filter((file) => !file.sent && !file.carried);
  const requests = [[]];
  let size = record.xml.length * 3 + spoken;
  for (const file of [...left].sort((one, other) => one.size - other.size)) {
    if (size + file.size > most && requests[requests.length - 1].length > 0) {
      requests.push([]);
      size = record.xml.length * 3 + spoken;
    }
    requests[requests.length - 1].push(file.name);
    size += file.size;
  }
  return requests;
}

/**
 * The record after a request of it was answered.
 * @param {Queued} record
 * @param {string[]} names the files that were in the request
 * @param {import("./wire.js").Reply} reply
 * @param {number} now milliseconds
 * @param {number} [chance] between 0 and 1: spreads the phones of an evening
 * @returns {{record: Queued, arrived: boolean}} `arrived`: this request is with the server
 */
export function after(record, names, reply, now, chance = Math.random()) {
  if (isReceived(reply)) return { record: received(record, names, reply.body), arrived: true };
  const error = {
    status: reply.status,
    code: reply.body?.code === undefined ? null : String(reply.body.code),
    sentence: typeof reply.body?.message === "string" ? reply.body.message : "",
  };
  const state = stateFor(reply);
  if (state !== "waiting") return { record: { ...record, state, error, triedAt: now }, arrived: false };
  const tries = record.tries + 1;
  const pause = STEPS[Math.min(tries, STEPS.length) - 1] * (0.75 + chance / 2);
  const nextAt = now + Math.max(pause, Math.min(reply.wait, 3600)) * 1000;
  return { record: { ...record, state, error, tries, nextAt, triedAt: now }, arrived: false };
}

/** 201 with our own words in it; a page that some network puts in between is no receipt. */
function isReceived(reply) {
  return reply.status === 201 && typeof reply.body?.instance_id === "string";
}

function stateFor({ status }) {
  if (AGAIN.has(status) || status >= 500 || status < 400) return "waiting";
  const named = { 401: "signin", 403: "closed", 404: "closed", 409: "conflict", 410: "closed", 413: "large" };
  return named[status] ?? "refused";
}

const MOST_GOES = 3;

function received(record, names, body) {
  const missing = new Set(body.files_missing ?? []);
  // What the server does not have after all is sent again; what it kept from before is not.
  const files = record.files.map((file) => ({
    ...file,
    sent: (names.includes(file.name) || file.sent) && !missing.has(file.name),
    carried: Boolean(file.carried) && !missing.has(file.name),
    goes: (file.goes ?? 0) + (names.includes(file.name) ? 1 : 0),
  }));
  const unwanted = files.find((file) => missing.has(file.name) && file.goes >= MOST_GOES);
  return {
    ...record,
    files,
    state: unwanted ? "refused" : "waiting",
    error: unwanted ? { status: 201, code: "file", sentence: unwanted.name } : null,
    tries: 0,
    nextAt: 0,
    receipt: body.receipt ?? "",
    receivedAt: body.received_at ?? "",
    missing: [...missing].filter((name) => !files.some((file) => file.name === name)),
  };
}

/**
 * Whether nothing of the record is left on this side only.
 * @param {Queued} record
 * @returns {boolean}
 */
export function isThrough(record) {
  return Boolean(record.receipt) && record.files.every((file) => file.sent || file.carried);
}

/**
 * Whether it is to be sent now.
 * @param {Queued} record
 * @param {number} now milliseconds
 * @returns {boolean}
 */
export function isDue(record, now) {
  return record.state === "waiting" && record.nextAt <= now;
}

/**
 * The record as it is tried again because a person asked, the network came back or somebody signed in.
 * @param {Queued} record
 * @returns {Queued}
 */
export function again(record) {
  return { ...record, state: "waiting", nextAt: 0 };
}
