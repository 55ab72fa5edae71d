// A text that stands nowhere on the page is copied from its button; over plain http, too.
const copyText = async (text) => {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    field.className = "unseen";
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
};

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-text]");
  if (!button) return;
  await copyText(button.dataset.text);
  button.focus();
  const before = button.dataset.said ?? button.textContent;
  button.dataset.said = before;
  button.textContent = button.dataset.done;
  setTimeout(() => { button.textContent = before; }, 2500);
});
