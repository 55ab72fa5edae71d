// What “More” shows goes away as people expect: a tap beside it, or Escape.
const more = document.querySelector(".menu .more");
if (more) {
  document.addEventListener("click", (event) => {
    if (more.open && !more.parentElement.contains(event.target)) more.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !more.open) return;
    more.open = false;
    more.querySelector("summary").focus();
  });
}
