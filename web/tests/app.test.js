/** Words, addresses, browsers: what the screens lean on. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { chromeLink, inside } from "../src/app/browsers.js";
import { fileName } from "../src/app/exporting.js";
import { arrival, read, to } from "../src/app/router.js";
import { fate } from "../src/app/sentences.js";
import { day, weight, when } from "../src/app/times.js";
import { STUCK } from "../src/store/replies.js";
import { asCode } from "../src/store/server_drafts.js";
import en from "../src/words/en.js";
import { say } from "../src/words/index.js";
import vi from "../src/words/vi.js";
import { verdict } from "../src/worker/rules.js";

const SOURCES = fileURLToPath(new URL("../src", import.meta.url));
const holes = (sentence) => [...new Set(sentence.match(/\{\w+\}/g) ?? [])].sort();

test("both languages say the same things, with the same places to fill", () => {
  assert.deepEqual(Object.keys(en).sort(), Object.keys(vi).sort());
  for (const [key, sentence] of Object.entries(vi)) assert.deepEqual(holes(en[key]), holes(sentence), key);
});

test("no sentence is said that is not written", () => {
  const files = readdirSync(SOURCES, { recursive: true }).filter((name) => name.endsWith(".js"));
  const said = files.flatMap((name) => [...readFileSync(`${SOURCES}/${name}`, "utf8").matchAll(/\bsay\(\s*"([^"]+)"/g)].map((found) => found[1]));
  assert.ok(said.length > 100);
  assert.deepEqual([...new Set(said)].filter((key) => !(key in vi)), []);
});

test("a record that is stuck is explained in every case", () => {
  for (const state of [...STUCK, "waiting"]) {
    const { title, then } = fate({ state, error: { status: 403, code: null, sentence: "" } });
    assert.ok(title && !title.startsWith("fate."), state);
    assert.ok(then && !then.startsWith("fate."), state);
  }
  assert.match(fate({ state: "refused", error: { status: 201, code: "file", sentence: "a.jpg" } }).why, /a\.jpg/);
});

test("places in sentences are filled, and a missing sentence is noticed", () => {
  assert.equal(say("home.unsent", { n: 3 }), "Chưa gửi: 3");
  assert.equal(say("no.such"), "no.such");
});

test("addresses are read as they were written", () => {
  assert.deepEqual(read(to("done", "uuid:1/2 ă")), { name: "done", args: ["uuid:1/2 ă"] });
  assert.deepEqual(read(""), { name: "home", args: [] });
  assert.deepEqual(read("#/%E0%A4%A"), { name: "%E0%A4%A", args: [] });
  assert.deepEqual(arrival("/w/l/abc"), { kind: "link", value: "abc" });
  assert.deepEqual(arrival("/w/v/LC12/"), { kind: "village", value: "LC12" });
  assert.equal(arrival("/w/"), null);
});

const ZALO = "Mozilla/5.0 (Linux; Android 11; SM-A105F; wv) AppleWebKit/537.36 Chrome/108.0 Mobile Safari/537.36 Zalo android/12100";

test("windows inside other applications are known", () => {
  assert.equal(inside(ZALO), "Zalo");
  assert.equal(inside("Mozilla/5.0 (Linux; Android 10; wv) Chrome/99 [FB_IAB/FB4A;FBAV/390.0]"), "Facebook");
  assert.equal(inside("Mozilla/5.0 (Linux; Android 10; X; wv) Chrome/99 Mobile"), "");
  assert.equal(inside("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36"), null);
  assert.equal(
    chromeLink("https://thu.example.vn/w/l/abc?x=1#/home"),
    "intent://thu.example.vn/w/l/abc?x=1#Intent;scheme=https;package=com.android.chrome;end",
  );
});

test("moments, sizes and codes are written as people here write them", () => {
  const now = new Date(2026, 10, 22, 15, 0);
  assert.equal(when(new Date(2026, 10, 22, 9, 5), now), "09:05");
  assert.equal(when(new Date(2026, 10, 21, 9, 5), now), "21/11/2026 09:05");
  assert.equal(when("nonsense", now), "");
  assert.equal(day("2026-12-01T05:00:00Z"), "01/12/2026");
  assert.equal(weight(172_000), "172 kB");
  assert.equal(weight(1_440_000), "1,4 MB");
  assert.equal(asCode(" k7f3 2m9q"), "K7F3-2M9Q");
  assert.equal(fileName(new Date(2026, 10, 2, 7, 5)), "phieu-chua-gui-20261102-0705.zip");
});

for (const [expected, method, mode, path] of [
  ["leave", "POST", "cors", "/w/key/t/projects/1/submission"],
  ["leave", "PUT", "cors", "/w/me/projects/1/drafts/x"],
  ["leave", "GET", "cors", "/w/me/projects/1/shelf"],
  ["leave", "GET", "navigate", "/w/me/projects/1/forms/a/versions/1/files/a.pdf"],
  ["leave", "GET", "cors", "/w/key/t"],
  ["leave", "GET", "navigate", "/signin"],
  ["leave", "GET", "navigate", "/w/THIRD-PARTY.txt"],
  ["shell", "GET", "navigate", "/w/"],
  ["shell", "GET", "navigate", "/w/l/token"],
  ["shell", "GET", "navigate", "/w/v/LC12"],
  ["shell", "GET", "navigate", "/w/mere"],
  ["kept", "GET", "cors", "/w/assets/index-abc.js"],
  ["kept", "GET", "no-cors", "/w/icons/192.png"],
]) {
  test(`the worker answers ${method} ${path}: ${expected}`, () => {
    assert.equal(verdict({ method, mode, url: `https://a.vn${path}` }, "https://a.vn"), expected);
  });
}
