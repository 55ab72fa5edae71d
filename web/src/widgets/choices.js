/** Radio buttons and ticks: the engine's own, made easy to hit; a search box above long lists; unpicking. */
import Widget from "enketo-core/src/js/widget";

import { say } from "../words/index.js";
import { make, own } from "./dom.js";
import { fold, sift } from "./fold.js";
import { MANY } from "./picker.js";

const BOXES = 'input[type="radio"], input[type="checkbox"]';

/** Marks what is picked, lets a radio button be unpicked, keeps a record that is only looked at as it is. */
export class Choices extends Widget {
  static get name() {
    return "Choices";
  }

  static get selector() {
    return "form";
  }

  _init() {
    // The engine makes the form's widgets anew with each row of a repeat.
    if (!this.element.dataset.choices) {
      this.element.dataset.choices = "on";
      this.element.addEventListener("click", (event) => press(event), true);
      this.element.addEventListener("change", ({ target }) => mark(target));
      this.element.addEventListener("inputupdate", ({ target }) => mark(target));
    }
    this.element.querySelectorAll(`input[type="radio"]:checked, input[type="checkbox"]:checked`).forEach(mark);
  }
}

function press(event) {
  const { target } = event;
  if (!target.matches?.(BOXES)) {
    return;
  }
  if (target.hasAttribute("readonly")) {
    event.preventDefault();
    event.stopImmediatePropagation();
  } else if (target.type === "radio" && target.parentElement.dataset.checked) {
    target.checked = false;
    target.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

function mark(control) {
  const wrapper = control.matches(BOXES) && control.closest(".option-wrapper");
  if (wrapper) {
    wrapper.querySelectorAll(BOXES).forEach((box) => {
      if (box.checked) {
        box.parentElement.dataset.checked = "true";
      } else {
        delete box.parentElement.dataset.checked;
      }
    });
  }
}

/** A search box above a long list of radio buttons or ticks. */
export class Sieve extends Widget {
  static get name() {
    return "Sieve";
  }

  static get selector() {
    return ".question.simple-select .option-wrapper";
  }

  _init() {
    const hint = say("widgets.picker.search");
    this.search = own({ type: "search", placeholder: hint, "aria-label": hint, oninput: () => this.sift() });
    this.none = make("p.hint", { role: "status" });
    this.box = make("div.sieve.widget", {}, this.search, this.none);
    this.element.before(this.box);
    // The engine makes the choices anew when another answer decides which there are, and says it nowhere.
    new MutationObserver(() => this.renew()).observe(this.element, { childList: true });
    this.renew();
  }

  labels() {
    return [...this.element.querySelectorAll(":scope > label:not(.itemset-template)")];
  }

  renew() {
    this.box.hidden = this.labels().length <= MANY || this.element.querySelector("input[readonly]") !== null;
    this.sift();
  }

  sift() {
    const typed = this.box.hidden ? "" : this.search.value;
    const labels = this.labels();
    const found = new Set(typed ? matching(labels, typed) : labels);
    // What is ticked stays in sight, or it would be sent unseen.
    labels.forEach((label) => (label.hidden = !found.has(label) && !label.querySelector(":checked")));
    this.none.textContent = found.size || !labels.length ? "" : say("widgets.picker.no_match", { typed });
  }
}

function matching(labels, typed) {
  const all = labels.map((node) => ({ node, label: node.textContent, folded: fold(node.textContent) }));
  return sift(all, typed).map(({ node }) => node);
}

/** The appearance quick: in a form of pages the next comes by itself after one tap. */
export class Quick extends Widget {
  static get name() {
    return "Quick";
  }

  static get selector() {
    return ".question.or-appearance-quick";
  }

  _init() {
    this.question.addEventListener("change", ({ target, isTrusted }) => {
      const form = this.question.closest("form.or.pages");
      if (form && isTrusted && target.checked && target.type === "radio") {
        setTimeout(() => form.parentElement.querySelector(".form-footer .next-page")?.click(), 250);
      }
    });
  }
}
