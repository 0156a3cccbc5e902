const FIRST_MS = 1_000, LONGEST_MS = 60_000, LONGEST_NAMED_MS = 3_600_000;

/**
 * How long to leave a service alone after it failed: 1 s, doubled with each failure up to 60 s, or longer when it names a time.
 * The state survives a restart of the worker through `save`.
 */
export class Backoff {
  failures = 0;
  until = 0;

  /** @param {(state: {failures: number, until: number}) => void} [save] */
  constructor(save = () => {}) {
    this.save = save;
  }

  /** @param {unknown} state  what an earlier worker saved */
  restore(state) {
    const { failures, until } = /** @type {any} */ (state ?? {});
    if (!Number.isSafeInteger(failures) || !Number.isFinite(until) || until > Date.now() + LONGEST_NAMED_MS) return;
    this.failures = failures;
    this.until = until;
  }

  /** Milliseconds until the next request may leave. A wait longer than any that is ever set was set by a clock that went wrong. */
  wait() {
    const wait = this.until - Date.now();
    return wait > LONGEST_NAMED_MS ? 0 : Math.max(0, wait);
  }

  /** @param {number} [retryAfter]  seconds the service asked for */
  failed(retryAfter = 0) {
    const own = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(this.failures, 10));
    this.failures++;
    this.until = Date.now() + Math.max(own, Math.min(retryAfter * 1000, LONGEST_NAMED_MS));
    this.save({ failures: this.failures, until: this.until });
  }

  succeeded() {
    if (!this.failures) return;
    this.failures = this.until = 0;
    this.save({ failures: 0, until: 0 });
  }
}
