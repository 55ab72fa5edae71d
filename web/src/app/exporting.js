/** Records as a file: saved on the phone, or handed to another application where the browser can. */

import { pack } from "../store/carry.js";
import { say } from "../words/index.js";
import { announce, h } from "./dom.js";
import { day } from "./times.js";

/**
 * Save records and drafts as one file.
 * @param {object} app
 * @param {{records: object[], drafts?: object[], person: object}} what
 */
export async function handOver(app, what) {
  const now = new Date();
  const count = what.records.length + (what.drafts?.length ?? 0);
  const readme = say("export.readme", { n: count, name: what.person.name, day: day(now), place: location.origin });
  const blob = await pack(app.db, what, readme, now);
  save(blob, fileName(now));
  announce(say("export.done"));
}

/** "phieu-chua-gui-20261122-1032.zip": plain letters, in the order of time. */
export function fileName(now) {
  const two = (number) => String(number).padStart(2, "0");
  const date = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  return `phieu-chua-gui-${date}-${two(now.getHours())}${two(now.getMinutes())}.zip`;
}

/**
 * Let the browser save a file.
 * @param {Blob} blob
 * @param {string} name
 */
export function save(blob, name) {
  const url = URL.createObjectURL(blob);
  const link = h("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
