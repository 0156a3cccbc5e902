import { checkAnswer, isDrawable } from "../answer.js";

const PREFIX = "answer:";
const PASSING = new Set(["pending", "unavailable"]);
const STALE_MS = 30 * 86_400_000;

/**
 * What was answered, in memory and in storage, so that a restarted worker knows it still. The least recently learnt go first.
 * Answers that say nothing about an account for good (pending, unavailable, unasked) stay in memory only.
 */
export class AnswerCache {
  /** @type {Map<string, import("../answer.js").Answer>} */
  #answers = new Map();
  /** @type {Promise<void> | null} */
  #loading = null;

  /**
   * @param {{get: (key: null) => Promise<Record<string, unknown>>, set: (items: object) => Promise<void>, remove: (keys: string[]) => Promise<void>}} storage
   * @param {number} [most]  how many answers are kept
   */
  constructor(storage, most = 2_000) {
    this.storage = storage;
    this.most = most;
  }

  /** Reads storage once. */
  load() {
    return (this.#loading ??= this.#read());
  }

  async #read() {
    const stored = await this.storage.get(null);
    const bad = [], good = [];
    for (const [key, value] of Object.entries(stored)) {
      if (!key.startsWith(PREFIX)) continue;
      const answer = checkAnswer(value);
      if (answer && key === PREFIX + keyOf(answer) && answer.until > Date.now() - STALE_MS) good.push(answer);
      else bad.push(key);
    }
    good.sort((a, b) => a.until - b.until);
    for (const answer of good) if (!this.#answers.has(keyOf(answer))) this.#answers.set(keyOf(answer), answer);
    if (bad.length) await this.storage.remove(bad);
  }

  /** @param {string} key */
  get(key) {
    return this.#answers.get(key);
  }

  /** The newest drawable answers of a network, for a page that starts. @param {string} network @param {number} [most] */
  newest(network, most = 500) {
    return [...this.#answers.values()].filter((answer) => answer.network === network && isDrawable(answer)).slice(-most);
  }

  /** @param {import("../answer.js").Answer[]} answers */
  async learn(answers) {
    /** @type {Record<string, object>} */
    const lasting = {};
    const gone = [];
    for (const answer of answers) {
      const key = keyOf(answer), before = this.#answers.get(key);
      const passing = PASSING.has(answer.state);
      const kept = passing && isDrawable(before) ? { .../** @type {import("../answer.js").Answer} */ (before), until: answer.until } : answer;
      this.#answers.delete(key);
      this.#answers.set(key, kept);
      // The service tells of it no longer, or never did: what was written down goes, too.
      if (kept.state === "unasked") gone.push(PREFIX + key);
      else if (!passing) lasting[PREFIX + key] = kept;
    }
    for (const key of this.#answers.keys()) {
      if (this.#answers.size <= this.most) break;
      this.#answers.delete(key);
      delete lasting[PREFIX + key];
      gone.push(PREFIX + key);
    }
    if (gone.length) await this.storage.remove(gone);
    if (Object.keys(lasting).length) await this.#write(lasting);
  }

  /** A full storage gets room once, by forgetting the older half; if that does not help, only this worker remembers. @param {Record<string, object>} lasting */
  async #write(lasting) {
    try {
      await this.storage.set(lasting);
    } catch {
      const older = [...this.#answers.keys()].slice(0, this.#answers.size >> 1).map((key) => PREFIX + key);
      await this.storage.remove(older).then(() => this.storage.set(lasting)).catch(() => {});
    }
  }

  async clear() {
    this.#answers.clear();
    const keys = Object.keys(await this.storage.get(null)).filter((key) => key.startsWith(PREFIX));
    if (keys.length) await this.storage.remove(keys);
  }
}

/** @param {{network: string, handle: string}} account */
export const keyOf = ({ network, handle }) => `${network}:${handle}`;
