/**
 * Calculations in repeats that no control stands for. The engine keeps one field for all rows of them, and
 * knows of each only whether the first row's is asked.
 */

import { turn } from "./relevance.js";

function inRows(form, field) {
  const path = form.input.getName(field);
  return (
    field.type === "hidden" &&
    !path.includes("/@") &&
    !field.closest(".or-repeat") &&
    Boolean(form.repeatPathPrefixes?.some((prefix) => path.startsWith(prefix)))
  );
}

function* rows(form, field) {
  const path = form.input.getName(field);
  const asked = form.input.getRelevant(field);
  for (const [index, node] of form.model.node(path).getElements().entries()) {
    yield { path, index, node, shown: form.model.evaluate(asked, "boolean", path, index) };
  }
}

/**
 * Hides and shows them row by row.
 * @param {object} form - the engine's
 * @param {HTMLElement[]} fields - with a condition
 * @returns {HTMLElement[]} those the engine sees to itself
 */
export function judge(form, fields) {
  const mine = fields.filter((field) => inRows(form, field));
  for (const field of mine) {
    for (const { path, index, node, shown } of [...rows(form, field)]) {
      const changed = turn([node], !shown);
      if (changed.length) {
        tell(form, form.model.node(path, index), changed);
      }
      if (shown) {
        work(form, field, { path, index });
      }
    }
  }
  return fields.filter((field) => !mine.includes(field));
}

/**
 * Takes what is not asked out of a record.
 * @param {object} form - the engine's
 * @param {HTMLElement} field - with a condition
 * @param {object} record - a copy of the model
 * @returns {boolean} false where the engine sees to it itself
 */
export function drop(form, field, record) {
  if (!inRows(form, field)) {
    return false;
  }
  for (const { path, index, shown } of [...rows(form, field)].reverse()) {
    if (!shown) {
      record.node(path, index).getElement()?.remove();
    }
  }
  return true;
}

function tell(form, node, nodes) {
  const detail = { nodes, ...node.getClosestRepeat() };
  form.model.events.dispatchEvent(new CustomEvent("dataupdate", { detail }));
}

function work(form, field, { path, index }) {
  const expr = form.input.getCalculation(field);
  if (expr) {
    form.calc._updateCalc(field, {
      name: path,
      expr,
      index,
      dataType: form.input.getXmlType(field),
      relevantExpr: form.input.getRelevant(field),
      dataNodesObj: form.model.node(path),
    });
  }
}
