// What the report adds: the pillars, and the two strongest reasons with the posts they were seen in.
import { say } from "../../words.js";
import { bar, el, english, link } from "./elements.js";

/** The words of a pillar in the person's language, else the service's. @param {import("../../background/report.js").Pillar} pillar */
export function pillarName({ id, title }) {
  const key = `card_pillar_${id}`, words = say(key);
  return words === key ? english(el("span", "", title)) : el("span", "", words);
}

/** @param {import("../../background/report.js").Pillar[]} pillars */
export function pillarRows(pillars) {
  if (!pillars.length) return [];
  return [el("div", "pillars", ...pillars.flatMap((p) => [pillarName(p), bar("bar", p.rounded / p.of), el("span", "pts", String(p.rounded))]))];
}

/** @param {{title: string, sentence: string, url: string}[]} findings */
export function reasons(findings) {
  if (!findings.length) return [];
  const items = findings.map(({ title, sentence, url }) => {
    const words = english(el("div", "clamped", url ? link(url, title) : title, `: ${sentence}`), `${title}: ${sentence}`);
    return el("li", "", words);
  });
  return [el("ul", "reasons", ...items)];
}
