import { dress } from "./theme.js";
import { createMark, lookOf } from "./verdicts.js";

/** The element's name: the page can see it and its data-rapport attribute, nothing more. */
export const TAG = "rapport-badge";

/**
 * @typedef {object} Badge
 * @property {HTMLElement} host
 * @property {HTMLButtonElement} button
 * @property {Text} score
 * @property {Text} ratio
 * @property {string} look
 * @property {import("../answer.js").Answer | null} answer  what it shows
 */

/** @type {WeakMap<Element, Badge>} */
const badges = new WeakMap();

/** The badge behind an element of ours. @param {EventTarget | null} host */
export const badgeOf = (host) => badges.get(/** @type {Element} */ (host));

/** What every badge is copied from: of a copy only what changes becomes an object of the script. */
const pattern = document.createElement("button");
pattern.type = "button";
for (const tag of ["b", "span"]) pattern.appendChild(document.createElement(tag)).append("");
pattern.prepend(createMark());

/** @returns {Badge} */
export function createBadge() {
  const host = document.createElement(TAG), root = host.attachShadow({ mode: "closed" });
  const button = /** @type {HTMLButtonElement} */ (pattern.cloneNode(true)), last = /** @type {Node} */ (button.lastChild);
  const score = /** @type {Text} */ (last.previousSibling?.firstChild), ratio = /** @type {Text} */ (last.firstChild);
  dress(root);
  root.append(button);
  const badge = { host, button, score, ratio, look: "", answer: null };
  badges.set(host, badge);
  return badge;
}

/** What a screen reader says of a badge. @param {import("../answer.js").Answer} answer */
export function accessibleName(answer) {
  if (answer.state === "too_little") return "Too little to tell. Show why";
  return `Influence ${answer.score}, ${answer.title}, replies to broadcasts ${answer.ratio}. Show why`;
}

/** @param {Badge} badge @param {import("../answer.js").Answer} answer */
export function showAnswer(badge, answer) {
  if (badge.answer === answer) return;
  badge.answer = answer;
  const little = answer.state === "too_little", look = lookOf(answer);
  if (badge.look !== look) badge.button.className = `badge ${(badge.look = look)}`;
  badge.host.setAttribute("data-rapport", `${answer.network}:${answer.handle}`);
  badge.button.setAttribute("aria-label", accessibleName(answer));
  badge.score.data = little ? "" : String(answer.score);
  badge.ratio.data = little ? "too little to tell" : answer.ratio ?? "";
}
