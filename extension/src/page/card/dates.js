import { browser } from "../../browser.js";
import { language, say } from "../../words.js";

const STEPS = /** @type {const} */ ([["year", 31_557_600], ["month", 2_629_800], ["day", 86_400], ["hour", 3_600], ["minute", 60]]);

/** The person's own kind of the language of the words: British dates for British English. */
function place() {
  const own = browser.i18n.getUILanguage();
  return own.split("-")[0] === language() ? own : language();
}

/** How long ago a time is: "3 days ago", "yesterday". @param {number} time  epoch milliseconds */
export function ago(time) {
  const seconds = (Date.now() - time) / 1000;
  const words = new Intl.RelativeTimeFormat(place(), { numeric: "auto" });
  for (const [unit, length] of STEPS) if (seconds >= length) return words.format(-Math.floor(seconds / length), unit);
  return say("card_just_now");
}

/**
 * The words for two dates; the years are told where they differ from each other or from this one.
 * @param {number} from  epoch milliseconds
 * @param {number} to
 * @param {"short" | "long"} month
 * @returns {[string, string]}
 */
export function span(from, to, month) {
  const year = new Date(to).getFullYear(), isThis = year === new Date().getFullYear() && year === new Date(from).getFullYear();
  const words = new Intl.DateTimeFormat(place(), { day: "numeric", month, ...(isThis ? {} : { year: "numeric" }) });
  return [words.format(from), words.format(to)];
}
