/** Names and sizes of what is attached to a record, and how long a text may be. Pure. */

const ENDINGS = { "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "audio/mp4": "m4a", "video/mp4": "mp4" };

/**
 * A name that no other file of the record has, as ODK Collect names photos: by the time.
 *
 * @param {number} now milliseconds
 * @param {{type: string, name?: string}} file what was picked or made; its own name is not kept, it may tell of others
 * @returns {string} "1795369530123.jpg"
 */
export function fileName(now, { type, name = "" }) {
  const told = /\.([A-Za-z0-9]{1,5})$/.exec(name)?.[1]?.toLowerCase();
  const kind = /^[a-z]+\/([a-z0-9]{1,5})/.exec(type)?.[1];
  return `${now}.${ENDINGS[type] ?? told ?? kind ?? "bin"}`;
}

/**
 * The size a picture is brought to: its longer side at most so many pixels, never larger than it is.
 *
 * @param {number} width
 * @param {number} height
 * @param {number} most
 * @returns {{width: number, height: number, smaller: boolean}}
 */
export function fitted(width, height, most) {
  const ratio = Math.min(1, most / Math.max(width, height));
  const side = (pixels) => Math.max(1, Math.round(pixels * ratio));
  return { width: side(width), height: side(height), smaller: ratio < 1 };
}

/**
 * A size for eyes.
 *
 * @param {number} bytes
 * @returns {string} "640 KB", "1,2 MB"
 */
export function readableSize(bytes) {
  if (bytes < 1000) {
    return `${bytes} B`;
  }
  const thousands = bytes / 1000;
  return thousands < 999.5 ? `${Math.round(thousands)} KB` : `${(thousands / 1000).toFixed(1).replace(".", ",")} MB`;
}

/**
 * How many signs a text may have, where its constraint says so.
 *
 * @param {string | undefined} constraint XPath, as "string-length(.) <= 200"
 * @returns {number | null}
 */
export function lengthAllowed(constraint) {
  const found = /string-length\(\s*\.\s*\)\s*(<=?)\s*(\d+)/.exec(constraint ?? "");
  return found ? Number(found[2]) - (found[1] === "<" ? 1 : 0) : null;
}
