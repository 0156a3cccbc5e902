// The account that others are compared with, until the person says stop or closes the browser.
import { checkAnswer } from "../answer.js";
import { browser } from "../browser.js";
import { pillarsOf, text } from "./report.js";

/**
 * @typedef {object} Compared
 * @property {import("../answer.js").Answer} answer
 * @property {string} name
 * @property {import("./report.js").Pillar[]} pillars
 */

/**
 * What is kept of an account to compare others with.
 * @param {any} value
 * @returns {Compared | null} null when it cannot be compared
 */
export function checkCompared(value) {
  const answer = checkAnswer({ ...value?.answer, sentence: "", scored_at: "", until: 0 });
  if (answer?.state !== "ready") return null;
  return { answer, name: text(value.name, 80) || answer.handle, pillars: pillarsOf(value.pillars) };
}

/** Remembers an account, or none for null. @param {unknown} value */
export async function compare(value) {
  const kept = checkCompared(value);
  if (kept) await browser.storage.session.set({ compared: kept });
  else await browser.storage.session.remove("compared");
  return { compared: kept };
}

/** The account that is remembered. */
export async function compared() {
  return { compared: checkCompared((await browser.storage.session.get("compared")).compared) };
}
