/** Parts of a screen that follow what happens. */

import { listen } from "../store/news.js";
import { refill } from "./dom.js";

/**
 * Show something, and show it again when one of the topics is told.
 * @param {Element} place
 * @param {string[]} topics as in news.js
 * @param {(what?: object) => Promise<any>|any} make what to show
 * @returns {Promise<() => void>} stops it
 */
export async function follow(place, topics, make) {
  let stopped = false, busy = false, again = null;

  async function show(what) {
    if (busy) {
      again = what ?? {};
      return;
    }
    busy = true;
    try {
      const children = await make(what);
      if (!stopped) swap(place, children);
    } finally {
      busy = false;
    }
    if (again && !stopped) {
      const next = again;
      again = null;
      await show(next);
    }
  }

  await show();
  const end = listen((what) => topics.includes(what.topic) && void show(what));
  return () => {
    stopped = true;
    end();
  };
}

/** New children; whoever stood on a button stands on the same one afterwards. */
function swap(place, children) {
  const key = place.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  refill(place, children);
  if (key) place.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus();
}
