/**
 * The service worker: the page and all it loads stay on the phone, and the queue is sent in the background.
 *
 * The build puts the list of files in for `__PRECACHE__` and their fingerprint for `__VERSION__`. A new worker
 * waits until a page asks it to take over, which none does while a form is open; until then the old files stay.
 */

import { open } from "../store/db.js";
import { flush } from "../store/sender.js";
import { together } from "../store/together.js";
import { isNamedByContent, verdict } from "./rules.js";

/* global __PRECACHE__, __VERSION__ */
const PREFIX = "collector-shell-";
const CACHE = PREFIX + __VERSION__;
const SHELL = new URL("./", self.location).href;

self.addEventListener("install", (event) => event.waitUntil(fill()));
self.addEventListener("activate", (event) => event.waitUntil(tidy()));
self.addEventListener("fetch", (event) => {
  const found = verdict(event.request, self.location.origin);
  if (found === "shell") event.respondWith(shell(event.request));
  if (found === "kept") event.respondWith(kept(event.request));
});
self.addEventListener("message", (event) => {
  if (event.data === "take over") self.skipWaiting();
  if (event.data === "version") event.ports[0]?.postMessage(__VERSION__);
});
self.addEventListener("sync", (event) => {
  if (event.tag === "send") event.waitUntil(send());
});

/** Fetch what is not here; what came before a failure is not fetched again at the next try. */
async function fill() {
  const cache = await caches.open(CACHE);
  await together(__PRECACHE__, async (path) => {
    const url = new URL(path, self.location).href;
    const known = isNamedByContent(path) && ((await cache.match(url)) ?? (await caches.match(url)));
    await cache.put(url, known || (await fetched(path, url)));
    return true;
  });
}

async function fetched(path, url) {
  const answer = await fetch(url, { cache: isNamedByContent(path) ? "default" : "no-cache", credentials: "omit" });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return straight(answer);
}

/** A browser does not open a page from an answer that came by a redirect. */
async function straight(answer) {
  if (!answer.redirected) return answer;
  return new Response(await answer.blob(), { status: 200, headers: answer.headers });
}

/** What came before the last version goes; a page of the last may still load parts of it. */
async function tidy() {
  const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(names.slice(0, -1).map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function shell(request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(SHELL)) ?? fetch(request);
}

async function kept(request) {
  const cache = await caches.open(CACHE);
  const found = (await cache.match(request, { ignoreSearch: true })) ?? (await caches.match(request));
  return found ?? fetch(request);
}

/** The browser found the network again; it calls once more later when this fails. */
async function send() {
  const db = await open();
  try {
    const done = await flush(db);
    if (done?.left > 0) throw new Error("some are left");
  } finally {
    db.close();
  }
}
