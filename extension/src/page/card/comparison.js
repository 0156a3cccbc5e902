// Two accounts side by side: scores with their intervals on one scale, pillar by pillar, replies to broadcasts.
import { say } from "../../words.js";
import { pillarName } from "./details.js";
import { bar, el, named } from "./elements.js";
import { track } from "./head.js";

/** @typedef {import("../../background/compare.js").Compared} Compared */

/** Whether two intervals have a score in common. @param {import("../../answer.js").Answer} a @param {import("../../answer.js").Answer} b */
const overlap = (a, b) => Number(a.low) <= Number(b.high) && Number(b.low) <= Number(a.high);

/** @param {import("../../answer.js").Answer} one @param {import("../../answer.js").Answer} other */
function sentence(one, other) {
  if (one.network !== other.network) return say("card_other_network");
  const difference = Math.abs(Number(one.score) - Number(other.score));
  return say(overlap(one, other) ? "card_within_noise" : "card_beyond_noise", difference);
}

/** @param {Compared} account @param {string} className */
function scoreRow({ answer, name }, className) {
  const { score = 1, low = score, high = score } = answer;
  return [named("who", name), el("div", className, track(score, low, high)), el("span", "pts", String(score))];
}

/** @param {Compared} one @param {Compared} other */
function rowsOfPillars(one, other) {
  return one.pillars.flatMap((mine) => {
    const theirs = other.pillars.find(({ id }) => id === mine.id);
    if (!theirs) return [];
    const bars = el("div", "pair", bar("bar", mine.rounded / mine.of), bar("bar other", theirs.rounded / theirs.of));
    return [pillarName(mine), bars, el("span", "pts", `${mine.rounded} · ${theirs.rounded}`)];
  });
}

/**
 * @param {Compared} one        the account of this card
 * @param {Compared} other      the one that is remembered
 * @param {boolean} isScored    whether scores are shown
 */
export function comparison(one, other, isScored) {
  const isOneScale = one.answer.network === other.answer.network, rows = [];
  if (isScored && isOneScale) {
    rows.push(...scoreRow(one, ""), ...scoreRow(other, "other"), ...rowsOfPillars(one, other));
    rows.push(el("span", "wide", say("card_ratio")), el("span", "pts", `${one.answer.ratio} · ${other.answer.ratio}`));
  } else rows.push(...[one, other].flatMap(({ answer, name }) => [named("who", name), el("span", "", say("card_ratio")), el("span", "pts", answer.ratio ?? "")]));
  const words = isScored || !isOneScale ? [el("div", "noise", sentence(one.answer, other.answer))] : [];
  const drawn = el("div", "versus", ...rows);
  drawn.setAttribute("role", "group");
  drawn.setAttribute("aria-label", say("card_compared_with", other.name));
  return [drawn, ...words];
}
