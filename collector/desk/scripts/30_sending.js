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
