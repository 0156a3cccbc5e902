import { browser } from "./browser.js";

/**
 * @typedef {object} Settings
 * @property {string} service      address of the service, without a trailing slash
 * @property {string} token        sent as a bearer token when not empty
 * @property {"auto" | "names" | "prefixes"} lookups  how the service is asked; auto: by prefixes unless it runs on this machine
 * @property {string[]} sitesOff   host names on which nothing is drawn
 * @property {string[]} instances  origins of further servers the person enabled
 * @property {boolean} paused      nothing is drawn anywhere
 * @property {boolean} timelines   draw badges in timelines
 * @property {boolean} everyone    look up every account on screen, not only profiles and hover cards
 * @property {boolean} capture     send public posts on screen on X to the service
 * @property {"full" | "compact"} badge    compact: without the ratio
 * @property {"both" | "engagement"} show  engagement: without scores
 * @property {number} leastScore   scores below are not drawn
 * @property {number} widest       scores with a wider 90 % interval, in points, are not drawn
 * @property {boolean} little      draw "too little to tell"
 * @property {string[]} notAccounts  `network:handle` of accounts that are neither drawn nor asked about
 */

/** @type {Settings} */
export const DEFAULTS = {
  service: "http://127.0.0.1:8765", token: "", lookups: "auto", sitesOff: [], instances: [], paused: false, timelines: true, everyone: false, capture: false,
  badge: "full", show: "both", leastScore: 1, widest: 99, little: true, notAccounts: [],
};

/** @type {Record<string, string[]>} */
const CHOICES = { lookups: ["auto", "names", "prefixes"], badge: ["full", "compact"], show: ["both", "engagement"] };

/** @param {keyof Settings} key @param {unknown} value  Whether it may be stored under this name. */
function fits(key, value) {
  const standard = DEFAULTS[key];
  if (key === "service") return typeof value === "string" && serviceAddress(value) === value;
  if (CHOICES[key]) return CHOICES[key].includes(String(value));
  if (Array.isArray(standard)) return Array.isArray(value) && value.every((item) => typeof item === "string");
  return typeof standard === "number" ? Number.isFinite(value) : typeof value === typeof standard;
}

/** The stored settings; a value of the wrong type counts as not set. @returns {Promise<Settings>} */
export async function readSettings() {
  return complete((await browser.storage.local.get("settings")).settings);
}

/** Stored settings, checked and filled up. @param {unknown} stored @returns {Settings} */
export function complete(stored) {
  const settings = { ...DEFAULTS }, values = /** @type {Record<string, unknown>} */ (stored && typeof stored === "object" ? stored : {});
  for (const key of /** @type {(keyof Settings)[]} */ (Object.keys(DEFAULTS))) {
    if (fits(key, values[key])) Object.assign(settings, { [key]: values[key] });
  }
  return settings;
}

/** Changes some settings and keeps the others. @param {Partial<Settings>} change */
export async function changeSettings(change) {
  await browser.storage.local.set({ settings: { ...(await readSettings()), ...change } });
}

/** Whether the service is asked by prefixes, so that it does not learn whom one looks at. @param {Settings} settings */
export function asksByPrefix({ lookups, service }) {
  return lookups === "auto" ? !isLoopback(new URL(service).hostname) : lookups === "prefixes";
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
