/** A question that must be answered before anything is lost. */

import { say } from "../words/index.js";
import { button, h } from "./dom.js";

/**
 * Ask, and wait for the answer.
 * @param {{title: string, text?: string|Node[], yes: string, no?: string, danger?: boolean}} what
 * @returns {Promise<boolean>} false also when it was put away
 */
export function confirmed({ title, text = [], yes, no = say("ask.no"), danger = false }) {
  return new Promise((done) => {
    let answer = false;
    const finish = (said) => () => {
      answer = said;
      box.close ? box.close() : gone();
    };
    const stay = button(no, finish(false), "quiet");
    const box = h(
      "dialog.ask",
      { "aria-labelledby": "ask-title" },
      h("h2", { id: "ask-title" }, title),
      typeof text === "string" ? h("p", {}, text) : text,
      h("div.buttons", {}, button(yes, finish(true), danger ? "danger" : ""), stay),
    );
    function gone() {
      box.remove();
      done(answer);
    }
    box.addEventListener("close", gone);
    document.body.append(box);
    if (box.showModal) box.showModal();
    else box.setAttribute("open", "");
    stay.focus();
  });
}
