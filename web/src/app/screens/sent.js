/** Receipts of what was sent from this phone. */

import { KEPT_DAYS, sentBy } from "../../store/outbox.js";
import { say } from "../../words/index.js";
import { button, h } from "../dom.js";
import { follow } from "../live.js";
import { to } from "../router.js";
import { when } from "../times.js";

/** Show it. */
export async function show(app, place) {
  const body = h("div.receipts");
  place.append(h("h1", {}, say("sent.title")), body);
  return follow(body, ["queue"], async () => {
    const records = await sentBy(app.db, app.person.id);
    if (records.length === 0) {
      return [h("p.empty", {}, say("sent.none")), button(say("nav.back"), to("home"), "quiet")];
    }
    return [
      h("p.soft", {}, say("sent.kept", { days: KEPT_DAYS })),
      h(
        "ul.cards",
        {},
        records.map((record) =>
          h(
            "li.card.sent",
            {},
            h(
              "a.open",
              { href: to("view", record.instanceId), "data-key": record.instanceId },
              h("strong", {}, record.name || record.entry.title),
              record.name ? h("span.soft", {}, record.entry.title) : null,
              h("span.soft", {}, say("sent.when", { when: when(record.receivedAt || record.sentAt) })),
              h("span.receipt", {}, say("sent.receipt", { receipt: record.receipt })),
            ),
          ),
        ),
      ),
    ];
  });
}
