/** The bytes of a record, as ODK Collect writes them. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { names, tidy } from "../src/engine/tidy.js";

const NAMES = 'xmlns:jr="http://openrosa.org/javarosa" xmlns:orx="http://openrosa.org/xforms"';

test("namespaces nothing is in, and marks of files, are taken out", () => {
  assert.equal(
    tidy(`<data ${NAMES} id="f" version="1"><photo type="file">1.jpg</photo><a>xmlns:jr="x"</a></data>`),
    "<?xml version='1.0' ?><data id=\"f\" version=\"1\"><photo>1.jpg</photo><a>xmlns:jr=\"x\"</a></data>",
  );
});

test("a namespace that an element or an attribute is in stays", () => {
  const xml = `<data ${NAMES}><orx:meta><orx:instanceID>uuid:1</orx:instanceID></orx:meta></data>`;
  assert.match(tidy(xml), /^<\?xml version='1.0' \?><data xmlns:orx="http:\/\/openrosa.org\/xforms"><orx:meta>/);
  assert.doesNotMatch(tidy(xml), /xmlns:jr/);
});

test("a prefix inside an attribute's value is no use of it", () => {
  assert.equal(tidy('<d xmlns:e="u" a="e:x"/>'), "<?xml version='1.0' ?><d a=\"e:x\"/>");
});

test("a type other than that of files stays", () => {
  assert.match(tidy('<d><x type="other">1</x></d>'), /<x type="other">/);
});

test("a file counts as named only where it is a whole answer", () => {
  assert.ok(names("<d><p>a &amp; b.jpg</p></d>", "a & b.jpg"));
  assert.ok(!names("<d><p>xa.jpg</p></d>", "a.jpg"));
});
