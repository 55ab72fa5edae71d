/** Look-ups of one row by its name. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { readInside, readKeyed } from "../src/engine/keyed.js";

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

const ROW = "instance('v')/root/item[name= /data/village ]/x";

test("a look-up inside an expression is read where a text may stand in its place", () => {
  for (const expression of [
    `if( /data/changed  = 1,  /data/a , ${ROW})`,
    `if( /data/changed  = 1, ${ROW},  /data/a )`,
    `number(coalesce(${ROW}, '0'))`,
    `number(${ROW}) + 1 > 2`,
    `concat(' (', ${ROW}, ') ')`,
    `selected-at(${ROW},  ../e_pos  - 1)`,
    `if( /data/a  = 1, 0, if( /data/b  = ')', ${ROW}, 0))`,
  ]) {
    const [{ start, end, asked }, ...more] = readInside(expression);
    assert.deepEqual([expression.slice(start, end), more], [ROW, []], expression);
    assert.deepEqual(asked, { list: "v", column: "name", key: "/data/village", wanted: "x" });
  }
  assert.equal(readInside(`concat(${ROW}, ' + ', ${ROW})`).length, 2);
});

test("where no row is something else than an empty cell, the look-up stays", () => {
  for (const expression of [
    `if(${ROW}, 1, 2)`,
    `if( /data/a  = 1, ${ROW}, '') = ''`,
    `if(if(/data/a = 1, ${ROW}, ''), 1, 2)`,
    `${ROW} = ''`,
    `count(${ROW})`,
    `boolean(${ROW})`,
    `sum(${ROW}) + 1`,
    `(${ROW})`,
    `number(${ROW} + 1)`,
    `concat('a', ${ROW}/y)`,
  ]) {
    assert.deepEqual(readInside(expression), [], expression);
  }
});
