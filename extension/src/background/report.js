import { checkAnswer } from "../answer.js";
import { isLoopback } from "../settings.js";

/** @param {unknown} value @param {number} [length] */
const text = (value, length = 300) => (typeof value === "string" ? value.slice(0, length) : "");
/** @param {unknown} value */
const number = (value) => (typeof value === "number" && Number.isFinite(value) ? value : 0);
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

/** The strongest finding of each axis; the reply share is left out, the card draws it already. @param {any[]} signals */
function strongest(signals) {
  const found = signals.filter((s) => s && s.state === "found" && s.id !== "reply_share" && text(s.sentence)).sort((a, b) => strength(b) - strength(a));
  const pick = ["engagement", "influence"].flatMap((axis) => found.filter((s) => s.axis === axis).slice(0, 1));
  const more = found.filter((s) => !pick.includes(s));
  return [...pick, ...more].slice(0, 2).map((s) => ({
    title: text(s.title, 60) || "Finding", sentence: text(s.sentence), url: list(s.evidence).map((e) => safeUrl(e?.url)).find(Boolean) ?? "",
  }));
}

/**
 * What the card shows of a report.
 * @param {any} report
 * @param {string} service
 */
export function cardOf(report, service) {
  const path = text(report.report_url, 600);
  const why = safeUrl(path.startsWith("/") && !path.startsWith("//") ? service + path : "") || service;
  return {
    pillars: list(report.pillars).slice(0, 6).map((p) => ({ title: text(p?.title, 30), rounded: Math.round(number(p?.rounded)), of: number(p?.of) || 100 })),
    findings: strongest(list(report.signals)),
    coverage: text(report.coverage?.sentence, 120),
    why,
    wrong: `${why}#wrong`,
  };
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
