/** What the engine would write into answers and Collect would not. */

import { FormModel } from "enketo-core/src/js/form-model.js";
import { Nodeset } from "enketo-core/src/js/nodeset.js";
import preload from "enketo-core/src/js/preload.js";

const PROPERTIES = ["deviceid", "username", "email", "phonenumber", "simserial", "subscriberid"];
const NO_NUMBER = new Set(["NaN", "Infinity", "-Infinity"]);

const setVal = Nodeset.prototype.setVal;

/** What cannot be worked out is no answer. */
Nodeset.prototype.setVal = function setValOrBlank(value, type) {
  return setVal.call(this, NO_NUMBER.has(String(value)) ? "" : value, type);
};

/** What is not known of the person or the phone is blank; the engine would write "username not found". */
FormModel.prototype.createSession = function createSession(id, session = {}) {
  const model = this.xml.querySelector("model");
  if (!model) {
    return;
  }
  let instance = model.querySelector(`instance#${CSS.escape(id)}`);
  if (!instance) {
    instance = model.appendChild(this.xml.createElement("instance"));
    instance.setAttribute("id", id);
  }
  const context = instance
    .appendChild(this.xml.createElement("session"))
    .appendChild(this.xml.createElement("context"));
  for (const name of PROPERTIES) {
    context.appendChild(this.xml.createElement(name)).textContent = session[name] ?? "";
  }
};

const asItIs = ({ curVal }) => curVal;
const property = preload.property;

preload.property = function propertyOrBlank(asked) {
  return PROPERTIES.includes(asked.param) ? property.call(this, asked) : asked.curVal;
};
preload.context = asItIs;
preload.patient = asItIs;
preload.user = asItIs;
