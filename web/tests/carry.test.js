/** Records carried in a file, and the zip they lie in. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRawSync } from "node:zlib";

import { look, pack, takeIn } from "../src/store/carry.js";
import { enqueue, filesOf, saveDraft } from "../src/store/drafts.js";
import { queued } from "../src/store/outbox.js";
import { crc32, unzip, zip } from "../src/store/zip.js";
import { draft, finished, phone, VILLAGE } from "./fakes.js";

const NOW = new Date(2026, 10, 22, 10, 32, 8);

test("the checksum is the one everybody uses", () => {
  assert.equal(crc32(new TextEncoder().encode("123456789")), 0xcbf43926);
});

test("what is zipped comes out again, names with all their letters", async () => {
  const found = await unzip(await zip([{ name: "a/Phiếu hộ.txt", content: "Sùng" }, { name: "b", content: new Blob([]) }], NOW));
  assert.deepEqual([...found.keys()], ["a/Phiếu hộ.txt", "b"]);
  assert.equal(await found.get("a/Phiếu hộ.txt").text(), "Sùng");
});

test("a zip that another program packed again is read too", async () => {
  const plain = await zip([{ name: "x", content: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }], NOW);
  const bytes = Buffer.from(await plain.arrayBuffer());
  const packed = deflateRawSync("a".repeat(40));
  const directory = bytes.subarray(30 + 1 + 40, bytes.length - 22);
  directory.writeUInt16LE(8, 10);
  directory.writeUInt32LE(packed.length, 20);
  const end = bytes.subarray(bytes.length - 22);
  end.writeUInt32LE(31 + packed.length, 16);
  const found = await unzip(new Blob([bytes.subarray(0, 31), packed, directory, end]));
  assert.equal(await found.get("x").text(), "a".repeat(40));
});

for (const [what, spoil] of [
  ["no zip at all", () => Buffer.from("not a zip, not at all, whatever it says")],
  ["half a zip", (bytes) => bytes.subarray(0, bytes.length / 2)],
  ["a changed byte", (bytes) => ((bytes[34] ^= 1), bytes)],
]) {
  test(`${what} is refused`, async () => {
    const bytes = Buffer.from(await (await zip([{ name: "abc", content: "defgh" }], NOW)).arrayBuffer());
    await assert.rejects(unzip(new Blob([spoil(bytes)])), /not a zip/);
  });
}

async function full() {
  const db = await phone();
  const photo = new Blob(["photo"]);
  await saveDraft(db, draft({ id: "half", xml: "<half/>" }), new Map([["h.jpg", photo]]));
  await enqueue(db, draft(), finished({ "a.jpg": photo }));
  await db.update("outbox", "uuid:1", (one) => ({ ...one, state: "closed", tries: 9 }));
  const records = await queued(db, "7");
  const drafts = await db.all("drafts");
  return { db, blob: await pack(db, { records, drafts, person: VILLAGE }, "Đọc", NOW) };
}

test("the server's own import finds each record in a folder, and no draft among them", async () => {
  const { blob } = await full();
  const names = [...(await unzip(blob)).keys()];
  assert.deepEqual(names.filter((name) => name.endsWith(".xml")), ["instances/uuid_1/submission.xml"]);
  assert.ok(names.includes("instances/uuid_1/a.jpg"));
});

test("another phone takes in what it does not have, in the name of who is there", async () => {
  const { blob } = await full();
  const other = await phone({ ...VILLAGE, id: "9", name: "Mỷ" });
  const person = await other.get("people", "9");
  assert.deepEqual(await takeIn(other, await look(blob), person), { taken: 2, known: 0, foreign: 0 });
  const [record] = await queued(other, "9");
  assert.deepEqual([record.state, record.tries, record.xml], ["waiting", 0, finished().xml]);
  assert.equal(await (await filesOf(other, record.owner)).get("a.jpg").text(), "photo");
  assert.equal((await other.get("drafts", "half")).xml, "<half/>");
  assert.deepEqual(await takeIn(other, await look(blob), person), { taken: 0, known: 2, foreign: 0 });
});

test("records of a project he is not in are not taken in", async () => {
  const { blob } = await full();
  const other = await phone();
  assert.deepEqual(await takeIn(other, await look(blob), { ...VILLAGE, projects: [{ id: 5 }] }), { taken: 0, known: 0, foreign: 2 });
});

test("a file from somewhere else is said to be none of ours", async () => {
  assert.equal(await look(await zip([{ name: "x", content: "y" }], NOW)), null);
  assert.equal(await look(new Blob(["x"])), null);
});

test("a name that leads elsewhere is not taken in", async () => {
  const { blob } = await full();
  const found = await look(blob);
  found.list.records[0].owner = "../../../../../v1/projects/1";
  found.list.drafts[0].id = "../../me";
  const other = await phone();
  assert.deepEqual(await takeIn(other, found, VILLAGE), { taken: 0, known: 0, foreign: 2 });
});
