// What pointing at a badge, tapping it, the focus and keys on it do: open its card, keep it open, close it.
import { Card } from "./card/card.js";

const CLOSE_MS = 200, SETTLED_MS = 1_000, USUAL_OPEN_MS = 400;

/** @typedef {import("./badge.js").Badge} Badge */

export class Hover {
  #timer = 0;
  #opened = 0;
  /** The badge that was given its focus back: that must not open the card again. @type {Badge | undefined} */
  #left;
  #isPlacing = false;

  /** @param {import("./touch.js").Lender} lender */
  constructor(lender) {
    const { signal, site } = lender;
    this.openMs = site.hoverMs ?? USUAL_OPEN_MS;
    this.card = new Card(lender);
    for (const type of ["scroll", "resize"]) window.addEventListener(type, () => this.#place(), { signal, capture: true, passive: true });
    signal.addEventListener("abort", () => {
      clearTimeout(this.#timer);
      this.card.close();
    });
  }

  /** Called after each drawing: the row under the card may belong to somebody else now, or a button to follow have come under it. */
  check() {
    this.card.check();
    this.#place();
  }

  #place() {
    if (!this.card.badge || this.#isPlacing) return;
    this.#isPlacing = true;
    requestAnimationFrame(() => {
      this.#isPlacing = false;
      this.card.place();
    });
  }

  /** @param {Event} event @param {Badge | undefined} badge  the one it happened on */
  hear(event, badge) {
    const { type, target } = event, { card } = this;
    if (type === "mouseover") this.#over(target, badge);
    else if (type === "focusin") this.#focus(target, badge);
    else if (type === "focusout") this.#blur(/** @type {FocusEvent} */ (event).relatedTarget, badge);
    else if (type === "keydown" && this.#key(/** @type {KeyboardEvent} */ (event), badge)) event.stopImmediatePropagation();
    else if (badge) this.#press(event, badge);
    else if (type === "pointerdown" && card.badge && target !== card.host) card.close();
  }

  /** What keys do anywhere. @param {KeyboardEvent} event @param {Badge | undefined} badge @returns {boolean} whether the page must not hear of it */
  #key(event, badge) {
    const { key, shiftKey, target } = event, { card } = this;
    if (key === "Escape") {
      if (badge) this.#stopTimer();
      if (!card.badge) return false;
      this.#close();
      return true;
    }
    if (key === "Tab" && card.badge && target === card.host && card.isLastStop(shiftKey)) {
      // The focus goes back to where the card was opened from; forwards, the browser takes the step from there.
      this.#close();
      if (shiftKey) event.preventDefault();
    }
    return false;
  }

  /** @param {Event} event @param {Badge} badge */
  #press(event, badge) {
    const { type } = event, { card } = this;
    if (type.startsWith("key") && !isPressing(/** @type {KeyboardEvent} */ (event).key)) return;
    event.stopImmediatePropagation();
    if (type !== "click") return;
    event.preventDefault();
    const isByKey = /** @type {MouseEvent} */ (event).detail === 0;
    if (isByKey) return card.badge === badge && card.opened === "key" ? this.#close() : this.#open(badge, "key");
    // A pointer that came to click has opened the card by resting on the badge: that click must not close it at once.
    if (card.badge === badge && performance.now() - this.#opened > SETTLED_MS) this.#close();
    else this.#open(badge, "pointer");
  }

  /** @param {EventTarget | null} target @param {Badge | undefined} badge */
  #over(target, badge) {
    const { card } = this;
    if (!badge && !card.badge && !this.#timer) return;
    this.#stopTimer();
    if (badge ? badge === card.badge : target === card.host) return;
    if (badge) this.#openSoon(badge, "pointer", () => badge.host.matches(":hover"));
    else if (card.badge && card.opened === "pointer" && !card.holdsFocus) this.#timer = Number(setTimeout(() => this.#close(), CLOSE_MS));
  }

  /** @param {EventTarget | null} target @param {Badge | undefined} badge */
  #focus(target, badge) {
    const { card } = this;
    if (!badge) {
      if (card.badge && card.opened === "key" && target !== card.host) this.#close();
      return;
    }
    if (badge !== this.#left && badge !== card.badge) this.#openSoon(badge, "focus", () => badge.button.matches(":focus-visible"));
  }

  /** @param {EventTarget | null} next @param {Badge | undefined} badge */
  #blur(next, badge) {
    const { card } = this;
    if (!badge) return;
    this.#left = undefined;
    if (this.#timer && card.badge !== badge) this.#stopTimer();
    if (card.badge === badge && card.opened === "focus" && next !== card.host && !card.host?.matches(":hover")) this.#close();
  }

  /** @param {Badge} badge @param {"pointer" | "focus"} how @param {() => boolean} isStillMeant */
  #openSoon(badge, how, isStillMeant) {
    this.#stopTimer();
    if (!isStillMeant()) return;
    this.#timer = Number(setTimeout(() => isStillMeant() && this.#open(badge, how), this.openMs));
  }

  /** @param {Badge} badge @param {"pointer" | "focus" | "key"} how */
  #open(badge, how) {
    this.#stopTimer();
    if (this.card.badge !== badge) this.#opened = performance.now();
    this.card.open(badge, how);
  }

  #close() {
    const badge = this.card.badge ?? undefined;
    this.#stopTimer();
    this.#left = badge;
    this.card.close();
    if (document.activeElement !== badge?.host) this.#left = undefined;
  }

  #stopTimer() {
    clearTimeout(this.#timer);
    this.#timer = 0;
  }
}

/** Whether a key presses a button. @param {string} key */
const isPressing = (key) => key === "Enter" || key === " ";

/** @type {any} */ (globalThis).rapportHover = (/** @type {import("./touch.js").Lender} */ lender) => new Hover(lender);
