/** After a form is finished: where it is now, honestly, until the server's receipt stands here. */

import { retry } from "../../store/outbox.js";
import { say } from "../../words/index.js";
import { goesToSignIn } from "../arriving.js";
import { sendNow } from "../background.js";
import { announce, button, h, note } from "../dom.js";
import { handOver } from "../exporting.js";
import { follow } from "../live.js";
import { to } from "../router.js";
import { fate } from "../sentences.js";
import { when } from "../times.js";

/** Show it for a record of the queue. */
export async function show(app, place, [instanceId]) {
  const heading = h("h1");
  const body = h("div.done");
  place.append(heading, body);
  let sending = null, told = "";
  return follow(body, ["queue", "progress"], async (what) => {
    if (what?.topic === "progress" && "sending" in what) sending = what.sending === instanceId ? what : null;
    const [sent, record] = await Promise.all([app.db.get("sent", instanceId), app.db.get("outbox", instanceId)]);
    const { title, parts } = sent ? received(sent) : record ? kept(app, record, sending) : gone();
    heading.textContent = title;
    document.title = title;
    if (told && told !== title) announce(title);
    told = title;
    return [...parts, next(app, sent ?? record)];
  });
}

function received(record) {
  const missing = record.missing?.length ? note("warn", h("p", {}, say("done.missing", { names: record.missing.join(", ") }))) : null;
  return {
    title: say("done.sent"),
    parts: [
      note(
        "good",
        h("p", {}, say("done.receipt")),
        h("p.receipt.large", {}, record.receipt),
        h("p.soft", {}, [record.name || record.entry.title, when(record.receivedAt || record.sentAt)].join(" · ")),
      ),
      missing,
      h("p", {}, say("done.note")),
    ],
  };
}

function kept(app, record, sending) {
  if (sending) {
    return {
      title: say("done.sending"),
      parts: [
        h("progress", { max: sending.parts, value: sending.part - 0.5, "aria-label": say("done.sending") }),
        h("p", {}, say("fate.sending", { part: sending.part, parts: sending.parts })),
        h("p.soft", {}, say("done.safe")),
      ],
    };
  }
  const { kind, title, why, then } = fate(record);
  const fresh = record.state === "waiting" && !record.error;
  return {
    title: fresh || record.state === "waiting" ? say("done.waiting") : title,
    parts: [
      note(kind || "", h("p", {}, h("strong", {}, say("done.safe"))), why ? h("p", {}, why) : null, h("p", {}, then)),
      record.state === "signin" && app.person.kind === "account"
        ? h("a.button", { href: "/signin?next=/w/", onclick: goesToSignIn }, say("in.account.go"))
        : null,
      record.state === "signin" && app.person.kind === "village"
        ? button(say("in.village.go"), to("in", "village", app.person.code))
        : null,
      h(
        "div.buttons",
        {},
        button(say("outbox.again"), () => void retry(app.db, record.instanceId).then(() => sendNow(app)), "quiet", { "data-key": "again" }),
        button(say("outbox.one"), () => void handOver(app, { records: [record], person: app.person }), "quiet", { "data-key": "export" }),
      ),
    ],
  };
}

function gone() {
  return { title: say("done.gone"), parts: [h("p", {}, say("done.gone.text"))] };
}

function next(app, record) {
  const more = record && !(record.entry.once || app.person.once) && record.deprecatedId === null;
  return h(
    "div.buttons.next",
    {},
    more ? button(say("done.more"), to("new", record.project, record.entry.id), "", { "data-key": "more" }) : null,
    button(say("done.back"), to("home"), "quiet", { "data-key": "back" }),
  );
}
