/** Records the server has: what it says of them now, and what is in them. */

import { base, meant } from "./people.js";
import { entryOf } from "./server_drafts.js";
import { ask, fetchBlob } from "./wire.js";

/**
 * Ask for a record that was sent, its files included, and see that its form is here.
 * @param {import("./db.js").Db} db
 * @param {import("./people.js").Person} person
 * @param {{instanceId: string, project: number, entry: object}} sent
 * @returns {Promise<{reply: import("./wire.js").Reply, record: null|{xml: string, files: Map<string, Blob>,
 *   entry: object, state: string|null, mayEdit: boolean, whyNot: string}}>} null where something of it is missing
 */
export async function fetchRecord(db, person, sent) {
  const reply = await askFor(person, sent);
  if (reply.status !== 200 || typeof reply.body?.xml !== "string") return { reply, record: null };
  const { xml, files: listed = [], form_id: formId, version, review_state: state } = reply.body;
  const which = { project: sent.project, formId: formId ?? sent.entry.id, version: version ?? sent.entry.version };
  const entry = await entryOf(db, person, which);
  if (!entry) return { reply: { ...reply, status: 0, body: null }, record: null };
  const files = new Map();
  for (const { name, url, size } of listed) {
    const got = await fetchBlob(url, size);
    if (!got.body) return { reply: { ...got, body: null }, record: null };
    files.set(name, got.body);
  }
  const { may_edit: mayEdit = false, why_not: whyNot } = reply.body;
  return { reply, record: { xml, files, entry, state: state ?? null, mayEdit, whyNot: whyNot ?? "" } };
}

/** What the server says of a record, its files only named. */
export function askFor(person, { project, instanceId }) {
  return ask(`${base(person, project)}/sent/${encodeURIComponent(instanceId)}`, { headers: meant(person) });
}
