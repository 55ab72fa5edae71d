/** What a reply means for a record of the queue. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { after, again, isDue, isThrough, plan } from "../src/store/replies.js";

const NOW = 1_000_000;
const record = (about = {}) => ({
  instanceId: "uuid:1", xml: "<a/>", files: [], state: "waiting", tries: 0, nextAt: 0, error: null, ...about,
});
const file = (name, size, about = {}) => ({ name, size, sent: false, carried: false, ...about });
const reply = (status, body = null, wait = 0) => ({ status, body, etag: "", wait });
const taken = (missing = []) => reply(201, { instance_id: "uuid:1", receipt: "000123-7", received_at: "x", files_missing: missing });

for (const [status, state] of [
  [0, "waiting"], [401, "signin"], [403, "closed"], [404, "closed"], [408, "waiting"], [409, "conflict"],
  [410, "closed"], [413, "large"], [422, "refused"], [429, "waiting"], [500, "waiting"], [503, "waiting"],
  [200, "waiting"], [302, "waiting"],
]) {
  test(`after ${status} a record is ${state}, and still here`, () => {
    const next = after(record(), [], reply(status, { code: "x", message: "Vì sao" }), NOW, 0.5);
    assert.equal(next.record.state, state);
    assert.equal(next.arrived, false);
    assert.equal(isThrough(next.record), false);
    assert.equal(next.record.error.sentence, "Vì sao");
  });
}

test("a 201 that is not ours is no receipt", () => {
  assert.equal(after(record(), [], reply(201, null), NOW).arrived, false);
});

test("waiting grows with each failure and is never more than a quarter of an hour", () => {
  let found = record();
  const waits = [];
  for (let round = 0; round < 8; round += 1) {
    found = after(found, [], reply(0), NOW, 0.5).record;
    waits.push((found.nextAt - NOW) / 1000);
  }
  assert.deepEqual(waits, [5, 15, 45, 120, 300, 600, 600, 600]);
  assert.equal(isDue(found, NOW), false);
  assert.equal(isDue(again(found), NOW), true);
});

test("a server that asks to wait is waited for, an hour at most", () => {
  assert.equal(after(record(), [], reply(503, null, 90), NOW, 0).record.nextAt, NOW + 90_000);
  assert.equal(after(record(), [], reply(429, null, 999_999), NOW, 0).record.nextAt, NOW + 3_600_000);
});

test("with its last file a record is through, not before", () => {
  const two = record({ files: [file("a.jpg", 10), file("b.jpg", 10)] });
  const half = after(two, ["a.jpg"], taken(["b.jpg"]), NOW).record;
  assert.equal(isThrough(half), false);
  assert.equal(half.receipt, "000123-7");
  assert.equal(isThrough(after(half, ["b.jpg"], taken(), NOW).record), true);
});

test("a file the server does not have after all is sent again, three times at most", () => {
  let found = record({ files: [file("a.jpg", 10)] });
  for (let go = 0; go < 3; go += 1) found = after(found, ["a.jpg"], taken(["a.jpg"]), NOW).record;
  assert.equal(found.state, "refused");
  assert.equal(found.error.sentence, "a.jpg");
});

test("what the server kept from the record before is not sent, unless it says it has not", () => {
  const edit = record({ files: [file("old.jpg", 10, { carried: true }), file("new.jpg", 10)] });
  assert.deepEqual(plan(edit, 1_000_000), [["new.jpg"]]);
  const next = after(edit, ["new.jpg"], taken(["old.jpg"]), NOW).record;
  assert.equal(isThrough(next), false);
  assert.deepEqual(plan(next, 1_000_000), [["old.jpg"]]);
});

test("a file of which neither side has anything does not keep a record from being through", () => {
  const next = after(record(), [], taken(["lost.jpg"]), NOW).record;
  assert.deepEqual(next.missing, ["lost.jpg"]);
  assert.equal(isThrough(next), true);
});

test("small files go with the answers, large ones each alone, none twice", () => {
  const several = [file("big.mp4", 900_000), file("s1.jpg", 50_000), file("huge.mp4", 5_000_000), file("s2.jpg", 60_000)];
  assert.deepEqual(plan(record({ files: several }), 10_000_000), [["s1.jpg", "s2.jpg"], ["big.mp4"], ["huge.mp4"]]);
  assert.deepEqual(plan(record({ files: several.map((one) => ({ ...one, sent: true })) }), 10_000_000), [[]]);
  assert.deepEqual(plan(record({ files: [file("a", 30_000), file("b", 30_000)] }), 50_000), [["a"], ["b"]]);
});
