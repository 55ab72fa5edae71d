// A photo opens large over the page; without a script its link opens the file itself.

const photos = [...document.querySelectorAll("a[data-photo]")];
const LEVELS = ["", "by2", "by4"];

const built = () => {
  const words = document.querySelector("[data-photo-words]").dataset;
  const dialog = document.createElement("dialog");
  dialog.className = "photos";
  const sight = document.createElement("div");
  sight.className = "sight";
  const image = document.createElement("img");
  sight.append(image);
  const bar = document.createElement("p");
  const caption = document.createElement("span");
  caption.className = "caption";
  bar.append(caption);
  const buttons = {};
  for (const [name, sign] of [["previous", "‹"], ["smaller", "−"], ["larger", "+"], ["next", "›"], ["close", "✕"]]) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = sign;
    button.setAttribute("aria-label", words[name]);
    buttons[name] = button;
    bar.append(button);
  }
  dialog.append(sight, bar);
  document.body.append(dialog);
  return { dialog, sight, image, caption, buttons };
};

if (photos.length && document.querySelector("[data-photo-words]")) {
  let view = null;
  let at = 0;
  let level = 0;

  const zoom = (to) => {
    level = Math.max(0, Math.min(LEVELS.length - 1, to));
    view.sight.className = `sight ${LEVELS[level]}`;
    view.buttons.smaller.disabled = level === 0;
    view.buttons.larger.disabled = level === LEVELS.length - 1;
  };
  const show = (to) => {
    at = (to + photos.length) % photos.length;
    view.image.src = photos[at].href;
    view.image.alt = photos[at].dataset.photo;
    view.caption.textContent = `${photos[at].dataset.photo} (${at + 1}/${photos.length})`;
    zoom(0);
  };
  const keys = {
    ArrowLeft: () => show(at - 1), ArrowRight: () => show(at + 1), "+": () => zoom(level + 1),
    "=": () => zoom(level + 1), "-": () => zoom(level - 1),
  };
  const open = (to) => {
    if (!view) {
      view = built();
      view.buttons.previous.hidden = view.buttons.next.hidden = photos.length < 2;
      view.buttons.previous.addEventListener("click", () => show(at - 1));
      view.buttons.next.addEventListener("click", () => show(at + 1));
      view.buttons.smaller.addEventListener("click", () => zoom(level - 1));
      view.buttons.larger.addEventListener("click", () => zoom(level + 1));
      view.buttons.close.addEventListener("click", () => view.dialog.close());
      view.image.addEventListener("click", () => zoom(level ? 0 : 1));
      view.dialog.addEventListener("close", () => photos[at].focus());
      view.dialog.addEventListener("keydown", (event) => {
        const act = keys[event.key];
        // Enlarged, the arrows move the photo.
        if (!act || (level && event.key.startsWith("Arrow"))) return;
        event.preventDefault();
        act();
      });
      view.sight.addEventListener("wheel", (event) => {
        if (!event.ctrlKey) return;
        event.preventDefault();
        zoom(level + (event.deltaY < 0 ? 1 : -1));
      }, { passive: false });
      let apart = 0;
      const distance = (touches) => Math.hypot(
        touches[0].clientX - touches[1].clientX, touches[0].clientY - touches[1].clientY);
      view.sight.addEventListener("touchstart", (event) => {
        if (event.touches.length === 2) apart = distance(event.touches);
      }, { passive: true });
      view.sight.addEventListener("touchend", () => { apart = 0; });
      view.sight.addEventListener("touchmove", (event) => {
        if (event.touches.length !== 2 || !apart) return;
        const now = distance(event.touches);
        if (now > apart * 1.4 || now < apart / 1.4) {
          zoom(level + (now > apart ? 1 : -1));
          apart = now;
        }
      }, { passive: true });
    }
    show(to);
    view.dialog.showModal();
  };
  photos.forEach((photo, number) => photo.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(number);
  }));
}
