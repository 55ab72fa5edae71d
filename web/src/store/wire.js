/**
 * Asking the server, in words the rest can decide by.
 *
 * `navigator.onLine` says only that there is a network, not that it leads anywhere; whether the server is
 * within reach is what the last answer says, or its absence.
 */

/**
 * @typedef {object} Reply
 * @property {number} status the status, 0 when nothing was heard
 * @property {any} body the JSON of the answer, null where it has none
 * @property {string} etag the name of what came, "" without
 * @property {number} wait seconds the server asks to wait, 0 where it does not
 */

const PATIENCE = 120_000;
const SLOWEST = 4; // bytes a millisecond: 4 kB/s, a bad evening on 2G

let reached = null;
const watching = new Set();

/** Whether the server answered when it was asked last; null before it was asked. */
export function isReached() {
  return reached;
}

/**
 * Hear when the server comes into reach or leaves it.
 * @param {(reached: boolean) => void} hear
 * @returns {() => void} stops it
 */
export function onReach(hear) {
  watching.add(hear);
  return () => watching.delete(hear);
}

function note(now) {
  if (now === reached) return;
  reached = now;
  for (const hear of [...watching]) hear(now);
}

/**
 * Ask for JSON.
 * @param {string} url
 * @param {{method?: string, body?: FormData|object, headers?: Record<string, string>, size?: number}} [how]
 *   `body` as form data or as something to be written as JSON; `size` in bytes of a large one
 * @returns {Promise<Reply>} never fails
 */
export async function ask(url, { method = "GET", body, headers = {}, size = 0 } = {}) {
  const plain = body !== undefined && !(body instanceof FormData);
  const request = {
    method,
    body: plain ? JSON.stringify(body) : body,
    headers: {
      ...(plain ? { "Content-Type": "application/json" } : {}),
      ...(method === "GET" ? {} : { "X-Requested-With": "XMLHttpRequest" }),
      ...headers,
    },
  };
  try {
    return await exchange(url, request, size, json);
  } catch {
    note(false);
    return { status: 0, body: null, etag: "", wait: 0 };
  }
}

/**
 * Fetch a file.
 * @param {string} url
 * @param {number} [size] bytes it is said to have
 * @returns {Promise<Reply & {body: Blob|null}>} the bytes where the status is 200; never fails
 */
export async function fetchBlob(url, size = 0) {
  try {
    return await exchange(url, {}, size, (answer) => (answer.status === 200 ? answer.blob() : null));
  } catch {
    note(false);
    return { status: 0, body: null, etag: "", wait: 0 };
  }
}

/** Ask, read the whole answer, and give up when even a bad evening's network would be through. */
async function exchange(url, request, size, read) {
  const stop = new AbortController();
  const late = setTimeout(() => stop.abort(), PATIENCE + size / SLOWEST);
  try {
    const answer = await fetch(url, {
      ...request,
      credentials: "same-origin",
      cache: "no-store",
      // A page of a hotel's Wi-Fi that asks to sign in is not our server.
      redirect: "error",
      signal: stop.signal,
    });
    const body = await read(answer);
    note(answer.status !== 502 && answer.status !== 504);
    const wait = Number.parseInt(answer.headers.get("Retry-After") ?? "", 10);
    const etag = answer.headers.get("ETag") ?? "";
    return { status: answer.status, body, etag, wait: Number.isNaN(wait) ? 0 : wait };
  } finally {
    clearTimeout(late);
  }
}

async function json(answer) {
  if (!(answer.headers.get("Content-Type") ?? "").includes("json")) return null;
  return answer.json();
}
