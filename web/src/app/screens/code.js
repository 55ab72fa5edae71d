/** Going on with a form that was begun on another phone, by its code. */

import { asCode, bringFromServer, listOnServer } from "../../store/server_drafts.js";
import { say } from "../../words/index.js";
import { announce, h, note, refill } from "../dom.js";
import { to } from "../router.js";
import { reason } from "../sentences.js";
import { day, when } from "../times.js";

/** Show it. */
export async function show(app, place) {
  const wrong = h("div", { role: "alert" });
  const mine = h("section.drafts");
  const field = h("input", { id: "code", required: true, autocomplete: "off", autocapitalize: "characters", spellcheck: "false", placeholder: "K7F3-2M9Q" });
  const submit = h("button", { type: "submit" }, say("code.go"));

  async function take(code) {
    submit.disabled = true;
    announce(say("wait"));
    const { reply, draft } = await bringFromServer(app.db, app.person, code);
    submit.disabled = false;
    if (draft) location.hash = to("fill", draft.id);
    else refill(wrong, note("bad", h("p", {}, reason(reply, "code.wrong"))));
  }

  const typed = (event) => {
    event.preventDefault();
    field.value = asCode(field.value);
    void take(field.value);
  };
  place.append(
    h("h1", {}, say("code.title")),
    h("p", {}, say("code.text")),
    h("form.fields", { onsubmit: typed }, h("div.field", {}, h("label", { for: "code" }, say("code.field")), field), wrong, h("div.buttons", {}, submit)),
    mine,
  );
  void listOnServer(app.person).then(({ drafts }) => drafts.length && refill(mine, listed(drafts, take)));
}

function listed(drafts, take) {
  return [
    h("h2", { id: "kept" }, say("code.mine")),
    h(
      "ul.cards",
      {},
      drafts.map((draft) =>
        h(
          "li.card.draft",
          {},
          h(
            "button.open",
            { type: "button", onclick: () => void take(draft.code) },
            h("strong", {}, draft.title || draft.form_id),
            h("span.soft", {}, say("draft.saved", { when: when(draft.saved_at) })),
            h("span.soft", {}, say("draft.code", { code: draft.code }), " · ", say("code.until", { day: day(draft.expires_at) })),
          ),
        ),
      ),
    ),
  ];
}
