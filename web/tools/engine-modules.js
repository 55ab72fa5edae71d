/**
 * Gives enketo-core the modules it asks its host for, and mends what in it does not fit this host.
 *
 * Each mend names a sentence of the source; a release that no longer has it stops the build, so that nobody
 * believes in a mend that does nothing.
 */

import { fileURLToPath } from "node:url";

import { PHONE_MENDS } from "./phone-mends.js";

const here = (path) => fileURLToPath(new URL(`../src/engine/${path}`, import.meta.url));

/** What enketo-core imports by these names, to our files. */
const MODULES = {
  "enketo/config": here("config.js"),
  "enketo/widgets": here("widgets.js"),
  "enketo/translator": here("translator.js"),
  "enketo/dialog": here("dialog.js"),
  "enketo/file-manager": here("files.js"),
  // What phone-mends.js makes it ask for.
  "engine/relevance": here("relevance.js"),
  "engine/unseen": here("unseen.js"),
  "engine/choice_names": here("choice_names.js"),
  "engine/surplus": here("surplus.js"),
  // Swiping between pages is off: it sends a page back when somebody scrolls a wide table.
  "jquery-touchswipe": here("nothing.js"),
};

/** The same, where enketo-core imports its own file instead of the name. */
const FILES = {
  "../../js/fake-translator": MODULES["enketo/translator"],
};

/** What digest() stands on; the evaluator would bring a whole library for it, a third of all there is to load. */
const DIGEST = here("digest.js");

const MENDS = [
  ...PHONE_MENDS,
  {
    why: "An inline handler, which the page’s policy forbids; index.js listens for submit.",
    file: "enketo-core/src/js/form.js",
    from: "this.view.$.attr('onsubmit', 'return false;');",
    to: "",
  },
  {
    why: "Opening a form puts the cursor in its first question, and the keyboard over it.",
    file: "enketo-core/src/js/form.js",
    from: "this.goToTarget(this.view.html);",
    to: "",
  },
  {
    why: "Reads something broken on purpose, to see how this browser says so; the policy complains of its styles.",
    file: "mergexml/mergexml.js",
    from: "f = psr.parseFromString('<invalid', 'text/xml');",
    to: "",
  },
  {
    why: "The same: a browser's word for broken XML is found in whatever namespace it has.",
    file: "mergexml/mergexml.js",
    from: "nsd.psr = f.getElementsByTagName('parsererror')[0].namespaceURI;",
    to: "nsd.psr = '*';",
  },
];

const PACKAGE = /\/node_modules\/((?:enketo-core|mergexml|openrosa-xpath-evaluator)\/.+)$/;

/** @returns {import("vite").Plugin} */
export function engineModules() {
  const open = new Set(MENDS);
  return {
    name: "engine-modules",
    enforce: "pre",
    resolveId(source, importer) {
      if (source === "enketo/xpath-evaluator-binding") {
        return this.resolve("enketo-core/src/js/xpath-evaluator-binding.js", importer);
      }
      if (source === "node-forge" && (importer ?? "").includes("openrosa-xpath-evaluator")) {
        return DIGEST;
      }
      const inCore = (importer ?? "").includes("/enketo-core/");
      return MODULES[source] ?? (inCore ? FILES[source] : undefined);
    },
    transform(code, id) {
      const file = PACKAGE.exec(id.split("?")[0])?.[1];
      const mends = MENDS.filter((mend) => mend.file === file);
      if (!mends.length) {
        return null;
      }
      let mended = code;
      for (const mend of mends) {
        if (!mended.includes(mend.from)) {
          throw new Error(`${file} no longer says: ${mend.from}`);
        }
        mended = mended.replace(mend.from, () => mend.to);
        open.delete(mend);
      }
      return { code: mended, map: null };
    },
    buildEnd(failed) {
      if (!failed && open.size) {
        throw new Error(`No such file was read: ${[...open].map(({ file }) => file).join(", ")}`);
      }
    },
  };
}
