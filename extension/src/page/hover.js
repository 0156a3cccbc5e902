// Pointer, finger and keyboard on our badges. Listening at the window, before the page: a click on a badge must not open the post
// or the link it stands in.
import { badgeOf } from "./badge.js";
import { addRules, dress } from "./theme.js";
import { ask } from "./worker.js";

const OPEN_MS = 300, CLOSE_MS = 200, SETTLED_MS = 1_000;
const INPUTS = "click auxclick dblclick pointerdown mousedown pointerup mouseup touchstart touchend keydown keyup keypress".split(" ");

export class Hover {
  /** @type {import("./card.js").Card | null} */
  #card = null;
  /** @type {Promise<unknown> | null} */
  #loading = null;
  #timer = 0;
  #opened = 0;

  /**
   * @param {import("./known.js").Known} known
   * @param {AbortSignal} signal
   * @param {() => void} onNews
   * @param {(error: unknown) => void} onTrouble
   */
  constructor(known, signal, onNews, onTrouble) {
    this.lender = { known, dress, addRules, onNews, onTrouble };
    const options = { signal, capture: true, passive: true };
    const input = (/** @type {Event} */ event) => this.#input(event);
    for (const type of INPUTS) window.addEventListener(type, input, { ...options, passive: type.startsWith("touch") });
    window.addEventListener("mouseover", (event) => this.#over(event), options);
    for (const type of ["scroll", "resize"]) window.addEventListener(type, () => this.#card?.badge && requestAnimationFrame(() => this.#card?.place()), options);
    signal.addEventListener("abort", () => {
      clearTimeout(this.#timer);
      this.#card?.close();
    });
  }

  /** Called after each drawing: the row under the card may belong to somebody else now. */
  check() {
    this.#card?.check();
  }

  /** @param {Event} event */
  #input(event) {
    const { type, target } = event, card = this.#card, badge = badgeOf(target), key = /** @type {KeyboardEvent} */ (event).key;
    if (type === "keydown" && key === "Escape" && card?.badge) {
      event.stopImmediatePropagation();
      return card.close(card.byKey);
    }
    if (!badge) {
      if (type === "pointerdown" && card?.badge && target !== card.host) card.close();
      return;
    }
    if (type.startsWith("key") && key !== "Enter" && key !== " ") return;
    event.stopImmediatePropagation();
    if (type !== "click") return;
    event.preventDefault();
    const byKey = /** @type {MouseEvent} */ (event).detail === 0;
    // A pointer that came to click has opened the card by resting on the badge: that click must not close it at once.
    if (card?.badge === badge && (byKey || performance.now() - this.#opened > SETTLED_MS)) card.close(byKey);
    else void this.#open(badge, byKey);
  }

  /** @param {Event} event */
  #over({ target }) {
    const badge = badgeOf(target), card = this.#card;
    if (!badge && !card?.badge && !this.#timer) return;
    clearTimeout(this.#timer);
    this.#timer = 0;
    if (badge ? badge === card?.badge : target === card?.host) return;
    if (badge) {
      void this.#load();
      this.#timer = Number(setTimeout(() => this.#open(badge, false), OPEN_MS));
    } else if (card?.badge && !card.byKey) this.#timer = Number(setTimeout(() => card.close(), CLOSE_MS));
  }

  /** The card is a script of its own, put into the page when the first badge is pointed at. */
  #load() {
    return (this.#loading ??= ask({ type: "card" }).then(() => {
      this.#card = /** @type {any} */ (globalThis).rapportCard?.(this.lender) ?? null;
      if (!this.#card) this.#loading = null;
    }, this.lender.onTrouble));
  }

  /** @param {import("./badge.js").Badge} badge @param {boolean} byKey */
  async #open(badge, byKey) {
    clearTimeout(this.#timer);
    this.#timer = 0;
    await this.#load();
    if (!this.#card) return;
    if (this.#card.badge !== badge) this.#opened = performance.now();
    this.#card.open(badge, byKey);
  }
}
