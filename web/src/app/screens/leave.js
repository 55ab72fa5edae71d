/** Leaving this phone: what would be lost is said before, and nothing is lost without a yes. */

import { draftsOf } from "../../store/drafts.js";
import { queued } from "../../store/outbox.js";
import { belongings } from "../../store/people.js";
import { letGo } from "../../store/shelf.js";
import { ask as askServer } from "../../store/wire.js";
import { say } from "../../words/index.js";
import { confirmed } from "../asking.js";
import { sendNow } from "../background.js";
import { announce, button, h, note } from "../dom.js";
import { handOver } from "../exporting.js";
import { follow } from "../live.js";
import { to } from "../router.js";

/** Show it. */
export async function show(app, place) {
  const { person } = app;
  const body = h("div.leaving");
  place.append(h("h1", {}, say("leave.title", { name: person.name })), body);
  return follow(body, ["queue", "drafts"], () => ask(app, person));
}

async function ask(app, person) {
  const { drafts, unsent } = await belongings(app.db, person.id);
  const some = drafts + unsent > 0;
  return [
    some
      ? note(
          "bad",
          h("p", {}, h("strong", {}, say("leave.lost", { drafts, unsent }))),
          h("p", {}, say("leave.lost.text")),
        )
      : h("p", {}, say("leave.clean")),
    unsent ? button(say("outbox.all"), () => void send(app), "", { "data-key": "send" }) : null,
    some ? button(say("outbox.export"), () => void save(app, person), "quiet", { "data-key": "export" }) : null,
    h(
      "div.buttons",
      {},
      button(say(some ? "leave.anyway" : "leave.go"), () => void leave(app, person, { drafts, unsent }), "danger"),
      button(say("leave.stay"), to("home"), "quiet"),
    ),
  ];
}

async function send(app) {
  announce(say("outbox.sending"));
  await sendNow(app, { all: true });
}

async function save(app, person) {
  const [records, drafts] = await Promise.all([queued(app.db, person.id), draftsOf(app.db, person.id)]);
  await handOver(app, { records, drafts, person });
}

async function leave(app, person, { drafts, unsent }) {
  const yes =
    drafts + unsent === 0 ||
    (await confirmed({
      title: say("leave.sure"),
      text: say("leave.sure.text", { drafts, unsent }),
      yes: say("leave.anyway"),
      no: say("leave.stay"),
      danger: true,
    }));
  if (!yes) return;
  await letGo(app.db, person.id);
  if (person.kind === "account") await endSession(person);
  app.person = undefined;
  location.hash = to("in");
}

/** Whoever takes the phone next is not signed in as somebody else; without network it ends with its days. */
async function endSession(person) {
  const { body } = await askServer("/w/me");
  if (String(body?.id) === person.id) await askServer("/v1/sessions/current", { method: "DELETE" });
}
