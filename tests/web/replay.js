/**
 * Gives a web form the answers a person gave on the phone, one after the other, as a person does: through its
 * controls and buttons, each told by a change event. Loaded into the page under test.
 *
 * A step is {did: "answer" | "keep" | "add" | "remove", ref: "/data/member[2]/age", value: text or null}.
 */
globalThis.replay = (() => {
  const REACTION = 3000; // milliseconds a control has to take an answer
  const pause = () => new Promise((resolve) => setTimeout(resolve, 0));

  /** The instance of a repeat, or the form, that a reference lies in, and its path without positions. */
  function locate(form, ref) {
    let within = form;
    let path = "";
    for (const [, name, position] of ref.matchAll(/\/([^/[]+)(?:\[(\d+)\])?/g)) {
      path += `/${name}`;
      if (position) {
        const deeper = instances(within, path)[Number(position) - 1];
        if (!deeper) return { within, path, absent: true };
        within = deeper;
      }
    }
    return { within, path, absent: false };
  }

  function own(within, found) {
    const around = found.parentElement.closest(".or-repeat");
    return within.matches(".or-repeat") ? around === within : around === null;
  }

  /** The instances of a repeat of one series. */
  function instances(within, path) {
    return [...within.querySelectorAll(`.or-repeat[name="${path}"]`)].filter((one) => own(within, one));
  }

  function controls(within, path) {
    return [...within.querySelectorAll(`[name="${path}"], [data-name="${path}"]`)].filter(
      (one) => one.matches("input, select, textarea") && one.type !== "hidden"
        && !one.matches(".ignore") && one.closest(".question") && !one.closest(".itemset-template"));
  }

  function closed(control) {
    return control.disabled || control.closest(".disabled, .pre-init, fieldset:disabled") !== null;
  }

  function standing(all) {
    const [first] = all;
    if (first.type === "radio" || first.type === "checkbox") {
      return all.filter((one) => one.checked).map((one) => one.value).join(" ");
    }
    if (first.matches("select[multiple]")) {
      return [...first.selectedOptions].map((one) => one.value).join(" ");
    }
    return first.value;
  }

  /** A picture of eight grey points. */
  async function photo(name) {
    const canvas = new OffscreenCanvas(8, 8);
    canvas.getContext("2d").fillRect(0, 0, 8, 8);
    return new File([await canvas.convertToBlob({ type: "image/jpeg" })], name, { type: "image/jpeg" });
  }

  /** Hands a file to the field a person would choose it with; to the engine's own to take it back. */
  async function hand(control, value) {
    const held = new DataTransfer();
    if (value !== null) held.items.add(await photo(value));
    const field = value === null ? control : control.closest(".question").querySelector(".picker input[type=file]") ?? control;
    field.files = held.files;
    return { told: field };
  }

  /** Puts the value in; says what is wrong with it, or what reacts to it. */
  function put(all, value) {
    const [first] = all;
    const chosen = value === null ? [] : value.split(" ");
    if (first.type === "radio" || first.type === "checkbox") {
      for (const one of all) one.checked = chosen.includes(one.value);
      const offered = all.map((one) => one.value);
      const missing = chosen.filter((one) => !offered.includes(one));
      return missing.length ? { wrong: `does not offer ${missing}` } : { told: all.find((one) => one.checked) || first };
    }
    if (first.matches("select")) {
      const options = [...first.options];
      for (const one of options) one.selected = value === null ? one.value === "" : chosen.includes(one.value);
      const missing = chosen.filter((one) => !options.some((option) => option.value === one));
      return missing.length ? { wrong: `does not offer ${missing}` } : { told: first };
    }
    if (first.type === "file") return hand(first, value);
    if (first.list) {
      const offered = [...first.list.options].map((one) => one.dataset.value ?? one.value);
      if (value !== null && !offered.includes(value)) return { wrong: `does not offer ${value}` };
    }
    first.value = value ?? "";
    return first.value === (value ?? "") ? { told: first } : { wrong: `turns ${value} into ${first.value}` };
  }

  function reacted(form, act) {
    return new Promise((resolve) => {
      const done = (how) => () => {
        clearTimeout(late);
        form.removeEventListener("xforms-value-changed", heard);
        resolve(how);
      };
      const heard = done(true);
      const late = setTimeout(done(false), REACTION);
      form.addEventListener("xforms-value-changed", heard);
      act();
    });
  }

  async function answer(form, step, begun) {
    const { within, path, absent } = locate(form, step.ref);
    if (absent) return "is in an instance that is not there";
    const all = controls(within, path);
    if (!all.length) return "has no control";
    if (closed(all[0])) return "is not asked";
    const [first] = all;
    const stands = standing(all) === (step.value ?? "");
    // A row of a given number begins when the number is given, on the phone when somebody comes to it.
    const early = first.dataset.event?.includes("odk-new-repeat");
    if (stands || (step.did === "keep" && !early)) return null;
    if (step.did === "keep") begun.push(step.ref);
    const { wrong, told } = await put(all, step.value);
    if (wrong) return wrong;
    const heard = await reacted(form, () => told.dispatchEvent(new Event("change", { bubbles: true })));
    await pause();
    // A row that is filled stays where a smaller number of rows is given, as on the phone.
    document.querySelector("dialog.ask .ask-no")?.click();
    await pause();
    return heard ? null : `does not react to ${step.value}`;
  }

  async function add(form, step) {
    const { within, path } = locate(form, step.ref.replace(/\[\d+\]$/, ""));
    const before = instances(within, path).length;
    const info = [...within.querySelectorAll(`.or-repeat-info[data-name="${path}"]`)].find((one) => own(within, one));
    info?.querySelector(".add-repeat-btn")?.click();
    await pause();
    return instances(within, path).length === before + 1 ? null : "no instance came of it";
  }

  async function remove(form, step) {
    const [, around, position] = step.ref.match(/^(.*)\[(\d+)\]$/);
    const { within, path } = locate(form, around);
    const before = instances(within, path);
    const buttons = before[Number(position) - 1]?.querySelector(":scope > .repeat-buttons");
    buttons?.querySelector("button.remove")?.click();
    await pause();
    buttons?.querySelector(".sure .danger")?.click();
    await pause();
    return instances(within, path).length === before.length - 1 ? null : "the instance did not go";
  }

  /**
   * Does all steps in the form of the page. Resolves to what could not be done, and to the questions of rows
   * that began with something else than on the phone: {refused: [{ref, why}], begun: [ref]}.
   */
  return async function replay(trail) {
    const form = document.querySelector("form.or");
    const refused = [];
    const begun = [];
    for (const step of trail) {
      const why = await ({ add, remove }[step.did] ?? answer)(form, step, begun);
      if (why) refused.push({ ref: step.ref, why });
    }
    return { refused, begun };
  };
})();
