/** Names that nobody else has. */

/**
 * A random UUID; pages that are not on https have no `randomUUID`.
 * @returns {string}
 */
export function uuid() {
  if (globalThis.crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/**
 * What this browser is called in the records it makes: made once, kept with the rest.
 * @param {import("./db.js").Db} db
 * @returns {Promise<string>} "collector:" and sixteen letters
 */
export async function deviceId(db) {
  const found = await db.get("marks", "device");
  if (found) return found.value;
  const value = `collector:${uuid().replaceAll("-", "").slice(0, 16)}`;
  await db.write(["put", "marks", { name: "device", value }]);
  return value;
}
