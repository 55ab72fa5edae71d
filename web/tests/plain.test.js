/** Which expressions the browser may work out by itself. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { isPlain, isSameEverywhere } from "../src/engine/plain.js";

test("look-ups and comparisons for being the same are plain", () => {
  for (const expression of [
    "/data/g_id/commune ",
    " /data/owns  = 'yes'",
    "instance('communes')/root/item[name= /data/g_id/commune ]/legacy_districts",
    "instance('learners')/root/item[class_id= /data/c  and state != '3' and state != '4']",
    "instance('learners')/root/item[class_id= /data/c ][position()= current()/../l_pos ]/name",
    "count(instance('learners')/root/item[not(class_id = '')])",
    "/data/a = 1 or (/data/b = \"(x) < 2\")",
    "true()",
  ]) {
    assert.ok(isPlain(expression), expression);
  }
});

test("what may be a day or a number, and what only the engine knows, is not", () => {
  for (const expression of [
    "/data/a < 3",
    "/data/a &lt; 3",
    " /data/rooms  * 2",
    "/data/a - 1",
    "/data/a -1",
    "-1",
    "/data/a + /data/b",
    "/data/a div 2",
    "/data/day = today()",
    "concat(/data/a, 'x')",
    "jr:choice-name(/data/a, '/data/a')",
    "position(..)",
    "sum(/data/learner/x)",
    "selected(/data/a, 'b')",
    "/data/a and selected(/data/a, 'b')",
    "count (/data/a) and if(/data/b, 1, 2)",
  ]) {
    assert.ok(!isPlain(expression), expression);
  }
});

test("a list cut by answers outside of repeats is the same in every row", () => {
  const repeats = ["/data/learner"];
  for (const expression of [
    "instance('learners')/root/item[commune_code= /data/g_id/commune  and class_id !=  /data/class_id_eff ]",
    "instance('yesno')/root/item",
    " /data/owns  = 'yes' and /data/x = 1",
    "count(instance('a')/root/item[x = 'y'])",
  ]) {
    assert.ok(isSameEverywhere(expression, repeats), expression);
  }
});

test("what begins where it is asked, or leads into a repeat, is not", () => {
  const repeats = ["/data/learner"];
  for (const expression of [
    "../l_known",
    ". = 'a'",
    "instance('l')/root/item[name= current()/../l_ref ]/state",
    "instance('l')/root/item[name= /data/learner/l_ref ]/state",
    "name = 'x'",
    "count(name)",
    "/data/a = b",
    "/data/a = 'x' or b = 'y'",
    "/data/a = 'x' and not(b)",
  ]) {
    assert.ok(!isSameEverywhere(expression, repeats), expression);
  }
});
