// Enabling a site is letting the browser give us its pages; switching it off gives that back.
import { browser } from "./browser.js";
import { changeSettings, readSettings } from "./settings.js";

/**
 * What is known of a site outside its pages (`sites.json`, written by the build from the site files).
 * @typedef {object} ShippedSite
 * @property {string} id
 * @property {string} title
 * @property {"bluesky" | "mastodon" | "x"} network
 * @property {string[]} matches
 */

/** @type {Promise<ShippedSite[]> | null} */
let reading = null;

/** @returns {Promise<ShippedSite[]>} */
export const shippedSites = () => (reading ??= fetch(browser.runtime.getURL("sites.json")).then((answer) => answer.json()));

/** @param {{matches: string[]}} site */
export const hostsOf = ({ matches }) => matches.map((match) => match.split("/")[2]);

/**
 * The scripts of a site's pages. A server somebody added can be any front end of its network: each script knows its own pages.
 * @param {ShippedSite | null} site
 * @param {ShippedSite[]} [shipped]
 */
export const scriptsFor = (site, shipped = []) => [
  ...(site ? [site] : shipped.filter(({ network }) => network === "mastodon")).map(({ id }) => `sites/${id}.js`), "content.js",
];

/** How badges look, in a sheet that the browser gives to the pages together with the scripts. */
export const STYLES = ["badge.css"];

/** @param {string[]} matches */
export const isPermitted = (matches) => browser.permissions.contains({ origins: matches });

/** Whether it was enabled and not switched off. @param {ShippedSite} site */
export async function isEnabled(site) {
  const { sitesOff } = await readSettings();
  return (await isPermitted(site.matches)) && !hostsOf(site).some((host) => sitesOff.includes(host));
}

/**
 * Enables sites. Must be reached in the turn of the click that wishes it: the browser asks the person.
 * @param {ShippedSite[]} sites
 * @returns {Promise<boolean>} false when the browser was told no
 */
export async function enableSites(sites) {
  const asked = browser.permissions.request({ origins: sites.flatMap(({ matches }) => matches) });
  if (!(await asked.catch(() => false))) return false;
  const hosts = new Set(sites.flatMap(hostsOf)), { sitesOff } = await readSettings();
  await changeSettings({ sitesOff: sitesOff.filter((host) => !hosts.has(host)) });
  return true;
}

/** Switches a site off and gives its permission back. @param {ShippedSite} site */
export async function disableSite(site) {
  const { sitesOff } = await readSettings();
  await changeSettings({ sitesOff: [...new Set([...sitesOff, ...hostsOf(site)])] });
  await browser.permissions.remove({ origins: site.matches }).catch(() => false);
}
