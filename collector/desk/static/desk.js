// What a page can do better with a script; every page works without this file.

const say = (element, text) => {
  const before = element.textContent;
  element.textContent = text;
  setTimeout(() => { element.textContent = before; }, 2500);
};

for (const element of document.querySelectorAll("[data-script]")) {
  element.hidden = false;
}

// On a phone the menu is wider than the page: the part one is in comes into view.
const current = document.querySelector(".tabs [aria-current]");
if (current) {
  const tabs = current.parentElement;
  tabs.scrollLeft = current.offsetLeft - (tabs.clientWidth - current.offsetWidth) / 2;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.print !== undefined) window.print();
  if (button.dataset.copy !== undefined) {
    const field = document.getElementById(button.dataset.copy);
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      document.execCommand("copy"); // plain http has no clipboard of its own
    }
    say(button, button.dataset.done);
  }
  if (button.dataset.reveal !== undefined) {
    const field = document.getElementById(button.dataset.reveal);
    const shown = field.type === "text";
    field.type = shown ? "password" : "text";
    button.setAttribute("aria-pressed", String(!shown));
  }
});

// A form is sent once, however often an impatient finger taps.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  const button = event.submitter;
  if (button?.dataset.busy) button.textContent = button.dataset.busy;
  if (button) setTimeout(() => { button.disabled = true; });
  // Without signal the page stays: after a while the finger may try again.
  setTimeout(() => {
    delete form.dataset.sent;
    if (button) button.disabled = false;
  }, 20000);
});

// Coming back with the browser's button finds the page as it was: ready to send again.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload();
});

// Paper shows everything.
window.addEventListener("beforeprint", () => {
  for (const part of document.querySelectorAll("details.instance")) part.open = true;
});

// One after the other without a mouse: n for the next, p for the one before.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
  if (/^[np]$/.test(event.key)) document.querySelector(`a[data-key="${event.key}"]`)?.click();
});
