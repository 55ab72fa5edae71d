/** What stands around every screen: the menu, what waits to be sent, and notices about the browser. */

import { queued } from "../store/outbox.js";
import { judge, room } from "../store/space.js";
import { isReached, onReach } from "../store/wire.js";
import { say, setTongue, TONGUES, getTongue } from "../words/index.js";
import { chromeLink, isAndroid } from "./browsers.js";
import { button, h, note, refill } from "./dom.js";
import { follow } from "./live.js";
import { to } from "./router.js";
import { change, onUpdate } from "./update.js";

/**
 * Build the frame.
 * @param {object} app
 * @returns {Element} where screens go
 */
export function frame(app) {
  const root = document.getElementById("app");
  const main = h("main", { id: "main", tabindex: "-1" });
  const menu = h("nav.menu", { "aria-label": say("nav.label") });
  const strip = h("div.strip", { role: "status" });
  const notices = h("section.notices", { "aria-label": say("nav.notices") });
  root.replaceChildren(
    h("a.skip", { href: "#main", onclick: skip(main) }, say("nav.skip")),
    h(
      "header.top",
      {},
      h("a.brand", { href: to("home") }, h("img", { src: "/w/icons/mark.svg", alt: "", width: 32, height: 32 }), say("app.name")),
      tongues(app),
    ),
    strip,
    notices,
    main,
    menu,
    h("p.unseen", { id: "said", "aria-live": "polite" }),
  );
  void follow(menu, ["queue", "people"], () => entries(app));
  globalThis.addEventListener("hashchange", async () => refill(menu, await entries(app)));
  watchNetwork(strip);
  aboutBrowser(app, notices);
  void aboutRoom(notices);
  aboutUpdate(app, notices);
  return main;
}

function skip(main) {
  return (event) => {
    // The address names the screen: it must not become "#main".
    event.preventDefault();
    main.focus();
  };
}

function tongues(app) {
  const other = Object.keys(TONGUES).find((tag) => tag !== getTongue());
  const speak = async () => {
    await app.db.write(["put", "marks", { name: "tongue", value: other }]);
    await setTongue(other);
    location.reload();
  };
  return button(TONGUES[other], speak, "quiet tongue", { lang: other });
}

async function entries(app) {
  const waiting = app.person ? (await queued(app.db, app.person.id)).length : 0;
  const here = location.hash.replace(/^#\/?/, "").split("/")[0];
  const entry = (name, word, badge) =>
    h(
      "a",
      { href: to(name), "data-key": name, "aria-current": (here || "home") === name ? "page" : null },
      h(`span.sign.sign-${name}`, { "aria-hidden": "true" }),
      h("span.word", {}, word),
      badge ? h("span.badge", {}, badge) : null,
    );
  return [
    entry("home", say("nav.home")),
    entry("outbox", say("nav.outbox"), waiting || ""),
    entry("sent", say("nav.sent")),
    entry("help", say("nav.help")),
  ];
}

function watchNetwork(strip) {
  const show = () => {
    const away = isReached() === false || navigator.onLine === false;
    refill(strip, away ? h("p.away", {}, say("net.away")) : null);
    document.body.classList.toggle("is-away", away);
  };
  onReach(show);
  globalThis.addEventListener("online", show);
  globalThis.addEventListener("offline", show);
  show();
}

function aboutBrowser(app, notices) {
  const { app: inside, store, worker } = app.abilities;
  if (inside !== null) notices.append(openElsewhere(inside));
  else if (!store) notices.append(note("bad", h("p", {}, say("browser.nostore"))));
  else if (!worker) notices.append(note("warn", h("p", {}, say("browser.noworker"))));
}

/** Inside Zalo and its like: how to come out. */
function openElsewhere(inside) {
  const address = location.href;
  const android = isAndroid(navigator.userAgent);
  const copied = h("span.soft", { role: "status" });
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(address);
      copied.textContent = say("browser.copied");
    } catch {
      copied.textContent = address;
    }
  };
  return note(
    "warn inside",
    h("p", {}, h("strong", {}, say("browser.inside", { app: inside || say("browser.other") }))),
    h("p", {}, say(android ? "browser.inside.android" : "browser.inside.apple")),
    h("div.buttons", {}, android ? button(say("browser.chrome"), chromeLink(address)) : null, button(say("browser.copy"), copy, "quiet")),
    copied,
  );
}

async function aboutRoom(notices) {
  const found = await room();
  if (judge({}).level === found.level) return;
  notices.append(
    note(found.level === "full" ? "bad" : "warn", h("p", {}, say(`room.${found.level}`)), h("p", {}, h("a", { href: to("help") }, say("room.help")))),
  );
}

function aboutUpdate(app, notices) {
  const box = note("");
  const later = () => refill(box, h("p", {}, say("update.later")));
  const load = button(say("update.load"), async () => {
    if (!(await change())) later();
  });
  const show = () => (app.filling ? later() : refill(box, h("p", {}, say("update.there")), load));
  onUpdate(() => {
    show();
    notices.append(box);
  });
  document.addEventListener("filling", show);
}
