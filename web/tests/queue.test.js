/** The queue and the server: nothing is deleted before a receipt, nothing stands still without a reason. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { enqueue, filesOf, saveDraft } from "../src/store/drafts.js";
import { filledOnce, lastFilled, queued } from "../src/store/outbox.js";
import { forget, remember } from "../src/store/people.js";
import { flush } from "../src/store/sender.js";
import { draft, finished, phone, serve, VILLAGE } from "./fakes.js";

const photo = (size = 20) => new Blob([new Uint8Array(size).fill(7)], { type: "image/jpeg" });
const taken = (missing = []) => ({
  status: 201, body: { instance_id: "uuid:1", receipt: "000123-7", received_at: "2026-11-22T03:00:00Z", files_missing: missing },
});

async function withOne(files = {}, about = {}) {
  const db = await phone(about.person);
  const one = await saveDraft(db, draft({ person: about.person?.id ?? "7", ...about.draft }), new Map(Object.entries(files)));
  const filled = finished(files, about.filled);
  await enqueue(db, one, filled, { saved: new Map(Object.entries(files)) });
  return db;
}

test("what is sent is the very text that was kept, under the name OpenRosa gives it", async () => {
  const db = await withOne({ "a.jpg": photo() });
  const asked = serve(() => taken());
  assert.deepEqual(await flush(db), { sent: 1, left: 0 });
  const [{ path, body, headers }] = asked;
  assert.match(path, /^\/w\/key\/tok\/projects\/1\/submission\?deviceID=collector/);
  assert.equal(headers["X-Collector-Person"], "7");
  assert.equal(headers["X-Requested-With"], "XMLHttpRequest");
  assert.equal(await body.get("xml_submission_file").text(), '<data id="ho"><ten>Sùng Thị Mỷ</ten></data>');
  assert.equal(body.get("a.jpg").size, 20);
});

test("with the receipt the record leaves the queue and its files go; without, both stay", async () => {
  const db = await withOne({ "a.jpg": photo() });
  serve(() => 500);
  await flush(db);
  assert.equal((await filesOf(db, "d1")).size, 1);
  assert.equal((await queued(db, "7")).length, 1);
  serve(() => taken());
  await flush(db, () => Date.now() + 3_600_000);
  assert.equal((await filesOf(db, "d1")).size, 0);
  const kept = await db.get("sent", "uuid:1");
  assert.equal(kept.receipt, "000123-7");
  assert.match(kept.xml, /Sùng Thị Mỷ/);
  assert.equal(await filledOnce(db, "7", 1, "ho"), "000123-7");
});

test("a phone that died between two files goes on with the second", async () => {
  const db = await withOne({ "a.mp4": photo(600_000), "b.mp4": photo(700_000) });
  let requests = 0;
  serve(() => ((requests += 1) === 1 ? taken(["b.mp4"]) : undefined));
  await flush(db);
  const asked = serve(() => taken());
  await flush(db, () => Date.now() + 60_000);
  assert.deepEqual(asked.map(({ body }) => [...body.keys()]), [["xml_submission_file", "b.mp4"]]);
  assert.equal((await queued(db)).length, 0);
});

test("a silent server is not asked for every record of the queue", async () => {
  const db = await withOne();
  await enqueue(db, draft({ id: "d2" }), finished({}, { instanceId: "uuid:2" }));
  const asked = serve(() => undefined);
  await flush(db);
  assert.equal(asked.length, 1);
  assert.deepEqual((await queued(db)).map((one) => one.state), ["waiting", "waiting"]);
});

test("a refusal of one does not hold up the next", async () => {
  const db = await withOne();
  await enqueue(db, draft({ id: "d2" }), finished({}, { instanceId: "uuid:2" }));
  let requests = 0;
  serve(() => ((requests += 1) === 1 ? { status: 409, body: { code: 409.3, message: "Khác nội dung" } } : taken()));
  await flush(db);
  const [left] = await queued(db);
  assert.equal(left.state, "conflict");
  assert.equal(left.error.sentence, "Khác nội dung");
  assert.equal((await db.get("sent", "uuid:2")).receipt, "000123-7");
});

test("after 401 a record waits for its person, and goes by itself when he is in again", async () => {
  const db = await withOne();
  serve(() => 401);
  await flush(db);
  assert.equal((await queued(db))[0].state, "signin");
  assert.equal((await db.get("people", "7")).trouble, "signin");
  const asked = serve(() => taken());
  await flush(db);
  assert.equal(asked.length, 0);
  await remember(db, { ...VILLAGE, token: "fresh" });
  await flush(db);
  assert.match(asked[0].path, /^\/w\/key\/fresh\/projects\/1\/submission/);
  assert.equal((await queued(db)).length, 0);
});

test("records of an account never go in the name of another who is signed in", async () => {
  const person = { ...VILLAGE, id: "12", kind: "account", token: "" };
  const db = await withOne({}, { person });
  const asked = serve(({ path }) => (path === "/w/me" ? { status: 200, body: { id: 13, name: "Khác" } } : taken()));
  await flush(db);
  assert.deepEqual(asked.map(({ path }) => path), ["/w/me"]);
  assert.equal((await queued(db))[0].state, "signin");
  serve(({ path }) => (path === "/w/me" ? { status: 200, body: { id: 12, name: "Páo" } } : taken()));
  await remember(db, person);
  await flush(db);
  assert.equal((await queued(db)).length, 0);
});

test("what a record keeps on the server as a draft is deleted there once it is sent", async () => {
  const db = await withOne({}, { draft: { code: { code: "K7F3-2M9Q", until: "" } } });
  const asked = serve(({ method }) => (method === "DELETE" ? 200 : taken()));
  await flush(db);
  assert.deepEqual(asked.map(({ method, path }) => `${method} ${path}`).slice(1), ["DELETE /w/key/tok/projects/1/drafts/d1"]);
});

test("two rounds at once send once", async () => {
  const db = await withOne();
  let release;
  const asked = serve(() => new Promise((done) => (release = () => done(taken()))));
  const first = flush(db);
  await new Promise((done) => setTimeout(done, 5));
  assert.equal(await flush(db), undefined);
  release();
  await first;
  assert.equal(asked.length, 1);
});

test("an untouched photo of an edit is not sent again, a changed one is", async () => {
  const db = await phone();
  const given = new Map([["old.jpg", photo()], ["other.jpg", photo()]]);
  const edit = draft({ mode: "edit", carried: ["old.jpg", "other.jpg"] });
  const now = new Map([["old.jpg", given.get("old.jpg")], ["other.jpg", photo(30)]]);
  const saved = await saveDraft(db, edit, now, { given });
  assert.deepEqual(saved.carried, ["old.jpg"]);
  await enqueue(db, saved, { ...finished(), files: now, deprecatedId: "uuid:0" }, { saved: now, given });
  const asked = serve(() => taken());
  await flush(db);
  assert.deepEqual([...asked[0].body.keys()], ["xml_submission_file", "other.jpg"]);
});

test("who leaves takes all that is his, and nobody else's", async () => {
  const db = await withOne({ "a.jpg": photo() });
  await saveDraft(db, draft({ id: "theirs", person: "8" }), new Map([["x.jpg", photo()]]));
  await forget(db, "7");
  assert.deepEqual(await Promise.all(["people", "outbox", "sent", "shelves"].map(async (name) => (await db.all(name)).length)), [0, 0, 0, 0]);
  assert.deepEqual((await db.all("drafts")).map((one) => one.id), ["theirs"]);
  assert.deepEqual((await db.all("blobs")).map((one) => one.name), ["x.jpg"]);
});

test("the form filled in last is known while it waits and after it was sent, to its person alone", async () => {
  const db = await withOne();
  const form = { project: 1, entry: { id: "ho" } };
  assert.match(await lastFilled(db, "7", form), /Sùng Thị Mỷ/);
  serve(() => taken());
  await flush(db);
  const later = finished({}, { instanceId: "uuid:2", xml: '<data id="ho"><ten>Giàng A Páo</ten></data>' });
  const two = await saveDraft(db, draft({ id: "d2", person: "7" }), new Map());
  await enqueue(db, two, later, {}, Date.now() + 1_000);
  assert.match(await lastFilled(db, "7", form), /Giàng A Páo/);
  assert.equal(await lastFilled(db, "8", form), "");
  assert.equal(await lastFilled(db, "7", { project: 2, entry: { id: "ho" } }), "");
});
