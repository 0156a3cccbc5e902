// Our card: at body level, filled at once with what the badge knows and then with the report. Few pages ever need it, so it is a
// script of its own, put into the page when the first badge is pointed at.
import { createMark, lookOf } from "./verdicts.js";
import { ask } from "./worker.js";

const TAG = "rapport-card";
const GAP = 6, EDGE = 8, WIDTH = 340, TIMES_ASKED = 4;
/** The bar of the narrowest screen cared for, and a wide letter of its labels. */
const BAR_PX = 270, LETTER_PX = 7;

const RULES = `
:host(rapport-card){all:initial;position:fixed!important;left:var(--x)!important;top:var(--y)!important;z-index:2147483647!important;box-sizing:border-box!important;width:min(${WIDTH}px,calc(100vw - 16px))!important}
.card{box-sizing:border-box;max-height:var(--h,calc(100vh - 16px));overflow:auto;overscroll-behavior:contain;background:var(--paper);color:var(--ink);border:1px solid var(--line);border-radius:14px;
box-shadow:0 8px 28px rgb(0 0 0/.14);padding:14px 16px 10px;font:400 13.5px/1.45 system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;text-align:start}
.card:focus-visible{outline:2px solid var(--c)}
.top{display:flex;gap:14px;align-items:center}
.score{font-size:38px;font-weight:700;line-height:1;font-variant-numeric:tabular-nums;min-width:52px}
.verdict{font-weight:650;color:var(--c);display:flex;gap:6px;align-items:center}.verdict{--m:.9375}
.sentence{margin-top:2px;overflow-wrap:anywhere}
.scale{position:relative;height:6px;border-radius:3px;background:var(--line);margin:12px 0 3px}
.scale i{position:absolute;top:0;height:6px;border-radius:3px;background:color-mix(in srgb,var(--ink) 35%,transparent)}
.scale u{position:absolute;top:-3px;width:3px;height:12px;border-radius:2px;background:var(--ink)}
.ends,.foot{display:flex;justify-content:space-between;gap:8px;color:var(--dim);font-size:11.5px;font-variant-numeric:tabular-nums}
.balance{display:flex;height:20px;border-radius:6px;overflow:hidden;margin:12px 0 3px;font-size:11.5px;line-height:20px;white-space:nowrap}
.balance div{display:flex;min-width:0}.balance span{padding:0 8px}.balance .all{margin-inline-start:auto}
.talks{flex:none;background:var(--talk);color:var(--paper)}.casts{flex:1;background:var(--none-w);color:var(--ink)}
.pillars{display:grid;grid-template-columns:96px 1fr 44px;gap:4px 10px;align-items:center;margin:10px 0}
.bar{height:6px;background:var(--line);border-radius:3px}.bar i{display:block;height:6px;border-radius:3px;background:var(--ink);opacity:.72}
.pts{text-align:right;font-variant-numeric:tabular-nums;color:var(--dim)}
ul{margin:8px 0 6px;padding:0;list-style:none}li{padding:5px 0;border-top:1px solid var(--line);overflow-wrap:anywhere}
a{color:inherit;text-decoration-color:var(--dim);text-underline-offset:2px}a:focus-visible{outline:2px solid var(--c);border-radius:2px}
.foot{flex-wrap:wrap;gap:0 8px;border-top:1px solid var(--line);padding-top:7px;margin-top:6px}.foot .links{white-space:nowrap;margin-inline-start:auto}
@media (prefers-reduced-motion:no-preference){.card{animation:in .12s ease-out}@keyframes in{from{opacity:0}}}`;

/**
 * @param {string} tag
 * @param {string} className
 * @param {...(Node | string)} children
 */
