// What a card begins with: the score, the verdict and its sentence, the score on its scale, replies against broadcasts.
import { say, sayCount } from "../../words.js";
import { el, english } from "./elements.js";

/** The letters of the bar's labels: Latin ones, and those that fill a square. */
const LETTER_PX = 7, SQUARE_PX = 12, PADDING_PX = 16;

/** The words of a verdict in the person's language, else the service's. @param {import("../../answer.js").Answer} answer */
export function verdictOf({ verdict, title = "" }) {
  const key = `badge_${verdict}`, words = say(key);
  return words === key ? english(el("span", "", title)) : el("span", "", words);
}

/** @param {import("../../answer.js").Answer} answer @param {boolean} isScored  whether scores are shown */
export function head(answer, isScored) {
  if (answer.state === "unasked") {
    return [el("div", "top", el("div", "", el("div", "verdict", el("i", "mark"), say("card_unasked_title")), el("div", "sentence", say("card_unasked"))))];
  }
  const { score, sentence = "" } = answer;
  const words = el("div", "", el("div", "verdict", el("i", "mark"), verdictOf(answer)), english(el("div", "sentence", sentence), sentence));
  return [el("div", "top", ...(isScored && score ? [el("div", "score", String(score))] : []), words)];
}

/**
 * A score with its interval on a line from 1 to 100.
 * @param {number} score
 * @param {number} low
 * @param {number} high
 */
export function track(score, low, high) {
  const range = el("i", ""), mark = el("u", ""), line = el("div", "scale", range, mark);
  range.style.insetInlineStart = `${low - 1}%`;
  range.style.inlineSize = `${Math.max(1, high - low)}%`;
  mark.style.insetInlineStart = `${score - 1}%`;
  line.setAttribute("aria-hidden", "true");
  return line;
}

/** @param {import("../../answer.js").Answer} answer */
export function scale({ score, low, high }) {
  if (!score) return [];
  const from = low ?? score, to = high ?? score;
  return [track(score, from, to), el("div", "ends", el("span", "", "1"), el("span", "", say("card_interval", from, to)), el("span", "", "100"))];
}

/** About how wide a label is. @param {HTMLElement} label */
const widthOf = ({ textContent }) => [...(textContent ?? "")].reduce((sum, letter) => sum + (letter > "\u2e80" ? SQUARE_PX : LETTER_PX), PADDING_PX);

/**
 * Replies against broadcasts. A number stands on its own part of the bar, else on the other part, else both stand below.
 * @param {import("../../answer.js").Answer} answer
 * @param {number} width  of the bar, in pixels
 */
export function balance({ replies = 0, broadcasts = 0 }, width) {
  if (!(replies + broadcasts)) return [];
  const share = replies / (replies + broadcasts), talks = el("div", "talks"), casts = el("div", "casts"), drawn = el("div", "balance", talks, casts);
  const answered = el("span", "", sayCount("card_replies", replies)), sent = el("span", "all", sayCount("card_broadcasts", broadcasts));
  const both = widthOf(answered) + widthOf(sent), replying = share * width, sending = width - replying;
  talks.style.inlineSize = `${100 * share}%`;
  if (widthOf(answered) < replying && widthOf(sent) < sending) {
    talks.append(answered);
    casts.append(sent);
  } else if (both < Math.max(replying, sending)) (sending > replying ? casts : talks).append(answered, sent);
  else return [drawn, el("div", "ends", answered, sent)];
  return [drawn];
}
