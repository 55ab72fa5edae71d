/** Rows of a repeat ("Người trong hộ"): a large button to add, a name on each, finished ones folded, removal asked for. */
import $ from "jquery";

import Widget from "enketo-core/src/js/widget";

import { say } from "../words/index.js";
import { button, make } from "./dom.js";

/** Signs of a group's label that still fit on a button. */
const NOUN = 36;

/** All repeats of a form. */
export class Repeats extends Widget {
  static get name() {
    return "Repeats";
  }

  static get selector() {
    return "form";
  }

  _init() {
    const { element } = this;
    // The engine makes the form's widgets anew with each row.
    if (element.dataset.repeats) {
      return;
    }
    element.dataset.repeats = "on";
    this.update();
    fold(element);
    element.addEventListener("addrepeat", ({ target, detail }) => {
      this.update();
      if (detail.trigger === "user") {
        const done = rowsBeside(target).filter((row) => row !== target && !row.querySelector('[class*="invalid-"]'));
        done.forEach((row) => close(row, true));
      }
    });
    element.addEventListener("removerepeat", () => setTimeout(() => this.update()));
    element.addEventListener("change", ({ target }) => title(target.closest(".or-repeat")));
    element.addEventListener("invalidated", ({ target }) => open(target));
    const { form } = this.constructor;
    element.addEventListener("click", (event) => this.pressed(event, form), true);
  }

  update() {
    this.element.querySelectorAll(".or-repeat").forEach(dress);
    this.element.querySelectorAll(".add-repeat-btn").forEach((add) => {
      const noun = nounOf(add.closest(".or-repeat-info").dataset.name, add);
      const text = noun ? say("widgets.repeat.add", { noun: lower(noun) }) : say("widgets.repeat.add_plain");
      add.classList.add("tint", "big");
      add.replaceChildren(make("span.sign", { "data-icon": "plus", "aria-hidden": "true" }), make("span", { text }));
    });
  }

  pressed(event, form) {
    const remove = event.target.closest?.(".repeat-buttons > .remove");
    if (remove) {
      event.preventDefault();
      event.stopImmediatePropagation();
      ask(remove.closest(".or-repeat"), remove, form);
    }
  }
}

function rowsBeside(row) {
  const name = row.getAttribute("name");
  return [...row.parentElement.children].filter((one) => one.matches(".or-repeat") && one.getAttribute("name") === name);
}

function nounOf(path, inside) {
  const group = inside.closest(`.or-group[name="${CSS.escape(path)}"], .or-group-data[name="${CSS.escape(path)}"]`);
  const noun = group?.querySelector(":scope > h4 .question-label.active")?.textContent.trim() ?? "";
  return noun.length > NOUN ? "" : noun;
}

// "Người trong hộ" is a word in a sentence here; "TB và xã hội" stays.
function lower(noun) {
  const [first, second = ""] = noun;
  return second === second.toLowerCase() ? first.toLowerCase() + noun.slice(1) : noun;
}

function dress(row) {
  if (row.classList.contains("empty")) {
    return;
  }
  if (!row.querySelector(":scope > .row-head")) {
    const head = button("", () => close(row, !row.classList.contains("folded")), { look: "row-head" });
    head.disabled = Boolean(row.closest("form.pages, form.viewing"));
    row.querySelector(":scope > .repeat-number").after(head);
    close(row, false);
  }
  const remove = row.querySelector(":scope > .repeat-buttons > .remove");
  if (remove && !remove.hidden) {
    remove.classList.add("quiet", "bad");
    remove.textContent = say("widgets.repeat.remove");
  }
  title(row);
}

function title(row) {
  const head = row?.querySelector(":scope > .row-head");
  if (head) {
    const number = row.querySelector(":scope > .repeat-number").textContent;
    const name = summary(row) || nounOf(row.getAttribute("name"), row) || say("widgets.repeat.row");
    head.lastElementChild.textContent = `${number}. ${name}`;
  }
}

/** The first answer of the row that says who or what it is. */
function summary(row) {
  const still = row.closest(".viewing") ? "" : ":not([readonly])";
  const texts = `input[type="text"][data-type-xml="string"]:not(.ignore):not(.hide)${still}`;
  const [text] = [...row.querySelectorAll(texts)].map((control) => control.value.trim()).filter(Boolean);
  return text ?? row.querySelector("label[data-checked] .option-label.active, .face:not(.empty)")?.textContent.trim() ?? "";
}

function close(row, folded) {
  const head = row.querySelector(":scope > .row-head");
  row.classList.toggle("folded", folded);
  head?.setAttribute("aria-expanded", String(!folded));
}

function open(inside) {
  let row = inside.closest(".or-repeat");
  while (row) {
    close(row, false);
    row = row.parentElement.closest(".or-repeat");
  }
}

// A draft with a household of nine opens as nine lines and the last one to go on with.
function fold(form) {
  if (form.matches(".pages, .viewing")) {
    return;
  }
  form.querySelectorAll(".or-repeat").forEach((row) => {
    const rows = rowsBeside(row);
    close(row, rows.length > 1 && row !== rows[rows.length - 1]);
  });
}

function ask(row, remove, form) {
  const place = remove.parentElement;
  const who = row.querySelector(":scope > .row-head")?.textContent ?? "";
  const keep = button(say("widgets.repeat.keep"), () => {
    question.remove();
    remove.hidden = false;
    remove.focus();
  });
  const drop = button(say("widgets.repeat.drop"), () => {
    const info = rowsBeside(row)[0].parentElement.querySelector(":scope > .or-repeat-info");
    form.repeats.remove($(row));
    info?.querySelector(".add-repeat-btn")?.focus();
  }, { look: "danger" });
  const text = make("p", { text: say("widgets.repeat.sure", { who }) });
  const about = { role: "alertdialog", "aria-label": say("widgets.repeat.remove") };
  const question = make("div.sure", about, text, make("p.buttons", {}, drop, keep));
  remove.hidden = true;
  place.append(question);
  keep.focus();
}
