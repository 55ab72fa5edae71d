/** Forms on the phone: whole or not at all, and no version taken from under a draft. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { enqueue, saveDraft } from "../src/store/drafts.js";
import { queued } from "../src/store/outbox.js";
import { letGo, refresh, shelvesOf, sweepForms, takeDown } from "../src/store/shelf.js";
import { judge, withRoom } from "../src/store/space.js";
import { draft, entry, finished, phone, serve, VILLAGE } from "./fakes.js";

const list = (forms, who = 7) => ({ status: 200, etag: `"${forms.map((form) => form.hash)}"`, body: { who: { id: who }, limit: 1e6, forms } });
const csv = (version) => ({ name: "xa.csv", hash: `csv${version}`, size: 4, url: `/files/${version}` });

function server(forms, { files = true } = {}) {
  return serve(({ path }) => {
    if (path.endsWith("/shelf")) return list(forms);
    if (path.endsWith("/definition")) return { status: 200, body: { form: "<form/>", model: path, languages: [], pages: false } };
    return files ? { status: 200, blob: new Blob([path]) } : undefined;
  });
}

test("a form is offered once its last file is here", async () => {
  const db = await phone();
  server([entry("1", [csv(1)])], { files: false });
  assert.deepEqual(await refresh(db, VILLAGE), { status: 200, missing: 1 });
  assert.deepEqual((await shelvesOf(db, "7"))[0].ready, {});
  server([entry("1", [csv(1)])]);
  assert.deepEqual(await refresh(db, VILLAGE), { status: 200, missing: 0 });
  const { files, definition } = await takeDown(db, (await shelvesOf(db, "7"))[0].ready.ho);
  assert.equal(await files.get("xa.csv").text(), "/files/1");
  assert.match(definition.model, /versions\/1/);
});

test("a list that came with whoever came in is not asked for again", async () => {
  const db = await phone();
  const heard = list([entry("1", [csv(1)])]);
  let asked = 0;
  serve(({ path }) => {
    if (path.endsWith("/shelf")) asked += 1;
    return path.endsWith("/definition") ? { status: 200, body: { form: "<form/>" } } : { status: 200, blob: new Blob([path]) };
  });
  assert.deepEqual(await refresh(db, VILLAGE, { heard }), { status: 200, missing: 0 });
  assert.equal(asked, 0);
  assert.ok((await shelvesOf(db, "7"))[0].ready.ho);
});

test("parts come a few at a time, and none begins after one that did not come", async () => {
  const db = await phone();
  const files = Array.from({ length: 12 }, (_, number) => csv(number));
  let at = 0, most = 0;
  const begun = [];
  serve(async ({ path }) => {
    if (path.endsWith("/shelf")) return list([entry("1", files)]);
    if (path.endsWith("/definition")) return { status: 200, body: { form: "<form/>" } };
    begun.push(path);
    most = Math.max(most, (at += 1));
    await new Promise((done) => setTimeout(done, 5));
    at -= 1;
    return path === "/files/5" ? undefined : { status: 200, blob: new Blob([path]) };
  });
  assert.deepEqual(await refresh(db, VILLAGE), { status: 200, missing: 1 });
  assert.ok(most > 1 && most <= 4, String(most));
  assert.ok(begun.length < 12, String(begun.length));
});

test("a new version takes the place of the old one when all of it is here", async () => {
  const db = await phone();
  server([entry("1", [csv(1)])]);
  await refresh(db, VILLAGE);
  server([entry("2", [csv(2)])], { files: false });
  await refresh(db, VILLAGE);
  assert.equal((await shelvesOf(db, "7"))[0].ready.ho.version, "1");
  server([entry("2", [csv(2)])]);
  await refresh(db, VILLAGE);
  assert.equal((await shelvesOf(db, "7"))[0].ready.ho.version, "2");
});

test("a draft and a queued record keep their version, whatever is published and swept meanwhile", async () => {
  const db = await phone();
  for (const version of ["1", "2", "3"]) {
    server([entry(version, [csv(version)])]);
    await refresh(db, VILLAGE);
    if (version === "1") await saveDraft(db, draft({ entry: entry("1", [csv(1)]) }), new Map());
    if (version === "2") await enqueue(db, draft({ id: "d2", entry: entry("2", [csv(2)]) }), finished());
  }
  await sweepForms(db);
  for (const version of ["1", "2", "3"]) assert.ok(await takeDown(db, entry(version, [csv(version)])), version);
  await db.write(["delete", "drafts", "d1"], ["delete", "outbox", "uuid:1"]);
  await sweepForms(db);
  for (const version of ["1", "2"]) assert.equal(await takeDown(db, entry(version, [csv(version)])), null, version);
  assert.ok(await takeDown(db, entry("3", [csv(3)])));
});

test("an unchanged list costs one question", async () => {
  const db = await phone();
  server([entry()]);
  await refresh(db, VILLAGE);
  const asked = serve(({ headers }) => ({ status: headers["If-None-Match"] === '"h1"' ? 304 : 500, etag: '"h1"' }));
  assert.deepEqual(await refresh(db, VILLAGE), { status: 200, missing: 0 });
  assert.equal(asked.length, 1);
  assert.equal((await shelvesOf(db, "7"))[0].ready.ho.version, "1");
});

test("the list of somebody else is not taken for his", async () => {
  const db = await phone();
  serve(() => list([entry()], 99));
  assert.equal((await refresh(db, VILLAGE)).status, 401);
  assert.deepEqual(await shelvesOf(db, "7"), []);
  assert.equal((await db.get("people", "7")).trouble, "signin");
});

test("a form that was closed and is open again lets its records go", async () => {
  const db = await phone();
  await enqueue(db, draft(), finished());
  await db.update("outbox", "uuid:1", (one) => ({ ...one, state: "closed" }));
  server([{ ...entry(), state: "closed" }]);
  await refresh(db, VILLAGE);
  assert.equal((await queued(db))[0].state, "closed");
  server([entry()]);
  await refresh(db, VILLAGE);
  assert.equal((await queued(db))[0].state, "waiting");
});

test("a session that was begun again somewhere else lets its records go, also of a form no longer listed", async () => {
  const db = await phone();
  await enqueue(db, draft(), finished());
  await db.update("outbox", "uuid:1", (one) => ({ ...one, state: "signin" }));
  serve(() => 401);
  await refresh(db, VILLAGE);
  assert.equal((await queued(db))[0].state, "signin");
  server([]);
  await refresh(db, VILLAGE);
  assert.equal((await queued(db))[0].state, "waiting");
});

test("a form the browser cannot do is not fetched", async () => {
  const db = await phone();
  const asked = server([{ ...entry(), hard: true }]);
  await refresh(db, VILLAGE);
  assert.deepEqual(asked.map(({ path }) => path), ["/w/key/tok/projects/1/shelf"]);
});

test("room is judged by what is left and by its share", () => {
  assert.equal(judge({ usage: 10, quota: 1e9 }).level, "fine");
  assert.equal(judge({ usage: 8.1e8, quota: 1e9 }).level, "warn");
  assert.equal(judge({ usage: 9.9e8, quota: 1e9 }).level, "full");
  assert.equal(judge({}).known, false);
});

test("where there is no room, forms nobody needs go and it is tried once more", async () => {
  const db = await phone();
  server([entry("1")]);
  await refresh(db, VILLAGE);
  await db.write(["put", "definitions", { key: "ho/0/old", body: {} }]);
  let goes = 0;
  const full = () => Promise.reject(Object.assign(new Error("full"), { name: "QuotaExceededError" }));
  assert.equal(await withRoom(db, () => ((goes += 1) === 1 ? full() : Promise.resolve("saved"))), "saved");
  assert.deepEqual((await db.all("definitions")).map((one) => one.key), ["ho/1/h1"]);
  await assert.rejects(withRoom(db, full), { name: "QuotaExceededError" });
});

test("who leaves a shared phone leaves no list of households behind", async () => {
  const db = await phone();
  server([entry("1", [csv(1)])]);
  await refresh(db, VILLAGE);
  assert.equal((await db.all("files")).length, 1);
  await letGo(db, VILLAGE.id);
  assert.deepEqual(await db.all("files"), []);
  assert.deepEqual(await db.all("definitions"), []);
});
