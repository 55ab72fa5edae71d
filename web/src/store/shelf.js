/**
 * The forms a person may fill, downloaded whole before they are used.
 *
 * The server's list names every form by its version and every file by its content. A new version is fetched
 * to its last file, then takes the place of the old one in one step; drafts and queued records keep theirs.
 */

import { alone } from "./locks.js";
import { tell } from "./news.js";
import { reopen } from "./outbox.js";
import { base, forget, mark, meant } from "./people.js";
import { together } from "./together.js";
import { ask, fetchBlob } from "./wire.js";

/** Parts on their way: the list fetches them one form after the other, somebody may tap on the last. */
const COMING = new Map();

/**
 * @typedef {object} Shelf
 * @property {string} key person/project
 * @property {string} person
 * @property {number} project
 * @property {string} etag of the list
 * @property {object} body the list as it came last
 * @property {Record<string, object>} ready form id to its entry whose every part is here
 * @property {number} askedAt milliseconds, when the server was heard last
 */

/** Under which key a definition is kept. */
export function definitionKey(entry) {
  return `${entry.id}/${entry.version}/${entry.hash}`;
}

/** Under which key a file of a form is kept: by content, so that forms share it. */
export function fileKey(file) {
  return `${file.hash}/${file.name}`;
}

/**
 * A person's shelves, one a project.
 * @param {import("./db.js").Db} db
 * @returns {Promise<Shelf[]>} by project
 */
export async function shelvesOf(db, person) {
  const found = await db.all("shelves", "person", person);
  return found.sort((one, other) => one.project - other.project);
}

/**
 * Ask for the lists of a person and fetch what is new.
 * @param {import("./db.js").Db} db
 * @param {import("./people.js").Person} person
 * @param {{heard?: import("./wire.js").Reply, now?: () => number}} [how] `heard`: the list of his only project,
 *   where it came a moment ago
 * @returns {Promise<{status: number, missing: number}|undefined>} the worst status heard and how many forms
 *   could not be fetched; undefined when another window is at it
 */
export function refresh(db, person, { heard: reply, now = Date.now } = {}) {
  return alone(`collector-shelf-${person.id}`, async () => {
    let worst = 200, missing = 0;
    for (const project of person.projects) {
      const heard = await refreshOne(db, person, project.id, { reply, now });
      missing += heard.missing;
      if (heard.status !== 200 && heard.status !== 304) worst = heard.status;
    }
    if ([401, 403, 404].includes(worst)) await mark(db, person.id, worst === 401 ? "signin" : "closed");
    else if (worst === 200) await mark(db, person.id, "");
    return { status: worst, missing };
  });
}

async function refreshOne(db, person, project, { reply: heard, now }) {
  const key = `${person.id}/${project}`;
  const known = await db.get("shelves", key);
  const reply = heard ?? (await ask(`${base(person, project)}/shelf`, {
    headers: { ...meant(person), ...(known?.etag ? { "If-None-Match": known.etag } : {}) },
  }));
  const listed = reply.status === 200 && Array.isArray(reply.body?.forms);
  if (!listed && reply.status !== 304) return { status: reply.status === 200 ? 0 : reply.status, missing: 0 };
  if (listed && String(reply.body.who?.id) !== person.id) return { status: 401, missing: 0 };
  const shelf = listed
    ? { key, person: person.id, project, etag: reply.etag, body: reply.body, ready: known?.ready ?? {} }
    : known;
  await db.write(["put", "shelves", { ...shelf, askedAt: now() }]);
  await reopen(db, person.id, project, shelf.body.forms.filter((form) => form.state === "open").map(({ id }) => id));
  tell("shelf");
  return { status: reply.status, missing: await fetchAll(db, key) };
}

