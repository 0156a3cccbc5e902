// The one observer of a page. What is known is drawn inside its callback, before the page lays itself out; what is not known is asked
// for once it is on screen. A row may show another account at any moment, so what an element shows is read again at every change.
import { badgeOf, createBadge, showAnswer } from "./badge.js";

const SLICE_MS = 1;
/** The first looks run code that the browser has not made fast yet: one of them takes as long as ten later ones. */
const COLD_LOOKS = 40, COLD_MS = 0.4;
/** How many elements are looked at between two looks at the clock, which costs as much as one of them. */
const CLOCK_EVERY = 2;

/**
 * @typedef {object} Seen
 * @property {import("../sites/site.js").Surface} surface
 * @property {string | null} handle
 * @property {import("./badge.js").Badge | null} badge
 * @property {Element | null} place  where the badge was put
 * @property {number} drawn  how often the badge was put into the page for this handle
 * @property {Element[] | null} inner  the surfaces that stood in it when its nodes changed last, where a site's stand in one another
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
  #looks = 0;
  /** Ids of the surfaces in which an account was found. @type {Set<string>} */
  #met = new Set();
  /** Accounts of the list that the page at this path is about, in the order in which they came. @type {Set<string>} */
  #listed = new Set();
  #listPath = "";

  /**
   * @param {import("../sites/site.js").Site} site
   * @param {import("./known.js").Known} known
   * @param {import("./known.js").Wishes} wishes
   * @param {AbortSignal} signal
   * @param {() => boolean} isAlive  asked before each drawing; false when the extension is gone
   */
  constructor(site, known, wishes, signal, isAlive) {
    this.site = site;
    this.known = known;
    this.wishes = wishes;
    this.signal = signal;
    this.isAlive = isAlive;
    // Few surfaces want the path, and asking for it is dear: it is read when one does.
    this.page = { get path() { return location.pathname; }, domain: site.domain(document, location.host) };
    this.surfaces = site.surfaces.filter((surface) => wishes.timelines || surface.kind !== "timeline");
    this.selector = `${site.selectors.marks}:is(${this.surfaces.map(({ id }) => site.selectors[id]).join()})`;
    this.hearsInside = !site.marking.length;
    this.observer = new MutationObserver((records) => this.#changed(records));
    /** Made when the first account is asked for. @type {IntersectionObserver | null} */
    this.gate = null;
  }

  start() {
    const { marking } = this.site;
    this.observer.observe(document.body, { childList: true, subtree: true, ...(marking.length ? { attributeFilter: marking } : {}) });
    const again = () => this.redraw();
    window.addEventListener("popstate", again, { signal: this.signal });
    document.addEventListener("visibilitychange", again, { signal: this.signal });
    /** @type {any} */ (window).navigation?.addEventListener("currententrychange", again, { signal: this.signal });
    this.signal.addEventListener("abort", () => {
      this.observer.disconnect();
      this.gate?.disconnect();
      for (const host of document.querySelectorAll("[data-rapport]")) if (badgeOf(host)) host.remove();
    });
    this.redraw();
  }

  /** Looks at the whole page again in the next frames, a slice at a time. */
  redraw() {
    if (this.signal.aborted) return;
    this.#rest = [...document.querySelectorAll(this.selector)];
    this.#later();
  }

  /** Goes on with the rest in the next frame. */
  #later() {
    if (this.#due || !this.#rest.length) return;
    this.#due = true;
    requestAnimationFrame(() => this.#slice());
  }

  #slice() {
    this.#due = false;
    if (this.signal.aborted || !this.isAlive()) return;
    const end = performance.now() + SLICE_MS;
    let i = 0;
    while (i < this.#rest.length && performance.now() < end) this.#see(this.#rest[i++]);
    this.#rest = this.#rest.slice(i);
    this.#own();
    this.#later();
  }

  /** Ids of the surfaces in which an account was found since this was asked last. */
  takeMet() {
    const met = this.#met;
    this.#met = new Set();
    return met;
  }

  /** The accounts of the list that this page is about, as far as they have been in it; none on a page of another kind. */
  listed() {
    return location.pathname === this.#listPath ? [...this.#listed] : [];
  }

  /** @param {string} handle */
  #list(handle) {
    const { pathname } = location;
    if (pathname !== this.#listPath) {
      this.#listPath = pathname;
      this.#listed.clear();
    }
    this.#listed.add(handle);
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
    /** @type {Set<Element>} */
    const touched = new Set(this.#live);
    /** Where a node stood that left: one that comes back to it in the same turn was watched all along. @type {Map<Node, Node>} */
    const left = new Map();
    let row = /** @type {Element | null} */ (null), parent = /** @type {Node | null} */ (null);
    for (const record of records) {
      const { target } = record;
      if (record.type === "attributes") {
        // The links of a row change one after another, and the first of them had everything in the row looked at.
        if (!row?.contains(target) || (this.site.nests && this.#seen.has(/** @type {Element} */ (target)))) {
          row = this.hearsInside ? this.#within(target, touched) : this.#around(target, touched, false);
        }
        continue;
      }
      if (target !== parent) this.#around((parent = target), touched, true);
      // Stepping through these lists by index costs half of what an iterator over them does.
      const { removedNodes: gone, addedNodes: come } = record;
      for (let i = 0, { length } = gone; i < length; i++) left.set(gone[i], target);
      for (let i = 0, { length } = come; i < length; i++) if (left.get(come[i]) !== target) this.#scan(come[i], touched);
    }
    const end = performance.now() + (this.#looks < COLD_LOOKS ? COLD_MS : SLICE_MS);
    let looked = 0, isLate = false;
    for (const element of touched) {
      isLate ||= ++looked % CLOCK_EVERY === 0 && performance.now() > end;
      // What was never seen carries no badge that could be wrong: when much comes at once, it may wait for the next frame.
      if (isLate && !this.#seen.has(element)) this.#rest.push(element);
      else if (element.isConnected) this.#see(element);
      else this.#live.delete(element);
    }
    this.#looks += looked;
    this.#own();
    this.#later();
  }

  /** Forgets the records that our own drawing made. */
  #own() {
    this.observer.takeRecords();
  }

  /**
   * The surface in which an attribute changed, where attributes are heard in surfaces only: asking who was seen costs a third of matching.
   * @param {Node} target
   * @param {Set<Element>} touched
   * @returns {Element | null} the surface when it is one of a timeline
   */
  #within(target, touched) {
    for (let node = /** @type {Element | null} */ (target); node; node = node.parentElement) {
      const seen = this.#seen.get(node);
      if (!seen) continue;
      touched.add(node);
      return seen.surface.kind === "timeline" ? node : null;
    }
    return null;
  }

  /**
   * The surface in which something changed; an attribute that changed may also have ended one.
   * @param {Node} target
   * @param {Set<Element>} touched
   * @param {boolean} rebuilt  nodes came or went in it
   * @returns {Element | null} the surface when it is one of a timeline
   */
  #around(target, touched, rebuilt) {
    const element = /** @type {Element} */ (target.nodeType === 1 ? target : target.parentElement);
    const around = element?.closest(this.selector);
    if (around) touched.add(around);
    if (element && around !== element && this.#seen.has(element)) touched.add(element);
    const seen = around && this.#seen.get(around);
    if (seen?.surface.kind !== "timeline") return null;
    if (this.site.nests) {
      if (rebuilt || !seen.inner) seen.inner = [.../** @type {Element} */ (around).querySelectorAll(this.selector)];
      for (const inner of seen.inner) touched.add(inner);
    }
    return around;
  }

  /** @param {Node} node @param {Set<Element>} touched */
  #scan(node, touched) {
    const element = /** @type {Element} */ (node);
    if (node.nodeType !== 1 || badgeOf(element)) return;
    if (element.matches(this.selector)) touched.add(element);
    if (element.childElementCount) for (const surface of element.querySelectorAll(this.selector)) touched.add(surface);
  }

  /** @param {Element} element */
  #see(element) {
    let seen = this.#seen.get(element);
    if (!seen) {
      const surface = this.surfaces.find(({ id }) => element.matches(this.site.selectors[id]));
      if (!surface) return;
      seen = { surface, handle: null, badge: null, place: null, drawn: 0, inner: null };
      this.#seen.set(element, seen);
      if (surface.kind !== "timeline") this.#live.add(element);
      this.#watch(element, surface);
    }
    // Where attributes that make surfaces are heard, a change of one can end a surface as well.
    const ended = !this.hearsInside && !element.matches(this.site.selectors[seen.surface.id]);
    this.#show(element, seen, ended ? null : seen.surface.account(element, this.page));
  }

  /** Most links of a page stand in no surface: theirs may change unheard. @param {Element} element @param {import("../sites/site.js").Surface} surface */
  #watch(element, { readsText }) {
    const { attributes, marking } = this.site, heard = attributes.every((name) => marking.includes(name));
    if (heard && !readsText) return;
    this.observer.observe(element, { attributeFilter: attributes, subtree: true, ...(readsText ? { characterData: true, childList: true } : {}) });
  }

  /** @param {Element} element @param {Seen} seen @param {string | null} handle */
  #show(element, seen, handle) {
    const { surface } = seen, { id, kind } = surface;
    if (handle !== seen.handle) {
      seen.handle = handle;
      seen.drawn = 0;
    }
    if (handle) this.#met.add(id);
    if (handle && surface.isListed?.(element, this.page)) this.#list(handle);
    const answer = handle === null ? undefined : this.known.get(handle);
    // In a timeline, accounts that the service would have to be told of are left alone.
    if (!handle || !answer || (answer.state === "unasked" && kind === "timeline") || !this.#draw(element, seen, handle, answer)) seen.badge?.host.remove();
    if (handle && (kind !== "timeline" || this.wishes.everyone) && this.known.isWorthAsking(handle)) this.#askOnScreen(element);
  }

  /** @param {Element} element @param {Seen} seen @param {string} handle @param {import("../answer.js").Answer} answer */
  #draw(element, seen, handle, answer) {
    const badge = (seen.badge ??= createBadge(seen.surface.where)), { host } = badge, { where } = seen.surface, before = seen.place;
    const stands = before && host.isConnected && (where === "after" ? host.previousSibling : host.parentNode) === before;
    if (stands && (badge.answer === answer || seen.surface.kind === "timeline")) {
      showAnswer(badge, answer);
      return true;
    }
    const place = (seen.place = seen.surface.place(element, handle));
    if (!place) return false;
    showAnswer(badge, answer);
    if ((stands && place === before) || seen.drawn++ > STUBBORNNESS) return true;
    if (where === "after") place.after(host);
    else if (where === "inside") place.append(host);
    else place.prepend(host);
    return true;
  }

  /** @param {Element} element */
  #askOnScreen(element) {
    this.gate ??= new IntersectionObserver((entries) => this.#onScreen(entries));
    this.gate.observe(element);
  }

  /** @param {IntersectionObserverEntry[]} entries */
  #onScreen(entries) {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      this.gate?.unobserve(target);
      const handle = this.#seen.get(target)?.handle;
      if (handle) this.known.want(handle);
    }
  }
}
