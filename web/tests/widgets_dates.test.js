/** Days and times as people type them. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { readDay, slashed, writeDay } from "../src/widgets/date_text.js";
import { coloned, readTime, writeTime } from "../src/widgets/time_text.js";

const typedOut = (keys, assist) => [...keys].reduce((text, key) => assist(text + key, text), "");

test("a day is read however it is divided, and kept as ISO", () => {
  for (const text of ["05/03/1980", "5/3/1980", "5-3-1980", "5.3.1980", "5 3 1980", "05031980", "1980-03-05", " 05/03/1980 "]) {
    assert.deepEqual(readDay(text), { value: "1980-03-05" }, text);
  }
  assert.deepEqual(readDay("29/02/2024"), { value: "2024-02-29" });
  assert.deepEqual(readDay(""), { value: "" });
});

test("a month and a year are kept as their first day", () => {
  assert.deepEqual(readDay("3/1980", "month"), { value: "1980-03-01" });
  assert.deepEqual(readDay("031980", "month"), { value: "1980-03-01" });
  assert.deepEqual(readDay("05/03/1980", "month"), { value: "1980-03-01" });
  assert.deepEqual(readDay("1980", "year"), { value: "1980-01-01" });
  assert.deepEqual(readDay("05/03/1980", "year"), { value: "1980-01-01" });
});

test("what is not one day of the solar calendar is refused with its reason", () => {
  const refused = {
    "rằm tháng 8": "lunar", "15/8 âm lịch": "lunar", "mùng 3 Tết": "lunar", "Giáp Thìn": "lunar", "15/8/1980 AL": "lunar",
    "hôm qua": "letters", "05/1980": "partial", "1980": "partial", "05/03": "partial", "05/03/980": "partial",
    "05/03/80": "short_year", "25/13/1980": "no_month", "12/25/1980": "no_month", "00/03/1980": "no_day", "30/02/1980": "no_day",
    "29/02/2023": "no_day", "31/04/1980": "no_day", "05/03/0000": "no_day",
  };
  for (const [text, fault] of Object.entries(refused)) {
    assert.equal(readDay(text).fault, fault, text);
  }
  assert.equal(readDay("80", "year").fault, "short_year");
  assert.equal(readDay("198", "year").fault, "partial");
  assert.deepEqual(readDay("30/02/1980"), { fault: "no_day", day: 30, month: 2, year: 1980 });
});

test("a kept day is written as it is read here", () => {
  assert.equal(writeDay("1980-03-05"), "05/03/1980");
  assert.equal(writeDay("1980-03-05T08:30:00.000+07:00"), "05/03/1980");
  assert.equal(writeDay("1980-03-01", "month"), "03/1980");
  assert.equal(writeDay("1980-01-01", "year"), "1980");
  assert.equal(writeDay(""), "");
});

test("slashes come by themselves while typing on, and only then", () => {
  assert.equal(typedOut("05031980", (now, before) => slashed(now, before)), "05/03/1980");
  assert.equal(typedOut("5031980", (now, before) => slashed(now, before)), "05/03/1980");
  assert.equal(typedOut("5.3.1980", (now, before) => slashed(now, before)), "05/03/1980");
  assert.equal(typedOut("3 12 1980", (now, before) => slashed(now, before)), "03/12/1980");
  assert.equal(typedOut("5/3/1980", (now, before) => slashed(now, before)), "05/03/1980");
  assert.equal(slashed("1980-03-05", ""), "1980-03-05");
  assert.equal(typedOut("31980", (now, before) => slashed(now, before, "month")), "03/1980");
  assert.equal(typedOut("1980", (now, before) => slashed(now, before, "year")), "1980");
  assert.equal(slashed("05", "05/"), "05");
  assert.equal(slashed("rằm", "rằ"), "rằm");
});

test("a time is read by 24 hours, with the words people write", () => {
  for (const text of ["8:30", "08:30", "8h30", "8 giờ 30", "8 giờ 30 phút", "830", "0830", "8.30", "8:30 SA"]) {
    assert.deepEqual(readTime(text), { value: "08:30" }, text);
  }
  assert.deepEqual(readTime("2:05 CH"), { value: "14:05" });
  assert.deepEqual(readTime("12:05 SA"), { value: "00:05" });
  assert.deepEqual(readTime("8h"), { value: "08:00" });
  assert.deepEqual(readTime("23:59"), { value: "23:59" });
  assert.deepEqual(readTime(""), { value: "" });
});

test("what is no time is refused with its reason", () => {
  assert.equal(readTime("24:00").fault, "no_time");
  assert.equal(readTime("8:60").fault, "no_time");
  assert.equal(readTime("8").fault, "partial");
  assert.equal(readTime("sáng sớm").fault, "letters");
});

test("a kept time is written without seconds and zone; a colon comes by itself", () => {
  assert.equal(writeTime("08:30:00.000+07:00"), "08:30");
  assert.equal(writeTime("2026-11-22T08:30:00.000+07:00"), "08:30");
  assert.equal(writeTime(""), "");
  assert.equal(typedOut("0830", coloned), "08:30");
  assert.equal(typedOut("830", coloned), "08:30");
  assert.equal(typedOut("1405", coloned), "14:05");
  assert.equal(coloned("08:", "08:3"), "08:");
});
