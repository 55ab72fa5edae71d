/** A record to look at: nothing in it can be changed, and nothing is worked out anew. */

const WORKED_OUT = ["data-calculate", "data-preload", "data-setvalue", "data-setgeopoint"];

/**
 * Before the engine opens the form.
 * @param {HTMLFormElement} form
 */
export function freeze(form) {
  form.classList.add("viewing");
  for (const name of WORKED_OUT) {
    for (const element of form.querySelectorAll(`[${name}]`)) {
      element.removeAttribute(name);
    }
  }
  for (const control of form.querySelectorAll(".question :is(input, select, textarea):not(.ignore)")) {
    control.setAttribute("readonly", "readonly");
    control.classList.add("readonly-forced");
  }
}

/**
 * After it: "readonly" does not hold choices back, and buttons would add or remove entries.
 * @param {HTMLFormElement} form
 */
export function seal(form) {
  for (const control of form.querySelectorAll('input[type="radio"], input[type="checkbox"], select')) {
    if (control.id !== "form-languages") {
      control.disabled = true;
    }
  }
  for (const button of form.querySelectorAll(".add-repeat-btn, .repeat-buttons, .btn-reset")) {
    button.remove();
  }
}
