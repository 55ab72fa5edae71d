// One after the other without a mouse: n for the next, p for the one before.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
  if (/^[np]$/.test(event.key)) document.querySelector(`a[data-key="${event.key}"]`)?.click();
});
