/** Which screen an address means. */

/**
 * @typedef {object} Route
 * @property {string} name of the screen
 * @property {string[]} args what stands after it, decoded
 */

/**
 * Read the part of an address after "#".
 * @param {string} hash "#/fill/1234", or "" for the first screen
 * @returns {Route}
 */
export function read(hash) {
  const [name = "", ...args] = hash.replace(/^#\/?/, "").split("/").map(decoded);
  return { name: name || "home", args: args.filter((arg) => arg !== "") };
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Write one.
 * @param {string} name
 * @param {...(string|number)} args
 * @returns {string} "#/fill/1234"
 */
export function to(name, ...args) {
  return `#/${[name === "home" ? "" : name, ...args.map((arg) => encodeURIComponent(arg))].join("/")}`;
}

/**
 * What the path of the first page asks for: a public link, or a village's code.
 * @param {string} path of the address
 * @returns {{kind: "link"|"village", value: string}|null}
 */
export function arrival(path) {
  const found = /^\/w\/([lv])\/([^/]+)\/?$/.exec(path);
  return found ? { kind: found[1] === "l" ? "link" : "village", value: decoded(found[2]) } : null;
}
