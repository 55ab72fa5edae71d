/**
 * Sending the queue: one window at a time, one record after the other, until nothing is due.
 *
 * Runs in a page as in the service worker: nothing here knows a document.
 */

import { filesOf } from "./drafts.js";
import { deviceId } from "./ids.js";
import { alone } from "./locks.js";
import { tell } from "./news.js";
import { queued, settle } from "./outbox.js";
import { base, mark, meant, whoIsSignedIn } from "./people.js";
import { after, isDue, isThrough, plan } from "./replies.js";
import { ask } from "./wire.js";

/**
 * Send what is due.
 * @param {import("./db.js").Db} db
 * @param {() => number} [now] the clock, in milliseconds
 * @returns {Promise<{sent: number, left: number}|undefined>} undefined when another window is at it
 */
export function flush(db, now = Date.now) {
  return alone("collector-send", () => sendAll(db, now));
}

async function sendAll(db, now) {
  const round = { db, now, device: await deviceId(db), account: undefined, silent: false };
  let sent = 0;
  const waiting = await queued(db);
  const due = waiting.filter((one) => isDue(one, now()));
  if (due.length === 0) return { sent, left: waiting.length };
  for (const record of due) {
    if (round.silent) break;
    if (await send(round, record)) sent += 1;
  }
  const left = await queued(db);
  tell("progress", { sending: null });
  return { sent, left: left.length };
}

/** Send one record; true once it is through. */
async function send(round, record) {
  const { db } = round;
  const person = await db.get("people", record.person);
  const barred = person ? await bar(round, person) : { status: 401, body: null, wait: 0 };
  if (barred) {
    await write(round, record, [], barred);
    return false;
  }
  const shelf = await db.get("shelves", `${person.id}/${record.project}`);
  let current = record;
  if (isThrough(current)) return finish(round, person, current);
  // A server that names what it misses is asked again; each file goes a few times at most.
  for (let rounds = 0; rounds < 4 && !isThrough(current); rounds += 1) {
    const requests = plan(current, shelf?.body.limit ?? 0);
    for (const [index, names] of requests.entries()) {
      tell("progress", { sending: record.instanceId, part: index + 1, parts: requests.length });
      const files = await filesOf(db, record.owner);
      const size = names.reduce((sum, name) => sum + (files.get(name)?.size ?? 0), 0);
      const reply = await ask(`${base(person, record.project)}/submission?deviceID=${encodeURIComponent(round.device)}`, {
        method: "POST",
        body: envelope(current, names, files),
        headers: meant(person),
        size,
      });
      const next = await write(round, current, names, reply);
      if (!next.arrived || next.record.state !== "waiting") return false;
      current = next.record;
    }
  }
  return isThrough(current) && finish(round, person, current);
}

async function finish({ db, now }, person, record) {
  await settle(db, record, now());
  if (record.onServer) {
    // Nobody waits for it: the server forgets drafts by itself after a while.
    void ask(`${base(person, record.project)}/drafts/${encodeURIComponent(record.owner)}`, {
      method: "DELETE",
      headers: meant(person),
    });
  }
  return true;
}

/** Why nothing of a person's may go now; null when it may. */
async function bar(round, person) {
  if (person.kind !== "account") return null;
  // The cookie may belong to somebody else by now: his name must not stand under these records.
  round.account ??= await whoIsSignedIn();
  const { reply, person: signedIn } = round.account;
  if (signedIn) return signedIn.id === person.id ? null : { ...reply, status: 401, body: null };
  return reply.status === 200 ? { ...reply, status: 0 } : reply;
}

/** Keep what a reply means for a record, unless the record was taken away meanwhile. */
async function write(round, record, names, reply) {
  const { db, now } = round;
  const next = after(record, names, reply, now());
  await db.update("outbox", record.instanceId, () => next.record);
  if (reply.status === 0) round.silent = true;
  if (next.record.state === "signin") await mark(db, record.person, "signin");
  tell("queue", { instanceId: record.instanceId });
  return next;
}

function envelope(record, names, files) {
  const body = new FormData();
  // The very bytes that were kept: a Blob of a string is its UTF-8, and nothing is added to it.
  body.append("xml_submission_file", new Blob([record.xml], { type: "text/xml" }), "submission.xml");
  for (const name of names) {
    const blob = files.get(name);
    if (blob) body.append(name, blob, name);
  }
  return body;
}
