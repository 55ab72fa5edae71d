/** One question, or one group, at a time. */

import events from "enketo-core/src/js/event.js";

/** The pages of an open form; a form without has one. */
export class Pages {
  #pages;
  #html;

  /** @param {import("enketo-core").Form} form */
  constructor(form) {
    this.#pages = form.pages;
    this.#html = form.view.html;
  }

  /** Whether the form is shown in pages. */
  get isOn() {
    return Boolean(this.#pages.active);
  }

  /** The page that is shown, from 0. */
  get index() {
    return this.isOn ? Math.max(0, this.#pages._getCurrentIndex()) : 0;
  }

  /** How many there are just now. */
  get count() {
    return this.isOn ? this.#pages.activePages.length : 1;
  }

  /**
   * @returns {Promise<boolean>} whether there was a next page and this one's answers are valid
   */
  async next() {
    if (!this.isOn || this.index + 1 >= this.count) {
      return false;
    }
    const before = this.#pages.current;
    await this.#pages._next();
    return this.#pages.current !== before;
  }

  /** @returns {boolean} whether there was one before */
  previous() {
    if (!this.isOn || this.index === 0) {
      return false;
    }
    this.#pages._prev();
    return true;
  }

  /** @param {() => void} listen - called when another page is shown */
  onTurn(listen) {
    this.#html.addEventListener(events.PageFlip().type, listen);
  }
}
