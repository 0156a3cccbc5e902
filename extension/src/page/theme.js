// One style sheet for every badge and the card. Sites have dark modes of their own, so the page's own background decides.

const sheet = new CSSStyleSheet();
/** @type {Map<ShadowRoot, HTMLStyleElement> | null} roots of a browser that cannot share a sheet with a content script */
let copies = null;
let extra = "";
let dark = false;

/** @type {import("./style.js").Style} */
let style = { light: "", dark: "", rules: "" };

const text = () => style.rules + (dark ? style.dark : style.light) + extra;

/** @param {import("./style.js").Style} given */
export function wear(given) {
  style = given;
  restyle();
}

/** Gives a shadow root the shared sheet. @param {ShadowRoot} root */
export function dress(root) {
  if (!copies) {
    try {
      root.adoptedStyleSheets = [sheet];
      return;
    } catch {
      copies = new Map();
    }
  }
  const copy = document.createElement("style");
  copy.textContent = text();
  root.append(copy);
  copies.set(root, copy);
}

function restyle() {
  sheet.replaceSync(text());
  for (const [root, copy] of copies ?? []) {
    if (root.host.isConnected) copy.textContent = text();
    else copies?.delete(root);
  }
}

/** Adds the rules of a part that is seldom needed. @param {string} rules */
export function addRules(rules) {
  if (extra.includes(rules)) return;
  extra += rules;
  restyle();
}

/** Whether the page behind the badges is dark. */
function pageIsDark() {
  for (const element of [document.body, document.documentElement]) {
    const [r, g, b, alpha] = (getComputedStyle(element).backgroundColor.match(/[\d.]+/g) ?? []).map(Number);
    if (b !== undefined && alpha !== 0) return r * 0.299 + g * 0.587 + b * 0.114 < 128;
  }
  return matchMedia("(prefers-color-scheme: dark)").matches && /dark/.test(getComputedStyle(document.documentElement).colorScheme);
}

/** Follows the page's own light and dark until the signal ends. @param {AbortSignal} signal */
export function followTheme(signal) {
  const look = () => {
    const now = pageIsDark();
    if (now !== dark || !sheet.cssRules.length) {
      dark = now;
      restyle();
    }
  };
  let due = false;
  const soon = () => {
    if (due) return;
    due = true;
    requestAnimationFrame(() => {
      due = false;
      if (!signal.aborted) look();
    });
  };
  const observer = new MutationObserver(soon);
  for (const element of [document.documentElement, document.body]) observer.observe(element, { attributes: true, attributeFilter: ["class", "style", "data-theme", "data-color-scheme"] });
  signal.addEventListener("abort", () => observer.disconnect());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", soon, { signal });
  look();
}
