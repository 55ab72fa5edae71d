/** A form that is open. */

import events from "enketo-core/src/js/event.js";
import { elementDataStore } from "enketo-core/src/js/dom-utils.js";

import * as recordFiles from "./files.js";
import { Pages } from "./pages.js";
import { tidy } from "./tidy.js";
import { Typing } from "./typing.js";
import { withUnasked } from "./unasked.js";
import inUse from "./widgets.js";

const REFUSED = ".question.invalid-required, .question.invalid-constraint, .question.invalid-value, .question.invalid-relevant";

/** What the app does with it; made by `open`. */
export class Filled {
  #form;
  #typing;
  #addresses;
  #container;
  #listeners = new Set();

  constructor(form, { container, definition, addresses, mode }) {
    this.#form = form;
    this.#container = container;
    this.#addresses = addresses;
    this.#typing = new Typing(form);
    /** @type {"new" | "draft" | "edit" | "view"} */
    this.mode = mode;
    /** @type {{label: string, tag: string}[]} */
    this.languages = (definition.languages ?? []).map((one) =>
      Array.isArray(one) ? { label: one[0], tag: one[1] } : one,
    );
    this.pages = new Pages(form);
    const told = () => this.#listeners.forEach((listen) => listen());
    for (const name of [events.DataUpdate().type, events.Removed().type, events.AddRepeat().type, "input"]) {
      form.view.html.addEventListener(name, told);
    }
  }

  /** The tag of the language that is shown. */
  get language() {
    return this.#form.currentLanguage ?? "";
  }

  /** The record's name, as `uuid:…`. */
  get instanceId() {
    return this.#form.instanceID;
  }

  /**
   * @param {() => void} listen - called after every change, also while somebody types
   * @returns {() => void} stops that
   */
  onChange(listen) {
    this.#listeners.add(listen);
    return () => this.#listeners.delete(listen);
  }

  /**
   * The record as it stands, unfinished text and answers to questions that are hidden just now included. It
   * returns at once, so that it can be called while the page goes away.
   * @returns {{xml: string, files: Map<string, Blob>, name: string}}
   */
  draft() {
    this.#typing.take();
    const xml = tidy(withUnasked(this.#form, () => this.#form.getDataStr({ irrelevant: true })));
    return { xml, files: recordFiles.gather(this.#form.view.html, xml), name: this.#form.instanceName ?? "" };
  }

  /**
   * Holds all answers to the form's rules, and shows where one does not.
   * @returns {Promise<{ok: boolean, first: Element | null, count: number}>} the first question to mend, how many
   */
  async check() {
    this.#leave();
    const ok = await this.#form.validate();
    const refused = [...this.#form.view.html.querySelectorAll(REFUSED)];
    return { ok, first: refused[0] ?? null, count: refused.length };
  }

  /**
   * The record to send; call `check` before. Answers to questions that were not asked are left out.
   * @returns {Promise<{xml: string, instanceId: string, deprecatedId: string | null, name: string, files: Map<string, Blob>}>}
   */
  async finish() {
    this.#leave();
    this.#form.view.html.dispatchEvent(events.BeforeSave());
    const xml = tidy(this.#form.getDataStr({ irrelevant: false }));
    return {
      xml,
      instanceId: this.#form.instanceID,
      deprecatedId: this.#form.deprecatedID || null,
      name: this.#form.instanceName ?? "",
      files: recordFiles.gather(this.#form.view.html, xml),
    };
  }

  /** @param {string} tag - of one of the form's languages */
  setLanguage(tag) {
    const { langs, view } = this.#form;
    const list = langs.formLanguages;
    if (!list || !langs.languagesUsed.includes(tag) || tag === this.language) {
      return;
    }
    list.value = tag;
    // It does not bubble: to the form this list is no question.
    list.dispatchEvent(new Event("change"));
    // The engine tells the controls of the first form that was opened, not those of later ones.
    for (const widget of inUse) {
      for (const element of view.html.querySelectorAll(widget.selector === "form" ? ":scope" : widget.selector)) {
        elementDataStore.get(element, widget.name)?.update();
      }
    }
  }

  /** Closes it; nothing of it works afterwards. */
  destroy() {
    this.#listeners.clear();
    this.#form.resetView();
    this.#container.replaceChildren();
    this.#addresses.release();
    recordFiles.release();
  }

  // A question that is left is taken and judged.
  #leave() {
    if (this.#form.view.html.contains(document.activeElement)) {
      document.activeElement.blur();
    }
  }
}
