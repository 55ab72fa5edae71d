/** What the app carries of others, with their licences: the packages a phone gets, not those that only build. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const LICENCE = /^(?:licen[cs]e|copying|notice)(?:[.-].*)?$/i;
const OWN_WORDS = "The package brings no file with its licence's text.";

/** Where two licences are offered, the permissive one is taken. */
const CHOSEN = { "node-forge": "BSD-3-Clause", "jquery-touchswipe": "MIT" };

/**
 * @param {string} root - the folder with package-lock.json and node_modules
 * @returns {string} one text, packages in the order of their names
 */
export function licences(root) {
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  const parts = Object.entries(lock.packages)
    .filter(([path, entry]) => path && !entry.dev && !entry.optional)
    .map(([path]) => describe(root, path))
    .sort();
  const sheets = describe(root, "node_modules/enketo-transformer");
  return [
    "The web forms of Collector are built from these packages. Their licences ask for their texts to come along.",
    ...parts,
    `Two sheets (transform/*.xsl) are taken as they are from this package:\n\n${sheets}`,
  ].join(`\n\n${"=".repeat(100)}\n`);
}

function describe(root, path) {
  const folder = join(root, path);
  if (!existsSync(folder)) {
    return `${path} (not installed)`;
  }
  const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const texts = readdirSync(folder)
    .filter((name) => LICENCE.test(name))
    .sort()
    .map((name) => readFileSync(join(folder, name), "utf8").trim());
  const licence = CHOSEN[about.name] ?? about.license ?? about.licenses?.map((one) => one.type).join(" or ");
  const home = typeof about.repository === "string" ? about.repository : about.repository?.url;
  return [`${about.name} ${about.version}`, `Licence: ${licence}`, home ?? "", "", ...(texts.length ? texts : [OWN_WORDS])]
    .join("\n")
    .trim();
}
