/** The queue of finished forms, and what is left of them once they are sent. */

import { blobKey } from "./drafts.js";
import { tell } from "./news.js";
import { again } from "./replies.js";

/** Days for which what was sent can be looked at here. */
export const KEPT_DAYS = 60;

const DAY = 86_400_000;

/**
 * Unsent records, the oldest first.
 * @param {import("./db.js").Db} db
 * @param {string} [person] everybody's without
 * @returns {Promise<import("./replies.js").Queued[]>}
 */
export async function queued(db, person) {
  const found = person === undefined ? await db.all("outbox") : await db.all("outbox", "person", person);
  return found.sort((one, other) => one.finishedAt - other.finishedAt);
}

/** What was sent by a person, the newest first. */
export async function sentBy(db, person) {
  const found = await db.all("sent", "person", person);
  return found.sort((one, other) => other.sentAt - one.sentAt);
}

/** Try a record at the next opportunity, whatever was said of it before. */
export async function retry(db, instanceId) {
  await db.update("outbox", instanceId, again);
  tell("queue");
}

/** Records that wait for the network or for their turn go at once. */
export async function hurry(db) {
  for (const record of await db.all("outbox")) {
    if (record.state === "waiting" && record.nextAt > 0) await db.update("outbox", record.instanceId, again);
  }
}

/** The server knows a person in a project: what waited for that goes, and what was refused while a form was shut. */
export async function reopen(db, person, project, formIds) {
  for (const record of await db.all("outbox", "person", person)) {
    const open = record.state === "signin" || (record.state === "closed" && formIds.includes(record.entry.id));
    if (open && record.project === project) await db.update("outbox", record.instanceId, again);
  }
}

/**
 * Take a record whose receipt came out of the queue; its files are deleted only now.
 * @param {import("./db.js").Db} db
 * @param {import("./replies.js").Queued & {receipt: string, receivedAt: string}} record
 */
export async function settle(db, record, now = Date.now()) {
  const { instanceId, deprecatedId, person, project, entry, name, xml, receipt, receivedAt, finishedAt } = record;
  const kept = { instanceId, deprecatedId, person, project, entry, name, xml, receipt, receivedAt, finishedAt };
  const files = record.files.map((file) => file.name);
  await db.write(
    ["put", "sent", { ...kept, files, missing: record.missing ?? [], sentAt: now }],
    ["delete", "outbox", instanceId],
    ...files.map((file) => ["delete", "blobs", blobKey(record.owner, file)]),
    ["put", "marks", { name: onceMark(person, project, entry.id), value: receipt }],
  );
  tell("queue", { instanceId, receipt });
}

/** Delete a record that was never sent: only after its person was asked. */
export async function discard(db, record) {
  const files = record.files.map((file) => ["delete", "blobs", blobKey(record.owner, file.name)]);
  await db.write(["delete", "outbox", record.instanceId], ...files);
  tell("queue");
}

/**
 * What somebody filled in before with the same form on this phone, whether it is sent or waits.
 * @param {import("./db.js").Db} db
 * @param {string|number} person
 * @param {{project: number, entry: {id: string}}} form
 * @returns {Promise<string>} XML, "" for nothing
 */
export async function lastFilled(db, person, { project, entry }) {
  const all = [...(await db.all("sent", "person", person)), ...(await db.all("outbox", "person", person))];
  const alike = all.filter((one) => one.project === project && one.entry.id === entry.id);
  return alike.reduce((last, one) => (last && last.finishedAt >= one.finishedAt ? last : one), null)?.xml ?? "";
}

/** Forget what was sent long ago. */
export async function sweepSent(db, now = Date.now()) {
  const old = (await db.all("sent")).filter((one) => one.sentAt < now - KEPT_DAYS * DAY);
  await db.write(...old.map((one) => ["delete", "sent", one.instanceId]));
}

/**
 * The receipt of a form that may be sent once, or "queued" while it waits.
 * @returns {Promise<string>} "" when it was not filled yet
 */
export async function filledOnce(db, person, project, formId) {
  const mark = await db.get("marks", onceMark(person, project, formId));
  if (mark) return mark.value || "sent";
  const waiting = await db.all("outbox", "person", person);
  return waiting.some((one) => one.project === project && one.entry.id === formId) ? "queued" : "";
}

function onceMark(person, project, formId) {
  return `sent:${person}:${project}:${formId}`;
}