/** Fetch what the list names and is not here; how many forms are still not whole. */
async function fetchAll(db, key) {
  const { body } = await db.get("shelves", key);
  const wanted = body.forms.filter((entry) => !entry.hard);
  let missing = 0;
  for (const [index, entry] of wanted.entries()) {
    const { ready } = await db.get("shelves", key);
    if (isSame(ready[entry.id], entry)) continue;
    tell("progress", { fetching: entry.title, part: index + 1, parts: wanted.length });
    if (await fetchEntry(db, entry)) {
      await db.update("shelves", key, (shelf) => ({ ...shelf, ready: { ...shelf.ready, [entry.id]: entry } }));
    } else missing += 1;
  }
  const listed = new Set(wanted.map((entry) => entry.id));
  await db.update("shelves", key, (shelf) => ({
    ...shelf,
    ready: Object.fromEntries(Object.entries(shelf.ready).filter(([id]) => listed.has(id))),
  }));
  tell("progress", { fetching: null });
  tell("shelf");
  return missing;
}

function isSame(one, other) {
  return one !== undefined && JSON.stringify(one) === JSON.stringify(other);
}

/**
 * Fetch the parts of a form that are not here.
 * @param {import("./db.js").Db} db
 * @param {object} entry of a shelf
 * @returns {Promise<boolean>} whether all of it is here now
 */
export async function fetchEntry(db, entry) {
  const parts = [() => fetchDefinition(db, entry), ...entry.files.map((file) => () => fetchFile(db, file))];
  return together(parts, (part) => part());
}

function fetchDefinition(db, entry) {
  return fetchOnce(db, "definitions", definitionKey(entry), async () => {
    const reply = await ask(entry.definition, { size: entry.size });
    return reply.status === 200 && typeof reply.body?.form === "string" ? { body: reply.body } : null;
  });
}

function fetchFile(db, file) {
  return fetchOnce(db, "files", fileKey(file), async () => {
    const reply = await fetchBlob(file.url, file.size);
    return reply.body ? { blob: reply.body } : null;
  });
}

/** Fetch a part that is not here; who wants one that is on its way waits for it. */
async function fetchOnce(db, store, key, fetched) {
  if (await db.get(store, key)) return true;
  const name = `${store}/${key}`;
  if (!COMING.has(name)) COMING.set(name, fetched().finally(() => COMING.delete(name)));
  const part = await COMING.get(name);
  if (part) await db.write(["put", store, { key, ...part }]);
  return part !== null;
}

/**
 * A form as the engine takes it.
 * @param {import("./db.js").Db} db
 * @param {object} entry
 * @returns {Promise<{definition: object, files: Map<string, Blob>}|null>} null when a part of it is not here
 */
export async function takeDown(db, entry) {
  const found = await db.get("definitions", definitionKey(entry));
  if (!found) return null;
  const files = new Map();
  for (const file of entry.files) {
    const kept = await db.get("files", fileKey(file));
    if (!kept) return null;
    files.set(file.name, kept.blob);
  }
  return { definition: found.body, files };
}

/**
 * Delete forms and files that nothing here needs any more.
 * @param {import("./db.js").Db} db
 * @param {boolean} [tight] no room is left: what only serves to look at sent records goes too
 * @returns {Promise<number>} how many were deleted
 */
export async function sweepForms(db, tight = false) {
  const [shelves, drafts, outbox, sent] = await Promise.all(
    ["shelves", "drafts", "outbox", "sent"].map((store) => db.all(store)),
  );
  const whole = [
    ...shelves.flatMap((shelf) => [...Object.values(shelf.ready), ...shelf.body.forms]),
    ...drafts.map((draft) => draft.entry),
    ...outbox.map((record) => record.entry),
    ...(tight ? [] : sent.map((record) => record.entry)),
  ];
  const used = { definitions: new Set(whole.map(definitionKey)), files: new Set() };
  for (const entry of whole) for (const file of entry.files ?? []) used.files.add(fileKey(file));
  let gone = 0;
  for (const store of ["definitions", "files"]) {
    const unused = (await db.all(store)).filter((one) => !used[store].has(one.key));
    await db.write(...unused.map((one) => ["delete", store, one.key]));
    gone += unused.length;
  }
  return gone;
}

/**
 * Let somebody go: what is his leaves the phone, and so do the forms and lists that only he had.
 * @param {import("./db.js").Db} db
 * @param {string} id of the person
 */
export async function letGo(db, id) {
  await forget(db, id);
  await sweepForms(db);
}
