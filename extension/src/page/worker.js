import { browser } from "../browser.js";

/** Thrown when the extension was updated or switched off under this page: it can say nothing more. */
export class Orphaned extends Error {}

/** Whether this page still belongs to a running extension. */
export function isOrphaned() {
  try {
    return !browser.runtime?.id;
  } catch {
    return true;
  }
}

/**
 * Asks the background worker.
 * @param {Record<string, unknown>} message
 * @returns {Promise<any>} null when it could not answer
 */
export async function ask(message) {
  if (isOrphaned()) throw new Orphaned();
  try {
    return (await browser.runtime.sendMessage(message)) ?? null;
  } catch (error) {
    if (isOrphaned() || /context invalidated/i.test(String(error))) throw new Orphaned();
    return null;
  }
}
