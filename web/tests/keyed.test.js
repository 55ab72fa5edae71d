/** Look-ups of one row by its name. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { readKeyed } from "../src/engine/keyed.js";

test("one row by its name is read, whatever the key", () => {
  const asked = { list: "communes", column: "name", wanted: "label" };
  const keys = ["/data/g_id/commune", "current()/../l_ref", "'00715'", '"a b"', "current()/../../../l_id"];
  for (const key of keys) {
    assert.deepEqual(readKeyed(`instance('communes')/root/item[name= ${key} ]/label`), { ...asked, key });
  }
});

test("anything more is left to the evaluator", () => {
  for (const expression of [
    "instance('l')/root/item[name= /data/a  and x = 'y']/label",
    "instance('l')/root/item[name= ../a ]/label",
    "instance('l')/root/item[name= a ]/label",
    "instance('l')/root/item[name= /data/r[2]/a ]/label",
    "instance('l')/root/item[name= /data/a ]",
    "instance('l')/root/item[name= /data/a ]/label = 'x'",
    "instance('l')/root/item[name != /data/a ]/label",
    "instance('l')/root/other[name= /data/a ]/label",
    "instance('l')/root/item[name= /data/* ]/label",
  ]) {
    assert.equal(readKeyed(expression), null, expression);
  }
});
