// Pointer, finger and keyboard on our badges, listened to at the window, before the page: a click on a badge must not open the post or the
// link it stands in. What they do then is in a script of its own, put into the page when the first badge is pointed at.
import { badgeOf } from "./badge.js";
import { isDark } from "./theme.js";
import { ask } from "./worker.js";

const INPUTS = "click auxclick dblclick pointerdown mousedown pointerup mouseup touchstart touchend keydown keyup keypress".split(" ");

/**
 * What the content script lends the card.
 * @typedef {object} Lender
 * @property {import("../sites/site.js").Site} site
 * @property {import("./known.js").Known} known
 * @property {AbortSignal} signal
 * @property {typeof badgeOf} badgeOf
 * @property {() => boolean} isDark  whether the page is
 * @property {() => void} onNews
 * @property {(error: unknown) => void} onTrouble
 */

export class Touch {
  /** @type {import("./hover.js").Hover | null} */
  #hover = null;
  /** @type {Promise<unknown> | null} */
  #loading = null;

  /**
   * @param {import("../sites/site.js").Site} site
   * @param {import("./known.js").Known} known
   * @param {AbortSignal} signal
   * @param {() => void} onNews
   * @param {(error: unknown) => void} onTrouble
   */
  constructor(site, known, signal, onNews, onTrouble) {
    this.lender = { site, known, signal, badgeOf, isDark: () => isDark, onNews, onTrouble };
    const hear = (/** @type {Event} */ event) => this.#hear(event);
    for (const type of INPUTS) window.addEventListener(type, hear, { signal, capture: true, passive: type.startsWith("touch") });
    for (const type of ["mouseover", "focusin", "focusout"]) window.addEventListener(type, hear, { signal, capture: true, passive: true });
  }

  /** Called after each drawing: the row under the card may belong to somebody else now. */
  check() {
    this.#hover?.check();
  }

  /** @param {Event} event */
  #hear(event) {
    const { type, target } = event, badge = badgeOf(target);
    if (this.#hover) return this.#hover.hear(event, badge);
    if (!badge) return;
    const { key } = /** @type {KeyboardEvent} */ (event);
    const opens = type === "click" || type === "mouseover" || type === "focusin";
    // What a badge is pressed with is kept from the page even while nothing can answer yet.
    if (INPUTS.includes(type) && (key === undefined || key === "Enter" || key === " ")) event.stopImmediatePropagation();
    if (type === "click") event.preventDefault();
    if (opens) void this.#load().then(() => this.#hover?.hear(event, badge));
  }

  #load() {
    return (this.#loading ??= ask({ type: "card" }).then(() => {
      this.#hover = /** @type {any} */ (globalThis).rapportHover?.(this.lender) ?? null;
      if (!this.#hover) this.#loading = null;
    }, this.lender.onTrouble));
  }
}
