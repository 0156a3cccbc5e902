import { browser } from "../browser.js";
import { readSettings } from "../settings.js";

/** The scripts of a page of a Mastodon server. */
export const MASTODON = ["sites/mastodon.js", "content.js"];
const PREFIX = "instance:";

/** Registers the content script for each enabled server the person still allows, and for no other. */
export async function registerInstances() {
  const { instances } = await readSettings();
  const allowed = await Promise.all(instances.map((origin) => browser.permissions.contains({ origins: [`${origin}/*`] })));
  const wanted = new Set(instances.filter((_, i) => allowed[i]));
  const registered = (await browser.scripting.getRegisteredContentScripts()).filter(({ id }) => id.startsWith(PREFIX));
  const gone = registered.filter(({ id }) => !wanted.has(id.slice(PREFIX.length))).map(({ id }) => id);
  const there = new Set(registered.map(({ id }) => id));
  if (gone.length) await browser.scripting.unregisterContentScripts({ ids: gone });
  const missing = [...wanted].filter((origin) => !there.has(PREFIX + origin));
  if (!missing.length) return;
  await browser.scripting.registerContentScripts(missing.map((origin) => ({
    id: PREFIX + origin, matches: [`${origin}/*`], js: MASTODON, runAt: /** @type {const} */ ("document_end"), persistAcrossSessions: true,
  })));
}
