/** What `make check` looks for in the front end. */

import js from "@eslint/js";
import globals from "globals";

export default [
  { ignores: ["node_modules/", "out/"] },
  js.configs.recommended,
  {
    languageOptions: { ecmaVersion: 2023, sourceType: "module", globals: { ...globals.browser } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      complexity: ["error", 16],
      eqeqeq: ["error", "always", { null: "ignore" }],
      "max-params": ["error", 5],
      "no-console": "error",
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
    },
  },
  { files: ["src/worker/**"], languageOptions: { globals: { ...globals.serviceworker } } },
  { files: ["tools/**", "tests/**", "*.config.js"], languageOptions: { globals: { ...globals.node } } },
];
