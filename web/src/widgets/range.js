/** A number out of a few: a slider with the figure in large digits, or a row of buttons to rate. */
import { say } from "../words/index.js";
import { Base } from "./base.js";
import { button, make, own } from "./dom.js";
import { writeNumber } from "./number_text.js";

const SPAN = 'input[type="number"][min][max][step]';

/** The numbers of a range, from its start on. */
function steps({ min, max, step }) {
  const count = Math.round((max - min) / step);
  const digits = (String(step).split(".")[1] ?? "").length;
  return Array.from({ length: count + 1 }, (_, at) => String(Number((min + at * step).toFixed(digits))));
}

class Ranged extends Base {
  _init() {
    this.quietLabel();
    const read = (name) => Number(this.element.getAttribute(name));
    this.values = steps({ min: read("min"), max: read("max"), step: Math.abs(read("step")) || 1 });
    this.build();
    this.update();
  }

  set(value) {
    this.keep(value);
    this.update();
  }
}

/** A slider: unanswered until it is touched. */
export class Slider extends Ranged {
  static get name() {
    return "Slider";
  }

  static get selector() {
    return `.question:not(.or-appearance-rating) ${SPAN}`;
  }

  build() {
    const last = this.values.length - 1;
    this.digits = make("output.digits");
    this.control = own({ type: "range", min: 0, max: last, step: 1, disabled: this.still });
    this.control.addEventListener("input", () => this.tell(this.values[this.control.value]));
    this.control.addEventListener("change", () => this.set(this.values[this.control.value]));
    // The place where the thumb lies at first is an answer too, once it is tapped.
    this.control.addEventListener("click", () => this.set(this.values[this.control.value]));
    const less = this.step(-1, "−", "widgets.range.less");
    const more = this.step(1, "+", "widgets.range.more");
    const [from, to] = [this.values[0], this.values[last]].map((value) => make("span", { text: shown(value) }));
    this.clear = button(say("widgets.remove"), () => this.set(""), { look: "quiet" });
    this.frame("range", this.digits, make("div.track", {}, less, this.control, more), make("p.ends", {}, from, to), this.clear);
  }

  step(by, text, key) {
    const one = button(text, () => {
      const at = this.values.indexOf(this.element.value);
      const next = at < 0 ? Number(this.control.value) : Math.min(this.values.length - 1, Math.max(0, at + by));
      this.set(this.values[next]);
    }, { label: say(key) });
    one.hidden = this.still;
    return one;
  }

  update() {
    this.named(this.control);
    const value = this.element.value;
    const at = this.values.indexOf(String(Number(value)));
    this.control.value = value === "" ? Math.floor((this.values.length - 1) / 2) : Math.max(0, at);
    this.box.classList.toggle("unanswered", value === "");
    this.clear.hidden = value === "" || this.still;
    this.tell(value);
  }

  tell(value) {
    this.digits.textContent = value === "" ? say("widgets.none") : shown(value);
    this.control.setAttribute("aria-valuetext", this.digits.textContent);
  }
}

/** A row of buttons: the more are filled, the better. A second tap takes it back. */
export class Rating extends Ranged {
  static get name() {
    return "Rating";
  }

  static get selector() {
    return `.question.or-appearance-rating ${SPAN}`;
  }

  build() {
    this.stars = this.values.map((value) => {
      const press = () => this.set(this.element.value === value ? "" : value);
      const star = button(null, press, { look: "star", label: shown(value) });
      star.disabled = this.still;
      return star;
    });
    this.told = make("output.digits");
    this.frame("rating", make("div.stars", { role: "group" }, ...this.stars), this.told);
    [this.control] = this.stars;
  }

  update() {
    this.named(this.box.firstElementChild);
    const at = this.values.indexOf(this.element.value);
    this.stars.forEach((star, place) => {
      star.classList.toggle("lit", place <= at);
      star.setAttribute("aria-pressed", String(place === at));
    });
    this.told.textContent = at < 0 ? "" : `${shown(this.values[at])} / ${shown(this.values[this.values.length - 1])}`;
  }
}

const shown = (value) => writeNumber(value);
