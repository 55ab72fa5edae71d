/** Putting the page on the home screen, where the browser offers it. */

let offer = null;

globalThis.addEventListener?.("beforeinstallprompt", (event) => {
  // The browser's own strip would cover the form's buttons on a small phone.
  event.preventDefault();
  offer = event;
});

/** Whether the browser would put it there now. */
export function canInstall() {
  return offer !== null;
}

/** Let it. */
export async function install() {
  await offer?.prompt();
  offer = null;
}
