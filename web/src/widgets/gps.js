/** One search for where the phone is, watched live; and the panel that shows it. */
import { say } from "../words/index.js";
import { button, make } from "./dom.js";
import { judged, writePoint } from "./place_text.js";

/** Milliseconds without any fix until the person is told what helps. */
const PATIENCE = 20000;
/** Troubles that end a search. */
const FINAL = ["denied", "none", "insecure"];
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
  const view = panelView({ use: () => take(), leave: () => end(null) });
  let best = null;
  const end = (trouble) => {
    stop();
    left(trouble);
  };
  const take = () => {
    stop();
    taken(writePoint(best));
  };
  const stop = watchPlace({
    alive: () => view.node.isConnected,
    fix: (coords) => {
      best = coords;
      view.show(best.accuracy, judged(best.accuracy, good || undefined));
      if (best.accuracy <= good) {
        take();
      }
    },
    trouble: (kind) => {
      if (FINAL.includes(kind)) {
        // The panel's maker has not got it yet when the phone refuses at once.
        setTimeout(() => end(kind), 0);
      } else {
        view.tell(`widgets.place.trouble_${kind}`);
      }
    },
  });
  return { node: view.node, stop };
}

function panelView({ use, leave }) {
  const digits = make("strong.digits", { text: "…" });
  const judgement = make("p.judgement", { role: "status", text: say("widgets.place.searching") });
  const accept = button(say("widgets.place.use"), use, { look: "main" });
  accept.hidden = true;
  const buttons = make("p.buttons", {}, accept, button(say("widgets.place.stop"), leave));
  const node = make("div.search", {}, make("p.live", {}, digits), judgement, buttons);
  const tell = (key) => {
    const sentence = say(key);
    // Said aloud again only when it changes: a fix comes every second.
    if (judgement.textContent !== sentence) {
      judgement.textContent = sentence;
    }
  };
  const show = (metres, worth) => {
    accept.hidden = false;
    digits.textContent = say("widgets.place.metres", { metres: Math.max(1, Math.round(metres)) });
    node.dataset.judged = worth;
    tell(`widgets.place.judged_${worth}`);
  };
  return { node, tell, show };
}
