/**
 * Records carried in a file: the last resort where a phone never finds the network.
 *
 * The file is a zip with a folder for each record, its XML as `submission.xml` and its files beside: what the
 * desk takes in under "bring in records", and `collector submissions import`. `collector.json` and the drafts
 * are for another phone; both servers pass over them.
 */

import { blobKey, filesOf } from "./drafts.js";
import { tell } from "./news.js";
import { unzip, zip } from "./zip.js";

const LIST = "collector.json";
const README = "DOC-TOI-TRUOC.txt";

/**
 * Pack queued records and drafts.
 * @param {import("./db.js").Db} db
 * @param {{records: object[], drafts?: object[], person: object}} what
 * @param {string} readme what to do with the file, for people
 * @param {Date} now
 * @returns {Promise<Blob>}
 */
export async function pack(db, { records, drafts = [], person }, readme, now) {
  const files = [{ name: README, content: readme }];
  const list = { made: now.toISOString(), person: { id: person.id, name: person.name }, records: [], drafts: [] };
  for (const record of records) {
    const folder = `instances/${plain(record.instanceId)}`;
    files.push({ name: `${folder}/submission.xml`, content: record.xml });
    for (const [name, blob] of await filesOf(db, record.owner)) files.push({ name: `${folder}/${name}`, content: blob });
    list.records.push({ ...record, folder });
  }
  for (const draft of drafts) {
    const folder = `drafts/${plain(draft.id)}`;
    // Not named .xml: an unfinished form must not be taken for a record.
    files.push({ name: `${folder}/draft.txt`, content: draft.xml });
    // One that the store had no room for brings its files itself.
    const { blobs = await filesOf(db, draft.id), ...rest } = draft;
    for (const [name, blob] of blobs) files.push({ name: `${folder}/${name}`, content: blob });
    list.drafts.push({ ...rest, folder });
  }
  for (const one of [...list.records, ...list.drafts]) delete one.xml;
  files.push({ name: LIST, content: JSON.stringify(list, null, 1) });
  return zip(files, now);
}

/** A folder's name that every system takes. */
function plain(id) {
  return id.replace(/[^\w-]+/g, "_");
}

/**
 * Look into such a file.
 * @param {Blob} blob
 * @returns {Promise<{list: object, files: Map<string, Blob>}|null>} null when no phone made it
 */
export async function look(blob) {
  try {
    const files = await unzip(blob);
    const list = JSON.parse(await files.get(LIST).text());
    return Array.isArray(list.records) && Array.isArray(list.drafts) ? { list, files } : null;
  } catch {
    return null;
  }
}

/**
 * Take in what is in such a file, for the person who is here. What is here already stays as it is.
 * @param {import("./db.js").Db} db
 * @param {{list: object, files: Map<string, Blob>}} found by `look`
 * @param {import("./people.js").Person} person whose records they become
 * @returns {Promise<{taken: number, known: number, foreign: number}>} `foreign`: of projects he is not in
 */
export async function takeIn(db, { list, files }, person) {
  const projects = new Set(person.projects.map((project) => project.id));
  const counts = { taken: 0, known: 0, foreign: 0 };
  const kinds = [
    ["outbox", list.records, "instanceId", "submission.xml"],
    ["drafts", list.drafts, "id", "draft.txt"],
  ];
  for (const [store, several, key, name] of kinds) {
    for (const { folder, ...one } of several) {
      if (!isOurs(one, key)) {
        counts.foreign += 1;
        continue;
      }
      const known = (await db.get(store, one[key])) ?? (store === "outbox" && (await db.get("sent", one[key])));
      const xml = await files.get(`${folder}/${name}`)?.text();
      if (known) counts.known += 1;
      else if (!projects.has(one.project) || xml === undefined || (await hasFiles(db, ownerOf(store, one)))) counts.foreign += 1;
      else {
        await keep(db, store, { ...one, xml, person: person.id }, beside(files, folder, name));
        counts.taken += 1;
      }
    }
  }
  tell("queue");
  tell("drafts");
  return counts;
}

/** Names end in addresses that are asked with the person's session: one that leads elsewhere is none of ours. */
function isOurs(one, key) {
  const owner = key === "id" ? one.id : one.owner;
  return typeof one[key] === "string" && one[key] !== "" && typeof owner === "string" && /^[\w:-]+$/.test(owner);
}

function ownerOf(store, one) {
  return store === "outbox" ? one.owner : one.id;
}

/** Files of something that is here already are not written over by a name in a file from outside. */
async function hasFiles(db, owner) {
  return (await db.all("blobs", "owner", owner)).length > 0;
}

function beside(files, folder, but) {
  const start = `${folder}/`;
  return [...files]
    .filter(([path]) => path.startsWith(start) && path !== start + but)
    .map(([path, blob]) => [path.slice(start.length), blob]);
}

function keep(db, store, one, blobs) {
  const owner = ownerOf(store, one);
  // The other phone may have been told to wait or to sign in: this one has not.
  const fresh = store === "outbox" ? { ...one, state: "waiting", tries: 0, nextAt: 0, error: null } : { ...one, code: null };
  return db.write(
    ...blobs.map(([name, blob]) => ["put", "blobs", { key: blobKey(owner, name), owner, name, blob }]),
    ["put", store, fresh],
  );
}
