/**
 * Forms that are being filled.
 *
 * A draft's files lie apart from it, so that saving an answer does not write every photo again.
 */

import { tell } from "./news.js";

/**
 * @typedef {object} Draft
 * @property {string} id
 * @property {string} person
 * @property {number} project
 * @property {object} entry the form as the shelf named it when it was begun: its version stays
 * @property {"new"|"edit"} mode
 * @property {string} name what the person calls it, "" until the form knows
 * @property {string} xml
 * @property {string} language
 * @property {string[]} files names of its files
 * @property {string[]} carried of an edit: files the server has and that were not touched
 * @property {number} startedAt milliseconds
 * @property {number} savedAt milliseconds
 * @property {{code: string, until: string}|null} code by which another phone opens it
 * @property {number} [droppedAt] when it was thrown away; it can be had back for a day
 */

const DAY = 86_400_000;

/** Where a file of a draft or of a queued record lies. */
export function blobKey(owner, name) {
  return `${owner}/${name}`;
}

/**
 * Drafts of a person, the last one touched first.
 * @returns {Promise<Draft[]>}
 */
export async function draftsOf(db, person) {
  const found = await db.all("drafts", "person", person);
  return found.filter((draft) => !draft.droppedAt).sort((one, other) => other.savedAt - one.savedAt);
}

/**
 * The files of a draft or a queued record.
 * @returns {Promise<Map<string, Blob>>}
 */
export async function filesOf(db, owner) {
  const found = await db.all("blobs", "owner", owner);
  return new Map(found.map((file) => [file.name, file.blob]));
}

/**
 * Save a draft: its answers and those files that are new, all of it or nothing.
 * @param {import("./db.js").Db} db
 * @param {Draft} draft without `files`
 * @param {Map<string, Blob>} files
 * @param {{saved?: Map<string, Blob>, given?: Map<string, Blob>}} [before] `saved`: as they lie here; `given`: as
 *   the form was opened with them
 * @returns {Promise<Draft>} as it was saved. Rejects with QuotaExceededError where there is no room
 */
export async function saveDraft(db, draft, files, { saved: kept = new Map(), given = kept } = {}) {
  const gone = [...kept.keys()].filter((name) => !files.has(name));
  const fresh = [...files].filter(([name, blob]) => kept.get(name) !== blob);
  const saved = { ...draft, carried: untouched(draft, files, given), files: [...files.keys()] };
  await db.write(
    ...fresh.map(([name, blob]) => ["put", "blobs", { key: blobKey(draft.id, name), owner: draft.id, name, blob }]),
    ...gone.map((name) => ["delete", "blobs", blobKey(draft.id, name)]),
    ["put", "drafts", saved],
  );
  tell("drafts");
  return saved;
}

/** Those files of an edit that the server has as they are. */
function untouched(draft, files, given) {
  return (draft.carried ?? []).filter((name) => files.has(name) && files.get(name) === given.get(name));
}

/** Throw a draft away; it can be had back for a day. */
export async function dropDraft(db, id, now = Date.now()) {
  await db.update("drafts", id, (draft) => ({ ...draft, droppedAt: now }));
  tell("drafts");
}

/** Take a draft back that was thrown away. */
export async function restoreDraft(db, id) {
  await db.update("drafts", id, ({ droppedAt: _gone, ...draft }) => draft);
  tell("drafts");
}

/** Delete what was thrown away more than a day ago. */
export async function sweepDrafts(db, now = Date.now()) {
  const old = (await db.all("drafts")).filter((draft) => draft.droppedAt && draft.droppedAt < now - DAY);
  for (const draft of old) {
    const files = await db.all("blobs", "owner", draft.id);
    await db.write(["delete", "drafts", draft.id], ...files.map((file) => ["delete", "blobs", file.key]));
  }
}

/**
 * Put a finished form into the queue; its draft ends in the same breath.
 * @param {import("./db.js").Db} db
 * @param {Draft} draft
 * @param {{xml: string, instanceId: string, deprecatedId: string|null, name: string, files: Map<string, Blob>}} filled
 * @param {{saved?: Map<string, Blob>, given?: Map<string, Blob>}} [before] as for `saveDraft`
 * @returns {Promise<import("./replies.js").Queued>}
 */
export async function enqueue(db, draft, filled, { saved = new Map(), given = saved } = {}, now = Date.now()) {
  const touched = [...filled.files].filter(([name, blob]) => saved.get(name) !== blob);
  const gone = [...saved.keys()].filter((name) => !filled.files.has(name));
  const carried = new Set(untouched(draft, filled.files, given));
  const record = {
    instanceId: filled.instanceId,
    deprecatedId: filled.deprecatedId ?? null,
    person: draft.person,
    project: draft.project,
    entry: draft.entry,
    name: filled.name || draft.name,
    xml: filled.xml,
    owner: draft.id,
    files: [...filled.files].map(([name, blob]) => ({
      name,
      size: blob.size,
      sent: false,
      carried: carried.has(name),
    })),
    state: "waiting",
    tries: 0,
    nextAt: 0,
    triedAt: 0,
    finishedAt: now,
    error: null,
    onServer: Boolean(draft.code),
  };
  await db.write(
    ...touched.map(([name, blob]) => ["put", "blobs", { key: blobKey(draft.id, name), owner: draft.id, name, blob }]),
    ...gone.map((name) => ["delete", "blobs", blobKey(draft.id, name)]),
    ["put", "outbox", record],
    ["delete", "drafts", draft.id],
  );
  tell("drafts");
  tell("queue");
  return record;
}
