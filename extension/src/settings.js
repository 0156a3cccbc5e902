import { browser } from "./browser.js";

/**
 * @typedef {object} Settings
 * @property {string} service      address of the service, without a trailing slash
 * @property {string} token        sent as a bearer token when not empty
 * @property {string[]} sitesOff   host names on which nothing is drawn
 * @property {string[]} instances  origins of further Mastodon servers the person enabled
 * @property {boolean} timelines   draw badges in timelines
 * @property {boolean} everyone    look up every account on screen, not only profiles and hover cards
 * @property {boolean} capture     send public posts on screen on X to the service
 */

/** @type {Settings} */
export const DEFAULTS = {
  service: "http://127.0.0.1:8765", token: "", sitesOff: [], instances: [], timelines: true, everyone: false, capture: false,
};

/** The stored settings; a value of the wrong type counts as not set. @returns {Promise<Settings>} */
export async function readSettings() {
  const stored = /** @type {Record<string, unknown>} */ ((await browser.storage.local.get("settings")).settings ?? {});
  const settings = { ...DEFAULTS };
  for (const key of /** @type {(keyof Settings)[]} */ (Object.keys(DEFAULTS))) {
    const value = stored[key], standard = DEFAULTS[key];
    const fits = Array.isArray(standard) ? Array.isArray(value) && value.every((item) => typeof item === "string") : typeof value === typeof standard;
    if (fits) Object.assign(settings, { [key]: value });
  }
  return settings;
}

/** Changes some settings and keeps the others. @param {Partial<Settings>} change */
export async function changeSettings(change) {
  await browser.storage.local.set({ settings: { ...(await readSettings()), ...change } });
}

/**
 * A service address as it is stored: origin and path without a trailing slash.
 * @param {string} text
 * @returns {string | null} null when it is no address, or one that would carry names over the open network unencrypted
 */
export function serviceAddress(text) {
  try {
    const url = new URL(text.trim());
    if (url.username || url.password || url.search || url.hash) return null;
    if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url.hostname))) return null;
    return url.origin + url.pathname.replace(/\/+$/, "");
  } catch {
    return null;
  }
}

/** @param {string} host */
export function isLoopback(host) {
  return host === "localhost" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);
}
