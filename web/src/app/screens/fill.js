/** A form that is filled: a new one, a draft, or a record that was sent and is mended. */

import { draftsOf, enqueue, filesOf } from "../../store/drafts.js";
import { deviceId, uuid } from "../../store/ids.js";
import { hold } from "../../store/locks.js";
import { listen, tell } from "../../store/news.js";
import { filledOnce, lastFilled } from "../../store/outbox.js";
import { fetchRecord } from "../../store/records.js";
import { fetchEntry, shelvesOf, takeDown } from "../../store/shelf.js";
import { askForPromise, asksForFiles, isFull, room, withRoom } from "../../store/space.js";
import { getTongue, say } from "../../words/index.js";
import { sendNow } from "../background.js";
import { announce, button, h, note, refill } from "../dom.js";
import { handOver } from "../exporting.js";
import { dress } from "../filling.js";
import { to } from "../router.js";
import { keepSaving } from "../saving.js";
import { reason } from "../sentences.js";

/** Show a new form of a project. */
export async function showNew(app, place, [project, formId]) {
  const { db, person } = app;
  const shelf = (await shelvesOf(db, person.id)).find((one) => String(one.project) === project);
  // One that is listed but not whole here yet is fetched now.
  const entry = shelf?.ready[formId] ?? shelf?.body.forms.find((one) => one.id === formId && !one.hard && one.state === "open");
  if (!entry) return stopped(place, say("fill.nothere"), say("fill.nothere.text"));
  const once = entry.once || person.once ? await filledOnce(db, person.id, shelf.project, formId) : "";
  if (once) {
    return stopped(place, entry.title, once === "queued" ? say("form.once.queued") : say("form.once", { receipt: once }));
  }
  const begun = (await draftsOf(db, person.id)).find((one) => one.mode === "new" && one.entry.id === formId);
  const draft = blank(app, shelf.project, entry);
  return openForm(app, place, { draft, files: new Map(), saved: new Map(), begun });
}

/** Show a draft. */
export async function showDraft(app, place, [id]) {
  const draft = await app.db.get("drafts", id);
  if (!draft || draft.person !== app.person.id || draft.droppedAt) {
    return stopped(place, say("fill.gone"), say("fill.gone.text"));
  }
  const files = await filesOf(app.db, id);
  return openForm(app, place, { draft, files, saved: files });
}

/** Show a record that was sent, to mend it: the server says whether it may be and what it holds. */
export async function showEdit(app, place, [instanceId]) {
  const { db, person } = app;
  const sent = await db.get("sent", instanceId);
  if (!sent || sent.person !== person.id) return stopped(place, say("done.gone"), say("done.gone.text"));
  place.append(h("h1", {}, sent.entry.title), h("p", { role: "status" }, say("wait")));
  const { reply, record } = await fetchRecord(db, person, sent);
  place.replaceChildren();
  if (!record) return stopped(place, sent.entry.title, reason(reply, "edit.refused"));
  if (!record.mayEdit) return stopped(place, sent.entry.title, record.whyNot || say("edit.refused"));
  const draft = { ...blank(app, sent.project, record.entry), mode: "edit", name: sent.name, carried: [...record.files.keys()] };
  return openForm(app, place, { draft, files: record.files, saved: new Map(), record: record.xml });
}

function blank(app, project, entry) {
  const now = Date.now();
  return {
    id: uuid(), person: app.person.id, project, entry, mode: "new", name: "", xml: "", language: "",
    files: [], carried: [], startedAt: now, savedAt: 0, code: null,
  };
}

function stopped(place, title, text) {
  place.replaceChildren(h("h1", {}, title), note("warn", h("p", {}, text)), button(say("nav.back"), to("home")));
}

/** What the engine is handed, and how it is to take it. */
async function parts(app, { draft, files, record }) {
  const { db, person } = app;
  const there = (await takeDown(db, draft.entry)) ?? ((await fetchEntry(db, draft.entry)) && (await takeDown(db, draft.entry)));
  if (!there) return null;
  const xml = record ?? draft.xml;
  return {
    ...there,
    record: xml ? { xml, files } : null,
    mode: record ? "edit" : xml ? "draft" : "new",
    language: draft.language || (await db.get("marks", `language:${person.id}`))?.value || getTongue(),
    before: await lastFilled(db, person.id, draft),
    session: { deviceid: await deviceId(db), username: person.kind === "account" ? person.name : "", phonenumber: "" },
  };
}

