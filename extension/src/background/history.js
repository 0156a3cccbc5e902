// The score over time, asked for beside a report. The card is whole without it, so its failure is nobody's trouble.
import { browser } from "../browser.js";
import { isCollectingAllowed } from "../options/consent.js";
import { asksByPrefix, readSettings } from "../settings.js";
import { backoff } from "./asking.js";
import { pointsOf } from "./report.js";
import { call } from "./service.js";

/**
 * @param {string} network
 * @param {string} handle
 * @param {boolean} asked  the person asked for this very account, so the service may learn its name
 * @returns {Promise<{points: import("./report.js").Point[]}>} no points when they cannot be had
 */
export async function history(network, handle, asked) {
  const settings = await readSettings(), none = { points: [] };
  if (settings.show === "engagement" || (asksByPrefix(settings) && !asked) || backoff.wait()) return none;
  if (!(await isCollectingAllowed(browser.permissions, settings.service, ["browsingActivity"]))) return none;
  try {
    const { body } = await call(settings, `/api/v1/accounts/${network}/${encodeURIComponent(handle)}/history`);
    return { points: pointsOf(body) };
  } catch {
    return none;
  }
}
