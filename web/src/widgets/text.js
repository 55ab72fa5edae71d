/** Long texts: a box that grows with them, and how much room is left where the form has a limit. */
import Widget from "enketo-core/src/js/widget";

import { say } from "../words/index.js";
import { make } from "./dom.js";
import { lengthAllowed } from "./file_text.js";

/** A text of several lines, or one with a limit. */
export class Prose extends Widget {
  static get name() {
    return "Prose";
  }

  static get selector() {
    return '.question textarea, .question input[type="text"][data-constraint*="string-length"]';
  }

  static condition(element) {
    return element.nodeName === "TEXTAREA" || lengthAllowed(element.dataset.constraint) !== null;
  }

  _init() {
    this.most = lengthAllowed(this.element.dataset.constraint);
    if (this.most !== null && !this.props.readonly) {
      this.counter = make("span.counter.number");
      this.element.after(this.counter);
    }
    this.element.addEventListener("input", () => this.update());
    // A page that was not shown had no height to measure.
    this.element.addEventListener("focus", () => this.update());
    this.element.closest("form")?.addEventListener("pageflip", () => this.update());
    this.update();
  }

  update() {
    const { element, counter } = this;
    if (counter) {
      const count = [...element.value].length;
      counter.textContent = count ? say("widgets.text.count", { count, most: this.most }) : "";
      counter.classList.toggle("over", count > this.most);
    }
    if (element.nodeName === "TEXTAREA" && element.scrollHeight > element.clientHeight) {
      element.style.height = `${element.scrollHeight + 4}px`;
    }
  }
}
