// What a page marks with a key is done by that key: a link is followed, a button pressed, a part opened.
// “n” and “p” belong to every page; “?” shows which keys there are.

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.target.closest("input, select, textarea, dialog")) return;
  if (!/^[a-z0-9?]$/.test(event.key) || /^[np]$/.test(event.key)) return;
  const found = document.querySelector(`[data-key="${event.key}"]`);
  if (!found) return;
  event.preventDefault();
  if (found.matches("summary")) {
    const part = found.parentElement;
    part.open = !part.open;
    if (part.open) part.querySelector("select, textarea, input:not([type=hidden]), button, a")?.focus();
    return;
  }
  found.click();
  if (found.hash) document.querySelector(`${found.hash}`)?.closest("section")?.querySelector("input:not([type=hidden]), select, textarea")?.focus();
});

// Paper shows everything: what was folded is folded again afterwards.
let folded = [];
window.addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll(".record details:not(.no-print):not([open])")];
  for (const part of folded) part.open = true;
});
window.addEventListener("afterprint", () => {
  for (const part of folded) part.open = false;
});
