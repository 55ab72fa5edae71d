/** What the service worker does with a request. Nothing here touches a cache or a network. */

/**
 * @typedef {"leave"|"shell"|"kept"} Verdict
 * leave: the browser asks the server as if there were no worker; shell: the page itself, from this phone;
 * kept: from this phone where it is here, else from the server
 */

const OWN = "/w/";
/** What the server answers for a person: never kept here, the stores know better. */
const ANSWERS = /^\/w\/(?:me|key)(?:\/|$)/;
const KEPT = /^\/w\/(?:assets\/|icons\/|app\.webmanifest$)/;

/**
 * @param {{method: string, mode: string, url: string}} request
 * @param {string} origin of the worker
 * @returns {Verdict}
 */
export function verdict({ method, mode, url }, origin) {
  // Some phones sent broken records when a worker stood between a page and what it posts.
  if (method !== "GET") return "leave";
  const { origin: asked, pathname } = new URL(url);
  if (asked !== origin || !pathname.startsWith(OWN) || ANSWERS.test(pathname)) return "leave";
  if (KEPT.test(pathname)) return "kept";
  if (mode === "navigate" && !/\.[a-z0-9]+$/i.test(pathname)) return "shell";
  return "leave";
}

/** Whether a file's name changes with its content, so that one that is here need not be asked for again. */
export function isNamedByContent(path) {
  return path.includes("assets/");
}
