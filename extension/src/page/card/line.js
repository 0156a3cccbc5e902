// The score over time: a line with its interval as a band, broken where the formula changed or there was no score.
import { say } from "../../words.js";
import { span } from "./dates.js";
import { el } from "./elements.js";

/** @typedef {import("../../background/report.js").Point & {score: number}} Scored */

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 320, HEIGHT = 34, LEAST_POINTS = 3, LEAST_MS = 2 * 86_400_000;
/** A steady score is drawn steady: the height of the picture stands for at least so many points. */
const LEAST_RANGE = 10;

/** @param {string} tag @param {Record<string, string | number>} attributes */
function draw(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}

/** The stretches that are one line each. @param {import("../../background/report.js").Point[]} points */
function stretches(points) {
  /** @type {Scored[][]} */
  const found = [];
  let version = "", isOpen = false;
  for (const point of points) {
    if (point.score !== null) {
      if (!isOpen || point.version !== version) found.push([]);
      found.at(-1)?.push(/** @type {Scored} */ (point));
      version = point.version;
    }
    isOpen = point.score !== null;
  }
  return found;
}

/** @param {Scored[]} stretch @param {(at: number) => number} x @param {(score: number) => number} y */
function drawStretch(stretch, x, y) {
  const corners = (/** @type {Scored[]} */ list, /** @type {"score" | "low" | "high"} */ key) => list.map((p) => `${x(p.at).toFixed(1)},${y(p[key]).toFixed(1)}`);
  const score = corners(stretch, "score");
  // A line from a point to itself with round ends is a dot.
  const line = draw("polyline", { class: "over", points: (score.length > 1 ? score : [...score, ...score]).join(" "), "vector-effect": "non-scaling-stroke" });
  return [draw("polygon", { class: "band", points: [...corners(stretch, "high"), ...corners([...stretch].reverse(), "low")].join(" ") }), line];
}

/** @param {Scored[][]} found @param {string} words */
function picture(found, words) {
  const all = found.flat(), from = all[0].at, length = all[all.length - 1].at - from;
  const lowest = Math.min(...all.map((p) => p.low)), highest = Math.max(...all.map((p) => p.high)), more = Math.max(0, LEAST_RANGE - highest + lowest) / 2;
  const x = (/** @type {number} */ at) => 2 + ((WIDTH - 4) * (at - from)) / length;
  const y = (/** @type {number} */ score) => 2 + ((HEIGHT - 4) * (highest + more - score)) / (highest - lowest + 2 * more);
  const svg = draw("svg", { class: "line", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": words });
  for (const [i, stretch] of found.entries()) {
    const before = found[i - 1]?.at(-1);
    if (before && before.version !== stretch[0].version) {
      const middle = x((before.at + stretch[0].at) / 2);
      svg.append(draw("line", { class: "break", x1: middle, x2: middle, y1: 0, y2: HEIGHT, "vector-effect": "non-scaling-stroke" }));
    }
    svg.append(...drawStretch(stretch, x, y));
  }
  return svg;
}

/** The line, where there is enough of it to tell something. @param {import("../../background/report.js").Point[]} points */
export function overTime(points) {
  const found = stretches(points), all = found.flat();
  if (all.length < LEAST_POINTS || all[all.length - 1].at - all[0].at < LEAST_MS) return [];
  const from = all[0].at, to = all[all.length - 1].at, scores = all.map((p) => Math.round(p.score));
  const lowest = Math.min(...scores), highest = Math.max(...scores), [first, last] = span(from, to, "short");
  return [
    picture(found, say("card_line", lowest, highest, ...span(from, to, "long"))),
    el("div", "ends", el("span", "", first), el("span", "", say("card_line_range", lowest, highest)), el("span", "", last)),
  ];
}
