/** What waits to be sent: each record with its state, what was said of it, and what can be done. */

import { look, takeIn } from "../../store/carry.js";
import { draftsOf } from "../../store/drafts.js";
import { discard, queued, retry } from "../../store/outbox.js";
import { say } from "../../words/index.js";
import { confirmed } from "../asking.js";
import { goesToSignIn } from "../arriving.js";
import { sendNow } from "../background.js";
import { announce, button, h, note } from "../dom.js";
import { handOver } from "../exporting.js";
import { follow } from "../live.js";
import { to } from "../router.js";
import { fate } from "../sentences.js";
import { until, weight, when } from "../times.js";

const OLD = 3 * 86_400_000;

/** Show it. */
export async function show(app, place) {
  const body = h("div.queue");
  let sending = null;
  place.append(h("h1", {}, say("outbox.title")), body, bring(app));
  return follow(body, ["queue", "progress"], (what) => {
    if (what?.topic === "progress" && "sending" in what) sending = what.sending ? what : null;
    return list(app, sending);
  });
}

async function list(app, sending) {
  const records = await queued(app.db, app.person.id);
  if (records.length === 0) {
    return [h("p.empty", {}, say("outbox.none")), button(say("nav.back"), to("home"), "quiet")];
  }
  const old = records.some((record) => record.finishedAt < Date.now() - OLD);
  return [
    h("p.lead", { role: "status" }, h("strong", {}, say("home.unsent", { n: records.length }))),
    old ? note("warn", h("p", {}, say("outbox.old"))) : null,
    h(
      "div.buttons",
      {},
      button(say("outbox.all"), () => void send(app), "", { "data-key": "all" }),
      button(say("outbox.export"), () => void save(app, records), "quiet", { "data-key": "export" }),
    ),
    h("ul.cards", {}, records.map((record) => card(app, record, sending))),
    h("p.soft", {}, say("outbox.keep")),
  ];
}

function card(app, record, sending) {
  const { kind, title, why, then } = fate(record);
  const now = sending?.sending === record.instanceId;
  const waits = record.state === "waiting" && record.nextAt > Date.now();
  const size = record.files.reduce((sum, file) => sum + file.size, 0);
  return h(
    "li.card.queued",
    { class: `card queued ${kind}` },
    h("h2", {}, record.name || record.entry.title),
    record.name ? h("p.soft", {}, record.entry.title) : null,
    h("p.soft", {}, say("outbox.finished", { when: when(record.finishedAt) }), size ? ` · ${weight(size)}` : ""),
    h("p.fate", {}, h("strong", {}, now ? say("fate.sending", { part: sending.part, parts: sending.parts }) : title)),
    why && !now ? h("p", {}, why) : null,
    now ? null : h("p.soft", {}, then),
    waits && !now ? h("p.soft", {}, say("outbox.next", { until: until(record.nextAt), n: record.tries })) : null,
    h("div.buttons", {}, actions(app, record)),
  );
}

function actions(app, record) {
  const id = record.instanceId;
  const again = async () => {
    await retry(app.db, id);
    await sendNow(app);
  };
  return [
    record.state === "signin" && app.person.kind === "account"
      ? h("a.button", { href: "/signin?next=/w/", onclick: goesToSignIn, "data-key": `in ${id}` }, say("in.account.go"))
      : null,
    record.state === "signin" && app.person.kind === "village"
      ? button(say("in.village.go"), to("in", "village", app.person.code), "", { "data-key": `in ${id}` })
      : null,
    button(say("outbox.again"), () => void again(), "quiet", { "data-key": `again ${id}` }),
    button(say("outbox.look"), to("view", id), "quiet", { "data-key": `look ${id}` }),
    button(say("outbox.one"), () => void save(app, [record], []), "quiet", { "data-key": `save ${id}` }),
    ["conflict", "large", "refused", "closed"].includes(record.state)
      ? button(say("outbox.discard"), () => void drop(app, record), "danger quiet", { "data-key": `drop ${id}` })
      : null,
  ];
}

async function send(app) {
  announce(say("outbox.sending"));
  const done = await sendNow(app, { all: true });
  if (done) announce(say(done.left ? "outbox.left" : "outbox.through", { sent: done.sent, left: done.left }));
}

async function save(app, records, drafts) {
  await handOver(app, { records, drafts: drafts ?? (await draftsOf(app.db, app.person.id)), person: app.person });
}

async function drop(app, record) {
  const yes = await confirmed({
    title: say("outbox.discard.sure"),
    text: say("outbox.discard.text"),
    yes: say("outbox.discard"),
    danger: true,
  });
  if (yes) await discard(app.db, record);
}

/** Take in a file another phone made. */
function bring(app) {
  const said = h("p", { role: "status" });
  const take = async (event) => {
    const [file] = event.target.files;
    event.target.value = "";
    if (!file) return;
    const found = await look(file);
    if (!found) {
      said.textContent = say("import.not");
      return;
    }
    const { list: about } = found;
    const yes = await confirmed({
      title: say("import.sure", { n: about.records.length + about.drafts.length }),
      text: say("import.text", { from: about.person?.name ?? "", to: app.person.name }),
      yes: say("import.take"),
    });
    if (!yes) return;
    said.textContent = say("import.done", await takeIn(app.db, found, app.person));
    void sendNow(app);
  };
  return h(
    "details.bring",
    {},
    h("summary", {}, say("import.title")),
    h("p", {}, say("import.how")),
    h("div.field", {}, h("label", { for: "bring" }, say("import.file")), h("input", { id: "bring", type: "file", accept: ".zip,application/zip", onchange: take })),
    said,
  );
}
