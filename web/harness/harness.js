/** The engine alone, for tests: see README.md. */

import "../src/styles/index.css";

import { getXPath } from "enketo-core/src/js/dom-utils.js";

import { open } from "../src/engine/index.js";
import { isFilled, blurred, setControl } from "./answers.js";

let filled = null;
let html = null;

const container = document.getElementById("form");

/** Files as the tests hand them over: name to text, or to {base64, type}. */
function blobs(files = {}) {
  return new Map(
    Object.entries(files).map(([name, content]) => {
      if (typeof content === "string") {
        return [name, new Blob([content])];
      }
      const bytes = Uint8Array.from(atob(content.base64), (letter) => letter.charCodeAt(0));
      return [name, new Blob([bytes], { type: content.type ?? "" })];
    }),
  );
}

async function told({ files, ...rest }) {
  return { ...rest, files: Object.fromEntries([...files].map(([name, blob]) => [name, blob.size])) };
}

/** The controls of a path, in the order of their entries: the first of each question. */
function questions(path) {
  const found = html.querySelectorAll(`[name="${path}"]:not(.ignore), [data-name="${path}"]:not(.ignore)`);
  const seen = new Set();
  return [...found].filter((control) => {
    const question = control.closest(".question");
    const is = question && !seen.has(question) && control.matches("input, select, textarea");
    seen.add(question);
    return is;
  });
}

function question(path, entry) {
  const control = questions(path)[entry];
  if (!control) {
    throw new Error(`no question ${path} (${entry})`);
  }
  return control;
}

window.harness = {
  /** Opens a form; rejects with the sentence a person would see. */
  async open({ definition, files, record, mode, language, session, before }) {
    filled?.destroy();
    filled = null;
    filled = await open(container, {
      definition,
      files: blobs(files),
      record: record ? { xml: record.xml, files: blobs(record.files) } : null,
      mode: mode ?? (record ? "draft" : "new"),
      language,
      session,
      before,
    });
    html = container.querySelector("form");
    return { instanceId: filled.instanceId, pages: filled.pages.count, languages: filled.languages };
  },

  /** Every question with a control: path, entry, type, whether it is asked, its value. */
  questions() {
    const paths = new Map();
    const all = [...html.querySelectorAll(".question")].map((element) =>
      element.querySelector("input:not(.ignore), select:not(.ignore), textarea:not(.ignore)"),
    );
    return all.filter(Boolean).map((control) => {
      const path = control.dataset.name ?? control.getAttribute("name");
      const entry = paths.get(path) ?? 0;
      paths.set(path, entry + 1);
      return {
        path,
        entry,
        type: control.dataset.typeXml ?? "string",
        control: control.type,
        asked: !control.closest(".disabled") && !control.disabled,
        readonly: control.hasAttribute("readonly"),
        answered: isFilled(control),
      };
    });
  },

  /** Answers a question as a person would; `value` as it stands in a record. Resolves when the engine is done. */
  async set(path, value, entry = 0) {
    await setControl(question(path, entry), value);
  },

  /** Attaches a file. */
  async attach(path, name, content, entry = 0) {
    const [blob] = blobs({ [name]: content }).values();
    const tray = new DataTransfer();
    tray.items.add(new File([blob], name, { type: blob.type }));
    const control = question(path, entry);
    control.files = tray.files;
    await blurred(control);
  },

  /** The choices a question offers just now. */
  choices(path, entry = 0) {
    const control = question(path, entry);
    const place = control.closest(".question");
    const listed = control.tagName === "SELECT" ? control.options : place.querySelectorAll("datalist option");
    const options = [...listed].map((option) => option.dataset.value ?? option.value);
    const ticked = [...place.querySelectorAll('input[type="radio"], input[type="checkbox"]')]
      .filter((input) => !input.closest(".itemset-template"))
      .map((input) => input.value);
    return [...(options.length ? options : ticked)].filter((value) => value !== "");
  },

  /** Presses the button that adds an entry to a repeat; `series` counts the repeats of that path inside others. */
  async addRepeat(path, series = 0) {
    const info = html.querySelectorAll(`.or-repeat-info[data-name="${path}"]`)[series];
    info.querySelector(".add-repeat-btn").click();
    await blurred(document.body);
  },

  /** How many entries a repeat has. */
  repeats: (path) => html.querySelectorAll(`.or-repeat[name="${path}"]`).length,

  /** Whether what is in the form holds, and the paths of what does not. */
  async check() {
    const { ok, count } = await filled.check();
    const refused = [...html.querySelectorAll(".invalid-required, .invalid-constraint")].map((element) => {
      const control = element.querySelector("[name], [data-name]");
      return control?.dataset.name ?? control?.getAttribute("name");
    });
    return { ok, count, refused };
  },

  draft: async () => told(filled.draft()),
  finish: async () => told(await filled.finish()),
  setLanguage: (tag) => filled.setLanguage(tag),
  next: () => filled.pages.next(),
  previous: () => filled.pages.previous(),
  close: () => {
    filled?.destroy();
    filled = null;
  },
  getXPath,
};
document.documentElement.dataset.ready = "yes";
