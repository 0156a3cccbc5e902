// Asking the service: by names in batches, or by prefixes so that it does not learn them. Answers are kept, failures are waited out.
import { checkAnswer } from "../answer.js";
import { browser } from "../browser.js";
import { isCollectingAllowed } from "../options/consent.js";
import { asksByPrefix, readSettings } from "../settings.js";
import { Backoff } from "./backoff.js";
import { Batch } from "./batch.js";
import { AnswerCache, keyOf } from "./cache.js";
import { Ranges } from "./range.js";
import { answerOf, cardOf } from "./report.js";
import { call, ServiceTrouble } from "./service.js";
import { say } from "../words.js";

const LONGEST_S = 86_400;
/** How many accounts one request may hold. */
export const AT_MOST = 50;

export const cache = new AnswerCache(/** @type {any} */ (browser.storage.local));
export const backoff = new Backoff((state) => void browser.storage.session.set({ backoff: state }).catch(() => {}));
/** @type {Batch<import("../answer.js").Answer>} */
const batch = new Batch(fetchBadges);
export const ranges = new Ranges((path) => callService(path));
/** What an earlier worker knew is there. */
export const ready = Promise.all([cache.load(), browser.storage.session.get("backoff").then((stored) => backoff.restore(stored.backoff))]);

/**
 * A call that leaves a failing service alone for a while.
 * @param {string} path
 * @param {object} [body]
 * @param {string[]} [kinds]  what the body tells, in the browser's words for kinds of data
 */
export async function callService(path, body, kinds = ["browsingActivity"]) {
  const wait = backoff.wait();
  if (wait) throw new ServiceTrouble("resting", 0, Math.ceil(wait / 1000));
  const settings = await readSettings();
  if (!(await isCollectingAllowed(browser.permissions, settings.service, kinds))) throw new ServiceTrouble("forbidden");
  try {
    const answer = await call(settings, path, body);
    backoff.succeeded();
    return answer;
  } catch (error) {
    const { status, retryAfter } = /** @type {ServiceTrouble} */ (error);
    if (status === 404 || status === 400 || status === 413) backoff.succeeded();
    else if (path.includes("/accounts/") && (status === 403 || status === 503)) backoff.succeeded();
    else backoff.failed(retryAfter);
    throw error;
  }
}

/** @param {string[]} keys @returns {Promise<Map<string, import("../answer.js").Answer>>} */
async function fetchBadges(keys) {
  const accounts = keys.map((key) => ({ network: key.slice(0, key.indexOf(":")), handle: key.slice(key.indexOf(":") + 1) }));
  const { body } = await callService("/api/v1/badges", { accounts });
  const answers = new Map();
  for (const badge of Array.isArray(body?.badges) ? body.badges.slice(0, AT_MOST) : []) {
    const seconds = Math.min(Math.max(Number(badge?.ask_again_after) || 60, 1), LONGEST_S);
    const answer = checkAnswer({ ...badge, until: Math.round(Date.now() + seconds * 1000) });
    if (answer && keys.includes(keyOf(answer))) answers.set(keyOf(answer), answer);
  }
  await cache.learn([...answers.values()]);
  return answers;
}

/** @param {string} network @param {string} handle @returns {Promise<import("../answer.js").Answer>} */
async function lookByPrefix(network, handle) {
  const answer = await ranges.look(network, handle);
  await cache.learn([answer]);
  return cache.get(keyOf(answer)) ?? answer;
}

/**
 * What is known of an account, asked for when it is not.
 * @param {string} network
 * @param {string} handle
 * @param {boolean} [asked]  the person asked for this very account, so the service may learn its name
 * @returns {Promise<import("../answer.js").Answer>}
 */
export async function look(network, handle, asked = false) {
  const key = keyOf({ network, handle }), known = cache.get(key), now = Date.now(), settings = await readSettings();
  if (settings.notAccounts.includes(key)) return { network, handle, state: "refused", until: now + LONGEST_S * 1000 };
  // A time further off than any answer's was set by a clock that went wrong.
  if (known && known.until > now && known.until <= now + LONGEST_S * 1000 && !(asked && known.state === "unasked")) return known;
  /** @param {number} ms */
  const later = (ms) => ({ ...(known ?? { network, handle, state: /** @type {const} */ ("unavailable") }), until: Math.round(Date.now() + ms) });
  try {
    const answer = asksByPrefix(settings) && !asked ? await lookByPrefix(network, handle) : await batch.ask(key);
    return answer ?? later(60_000);
  } catch {
    // What failed without a need to rest, such as a service that knows no look-ups by prefix, will not be mended in a second either.
    return later(backoff.wait() || 60_000);
  }
}

/**
 * What a card shows of an account.
 * @param {string} network
 * @param {string} handle
 * @param {boolean} asked  the person asked for this very account
 */
export async function report(network, handle, asked) {
  try {
    const settings = await readSettings(), { service } = settings;
    if (asksByPrefix(settings) && !asked) return { ask: true };
    const { status, body } = await callService(`/api/v1/accounts/${network}/${encodeURIComponent(handle)}?depth=study`);
    const again = Math.min(Math.max(Number(body?.ask_again_after) || 2, 1), 30);
    if (status === 202 || body?.state === "pending") return { again };
    const answer = answerOf(body, network, handle);
    if (!answer) throw new ServiceTrouble("unreadable", status);
    await cache.learn([answer]);
    return { answer, report: cardOf(body, service, settings.show !== "engagement"), again: body.refreshing ? again : 0 };
  } catch (error) {
    return { error: wordsFor(error) };
  }
}

/** What a person is told of a failure. @param {unknown} error */
function wordsFor(error) {
  const { kind, status } = /** @type {ServiceTrouble} */ (error);
  if (status === 404) return say("service_unknown");
  return say(status === 403 ? "service_refused" : `service_${kind ?? "fault"}`);
}

/** How the service is, for the popup and the options. */
export async function serviceStatus() {
  const settings = await readSettings();
  try {
    await call(settings, "/readyz");
    backoff.succeeded();
    // Ready says nothing of the token; an empty question does.
    await call(settings, "/api/v1/badges", { accounts: [] }).catch((error) => {
      if (error.status === 401) throw error;
    });
    return { ok: true, words: say("service_answers"), service: settings.service };
  } catch (error) {
    return { ok: false, words: say(`service_${/** @type {ServiceTrouble} */ (error).kind ?? "fault"}`), service: settings.service };
  }
}
