/** Answers put into controls the way a browser does it when somebody types or taps. */

/** The engine works after events; it is done when two turns of the page have passed. */
export async function blurred(control) {
  control.dispatchEvent(new Event("input", { bubbles: true }));
  control.dispatchEvent(new Event("change", { bubbles: true }));
  for (let turn = 0; turn < 2; turn += 1) {
    await new Promise((resolve) => {
      setTimeout(resolve, 0);
    });
  }
}

/** @returns {boolean} whether the question of this control has an answer */
export function isFilled(control) {
  if (control.type === "radio" || control.type === "checkbox") {
    return [...control.closest(".question").querySelectorAll("input:checked")].length > 0;
  }
  return control.value !== "" || Boolean(control.dataset.loadedFileName);
}

/**
 * @param {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} control
 * @param {string} value - as a record has it: choices by name, several with spaces between
 */
export async function setControl(control, value) {
  if (control.type === "radio" || control.type === "checkbox") {
    await tick(control, control.type === "radio" ? [value] : value.split(" ").filter(Boolean));
    return;
  }
  if (control.tagName === "SELECT") {
    const wanted = new Set(control.multiple ? value.split(" ") : [value]);
    for (const option of control.options) {
      option.selected = wanted.has(option.value);
    }
  } else {
    control.value = shown(control, value);
  }
  await blurred(control);
}

async function tick(control, wanted) {
  const inputs = [...control.closest(".question").querySelectorAll(`input[type="${control.type}"]`)].filter(
    (input) => !input.closest(".itemset-template"),
  );
  for (const input of inputs) {
    const should = wanted.includes(input.value);
    if (input.checked !== should) {
      input.checked = should;
      await blurred(input);
    }
  }
}

/** A day with time and a time of day stand in a record with a zone, in a control without. */
function shown(control, value) {
  if (control.type === "datetime-local") {
    return value.slice(0, 16);
  }
  return control.type === "time" ? value.slice(0, 5) : value;
}