async function openForm(app, place, what) {
  const { draft } = what;
  const { release, lost } = await take(app, draft.id);
  if (!release) return elsewhere(app, place, what);
  const waiting = h("p.soft", { role: "status" }, say("wait"));
  place.append(waiting);
  const engine = import("../../engine/index.js");
  engine.catch(() => {}); // Told where it is waited for.
  const wanted = await parts(app, what);
  waiting.remove();
  if (!wanted) {
    release();
    return stopped(place, draft.entry.title, say("fill.nothere.text"));
  }
  if (draft.mode === "new" && !draft.xml && asksForFiles(wanted.definition) && (await room()).level === "full") {
    release();
    return stopped(place, draft.entry.title, say("room.full"));
  }
  const { open } = await engine;
  const container = h("div.form");
  place.append(container);
  const filled = await open(container, wanted).catch((error) => {
    release();
    throw error;
  });
  setFilling(app, true);
  return run(app, place, { ...what, filled, container, release, lost });
}

/** Whether a form is open here: the page keeps still around it. */
function setFilling(app, now) {
  app.filling = now;
  document.body.classList.toggle("filling", now);
  document.dispatchEvent(new Event("filling"));
}

/** Saves, sends and leaves: what happens around the open form. */
function run(app, place, { draft, files, saved, begun, filled, container, release, lost }) {
  const { db } = app;
  const begunAt = location.hash;
  let asked = false, closed = false, sending = Promise.resolve();
  const look = dress(app, { draft, filled, container, begun, onSend: () => (sending = send()), onLeave: () => (location.hash = to("home")), saving: () => saving });
  place.prepend(look.head);
  place.append(look.foot);
  const saving = keepSaving({ db, draft, filled, given: files, saved, place: container, onState });
  lost(async () => {
    await saving.save();
    close();
    stopped(place, draft.entry.title, say("fill.taken"));
  });

  function onState(state) {
    look.state(state);
    if (state.kind === "failed") {
      const full = isFull(state.error);
      look.alarm(
        h("p", {}, h("strong", {}, say(full ? "fill.full" : "fill.unsaved"))),
        h("p", {}, say(full ? "fill.full.text" : "fill.unsaved.text")),
        button(say("outbox.export"), () => void rescue(), "", { "data-key": "rescue" }),
      );
      return;
    }
    if (state.kind !== "saved") return;
    look.alarm();
    if (location.hash.startsWith("#/new/") || location.hash.startsWith("#/edit/")) {
      history.replaceState(history.state, "", to("fill", draft.id));
    }
    if (!asked) {
      asked = true;
      void askForPromise();
    }
  }

  /** The form as a file, past the store that has no room for it. */
  async function rescue() {
    const { xml, files: now } = filled.draft();
    await handOver(app, { records: [], drafts: [{ ...saving.kept.draft, xml, files: [...now.keys()], blobs: now }], person: app.person });
  }

  async function send() {
    look.busy(true);
    try {
      const { ok, first, count } = await filled.check();
      if (!ok) {
        look.mend(first, count);
        return;
      }
      await saving.save();
      const record = await filled.finish();
      await withRoom(db, () => enqueue(db, saving.kept.draft, record, { saved: saving.kept.saved, given: files }));
      saving.stop();
      close();
      announce(say("done.safe"));
      void sendNow(app, { all: true });
      // Whoever went elsewhere meanwhile is not called back. The address knows it first, before any event says so.
      if ([begunAt, to("fill", draft.id)].includes(location.hash)) location.replace(to("done", record.instanceId));
    } catch (error) {
      onState({ kind: "failed", at: saving.kept.draft.savedAt, error });
    } finally {
      look.busy(false);
    }
  }

  function close() {
    if (closed) return;
    closed = true;
    saving.stop();
    filled.destroy();
    look.end();
    release();
    setFilling(app, false);
  }

  return async () => {
    await sending;
    if (!closed) await saving.save();
    close();
  };
}

/** Hold a draft for this window alone. */
async function take(app, id, force = false) {
  let gone = () => {};
  const end = listen((what) => what.topic === "release" && what.draft === id && !what.mine && gone());
  const release = await hold(`fill:${id}`, { force, lost: () => gone() });
  const lost = (hear) => (gone = hear);
  if (release) return { release: () => { end(); release(); }, lost };
  end();
  return { release: null, lost };
}

/** Open in another window: it can be fetched here, where the other saves first. */
function elsewhere(app, place, what) {
  const here = async () => {
    tell("release", { draft: what.draft.id });
    await new Promise((done) => setTimeout(done, 1500));
    const { release } = await take(app, what.draft.id, true);
    release?.();
    refill(place);
    globalThis.dispatchEvent(new HashChangeEvent("hashchange"));
  };
  place.append(
    h("h1", {}, what.draft.entry.title),
    note("warn", h("p", {}, say("fill.elsewhere"))),
    h("div.buttons", {}, button(say("fill.here"), () => void here()), button(say("nav.back"), to("home"), "quiet")),
  );
}
