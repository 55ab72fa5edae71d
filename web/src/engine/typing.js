/**
 * Text somebody is still typing. The engine takes an answer when the question is left; a draft that is saved
 * while the phone rings has to have it too.
 */

const TEXTS = /^(?:text|number|tel|url|email|search|textarea|date|time|datetime-local|month)$/;

/** Puts unfinished text into the record without judging it; it is judged when the question is left. */
export class Typing {
  #form;
  #early = new Set();

  /** @param {import("enketo-core").Form} form */
  constructor(form) {
    this.#form = form;
    form.view.html.addEventListener("change", (event) => this.#left(event.target), true);
  }

  /** Takes what stands in the question that has the cursor. */
  take() {
    const control = document.activeElement;
    const { input, model, view } = this.#form;
    if (!view.html.contains(control) || control.classList.contains("ignore") || !TEXTS.test(control.type ?? "")) {
      return;
    }
    if (!control.matches("[name], [data-name]") || !input.getWrapNode(control)) {
      return;
    }
    const node = model.node(input.getName(control), input.getIndex(control));
    if (node.setVal(input.getVal(control), input.getXmlType(control))) {
      this.#early.add(control);
    }
  }

  // The engine judges an answer that changes the record; this one had changed it before.
  #left(control) {
    if (this.#early.delete(control)) {
      void this.#form.validateInput(control).catch(() => undefined);
    }
  }
}
