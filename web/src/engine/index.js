/**
 * Forms, opened and filled: the only part of the app that knows the engine. Another engine would be put behind
 * these functions.
 */

import "./mended.js";
import "./remembered.js";

import { Form } from "enketo-core";

import { say } from "../words/index.js";
import { loadHashes } from "./digest.js";
import { external, expected } from "./external.js";
import * as recordFiles from "./files.js";
import { Filled } from "./filled.js";
import { Addresses, placeMedia } from "./media.js";
import { CannotOpen } from "./problems.js";
import { t } from "./translator.js";
import { freeze, seal } from "./viewing.js";
import { equip } from "./widgets.js";

export { CannotOpen } from "./problems.js";

/**
 * Opens a form for filling in, or a record of it.
 *
 * @param {HTMLElement} container - emptied first
 * @param {object} what
 * @param {{form: string, model: string, languages: ({label: string, tag: string} | [string, string])[], pages: boolean}} what.definition
 * @param {Map<string, Blob>} what.files - of the form, by name: lists, pictures, sounds
 * @param {{xml: string, files: Map<string, Blob>} | null} [what.record] - a draft or a sent record
 * @param {"new" | "draft" | "edit" | "view"} [what.mode] - edit: sent before, gets a new name and says which it replaces
 * @param {string} [what.language] - tag of one of the form's languages
 * @param {{deviceid?: string, username?: string, phonenumber?: string}} [what.session]
 * @param {string} [what.before] - XML of the record filled in before this one, for `${last-saved#…}`
 * @param {number} [what.limit] - bytes one file may have
 * @returns {Promise<Filled>} rejects with CannotOpen
 */
export async function open(container, what) {
  const { definition, files, record = null, mode = record ? "draft" : "new", language, session = {}, limit, before = "" } = what;
  const addresses = new Addresses(files);
  recordFiles.begin(record?.files ?? new Map(), limit);
  try {
    const element = readForm(definition, addresses);
    if (mode === "view") {
      freeze(element);
    }
    const data = await readData(definition, { files, record, mode, session, before });
    await prepare(definition, element);
    const frame = frameOf(element);
    container.replaceChildren(frame);
    const form = new Form(element, data, { language: chosen(element, language) });
    const reasons = form.init();
    if (reasons.length && mode !== "view") {
      throw new CannotOpen(say("engine.broken", { reason: reasons[0] }), { reasons });
    }
    element.addEventListener("submit", (event) => event.preventDefault());
    if (mode === "view") {
      seal(element);
    }
    return new Filled(form, { container, definition, addresses, mode });
  } catch (problem) {
    addresses.release();
    recordFiles.release();
    container.replaceChildren();
    throw problem instanceof CannotOpen
      ? problem
      : new CannotOpen(say("engine.broken", { reason: problem.message }), { reasons: [String(problem)] });
  }
}

/** The form as an element outside the page, with our words in it and addresses that work. */
function readForm(definition, addresses) {
  const parsed = new DOMParser().parseFromString(definition.form, "text/html");
  const element = parsed.querySelector("form");
  if (!element) {
    throw new CannotOpen(say("engine.broken", { reason: "form" }));
  }
  placeMedia(element, addresses);
  for (const worded of element.querySelectorAll("[data-i18n]")) {
    worded.textContent = t(worded.dataset.i18n);
  }
  // The page's policy forbids them; what they would hide is hidden by its sheet.
  for (const styled of element.querySelectorAll("[style]")) {
    styled.removeAttribute("style");
  }
  element.classList.toggle("pages", Boolean(definition.pages));
  // Where languages are chosen is the app's business.
  element.querySelector("#form-languages")?.setAttribute("hidden", "");
  return document.adoptNode(element);
}

async function readData(definition, { files, record, mode, session, before }) {
  const wanted = expected(definition.model);
  const missing = wanted.map(({ file }) => file).filter((file) => file !== null && !files.has(file));
  if (missing.length && mode !== "view") {
    throw new CannotOpen(say("engine.missing.files", { names: missing.join(", ") }), { missing });
  }
  return {
    modelStr: definition.model,
    instanceStr: record?.xml ?? null,
    submitted: mode === "edit",
    external: await external(wanted, files, before),
    session: { ...session },
  };
}

/** What comes only with a form that uses it. */
async function prepare(definition, element) {
  const digests = /\bdigest\(/.test(definition.form) || /\bdigest\(/.test(definition.model);
  await Promise.all([equip(element), digests ? loadHashes() : undefined]);
}

/** The engine looks for these around a form; pages are turned by the app's own buttons. */
function frameOf(element) {
  const main = document.createElement("div");
  main.className = "main";
  const paper = main.appendChild(document.createElement("div"));
  paper.className = "paper";
  const footer = document.createElement("div");
  footer.className = "form-footer";
  footer.hidden = true;
  for (const name of ["previous-page", "next-page"]) {
    const button = footer.appendChild(document.createElement("button"));
    button.type = "button";
    button.className = name;
  }
  paper.append(element, footer);
  return main;
}

/** The wanted language, else the form's own; naming one makes the engine show it everywhere. */
function chosen(element, language) {
  const list = element.querySelector("#form-languages");
  const tags = [...(list?.querySelectorAll("option") ?? [])].map((option) => option.value);
  return tags.includes(language) ? language : list?.dataset.defaultLang || tags[0];
}
