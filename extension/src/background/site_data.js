// What the service knows better than this version of the extension: selectors of a site that changed, and sites to leave alone for now.
// Data only, checked here: it can name other elements of a page to look at, and nothing else.

const KEY = "siteData", KEPT_MS = 6 * 3_600_000, TRY_AGAIN_MS = 600_000, MOST = 50, MOST_SELECTORS = 60;
const ID = /^[a-z0-9-]{1,30}$/, NAME = /^[a-zA-Z]{1,40}$/, SELECTOR = /^[^{}<;]{1,500}$/;

/**
 * @typedef {object} SiteData
 * @property {string} id
 * @property {number} revision
 * @property {boolean} off
 * @property {string} why
 * @property {Record<string, string>} selectors
 */

/** @param {unknown} value @returns {value is Record<string, string>} */
function areSelectors(value) {
  if (!value || typeof value !== "object" || Array.isArray(value)) return false;
  const pairs = Object.entries(value);
  return pairs.length <= MOST_SELECTORS && pairs.every(([name, css]) => NAME.test(name) && typeof css === "string" && SELECTOR.test(css));
}

/**
 * The sites in what a service or storage gave; one that is not of the form is left out, and the extension's own data hold for it.
 * @param {any} body
 * @returns {SiteData[]}
 */
export function checkSites(body) {
  const list = Array.isArray(body?.sites) ? body.sites.slice(0, MOST) : [];
  return list.filter((/** @type {any} */ site) => site && typeof site.id === "string" && ID.test(site.id) && Number.isSafeInteger(site.revision)
    && typeof site.off === "boolean" && typeof site.why === "string" && site.why.length <= 300 && areSelectors(site.selectors))
    .map((/** @type {SiteData} */ { id, revision, off, why, selectors }) => ({ id, revision, off, why, selectors: { ...selectors } }));
}

export class SiteDataKeeper {
  #tried = -Infinity;

  /**
   * @param {{get: (key: string) => Promise<Record<string, any>>, set: (items: object) => Promise<void>}} storage
   * @param {(path: string) => Promise<{body: any}>} get  throws ServiceTrouble
   */
  constructor(storage, get) {
    this.storage = storage;
    this.get = get;
  }

  /** @returns {Promise<SiteData[]>} what is known, at once */
  async known() {
    return checkSites((await this.storage.get(KEY))[KEY]);
  }

  /**
   * Asks the service when what is known is older than six hours.
   * @returns {Promise<boolean>} whether it brought something new
   */
  async refresh() {
    const kept = (await this.storage.get(KEY))[KEY], now = Date.now();
    const age = now - Number(kept?.at ?? -Infinity);
    if ((age >= 0 && age < KEPT_MS) || Math.abs(now - this.#tried) < TRY_AGAIN_MS) return false;
    this.#tried = now;
    const sites = await this.get("/api/v1/sites").then(({ body }) => checkSites(body), () => null);
    if (!sites) return false;
    await this.storage.set({ [KEY]: { at: now, sites } });
    return JSON.stringify(sites) !== JSON.stringify(checkSites(kept));
  }
}
