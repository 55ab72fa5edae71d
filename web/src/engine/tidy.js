/** The bytes of a record, as ODK Collect writes them. */

const DECLARATION = "<?xml version='1.0' ?>";
const TAG = /<[^!?][^>]*>/g;
const NAMESPACE = /\sxmlns:([\w.-]+)="[^"]*"/g;

/**
 * Takes out what the engine leaves in for itself: the marks of files, and names of namespaces nothing is in.
 * @param {string} xml - one element, as XMLSerializer writes it: no ">" in attributes
 * @returns {string} the same record with a declaration in front
 */
export function tidy(xml) {
  const tags = xml.match(TAG) ?? [];
  const names = tags.map((tag) => tag.replace(/="[^"]*"/g, "").replace(/\sxmlns:[\w.-]+/g, "")).join(" ");
  const used = new Set([...names.matchAll(/([\w.-]+):/g)].map(([, prefix]) => prefix));
  const cleaned = xml.replace(TAG, (tag) =>
    tag
      .replace(/\stype="file"/g, "")
      .replace(NAMESPACE, (declared, prefix) => (used.has(prefix) ? declared : "")),
  );
  return `${DECLARATION}${cleaned.trim()}`;
}

/**
 * @param {string} xml - a record
 * @param {string} name - of a file
 * @returns {boolean} whether an answer in it names the file
 */
export function names(xml, name) {
  const escaped = name.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return xml.includes(`>${escaped}<`);
}
