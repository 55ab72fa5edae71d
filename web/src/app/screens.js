/** Goes from screen to screen: leaves the one before in good order, then shows the next and says which it is. */

import { listen } from "../store/news.js";
import { say } from "../words/index.js";
import { button, h, note } from "./dom.js";
import { read, to } from "./router.js";
import * as code from "./screens/code.js";
import * as done from "./screens/done.js";
import * as enter from "./screens/enter.js";
import * as fill from "./screens/fill.js";
import * as help from "./screens/help.js";
import * as home from "./screens/home.js";
import * as leave from "./screens/leave.js";
import * as outbox from "./screens/outbox.js";
import * as sent from "./screens/sent.js";
import * as view from "./screens/view.js";

/**
 * Name in the address to what shows it: `show(app, place, args)` fills the place, its heading first, and may
 * give back what is to be done before the next screen.
 */
const SCREENS = {
  home: home.show,
  in: enter.show,
  new: fill.showNew,
  fill: fill.showDraft,
  edit: fill.showEdit,
  done: done.show,
  outbox: outbox.show,
  sent: sent.show,
  view: view.show,
  code: code.show,
  leave: leave.show,
  help: help.show,
};

/** Screens for whoever it is. */
const OPEN = new Set(["in", "help"]);

/**
 * Show the screen of the address, now and whenever it changes.
 * @param {object} app
 * @param {Element} place
 */
export async function startScreens(app, place) {
  let left = null, wanted = 0, who = app.person?.id;

  async function show() {
    const mine = (wanted += 1);
    const leaving = left;
    left = null;
    await leaving?.();
    if (mine !== wanted) return;
    const route = read(location.hash);
    const name = SCREENS[route.name] ? route.name : "home";
    const screen = app.person || OPEN.has(name) ? name : "in";
    const fresh = h("div.screen", { "data-screen": screen });
    place.replaceChildren(fresh);
    document.body.dataset.screen = screen;
    const after = await shown(app, screen, fresh, route.args);
    if (mine === wanted) left = after;
    else await after?.();
    if (mine === wanted) head(fresh);
  }

  globalThis.addEventListener("hashchange", show);
  // Somebody else fills from now on, perhaps by another window: what is on the screen is not his.
  listen((what) => {
    if (what.topic !== "people") return;
    setTimeout(() => {
      if (app.person?.id === who) return;
      who = app.person?.id;
      void show();
    }, 100);
  });
  await show();
}

async function shown(app, screen, place, args) {
  try {
    return await SCREENS[screen](app, place, args);
  } catch (error) {
    place.replaceChildren(
      h("h1", {}, say("screen.failed")),
      note("bad", h("p", {}, say("screen.failed.text")), h("p.soft", {}, String(error?.message ?? error))),
      // A part of the page that was not on the phone yet may have got another name at the server since.
      h("div.buttons", {}, button(say("update.load"), () => location.reload()), button(say("nav.back"), to("home"), "quiet")),
    );
    globalThis.reportError?.(error);
    return undefined;
  }
}

/** The heading is the title of the window, and where who does not see begins to read. */
function head(place) {
  const heading = place.querySelector("h1");
  if (!heading) return;
  document.title = heading.textContent;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
  globalThis.scrollTo(0, 0);
}
