/** Why something did not go, in a sentence for whoever waits for it. */

import { say } from "../words/index.js";

/**
 * The reason in a reply: the server's own sentence where it has one.
 * @param {import("../store/wire.js").Reply} reply
 * @param {string} refused key of the sentence for a refusal without words
 * @returns {string}
 */
export function reason(reply, refused) {
  if (typeof reply.body?.message === "string" && reply.body.message) return reply.body.message;
  if (reply.status === 0) return say("why.silent");
  if (reply.status === 401) return say("why.signin");
  if (reply.status === 429) return say("why.wait");
  if (reply.status >= 500) return say("why.server");
  return say(refused);
}

/**
 * What became of a queued record, and what is to be done.
 * @param {import("../store/replies.js").Queued} record
 * @returns {{kind: ""|"good"|"warn"|"bad", title: string, why: string, then: string}} `why` is "" where there
 *   is nothing to explain
 */
export function fate(record) {
  const { state, error } = record;
  if (state === "waiting") {
    const silent = !error || error.status === 0;
    return {
      kind: error ? "warn" : "",
      title: say("fate.waiting"),
      why: error ? say(silent ? "why.silent" : error.status === 429 ? "why.wait" : "why.server") : "",
      then: say("fate.waiting.then"),
    };
  }
  const file = error?.code === "file";
  return {
    kind: state === "signin" ? "warn" : "bad",
    title: say(`fate.${state}`),
    // What the server says to somebody without a session speaks of a password nobody has typed.
    why: file ? say("fate.file", { name: error.sentence }) : state === "signin" ? say("why.signin") : error?.sentence || "",
    then: say(`fate.${state}.then`),
  };
}
