import { isDrawable, isWished } from "../answer.js";
import { ask } from "./worker.js";

const AT_ONCE = 50;
const NO_ANSWER_MS = 5_000;
const LONGEST_TIMER_MS = 3_600_000;
const SHARED = /** @type {const} */ (["title", "verdict"]);

/**
 * What the person wants to see of accounts, sent with the greeting.
 * @typedef {object} Wishes
 * @property {boolean} timelines
 * @property {boolean} everyone
 * @property {"full" | "compact"} badge
 * @property {"both" | "engagement"} show
 * @property {number} leastScore
 * @property {number} widest
 * @property {boolean} little
 * @property {string[]} notAccounts  handles of this network
 */

/** What this page knows of accounts, and the asking for more. */
export class Known {
  /** @type {Map<string, import("../answer.js").Answer>} */
  #answers = new Map();
  /** @type {Set<string>} */
  #wanted = new Set();
  /** @type {Set<string>} */
  #asked = new Set();
  /** @type {Record<string, string>} */
  #words = Object.create(null);
  #timer = 0;
  #due = Infinity;

  /**
   * @param {string} network
   * @param {Wishes} wishes
   * @param {AbortSignal} signal
   * @param {() => void} onNews      called when answers came, or when asking again is worth it
   * @param {(error: unknown) => void} onTrouble
   */
  constructor(network, wishes, signal, onNews, onTrouble) {
    this.network = network;
    this.wishes = wishes;
    this.not = new Set(wishes.notAccounts);
    this.signal = signal;
    this.onNews = onNews;
    this.onTrouble = onTrouble;
    signal.addEventListener("abort", () => clearTimeout(this.#timer));
  }

  /** What to draw for a handle; undefined for nothing. @param {string} handle */
  get(handle) {
    const answer = this.#answers.get(handle);
    return answer?.drawn ? answer : undefined;
  }

  /** Whether asking about it now would bring something new. @param {string} handle */
  isWorthAsking(handle) {
    const answer = this.#answers.get(handle);
    return !this.#asked.has(handle) && (!answer || answer.until <= Date.now()) && !this.not.has(handle);
  }

  /**
   * What the worker says; it has checked it all where it came from.
   * @param {(import("../answer.js").Answer | null | undefined)[]} list
   */
  learn(list) {
    const now = Date.now();
    for (const answer of list) {
      if (!answer) continue;
      // Words that many answers have in common are kept once.
      for (const key of SHARED) answer[key] &&= this.#words[answer[key]] ??= answer[key];
      const { handle, state } = answer, before = this.#answers.get(handle);
      // A failed refresh must not take away what was known.
      if (before && isDrawable(before) && (state === "pending" || state === "unavailable")) before.until = answer.until;
      else {
        answer.drawn = (answer.drawn ?? isWished(answer, this.wishes)) && !this.not.has(handle);
        this.#answers.set(handle, answer);
      }
      if (answer.until - now < LONGEST_TIMER_MS) this.#askAgainAt(answer.until);
    }
  }

  /** Asks for an account, together with the others of this moment. @param {string} handle */
  want(handle) {
    if (!this.isWorthAsking(handle)) return;
    if (!this.#wanted.size) queueMicrotask(() => this.#send());
    this.#wanted.add(handle);
  }

  #send() {
    const handles = [...this.#wanted];
    this.#wanted.clear();
    for (let i = 0; i < handles.length; i += AT_ONCE) void this.#ask(handles.slice(i, i + AT_ONCE));
  }

  /** @param {string[]} handles */
  async #ask(handles) {
    for (const handle of handles) this.#asked.add(handle);
    try {
      const reply = await ask({ type: "look", network: this.network, handles });
      if (this.signal.aborted) return;
      for (const handle of handles) this.#asked.delete(handle);
      const until = Date.now() + NO_ANSWER_MS;
      this.learn(reply?.answers ?? handles.map((handle) => ({ network: this.network, handle, state: /** @type {const} */ ("unavailable"), until })));
      this.onNews();
    } catch (error) {
      this.onTrouble(error);
    }
  }

  /** @param {number} time */
  #askAgainAt(time) {
    if (time >= this.#due) return;
    this.#due = time;
    clearTimeout(this.#timer);
    this.#timer = Number(setTimeout(() => {
      this.#due = Infinity;
      this.onNews();
    }, Math.max(200, time - Date.now())));
  }
}
