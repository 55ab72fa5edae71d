/** What the app carries of others, with their licences: the packages a phone gets, not those that only build. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const LICENCE = /^(?:licen[cs]e|copying|notice)(?:[.-].*)?$/i;
const OWN_WORDS = "The package brings no file with its licence's text.";

/**
 * @param {string} root - the folder with node_modules
 * @param {string[]} packages - what is in the app
 * @returns {string} one text, packages in the order of their names
 */
export function licences(root, packages) {
  const parts = [...packages].sort().map((name) => describe(root, name));
  const sheets = describe(root, "enketo-transformer");
  return [
    "The web forms of Collector are built from these packages. Their licences ask for their texts to come along.",
    ...parts,
    `Two sheets (transform/*.xsl) are taken as they are from this package:\n\n${sheets}`,
  ].join(`\n\n${"=".repeat(100)}\n`);
}

function describe(root, name) {
  const folder = join(root, "node_modules", name);
  const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const texts = readdirSync(folder)
    .filter((name) => LICENCE.test(name))
    .sort()
    .map((name) => readFileSync(join(folder, name), "utf8").trim());
  const licence = about.license ?? about.licenses?.map((one) => one.type).join(" or ");
  const home = typeof about.repository === "string" ? about.repository : about.repository?.url;
  return [`${about.name} ${about.version}`, `Licence: ${licence}`, home ?? "", "", ...(texts.length ? texts : [OWN_WORDS])]
    .join("\n")
    .trim();
}
