// The sheet of the card, for whichever card is open.
import { rulesOn } from "./rules.js";

const sheet = new CSSStyleSheet();
/** Of a browser that cannot share a sheet with a content script. @type {HTMLStyleElement | null} */
let copy = null;
/** @type {boolean | null} */
let wasDark = null;

/** Has the card look as it does on a light or on a dark page. @param {boolean} isDark */
export function wear(isDark) {
  if (isDark === wasDark) return;
  wasDark = isDark;
  sheet.replaceSync(rulesOn(isDark));
  if (copy) copy.textContent = rulesOn(isDark);
}

/** Gives the sheet to a card's shadow root. @param {ShadowRoot} root */
export function dress(root) {
  if (!copy) {
    try {
      root.adoptedStyleSheets = [sheet];
      return;
    } catch {
      copy = document.createElement("style");
      copy.textContent = rulesOn(wasDark ?? false);
    }
  }
  root.append(copy);
}
