/** Begins: opens the stores, sees who came and by which way, shows the first screen. */

import "../styles/index.css";

import { open } from "../store/db.js";
import { listen } from "../store/news.js";
import { current } from "../store/people.js";
import { say, setTongue } from "../words/index.js";
import { arrive } from "./arriving.js";
import { begin } from "./background.js";
import { abilities } from "./browsers.js";
import { frame } from "./frame.js";
import { startScreens } from "./screens.js";
import { startWorker } from "./update.js";

async function start() {
  const db = await open(undefined, () => location.reload());
  await setTongue((await db.get("marks", "tongue"))?.value ?? "vi");
  document.documentElement.lang = (await db.get("marks", "tongue"))?.value ?? "vi";
  const app = {
    db,
    person: await current(db),
    abilities: abilities(db),
    filling: false,
    isFilling: () => app.filling,
    arrival: null,
  };
  // Where one is at work, a newer one takes over before a form is opened. Where none is, his forms go before it.
  const known = navigator.serviceWorker?.controller ? startWorker(app) : null;
  await arrive(app);
  listen(async (what) => {
    if (what.topic === "people") app.person = await current(db);
  });
  const place = frame(app);
  await startScreens(app, place);
  await known;
  begin(app);
  // Who came opens a form next: what fills it is read while he looks at the list, before what is for the next day.
  (globalThis.requestIdleCallback ?? setTimeout)(async () => {
    const late = new Promise((resolve) => setTimeout(resolve, 20_000));
    await Promise.race([import("../engine/index.js").catch(() => {}), late]);
    if (known === null) await startWorker(app);
  });
}

start().catch((error) => {
  const place = document.getElementById("starting") ?? document.body;
  place.textContent = say("start.failed", { why: error.message });
  throw error;
});
