/** A record as it was sent, or as it waits: to look at, to print, to mend where that is allowed. */

import { filesOf } from "../../store/drafts.js";
import { askFor, fetchRecord } from "../../store/records.js";
import { fetchEntry, takeDown } from "../../store/shelf.js";
import { getTongue, say } from "../../words/index.js";
import { button, h, note, refill } from "../dom.js";
import { to } from "../router.js";
import { reason } from "../sentences.js";
import { when } from "../times.js";

/** Show it. */
export async function show(app, place, [instanceId]) {
  const { db, person } = app;
  const [sent, record] = await Promise.all([db.get("sent", instanceId), db.get("outbox", instanceId)]);
  const found = sent ?? record;
  if (!found || found.person !== person.id) {
    place.append(h("h1", {}, say("done.gone")), h("p", {}, say("done.gone.text")), button(say("nav.back"), to("home")));
    return undefined;
  }
  const beside = h("div.beside", { role: "status" });
  const container = h("div.form");
  const actions = h("div.buttons", {}, button(say("view.print"), () => globalThis.print()));
  place.append(
    h("h1", {}, found.name || found.entry.title),
    found.name ? h("p.soft", {}, found.entry.title) : "",
    sent
      ? h("p.stamped", {}, say("sent.receipt", { receipt: sent.receipt }), " · ", say("sent.when", { when: when(sent.receivedAt || sent.sentAt) }))
      : h("p.stamped", {}, say("view.waiting")),
    actions,
    beside,
    container,
    button(say("nav.back"), to(sent ? "sent" : "outbox"), "quiet"),
  );
  const shown = { filled: await opened(app, container, found, sent ? new Map() : await filesOf(db, found.owner)) };
  if (!shown.filled) refill(container, note("warn", h("p", {}, say("fill.nothere.text"))));
  if (sent) void asked(app, { sent, actions, beside, container, shown });
  return () => shown.filled?.destroy();
}

async function opened(app, container, { entry, xml }, files) {
  const { db } = app;
  const there = (await takeDown(db, entry)) ?? ((await fetchEntry(db, entry)) && (await takeDown(db, entry)));
  if (!there) return null;
  const { open } = await import("../../engine/index.js");
  return open(container, { ...there, record: { xml, files }, mode: "view", language: getTongue(), session: {} });
}

/** What the server says of it by now; without a network the record is shown all the same. */
async function asked(app, { sent, actions, beside, container, shown }) {
  const reply = await askFor(app.person, sent);
  if (reply.status !== 200) {
    const text = reply.status === 0 ? say("view.offline") : reason(reply, "edit.refused");
    refill(beside, h("p.soft", {}, text));
    return;
  }
  const { review_state: state, may_edit: may, why_not: not, files = [] } = reply.body;
  const known = { approved: "view.approved", rejected: "view.rejected", hasIssues: "view.issues", edited: "view.edited" };
  if (known[state]) refill(beside, h("p", {}, say(known[state])));
  if (may) actions.append(button(say("view.edit"), to("edit", sent.instanceId), "quiet"));
  else if (not) beside.append(h("p.soft", {}, not));
  if (files.length && shown.filled) {
    const load = async () => {
      photos.disabled = true;
      const { record } = await fetchRecord(app.db, app.person, sent);
      if (!record) {
        photos.disabled = false;
        return;
      }
      photos.remove();
      shown.filled.destroy();
      shown.filled = await opened(app, container, { entry: record.entry, xml: record.xml }, record.files);
    };
    const photos = button(say("view.photos", { n: files.length }), () => void load(), "quiet");
    actions.append(photos);
  }
}
