// Which pages the content script runs in: those of sites the person enabled, and no others. Nothing is enabled by installing.
import { browser } from "../browser.js";
import { readSettings } from "../settings.js";
import { hostsOf, isPermitted, scriptsFor, shippedSites, STYLES } from "../sites_enabled.js";

/**
 * @typedef {object} Place
 * @property {string} id       `site:<id>` or `instance:<origin>`
 * @property {string[]} matches
 * @property {string[]} js
 */

/** @returns {Promise<Place[]>} the sites and servers that are enabled and that the browser lets us read */
async function enabledPlaces() {
  const [{ instances, sitesOff }, shipped] = await Promise.all([readSettings(), shippedSites()]);
  const places = [
    ...shipped.filter((site) => !hostsOf(site).every((host) => sitesOff.includes(host)))
      .map((site) => ({ id: `site:${site.id}`, matches: site.matches, js: scriptsFor(site) })),
    ...instances.map((origin) => ({ id: `instance:${origin}`, matches: [`${origin}/*`], js: scriptsFor(null, shipped) })),
  ];
  const permitted = await Promise.all(places.map(({ matches }) => isPermitted(matches)));
  return places.filter((_, i) => permitted[i]);
}

/** @param {Place} place */
const asScript = ({ id, matches, js }) => ({ id, matches, js, css: STYLES, runAt: /** @type {const} */ ("document_end"), persistAcrossSessions: true });

/** One change after another: two at once would register the same place twice. */
let last = Promise.resolve();

/**
 * Registers the content script for each enabled place and for no other, and puts it into pages of them that are open already.
 * @param {{afresh?: boolean}} [how]  afresh: this is another version of the extension; scripts may have changed, open pages have lost theirs
 */
export function registerPlaces({ afresh = false } = {}) {
  last = last.then(() => register(afresh)).catch(() => {});
  return last;
}

/** @param {boolean} afresh */
async function register(afresh) {
  const wanted = await enabledPlaces(), names = new Set(wanted.map(({ id }) => id));
  const registered = (await browser.scripting.getRegisteredContentScripts()).map(({ id }) => id);
  const gone = registered.filter((id) => afresh || !names.has(id));
  if (gone.length) await browser.scripting.unregisterContentScripts({ ids: gone });
  const there = new Set(registered.filter((id) => !gone.includes(id)));
  const missing = wanted.filter(({ id }) => !there.has(id));
  if (!missing.length) return;
  await browser.scripting.registerContentScripts(missing.map(asScript));
  await Promise.all(missing.map(putIntoOpenPages));
}

/** @param {Place} place */
async function putIntoOpenPages({ matches, js }) {
  for (const { id, discarded } of await browser.tabs.query({ url: matches })) {
    if (id === undefined || discarded) continue;
    const target = { tabId: id };
    await browser.scripting.insertCSS({ target, files: STYLES }).then(() => browser.scripting.executeScript({ target, files: js })).catch(() => {});
  }
}
