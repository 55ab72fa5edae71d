/** Numbers, places, files and searching: what needs no page. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { fileName, fitted, lengthAllowed, readableSize } from "../src/widgets/file_text.js";
import { fold, sift } from "../src/widgets/fold.js";
import { readNumber, writeNumber } from "../src/widgets/number_text.js";
import {
  judged, pointsMissing, readCoordinates, readLine, readPoint, shownPoint, threshold, writeLine, writePoint,
} from "../src/widgets/place_text.js";

test("whole numbers: dots and spaces between thousands go, a fraction is refused", () => {
  for (const [text, value] of Object.entries({ "1500": "1500", "1.500": "1500", "1 500 000": "1500000", "1.500.000": "1500000", "-3": "-3", "−3": "-3", "007": "7", "-0": "0", "": "" })) {
    assert.deepEqual(readNumber(text, true), { value }, text);
  }
  for (const [text, fault] of Object.entries({ "1,5": "whole", "1.5": "whole", "1.50.000": "whole", "1,500": "groups", "ba": "letters", "3 con": "letters", "9999999999": "large", "-": "letters" })) {
    assert.equal(readNumber(text, true).fault, fault, text);
  }
  assert.equal(readNumber("1,500", true).plain, "1500");
});

test("decimals: a comma is kept as a dot, what reads two ways is refused", () => {
  for (const [text, value] of Object.entries({ "2,5": "2.5", "2.5": "2.5", "1.234,5": "1234.5", "0.125": "0.125", "0,125": "0.125", "1234,567": "1234.567", "1.234.567": "1234567", "12": "12", "-0,50": "-0.50", "1.5000": "1.5000" })) {
    assert.deepEqual(readNumber(text, false), { value }, text);
  }
  assert.deepEqual(readNumber("1.500", false), { fault: "two_ways", plain: "1500", fraction: "1,500" });
  assert.equal(readNumber("1,234.5", false).fault, "groups");
  assert.equal(readNumber("2,", false).fault, "letters");
});

test("a kept number is written with a comma, in groups where the form asks", () => {
  assert.equal(writeNumber("1234.5"), "1234,5");
  assert.equal(writeNumber("1234567.25", true), "1.234.567,25");
  assert.equal(writeNumber("-1500", true), "-1.500");
  assert.equal(writeNumber("500", true), "500");
  assert.equal(writeNumber(""), "");
});

test("a fix is judged by metres, the form's own threshold first", () => {
  assert.deepEqual([5, 10, 11, 30, 31, 100, 101].map((metres) => judged(metres)), ["good", "good", "fair", "fair", "poor", "poor", "useless"]);
  assert.equal(judged(11, 15), "good");
  assert.equal(judged(8, 5), "fair");
  assert.equal(judged(45, 50), "good");
  assert.deepEqual([undefined, "", "5", "0", "x", "-1"].map(threshold), [10, 10, 5, 0, 10, 10]);
});

test("points go as the form keeps them and come back", () => {
  const kept = writePoint({ latitude: 21.02851234567, longitude: 105.8542, altitude: 12.34, accuracy: 8.46 });
  assert.equal(kept, "21.0285123 105.8542 12.3 8.5");
  assert.equal(writePoint({ latitude: 21, longitude: 105, altitude: null, accuracy: 5 }), "21 105 0 5");
  assert.equal(writePoint({ latitude: 21.5, longitude: 105.5 }), "21.5 105.5");
  assert.deepEqual(readPoint("21.5 105.5"), { latitude: 21.5, longitude: 105.5, altitude: undefined, accuracy: undefined });
  assert.equal(readPoint("đây"), null);
  assert.equal(shownPoint({ latitude: 21.0285, longitude: 105.8542 }), "21,02850; 105,85420");
});

test("lines keep every point, areas close themselves once they can", () => {
  const [a, b, c] = ["1 1", "1 2", "2 2"];
  assert.equal(writeLine([a], true), "1 1");
  assert.equal(writeLine([a, b, c], true), "1 1;1 2;2 2;1 1");
  assert.deepEqual(readLine("1 1;1 2;2 2;1 1", true), [a, b, c]);
  assert.deepEqual(readLine("1 1;1 2;2 2;1 1", false), [a, b, c, a]);
  assert.deepEqual([0, 1, 2, 3].map((count) => pointsMissing(count, true)), [0, 2, 1, 0]);
  assert.deepEqual([0, 1, 2].map((count) => pointsMissing(count, false)), [0, 1, 0]);
});

test("coordinates typed by hand: comma or dot, both at once, never turned round", () => {
  assert.deepEqual(readCoordinates("21,0285", "105,8542"), { value: "21.0285 105.8542", odd: false });
  assert.deepEqual(readCoordinates("21.0285, 105.8542", ""), { value: "21.0285 105.8542", odd: false });
  assert.equal(readCoordinates("48.85", "2.35").odd, true);
  assert.equal(readCoordinates("105,8542", "21,0285").fault, "swapped");
  assert.equal(readCoordinates("91", "10").fault, "off_earth");
  assert.equal(readCoordinates("21", "").fault, "partial");
  assert.equal(readCoordinates("bắc", "đông").fault, "letters");
});

test("searching needs no marks, but typed marks count", () => {
  const choices = ["Bản Mường Lai", "Mường Lai", "Muồng Lái", "Đà Nẵng"].map((label) => ({ label, folded: fold(label) }));
  const found = (typed) => sift(choices, typed).map(({ label }) => label);
  assert.deepEqual(found("muong lai"), ["Mường Lai", "Muồng Lái", "Bản Mường Lai"]);
  assert.deepEqual(found("mường"), ["Mường Lai", "Bản Mường Lai"]);
  assert.deepEqual(found("da nang"), ["Đà Nẵng"]);
  assert.deepEqual(found("lai ban"), ["Bản Mường Lai"]);
  assert.deepEqual(found("x"), []);
  assert.equal(found(" ").length, 4);
  assert.equal(fold("Đường  Ế".normalize("NFD")), "duong e");
});

test("files are named by the time and their kind, sizes are for eyes", () => {
  assert.equal(fileName(1795369530123, { type: "image/jpeg", name: "IMG_1.HEIC" }), "1795369530123.jpg");
  assert.equal(fileName(1, { type: "", name: "danh sach.XLSX" }), "1.xlsx");
  assert.equal(fileName(1, { type: "audio/ogg" }), "1.ogg");
  assert.equal(fileName(1, { type: "" }), "1.bin");
  assert.deepEqual([640, 640_000, 999_600, 1_240_000].map(readableSize), ["640 B", "640 KB", "1,0 MB", "1,2 MB"]);
  assert.deepEqual(fitted(4000, 3000, 1024), { width: 1024, height: 768, smaller: true });
  assert.deepEqual(fitted(800, 600, 1024), { width: 800, height: 600, smaller: false });
});

test("the length a constraint allows", () => {
  assert.equal(lengthAllowed("string-length(.) <= 200 and . != ''"), 200);
  assert.equal(lengthAllowed("string-length( . ) < 200"), 199);
  assert.equal(lengthAllowed("string-length(.) > 2"), null);
  assert.equal(lengthAllowed(undefined), null);
});
