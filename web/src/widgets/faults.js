/** A refused answer, for who hears the page: its sentence belongs to the control; and there always is a sentence. */
import Widget from "enketo-core/src/js/widget";

import { say } from "../words/index.js";
import { idOf, make } from "./dom.js";

const SENTENCES = {
  "invalid-value": ".invalid-value-msg.active",
  "invalid-required": ".or-required-msg.active",
  "invalid-constraint": ".or-constraint-msg.active",
};
const CONTROLS = "input:not(.hide):not([type=file]), textarea, button.face, .widget button";

/** Watches all questions of a form. */
export class Faults extends Widget {
  static get name() {
    return "Faults";
  }

  static get selector() {
    return "form";
  }

  _init() {
    if (this.element.dataset.faults) {
      return;
    }
    this.element.dataset.faults = "on";
    if (this.element.matches(".viewing")) {
      // Nothing can be refused; a control without an answer would be an empty line.
      const controls = this.element.querySelectorAll(".question > input:not(.hide), .question > textarea");
      [...controls].filter(({ value }) => !value).forEach((control) => control.classList.add("hide"));
      return;
    }
    const seen = new MutationObserver((changes) => {
      const changed = new Set(changes.map(({ target }) => target));
      [...changed].filter((target) => target.classList.contains("question")).forEach(tell);
    });
    seen.observe(this.element, { subtree: true, attributes: true, attributeFilter: ["class"] });
  }
}

function tell(question) {
  const kind = Object.keys(SENTENCES).find((name) => question.classList.contains(name));
  const holder = question.querySelector("fieldset") ?? question.querySelector(CONTROLS);
  if (!kind) {
    holder?.removeAttribute("aria-invalid");
    holder?.removeAttribute("aria-describedby");
    return;
  }
  let sentence = question.querySelector(SENTENCES[kind]);
  if (!sentence?.textContent.trim()) {
    // A form may name a rule and no sentence for it.
    sentence ??= question.appendChild(make("span.or-constraint-msg.active"));
    sentence.textContent = say("engine.constraint.invalid");
  }
  holder?.setAttribute("aria-describedby", idOf(sentence));
  if (holder?.matches("input, textarea")) {
    holder.setAttribute("aria-invalid", "true");
  }
}
