/**
 * Collects single questions for a moment and asks them together; a question already on its way is not asked again.
 * @template T
 */
export class Batch {
  /** @type {Map<string, {key: string, resolve: (value: T | undefined) => void, reject: (error: unknown) => void}>} */
  #waiting = new Map();
  /** @type {Map<string, Promise<T | undefined>>} */
  #inFlight = new Map();
  #timer = 0;

  /**
   * @param {(keys: string[]) => Promise<Map<string, T>>} send
   * @param {{most?: number, wait?: number}} [limits]  keys in one request; milliseconds to collect
   */
  constructor(send, { most = 50, wait = 100 } = {}) {
    this.send = send;
    this.most = most;
    this.wait = wait;
  }

  /** @param {string} key @returns {Promise<T | undefined>} undefined when the answer did not mention it */
  ask(key) {
    const known = this.#inFlight.get(key);
    if (known) return known;
    /** @type {Promise<T | undefined>} */
    const promise = new Promise((resolve, reject) => this.#waiting.set(key, { key, resolve, reject }));
    this.#inFlight.set(key, promise);
    if (this.#waiting.size >= this.most) this.#leave();
    else if (!this.#timer) this.#timer = Number(setTimeout(() => this.#leave(), this.wait));
    return promise;
  }

  #leave() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    const going = [...this.#waiting.values()];
    this.#waiting.clear();
    if (going.length) void this.#travel(going);
  }

  /** @param {{key: string, resolve: (value: T | undefined) => void, reject: (error: unknown) => void}[]} going */
  async #travel(going) {
    try {
      const answers = await this.send(going.map(({ key }) => key));
      for (const { key, resolve } of going) resolve(answers.get(key));
    } catch (error) {
      for (const { reject } of going) reject(error);
    } finally {
      for (const { key } of going) this.#inFlight.delete(key);
    }
  }
}
