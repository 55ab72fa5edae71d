/** A text that is read as something else: a day, a time, a number; with the phone's own picker beside it. */
import { Base } from "./base.js";
import { make, own } from "./dom.js";

/**
 * How a text is read and written.
 *
 * @typedef {object} Reading
 * @property {(text: string) => {value: string} | {fault: string}} read
 * @property {(value: string) => string} write
 * @property {(text: string, before: string) => string} [assist] after each key
 * @property {"numeric" | "decimal" | "text"} keys the keyboard
 * @property {string} hint shown while empty
 * @property {{type: string, label: string, from: (value: string) => string, to: (shown: string) => string}} [picker]
 */

/**
 * The text and its picker.
 *
 * @param {Reading} reading
 * @param {{changed: (value: string) => void, refused: (found: object) => void, still: boolean}} told
 * @returns {{node: HTMLElement, control: HTMLInputElement, show: (value: string) => void, text: () => string}}
 */
export function typedField(reading, told) {
  const control = own({
    type: "text",
    inputmode: reading.keys,
    placeholder: told.still ? "—" : reading.hint,
    readonly: told.still,
    enterkeyhint: "next",
  });
  const node = make("span.typed", {}, control);
  let before = "";
  const show = (value) => {
    control.value = before = reading.write(value);
    if (picker) {
      picker.value = reading.picker.from(value);
    }
  };
  const settle = (final) => {
    const found = reading.read(control.value);
    if (found.fault === undefined) {
      told.changed(found.value);
      if (final) {
        show(found.value);
      }
    } else if (final) {
      told.refused(found);
    }
  };
  const picker = reading.picker && !told.still ? nativePicker(reading.picker, show, told) : null;
  if (picker) {
    node.append(picker.frame);
  }
  control.addEventListener("input", () => {
    assist(control, reading, before);
    before = control.value;
    settle(false);
  });
  control.addEventListener("change", () => settle(true));
  return { node, control, show, text: () => control.value };
}

function assist(control, { assist: helped }, before) {
  const end = control.selectionEnd === control.value.length;
  if (helped && end) {
    control.value = helped(control.value, before);
  }
}

/** The phone's calendar or clock: a field that lies unseen over its sign, since old browsers open it by a tap only. */
function nativePicker({ type, label, to }, show, told) {
  const field = own({ type, "aria-label": label });
  const sign = make("span.sign", { "data-icon": type === "time" ? "clock" : "calendar", "aria-hidden": "true" });
  const frame = make("span.native", {}, sign, field);
  field.addEventListener("click", () => {
    try {
      field.showPicker?.();
    } catch {
      // Without it the tap itself opens the picker, or the field takes typing.
    }
  });
  field.addEventListener("change", () => {
    const value = to(field.value);
    show(value);
    told.changed(value);
  });
  return {
    frame,
    set value(value) {
      field.value = value;
    },
  };
}

/** A question answered by one such text. A subclass gives `reading()` and `words`, the start of its sentences' keys. */
export class Typed extends Base {
  _init() {
    this.quietLabel();
    this.field = typedField(this.reading(), {
      still: this.still,
      changed: (value) => {
        this.accept();
        this.keep(this.toKeep(value));
      },
      refused: (found) => {
        this.keep("");
        this.refuse(`widgets.${this.words}.${found.fault}`, found);
      },
    });
    this.control = this.field.control;
    this.frame(this.words, this.field.node);
    this.update();
  }

  /**
   * A value as the engine keeps it.
   *
   * @param {string} value
   * @returns {string}
   */
  toKeep(value) {
    return value;
  }

  update() {
    this.named(this.control);
    const kept = this.element.value;
    const here = this.reading().read(this.field.text());
    // What somebody is typing is not rewritten under his fingers by the same answer coming back.
    if (document.activeElement !== this.control || here.value !== kept) {
      this.field.show(kept);
      this.accept();
    }
  }
}
