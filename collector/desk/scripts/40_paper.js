// Paper shows everything.
window.addEventListener("beforeprint", () => {
  for (const part of document.querySelectorAll("details.instance")) part.open = true;
});
