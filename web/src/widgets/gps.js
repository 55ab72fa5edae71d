/** One search for where the phone is, watched live; and the panel that shows it. */
import { say } from "../words/index.js";
import { button, make } from "./dom.js";
import { judged, writePoint } from "./place_text.js";

/** Milliseconds without any fix until the person is told what helps. */
const PATIENCE = 20000;
const TROUBLES = { 1: "denied", 2: "nothing", 3: "slow" };

/**
 * Watches the phone's place until stopped, keeping the best fix.
 *
 * @param {{fix: (best: GeolocationCoordinates, seconds: number) => void, trouble: (kind: string) => void,
 *   alive: () => boolean}} told trouble: `denied` (final), `none` (no GPS here, final), `insecure` (final),
 *   `nothing` and `slow` (it goes on); alive: false when the question has left the page
 * @returns {() => void} stops it
 */
export function watchPlace({ fix, trouble, alive }) {
  if (!globalThis.isSecureContext || !navigator.geolocation) {
    trouble(globalThis.isSecureContext ? "none" : "insecure");
    return () => {};
  }
  let best = null;
  const timer = setTimeout(() => !best && trouble("slow"), PATIENCE);
  const watch = navigator.geolocation.watchPosition(
    ({ coords }) => {
      if (!alive()) {
        stop();
      } else if (!best || coords.accuracy <= best.accuracy) {
        best = coords;
        fix(best);
      }
    },
    ({ code }) => {
      if (code === 1) {
        stop();
      }
      if (code === 1 || !best) {
        trouble(TROUBLES[code] ?? "nothing");
      }
    },
    { enableHighAccuracy: true, maximumAge: 0, timeout: 60000 },
  );
  const stop = () => {
    clearTimeout(timer);
    navigator.geolocation.clearWatch(watch);
  };
  return stop;
}

/**
 * The panel of a running search: the accuracy in large digits, what to think of it, use it or leave it.
 *
 * @param {{good: number, taken: (value: string) => void, left: (trouble: string | null) => void}} told
 *   good: metres at which it stops by itself, 0 for never; taken: the point as the form keeps it;
 *   left: the person gave up (null), or the phone did, with its trouble
 * @returns {{node: HTMLElement, stop: () => void}}
 */
export function searchPanel({ good, taken, left }) {
  let best = null;
  const digits = make("strong.digits", { text: "…" });
  const judgement = make("p.judgement", { role: "status", text: say("widgets.place.searching") });
  const use = button(say("widgets.place.use"), () => take(), { look: "main" });
  use.hidden = true;
  const leave = button(say("widgets.place.stop"), () => end(null));
  const node = make("div.search", {}, make("p.live", {}, digits), judgement, make("p.buttons", {}, use, leave));
  const end = (trouble) => {
    stop();
    left(trouble);
  };
  const take = () => {
    stop();
    taken(writePoint(best));
  };
  const stop = watchPlace({
    alive: () => node.isConnected,
    fix: (coords) => {
      best = coords;
      use.hidden = false;
      digits.textContent = say("widgets.place.metres", { metres: Math.max(1, Math.round(best.accuracy)) });
      tell(judgement, `widgets.place.judged_${judged(best.accuracy, good || undefined)}`);
      node.dataset.judged = judged(best.accuracy, good || undefined);
      if (best.accuracy <= good) {
        take();
      }
    },
    trouble: (kind) => (["denied", "none", "insecure"].includes(kind) ? later(() => end(kind)) : tell(judgement, `widgets.place.trouble_${kind}`)),
  });
  return { node, stop };
}

// Said aloud again only when it changes: a fix comes every second.
function tell(place, key) {
  const sentence = say(key);
  if (place.textContent !== sentence) {
    place.textContent = sentence;
  }
}

// The panel's maker has not got it yet when the phone refuses at once.
function later(run) {
  setTimeout(run, 0);
}
