/** Elements by a call: what a page is made of. Text is always text, never markup. */

/**
 * Make an element.
 * @param {string} name of the element; classes after dots, as in "p.soft"
 * @param {Record<string, any>} [about] attributes; `onclick` and its like are listeners; false, null and
 *   undefined are left out, true is an attribute without a value
 * @param {...(Node|string|number|null|undefined|false|Array)} children
 * @returns {HTMLElement}
 */
export function h(name, about = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const made = document.createElement(tag);
  if (classes.length) made.className = classes.join(" ");
  for (const [key, value] of Object.entries(about)) {
    if (value === false || value === null || value === undefined) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (key === "value") made.value = value;
    else made.setAttribute(key, value === true ? "" : String(value));
  }
  fill(made, children);
  return made;
}

/**
 * Put children into an element, after those it has.
 * @param {Element} element
 * @param {Array} children as for `h`
 */
export function fill(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
}

/**
 * Put other children into an element.
 * @param {Element} element
 * @param {...any} children as for `h`
 */
export function refill(element, ...children) {
  element.replaceChildren();
  fill(element, children);
}

/**
 * A link that looks like a button, or a button that looks like a link.
 * @param {string} text
 * @param {string|(() => void)} what an address, or what is done
 * @param {string} [classes] "quiet", "danger" or none for the main thing
 * @param {Record<string, any>} [about] more attributes
 * @returns {HTMLElement}
 */
export function button(text, what, classes = "", about = {}) {
  const dotted = classes.split(" ").filter(Boolean).map((one) => `.${one}`).join("");
  return typeof what === "string"
    ? h(`a.button${dotted}`, { href: what, ...about }, text)
    : h(`button${dotted}`, { type: "button", onclick: what, ...about }, text);
}

/** A note in a box: `kind` is "", "good", "warn" or "bad". */
export function note(kind, ...children) {
  return h(`div.note${kind ? `.${kind}` : ""}`, {}, ...children);
}

/**
 * Say something to who does not see the page; it is also for those who see it, where it stands.
 * @param {string} text
 */
export function announce(text) {
  const place = document.getElementById("said");
  if (!place) return;
  place.textContent = "";
  // The same words twice are only heard when they went away in between.
  setTimeout(() => (place.textContent = text), 50);
}
