/** The app, served below /w/. `tools/build.js` says where to, and adds what Vite does not make. */

import { fileURLToPath } from "node:url";

import { defineConfig } from "vite";

import { engineModules } from "./tools/engine-modules.js";

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "/w/",
  plugins: [engineModules()],
  build: {
    // What a cheap phone's browser and the one inside Zalo may still be.
    target: ["chrome87", "safari14", "firefox78"],
    // The policy of the page allows pictures as data:, but none of them should be loaded twice.
    assetsInlineLimit: 2048,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1000,
  },
});
