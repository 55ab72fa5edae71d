/**
 * Who fills forms on this phone, and by which way in.
 *
 * A person is kept under the number the server knows him by, so that a village's code entered again, or a
 * session begun again, is the same person with the same drafts and the same queue.
 */

import { again } from "./replies.js";
import { tell } from "./news.js";
import { ask } from "./wire.js";

/**
 * @typedef {object} Person
 * @property {string} id the server's number of him, as text
 * @property {"account"|"phone"|"village"|"link"|"test"} kind "test" tries a draft out
 * @property {string} name
 * @property {string} token "" for an account: its session lies in a cookie
 * @property {string} code of a village, "" otherwise: to ask for its PIN again
 * @property {{id: number, name: string}[]} projects
 * @property {{code: string, name: string}[]} places
 * @property {string|null} form the only form of a public link
 * @property {boolean} once whether he may send each form one time only
 * @property {string} trouble "" or why the server does not let him in: signin, closed
 * @property {number} seenAt milliseconds, when he was here last
 */

/**
 * Where the server answers for a person in a project.
 * @param {Person} person
 * @param {number} project
 * @returns {string} an address without a slash at its end
 */
export function base(person, project) {
  const door = person.kind === "test" ? "test" : "key";
  const way = person.kind === "account" ? "/w/me" : `/w/${door}/${encodeURIComponent(person.token)}`;
  return `${way}/projects/${project}`;
}

/** What says for whom something is asked: the session may be somebody else's by now. */
export function meant(person) {
  return { "X-Collector-Person": person.id };
}

/** Everybody known here, whoever was here last first. */
export async function everybody(db) {
  return (await db.all("people")).sort((one, other) => other.seenAt - one.seenAt);
}

/** Who fills now; undefined before anybody said so. */
export async function current(db) {
  const chosen = await db.get("marks", "current");
  return chosen ? db.get("people", chosen.value) : undefined;
}

/** From now on this person fills. */
export async function choose(db, id, now = Date.now()) {
  await db.update("people", id, (person) => ({ ...person, seenAt: now }));
  await db.write(["put", "marks", { name: "current", value: id }], ["delete", "marks", `left:${id}`]);
  tell("people");
}

/**
 * Ask who is signed in with an account.
 * @returns {Promise<{reply: import("./wire.js").Reply, person: Person|null}>}
 */
export async function whoIsSignedIn() {
  const reply = await ask("/w/me");
  if (reply.status !== 200 || !reply.body?.id) return { reply, person: null };
  const { id, name, projects = [], places = [] } = reply.body;
  return { reply, person: blank({ id: String(id), kind: "account", name, projects, places }) };
}

/**
 * Ask what a token opens.
 * @param {string} token
 * @param {string} [code] of the village it was given for
 * @returns {Promise<{reply: import("./wire.js").Reply, person: Person|null}>}
 */
export async function whoHolds(token, code = "") {
  const reply = await ask(`/w/key/${encodeURIComponent(token)}`);
  if (reply.status !== 200 || !reply.body?.project) return { reply, person: null };
  const { kind, name, project, form = null, once = false, places = [] } = reply.body;
  const person = blank({ id: "", kind, name, token, code, projects: [project], form, once, places });
  const shelf = await ask(`${base(person, project.id)}/shelf`);
  if (shelf.status !== 200 || shelf.body?.who?.id === undefined) return { reply: shelf, person: null };
  person.id = String(shelf.body.who.id);
  return { reply: shelf, person };
}

/**
 * The token of a village for its code and PIN.
 * @returns {Promise<{reply: import("./wire.js").Reply, token: string}>} "" when they are not a pair
 */
export async function openVillage(code, pin) {
  const reply = await ask(`/w/v/${encodeURIComponent(code)}`, { method: "POST", body: { pin } });
  return { reply, token: reply.status < 300 ? (reply.body?.token ?? "") : "" };
}

function blank(given) {
  return { token: "", code: "", places: [], form: null, once: false, trouble: "", seenAt: 0, ...given };
}

/**
 * Keep a person, new or known; what waited for him to come in again goes on.
 * @param {import("./db.js").Db} db
 * @param {Person} person
 */
export async function remember(db, person, now = Date.now()) {
  const known = await db.get("people", person.id);
  await db.write(["put", "people", { ...known, ...person, trouble: "", seenAt: known?.seenAt || now }]);
  for (const record of await db.all("outbox", "person", person.id)) {
    if (["signin", "closed"].includes(record.state)) await db.update("outbox", record.instanceId, again);
  }
  tell("people");
  tell("queue");
}

/**
 * Note why the server does not let a person in, or that it does.
 * @param {""|"signin"|"closed"} trouble
 */
export async function mark(db, id, trouble) {
  const known = await db.get("people", id);
  if (!known || known.trouble === trouble) return;
  await db.update("people", id, (person) => ({ ...person, trouble }));
  tell("people");
}

/**
 * What would be lost if he left.
 * @returns {Promise<{drafts: number, unsent: number}>}
 */
export async function belongings(db, id) {
  const drafts = (await db.all("drafts", "person", id)).filter((draft) => !draft.droppedAt);
  return { drafts: drafts.length, unsent: (await db.all("outbox", "person", id)).length };
}

/** Forget a person and all that is his, unsent records included: only after he was asked. */
export async function forget(db, id) {
  const mine = await Promise.all(["drafts", "outbox", "sent", "shelves"].map((store) => db.all(store, "person", id)));
  const [drafts, outbox, sent, shelves] = mine;
  const owners = [...drafts.map((draft) => draft.id), ...outbox.map((record) => record.owner)];
  const blobs = (await Promise.all(owners.map((owner) => db.all("blobs", "owner", owner)))).flat();
  await db.write(
    ...drafts.map((one) => ["delete", "drafts", one.id]),
    ...outbox.map((one) => ["delete", "outbox", one.instanceId]),
    ...sent.map((one) => ["delete", "sent", one.instanceId]),
    ...shelves.map((one) => ["delete", "shelves", one.key]),
    ...blobs.map((one) => ["delete", "blobs", one.key]),
    ["delete", "people", id],
    ["delete", "marks", "current"],
    // An account's session may live on: he is not taken in again unless he says so.
    ["put", "marks", { name: `left:${id}`, value: true }],
  );
  tell("people");
  tell("queue");
}

/** Whether a person left this phone and has not come back by himself. */
export async function hasLeft(db, id) {
  return Boolean(await db.get("marks", `left:${id}`));
}
