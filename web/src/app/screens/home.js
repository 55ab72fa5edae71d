/** The first screen: who fills, what is half done, what waits, which forms there are. */

import { draftsOf, dropDraft, restoreDraft } from "../../store/drafts.js";
import { filledOnce, queued } from "../../store/outbox.js";
import { definitionKey, shelvesOf } from "../../store/shelf.js";
import { say } from "../../words/index.js";
import { goesToSignIn } from "../arriving.js";
import { freshen, sendNow } from "../background.js";
import { announce, button, h, note, refill } from "../dom.js";
import { follow } from "../live.js";
import { to } from "../router.js";
import { when } from "../times.js";

/** Show it. */
export async function show(app, place) {
  const undo = h("div.undo", { role: "status" });
  const drafts = h("section.drafts");
  const forms = h("section.forms", { "aria-labelledby": "forms" });
  const state = h("section.state", { "aria-label": say("home.state") });
  place.append(h("h1", {}, say("home.title")), who(app), state, undo, drafts, forms);
  place.append(h("p.more", {}, h("a", { href: to("code") }, say("home.code"))));
  const ends = await Promise.all([
    follow(state, ["queue", "shelf", "people", "progress"], (what) => waiting(app, what)),
    follow(drafts, ["drafts"], () => begun(app, undo)),
    follow(forms, ["shelf", "queue"], () => listed(app)),
  ]);
  return () => ends.forEach((end) => end());
}

function who({ person }) {
  const where = person.places.map((one) => one.name).filter((name) => name !== person.name).join(", ");
  return h(
    "p.who",
    {},
    h("span.soft", {}, say("home.who")),
    " ",
    h("strong", {}, person.name),
    where ? h("span.soft", {}, ` · ${where}`) : null,
    " ",
    h("a", { href: to("in") }, say("home.switch")),
  );
}

async function waiting(app, what) {
  const { db, person } = app;
  const [records, shelves] = await Promise.all([queued(db, person.id), shelvesOf(db, person.id)]);
  const fresh = (await db.get("people", person.id)) ?? person;
  const heard = Math.max(0, ...shelves.map((shelf) => shelf.askedAt));
  const fetching = what?.topic === "progress" ? what.fetching : null;
  return [
    trouble(fresh),
    records.length
      ? h(
          "div.unsent",
          {},
          h("a.tally", { href: to("outbox"), "data-key": "unsent" }, say("home.unsent", { n: records.length })),
          button(say("outbox.all"), () => void sendNow(app, { all: true }), "quiet", { "data-key": "send" }),
        )
      : null,
    h(
      "div.buttons.fresh",
      {},
      h(
        "p.synced.soft",
        { role: "status" },
        fetching
          ? say("home.fetching", { title: fetching, part: what.part, parts: what.parts })
          : heard
            ? say("home.synced", { when: when(heard) })
            : say("home.never"),
      ),
      button(say("home.freshen"), () => void ask(app), "quiet small", { "data-key": "freshen" }),
    ),
  ];
}

async function ask(app) {
  announce(say("home.asking"));
  const heard = await freshen(app);
  if (!heard) return;
  const well = heard.status === 200;
  announce(say(well ? "home.asked" : heard.status === 0 ? "home.silent" : "home.barred"));
}

/** Why the server does not let him in, and what to do. */
function trouble(person) {
  if (!person.trouble) return null;
  if (person.kind === "account") {
    const link = h("a.button", { href: "/signin?next=/w/", onclick: goesToSignIn }, say("in.account.go"));
    return note("warn", h("p", {}, say("home.signin")), link);
  }
  if (person.kind === "village") {
    return note("warn", h("p", {}, say("home.village")), button(say("in.village.go"), to("in", "village", person.code)));
  }
  return note("warn", h("p", {}, say("home.closed")));
}

async function begun(app, undo) {
  const drafts = await draftsOf(app.db, app.person.id);
  if (drafts.length === 0) return null;
  const drop = (draft) => async () => {
    await dropDraft(app.db, draft.id);
    const back = async () => {
      await restoreDraft(app.db, draft.id);
      refill(undo);
    };
    refill(undo, note("", h("p", {}, say("draft.dropped")), button(say("draft.back"), back, "quiet")));
  };
  return [
    h("h2", { id: "drafts" }, say("home.drafts", { n: drafts.length })),
    h(
      "ul.cards",
      {},
      drafts.map((draft) =>
        h(
          "li.card.draft",
          {},
          h(
            "a.open",
            { href: to("fill", draft.id), "data-key": draft.id },
            h("strong", {}, draft.entry.title),
            draft.name ? h("span.name", {}, draft.name) : null,
            h("span.soft", {}, say(draft.mode === "edit" ? "draft.edit" : "draft.saved", { when: when(draft.savedAt) })),
            draft.code?.code ? h("span.soft", {}, say("draft.code", { code: draft.code.code })) : null,
          ),
          button(say("draft.drop"), drop(draft), "quiet", { "aria-label": say("draft.drop.of", { title: draft.name || draft.entry.title }) }),
        ),
      ),
    ),
  ];
}

async function listed(app) {
  const shelves = await shelvesOf(app.db, app.person.id);
  const several = shelves.length > 1;
  const head = h("h2", { id: "forms" }, say("home.forms"));
  const parts = [];
  for (const shelf of shelves) {
    const cards = await Promise.all(entries(shelf).map((entry) => card(app, shelf, entry)));
    if (cards.length === 0) continue;
    if (several) parts.push(h("h3", {}, shelf.body.project?.name ?? ""));
    parts.push(h("ul.cards", {}, cards));
  }
  if (parts.length) return [head, ...parts];
  return [head, h("p.empty", {}, say(shelves.length ? "home.none" : "home.none.yet"))];
}

/** What is listed now, in the version that is whole here. */
function entries(shelf) {
  return shelf.body.forms.map((entry) => ({ ...entry, here: shelf.ready[entry.id] }));
}

async function card(app, shelf, entry) {
  const { db, person } = app;
  const once = entry.once || person.once ? await filledOnce(db, person.id, shelf.project, entry.id) : "";
  const open = entry.state === "open" || entry.state === undefined;
  const lines = [];
  if (!open) lines.push(say("form.closed"));
  else if (entry.hard) lines.push(say("form.hard"));
  else if (once) lines.push(once === "queued" ? say("form.once.queued") : say("form.once", { receipt: once }));
  else if (!entry.here) lines.push(say("form.coming"));
  else if (definitionKey(entry.here) !== definitionKey(entry)) lines.push(say("form.newer"));
  const may = open && !entry.hard && !once;
  const inside = [h("strong", {}, entry.title), lines.map((line) => h("span.soft", {}, line))];
  return h(
    "li.card.form",
    {},
    may
      ? h("a.open", { href: to("new", shelf.project, entry.id), "data-key": `${shelf.project}/${entry.id}` }, inside)
      : h("div.open.shut", {}, inside, entry.hard ? why(entry) : null),
  );
}

function why(entry) {
  const hard = (entry.lacks ?? []).filter((lack) => lack.hard);
  return h(
    "details",
    {},
    h("summary", {}, say("form.hard.why")),
    h("ul", {}, hard.map((lack) => h("li", {}, lack.sentence || `${lack.label || lack.question}: ${lack.feature}`))),
  );
}
