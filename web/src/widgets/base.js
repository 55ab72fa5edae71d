/** What all questions of ours share: the engine's control hidden, our own in its place, one sentence when refused. */
import Widget from "enketo-core/src/js/widget";

import { say } from "../words/index.js";
import { idOf, make } from "./dom.js";

const TAPPABLE = "button, a, input, select, textarea, summary, audio, video, canvas";

/**
 * A widget of ours. A subclass names itself (`static get name`), as a packed class has no name of its own, and
 * makes no class fields: the engine's constructor calls `_init` before they would be set.
 */
export class Base extends Widget {
  /**
   * Puts the widget's elements behind the engine's control and hides that. The question is the label of the first
   * control in it: that must stay the engine's, or the first button would be called by the question and not its words.
   *
   * @param {string} kind class of the frame, with others behind dots
   * @param {...Node} inside
   */
  frame(kind, ...inside) {
    this.element.classList.add("hide");
    this.box = make(`div.widget.${kind}`, {}, ...inside);
    this.element.after(this.box);
    this.element.addEventListener("applyfocus", () => this.control?.focus());
  }

  /** A tap on the words of the question goes to its text at most: it must not open the camera. */
  quietLabel() {
    this.question.addEventListener("click", (event) => {
      if (!event.target.closest(TAPPABLE)) {
        event.preventDefault();
        if (this.control?.matches("input")) {
          this.control.focus();
        }
      }
    });
  }

  /**
   * Gives a control the question's name and says whether it must be answered.
   *
   * @param {HTMLElement} control
   * @param {string} [more] what the control is beside the question, as "giờ"
   */
  named(control, more) {
    const label = this.question.querySelector(".question-label.active");
    if (more) {
      control.setAttribute("aria-label", `${label?.textContent.trim() ?? ""} (${more})`);
    } else if (label) {
      control.setAttribute("aria-labelledby", idOf(label));
    }
  }

  /** Whether nobody may change it: a note, a calculation, a record that is only looked at. */
  get still() {
    return this.props.readonly;
  }

  /** The path of the question, as "/data/nguoi/ngay_sinh". */
  get path() {
    return this.element.getAttribute("name") || this.element.dataset.name || "";
  }

  /**
   * Keeps an answer, where it is another than before.
   *
   * @param {string} value as the form keeps it
   */
  keep(value) {
    if (this.originalInputValue !== value) {
      this.originalInputValue = value;
    }
  }

  /**
   * Refuses what stands in the widget, with a sentence beside the question; the record cannot be finished with it.
   *
   * @param {string} key in the catalogue
   * @param {Record<string, unknown>} [values]
   */
  refuse(key, values) {
    this.refuseWith(say(key, values));
  }

  /** @param {string} sentence said as it is */
  refuseWith(sentence) {
    this.refusal ??= this.question.appendChild(make("span.invalid-value-msg.active"));
    this.refusal.textContent = sentence;
    this.question.classList.add("invalid-value");
  }

  /** Takes the refusal back. */
  accept() {
    this.question.classList.remove("invalid-value");
    this.refusal?.replaceChildren();
  }
}
