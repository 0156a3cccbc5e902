// What the extension's own pages have in common.
import { browser } from "./browser.js";
import { say } from "./words.js";

/** @template {HTMLElement} T @param {string} id @returns {T} */
export const byId = (id) => /** @type {T} */ (document.getElementById(id));
/** @param {string} id @returns {HTMLInputElement} */
export const input = (id) => byId(id);

/** @param {string} tag @param {string} className @param {...(Node | string)} children */
export function el(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

/** How the service is, as the worker sees it now. @param {HTMLElement} place */
export async function showStatus(place) {
  const reply = await browser.runtime.sendMessage({ type: "status" }).catch(() => null);
  place.textContent = reply?.words ?? say("service_starting");
  place.className = `state ${reply?.ok ? "good" : "bad"}`;
}
