// Asking a service that others use, too, without telling it whom one looks at: it gets the first digits of a hash and answers for every
// account that begins so; which of them was meant is found here. The way SponsorBlock and Have I Been Pwned are asked.
import { checkAnswer } from "../answer.js";

const KEPT_MS = 600_000, NOT_LISTED_MS = 600_000, LONGEST_S = 86_400, MOST_PREFIXES = 300, MOST_ENTRIES = 20_000;
const SUFFIX = /^[0-9a-f]{56,64}$/;

/**
 * SHA-256 of `network:name` as 64 hex digits: under it the service lists an account.
 * @param {string} network
 * @param {string} name
 */
export async function digestOf(network, name) {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`${network}:${name}`));
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @typedef {{until: number, entries: Promise<Map<string, any>>}} Range */

export class Ranges {
  /** @type {Map<string, Range>} */
  #ranges = new Map();
  /** How many digits are sent: the service says so, as many as leave the account in a crowd. @type {Promise<number> | null} */
  #digits = null;

  /** @param {(path: string) => Promise<{body: any}>} get  throws ServiceTrouble */
  constructor(get) {
    this.get = get;
  }

  /** Forgets everything: another service has another crowd. */
  clear() {
    this.#ranges.clear();
    this.#digits = null;
  }

  /**
   * What the service tells of an account among others.
   * @param {string} network
   * @param {string} handle
   * @returns {Promise<import("../answer.js").Answer>} of state "unasked" when it is not among them
   * @throws {import("./service.js").ServiceTrouble}
   */
  async look(network, handle) {
    const digest = await digestOf(network, handle), digits = await this.#askDigits();
    const entry = (await this.#range(digest.slice(0, digits))).get(digest.slice(digits));
    const seconds = Math.min(Math.max(Number(entry?.badge?.ask_again_after) || 600, 60), LONGEST_S);
    const found = entry && checkAnswer({ ...entry.badge, network, handle, until: Math.round(Date.now() + seconds * 1000) });
    return found || { network, handle, state: "unasked", until: Date.now() + NOT_LISTED_MS };
  }

  #askDigits() {
    this.#digits ??= this.get("/api/v1/range").then(({ body }) => {
      if (!Number.isInteger(body?.digits) || body.digits < 0 || body.digits > 8) throw new Error("no number of digits");
      return body.digits;
    });
    this.#digits.catch(() => { this.#digits = null; });
    return this.#digits;
  }

  /** @param {string} prefix */
  #range(prefix) {
    const kept = this.#ranges.get(prefix);
    if (kept && kept.until > Date.now()) return kept.entries;
    const range = { until: Date.now() + KEPT_MS, entries: this.#fetch(prefix) };
    this.#ranges.delete(prefix);
    this.#ranges.set(prefix, range);
    for (const oldest of this.#ranges.keys()) if (this.#ranges.size > MOST_PREFIXES) this.#ranges.delete(oldest);
    range.entries.catch(() => this.#ranges.delete(prefix));
    return range.entries;
  }

  /** @param {string} prefix @returns {Promise<Map<string, any>>} */
  async #fetch(prefix) {
    try {
      const { body } = await this.get(`/api/v1/range/${prefix || "all"}`);
      const entries = Array.isArray(body?.entries) ? body.entries.slice(0, MOST_ENTRIES) : [];
      return new Map(entries.filter((/** @type {any} */ e) => SUFFIX.test(e?.suffix) && !e.padding).map((/** @type {any} */ e) => [e.suffix, e]));
    } catch (error) {
      // The crowd has grown or shrunk: it is asked anew how many digits there are, at the next look.
      if (/** @type {any} */ (error).status === 400) this.clear();
      throw error;
    }
  }
}
