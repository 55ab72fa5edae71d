/** Numbers with the number pad, a comma before the fraction. */
import { say } from "../words/index.js";
import { readNumber, writeNumber } from "./number_text.js";
import { Base } from "./base.js";
import { Typed } from "./typed.js";

/** An integer or a decimal number; ranges and ratings are others. */
export class Figure extends Typed {
  static get name() {
    return "Figure";
  }

  static get selector() {
    return '.question input[type="number"]:not([min][max][step])';
  }

  get words() {
    return "number";
  }

  get whole() {
    return this.element.dataset.typeXml === "int";
  }

  reading() {
    const grouped = this.props.appearances.includes("thousands-sep");
    return {
      read: (text) => readNumber(text, this.whole),
      write: (value) => writeNumber(value, grouped),
      keys: this.whole ? "numeric" : "decimal",
      hint: this.whole ? "" : say("widgets.number.hint_fraction"),
    };
  }
}

/** A text of digits (a card's number, a phone's): the number pad, and the zeros in front stay. */
export class Digits extends Base {
  static get name() {
    return "Digits";
  }

  static get selector() {
    return '.or-appearance-numbers input[type="tel"], .or-appearance-numbers input[type="text"]';
  }

  _init() {
    this.element.setAttribute("inputmode", "numeric");
  }
}
