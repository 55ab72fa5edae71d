/** The lists a form looks things up in, as the engine wants them: XML beside the record. */

import { readCsv } from "./csv.js";
import { readGeoJson } from "./geojson.js";

const ELEMENT = /^[\p{L}_][\p{L}\p{N}._-]*$/u;
const LAST_SAVED = "jr://instance/last-saved";

/**
 * What the form's model expects from files.
 * @param {string} model - XML
 * @returns {{id: string, file: string | null}[]} file null: the record filled in before this one
 */
export function expected(model) {
  const parsed = new DOMParser().parseFromString(model, "text/xml");
  return [...parsed.querySelectorAll("model > instance[src]")].map((instance) => {
    const src = instance.getAttribute("src");
    const file = decodeURIComponent(src.slice(src.lastIndexOf("/") + 1));
    return { id: instance.getAttribute("id"), file: src === LAST_SAVED ? null : file };
  });
}

/**
 * @param {{id: string, file: string | null}[]} wanted - of `expected`
 * @param {Map<string, Blob>} files - by name; one that is missing is taken as an empty list
 * @param {string} before - XML of the record filled in before, "" for none
 * @returns {Promise<{id: string, xml: XMLDocument}[]>}
 */
export async function external(wanted, files, before) {
  return Promise.all(
    wanted.map(async ({ id, file }) => {
      if (file === null) return { id, xml: before ? withoutNames(before) : emptyList() };
      const blob = files.get(file);
      return { id, xml: blob ? await readList(file, await blob.text()) : emptyList() };
    }),
  );
}

function emptyList() {
  return document.implementation.createDocument(null, "root");
}

function readList(name, text) {
  const kind = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  if (kind === "xml") {
    return withoutNames(text);
  }
  const { columns, rows } = kind === "geojson" ? readGeoJson(text) : readCsv(text);
  const list = emptyList();
  const usable = columns.map((name, place) => [name, place]).filter(([name]) => ELEMENT.test(name));
  for (const row of rows) {
    const item = list.createElement("item");
    for (const [name, place] of usable) {
      item.appendChild(list.createElement(name)).textContent = row[place];
    }
    list.documentElement.appendChild(item);
  }
  return list;
}

/** Expressions name elements without a namespace; what a file declares for all of it would hide them. */
function withoutNames(text) {
  return new DOMParser().parseFromString(text.replace(/\sxmlns=("[^"]*"|'[^']*')/g, ""), "text/xml");
}
