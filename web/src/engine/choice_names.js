/** What a choice is called: jr:choice-name, also where its list is not shown just now. */

const LIST = /instance\(\s*(['"])(.*?)\1\s*\)/;

/**
 * @param {object} form - the engine's
 * @param {HTMLElement} control - of the question that offers the choice
 * @param {string} value
 * @returns {string} its label in the language shown; "" when the question takes its choices from no list
 */
export function choiceName(form, control, value) {
  const list = control.getAttribute("list");
  const shared = list && form.view.html.querySelector(`datalist[id="${CSS.escape(list)}"]`);
  const place = shared?.parentElement ?? control.closest(".question");
  const from = place?.querySelector(".itemset-template[data-items-path]")?.dataset.itemsPath;
  const labels = place?.querySelector(".itemset-labels");
  const name = LIST.exec(from ?? "")?.[2];
  if (!labels || !name) {
    return "";
  }
  const { valueRef, labelRef, labelType } = labels.dataset;
  const items = form.model.getSecondaryInstance(name)?.querySelectorAll("item") ?? [];
  const item = [...items].find((one) => inside(one, valueRef) === value);
  return item ? called(item, labels, labelRef, labelType) : "";
}

function called(item, labels, labelRef, labelType) {
  if (labelType !== "itext") return inside(item, labelRef);
  const said = inside(item, labelRef.replace(/^.*\(|\).*$/g, ""));
  return labels.querySelector(`.active[data-itext-id="${CSS.escape(said)}"]`)?.textContent ?? "";
}

function inside(item, name) {
  return [...item.children].find((child) => child.nodeName === name.trim())?.textContent ?? "";
}
