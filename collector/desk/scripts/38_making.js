// Files on their way: the page looks again by itself until they are there. Without it the page reloads.

const EVERY = 1500;
const MOST_WAIT = 15000;

const look = async (wait) => {
  const box = document.getElementById("making");
  if (box?.dataset.making === undefined) return;
  let next = EVERY;
  try {
    const answer = await fetch(window.location.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("making");
    if (!fresh) return;
    if (fresh.dataset.making === undefined) {
      window.location.reload();
      return;
    }
    box.replaceWith(fresh);
  } catch {
    // The office's line comes and goes.
    next = Math.min(2 * wait, MOST_WAIT);
  }
  setTimeout(look, next, next);
};

setTimeout(look, EVERY, EVERY);
