/**
 * One at a time, over all windows and the worker of this browser.
 *
 * Browsers without the Web Locks API (older than 2018, or pages that are not on https) get a lock that holds
 * within one window: two windows may then send the same record, and the server answers the second as the first.
 */

const held = new Set();
const locks = globalThis.navigator?.locks;

/**
 * Do it unless somebody is doing it already.
 * @template Result
 * @param {string} name
 * @param {() => Promise<Result>} work
 * @returns {Promise<Result|undefined>} undefined when somebody is
 */
export async function alone(name, work) {
  if (locks) {
    return locks.request(name, { ifAvailable: true }, (lock) => (lock ? work() : undefined));
  }
  if (held.has(name)) return undefined;
  held.add(name);
  try {
    return await work();
  } finally {
    held.delete(name);
  }
}

/**
 * Hold a lock until it is let go.
 * @param {string} name
 * @param {{force?: boolean, lost?: () => void}} [how] `force` takes it from whoever holds it; `lost` is told
 *   when another window took it from here
 * @returns {Promise<(() => void)|null>} lets it go; null when somebody else holds it
 */
export function hold(name, { force = false, lost = () => {} } = {}) {
  if (!locks) return Promise.resolve(holdHere(name, force));
  return new Promise((got) => {
    let release = () => {};
    const kept = new Promise((done) => (release = done));
    locks
      .request(name, force ? { steal: true } : { ifAvailable: true }, (lock) => {
        got(lock ? release : null);
        return lock ? kept : undefined;
      })
      .catch(() => lost());
  });
}

function holdHere(name, force) {
  if (held.has(name) && !force) return null;
  held.add(name);
  return () => held.delete(name);
}

/**
 * Whether any window holds a lock whose name begins so.
 * @param {string} beginning
 * @returns {Promise<boolean>}
 */
export async function isHeld(beginning) {
  if (!locks?.query) return [...held].some((name) => name.startsWith(beginning));
  const { held: found = [] } = await locks.query();
  return found.some(({ name }) => name.startsWith(beginning));
}
