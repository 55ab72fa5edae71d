/**
 * Rows of a repeat beyond the number somebody has given. A slip of the finger (5 for 50, or none while it is
 * typed anew) must not cost the rows that are filled.
 */

import dialog from "enketo/dialog";
import $ from "jquery";

import { say } from "../words/index.js";
import { isShown } from "./relevance.js";

const asked = new WeakMap();

/**
 * @param {object} repeats - the engine's module
 * @param {HTMLElement} info - what stands behind the rows
 * @param {number} wanted - rows
 * @param {number} more - rows that are there beyond those
 * @returns {number} how many of the last ones go at once: nobody has answered anything in them
 */
export function surplus(repeats, info, wanted, more) {
  const { form } = repeats;
  const path = info.dataset.name;
  const [first] = form.model.getRepeatSeries(path, repeats.getIndex(info));
  if (first && !isShown(first)) {
    return 0;
  }
  const rows = rowsBefore(info, path);
  const last = rows.slice(-more);
  const filled = last.map((row) => isFilled(form, row, path)).lastIndexOf(true);
  const count = form.model.evaluate(info.dataset.repeatCount, "string", null, 0);
  if (filled >= 0 && count !== "" && !Number.isNaN(Number(count)) && asked.get(info) !== wanted) {
    asked.set(info, wanted);
    void ask(repeats, info, { path, wanted, filled: filled + 1 });
  }
  return more - (filled + 1);
}

async function ask(repeats, info, { path, wanted, filled }) {
  const message = say("engine.surplus.msg", { wanted, filled });
  const agreed = await dialog.confirm({ heading: say("engine.surplus.heading"), message });
  if (agreed) {
    rowsBefore(info, path)
      .slice(wanted)
      .reverse()
      .forEach((row) => repeats.remove($(row)));
  }
}

function rowsBefore(info, path) {
  return [...info.parentElement.children].filter(
    (one) => one.classList.contains("or-repeat") && one.getAttribute("name") === path,
  );
}

/** Whether a row says anything but what every new row begins with. */
function isFilled(form, row, path) {
  const controls = row.querySelectorAll(".question input:not(.ignore), .question select, .question textarea");
  return [...controls].some((control) => {
    if (control.closest(".itemset-template") || control.matches("[readonly], [type=hidden]")) {
      return false;
    }
    const said = form.input.getVal(control).toString();
    return said !== "" && said !== begun(form, control, path);
  });
}

function begun(form, control, path) {
  const name = form.input.getName(control);
  if (control.dataset.setvalue) {
    return form.model.evaluate(control.dataset.setvalue, "string", name, form.input.getIndex(control));
  }
  const steps = name.slice(path.length + 1).split("/");
  return steps.reduce((node, step) => [...(node?.children ?? [])].find((one) => one.nodeName === step), form.model.templates[path])
    ?.textContent ?? "";
}
