// The list of records without a mouse: j and k or arrows move, Enter opens, x ticks, / searches, ? shows the keys.

const list = document.querySelector("#list .records");
if (list) {
  const rows = [...list.tBodies[0].rows];
  const picks = [...list.querySelectorAll(".pick")];
  const all = document.getElementById("all");
  const ticked = document.getElementById("ticked");

  const tell = () => {
    const count = picks.filter((one) => one.checked).length;
    if (all) {
      all.checked = count > 0 && count === picks.length;
      all.indeterminate = count > 0 && count < picks.length;
    }
    if (!ticked) return;
    const words = count === 1 ? ticked.dataset.one : ticked.dataset.several.replace("#", count);
    ticked.textContent = count ? words : "";
  };

  const move = (step) => {
    const at = rows.findIndex((row) => row.contains(document.activeElement));
    const next = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step];
    if (!next) return;
    next.querySelector("a").focus();
    next.scrollIntoView({ block: "nearest" });
  };

  const steps = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };

  list.addEventListener("change", tell);
  all?.addEventListener("change", () => {
    for (const one of picks) one.checked = all.checked;
    tell();
  });

  document.addEventListener("keydown", (event) => {
    const typed = event.target.closest("input:not([type=checkbox]), select, textarea");
    if (event.ctrlKey || event.metaKey || event.altKey || typed) return;
    const arrow = event.key.startsWith("Arrow");
    if (event.key in steps && !(arrow && !rows.some((row) => row.contains(document.activeElement)))) {
      event.preventDefault();
      move(steps[event.key]);
    } else if (event.key === "x") {
      document.activeElement.closest("tr")?.querySelector(".pick")?.click();
    } else if (event.key === "?") {
      const keys = document.getElementById("keys");
      keys.open = !keys.open;
      keys.querySelector("summary").focus();
    }
  });
}

document.addEventListener("keydown", (event) => {
  const search = document.getElementById("q");
  if (!search || event.key !== "/" || event.target.closest("input, select, textarea")) return;
  event.preventDefault();
  search.focus();
  search.select();
});

// A condition asks for a second value only where something lies between two, for none where there is none.
const op = document.getElementById("op");
const fit = () => {
  const first = document.getElementById("first");
  const second = document.getElementById("second");
  if (first) first.hidden = ["answered", "blank"].includes(op.value);
  if (second) second.hidden = op.value !== "between";
};
if (op) {
  fit();
  op.addEventListener("change", fit);
}

// A question of a group of people cannot stand as a column: it has several answers.
const ask = document.getElementById("ask");
ask?.addEventListener("change", () => {
  document.getElementById("as-column").disabled = ask.selectedOptions[0]?.dataset.rows !== undefined;
});
