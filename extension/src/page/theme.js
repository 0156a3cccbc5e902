import { SHAPES } from "./verdicts.js";

// One style sheet for every badge and the card. Sites have dark modes of their own, so the page's own background decides.

const LIGHT = "--ink:#16202a;--dim:#5b6875;--line:#d9dfe5;--paper:#fff;--talk:#0b7a6e;--some:#3b6ea8;--cast:#995c05;--auto:#6b4fb3;--game:#b3305e;--none:#5d6873;" +
  "--bot:#6b4fb3;--bot-w:#eeeafa;--talk-w:#e2f3f0;--some-w:#e7eff8;--cast-w:#fbefdd;--auto-w:#eeeafa;--game-w:#fae6ee;--none-w:#eef1f3";
const DARK = "--ink:#e8edf2;--dim:#9aa7b4;--line:#2e3a46;--paper:#161e27;--talk:#4fd1c0;--some:#8dbcf0;--cast:#f0b35c;--auto:#b9a3f5;--game:#f58fb3;--none:#9aa7b4;" +
  "--bot:#b9a3f5;--bot-w:#2a2148;--talk-w:#12352f;--some-w:#1a2e45;--cast-w:#3a2a12;--auto-w:#2a2148;--game-w:#431c2c;--none-w:#222c36";
const LOOKS = ["talk", "some", "cast", "auto", "game", "none", "bot"].map((look) => `.${look}{--c:var(--${look});--w:var(--${look}-w)}`).join("") + SHAPES;

// The margins take the badge out of the height of its line: no row grows because of it.
const BADGE = `
:host(rapport-badge){all:initial!important;display:inline-flex!important;flex:none!important;align-self:center!important;vertical-align:-3px!important;margin:-4px 0 -4px 6px!important}
.badge{all:unset;box-sizing:border-box;display:inline-flex;align-items:center;gap:5px;height:18px;padding:0 7px 0 5px;border-radius:9px;
font:400 12px/16px system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;font-variant-numeric:tabular-nums;white-space:nowrap;cursor:pointer;
color:var(--c);background:var(--w);border:1px solid color-mix(in srgb,var(--c) 28%,transparent)}
.badge:focus-visible{outline:2px solid var(--c);outline-offset:1px}
.badge{--m:.75}
.badge b{font-weight:700}`;

const sheet = new CSSStyleSheet();
/** @type {Map<ShadowRoot, HTMLStyleElement> | null} roots of a browser that cannot share a sheet with a content script */
let copies = null;
let extra = "";
let dark = false;

const text = () => `:host{${dark ? DARK : LIGHT}}${LOOKS}${BADGE}${extra}`;

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
  const style = document.createElement("style");
  style.textContent = text();
  root.append(style);
  copies.set(root, style);
}

function restyle() {
  sheet.replaceSync(text());
  for (const [root, style] of copies ?? []) {
    if (root.host.isConnected) style.textContent = text();
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
