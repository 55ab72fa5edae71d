/** What happened, told to every window of this browser: a record was sent, a draft was saved, forms came. */

const heard = new Set();
const channel = globalThis.BroadcastChannel ? new BroadcastChannel("collector") : null;

if (channel) {
  channel.onmessage = (event) => pass(event.data);
  // Outside of a browser an open line would keep a finished program from ending.
  channel.unref?.();
}

function pass(what) {
  for (const hear of [...heard]) hear(what);
}

/**
 * Tell it here and in the other windows.
 * @param {string} topic queue, drafts, shelf, people, progress, release
 * @param {object} [about] what else there is to say; must be plain data
 */
export function tell(topic, about = {}) {
  const what = { topic, ...about };
  pass(what);
  channel?.postMessage(what);
}

/**
 * Hear what is told, here or elsewhere.
 * @param {(what: {topic: string}) => void} hear
 * @returns {() => void} stops it
 */
export function listen(hear) {
  heard.add(hear);
  return () => heard.delete(hear);
}
