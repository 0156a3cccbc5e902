// The worker: the only place that talks to the service. Every listener is registered in the first turn, so that a worker that was
// started by an event hears it; everything it must remember is in storage.
import { checkAnswer, isAccount } from "../answer.js";
import { browser } from "../browser.js";
import { DEFAULTS, readSettings } from "../settings.js";
import { Backoff } from "./backoff.js";
import { Batch } from "./batch.js";
import { AnswerCache, keyOf } from "./cache.js";
import { registerInstances } from "./instances.js";
import { answerOf, cardOf } from "./report.js";
import { call, ServiceTrouble } from "./service.js";

const AT_MOST = 50, LONGEST_S = 86_400, LARGEST_OBSERVATION = 1_500_000;

const cache = new AnswerCache(/** @type {any} */ (browser.storage.local));
const backoff = new Backoff((state) => void browser.storage.session.set({ backoff: state }));
/** @type {Batch<import("../answer.js").Answer>} */
const batch = new Batch(fetchBadges);
const ready = Promise.all([cache.load(), browser.storage.session.get("backoff").then((stored) => backoff.restore(stored.backoff))]);

/** A call that leaves a failing service alone for a while. @param {string} path @param {object} [body] */
async function callService(path, body) {
  const wait = backoff.wait();
  if (wait) throw new ServiceTrouble("The service did not answer a moment ago.", 0, Math.ceil(wait / 1000));
  try {
    const answer = await call(await readSettings(), path, body);
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
async function look(network, handle) {
  const key = keyOf({ network, handle }), known = cache.get(key);
  if (known && known.until > Date.now()) return known;
  /** @param {number} ms */
  const later = (ms) => ({ ...(known ?? { network, handle, state: /** @type {const} */ ("unavailable") }), until: Math.round(Date.now() + ms) });
  try {
    return (await batch.ask(key)) ?? later(60_000);
  } catch {
    return later(Math.max(backoff.wait(), 1_000));
  }
}

/** @param {string} network @param {string} handle */
async function report(network, handle) {
  try {
    const { service } = await readSettings();
    const { status, body } = await callService(`/api/v1/accounts/${network}/${encodeURIComponent(handle)}?depth=study`);
    const again = Math.min(Math.max(Number(body?.ask_again_after) || 2, 1), 30);
    if (status === 202 || body?.state === "pending") return { again };
    const answer = answerOf(body, network, handle);
    if (!answer) return { error: "The service sent a report that cannot be read." };
    await cache.learn([answer]);
    return { answer, report: cardOf(body, service), again: body.refreshing ? again : 0 };
  } catch (error) {
    const { message, status } = /** @type {ServiceTrouble} */ (error);
    return { error: status === 404 ? "No such account was found." : status === 403 ? "This account asked not to be scored." : message };
  }
}

/** @param {chrome.runtime.MessageSender} sender */
function hostOf(sender) {
  try {
    return new URL(sender.url ?? "").hostname;
  } catch {
    return "";
  }
}

/** Puts one of our scripts beside the content script that asks for it. @param {chrome.runtime.MessageSender} sender @param {string} file */
async function addScript({ tab, frameId }, file) {
  if (tab?.id === undefined) return;
  await browser.scripting.executeScript({ target: { tabId: tab.id, frameIds: [frameId ?? 0] }, files: [file] });
}

/** What only the card shows stays here, the larger half of an answer: the card asks for its own. @param {import("../answer.js").Answer} answer */
const forBadge = (answer) => ({ ...answer, sentence: undefined, scored_at: undefined });

/** A page starts: what it may do, and everything that is known for its network. @param {string} network @param {chrome.runtime.MessageSender} sender */
async function hello(network, sender) {
  const { sitesOff, timelines, everyone, capture } = await readSettings();
  const enabled = !sitesOff.includes(hostOf(sender));
  if (enabled && capture && network === "x") void addScript(sender, "capture.js").catch(() => {});
  return { enabled, timelines, everyone, answers: enabled ? cache.newest(network).map(forBadge) : [] };
}

/** @param {any} message @param {chrome.runtime.MessageSender} sender */
async function observe({ fragments, url }, sender) {
  const { capture, sitesOff } = await readSettings();
  if (!capture || sitesOff.includes(hostOf(sender)) || !/^https:\/\/((mobile\.)?(x|twitter)\.com)\//.test(sender.url ?? "")) return { capture: false };
  if (typeof url !== "string" || !/^https:\/\/x\.com\/[\w/]*$/.test(url)) return { sent: false };
  const fits = Array.isArray(fragments) && fragments.length > 0 && fragments.every((f) => typeof f === "string");
  if (!fits || fragments.reduce((sum, f) => sum + f.length, 0) > LARGEST_OBSERVATION) return { sent: false };
  try {
    await callService("/api/v1/observations", { network: "x", url, fragments, observed_at: new Date().toISOString() });
    return { capture: true, sent: true };
  } catch (error) {
    const { status } = /** @type {ServiceTrouble} */ (error);
    return { capture: true, sent: status === 400 || status === 413, wait: Math.max(1_000, backoff.wait()) };
  }
}

/** How the service is, for the popup and the options. */
async function serviceStatus() {
  const settings = await readSettings();
  try {
    await call(settings, "/readyz");
    backoff.succeeded();
    // Ready says nothing of the token; an empty question does.
    await call(settings, "/api/v1/badges", { accounts: [] }).catch((error) => {
      if (error.status === 401) throw error;
    });
    return { ok: true, words: "The service answers.", service: settings.service };
  } catch (error) {
    return { ok: false, words: /** @type {Error} */ (error).message, service: settings.service };
  }
}

/** @param {any} message @param {chrome.runtime.MessageSender} sender @returns {Promise<object | null>} */
async function handleMessage(message, sender) {
  await ready;
  const { type, network, handle, handles } = message;
  if (type === "card") return addScript(sender, "card.js").then(() => ({}));
  if (type === "status") return serviceStatus();
  if (type === "observe") return observe(message, sender);
  if (type === "hello" && typeof network === "string") return hello(network, sender);
  if (type === "known" && isAccount(network, handle)) return { answer: cache.get(keyOf({ network, handle })) };
  if (type === "report" && isAccount(network, handle)) return report(network, handle);
  if (type === "look" && Array.isArray(handles) && handles.length <= AT_MOST && handles.every((h) => isAccount(network, h))) {
    return { answers: await Promise.all(handles.map((h) => look(network, h))) };
  }
  return null;
}

browser.runtime.onMessage.addListener((message, sender, reply) => {
  if (sender.id !== browser.runtime.id || !message || typeof message.type !== "string") return false;
  handleMessage(message, sender).then(reply, () => reply(null));
  return true;
});

// Pages hold a port open to notice when the extension goes away.
browser.runtime.onConnect.addListener(() => {});

browser.storage.onChanged.addListener(async (changes, area) => {
  if (area !== "local" || !changes.settings) return;
  const [before, after] = [changes.settings.oldValue, changes.settings.newValue].map((value) => ({ ...DEFAULTS, .../** @type {object} */ (value) }));
  await ready;
  // Another service may see the same account differently.
  if (before.service !== after.service) await cache.clear();
  backoff.succeeded();
  await registerInstances();
  for (const tab of await browser.tabs.query({})) {
    if (tab.id !== undefined) browser.tabs.sendMessage(tab.id, { type: "settings" }).catch(() => {});
  }
});

for (const event of [browser.runtime.onInstalled, browser.runtime.onStartup, browser.permissions.onAdded, browser.permissions.onRemoved]) {
  /** @type {typeof browser.runtime.onStartup} */ (/** @type {unknown} */ (event)).addListener(() => void registerInstances().catch(() => {}));
}
// What a compromised page process could read must not hold the token.
browser.storage.local.setAccessLevel?.({ accessLevel: "TRUSTED_CONTEXTS" }).catch(() => {});
