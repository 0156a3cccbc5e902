import { isAccount } from "../answer.js";
import { MASTODON } from "../background/instances.js";
import { browser } from "../browser.js";
import { changeSettings, readSettings } from "../settings.js";
import { handleFrom } from "./handle.js";

/** @template {HTMLElement} T @param {string} id @returns {T} */
const byId = (id) => /** @type {T} */ (document.getElementById(id));
/** @param {string} id @returns {HTMLInputElement} */
const input = (id) => byId(id);

const TIMES_ASKED = 6;

/** @param {string} tag @param {string} className @param {...(Node | string)} children */
function el(tag, className, ...children) {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...children);
  return element;
}

/** @param {import("../answer.js").Answer} answer @param {string} service */
function lines(answer, service) {
  const words = {
    pending: "Being gathered …", unknown: "No such account was found.", refused: "This account asked not to be scored.",
    unavailable: "Nothing is known of it, and its network does not answer just now.",
  };
  const page = /** @type {HTMLAnchorElement} */ (el("a", "", "See why"));
  page.href = `${service}/accounts/${answer.network}/${encodeURIComponent(answer.handle)}`;
  page.target = "_blank";
  page.rel = "noopener noreferrer";
  const text = el("div", "", el("p", "", el("b", "", answer.handle)));
  if (answer.state === "ready") text.append(el("p", "", `${answer.title}, replies to broadcasts ${answer.ratio}`), el("p", "", page));
  else if (answer.state === "too_little") text.append(el("p", "", "Too little to tell"), el("p", "", page));
  else text.append(el("p", "dim", words[answer.state]));
  const score = answer.state === "ready" ? [el("strong", "", String(answer.score))] : [];
  return el("div", "account", ...score, text);
}

/**
 * Shows an account and follows it while it is being gathered.
 * @param {HTMLElement} place
 * @param {string} network
 * @param {string} handle
 * @param {string} service
 */
async function show(place, network, handle, service) {
  for (let times = 0; times < TIMES_ASKED; times++) {
    const reply = await browser.runtime.sendMessage({ type: "look", network, handles: [handle] }).catch(() => null);
    const answer = reply?.answers?.[0];
    if (!answer) {
      place.replaceChildren(el("p", "dim", "The service does not answer."));
      return;
    }
    place.replaceChildren(lines(answer, service));
    if (answer.state !== "pending") return;
    await new Promise((resolve) => setTimeout(resolve, Math.max(500, answer.until - Date.now())));
  }
}

/** The tab behind the popup; a test may name it, since a popup in a tab of its own has none behind it. */
async function currentTab() {
  const named = Number(new URLSearchParams(location.search).get("tab"));
  return named ? browser.tabs.get(named) : (await browser.tabs.query({ active: true, currentWindow: true }))[0];
}

/** @param {import("../settings.js").Settings} settings */
async function showPage(settings) {
  const tab = await currentTab(), url = new URL(tab?.url ?? "about:blank");
  if (url.protocol !== "https:") return;
  byId("host").textContent = url.hostname;
  const reply = await browser.tabs.sendMessage(tab.id ?? -1, { type: "account" }).catch(() => null);
  const isSite = Boolean(reply) || settings.instances.includes(url.origin);
  byId("site-off").hidden = !isSite;
  byId("enable").hidden = isSite;
  input("site").checked = !settings.sitesOff.includes(url.hostname);
  input("site").addEventListener("change", () => {
    const others = settings.sitesOff.filter((host) => host !== url.hostname);
    void changeSettings({ sitesOff: input("site").checked ? others : [...others, url.hostname] });
  });
  byId("enable-site").addEventListener("click", () => enable(url.origin, tab.id));
  if (reply && isAccount(reply.network, reply.handle)) await show(byId("account"), reply.network, reply.handle, settings.service);
}

/** @param {string} origin @param {number | undefined} tabId */
async function enable(origin, tabId) {
  // Asked for first, while the click still counts as the person's wish; some browsers close this popup to ask.
  const asked = browser.permissions.request({ origins: [`${origin}/*`] });
  const { instances } = await readSettings();
  await changeSettings({ instances: [...new Set([...instances, origin])] });
  if (!(await asked)) {
    await changeSettings({ instances });
    return;
  }
  byId("enable").hidden = true;
  byId("site-off").hidden = false;
  if (tabId !== undefined) await browser.scripting.executeScript({ target: { tabId }, files: MASTODON }).catch(() => {});
}

async function showStatus() {
  const reply = await browser.runtime.sendMessage({ type: "status" }).catch(() => null);
  byId("status").textContent = reply?.words ?? "The extension is starting; open this again in a moment.";
  byId("status").className = `state ${reply?.ok ? "good" : "bad"}`;
}

async function start() {
  const settings = await readSettings();
  for (const id of /** @type {const} */ (["timelines", "everyone"])) {
    input(id).checked = settings[id];
    input(id).addEventListener("change", () => void changeSettings({ [id]: input(id).checked }));
  }
  byId("lookup").addEventListener("submit", (event) => {
    event.preventDefault();
    const network = input("network").value, handle = handleFrom(network, input("handle").value);
    if (handle) void show(byId("found"), network, handle, settings.service);
    else byId("found").replaceChildren(el("p", "dim", `That is no account name of ${network === "x" ? "X" : network === "bluesky" ? "Bluesky" : "Mastodon"}.`));
  });
  const examples = /** @type {Record<string, string>} */ ({ bluesky: "alice.bsky.social", mastodon: "alice@mastodon.social", x: "alice" });
  input("network").addEventListener("change", () => { input("handle").placeholder = examples[input("network").value]; });
  await Promise.all([showStatus(), showPage(settings)]);
}

void start();
