/** Questions the engine asks a person: a window in the page, which a reader announces and Esc closes. */

import { say } from "../words/index.js";

/**
 * @param {string | {heading?: string, message?: string, msg?: string}} content
 * @param {{yes: string, no?: string}} buttons - their words
 * @returns {Promise<boolean>} whether it was agreed to
 */
function show(content, { yes, no }) {
  const { heading, message, msg } = typeof content === "string" ? { message: content } : content;
  const dialog = document.createElement("dialog");
  dialog.className = "ask";
  if (heading) {
    const title = document.createElement("h2");
    title.textContent = heading;
    title.id = "ask-heading";
    dialog.setAttribute("aria-labelledby", title.id);
    dialog.append(title);
  }
  const text = document.createElement("p");
  text.textContent = message ?? msg ?? "";
  const row = document.createElement("div");
  row.className = "ask-buttons";
  dialog.append(text, row);
  return new Promise((resolve) => {
    const answer = (given) => {
      dialog.remove();
      resolve(given);
    };
    for (const [words, given] of [[no, false], [yes, true]]) {
      if (words) {
        row.append(button(words, given, answer));
      }
    }
    dialog.addEventListener("cancel", () => answer(false));
    document.body.append(dialog);
    if (dialog.showModal) {
      dialog.showModal();
    } else {
      dialog.setAttribute("open", "");
    }
  });
}

function button(words, given, answer) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = given ? "ask-yes" : "ask-no";
  element.textContent = words;
  element.addEventListener("click", () => answer(given));
  return element;
}

export default {
  /** Tells something. */
  alert: (content) => show(content, { yes: say("engine.dialog.close") }).then(() => undefined),
  /** Asks before something is lost. */
  confirm: (content) => show(content, { yes: say("engine.dialog.ok"), no: say("engine.dialog.cancel") }),
  /** The engine asks for text only where coordinates are pasted, which this app leaves out. */
  prompt: () => Promise.resolve(null),
};
