/** One line that opens into a list with a search box: short lists, and villages by the hundred. */
import { say } from "../words/index.js";
import { Base } from "./base.js";
import { button, idOf, make, own } from "./dom.js";
import { fold, sift } from "./fold.js";

/** From so many choices on there is a box to search them. */
export const MANY = 10;
/** So many are shown at once: a phone lays out no thousand. */
const SHOWN = 60;

/** The appearances minimal and autocomplete: the engine's `select` or `input` with a list. */
export class Picker extends Base {
  static get name() {
    return "Picker";
  }

  static get selector() {
    return ".question select, .question input[list]";
  }

  static get list() {
    return true;
  }

  _init() {
    this.quietLabel();
    this.face = button("", () => this.toggle(), { look: "face" });
    this.face.setAttribute("aria-haspopup", "true");
    this.panel = make("div.panel");
    this.frame("picker", this.face, this.panel);
    this.control = this.face;
    this.panel.addEventListener("keydown", (event) => this.key(event));
    this.update();
  }

  get several() {
    return this.element.multiple && this.element.nodeName === "SELECT";
  }

  /** The values chosen. */
  get chosen() {
    const value = this.originalInputValue;
    return Array.isArray(value) ? value : value ? [value] : [];
  }

  update() {
    const choices = this.choices();
    const known = new Set(choices.map(({ value }) => value));
    // The engine clears a select by itself when its choices go, but not a text with suggestions.
    if (this.element.nodeName === "INPUT" && this.chosen.some((value) => !known.has(value))) {
      this.originalInputValue = "";
    }
    this.write(choices);
    if (this.isOpen) {
      this.fill();
    }
  }

  choices() {
    const options = this.element.nodeName === "SELECT" ? this.element.options : (this.datalist()?.options ?? []);
    return [...options]
      .filter((option) => !option.classList.contains("itemset-template"))
      .map(this.element.nodeName === "SELECT" ? fromOption : fromSuggestion)
      .filter(({ value }) => value !== "" && value !== undefined);
  }

  // In a repeat all rows share one list, which stands behind the rows.
  datalist() {
    return document.getElementById(this.element.getAttribute("list"));
  }

  write(choices = this.choices()) {
    const labels = this.chosen.map((value) => choices.find((one) => one.value === value)?.label ?? value);
    const empty = choices.length ? "widgets.picker.choose" : "widgets.picker.nothing";
    this.face.classList.toggle("empty", !labels.length);
    this.face.lastElementChild.textContent = labels.join(", ") || (this.still ? "—" : say(empty));
    this.face.disabled = this.still || !choices.length;
    const label = this.question.querySelector(".question-label.active");
    this.face.setAttribute("aria-labelledby", [label, this.face].filter(Boolean).map(idOf).join(" "));
    this.face.setAttribute("aria-expanded", String(Boolean(this.isOpen)));
  }

  toggle() {
    if (this.isOpen) {
      this.close();
      return;
    }
    this.isOpen = true;
    this.all = this.choices().map((one) => ({ ...one, folded: fold(one.label) }));
    this.search = this.all.length > MANY ? this.searchBox() : null;
    this.rows = make("div.rows", { role: "group" });
    this.more = make("p.hint", { role: "status" });
    const done = this.several && make("p.buttons", {}, button(say("widgets.done"), () => this.close(), { look: "main" }));
    this.panel.replaceChildren(...[this.search, this.rows, this.more, done].filter(Boolean));
    this.fill();
    this.write();
    (this.search ?? this.rows.querySelector("button"))?.focus();
  }

  searchBox() {
    const hint = say("widgets.picker.search");
    const about = { type: "search", placeholder: hint, "aria-label": hint, enterkeyhint: "search" };
    return own({ ...about, oninput: () => this.fill() });
  }

  fill() {
    const found = sift(this.all, this.search?.value ?? "");
    const { chosen } = this;
    const none = !this.several && chosen.length && !this.search?.value;
    const clear = none ? [this.row({ value: "", label: say("widgets.picker.clear") }, false)] : [];
    const rows = found.slice(0, SHOWN).map((one) => this.row(one, chosen.includes(one.value)));
    this.rows.replaceChildren(...clear, ...rows);
    const rest = found.length - rows.length;
    this.more.textContent = found.length
      ? rest > 0 ? say("widgets.picker.more", { rest }) : ""
      : say("widgets.picker.no_match", { typed: this.search?.value ?? "" });
  }

  row({ value, label }, on) {
    const one = button(label, () => this.choose(value, one), { look: value ? "row" : "row.quiet" });
    if (value) {
      one.setAttribute("aria-pressed", String(on));
    }
    return one;
  }

  choose(value, row) {
    if (!this.several) {
      this.originalInputValue = value;
      this.close();
      return;
    }
    const { chosen } = this;
    const on = !chosen.includes(value);
    this.originalInputValue = (on ? [...chosen, value] : chosen.filter((one) => one !== value)).join(" ");
    row.setAttribute("aria-pressed", String(on));
    this.write();
  }

  key(event) {
    const rows = [...this.rows.querySelectorAll("button")];
    const at = rows.indexOf(document.activeElement);
    if (event.key === "Escape") {
      this.close();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      rows[Math.min(rows.length - 1, Math.max(0, at + (event.key === "ArrowDown" ? 1 : -1)))]?.focus();
    } else if (event.key === "Enter" && document.activeElement === this.search) {
      rows.find((row) => row.hasAttribute("aria-pressed"))?.click();
    } else {
      return;
    }
    event.preventDefault();
  }

  close() {
    this.isOpen = false;
    this.panel.replaceChildren();
    this.write();
    this.face.focus();
  }
}

function fromOption(option) {
  return { value: option.value, label: option.textContent.trim() };
}

/**
 * A suggestion of a list. The engine looks for its value in `data-value` and its label in `value` (for the name of a
 * choice in a sentence), and writes them the other way round when it makes one or the language changes.
 */
function fromSuggestion(option) {
  const text = option.textContent.trim();
  if (text) {
    option.dataset.value = option.getAttribute("value");
    option.setAttribute("value", text);
    option.textContent = "";
  }
  return { value: option.dataset.value, label: option.getAttribute("value") };
}
