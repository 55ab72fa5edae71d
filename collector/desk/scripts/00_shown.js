// What only works with a script is hidden until one runs; every page works without these files.

for (const element of document.querySelectorAll("[data-script]")) {
  element.hidden = false;
}
