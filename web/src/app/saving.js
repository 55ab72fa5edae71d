/**
 * Saves a draft while it is filled: 0.8 s after each answer, when the page is left, before the camera opens.
 *
 * Cheap phones end a page while the camera is open; what was answered before must be on the phone by then.
 */

import { saveDraft } from "../store/drafts.js";
import { withRoom } from "../store/space.js";

const PAUSE = 800; // milliseconds

/**
 * Start saving.
 * @param {object} what
 * @param {import("../store/db.js").Db} what.db
 * @param {object} what.draft as it is, its files apart
 * @param {{draft: () => any, onChange: (fn: () => void) => void}} what.filled the open form
 * @param {Map<string, Blob>} what.given the files the form was opened with
 * @param {Map<string, Blob>} what.saved those of them that lie here already
 * @param {(state: {kind: "saving"|"saved"|"failed", at: number, error?: Error}) => void} what.onState
 * @param {Element} what.place where the form stands: its file fields open the camera
 */
export function keepSaving({ db, draft, filled, given, saved, onState, place }) {
  const kept = { draft, saved, given };
  let timer = 0, changed = false, stopped = false, running = null;

  async function write() {
    changed = false;
    onState({ kind: "saving", at: kept.draft.savedAt });
    // Nothing is waited for before the write: the page may be on its way out.
    const { xml, files, name } = filled.draft();
    const next = { ...kept.draft, xml, name: name || kept.draft.name, savedAt: Date.now() };
    kept.draft = await withRoom(db, () => saveDraft(db, next, files, { saved: kept.saved, given }));
    kept.saved = new Map(files);
    if (!changed) onState({ kind: "saved", at: kept.draft.savedAt });
  }

  /** Save now what is not saved; one write after the other. True once all of it is on the phone. */
  async function save() {
    clearTimeout(timer);
    while (running) await running;
    return saveAtOnce();
  }

  /** The same without waiting for a write that goes on: the page may not live to see its end. */
  async function saveAtOnce() {
    clearTimeout(timer);
    if (!changed || stopped) return true;
    const mine = (running = write().then(
      () => true,
      (error) => {
        changed = true;
        onState({ kind: "failed", at: kept.draft.savedAt, error });
        return false;
      },
    ));
    try {
      return await mine;
    } finally {
      if (running === mine) running = null;
    }
  }

  function touch() {
    if (stopped) return;
    // From now on it is not true that all of it is on the phone.
    if (!changed) onState({ kind: "saving", at: kept.draft.savedAt });
    changed = true;
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE);
  }

  const leaving = () => document.visibilityState === "hidden" && void saveAtOnce();
  const gone = () => void saveAtOnce();
  const camera = (event) => event.target.closest?.('input[type="file"], label, button') && void save();
  filled.onChange(touch);
  document.addEventListener("visibilitychange", leaving);
  globalThis.addEventListener("pagehide", gone);
  place.addEventListener("pointerdown", camera, true);
  // A question opens the camera by itself, also for who has no pointer.
  place.addEventListener("collector:before-leave", gone);

  return {
    /** The draft and its files as they lie on the phone. */
    kept,
    save,
    touch,
    /** Forget about it: what comes now is not saved. */
    stop() {
      stopped = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", leaving);
      globalThis.removeEventListener("pagehide", gone);
      place.removeEventListener("pointerdown", camera, true);
      place.removeEventListener("collector:before-leave", gone);
    },
  };
}
