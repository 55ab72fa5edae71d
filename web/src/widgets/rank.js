/** Putting things in order by buttons up and down: a thumb drags badly on a small screen. */
import { say } from "../words/index.js";
import { Base } from "./base.js";
import { button, make } from "./dom.js";

/** A rank. Nothing is ranked until the person says so: the order of the list is not an answer. */
export class Rank extends Base {
  static get name() {
    return "Rank";
  }

  static get selector() {
    return ".question input.rank";
  }

  static get list() {
    return true;
  }

  _init() {
    this.quietLabel();
    this.source = this.element.parentElement.querySelector(".option-wrapper");
    this.source.classList.add("hide");
    this.body = make("div.body");
    this.frame("ranked", this.body);
    this.update();
  }

  get items() {
    return [...this.source.querySelectorAll(":scope > label:not(.itemset-template)")].map((label) => ({
      value: label.querySelector("input").value,
      label: (label.querySelector(".option-label.active") ?? label).textContent.trim(),
    }));
  }

  update() {
    const { items } = this;
    const kept = this.element.value.split(" ").filter(Boolean);
    // Other choices than the ones ranked: the order says nothing any more.
    if (kept.length && (kept.length !== items.length || kept.some((value) => !items.some((one) => one.value === value)))) {
      if (items.length) {
        this.keep("");
      }
    }
    this.show();
  }

  show() {
    const kept = this.element.value.split(" ").filter(Boolean);
    if (!kept.length) {
      const begin = () => this.order(this.items.map((one) => one.value));
      const start = button(say("widgets.rank.start"), begin, { look: "wide" });
      this.body.replaceChildren(this.still ? make("p.none", { text: "—" }) : start);
    } else {
      const rows = kept.map((value, at) => this.row(value, at, kept));
      const clear = button(say("widgets.rank.clear"), () => this.order([]), { look: "quiet" });
      this.body.replaceChildren(make("ol.order", {}, ...rows), ...(this.still ? [] : [make("p.buttons", {}, clear)]));
    }
    this.control = this.body.querySelector("button");
  }

  row(value, at, kept) {
    const label = this.items.find((one) => one.value === value)?.label ?? value;
    const step = (by, icon, key) => {
      const one = button(null, () => this.move(at, by), { icon, label: say(key, { label }) });
      one.disabled = at + by < 0 || at + by >= kept.length;
      one.dataset.by = by;
      return one;
    };
    const up = this.still ? null : step(-1, "up", "widgets.rank.up");
    const down = this.still ? null : step(1, "down", "widgets.rank.down");
    return make("li", {}, make("span.place-number", { text: `${at + 1}` }), make("span.what", { text: label }), up, down);
  }

  move(at, by) {
    const values = this.element.value.split(" ");
    [values[at], values[at + by]] = [values[at + by], values[at]];
    this.order(values);
    const row = this.body.querySelectorAll("li")[at + by];
    (row.querySelector(`[data-by="${by}"]:not(:disabled)`) ?? row.querySelector("button:not(:disabled)"))?.focus();
  }

  order(values) {
    this.keep(values.join(" "));
    this.show();
  }
}
