/**
 * Zip files, written and read: what is in them is stored as it is, photos do not shrink anyway.
 *
 * Source: APPNOTE.TXT 6.3, sections 4.3.7 (local header), 4.3.12 (directory), 4.3.16 (its end); bit 11 of the
 * flags says that names are UTF-8. No file over 4 GB, which no phone's queue is.
 */

const LOCAL = 0x04034b50;
const ENTRY = 0x02014b50;
const END = 0x06054b50;
const UTF8 = 0x0800;
const STORED = 0;
const DEFLATED = 8;

const TABLE = new Uint32Array(256).map((_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/**
 * The CRC-32 of bytes.
 * @param {Uint8Array} bytes
 * @returns {number} 32 bits, unsigned
 */
export function crc32(bytes) {
  let value = 0xffffffff;
  for (const byte of bytes) value = TABLE[(value ^ byte) & 0xff] ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}

/**
 * Write a zip. Files stay where they are: only one at a time is read, to know its checksum.
 * @param {{name: string, content: Blob|string}[]} files names with "/" between folders
 * @param {Date} now
 * @returns {Promise<Blob>} application/zip
 */
export async function zip(files, now) {
  const parts = [], directory = [];
  let offset = 0, listed = 0;
  for (const { name, content } of files) {
    const blob = content instanceof Blob ? content : new Blob([content]);
    const bytes = new TextEncoder().encode(name);
    const about = { size: blob.size, crc: crc32(new Uint8Array(await blob.arrayBuffer())), named: bytes.length, now };
    const head = header(LOCAL, about);
    parts.push(head, bytes, blob);
    const entry = header(ENTRY, about, offset);
    directory.push(entry, bytes);
    offset += head.length + bytes.length + blob.size;
    listed += entry.length + bytes.length;
  }
  return new Blob([...parts, ...directory, end(files.length, listed, offset)], { type: "application/zip" });
}

function header(sign, { size, crc, named, now }, offset = 0) {
  const local = sign === LOCAL;
  const view = new DataView(new ArrayBuffer(local ? 30 : 46));
  const shift = local ? 4 : 6; // the directory also says who made it
  view.setUint32(0, sign, true);
  if (!local) view.setUint16(4, 20, true);
  view.setUint16(shift, 20, true);
  view.setUint16(shift + 2, UTF8, true);
  view.setUint16(shift + 4, STORED, true);
  view.setUint16(shift + 6, (now.getHours() << 11) | (now.getMinutes() << 5) | (now.getSeconds() >> 1), true);
  view.setUint16(shift + 8, ((now.getFullYear() - 1980) << 9) | ((now.getMonth() + 1) << 5) | now.getDate(), true);
  view.setUint32(shift + 10, crc, true);
  view.setUint32(shift + 14, size, true);
  view.setUint32(shift + 18, size, true);
  view.setUint16(shift + 22, named, true);
  if (!local) view.setUint32(42, offset, true);
  return new Uint8Array(view.buffer);
}

function end(count, listed, offset) {
  const view = new DataView(new ArrayBuffer(22));
  view.setUint32(0, END, true);
  view.setUint16(8, count, true);
  view.setUint16(10, count, true);
  view.setUint32(12, listed, true);
  view.setUint32(16, offset, true);
  return new Uint8Array(view.buffer);
}

/**
 * Read a zip, whoever wrote it; what a mail program packed again is unpacked where the browser can.
 * @param {Blob} blob
 * @returns {Promise<Map<string, Blob>>} name to content, folders left out
 * @throws {Error} "not a zip" where it is none, or holds what cannot be read
 */
export async function unzip(blob) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const view = new DataView(bytes.buffer);
  const found = new Map();
  try {
    let at = directoryOf(view);
    while (at + 46 <= view.byteLength && view.getUint32(at, true) === ENTRY) {
      const named = view.getUint16(at + 28, true);
      const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + named));
      if (!name.endsWith("/")) found.set(name, await content(view, bytes, at));
      at += 46 + named + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    }
  } catch (error) {
    throw new Error("not a zip", { cause: error });
  }
  return found;
}

function directoryOf(view) {
  // The end may be followed by a remark of at most 65535 bytes.
  for (let at = view.byteLength - 22; at >= Math.max(0, view.byteLength - 65557); at -= 1) {
    if (view.getUint32(at, true) === END) return view.getUint32(at + 16, true);
  }
  throw new Error("no directory");
}

async function content(view, bytes, at) {
  const how = view.getUint16(at + 10, true);
  const crc = view.getUint32(at + 16, true);
  const size = view.getUint32(at + 20, true);
  const head = view.getUint32(at + 42, true);
  const start = head + 30 + view.getUint16(head + 26, true) + view.getUint16(head + 28, true);
  const packed = bytes.subarray(start, start + size);
  if (how !== STORED && how !== DEFLATED) throw new Error("packed in an unknown way");
  const plain = how === STORED ? packed : await inflated(packed);
  if (crc32(plain) !== crc) throw new Error("damaged");
  return new Blob([plain]);
}

async function inflated(packed) {
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
