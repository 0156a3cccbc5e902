import { checkAnswer, isDrawable } from "../answer.js";
import { ask } from "./worker.js";

const AT_ONCE = 50;
const NO_ANSWER_MS = 5_000;
const LONGEST_TIMER_MS = 3_600_000;

/** What this page knows of accounts, and the asking for more. */
export class Known {
  /** @type {Map<string, import("../answer.js").Answer>} */
  #answers = new Map();
  /** @type {Set<string>} */
  #wanted = new Set();
  /** @type {Set<string>} */
  #asked = new Set();
  /** @type {Map<string, string>} */
  #words = new Map();
  #timer = 0;
  #due = Infinity;

  /**
   * @param {string} network
   * @param {AbortSignal} signal
   * @param {() => void} onNews      called when answers came, or when asking again is worth it
   * @param {(error: unknown) => void} onTrouble
   */
  constructor(network, signal, onNews, onTrouble) {
    this.network = network;
    this.signal = signal;
    this.onNews = onNews;
    this.onTrouble = onTrouble;
    signal.addEventListener("abort", () => clearTimeout(this.#timer));
  }

  /** What to draw for a handle; undefined for nothing. @param {string} handle */
  get(handle) {
    const answer = this.#answers.get(handle);
    return isDrawable(answer) ? answer : undefined;
  }

  /** Whether asking about it now would bring something new. @param {string} handle */
  isWorthAsking(handle) {
    const answer = this.#answers.get(handle);
    return !this.#asked.has(handle) && (!answer || answer.until <= Date.now());
  }

  /** @param {unknown} list */
  learn(list) {
    for (const item of Array.isArray(list) ? list : []) {
      const answer = checkAnswer(item);
      if (!answer || answer.network !== this.network) continue;
      this.#share(answer);
      const before = this.#answers.get(answer.handle);
      // A failed refresh must not take away what was known.
      const keep = before && isDrawable(before) && (answer.state === "pending" || answer.state === "unavailable");
      this.#answers.set(answer.handle, keep ? { ...before, until: answer.until } : answer);
      if (answer.until - Date.now() < LONGEST_TIMER_MS) this.#askAgainAt(answer.until);
    }
  }

  /** Words that many answers have in common are kept once. @param {import("../answer.js").Answer} answer */
  #share(answer) {
    for (const key of /** @type {const} */ (["title", "verdict", "network", "ratio"])) {
      const word = answer[key];
      if (word === undefined) continue;
      const kept = this.#words.get(word);
      if (kept) answer[key] = kept;
      else this.#words.set(word, word);
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
      this.learn(reply?.answers ?? handles.map((handle) => ({ network: this.network, handle, state: "unavailable", until })));
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
