/** What goes on while a page is open: sending, asking for forms, cleaning up. */

import { sweepDrafts } from "../store/drafts.js";
import { hurry, sweepSent } from "../store/outbox.js";
import { flush } from "../store/sender.js";
import { refresh, shelvesOf, sweepForms } from "../store/shelf.js";
import { isReached, onReach } from "../store/wire.js";

const BEAT = 60_000;
/** How often it is looked whether a record is due: what was told to go in five seconds goes then. */
const DUE = 5_000;
const STALE = 15 * 60_000;

/** Send what is due, and ask the browser to go on when the page is gone. */
export async function sendNow(app, { all = false } = {}) {
  if (all) await hurry(app.db);
  void askForSync();
  return flush(app.db);
}

async function askForSync() {
  try {
    const registration = await navigator.serviceWorker.getRegistration("/w/");
    await registration?.sync?.register("send");
  } catch {
    // Few browsers have it; the page sends by itself.
  }
}

/** Ask for new forms. */
export async function freshen(app) {
  if (!app.person) return undefined;
  const heard = await refresh(app.db, app.person);
  if (heard && heard.missing === 0) await sweepForms(app.db);
  return heard;
}

/**
 * Begin; it goes on until the page is closed.
 * @param {{db: import("../store/db.js").Db, person: object|null}} app
 */
export function begin(app) {
  const visible = () => document.visibilityState === "visible";

  async function beat() {
    if (!visible()) return;
    await flush(app.db);
    const shelves = app.person ? await shelvesOf(app.db, app.person.id) : [];
    const heard = Math.min(...shelves.map((shelf) => shelf.askedAt), Date.now());
    // The list is the cheapest thing to ask for: it also tells whether the server is within reach.
    const needed = isReached() === false || shelves.length === 0 || heard < Date.now() - STALE;
    if (needed || app.person?.trouble) await freshen(app).then(() => flush(app.db));
  }

  async function back() {
    await hurry(app.db);
    await beat();
  }

  globalThis.addEventListener("online", back);
  document.addEventListener("visibilitychange", () => visible() && void beat());
  onReach((reached) => reached && void hurry(app.db).then(() => flush(app.db)));
  setInterval(beat, BEAT);
  setInterval(() => visible() && void flush(app.db), DUE);
  void sweepDrafts(app.db);
  void sweepSent(app.db);
  void sendNow(app).then(() => freshen(app));
}
