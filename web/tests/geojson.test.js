/** Places beside a form. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { readGeoJson } from "../src/engine/geojson.js";

const feature = (geometry, properties, id) => ({ type: "Feature", id, geometry, properties });
const read = (...features) => readGeoJson(JSON.stringify({ type: "FeatureCollection", features }));

test("a point is latitude first, as answers are", () => {
  const { columns, rows } = read(feature({ type: "Point", coordinates: [105.8, 21.02] }, { name: "Chợ" }, "m1"));
  assert.deepEqual(columns, ["geometry", "id", "name"]);
  assert.deepEqual(rows, [["21.02 105.8 0 0", "m1", "Chợ"]]);
});

test("an id among the properties is the id; what one place lacks is blank", () => {
  const line = { type: "LineString", coordinates: [[105, 21], [106, 22]] };
  const { columns, rows } = read(feature(line, { id: "a" }, "b"), feature(null, { more: 1 }));
  assert.deepEqual(columns, ["geometry", "id", "more"]);
  assert.deepEqual(rows, [["21 105 0 0; 22 106 0 0", "a", ""], ["", "", "1"]]);
});
