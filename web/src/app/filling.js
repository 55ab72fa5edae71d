/** What stands around a form while it is filled: what is saved, pages, languages, sending. */

import { saveOnServer } from "../store/server_drafts.js";
import { say } from "../words/index.js";
import { announce, button, h, note, refill } from "./dom.js";
import { to } from "./router.js";
import { reason } from "./sentences.js";
import { day, when } from "./times.js";

/**
 * Dress an open form.
 * @param {object} app
 * @param {object} what
 * @param {object} what.draft
 * @param {import("../engine/filled.js").Filled} what.filled
 * @param {Element} what.container where the form stands
 * @param {object} [what.begun] another draft of the same form
 * @param {() => Promise<void>} what.onSend
 * @param {() => void} what.onLeave
 * @param {() => {kept: {draft: object, saved: Map<string, Blob>}, save: () => Promise<boolean>}} what.saving
 */
export function dress(app, { draft, filled, container, begun, onSend, onLeave, saving }) {
  const state = h("p.saved", { role: "status" }, draft.savedAt ? say("fill.saved", { when: when(draft.savedAt) }) : say("fill.fresh"));
  const alarm = h("div.alarm", { role: "alert" });
  const wrong = h("div.wrong", { role: "alert" });
  const send = button(say("fill.send"), () => void onSend(), "send", { "data-key": "send", onmousedown: stay });
  const turning = filled.pages.isOn ? pages(filled, send) : null;
  const head = h(
    "div.fill-head",
    {},
    h("div.fill-bar", {}, button(say("fill.leave"), onLeave, "quiet"), state),
    h("h1", {}, draft.entry.title),
    alarm,
    draft.mode === "edit" ? note("", h("p", {}, say("fill.edit"))) : null,
    begun && !draft.xml ? note("", h("p", {}, say("fill.begun", { when: when(begun.savedAt) })), h("a", { href: to("fill", begun.id) }, say("fill.begun.open"))) : null,
    languages(app, draft, filled, saving),
    turning?.count,
  );
  const foot = h(
    "div.fill-foot",
    {},
    wrong,
    turning ? turning.buttons : h("div.buttons", {}, send),
    // What tries a draft out is kept nowhere.
    app.person.kind === "test" ? null : server(app, saving),
  );
  container.addEventListener("focusin", () => document.body.classList.add("typing"));
  container.addEventListener("focusout", () => document.body.classList.remove("typing"));

  return {
    head,
    foot,
    state({ kind, at }) {
      state.className = `saved ${kind}`;
      const key = { saving: "fill.saving", saved: "fill.saved", failed: "fill.failed" }[kind];
      const text = say(key, { when: when(at) });
      // A reader of the screen is told of trouble, not of every letter.
      state.setAttribute("aria-live", kind === "failed" ? "assertive" : "off");
      if (kind !== "saving" || at) state.textContent = text;
    },
    alarm: (...children) => refill(alarm, children.length ? note("bad", ...children) : null),
    busy(now) {
      send.disabled = now;
      send.textContent = say(now ? "wait" : "fill.send");
      if (now) refill(wrong);
    },
    mend(first, count) {
      const text = say("fill.mend", { n: count || 1 });
      refill(wrong, note("bad", h("p", {}, text)));
      announce(text);
      turning?.show();
      first?.scrollIntoView({ block: "center" });
      first?.querySelector("input:not([type=hidden]), select, textarea, button")?.focus({ preventScroll: true });
    },
    end: () => document.body.classList.remove("typing"),
  };
}

/**
 * A tap that leaves a question makes its message go away, and the page moves under the finger: the question is
 * left when the tap is through.
 */
function stay(event) {
  event.preventDefault();
}

function leaveQuestion() {
  document.activeElement?.blur?.();
}

function languages(app, draft, filled, saving) {
  if (filled.languages.length < 2) return null;
  const choose = (event) => {
    const tag = event.target.value;
    filled.setLanguage(tag);
    saving().kept.draft.language = tag;
    void app.db.write(["put", "marks", { name: `language:${app.person.id}`, value: tag }]);
  };
  const chosen = filled.language || draft.language;
  return h(
    "div.field.languages",
    {},
    h("label", { for: "language" }, say("fill.language")),
    h(
      "select",
      { id: "language", onchange: choose },
      filled.languages.map(({ label, tag }) => h("option", { value: tag, selected: tag === chosen }, label)),
    ),
  );
}

/** One page at a time: where one is, and the way on and back. */
function pages(filled, send) {
  const text = h("span");
  const bar = h("progress", { max: 1, value: 0, "aria-hidden": "true" });
  const count = h("div.pages", { role: "status" }, text, bar);
  const back = button(say("fill.previous"), () => filled.pages.previous() && turned(), "quiet", { onmousedown: stay });
  const on = button(say("fill.next"), () => void next(), "", { onmousedown: stay });
  const buttons = h("div.buttons.turn", {}, back, on, send);

  async function next() {
    leaveQuestion();
    on.disabled = true;
    const went = await filled.pages.next();
    on.disabled = false;
    if (went) turned();
    else {
      show();
      announce(say("fill.mend.page"));
    }
  }

  function turned() {
    show();
    globalThis.scrollTo(0, 0);
  }

  function show() {
    const { index, count: all } = filled.pages;
    text.textContent = say("fill.page", { n: index + 1, all });
    bar.max = all;
    bar.value = index + 1;
    back.hidden = index === 0;
    on.hidden = index + 1 >= all;
    send.hidden = !on.hidden;
  }

  filled.onChange(show);
  filled.pages.onTurn?.(show);
  show();
  return { count, buttons, show };
}

/** Keeping the draft on the server too: a code to go on with on another phone. */
function server(app, saving) {
  const said = h("div", { role: "status" });
  const keep = button(say("fill.server"), () => void save(), "quiet", { "data-key": "server" });
  let there = new Map();

  async function save() {
    keep.disabled = true;
    refill(said, h("p", {}, say("wait")));
    const { kept, touch, save: local } = saving();
    touch();
    await local();
    const reply = await saveOnServer(app.db, app.person, kept.draft, kept.saved, there);
    keep.disabled = false;
    if (reply.status >= 300 || reply.status === 0 || !reply.body?.code) {
      refill(said, note("warn", h("p", {}, say("fill.server.not")), h("p", {}, reason(reply, "fill.server.refused"))));
      return;
    }
    there = new Map(kept.saved);
    kept.draft.code = { code: reply.body.code, until: reply.body.expires_at ?? "" };
    refill(
      said,
      note(
        "good",
        h("p", {}, say("fill.server.done")),
        h("p.code.large", {}, reply.body.code),
        h("p", {}, say("fill.server.how", { day: day(reply.body.expires_at) })),
      ),
    );
  }

  return h("div.on-server", {}, keep, said);
}
