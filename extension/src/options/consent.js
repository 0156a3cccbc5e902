import { isLoopback } from "../settings.js";

/**
 * What the person must allow before something may leave this machine, as `permissions.request` takes it.
 * @typedef {{origins?: string[], data_collection?: string[]}} Wanted
 */

/**
 * For asking a service: its address, and in a browser that has a permission for it (Firefox) the kinds of data it will be sent.
 * @param {string} service
 * @param {{capture: boolean, collects: boolean}} now  whether posts on X are sent; whether this browser knows permissions for data
 * @returns {Wanted | null} null when nothing leaves this machine
 */
export function wantedFor(service, { capture, collects }) {
  const { hostname, origin } = new URL(service);
  if (isLoopback(hostname)) return null;
  const origins = [`${origin}/*`];
  // Chrome refuses a request that holds a key it does not know.
  return collects ? { origins, data_collection: ["browsingActivity", ...(capture ? ["websiteContent"] : [])] } : { origins };
}

/**
 * For sending the posts on screen to a service.
 * @param {string} service
 * @param {boolean} collects
 * @returns {Wanted | null}
 */
export function wantedForCapture(service, collects) {
  return !collects || isLoopback(new URL(service).hostname) ? null : { data_collection: ["websiteContent"] };
}

/**
 * Asks for it. Must be reached in the turn of the click: afterwards it no longer counts as the person's wish.
 * @param {{request: (wanted: any) => Promise<boolean>}} permissions
 * @param {Wanted | null} wanted
 */
export async function isAllowed(permissions, wanted) {
  return !wanted || permissions.request(wanted).catch(() => false);
}

/** Whether this browser knows permissions for data. @param {{getAll: () => Promise<any>}} permissions */
export async function knowsDataPermissions(permissions) {
  return Array.isArray((await permissions.getAll()).data_collection);
}

/**
 * Whether the person still lets such data be sent to a service: they may take it back at any time in the browser's own settings.
 * @param {{getAll: () => Promise<any>}} permissions
 * @param {string} service
 * @param {string[]} kinds
 */
export async function isCollectingAllowed(permissions, service, kinds) {
  if (!kinds.length || isLoopback(new URL(service).hostname)) return true;
  const { data_collection: allowed } = await permissions.getAll();
  return !Array.isArray(allowed) || kinds.every((kind) => allowed.includes(kind));
}
