// The one observer of a page. What is known is drawn inside its callback, before the page lays itself out; what is not known is asked
// for once it is on screen. A row may show another account at any moment, so what an element shows is read again at every change.
import { createBadge, showAnswer, TAG } from "./badge.js";

const SLICE_MS = 2;

/**
 * @typedef {object} Seen
 * @property {import("../sites/site.js").Surface} surface
 * @property {string | null} handle
 * @property {import("./badge.js").Badge | null} badge
 * @property {Element | null} place  where the badge was put
 * @property {number} drawn  how often the badge was put into the page for this handle
 */
/** How often a badge is put back when the page takes it out: a page that insists wins. */
const STUBBORNNESS = 20;

export class Watch {
  /** @type {WeakMap<Element, Seen>} */
  #seen = new WeakMap();
  /** Profile headers and hover cards: few, and what they show can change without a change inside them. @type {Set<Element>} */
  #live = new Set();
  /** @type {Element[]} */
  #rest = [];
  #due = false;
  #path = location.pathname;

  /**
   * @param {import("../sites/site.js").Site} site
   * @param {import("./known.js").Known} known
   * @param {{timelines: boolean, everyone: boolean}} wishes
   * @param {AbortSignal} signal
   * @param {() => boolean} isAlive  asked before each drawing; false when the extension is gone
   */
  constructor(site, known, wishes, signal, isAlive) {
    this.site = site;
    this.known = known;
    this.wishes = wishes;
    this.signal = signal;
    this.isAlive = isAlive;
    this.page = { path: this.#path, domain: site.domain(document, location.host) };
    this.surfaces = site.surfaces.filter((surface) => wishes.timelines || surface.kind !== "timeline");
    this.selector = `${site.marks}:is(${this.surfaces.map((surface) => surface.selector).join()})`;
    this.observer = new MutationObserver((records) => this.#changed(records));
    this.gate = new IntersectionObserver((entries) => this.#onScreen(entries));
  }

  start() {
    this.observer.observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: this.site.attributes });
    const again = () => this.redraw();
    window.addEventListener("popstate", again, { signal: this.signal });
    document.addEventListener("visibilitychange", again, { signal: this.signal });
    /** @type {any} */ (window).navigation?.addEventListener("currententrychange", again, { signal: this.signal });
    this.signal.addEventListener("abort", () => {
      this.observer.disconnect();
      this.gate.disconnect();
      for (const host of document.querySelectorAll(TAG)) host.remove();
    });
    this.redraw();
  }

  /** Looks at the whole page again in the next frames, a slice at a time. */
  redraw() {
    if (this.signal.aborted) return;
    this.#rest = [...document.querySelectorAll(this.selector)];
    if (this.#due) return;
    this.#due = true;
    requestAnimationFrame(() => this.#slice());
  }

  #slice() {
    this.#due = false;
    if (this.signal.aborted || !this.isAlive()) return;
    const end = performance.now() + SLICE_MS;
    this.#refreshPath();
    let i = 0;
    while (i < this.#rest.length && performance.now() < end) this.#see(this.#rest[i++]);
    this.#rest = this.#rest.slice(i);
    this.#own();
    if (!this.#rest.length) return;
    this.#due = true;
    requestAnimationFrame(() => this.#slice());
  }

  /** The account of the profile this page is about, if it is one. @returns {string | null} */
  profile() {
    for (const element of this.#live) {
      const seen = this.#seen.get(element);
      if (seen?.surface.kind === "profile" && seen.handle && element.checkVisibility()) return seen.handle;
    }
    return null;
  }

  /** @param {MutationRecord[]} records */
  #changed(records) {
    if (!this.isAlive()) return;
    this.#refreshPath();
    /** @type {Set<Element>} */
    const touched = new Set(this.#live);
    let last = null;
    for (const record of records) {
      const { target } = record, isAttribute = record.type === "attributes";
      if (isAttribute || target !== last) this.#around(target, touched);
      last = target;
      // Reading the lists of a record makes objects of them, even when they are empty.
      if (isAttribute) continue;
      for (const node of record.addedNodes) if (node.nodeType === 1) this.#scan(/** @type {Element} */ (node), touched);
    }
    for (const element of touched) {
      if (element.isConnected) this.#see(element);
      else this.#live.delete(element);
    }
    this.#own();
  }

  /** Forgets the records that our own drawing made. */
  #own() {
    this.observer.takeRecords();
  }

  #refreshPath() {
    if (location.pathname !== this.#path) this.page.path = this.#path = location.pathname;
  }

  /** The surface in which something changed; an attribute that changed may also have ended one. @param {Node} target @param {Set<Element>} touched */
  #around(target, touched) {
    const element = /** @type {Element} */ (target.nodeType === 1 ? target : target.parentElement);
    const around = element?.closest(this.selector);
    if (around) touched.add(around);
    if (element && around !== element && this.#seen.has(element)) touched.add(element);
  }

  /** @param {Element} node @param {Set<Element>} touched */
  #scan(node, touched) {
    if (node.localName === TAG) return;
    if (node.matches(this.selector)) touched.add(node);
    if (node.childElementCount) for (const element of node.querySelectorAll(this.selector)) touched.add(element);
  }

  /** @param {Element} element */
  #see(element) {
    let seen = this.#seen.get(element);
    if (!seen) {
      const surface = this.surfaces.find((s) => element.matches(s.selector));
      if (!surface) return;
      seen = { surface, handle: null, badge: null, place: null, drawn: 0 };
      this.#seen.set(element, seen);
      if (surface.kind !== "timeline") this.#live.add(element);
      if (surface.readsText) this.observer.observe(element, { characterData: true, childList: true, subtree: true });
    }
    // An attribute that changed can end a surface as well as begin one.
    this.#show(element, seen, element.matches(seen.surface.selector) ? seen.surface.account(element, this.page) : null);
  }

  /** @param {Element} element @param {Seen} seen @param {string | null} handle */
  #show(element, seen, handle) {
    if (handle !== seen.handle) {
      seen.handle = handle;
      seen.drawn = 0;
    }
    const answer = handle === null ? undefined : this.known.get(handle);
    if (!handle || !answer || !this.#draw(element, seen, handle, answer)) seen.badge?.host.remove();
    if (handle && (seen.surface.kind !== "timeline" || this.wishes.everyone) && this.known.isWorthAsking(handle)) this.gate.observe(element);
  }

  /** @param {Element} element @param {Seen} seen @param {string} handle @param {import("../answer.js").Answer} answer */
  #draw(element, seen, handle, answer) {
    const badge = (seen.badge ??= createBadge()), { host } = badge, inside = seen.surface.where === "inside", before = seen.place;
    const stands = before && host.isConnected && (inside ? host.parentNode : host.previousSibling) === before;
    if (stands && (badge.answer === answer || seen.surface.kind === "timeline")) {
      showAnswer(badge, answer);
      return true;
    }
    const place = (seen.place = seen.surface.place(element, handle));
    if (!place) return false;
    showAnswer(badge, answer);
    if ((stands && place === before) || seen.drawn++ > STUBBORNNESS) return true;
    if (inside) place.append(host);
    else place.after(host);
    return true;
  }

  /** @param {IntersectionObserverEntry[]} entries */
  #onScreen(entries) {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      this.gate.unobserve(target);
      const handle = this.#seen.get(target)?.handle;
      if (handle) this.known.want(handle);
    }
  }
}