function el(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

/** A bar filled to a share of its length. @param {string} className @param {number} share */
function bar(className, share) {
  const fill = el("i", "");
  fill.style.width = `${Math.round(Math.max(0, Math.min(1, share)) * 100)}%`;
  const track = el("div", className, fill);
  track.setAttribute("aria-hidden", "true");
  return track;
}

/** @param {number} n @param {string} one @param {string} many */
const count = (n, one, many) => `${n} ${n === 1 ? one : many}`;

/** @param {string} url @param {string} words */
function link(url, words) {
  const a = /** @type {HTMLAnchorElement} */ (el("a", "", words));
  a.href = url;
  a.target = "_blank";
  a.rel = "noopener noreferrer";
  return a;
}

/** @param {number} score @param {number} low @param {number} high */
function scale(score, low, high) {
  const at = (/** @type {number} */ value) => `${value - 1}%`;
  const range = el("i", ""), mark = el("u", ""), track = el("div", "scale", range, mark);
  range.style.left = at(low);
  range.style.width = `${Math.max(1, high - low)}%`;
  mark.style.left = at(score);
  track.setAttribute("aria-hidden", "true");
  return [track, el("div", "ends", el("span", "", "1"), el("span", "", `${low}–${high}, 9 times in 10`), el("span", "", "100"))];
}

/** @param {string} scoredAt an ISO time */
function age(scoredAt) {
  const minutes = Math.round((Date.now() - Date.parse(scoredAt)) / 60_000);
  if (!(minutes >= 1)) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  return minutes < 2_880 ? `${Math.round(minutes / 60)} h ago` : `${Math.round(minutes / 1440)} days ago`;
}

/**
 * Replies against broadcasts. A number stands on its own part of the bar, and on the other part where its own is too short to hold it.
 * @param {number} replies
 * @param {number} broadcasts
 */
function balance(replies, broadcasts) {
  const share = replies / (replies + broadcasts), talks = el("div", "talks"), casts = el("div", "casts");
  const answered = el("span", "", count(replies, "reply", "replies")), sent = el("span", "all", count(broadcasts, "broadcast", "broadcasts"));
  const holds = (/** @type {number} */ part, /** @type {HTMLElement} */ { textContent }) => part * BAR_PX > (textContent?.length ?? 0) * LETTER_PX + 16;
  talks.style.width = `${100 * share}%`;
  (holds(share, answered) ? talks : casts).append(answered);
  (holds(1 - share, sent) ? casts : talks).append(sent);
  return el("div", "balance", talks, casts);
}

/** @param {import("../answer.js").Answer} answer */
function head(answer) {
  const words = el("div", "", el("div", "verdict", createMark(), answer.title ?? ""), el("div", "sentence", answer.sentence ?? ""));
  const replies = answer.replies ?? 0, broadcasts = answer.broadcasts ?? 0;
  const parts = [el("div", "top", ...(answer.score ? [el("div", "score", String(answer.score))] : []), words)];
  if (answer.score) parts.push(...scale(answer.score, answer.low ?? answer.score, answer.high ?? answer.score));
  if (replies + broadcasts) parts.push(balance(replies, broadcasts));
  return parts;
}

/** @param {any} report  what the worker made of the service's report */
function details(report) {
  const parts = [];
  if (report.pillars.length) {
    const rows = report.pillars.flatMap((/** @type {any} */ p) => [el("span", "", p.title), bar("bar", p.rounded / p.of), el("span", "pts", String(p.rounded))]);
    parts.push(el("div", "pillars", ...rows));
  }
  if (report.findings.length) {
    parts.push(el("ul", "", ...report.findings.map((/** @type {any} */ f) => el("li", "", f.url ? link(f.url, f.title) : f.title, `: ${f.sentence}`))));
  }
  return parts;
}

/**
 * What the content script lends the card.
 * @typedef {object} Lender
 * @property {import("./known.js").Known} known
 * @property {(root: ShadowRoot) => void} dress
 * @property {(rules: string) => void} addRules
 * @property {() => void} onNews
 * @property {(error: unknown) => void} onTrouble
 */

export class Card {
  /** @type {HTMLElement | null} */
  host = null;
  /** @type {import("./badge.js").Badge | null} */
  badge = null;
  byKey = false;
  /** @type {HTMLElement | null} */
  #body = null;
  #handle = "";
  /** @type {any} */
  #report = null;
  #asking = 0;

  /** @param {Lender} lender */
  constructor(lender) {
    this.lender = lender;
    lender.addRules(RULES);
  }

  /** @param {import("./badge.js").Badge} badge @param {boolean} byKey */
  open(badge, byKey) {
    if (!badge.host.isConnected || !badge.answer) return;
    if (this.badge !== badge) {
      this.close();
      this.badge = badge;
      this.#handle = badge.answer.handle;
      this.#build();
      badge.button.setAttribute("aria-expanded", "true");
      void this.#fill(++this.#asking);
    }
    this.byKey ||= byKey;
    if (byKey) this.#body?.focus();
  }

  /** @param {boolean} [giveFocusBack] */
  close(giveFocusBack = false) {
    const badge = this.badge;
    if (!badge) return;
    this.host?.remove();
    this.host = this.#body = this.badge = this.#report = null;
    this.byKey = false;
    this.#asking++;
    badge.button.removeAttribute("aria-expanded");
    if (giveFocusBack && badge.host.isConnected) badge.button.focus();
  }

  #build() {
    this.host = document.createElement(TAG);
    this.#body = el("div", "card");
    this.#body.tabIndex = -1;
    this.#body.setAttribute("role", "dialog");
    this.#body.setAttribute("aria-label", `Rapport: ${this.#handle}`);
    const root = this.host.attachShadow({ mode: "closed" });
    this.lender.dress(root);
    root.append(this.#body);
    document.body.append(this.host);
    this.#paint();
  }

  #paint() {
    const answer = this.lender.known.get(this.#handle), body = this.#body;
    if (!answer || !body) return;
    body.className = `card ${lookOf(answer)}`;
    const report = this.#report;
    const foot = el("div", "foot", el("span", "", [report?.coverage, answer.scored_at && age(answer.scored_at)].filter(Boolean).join(" · ")));
    if (report) foot.append(el("span", "links", link(report.why, "Why?"), " · ", link(report.wrong, "Something wrong?")));
    body.replaceChildren(...head(answer), ...(report ? details(report) : []), foot);
    this.place();
  }

  /** @param {number} asking  which opening this belongs to */
  async #fill(asking) {
    const { known, onNews, onTrouble } = this.lender;
    try {
      if (!known.get(this.#handle)?.sentence) {
        known.learn([(await ask({ type: "known", network: known.network, handle: this.#handle }))?.answer]);
        if (asking !== this.#asking) return;
        this.#paint();
      }
      for (let times = 0; times <= TIMES_ASKED; times++) {
        const reply = await ask({ type: "report", network: known.network, handle: this.#handle });
        if (asking !== this.#asking) return;
        if (reply?.answer) {
          known.learn([reply.answer]);
          onNews();
        }
        if (reply?.report) this.#report = reply.report;
        this.#paint();
        if (!reply?.again) return;
        await new Promise((resolve) => setTimeout(resolve, reply.again * 1000));
        if (asking !== this.#asking) return;
      }
    } catch (error) {
      onTrouble(error);
    }
  }

  /** Closes when the row went out of sight, or shows another account now. */
  check() {
    const badge = this.badge;
    if (badge && (!badge.host.isConnected || badge.answer?.handle !== this.#handle)) this.close();
  }

  /** Puts the card under its badge, else above it, else beside it, and never beyond the screen or over what it explains. */
  place() {
    this.check();
    const { host, badge } = this;
    if (!host || !badge) return;
    const at = badge.host.getBoundingClientRect();
    if (!at.width || at.bottom < 0 || at.top > innerHeight) return this.close();
    host.style.removeProperty("--h");
    const { x, y, room } = spot(at, badge.host.parentElement ?? badge.host, Math.min(WIDTH, innerWidth - 2 * EDGE), host.offsetHeight);
    // Custom properties, because "all: initial" of the host outweighs every other inline style.
    host.style.setProperty("--x", `${Math.round(x)}px`);
    host.style.setProperty("--y", `${Math.round(y)}px`);
    if (room) host.style.setProperty("--h", `${Math.floor(room)}px`);
  }
}

/** @param {number} value @param {number} most */
const within = (value, most) => Math.max(EDGE, Math.min(value, most));

/**
 * Where a card of this size stands.
 * @param {DOMRect} at
 * @param {Element} names  what the badge stands in, together with the name it stands beside
 * @param {number} width
 * @param {number} height
 * @returns {{x: number, y: number, room?: number}} `room` when the card must be less high than it would be
 */
function spot(at, names, width, height) {
  const x = within(at.left, innerWidth - EDGE - width), below = at.bottom + GAP, above = at.top - GAP - height;
  if (below + height <= innerHeight - EDGE) return { x, y: below };
  if (above >= EDGE) return { x, y: above };
  const box = names.getBoundingClientRect(), mirrored = getComputedStyle(names).direction === "rtl";
  const right = (mirrored ? Math.max(at.right, box.right) : at.right) + GAP, left = (mirrored ? at.left : Math.min(at.left, box.left)) - GAP - width;
  const y = within(at.top, innerHeight - EDGE - height);
  if (height <= innerHeight - 2 * EDGE && right + width <= innerWidth - EDGE) return { x: right, y };
  if (height <= innerHeight - 2 * EDGE && left >= EDGE) return { x: left, y };
  // No side holds all of it: the larger one, and the rest by scrolling.
  const under = innerHeight - EDGE - below, over = at.top - GAP - EDGE;
  return under >= over ? { x, y: below, room: under } : { x, y: EDGE, room: over };
}

/** @type {any} */ (globalThis).rapportCard = (/** @type {Lender} */ lender) => new Card(lender);
