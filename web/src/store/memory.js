/** The same four verbs without a browser's store: what is kept lasts as long as the page. */

import { STORES } from "./db.js";

/**
 * An empty store.
 * @returns {import("./db.js").Db}
 */
export function memory() {
  const kept = new Map(Object.keys(STORES).map((name) => [name, new Map()]));
  const copied = (value) => (value === undefined ? undefined : structuredClone(value));

  return {
    lasting: false,
    get: async (store, key) => copied(kept.get(store).get(key)),
    all: async (store, index, value) =>
      [...kept.get(store).entries()]
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .map(([, found]) => found)
        .filter((found) => !index || found[index] === value)
        .map(copied),
    write: async (...steps) => {
      const ready = steps.map(([verb, store, what]) => [verb, store, copied(what)]);
      for (const [verb, store, what] of ready) {
        if (verb === "put") kept.get(store).set(what[STORES[store].key], what);
        else kept.get(store).delete(what);
      }
    },
    update: async (store, key, change) => {
      const found = kept.get(store).get(key);
      const next = found === undefined ? undefined : change(copied(found));
      if (next !== undefined) kept.get(store).set(key, copied(next));
      return copied(next);
    },
    close: () => {},
  };
}
