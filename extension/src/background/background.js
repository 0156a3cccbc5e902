// The worker: the only place that talks to the service. Every listener is registered in the first turn, so that a worker that was
// started by an event hears it; everything it must remember is in storage.
import { isAccount, isWished } from "../answer.js";
import { browser } from "../browser.js";
import { changeSettings, complete, readSettings } from "../settings.js";
import { isPermitted } from "../sites_enabled.js";
import { say } from "../words.js";
import { AT_MOST, backoff, cache, callService, look, ranges, ready, report, serviceStatus } from "./asking.js";
import { keyOf } from "./cache.js";
import { compare, compared } from "./compare.js";
import { history } from "./history.js";
import { registerPlaces } from "./registration.js";
import { SiteDataKeeper } from "./site_data.js";
import { SurfacesMet } from "./surfaces_met.js";

const LARGEST_OBSERVATION = 1_500_000;
/** The badges of a page come first. */
const SITE_DATA_LATER_MS = 3_000;
/** The words of a badge, sent with the greeting: a page asks for no files of the extension. */
const BADGE_WORDS = ["in_conversation", "some_replies", "broadcasts", "looks_automated", "games_its_numbers", "declared_bot", "too_little", "little", "unasked",
  "label", "label_engagement", "label_little", "label_unasked"];

const storage = /** @type {any} */ (browser.storage.local);
const siteData = new SiteDataKeeper(storage, (path) => callService(path, undefined, []));
const surfaces = new SurfacesMet(storage);

/** @param {chrome.runtime.MessageSender} sender */
function addressOf(sender) {
  try {
    return new URL(sender.url ?? "");
  } catch {
    return new URL("about:blank");
  }
}

/** Puts one of our scripts beside the content script that asks for it. @param {chrome.runtime.MessageSender} sender @param {string} file */
async function addScript({ tab, frameId }, file) {
  if (tab?.id === undefined) return;
  await browser.scripting.executeScript({ target: { tabId: tab.id, frameIds: [frameId ?? 0] }, files: [file] });
}

/**
 * What only the card shows stays here, the larger half of an answer: the card asks for its own.
 * @param {import("../settings.js").Settings} settings
 * @returns {(answer: import("../answer.js").Answer) => import("../answer.js").Answer}
 */
const forBadge = (settings) => (answer) => {
  const { network, handle, state, until, verdict, title, ratio, score } = answer;
  return { network, handle, state, until, verdict, title, ratio, score, drawn: isWished(answer, settings) };
};

/** A page starts: what it may do, and everything that is known for its network. @param {any} message @param {chrome.runtime.MessageSender} sender */
async function hello({ network, site }, sender) {
  const { origin, hostname } = addressOf(sender), settings = await readSettings();
  if (settings.paused || settings.sitesOff.includes(hostname) || !(await isPermitted([`${origin}/*`]))) return { enabled: false };
  if (settings.capture && network === "x") void addScript(sender, "capture.js").catch(() => {});
  setTimeout(() => void siteData.refresh().then((news) => (news ? tellPages() : undefined)), SITE_DATA_LATER_MS);
  const { timelines, everyone, badge, show, leastScore, widest, little } = settings;
  const mine = `${network}:`, notAccounts = settings.notAccounts.filter((key) => key.startsWith(mine)).map((key) => key.slice(mine.length));
  return {
    enabled: true, wishes: { timelines, everyone, badge, show, leastScore, widest, little, notAccounts },
    words: Object.fromEntries(BADGE_WORDS.map((name) => [name, say(`badge_${name}`, "$1", "$2", "$3")])),
    data: (await siteData.known()).find(({ id }) => id === site) ?? null,
    answers: cache.newest(network).map(forBadge(settings)),
  };
}

