// Whether the places of a site's pages where accounts stand are still found. Kept here, sent nowhere: after a change of the site the popup
// can say what is wrong.

const KEY = "surfacesMissed", MISSES = 3, MOST = 100;
const NAME = /^[a-zA-Z0-9-]{1,40}$/;

export class SurfacesMet {
  /** One note after another: two at once would lose one. @type {Promise<unknown>} */
  #last = Promise.resolve();

  /** @param {{get: (key: string) => Promise<Record<string, any>>, set: (items: object) => Promise<void>}} storage */
  constructor(storage) {
    this.storage = storage;
  }

  /** @returns {Promise<Record<string, number>>} "site surface" -> pages in a row on which it was expected and not found */
  async #missed() {
    const stored = (await this.storage.get(KEY))[KEY];
    const pairs = stored && typeof stored === "object" ? Object.entries(stored) : [];
    return Object.fromEntries(pairs.filter(([, times]) => Number.isSafeInteger(times)).slice(0, MOST));
  }

  /**
   * What one page showed of what it was expected to.
   * @param {string} site
   * @param {unknown} met     ids of surfaces that were there
   * @param {unknown} missed  ids of those that were not
   */
  note(site, met, missed) {
    if (![site, ...(Array.isArray(met) ? met : [0]), ...(Array.isArray(missed) ? missed : [0])].every((name) => typeof name === "string" && NAME.test(name))) {
      return Promise.resolve();
    }
    const noted = this.#last.then(() => this.#note(site, /** @type {string[]} */ (met), /** @type {string[]} */ (missed)));
    this.#last = noted.catch(() => {});
    return noted;
  }

  /** @param {string} site @param {string[]} met @param {string[]} missed */
  async #note(site, met, missed) {
    const before = await this.#missed(), after = { ...before };
    for (const surface of met) delete after[`${site} ${surface}`];
    for (const surface of missed) after[`${site} ${surface}`] = Math.min(MISSES, (after[`${site} ${surface}`] ?? 0) + 1);
    if (JSON.stringify(before) !== JSON.stringify(after)) await this.storage.set({ [KEY]: after });
  }

  /** @returns {Promise<{site: string, surface: string}[]>} those not found on several pages in a row */
  async changed() {
    return Object.entries(await this.#missed()).filter(([, times]) => times >= MISSES).map(([name]) => {
      const [site, surface] = name.split(" ");
      return { site, surface };
    });
  }

  /** After an update or a correction the counting begins anew. */
  forget() {
    return this.storage.set({ [KEY]: {} });
  }
}
