/** How to keep it on the home screen, what the phone promises, how much room is left, which version this is. */

import { askForPromise, isPromised, room } from "../../store/space.js";
import { say } from "../../words/index.js";
import { isAndroid, isApple } from "../browsers.js";
import { button, h, refill } from "../dom.js";
import { canInstall, install } from "../installing.js";
import { weight } from "../times.js";
import { version } from "../update.js";

/** Show it. */
export async function show(app, place) {
  const agent = navigator.userAgent;
  place.append(
    h("h1", {}, say("help.title")),
    part("install", say("help.install"), installing(agent)),
    part("keep", say("help.keep"), await keeping(app)),
    part("lost", say("help.lost"), h("p", {}, say("help.lost.text"))),
    part("app", say("help.app"), h("p", {}, say("help.app.text"))),
    h("p.soft", {}, say("help.version", { version: (await version()) || "–" })),
  );
}

function part(id, title, ...children) {
  return h("section", { "aria-labelledby": id }, h("h2", { id }, title), children);
}

function installing(agent) {
  if (globalThis.matchMedia?.("(display-mode: standalone)").matches) return h("p", {}, say("help.installed"));
  const steps = say(isApple(agent) ? "help.install.apple" : isAndroid(agent) ? "help.install.android" : "help.install.desk");
  return [
    h("p", {}, say("help.install.why")),
    canInstall() ? button(say("help.install.go"), () => void install()) : null,
    h("ol", {}, steps.split(" | ").map((step) => h("li", {}, step))),
  ];
}

async function keeping(app) {
  const place = h("div", { role: "status" });
  async function show() {
    const [promised, found] = await Promise.all([isPromised(), room()]);
    refill(
      place,
      h("p", {}, say(!app.db.lasting ? "browser.nostore" : promised ? "help.promised" : "help.notpromised")),
      promised || !app.db.lasting ? null : button(say("help.promise"), () => void askForPromise().then(show), "quiet"),
      found.known
        ? [
            h("p", {}, say("help.room", { used: weight(found.used), left: weight(found.left) })),
            h("meter", { min: 0, max: found.used + found.left, high: (found.used + found.left) * 0.8, value: found.used, "aria-label": say("help.used") }),
            found.level === "fine" ? null : h("p", {}, say(`room.${found.level}`)),
          ]
        : null,
    );
  }
  await show();
  return place;
}
