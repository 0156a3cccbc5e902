import { checkAnswer } from "../answer.js";
import { isLoopback } from "../settings.js";

const DAY_MS = 86_400_000;
const MOST_POINTS = 400, MOST_TAGS = 3;

/** @param {unknown} value @param {number} [length] */
export const text = (value, length = 300) => (typeof value === "string" ? value.slice(0, length) : "");
/** @param {unknown} value */
const number = (value) => (typeof value === "number" && Number.isFinite(value) ? value : 0);
/** @param {unknown} value @param {number} from @param {number} to @returns {value is number} */
const isWithin = (value, from, to) => typeof value === "number" && value >= from && value <= to;
/** @param {unknown} value @returns {any[]} */
const list = (value) => (Array.isArray(value) ? value : []);

/** An address that may stand in a link. @param {unknown} value @returns {string} empty when it may not */
export function safeUrl(value) {
  try {
    const url = new URL(String(value));
    return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname)) ? url.href : "";
  } catch {
    return "";
  }
}

/** How much a finding says: points reached, of those that have evidence to show. @param {any} signal */
const strength = (signal) => number(signal.points) + (signal.evidence?.length ? 100 : 0) + (signal.axis === "engagement" ? Math.abs(number(signal.value)) : 0);

/**
 * The strongest finding of each axis; the reply share is left out, the card draws it already.
 * @param {any[]} signals
 * @param {boolean} withInfluence
 */
function strongest(signals, withInfluence) {
  const found = signals.filter((s) => s && s.state === "found" && s.id !== "reply_share" && text(s.sentence) && (withInfluence || s.axis === "engagement"));
  found.sort((a, b) => strength(b) - strength(a));
  const pick = ["engagement", "influence"].flatMap((axis) => found.filter((s) => s.axis === axis).slice(0, 1));
  const more = found.filter((s) => !pick.includes(s));
  return [...pick, ...more].slice(0, 2).map((s) => ({
    title: text(s.title, 60) || "Finding", sentence: text(s.sentence), url: list(s.evidence).map((e) => safeUrl(e?.url)).find(Boolean) ?? "",
  }));
}

/**
 * @typedef {{id: string, title: string, rounded: number, of: number}} Pillar
 * @param {unknown} pillars
 * @returns {Pillar[]}
 */
export function pillarsOf(pillars) {
  return list(pillars).slice(0, 6).map((p) => ({
    id: text(p?.id, 30).replace(/\W/g, ""), title: text(p?.title, 30), rounded: Math.round(number(p?.rounded)), of: number(p?.of) || 100,
  }));
}

/** @param {unknown} iso @param {number} now @returns {number | null} epoch milliseconds; null for what is no time, or one to come */
function timeOf(iso, now) {
  const time = Date.parse(text(iso, 40));
  return isWithin(time, 0, now + DAY_MS) ? time : null;
}

/**
 * What somebody asks before following; what is not known is null.
 * @typedef {{lastPost: number | null, postsPerWeek: number | null, talksAbout: string[], strangers: {answered: number, of: number} | null}} Facts
 * @param {any} facts
 * @returns {Facts | null} null when a service tells none
 */
function factsOf(facts) {
  if (!facts || typeof facts !== "object") return null;
  const { posts_per_week, answers_strangers } = facts, { answered, of } = answers_strangers ?? {};
  return {
    lastPost: timeOf(facts.last_post, Date.now()),
    postsPerWeek: isWithin(posts_per_week, 0, 1e5) ? posts_per_week : null,
    talksAbout: list(facts.talks_about).map((topic) => text(topic?.label, 80) || text(topic?.tag, 40).replace(/^#?(?=.)/, "#")).filter(Boolean).slice(0, MOST_TAGS),
    strangers: Number.isInteger(of) && isWithin(of, 1, 1e9) && Number.isInteger(answered) && isWithin(answered, 0, of) ? { answered, of } : null,
  };
}

/**
 * What the card shows of a report.
 * @param {any} report
 * @param {string} service
 * @param {boolean} [withInfluence]  whether reasons of the score are among the findings
 */
export function cardOf(report, service, withInfluence = true) {
  const path = text(report.report_url, 600);
  const why = safeUrl(path.startsWith("/") && !path.startsWith("//") ? service + path : "") || service;
  return {
    name: text(report.account?.display_name, 80),
    pillars: pillarsOf(report.pillars),
    findings: strongest(list(report.signals), withInfluence),
    facts: factsOf(report.facts),
    coverage: text(report.coverage?.sentence, 120),
    why,
    wrong: `${why}#wrong`,
  };
}

/**
 * The score over time, oldest first.
 * @typedef {object} Point
 * @property {number} at            epoch milliseconds
 * @property {number | null} score  null: there was none at that time
 * @property {number} low
 * @property {number} high
 * @property {string} version       of the formula: scores of different versions are not compared
 * @param {any} history
 * @returns {Point[]}
 */
export function pointsOf(history) {
  const now = Date.now(), points = [];
  for (const point of list(history?.points).slice(-MOST_POINTS)) {
    const at = timeOf(point?.scored_at, now), { score, low, high } = point ?? {};
    if (at === null || (score !== null && !isWithin(score, 0, 100))) continue;
    const holds = score !== null && isWithin(low, 0, score + 1) && isWithin(high, score - 1, 100);
    const [from, to] = holds ? [Math.min(low, score), Math.max(high, score)] : [score ?? 0, score ?? 0];
    points.push({ at, score, low: from, high: to, version: text(point.formula_version, 40) });
  }
  return points.sort((a, b) => a.at - b.at);
}

/**
 * The badge that agrees with a report, so that a badge and its card never tell two stories.
 * @param {any} report
 * @param {string} network
 * @param {string} handle
 * @returns {import("../answer.js").Answer | null}
 */
export function answerOf(report, network, handle) {
  const { state, verdict, balance, score, scored_at } = report;
  const seconds = Math.min(Math.max(number(report.ask_again_after), report.refreshing ? 1 : 60), 86_400);
  return checkAnswer({
    network, handle, state, until: Math.round(Date.now() + seconds * 1000), verdict: verdict?.id, title: verdict?.title, sentence: verdict?.sentence,
    replies: balance?.replies, broadcasts: balance?.broadcasts, ratio: balance?.ratio, score: score?.value, low: score?.low, high: score?.high, scored_at,
  });
}
