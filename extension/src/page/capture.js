// Put into pages of X only after the person switched it on. Sends what is public and on screen, each post once: its text, names, links,
// times and counts. Nothing of the page around it, nothing that tells who is looking.
import { browser } from "../browser.js";
import { clean, cleanHeader, isPublic } from "./clean.js";
import { ask } from "./worker.js";

const POST = 'article[data-testid="tweet"]', HEADER = '[data-testid="UserName"]';
const COLLECT_MS = 2_000, MOST = 40, MOST_CHARACTERS = 1_000_000, MOST_REMEMBERED = 5_000;

/** The profile header around its name: the box that also holds the numbers. @param {Element} name */
function headerOf(name) {
  for (let node = name.parentElement, level = 0; node && level < 8; node = node.parentElement, level++) {
    if (node.querySelector('a[href$="/following"]')) return node.querySelector(POST) ? null : node;
  }
  return null;
}

/** What makes a fragment the same as one already sent: its post's address, or the profile. @param {Element} element */
function nameOf(element) {
  if (!element.matches(POST)) return `profile ${location.pathname.split("/")[1]}`;
  return element.querySelector('a[href*="/status/"] time')?.closest("a")?.getAttribute("href") ?? null;
}

class Capture {
  /** @type {Set<string>} */
  #sent = new Set();
  /** @type {Map<string, string>} */
  #waiting = new Map();
  #timer = 0;
  #controller = new AbortController();

  start() {
    const { signal } = this.#controller;
    const gate = new IntersectionObserver((entries) => {
      for (const { isIntersecting, target } of entries) if (isIntersecting) this.#take(target);
    });
    const observer = new MutationObserver((records) => {
      for (const { addedNodes } of records) for (const node of addedNodes) if (node.nodeType === 1) this.#watch(gate, /** @type {Element} */ (node));
    });
    observer.observe(document.body, { childList: true, subtree: true });
    signal.addEventListener("abort", () => {
      observer.disconnect();
      gate.disconnect();
      clearTimeout(this.#timer);
    });
    this.#watch(gate, document.body);
  }

  stop() {
    this.#controller.abort();
  }

  /** @param {IntersectionObserver} gate @param {Element} node */
  #watch(gate, node) {
    const around = node.closest(`${POST}, ${HEADER}`);
    for (const element of around ? [around] : node.querySelectorAll(`${POST}, ${HEADER}`)) {
      // Observed anew, so that a row which shows another post by now is looked at again.
      gate.unobserve(element);
      gate.observe(element);
    }
  }

  /** @param {Element} element */
  #take(element) {
    const root = element.matches(POST) ? element : headerOf(element), name = root && nameOf(root);
    if (!root || !name || this.#sent.has(name) || !isPublic(root)) return;
    const viewer = document.querySelector('[data-testid="AppTabBar_Profile_Link"]')?.getAttribute("href") ?? null;
    this.#waiting.set(name, root === element ? clean(root, viewer) : cleanHeader(root));
    this.#timer ||= Number(setTimeout(() => this.#send(), COLLECT_MS));
  }

  async #send(wait = COLLECT_MS) {
    this.#timer = 0;
    const batch = [...this.#waiting].slice(0, MOST);
    let size = 0;
    const going = batch.filter(([, html]) => (size += html.length) <= MOST_CHARACTERS);
    for (const [name] of going.length ? going : batch.slice(0, 1)) this.#waiting.delete(name);
    if (going.length) {
      const reply = await ask({ type: "observe", url: `https://x.com${location.pathname}`, fragments: going.map(([, html]) => html) }).catch(() => ({ capture: false }));
      if (reply?.capture === false) return this.stop();
      if (reply?.sent) for (const [name] of going) this.#sent.add(name);
      else for (const [name, html] of going) this.#waiting.set(name, html);
      if (this.#sent.size > MOST_REMEMBERED) this.#sent.clear();
      if (!reply?.sent) wait = reply?.wait ?? 5_000;
    }
    if (this.#waiting.size && !this.#controller.signal.aborted) this.#timer ||= Number(setTimeout(() => this.#send(), wait));
  }
}

const world = /** @type {any} */ (globalThis);
world.rapportCapture?.stop();
world.rapportCapture = new Capture();
world.rapportCapture.start();
// The settings changed: this page's content script starts anew and, if capture is still wanted, this script comes again.
browser.runtime.onMessage.addListener((message) => {
  if (message?.type === "settings") world.rapportCapture.stop();
  return false;
});
