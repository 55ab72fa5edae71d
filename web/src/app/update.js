/**
 * New versions of the page itself.
 *
 * A new service worker waits. It takes over when a page starts and no window has a form open, or when somebody
 * taps the notice; never under an open form.
 */

import { isHeld } from "../store/locks.js";

const AT = "/w/sw.js";
const TOLD = new Set();
let registration = null;
let reloading = false;

/** Hear that a new version is here and waits. */
export function onUpdate(hear) {
  TOLD.add(hear);
  if (registration?.waiting && navigator.serviceWorker.controller) hear();
}

/**
 * Start the worker, and look for a new one.
 * @param {{isFilling: () => boolean}} app
 * @returns {Promise<void>} never fails: without a worker the page works while there is a network
 */
export async function startWorker(app) {
  if (!("serviceWorker" in navigator)) return;
  const before = navigator.serviceWorker.controller;
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (!before || reloading || app.isFilling()) return;
    reloading = true;
    location.reload();
  });
  try {
    registration = await navigator.serviceWorker.register(AT, { scope: "/w/", updateViaCache: "none" });
  } catch {
    return;
  }
  if (before) void takeOverSoon(app);
  watch(registration.installing);
  registration.addEventListener("updatefound", () => watch(registration.installing));
}

function watch(worker) {
  worker?.addEventListener("statechange", () => {
    if (worker.state === "installed" && navigator.serviceWorker.controller) for (const hear of TOLD) hear();
  });
}

/** A worker that is busy lets the new one wait: it is asked a few times. */
async function takeOverSoon(app, times = 3) {
  if (!registration.waiting || app.isFilling() || (await isHeld("fill:"))) return;
  takeOver();
  if (times > 1) setTimeout(() => void takeOverSoon(app, times - 1), 1500);
}

function takeOver() {
  registration?.waiting?.postMessage("take over");
}

/**
 * Change to the version that waits, and load the page again.
 * @returns {Promise<boolean>} false while a form is open in some window
 */
export async function change() {
  if (await isHeld("fill:")) return false;
  takeOver();
  return true;
}

/** The fingerprint of the version in use; "" where there is no worker. */
export function version() {
  const worker = navigator.serviceWorker?.controller;
  if (!worker) return Promise.resolve("");
  return new Promise((done) => {
    const line = new MessageChannel();
    line.port1.onmessage = (event) => done(String(event.data));
    worker.postMessage("version", [line.port2]);
    setTimeout(() => done(""), 2000);
  });
}