/** @param {any} message @param {chrome.runtime.MessageSender} sender */
async function observe({ fragments, url }, sender) {
  const { capture, sitesOff, paused } = await readSettings();
  if (!capture || paused || sitesOff.includes(addressOf(sender).hostname) || !/^https:\/\/((mobile\.)?(x|twitter)\.com)\//.test(sender.url ?? "")) return { capture: false };
  if (typeof url !== "string" || !/^https:\/\/x\.com\/[\w/]*$/.test(url)) return { sent: false };
  const fits = Array.isArray(fragments) && fragments.length > 0 && fragments.every((f) => typeof f === "string");
  if (!fits || fragments.reduce((sum, f) => sum + f.length, 0) > LARGEST_OBSERVATION) return { sent: false };
  try {
    await callService("/api/v1/observations", { network: "x", url, fragments, observed_at: new Date().toISOString() }, ["browsingActivity", "websiteContent"]);
    return { capture: true, sent: true };
  } catch (error) {
    const { status } = /** @type {import("./service.js").ServiceTrouble} */ (error);
    return { capture: true, sent: status === 400 || status === 413, wait: Math.max(1_000, backoff.wait()) };
  }
}

/** One account is no longer drawn or asked about, or is again. @param {string} key `network:handle` @param {boolean} on */
async function setNotAccount(key, on) {
  const others = (await readSettings()).notAccounts.filter((other) => other !== key);
  await changeSettings({ notAccounts: on ? [...others, key].slice(-1_000) : others });
  return {};
}

/** @param {any} message @param {chrome.runtime.MessageSender} sender @returns {Promise<object | null>} */
async function handleMessage(message, sender) {
  await ready;
  const { type, network, handle, handles } = message;
  if (type === "card") return addScript(sender, "card.js").then(() => ({}));
  if (type === "status") return serviceStatus();
  if (type === "observe") return observe(message, sender);
  if (type === "hello" && typeof network === "string") return hello(message, sender);
  if (type === "surfaces") return surfaces.note(message.site, message.met, message.missed).then(() => ({}));
  if (type === "changed") return { changed: await surfaces.changed() };
  if (type === "forget") return Promise.all([cache.clear(), compare(null)]).then(() => ({}));
  if (type === "compare") return compare(message.account);
  if (type === "compared") return compared();
  if (type === "known" && isAccount(network, handle)) return { answer: cache.get(keyOf({ network, handle })) };
  if (type === "report" && isAccount(network, handle)) return report(network, handle, message.asked === true);
  if (type === "history" && isAccount(network, handle)) return history(network, handle, message.asked === true);
  if (type === "not_this_account" && isAccount(network, handle)) return setNotAccount(keyOf({ network, handle }), message.on === true);
  if (type === "look" && Array.isArray(handles) && handles.length <= AT_MOST && handles.every((h) => isAccount(network, h))) {
    return { answers: await Promise.all(handles.map((h) => look(network, h, message.asked === true))) };
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

/** The pages start anew. */
async function tellPages() {
  for (const tab of await browser.tabs.query({})) {
    if (tab.id !== undefined) browser.tabs.sendMessage(tab.id, { type: "settings" }).catch(() => {});
  }
}

browser.storage.onChanged.addListener(async (changes, area) => {
  if (area !== "local" || !changes.settings) return;
  const before = complete(changes.settings.oldValue), after = complete(changes.settings.newValue);
  await ready;
  // Another service may see the same account differently.
  if (before.service !== after.service) await Promise.all([cache.clear(), compare(null)]);
  if (before.service !== after.service || before.lookups !== after.lookups) ranges.clear();
  backoff.succeeded();
  await registerPlaces();
  await tellPages();
});

browser.commands?.onCommand.addListener(async (command) => {
  if (command === "toggle") await changeSettings({ paused: !(await readSettings()).paused });
});

browser.runtime.onInstalled.addListener(async ({ reason }) => {
  if (reason === "install") void browser.tabs.create({ url: browser.runtime.getURL("welcome.html") });
  else await surfaces.forget();
  await registerPlaces({ afresh: true });
});
for (const event of [browser.runtime.onStartup, browser.permissions.onAdded, browser.permissions.onRemoved]) {
  /** @type {typeof browser.runtime.onStartup} */ (/** @type {unknown} */ (event)).addListener(() => void registerPlaces().then(tellPages).catch(() => {}));
}
// What a compromised page process could read must not hold the token.
browser.storage.local.setAccessLevel?.({ accessLevel: "TRUSTED_CONTEXTS" }).catch(() => {});
