// Our card: at body level, filled at once with what the badge knows and then with the report. Few pages ever need it, so it is a
// script of its own, put into the page when the first badge is pointed at.
import { language, say } from "../../words.js";
import { lookOf } from "../verdicts.js";
import { ask } from "../worker.js";
import { comparison } from "./comparison.js";
import { ago } from "./dates.js";
import { pillarRows, reasons } from "./details.js";
import { dress, wear } from "./dress.js";
import { button, el, english, link } from "./elements.js";
import { factLines } from "./facts.js";
import { balance, head, scale } from "./head.js";
import { overTime } from "./line.js";
import { boxesOf, boxWithName, EDGE, placeFor } from "./placing.js";
import { WIDTH } from "./rules.js";

const TIMES_ASKED = 4, BORDERS = 2;
/** About how high a card with its report is: its place is chosen for that, so that it need not move when the report comes. */
const WHOLE_PX = 516, WHOLE_WITHOUT_SCORE_PX = 330;
/** Padding and borders left and right. */
const SIDES = 34;
let tag = "rapport-card";

const cardWidth = () => Math.min(WIDTH, innerWidth - 2 * EDGE);

/** @returns {[HTMLElement, ShadowRoot]} */
function createHost() {
  try {
    const host = document.createElement(tag);
    return [host, host.attachShadow({ mode: "closed" })];
  } catch {
    // A page took the name for itself.
    tag += `-${Math.random().toString(36).slice(2, 8)}`;
    return createHost();
  }
}

/**
 * What a card knows beyond its badge.
 * @typedef {object} Told
 * @property {ReturnType<typeof import("../../background/report.js").cardOf> | null} report
 * @property {import("../../background/report.js").Point[]} points
 * @property {import("../../background/compare.js").Compared | null} compared
 * @property {boolean} isToAsk   the service learns of this account only when the person says so
 * @property {boolean} isAsking
 * @property {string} trouble    why there is no report, in words
 */

/** @returns {Told} */
const nothing = () => ({ report: null, points: [], compared: null, isToAsk: false, isAsking: false, trouble: "" });

export class Card {
  /** @type {HTMLElement | null} */
  host = null;
  /** @type {import("../badge.js").Badge | null} */
  badge = null;
  /** How it was opened: it closes when that ends. @type {"pointer" | "focus" | "key"} */
  opened = "pointer";
  /** @type {ShadowRoot | null} */
  #root = null;
  /** @type {HTMLElement | null} */
  #body = null;
  #handle = "";
  #told = nothing();
  #asking = 0;
  /** What had the focus before the card took it. @type {HTMLElement | null} */
  #before = null;

  /** @param {import("../touch.js").Lender} lender */
  constructor(lender) {
    this.lender = lender;
  }

  /** Whether the keyboard is in the card. */
  get holdsFocus() {
    return Boolean(this.host && document.activeElement === this.host);
  }

  /** @param {import("../badge.js").Badge} badge @param {"pointer" | "focus" | "key"} how  by key the focus moves into it */
  open(badge, how) {
    if (!badge.host.isConnected || !badge.answer) return;
    if (this.badge !== badge) {
      this.close();
      this.badge = badge;
      this.#handle = badge.answer.handle;
      this.opened = how;
      this.#before = /** @type {HTMLElement | null} */ (document.activeElement);
      this.#build();
      badge.button.setAttribute("aria-expanded", "true");
      void this.#fill(++this.#asking, false);
    }
    if (how !== "pointer") this.opened = how;
    if (how === "key") this.#body?.focus();
  }

  /** Gives the focus back where it came from when the card has it. */
  close() {
    const { badge, host, holdsFocus } = this, before = this.#before;
    if (!badge) return;
    host?.remove();
    this.host = this.badge = this.#root = this.#body = this.#before = null;
    this.#told = nothing();
    this.#asking++;
    badge.button.removeAttribute("aria-expanded");
    if (!holdsFocus) return;
    if (before === badge.host || !before?.isConnected) badge.button.focus({ preventScroll: true });
    else before.focus({ preventScroll: true });
  }

