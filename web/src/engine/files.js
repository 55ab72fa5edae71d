/**
 * The files of the record that is open: what the engine calls its file manager. One record is open at a time.
 *
 * A file lies either in the control of its question (chosen now), in a drawing, or among those the record
 * came with, known by the name the record has for it.
 */

import { dataUriToBlobSync, getFilename } from "enketo-core/src/js/utils.js";

import { say } from "../words/index.js";
import { names } from "./tidy.js";

const ADDRESS = /^[a-z][a-z0-9+.-]*:/i;
const MEGABYTE = 1024 * 1024;

let kept = new Map();
let addresses = new Map();
let most = Infinity;

/**
 * Begins a record.
 * @param {Map<string, Blob>} files - those it came with, by name
 * @param {number} [limit] - bytes one file may have
 */
export function begin(files, limit) {
  release();
  kept = new Map(files);
  most = limit > 0 ? limit : Infinity;
}

/** Ends it: frees the addresses and forgets the files. */
export function release() {
  for (const address of addresses.values()) {
    URL.revokeObjectURL(address);
  }
  kept = new Map();
  addresses = new Map();
}

/**
 * @param {HTMLFormElement} form
 * @param {string} xml - the record as it is saved or sent
 * @returns {Map<string, Blob>} the files its answers name
 */
export function gather(form, xml) {
  const found = new Map(kept);
  for (const control of form.querySelectorAll('input[type="file"]:not(.ignore)')) {
    const file = control.files[0];
    if (file) {
      found.set(getFilename(file, control.dataset.filenamePostfix), file);
    }
  }
  for (const control of form.querySelectorAll('input[data-drawing="true"]')) {
    if (control.value && control.dataset.cache) {
      const name = getFilename({ name: control.value }, control.dataset.filenamePostfix);
      found.set(name, dataUriToBlobSync(control.dataset.cache));
    }
  }
  return new Map([...found].filter(([name]) => names(xml, name)));
}

function readable(bytes) {
  return bytes === Infinity ? "" : `${Math.max(1, Math.floor(bytes / MEGABYTE))} MB`;
}

/** An address to show a file with, until the record is closed. */
function addressOf(key, blob) {
  if (!addresses.has(key)) {
    addresses.set(key, URL.createObjectURL(blob));
  }
  return addresses.get(key);
}

function isTooLarge(file) {
  return file.size > most;
}

async function getFileUrl(subject) {
  if (!subject) {
    return null;
  }
  if (typeof subject !== "string") {
    if (isTooLarge(subject)) {
      throw new Error(say("engine.filepicker.toolargeerror", { maxSize: readable(most) }));
    }
    return addressOf(subject, subject);
  }
  if (ADDRESS.test(subject)) {
    return subject;
  }
  if (!kept.has(subject)) {
    throw new Error(say("engine.filepicker.notFound", { existing: subject }));
  }
  return addressOf(subject, kept.get(subject));
}

export default {
  init: () => Promise.resolve(true),
  isWaitingForPermissions: () => false,
  getFileUrl,
  getObjectUrl: getFileUrl,
  getBlob: (name) => Promise.resolve(kept.get(name) ?? null),
  urlToBlob: (url) => fetch(url).then((answer) => answer.blob()),
  getCurrentFiles: () => [...kept].map(([name, blob]) => new File([blob], name, { type: blob.type })),
  isTooLarge,
  getMaxSizeReadable: () => readable(most),
};
