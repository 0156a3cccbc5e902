import { isDark } from "./theme.js";
import { lookOf } from "./verdicts.js";

/** The element's name: the page can see it and its data-rapport attribute, nothing more. */
const NAME = "rapport-badge";
/** A page that takes the name for itself makes it longer. */
let tag = NAME;

/**
 * @typedef {object} Badge
 * @property {HTMLElement} host
 * @property {HTMLButtonElement} button
 * @property {Text} text
 * @property {string} look  its parts, by which the page's sheet of badges knows it
 * @property {boolean} isDark
 * @property {import("../answer.js").Answer | null} answer  what it shows
 */

/** @type {WeakMap<Element, Badge>} */
const badges = new WeakMap();

/** The badge behind an element of ours. @param {EventTarget | null} host */
export const badgeOf = (host) => badges.get(/** @type {Element} */ (host));

/** What every badge is copied from: of a copy only what changes becomes an object of the script. */
const pattern = document.createElement("button");
pattern.type = "button";
pattern.append("");

/** @returns {[HTMLElement, ShadowRoot]} */
function createHost() {
  try {
    const host = document.createElement(tag);
    if (tag !== NAME) host.setAttribute(NAME, "");
    return [host, host.attachShadow({ mode: "closed" })];
  } catch {
    tag += `-${Math.random().toString(36).slice(2, 8)}`;
    return createHost();
  }
}

/** @param {import("../sites/site.js").Surface["where"]} where @returns {Badge} */
export function createBadge(where) {
  const [host, root] = createHost();
  if (where === "atEnd") host.setAttribute("at-end", "");
  const button = /** @type {HTMLButtonElement} */ (pattern.cloneNode(true));
  root.append(button);
  const badge = { host, button, text: /** @type {Text} */ (button.firstChild), look: "", isDark, answer: null };
  badges.set(host, badge);
  return badge;
}

/** The words of a badge in the person's language, by the names of `locales/…/badge.json`. @type {Record<string, string>} */
let words = {};
let isScored = true;
let isCompact = false;

/** What badges say from now on. @param {Record<string, string>} inLanguage @param {import("./known.js").Wishes} wishes */
export function speak(inLanguage, { show, badge }) {
  words = inLanguage;
  isScored = show !== "engagement";
  isCompact = badge === "compact";
  pieces = (isScored ? words.label : words.label_engagement).split(/\$(\d)/);
}

/** The label of a scored badge in pieces: words, and where its numbers go. @type {string[]} */
let pieces = [];

/** @param {string[]} values */
function label(...values) {
  let text = "";
  for (let i = 0; i < pieces.length; i++) text += i % 2 ? values[Number(pieces[i]) - 1] : pieces[i];
  return text;
}

/** What a screen reader says of a badge. @param {import("../answer.js").Answer} answer */
function accessibleName({ state, verdict = "", title = "", ratio = "", score }) {
  if (state === "unasked") return words.label_unasked;
  if (state === "too_little") return words.label_little;
  const name = words[verdict] ?? title;
  return isScored ? label(String(score), name, ratio) : label(name, ratio);
}

/** Stands after the mark; alone, it keeps that on the line of the name. */
const GAP = "\u00a0";

/**
 * What is to be read on a badge: one text, because a box with a single text is laid out at half the cost of one with two.
 * @param {import("../answer.js").Answer} answer
 */
function textOf({ state, score, ratio }) {
  const isReady = state === "ready", number = isReady && isScored ? String(score) : "";
  const rest = isCompact ? "" : isReady ? ratio ?? "" : state === "unasked" ? words.unasked : words.little;
  return GAP + number + (number && rest && " · ") + rest;
}

/** @param {Badge} badge @param {import("../answer.js").Answer} answer */
export function showAnswer(badge, answer) {
  if (badge.answer === answer && badge.isDark === isDark) return;
  badge.answer = answer;
  badge.isDark = isDark;
  const { network, handle } = answer, look = `badge ${lookOf(answer)}${isDark ? " dark" : ""}`;
  if (badge.look !== look) badge.button.setAttribute("part", (badge.look = look));
  badge.host.setAttribute("data-rapport", `${network}:${handle}`);
  badge.button.setAttribute("aria-label", accessibleName(answer));
  badge.text.data = textOf(answer);
}
