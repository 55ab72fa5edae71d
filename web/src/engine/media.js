/** Pictures and sounds of a form: the addresses in it stand for files this phone keeps. */

const SCHEME = "jr://";

/** Makes addresses of files, and takes them back when the form is closed. */
export class Addresses {
  #made = new Map();
  #files;

  /** @param {Map<string, Blob>} files - by name */
  constructor(files) {
    this.#files = files;
  }

  /** @returns {string | null} an address of the file, null where there is no such file */
  of(name) {
    if (!this.#made.has(name)) {
      const blob = this.#files.get(name);
      this.#made.set(name, blob ? URL.createObjectURL(blob) : null);
    }
    return this.#made.get(name);
  }

  /** Frees what was made. */
  release() {
    for (const address of this.#made.values()) {
      if (address) {
        URL.revokeObjectURL(address);
      }
    }
    this.#made.clear();
  }
}

/**
 * Puts addresses that work in the place of `jr://images/x.png`; what is missing says its name instead.
 * @param {Element} form - not in the page yet, so that nothing is asked for
 * @param {Addresses} addresses
 */
export function placeMedia(form, addresses) {
  for (const attribute of ["src", "href"]) {
    for (const element of form.querySelectorAll(`[${attribute}^="${SCHEME}"]`)) {
      const given = element.getAttribute(attribute);
      const address = addresses.of(decodeURIComponent(given.slice(given.lastIndexOf("/") + 1)));
      if (address) {
        element.setAttribute(attribute, address);
      } else {
        element.removeAttribute(attribute);
      }
    }
  }
}
