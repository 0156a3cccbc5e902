// The content script. The site file stands before it and tells what its pages show; this one asks the worker what is known, and watches the
// page until it is told to stop.
import { browser } from "../browser.js";
import { TAG } from "./badge.js";
import { Hover } from "./hover.js";
import { Known } from "./known.js";
import { followTheme } from "./theme.js";
import { Watch } from "./watch.js";
import { ask, isOrphaned } from "./worker.js";

/** How often a page that changes all the time is asked whether the extension is still there. */
const CHECK_MS = 500;

/** @type {AbortController | null} */
let running = null;
/** @type {Watch | null} */
let watch = null;

function stop() {
  running?.abort();
  running = watch = null;
}

/** @param {import("../sites/site.js").Site} site */
async function start(site) {
  stop();
  const mine = (running = new AbortController()), { signal } = mine;
  const hello = await ask({ type: "hello", network: site.network }).catch(() => null);
  if (!hello?.enabled || signal.aborted) return;
  const end = () => mine.abort();
  const known = new Known(site.network, signal, () => watch?.redraw(), end);
  known.learn(hello.answers);
  followTheme(signal);
  const hover = new Hover(known, signal, () => watch?.redraw(), end);
  let checked = 0;
  const { timelines, everyone } = hello;
  watch = new Watch(site, known, { timelines, everyone }, signal, () => {
    const now = performance.now();
    if (now - checked > CHECK_MS && isOrphaned()) end();
    if (now - checked > CHECK_MS) checked = now;
    hover.check();
    return !signal.aborted;
  });
  watch.start();
}

/** An open port closes when the extension goes away; an idle worker closes it too, and then nothing is wrong. */
function noticeTheEnd() {
  try {
    browser.runtime.connect({ name: "page" }).onDisconnect.addListener(() => setTimeout(() => isOrphaned() && stop(), 50));
  } catch {
    stop();
  }
}

const site = /** @type {import("../sites/site.js").Site} */ (/** @type {any} */ (globalThis).rapportSite);
if (site.recognise(document)) {
  // Left behind by an earlier version of the extension that can no longer hear anything.
  for (const host of document.querySelectorAll(TAG)) host.remove();
  browser.runtime.onMessage.addListener((message, sender, reply) => {
    if (sender.id !== browser.runtime.id) return false;
    if (message?.type === "settings") void start(site);
    if (message?.type === "account") reply({ network: site.network, handle: watch?.profile() ?? null });
    return false;
  });
  noticeTheEnd();
  void start(site);
}
