/** Drafts kept on the server too, and opened again by their code on whatever phone. */

import { blobKey } from "./drafts.js";
import { uuid } from "./ids.js";
import { tell } from "./news.js";
import { base, meant } from "./people.js";
import { definitionKey, fetchEntry, fileKey, shelvesOf } from "./shelf.js";
import { ask, fetchBlob } from "./wire.js";

/**
 * Save a draft on the server.
 * @param {import("./db.js").Db} db
 * @param {import("./people.js").Person} person
 * @param {import("./drafts.js").Draft} draft as it was saved here
 * @param {Map<string, Blob>} files
 * @param {Map<string, Blob>} [there] files as the server has them from the last time: they are not sent again
 * @returns {Promise<import("./wire.js").Reply>} with `code` in its body where it went well
 */
export async function saveOnServer(db, person, draft, files, there = new Map()) {
  const body = new FormData();
  const { id, version } = draft.entry;
  const keep = [...files.keys()].filter((name) => there.get(name) === files.get(name));
  const title = draft.name || draft.entry.title;
  const about = { form_id: id, version, title, saved_at: new Date(draft.savedAt).toISOString(), keep };
  body.append("draft", new Blob([JSON.stringify(about)], { type: "application/json" }), "draft.json");
  body.append("xml", new Blob([draft.xml], { type: "text/xml" }), "draft.xml");
  let size = draft.xml.length;
  for (const [name, blob] of files) {
    if (keep.includes(name)) continue;
    body.append(name, blob, name);
    size += blob.size;
  }
  const reply = await ask(`${base(person, draft.project)}/drafts/${draft.id}`, { method: "PUT", body, size, headers: meant(person) });
  if (reply.status < 300 && reply.body?.code) {
    const code = { code: reply.body.code, until: reply.body.expires_at ?? "" };
    await db.update("drafts", draft.id, (known) => ({ ...known, code }));
    tell("drafts");
  }
  return reply;
}

/**
 * What a person keeps on the server, over all his projects.
 * @returns {Promise<{status: number, drafts: object[]}>}
 */
export async function listOnServer(person) {
  let status = 200;
  const drafts = [];
  for (const project of person.projects) {
    const reply = await ask(`${base(person, project.id)}/drafts`, { headers: meant(person) });
    const found = Array.isArray(reply.body) ? reply.body : (reply.body?.drafts ?? []);
    if (reply.status === 200) drafts.push(...found.map((one) => ({ ...one, project: project.id })));
    else status = reply.status;
  }
  return { status, drafts };
}

/** A code as people type it: without dashes and blanks, in capitals. */
export function asCode(typed) {
  return typed.replace(/[^0-9a-z]/gi, "").toUpperCase().replace(/(.{4})(?=.)/g, "$1-");
}

/**
 * Bring a draft from the server onto this phone.
 * @param {import("./db.js").Db} db
 * @param {import("./people.js").Person} person
 * @param {string} code
 * @returns {Promise<{reply: import("./wire.js").Reply, draft: object|null, known: boolean}>} `known`: this phone
 *   has that draft already, which stays as it is
 */
export async function bringFromServer(db, person, code, now = Date.now()) {
  let reply = { status: 404, body: null };
  for (const project of person.projects) {
    const from = `${base(person, project.id)}/drafts/${encodeURIComponent(code)}`;
    reply = await ask(from, { headers: meant(person) });
    if (reply.status === 200) return bring(db, person, { project: project.id, from, reply, now });
    if (reply.status !== 404) break;
  }
  return { reply, draft: null, known: false };
}

async function bring(db, person, { project, from, reply, now }) {
  const { uuid: id = uuid(), form_id: formId, version, title, xml, files = [] } = reply.body;
  const known = await db.get("drafts", id);
  if (known && !known.droppedAt && known.person === person.id) return { reply, draft: known, known: true };
  const entry = await entryOf(db, person, { project, formId, version });
  const blobs = [];
  for (const file of files) {
    const got = await fetchBlob(file.url ?? `${from}/files/${encodeURIComponent(file.name)}`, file.size);
    if (!got.body) return { reply: { ...got, body: null }, draft: null, known: false };
    blobs.push({ key: blobKey(id, file.name), owner: id, name: file.name, blob: got.body });
  }
  if (!entry) return { reply: { status: 0, body: null }, draft: null, known: false };
  const draft = {
    id, person: person.id, project, entry, mode: "new", name: title === entry.title ? "" : (title ?? ""), xml,
    language: "", files: blobs.map((file) => file.name), carried: [], startedAt: now, savedAt: now,
    code: { code: reply.body.code ?? "", until: reply.body.expires_at ?? "" },
  };
  await db.write(...blobs.map((blob) => ["put", "blobs", blob]), ["put", "drafts", draft]);
  tell("drafts");
  return { reply, draft, known: false };
}

/**
 * The form of a version, wherever it can be had: from here, from the list, or as an older one of the server's.
 * @param {import("./db.js").Db} db
 * @param {import("./people.js").Person} person
 * @param {{project: number, formId: string, version: string}} which
 * @returns {Promise<object|null>} an entry whose parts are all here
 */
export async function entryOf(db, person, { project, formId, version }) {
  const shelf = (await shelvesOf(db, person.id)).find((one) => one.project === project);
  const used = [...(await db.all("drafts")), ...(await db.all("outbox")), ...(await db.all("sent"))]
    .filter((one) => one.project === project && one.person === person.id)
    .map((one) => one.entry);
  const listed = shelf ? [...Object.values(shelf.ready), ...shelf.body.forms] : [];
  for (const entry of [...listed, ...used]) {
    if (entry.id === formId && entry.version === version && (await fetchEntry(db, entry))) return entry;
  }
  return olderEntry(db, person, { project, formId, version }, listed.find((entry) => entry.id === formId));
}

/** An older version is in no list: its files are those its model names. */
async function olderEntry(db, person, { project, formId, version }, newest) {
  const at = `${base(person, project)}/forms/${encodeURIComponent(formId)}/versions/${encodeURIComponent(version || "___")}`;
  const reply = await ask(`${at}/definition`);
  if (reply.status !== 200 || typeof reply.body?.model !== "string") return null;
  const named = `${reply.body.model} ${reply.body.form}`.match(/jr:\/\/[a-z-]+\/[^"'\s<>&)]+/g) ?? [];
  const hash = `old-${project}`;
  const entry = { ...newest, id: formId, version, hash, definition: `${at}/definition`, size: 0, files: [] };
  entry.title = newest?.title ?? formId;
  for (const name of new Set(named.map((address) => decodeURIComponent(address.split("/").pop())))) {
    const got = await fetchBlob(`${at}/files/${encodeURIComponent(name)}`);
    if (got.status === 0) return null;
    if (!got.body) continue;
    const file = { name, hash: `${hash}-${formId}-${version}`, size: got.body.size, url: `${at}/files/${name}` };
    await db.write(["put", "files", { key: fileKey(file), blob: got.body }]);
    entry.files.push(file);
  }
  await db.write(["put", "definitions", { key: definitionKey(entry), body: reply.body }]);
  return entry;
}
