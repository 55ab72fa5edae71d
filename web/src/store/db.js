/**
 * What this browser keeps: people, forms, drafts, the queue, receipts.
 *
 * IndexedDB behind four verbs, so that the rest of the code neither knows transactions nor events. Where a
 * browser has none (private windows, some webviews), `memory.js` answers the same verbs until it is closed.
 */

import { memory } from "./memory.js";

/** Store to the path of its key and its indexes. A new store or index raises VERSION. */
export const STORES = Object.freeze({
  people: { key: "id", indexes: [] },
  shelves: { key: "key", indexes: ["person"] },
  definitions: { key: "key", indexes: [] },
  files: { key: "key", indexes: [] },
  drafts: { key: "id", indexes: ["person"] },
  outbox: { key: "instanceId", indexes: ["person"] },
  sent: { key: "instanceId", indexes: ["person"] },
  blobs: { key: "key", indexes: ["owner"] },
  marks: { key: "name", indexes: [] },
});

const VERSION = 1;
const NAME = "collector";

/**
 * @typedef {object} Db
 * @property {boolean} lasting whether it is still there after the browser is closed
 * @property {(store: string, key: string) => Promise<any>} get one value, or undefined
 * @property {(store: string, index?: string, value?: string) => Promise<any[]>} all every value, or those
 *   whose index has that value
 * @property {(...steps: Step[]) => Promise<void>} write several steps, all of them or none
 * @property {(store: string, key: string, change: (value: any) => any) => Promise<any>} update read, change
 *   and write one value with nobody in between; a value that is gone, or a change to undefined, is left alone
 * @property {() => void} close let it go
 */

/** @typedef {["put", string, any] | ["delete", string, string]} Step */

/**
 * Open what is kept.
 * @param {IDBFactory|undefined} [factory] the browser's own unless a test hands over another
 * @param {() => void} [outdated] told when another window has a newer layout and this one must reload
 * @returns {Promise<Db>} never fails: memory, where the browser keeps nothing
 */
export async function open(factory = globalThis.indexedDB, outdated = () => {}) {
  if (!factory) return memory();
  try {
    return lasting(factory, await connect(factory, outdated), outdated);
  } catch {
    return memory();
  }
}

function connect(factory, outdated) {
  return new Promise((done, failed) => {
    const request = factory.open(NAME, VERSION);
    request.onupgradeneeded = () => lay(request.result, request.transaction);
    request.onerror = () => failed(request.error);
    request.onsuccess = () => {
      const found = request.result;
      found.onversionchange = () => {
        found.close();
        outdated();
      };
      done(found);
    };
  });
}

function lay(base, upgrade) {
  for (const [name, { key, indexes }] of Object.entries(STORES)) {
    const store = base.objectStoreNames.contains(name)
      ? upgrade.objectStore(name)
      : base.createObjectStore(name, { keyPath: key });
    for (const index of indexes) {
      if (!store.indexNames.contains(index)) store.createIndex(index, index);
    }
  }
}

function lasting(factory, first, outdated) {
  let base = first;
  const again = async () => {
    base = await connect(factory, outdated);
  };

  /** Run one transaction; a browser may close the connection of a page that slept for long. */
  async function through(names, mode, work, ending = false) {
    try {
      return await once(base, names, mode, work, ending);
    } catch (error) {
      if (error?.name !== "InvalidStateError") throw error;
      await again();
      return once(base, names, mode, work, ending);
    }
  }

  return {
    lasting: true,
    get: (store, key) => through([store], "readonly", (at) => at(store).get(key)),
    all: (store, index, value) =>
      through([store], "readonly", (at) => (index ? at(store).index(index).getAll(value) : at(store).getAll())),
    write: (...steps) =>
      steps.length === 0
        ? Promise.resolve()
        : through([...new Set(steps.map((step) => step[1]))], "readwrite", (at) => {
            for (const [verb, store, what] of steps) at(store)[verb](what);
          }, true),
    update: (store, key, change) =>
      through([store], "readwrite", (at, give) => {
        const read = at(store).get(key);
        read.onsuccess = () => {
          const next = read.result === undefined ? undefined : change(read.result);
          if (next !== undefined) at(store).put(next);
          give(next);
        };
      }),
    close: () => base.close(),
  };
}

function once(base, names, mode, work, ending) {
  return new Promise((done, failed) => {
    // Strict: a phone whose battery dies a second later has written it.
    const transaction = base.transaction(names, mode, { durability: "strict" });
    let request, given;
    transaction.oncomplete = () => done(request ? request.result : given);
    transaction.onabort = () => failed(transaction.error ?? new DOMException("Aborted", "AbortError"));
    transaction.onerror = () => failed(transaction.error);
    try {
      request = work(
        (name) => transaction.objectStore(name),
        (value) => (given = value),
      );
      // A page that is on its way out does not live to hear that its requests are done.
      if (ending) transaction.commit?.();
    } catch (error) {
      failed(error);
      transaction.abort();
    }
  });
}
