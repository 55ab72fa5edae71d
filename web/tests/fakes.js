/** A server and a phone for tests: what is asked is written down, what is answered is said beforehand. */

import { memory } from "../src/store/memory.js";

/**
 * Put a server in the place of the network.
 * @param {(asked: {method: string, path: string, body: FormData|undefined, headers: object}) => any} answer
 *   a status, or {status, body, etag}; undefined is silence
 * @returns {object[]} what was asked, growing
 */
export function serve(answer) {
  const asked = [];
  globalThis.fetch = async (url, { method = "GET", body, headers = {} } = {}) => {
    const one = { method, path: String(url), body, headers };
    asked.push(one);
    const said = await answer(one);
    if (said === undefined) throw new TypeError("Failed to fetch");
    const { status, body: json, etag, blob } = typeof said === "number" ? { status: said } : said;
    if (status === 304) return new Response(null, { status, headers: { ETag: etag ?? "" } });
    return blob
      ? new Response(blob, { status })
      : new Response(JSON.stringify(json ?? {}), {
          status,
          headers: { "Content-Type": "application/json", ...(etag ? { ETag: etag } : {}) },
        });
  };
  return asked;
}

/** A person who came by a village's code. */
export const VILLAGE = Object.freeze({
  id: "7", kind: "village", name: "Giàng A Páo", token: "tok", code: "LC12", projects: [{ id: 1, name: "Đợt 1" }],
  places: [], form: null, once: false, trouble: "", seenAt: 1,
});

/** A form as a shelf names it. */
export function entry(version = "1", files = []) {
  return {
    id: "ho", version, hash: `h${version}`, title: "Phiếu hộ", state: "open", size: 10, hard: false, once: false,
    definition: `/w/key/tok/projects/1/forms/ho/versions/${version}/definition`, files,
  };
}

/** An empty phone on which somebody is known. */
export async function phone(person = VILLAGE) {
  const db = memory();
  await db.write(["put", "people", { ...person }], ["put", "marks", { name: "current", value: person.id }]);
  return db;
}

/** A draft of that person, not yet saved. */
export function draft(about = {}) {
  return {
    id: "d1", person: "7", project: 1, entry: entry(), mode: "new", name: "", xml: "<data/>", language: "",
    files: [], carried: [], startedAt: 1, savedAt: 2, code: null, ...about,
  };
}

/** What an engine gives when a form is finished. */
export function finished(files = {}, about = {}) {
  return {
    xml: '<data id="ho"><ten>Sùng Thị Mỷ</ten></data>', instanceId: "uuid:1", deprecatedId: null, name: "Hộ 12",
    files: new Map(Object.entries(files)), ...about,
  };
}
