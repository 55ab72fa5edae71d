/** Making the elements of a question, upon the page's own helper. */
import { h } from "../app/dom.js";

let made = 0;

/**
 * An element.
 *
 * @param {string} tag name, with classes behind dots: "div.widget.place"
 * @param {Record<string, unknown>} [about] attributes and listeners as for `h`; `text` is the content
 * @param {...(Node | string | null | undefined | false)} inside
 * @returns {HTMLElement}
 */
export function make(tag, { text, ...about } = {}, ...inside) {
  return h(tag, about, text, ...inside);
}

/**
 * A button that sends nothing.
 *
 * @param {string | null} text what it says; null for a sign alone
 * @param {(event: MouseEvent) => void} press
 * @param {{look?: string, icon?: string, label?: string}} [settings] look: classes divided by dots;
 *   label: what it is called where the text alone says too little
 * @returns {HTMLButtonElement}
 */
export function button(text, press, { look = "", icon, label } = {}) {
  const tag = look ? `button.${look}` : "button";
  const sign = icon && make("span.sign", { "data-icon": icon, "aria-hidden": "true" });
  const settings = { type: "button", "aria-label": label, onclick: press };
  return make(tag, settings, sign, text !== null && make("span", { text }));
}

/**
 * A control that the engine leaves alone: it belongs to the widget.
 *
 * @param {Record<string, unknown>} settings attributes and listeners
 * @returns {HTMLInputElement}
 */
export function own(settings) {
  return make("input.ignore", { autocomplete: "off", ...settings });
}

/**
 * The element's id, given now if it has none.
 *
 * @param {Element} element
 * @returns {string}
 */
export function idOf(element) {
  element.id ||= `w${(made += 1)}`;
  return element.id;
}
