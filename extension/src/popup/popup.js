import { isAccount } from "../answer.js";
import { browser } from "../browser.js";
import { byId, el, input, showStatus } from "../page_parts.js";
import { changeSettings, readSettings } from "../settings.js";
import { enableSites, hostsOf, isPermitted, scriptsFor, shippedSites } from "../sites_enabled.js";
import { translatePage } from "../translate.js";
import { say } from "../words.js";
import { handleFrom } from "./handle.js";

const TIMES_ASKED = 6;

/** @param {import("../answer.js").Answer} answer @param {string} service */
function lines(answer, service) {
  const page = /** @type {HTMLAnchorElement} */ (el("a", "", say("popup_why")));
  page.href = `${service}/accounts/${answer.network}/${encodeURIComponent(answer.handle)}`;
  page.target = "_blank";
  page.rel = "noopener noreferrer";
  const name = el("b", "", answer.handle), text = el("div", "", el("p", "", name));
  name.dir = "auto";
  const title = say(`badge_${answer.verdict}`);
  if (answer.state === "ready") text.append(el("p", "", say("popup_verdict", title.startsWith("badge_") ? answer.title ?? "" : title, answer.ratio ?? "")), el("p", "", page));
  else if (answer.state === "too_little") text.append(el("p", "", say("badge_too_little")), el("p", "", page));
  else text.append(el("p", "dim", say(`popup_${answer.state}`)));
  const score = answer.state === "ready" ? [el("strong", "", String(answer.score))] : [];
  return el("div", "account", ...score, text);
}

/**
 * Shows an account and follows it while it is being gathered.
 * @param {HTMLElement} place
 * @param {string} network
 * @param {string} handle
 * @param {{service: string, asked: boolean}} how  asked: the person named this account, so the service may learn it
 */
async function show(place, network, handle, { service, asked }) {
  for (let times = 0; times < TIMES_ASKED; times++) {
    const reply = await browser.runtime.sendMessage({ type: "look", network, handles: [handle], asked }).catch(() => null);
    const answer = reply?.answers?.[0];
    if (!answer) {
      place.replaceChildren(el("p", "dim", say("service_silent")));
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
  const [tab, shipped] = await Promise.all([currentTab(), shippedSites()]), url = new URL(tab?.url ?? "about:blank");
  if (url.protocol !== "https:") return;
  const site = shipped.find((one) => hostsOf(one).includes(url.hostname)), isAdded = settings.instances.includes(url.origin);
  const reply = await browser.tabs.sendMessage(tab.id ?? -1, { type: "account" }).catch(() => null);
  const isAllowed = (site || isAdded || reply) && (await isPermitted([`${url.origin}/*`]));
  byId("site-words").textContent = say("popup_site", url.hostname);
  byId("site-off").hidden = !isAllowed;
  byId("enable").hidden = Boolean(isAllowed);
  byId("enable-note").textContent = site ? "" : say("popup_enable_note");
  input("site").checked = !settings.sitesOff.includes(url.hostname);
  input("site").addEventListener("change", () => {
    const others = settings.sitesOff.filter((host) => host !== url.hostname);
    void changeSettings({ sitesOff: input("site").checked ? others : [...others, url.hostname] });
  });
  byId("enable-site").addEventListener("click", () => void (site ? enableSite(site) : enableServer(url.origin, tab.id, shipped)));
  byId("off").hidden = !reply?.off;
  byId("off").textContent = reply?.off ? say("popup_off", reply.off) : "";
  showListed((reply?.listed ?? []).map((/** @type {string} */ handle) => `${url.origin}/${handle}`), settings.service);
  if (reply && isAccount(reply.network, reply.handle)) await show(byId("account"), reply.network, reply.handle, { service: settings.service, asked: false });
}

/**
 * A list that no service may read, as far as the person has scrolled through it: for them to take along.
 * @param {string[]} addresses  of their profiles @param {string} service
 */
function showListed(addresses, service) {
  byId("listed").hidden = !addresses.length;
  if (!addresses.length) return;
  byId("listed-words").textContent = say("popup_listed", addresses.length);
  /** @type {HTMLAnchorElement} */ (byId("review")).href = `${service}/review#of-list`;
  byId("copy").addEventListener("click", async () => {
    const isCopied = await navigator.clipboard.writeText(addresses.join("\n")).then(() => true, () => false);
    byId("copied").textContent = say(isCopied ? "popup_copied" : "popup_not_copied");
  });
}

function showEnabled() {
  byId("enable").hidden = true;
  byId("site-off").hidden = false;
}

/** @param {import("../sites_enabled.js").ShippedSite} site */
async function enableSite(site) {
  if (!(await enableSites([site]))) return;
  input("site").checked = true;
  showEnabled();
}

/** @param {string} origin @param {number | undefined} tabId @param {import("../sites_enabled.js").ShippedSite[]} shipped */
async function enableServer(origin, tabId, shipped) {
  // Asked for first, while the click still counts as the person's wish; some browsers close this popup to ask.
  const asked = browser.permissions.request({ origins: [`${origin}/*`] });
  const { instances } = await readSettings();
  await changeSettings({ instances: [...new Set([...instances, origin])] });
  if (!(await asked)) {
    await changeSettings({ instances });
    return;
  }
  showEnabled();
  if (tabId !== undefined) await browser.scripting.executeScript({ target: { tabId }, files: scriptsFor(null, shipped) }).catch(() => {});
}

/** Places of sites where accounts are no longer found. */
async function showChanges() {
  const [reply, shipped] = await Promise.all([browser.runtime.sendMessage({ type: "changed" }).catch(() => null), shippedSites()]);
  const changed = (reply?.changed ?? []).filter((/** @type {any} */ { site }) => shipped.some(({ id }) => id === site));
  byId("changes").hidden = !changed.length;
  const titles = [...new Set(changed.map((/** @type {any} */ { site }) => site))].map((id) => shipped.find((site) => site.id === id)?.title ?? "");
  byId("changed-list").replaceChildren(...titles.map((title) => el("li", "", say("popup_changed_site", title))));
}

async function start() {
  translatePage();
  const settings = await readSettings();
  for (const id of /** @type {const} */ (["timelines", "everyone"])) {
    input(id).checked = settings[id];
    input(id).addEventListener("change", () => void changeSettings({ [id]: input(id).checked }));
  }
  input("shown").checked = !settings.paused;
  input("shown").addEventListener("change", () => void changeSettings({ paused: !input("shown").checked }));
  byId("lookup").addEventListener("submit", (event) => {
    event.preventDefault();
    const network = input("network").value, handle = handleFrom(network, input("handle").value);
    if (handle) void show(byId("found"), network, handle, { service: settings.service, asked: true });
    else byId("found").replaceChildren(el("p", "dim", say("popup_no_name", network === "x" ? "X" : network === "bluesky" ? "Bluesky" : "Mastodon")));
  });
  const examples = /** @type {Record<string, string>} */ ({ bluesky: "alice.bsky.social", mastodon: "alice@mastodon.social", x: "alice" });
  input("network").addEventListener("change", () => { input("handle").placeholder = examples[input("network").value]; });
  await Promise.all([showStatus(byId("status")), showPage(settings), showChanges()]);
}

void start();
