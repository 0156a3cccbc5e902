// To be run in the repository's root: eslint passes over what lies outside the folder it is run in, and the service's pages are held to the same.
const GLOBALS = Object.fromEntries(
  ("document window location globalThis chrome fetch setTimeout clearTimeout setInterval clearInterval requestAnimationFrame queueMicrotask performance " +
    "MutationObserver IntersectionObserver ResizeObserver WeakRef URL URLSearchParams AbortController AbortSignal CSSStyleSheet " +
    "Element HTMLElement Node Text NodeFilter getComputedStyle matchMedia innerWidth innerHeight console structuredClone Headers Response " +
    "crypto navigator TextEncoder Event HTMLInputElement HTMLSelectElement HTMLFormElement HTMLButtonElement HTMLAnchorElement DOMParser process Buffer " +
    "FormData EventSource history devicePixelRatio getSelection " +
    "HTMLTableElement HTMLTableSectionElement HTMLTableRowElement HTMLTemplateElement").split(" ").map((name) => [name, "readonly"]),
);

export default [
  { ignores: ["**/dist/", "**/node_modules/", "**/vendor/"] },
  {
    files: ["**/*.js"],
    languageOptions: { ecmaVersion: 2023, sourceType: "module", globals: GLOBALS },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "no-undef": "error",
      "no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "no-var": "error",
      "prefer-const": "error",
      eqeqeq: ["error", "always", { null: "ignore" }],
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-shadow": ["error", { builtinGlobals: false, hoist: "functions" }],
      "no-unreachable": "error",
      "no-fallthrough": "error",
      "max-len": ["error", { code: 160, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true }],
      "max-lines-per-function": ["error", { max: 60, skipComments: true, skipBlankLines: true }],
      // What stands on a page was written by strangers: nothing is ever parsed as markup.
      "no-restricted-properties": ["error",
        { property: "innerHTML", message: "Use textContent." },
        { property: "outerHTML", message: "Only the capture may read it.", allowObjects: [] },
        { property: "insertAdjacentHTML", message: "Use textContent." },
        { object: "document", property: "write", message: "Use textContent." },
      ],
    },
  },
  { files: ["**/src/page/clean.js"], rules: { "no-restricted-properties": "off" } },
];
