/**
 * `node tools/build.js FOLDER [harness]`: builds the app (or the page the tests open the engine with) into FOLDER.
 *
 * The app: what Vite makes of index.html, the service worker with the list of what it keeps, the two sheets
 * that turn forms into pages, the licences of what went in, and everything packed for browsers that take it.
 * The same sources give the same bytes.
 */

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

import { build } from "vite";

import { licences } from "./licences.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SHEETS = join(ROOT, "node_modules", "enketo-transformer", "dist", "enketo-transformer", "xsl");
const WORKER = join(ROOT, "src", "worker", "sw.js");
const PACKED = /\.(?:html|js|css|svg|json|webmanifest)$/;
const WORTH_PACKING = 700; // bytes: below, packing saves nothing a network would notice

/** @returns {string[]} the files below a folder, as paths with "/" inside it, sorted */
function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)).split(sep).join("/"))
    .sort();
}

/** One name for all contents: changes when any of them does. */
function fingerprint(folder, files) {
  const hash = createHash("sha256");
  for (const file of files) {
    hash.update(file).update("\0").update(createHash("sha256").update(readFileSync(join(folder, file))).digest());
  }
  return hash.digest("hex").slice(0, 16);
}

/** The worker is one file without imports, told what to keep: the page itself ("./") and what it may load. */
async function buildWorker(out) {
  const files = filesIn(out).filter((file) => !file.startsWith("transform/"));
  const kept = files.map((file) => (file === "index.html" ? "./" : file));
  await build({
    root: ROOT,
    configFile: false,
    logLevel: "warn",
    define: {
      __PRECACHE__: JSON.stringify(kept),
      __VERSION__: JSON.stringify(fingerprint(out, files)),
    },
    build: {
      outDir: out,
      emptyOutDir: false,
      copyPublicDir: false,
      target: ["chrome87", "safari14", "firefox78"],
      reportCompressedSize: false,
      rollupOptions: { input: WORKER, output: { format: "iife", entryFileNames: "sw.js" } },
    },
  });
}

/** The package holds the sheets as modules that export their text. */
async function copySheets(out) {
  mkdirSync(join(out, "transform"), { recursive: true });
  for (const file of readdirSync(SHEETS).filter((name) => name.endsWith(".xsl.js")).sort()) {
    const { default: sheet } = await import(pathToFileURL(join(SHEETS, file)).href);
    writeFileSync(join(out, "transform", file.slice(0, -".js".length)), sheet);
  }
}

/** Beside each text a .gz and a .br, where they are smaller. */
function pack(out) {
  for (const file of filesIn(out)) {
    const bytes = readFileSync(join(out, file));
    if (!PACKED.test(file) || bytes.length < WORTH_PACKING) {
      continue;
    }
    const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } };
    writeFileSync(join(out, `${file}.br`), brotliCompressSync(bytes, brotli));
    writeFileSync(join(out, `${file}.gz`), gzipSync(bytes, { level: 9 }));
  }
}

/** What loads what: of each part of the app its file, and the parts it brings at once and later. */
function takeChunks(out) {
  const chunks = JSON.parse(readFileSync(join(out, ".vite", "manifest.json"), "utf8"));
  rmSync(join(out, ".vite"), { recursive: true });
  return chunks;
}

function writeManifest(out, chunks) {
  const version = (name) => JSON.parse(readFileSync(join(ROOT, "node_modules", name, "package.json"), "utf8")).version;
  const versions = Object.fromEntries(["enketo-core", "enketo-transformer", "vite"].map((name) => [name, version(name)]));
  const files = Object.fromEntries(
    filesIn(out).map((file) => [file, createHash("sha256").update(readFileSync(join(out, file))).digest("hex")]),
  );
  writeFileSync(join(out, "manifest.json"), `${JSON.stringify({ versions, files, chunks }, null, 2)}\n`);
}

/** @returns {import("vite").Plugin} one that notes the packages something of which is in the app */
function noting(packages) {
  return {
    name: "noting",
    generateBundle(_options, bundle) {
      for (const id of Object.values(bundle).flatMap((chunk) => Object.keys(chunk.modules ?? {}))) {
        const name = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*\/node_modules\/)/.exec(id)?.[1];
        if (name) {
          packages.add(name);
        }
      }
    },
  };
}

async function buildApp(out) {
  const packages = new Set();
  await build({
    configFile: join(ROOT, "vite.config.js"),
    logLevel: "warn",
    plugins: [noting(packages)],
    build: { outDir: out, emptyOutDir: true, manifest: true },
  });
  const chunks = takeChunks(out);
  await buildWorker(out);
  pack(out);
  await copySheets(out);
  writeFileSync(join(out, "THIRD-PARTY.txt"), licences(ROOT, packages));
  writeManifest(out, chunks);
}

async function buildHarness(out) {
  await build({
    configFile: join(ROOT, "vite.config.js"),
    root: join(ROOT, "harness"),
    base: "./",
    publicDir: false,
    logLevel: "warn",
    build: { outDir: out, emptyOutDir: true, minify: false },
  });
}

const [folder, which] = process.argv.slice(2);
if (!folder) {
  throw new Error(`usage: node ${join("tools", "build.js")} FOLDER [harness]`);
}
const out = resolve(folder);
rmSync(out, { recursive: true, force: true });
mkdirSync(dirname(out), { recursive: true });
await (which === "harness" ? buildHarness(out) : buildApp(out));
