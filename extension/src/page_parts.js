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

/** How often each place was written to: an answer that comes after something newer was said is kept back. @type {WeakMap<HTMLElement, number>} */
const told = new WeakMap();

/** @param {HTMLElement} place @param {string} words @param {boolean} good */
export function tell(place, words, good) {
  told.set(place, (told.get(place) ?? 0) + 1);
  place.textContent = words;
  place.className = `state ${good ? "good" : "bad"}`;
}

/** How the service is, as the worker sees it now. @param {HTMLElement} place */
export async function showStatus(place) {
  const before = told.get(place);
  const reply = await browser.runtime.sendMessage({ type: "status" }).catch(() => null);
  if (told.get(place) === before) tell(place, reply?.words ?? say("service_starting"), Boolean(reply?.ok));
}
