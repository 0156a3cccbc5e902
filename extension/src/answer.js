/**
 * What is known of one account, as the badge needs it. Checked where it comes into the extension: from the service and from storage.
 * @typedef {object} Answer
 * @property {string} network
 * @property {string} handle     as the page shows it, lower case
 * @property {"ready" | "pending" | "too_little" | "unknown" | "refused" | "unavailable" | "unasked"} state
 *   unasked: the service was not told the name, and what it told of others does not hold this account
 * @property {number} until      epoch milliseconds from which it is worth asking again
 * @property {string} [verdict]
 * @property {string} [title]
 * @property {string} [sentence]
 * @property {number} [replies]
 * @property {number} [broadcasts]
 * @property {string} [ratio]
 * @property {number} [score]
 * @property {number} [low]
 * @property {number} [high]
 * @property {string} [scored_at]
 * @property {boolean} [drawn]  whether the person wishes to see it, where a page knows
 */

const STATES = new Set(["ready", "pending", "too_little", "unknown", "refused", "unavailable", "unasked"]);
const HANDLES = {
  bluesky: /^(did:[a-z0-9]+:[A-Za-z0-9.:%_-]{1,240}|(?=.{3,253}$)[a-z0-9-]+(\.[a-z0-9-]+)+)$/,
  mastodon: /^[a-z0-9_.-]{1,100}@[a-z0-9.-]{3,253}(:\d{2,5})?$/,
  x: /^[a-z0-9_]{1,15}$/,
};

/**
 * @param {unknown} network
 * @param {unknown} handle
 * @returns {boolean} whether this names an account the service may be asked about
 */
export function isAccount(network, handle) {
  return typeof network === "string" && typeof handle === "string" && Object.hasOwn(HANDLES, network) && HANDLES[/** @type {"x"} */ (network)].test(handle);
}

/** @param {unknown} value @param {number} length */
const text = (value, length) => typeof value === "string" && value.length <= length;
/** @param {unknown} value @param {number} from @param {number} to */
const whole = (value, from, to) => Number.isSafeInteger(value) && Number(value) >= from && Number(value) <= to;

/** Whether a badge can be drawn from it. @param {Answer | undefined} answer */
export function isDrawable(answer) {
  return answer?.state === "ready" || answer?.state === "too_little";
}

/**
 * Whether the person wishes to see it.
 * @param {Answer} answer
 * @param {{show: string, leastScore: number, widest: number, little: boolean}} wishes
 */
export function isWished({ state, score = 0, low = 0, high = 0 }, { show, leastScore, widest, little }) {
  if (state === "ready") return show === "engagement" || (score >= leastScore && high - low <= widest);
  return state === "too_little" ? little : state === "unasked";
}

/**
 * The answer in a value from elsewhere, with nothing else in it; null when it is none.
 * @param {any} value
 * @returns {Answer | null}
 */
export function checkAnswer(value) {
  if (!value || !isAccount(value.network, value.handle) || !STATES.has(value.state) || !whole(value.until, 0, 1e14)) return null;
  const { network, handle, state, until, verdict, title, sentence, replies, broadcasts, ratio, scored_at, score, low, high } = value;
  if (!isDrawable(value)) return { network, handle, state, until };
  if (!text(verdict, 30) || !text(title, 40) || !text(sentence, 500) || !text(ratio, 24) || !text(scored_at, 40)) return null;
  if (!whole(replies, 0, 1e9) || !whole(broadcasts, 0, 1e9)) return null;
  if (state === "too_little") return { network, handle, state, until, verdict, title, sentence, replies, broadcasts, ratio, scored_at };
  if (!whole(score, 1, 100) || !whole(low, 1, score) || !whole(high, score, 100)) return null;
  return { network, handle, state, until, verdict, title, sentence, replies, broadcasts, ratio, scored_at, score, low, high };
}
