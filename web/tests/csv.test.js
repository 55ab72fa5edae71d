/** Lists beside a form, read as the phone's app reads them. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { readCsv } from "../src/engine/csv.js";

test("the first row names the columns, byte order mark and spaces left out", () => {
  assert.deepEqual(readCsv("\uFEFFname, label\nh1,Nhà 1\n"), { columns: ["name", "label"], rows: [["h1", "Nhà 1"]] });
});

test("quotes hold commas, quotes and line ends", () => {
  const { rows } = readCsv('name,label\r\na,"Tổ 1, ""Đầu cầu""\r\nbên sông"\r\nb,\r\n');
  assert.deepEqual(rows, [["a", 'Tổ 1, "Đầu cầu"\r\nbên sông'], ["b", ""]]);
});

test("a row is as long as the head: short ones are filled up, long ones cut", () => {
  assert.deepEqual(readCsv("a,b,c\n1\n1,2,3,4").rows, [["1", "", ""], ["1", "2", "3"]]);
});

test("empty lines are none, an empty text is an empty list", () => {
  assert.deepEqual(readCsv("a\n\n1\n\n").rows, [["1"]]);
  assert.deepEqual(readCsv("").rows, []);
});

test("a head with semicolons and no comma is separated by those", () => {
  assert.deepEqual(readCsv("a;b\n1,5;2").rows, [["1,5", "2"]]);
});

test("a quote that is never closed ends with the text", () => {
  assert.deepEqual(readCsv('a,b\n1,"2').rows, [["1", "2"]]);
});
