/** Which expressions the browser may work out by itself. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { isPlain, isSameEverywhere, isSteady, restsOn } from "../src/engine/plain.js";

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

test("what is worked out from answers alone is steady while they stay", () => {
  for (const expression of [
    "if( /data/changed  = 1,  /data/hh_in , instance('villages')/root/item[name= /data/village ]/hh_total)",
    "round(100 *  /data/a  div  /data/b , 1)",
    "concat('today()', /data/a)",
    "/data/a > 3 and (/data/b < 2)",
  ]) {
    assert.ok(isSteady(expression), expression);
  }
});

test("the clock, chance, the language and a row's own place are asked anew", () => {
  for (const expression of [
    "today()",
    "if(/data/a = 1, now(), '')",
    "random ()",
    "once(uuid())",
    "position(..)",
    "jr:choice-name( /data/a , '/data/a')",
    "pulldata('people', 'name', 'key', /data/a)",
  ]) {
    assert.ok(!isSteady(expression), expression);
  }
});

test("an expression rests on what its paths end in and what chooses their rows", () => {
  for (const [expression, names] of [
    ["if( /data/changed  = 1,  /data/g/hh_in , 2)", "changed hh_in"],
    ["instance('villages')/root/item[name= /data/g/village ]/hh_total", "hh_total item name village"],
    ["sum( /data/learner[ ./age > 3]/done ) * 2", "age done learner"],
    ["count( /data/learner )", "learner"],
    ["current()/../a + ../b", "a b"],
    ["concat(/data/orx:meta, 'not /data/this', 1.5, .5)", "meta"],
  ]) {
    assert.deepEqual([...restsOn(expression)].sort().join(" "), names, expression);
  }
});

test("an expression that says no name may rest on anything", () => {
  for (const expression of [
    ". > 3",
    "regex(., 'x')",
    "current()/. = 2",
    "count(../*)",
    "sum(*)",
    "string(..)",
    "count(/data/descendant::a)",
    "/data/node()",
    "/data/a and *",
    "current() > 3",
    "count(/data/r[code = current()]) = 1",
    "string-length() <= 5",
    "normalize-space() != ''",
    "/data/tuổi > 3",
  ]) {
    assert.equal(restsOn(expression), null, expression);
  }
});
