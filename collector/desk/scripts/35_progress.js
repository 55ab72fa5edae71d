// A large file on its way: how much has gone, then that the server reads it. Without it the page waits.

const MAIN = "main";

const shown = (form, button) => {
  let box = form.querySelector(".bar-wait");
  if (!box) {
    box = document.createElement("progress");
    box.className = "bar-wait";
    box.max = 100;
    const words = document.createElement("p");
    words.className = "hint";
    words.setAttribute("role", "status");
    if (button) button.after(box, words);
    else form.append(box, words);
  }
  return { bar: box, words: box.nextElementSibling };
};

const replaced = (text) => {
  const fresh = new DOMParser().parseFromString(text, "text/html").querySelector(MAIN);
  if (!fresh) return false;
  document.querySelector(MAIN).replaceWith(fresh);
  for (const element of fresh.querySelectorAll("[data-script]")) element.hidden = false;
  window.scrollTo(0, 0);
  return true;
};

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.dataset.progress === undefined || form.dataset.flying) return;
  event.preventDefault();
  form.dataset.flying = "yes";
  const { bar, words } = shown(form, event.submitter);
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.setRequestHeader("X-Progress", "1");
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    const percent = Math.round((100 * loaded) / total);
    bar.value = percent;
    words.textContent = `${form.dataset.progress} ${percent} %`;
  });
  request.upload.addEventListener("load", () => {
    bar.removeAttribute("value");
    words.textContent = form.dataset.checking;
  });
  const failed = () => {
    delete form.dataset.flying;
    bar.value = 0;
    words.textContent = form.dataset.failed;
  };
  request.addEventListener("error", failed);
  request.addEventListener("load", () => {
    const next = request.getResponseHeader("Location");
    if (request.status === 204 && next) {
      const target = new URL(next, window.location.href);
      const stays = target.pathname === window.location.pathname && target.search === window.location.search;
      window.location.assign(target);
      // To the same page with an anchor a browser only scrolls.
      if (stays) window.location.reload();
    } else if (!replaced(request.responseText)) failed();
  });
  request.send(new FormData(form));
});