  /** Whether a step with the Tab key leads out of the card. @param {boolean} isBackwards */
  isLastStop(isBackwards) {
    const stops = [...(this.#body?.querySelectorAll("a, button") ?? [])], at = this.#root?.activeElement;
    return isBackwards ? at === this.#body || at === stops[0] : at === (stops.at(-1) ?? this.#body);
  }

  #build() {
    [this.host, this.#root] = createHost();
    this.#body = el("div", "card");
    this.#body.tabIndex = -1;
    // The words of the card are in a language that is written from left to right, whatever the page's is.
    this.#body.dir = "ltr";
    this.#body.lang = language();
    this.#body.setAttribute("role", "dialog");
    this.#body.setAttribute("aria-label", `Rapport: ${this.#handle}`);
    wear(this.lender.isDark());
    dress(this.#root);
    this.#root.append(this.#body);
    document.body.append(this.host);
    this.#paint();
  }

  #paint() {
    const answer = this.lender.known.get(this.#handle), body = this.#body;
    if (!answer || !body) return;
    const focused = this.#root?.activeElement, name = focused?.getAttribute("data-name");
    body.className = `card ${lookOf(answer)}`;
    body.setAttribute("aria-busy", String(this.#told.isAsking));
    body.replaceChildren(...this.#parts(answer), this.#foot(answer));
    this.place();
    if (focused && !focused.isConnected) /** @type {HTMLElement} */ ((name && body.querySelector(`[data-name="${name}"]`)) || body).focus({ preventScroll: true });
  }

  /** @param {import("../../answer.js").Answer} answer */
  #parts(answer) {
    const { report, points, isToAsk } = this.#told, isScored = this.lender.known.wishes.show !== "engagement", other = this.#other(answer);
    /** @type {Element[]} */
    const parts = [...head(answer, isScored)];
    if (other) parts.push(...comparison(this.#comparable(answer), other, isScored));
    else {
      if (isScored) parts.push(...scale(answer));
      parts.push(...balance(answer, cardWidth() - SIDES));
      if (isScored) parts.push(...pillarRows(report?.pillars ?? []), ...overTime(points));
    }
    parts.push(...reasons(report?.findings ?? []), ...factLines(report?.facts ?? null));
    if (isToAsk) parts.push(this.#askButton(answer));
    return parts;
  }

  /** The account to compare with, unless it is this one or there is nothing to compare. @param {import("../../answer.js").Answer} answer */
  #other({ network, handle, state }) {
    const { compared } = this.#told, is = compared?.answer;
    return compared && state === "ready" && !(is?.network === network && is.handle === handle) ? compared : null;
  }

  /** @param {import("../../answer.js").Answer} answer @returns {import("../../background/compare.js").Compared} */
  #comparable(answer) {
    const { report } = this.#told;
    return { answer, name: report?.name || answer.handle, pillars: report?.pillars ?? [] };
  }

  /** @param {import("../../answer.js").Answer} answer */
  #askButton({ state }) {
    const { isAsking } = this.#told, words = say(isAsking ? "card_asking" : state === "unasked" ? "card_ask" : "card_ask_reasons");
    const pressed = button("ask", words, () => this.#told.isAsking || void this.#fill(++this.#asking, true));
    pressed.dataset.name = "ask";
    // Not disabled: that would take the focus from it.
    pressed.setAttribute("aria-disabled", String(isAsking));
    return pressed;
  }

  /** @param {import("../../answer.js").Answer} answer */
  #foot(answer) {
    const { report, trouble } = this.#told, seen = el("div", "seen"), links = el("div", "links"), foot = el("div", "foot", seen, links);
    if (report?.coverage) seen.append(english(el("span", "", report.coverage)));
    if (report?.coverage && answer.scored_at) seen.append(" · ");
    if (answer.scored_at) seen.append(ago(Date.parse(answer.scored_at)));
    if (trouble) seen.replaceChildren(trouble);
    seen.title = seen.textContent ?? "";
    if (trouble) seen.setAttribute("role", "status");
    if (report) {
      const why = link(report.why, say("card_why"));
      why.title = say("card_why_hint");
      links.append(why, link(report.wrong, say("card_wrong")));
    }
    links.append(...this.#buttons(answer));
    for (const [i, control] of [...links.children].entries()) control.setAttribute("data-name", control.className || String(i));
    return foot;
  }

  /** @param {import("../../answer.js").Answer} answer */
  #buttons(answer) {
    const { network, handle, state } = answer, { compared } = this.#told;
    const compareWith = (/** @type {object | null} */ account) => void this.#hear(ask({ type: "compare", account }), (reply) => {
      this.#told.compared = reply?.compared ?? null;
    });
    const not = button("not", say("card_not_this"), () => {
      void ask({ type: "not_this_account", network, handle, on: true }).catch(this.lender.onTrouble);
      this.close();
    });
    if (compared && state === "ready") return [button("compare", say("card_stop_comparing"), () => compareWith(null)), not];
    if (state !== "ready" || !this.#told.report) return [not];
    const start = button("compare", say("card_compare"), () => compareWith(this.#comparable(answer)));
    start.title = say("card_compare_hint");
    return [start, not];
  }

  /** Paints what an answer of the worker adds, if this opening still lasts. @param {Promise<any>} asked @param {(reply: any) => void} take */
  async #hear(asked, take) {
    const asking = this.#asking;
    try {
      const reply = await asked;
      if (asking !== this.#asking) return;
      take(reply);
      this.#paint();
    } catch (error) {
      this.lender.onTrouble(error);
    }
  }

  /** @param {number} asking  which opening this belongs to @param {boolean} asked  the person asked for this very account */
  async #fill(asking, asked) {
    const { known } = this.lender, { network } = known, handle = this.#handle;
    this.#told.isAsking = asked;
    if (asked) this.#paint();
    else void this.#hear(ask({ type: "compared" }), (reply) => (this.#told.compared = reply?.compared ?? null));
    try {
      if (!known.get(handle)?.sentence && !asked) {
        known.learn([(await ask({ type: "known", network, handle }))?.answer]);
        if (asking !== this.#asking) return;
        this.#paint();
      }
      for (let times = 0; times <= TIMES_ASKED; times++) {
        const reply = await ask({ type: "report", network, handle, asked });
        if (asking !== this.#asking) return;
        const again = this.#take(reply, asked, times === TIMES_ASKED);
        if (!again) return;
        await new Promise((resolve) => setTimeout(resolve, again * 1000));
        if (asking !== this.#asking) return;
      }
    } catch (error) {
      this.lender.onTrouble(error);
    }
  }

  /**
   * Takes in what the worker said of the report.
   * @param {any} reply
   * @param {boolean} asked
   * @param {boolean} isLast  whether it is not asked for once more
   * @returns {number} seconds after which asking again is worth it; 0 when it is not
   */
  #take(reply, asked, isLast) {
    const told = this.#told, isFirst = !told.report, { known, onNews } = this.lender, again = isLast ? 0 : reply?.again ?? 0;
    told.isToAsk = Boolean(reply?.ask) || (asked && !reply?.report);
    told.isAsking = asked && again > 0 && !reply?.report;
    told.trouble = reply?.error ?? "";
    told.report = reply?.report ?? told.report;
    if (reply?.answer) {
      known.learn([reply.answer]);
      onNews();
    }
    this.#paint();
    if (isFirst && reply?.report && this.host) {
      void this.#hear(ask({ type: "history", network: known.network, handle: this.#handle, asked }), (line) => (told.points = line?.points ?? []));
    }
    return again;
  }

  /** Closes when the row went out of sight, or shows another account now. */
  check() {
    const badge = this.badge;
    if (!badge) return;
    if (!badge.host.isConnected || badge.answer?.handle !== this.#handle) this.close();
    else wear(this.lender.isDark());
  }

  /** How high the card will be when all of it came; 0 when nothing more comes by itself. */
  #reserve() {
    const { isToAsk, trouble } = this.#told, state = this.badge?.answer?.state;
    if (isToAsk || trouble || state === "unasked") return 0;
    return state === "ready" && this.lender.known.wishes.show !== "engagement" ? WHOLE_PX : WHOLE_WITHOUT_SCORE_PX;
  }

  /** Puts the card beside its badge, where it covers neither that nor a button to follow. */
  place() {
    this.check();
    const { host, badge } = this, body = this.#body;
    if (!host || !badge || !body) return;
    const at = badge.host.getBoundingClientRect();
    if (!at.width || at.bottom < 0 || at.top > innerHeight) return this.close();
    // How high it would be, asked without letting it grow: that would lose how far somebody scrolled in it.
    body.style.minHeight = "";
    const needed = Math.min(Math.max(body.scrollHeight + BORDERS, this.#reserve()), innerHeight - 2 * EDGE);
    const size = { width: cardWidth(), height: needed };
    const isMirrored = getComputedStyle(badge.host.parentElement ?? badge.host).direction === "rtl";
    const { x, y, room } = placeFor(at, boxWithName(badge.host), boxesOf(this.lender.site.selectors.followButton ?? ""), size, isMirrored);
    // Custom properties, because "all: initial" of the host outweighs every other inline style.
    host.style.setProperty("--x", `${Math.round(x)}px`);
    host.style.setProperty("--y", `${Math.round(y)}px`);
    host.style.setProperty("--h", `${Math.floor(room)}px`);
    // Above its badge, the lower edge must not come away from it.
    if (y < at.top && y + needed <= at.top) body.style.minHeight = `${needed}px`;
  }
}
