// The content script. The site files stand before it and tell what their pages show; this one asks the worker what is known, and watches the
// page until it is told to stop.
import { browser } from "../browser.js";
import { speak } from "./badge.js";
import { Known } from "./known.js";
import { noticeChanges } from "./noticing.js";
import { followTheme } from "./theme.js";
import { Touch } from "./touch.js";
import { Watch } from "./watch.js";
import { ask, isOrphaned } from "./worker.js";

/** How often a page that changes all the time is asked whether the extension is still there. */
const CHECK_MS = 500;
/** Asked in the page by a copy of the extension that starts; the copy that is already there says so. */
const PRESENT = "rapport-present";

/** @type {AbortController | null} */
let running = null;
/** @type {Watch | null} */
let watch = null;
/** Why nothing is drawn here, in the service's words. */
let off = "";

function stop() {
  running?.abort();
  running = watch = null;
}

/** Takes over what the service knows better of this site. @param {import("../sites/site.js").Site} site @param {any} data */
function correct(site, data) {
  off = data?.off && data.revision > site.revision ? data.why : "";
  if (!data || data.revision <= site.revision) return;
  for (const [name, css] of Object.entries(data.selectors)) {
    try {
      document.createElement("i").matches(css);
      if (Object.hasOwn(site.selectors, name)) site.selectors[name] = css;
    } catch {
      // Not a selector of this browser: the one that came with the extension stays.
    }
  }
}

/** @param {import("../sites/site.js").Site} site */
async function start(site) {
  stop();
  const mine = (running = new AbortController()), { signal } = mine;
  const hello = await ask({ type: "hello", network: site.network, site: site.id }).catch(() => null);
  if (!hello?.enabled || signal.aborted) return;
  correct(site, hello.data);
  if (off) return;
  const { wishes } = hello, end = () => mine.abort();
  const known = new Known(site.network, wishes, signal, () => watch?.redraw(), end);
  known.learn(hello.answers);
  speak(hello.words, wishes);
  followTheme(signal, () => watch?.redraw());
  const touch = new Touch(site, known, signal, () => watch?.redraw(), end);
  let checked = 0;
  watch = new Watch(site, known, wishes, signal, () => {
    const now = performance.now();
    if (now - checked > CHECK_MS && isOrphaned()) end();
    if (now - checked > CHECK_MS) checked = now;
    touch.check();
    return !signal.aborted;
  });
  watch.start();
  noticeChanges(site, () => watch?.takeMet() ?? new Set(), signal);
}

/** An open port closes when the extension goes away; an idle worker closes it too, and then nothing is wrong. */
function noticeTheEnd() {
  try {
    browser.runtime.connect({ name: "page" }).onDisconnect.addListener(() => setTimeout(() => isOrphaned() && stop(), 50));
  } catch {
    stop();
  }
}

/** Whether another copy of the extension draws here: two badges beside one name help nobody. */
const isTaken = () => !document.dispatchEvent(new Event(PRESENT, { cancelable: true }));

/** @param {import("../sites/site.js").Site} site */
function begin(site) {
  // Left behind by an earlier version of the extension that can no longer hear anything.
  for (const host of document.querySelectorAll("[data-rapport]")) if (host.localName.startsWith("rapport-badge")) host.remove();
  document.addEventListener(PRESENT, (event) => {
    if (!isOrphaned()) event.preventDefault();
  });
  browser.runtime.onMessage.addListener((message, sender, reply) => {
    if (sender.id !== browser.runtime.id) return false;
    if (message?.type === "settings") void start(site);
    if (message?.type === "account") reply({ site: site.id, network: site.network, handle: watch?.profile() ?? null, listed: watch?.listed() ?? [], off });
    return false;
  });
  // Each in a turn of its own: all at once would hold the page three times as long.
  setTimeout(() => void start(site));
  setTimeout(noticeTheEnd);
}

const world = /** @type {any} */ (globalThis);
/** @type {import("../sites/site.js").Site | undefined} */
const here = world.rapportSites?.find((/** @type {import("../sites/site.js").Site} */ site) => site.recognise(document));
// It may be put into a page that has it already: enabling a site puts it into open pages, too.
if (here && !world.rapportRuns && !isTaken()) {
  world.rapportRuns = true;
  begin(here);
}
