import { isAccount } from "../answer.js";

/**
 * The handle in what a person typed or pasted: with or without @, in any case, or the address of a profile page.
 * @param {string} network
 * @param {string} typed
 * @returns {string | null} null when it names no account of that network
 */
export function handleFrom(network, typed) {
  let text = typed.trim().replace(/[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g, "");
  if (/^https?:\/\//i.test(text)) {
    try {
      const url = new URL(text), [first = "", second = ""] = decodeURIComponent(url.pathname).split("/").filter(Boolean);
      text = network === "bluesky" ? second : first;
      if (network === "mastodon" && text.lastIndexOf("@") <= 0) text += `@${url.host}`;
    } catch {
      return null;
    }
  }
  text = text.replace(/^@/, "");
  const handle = /^did:/i.test(text) ? text : text.toLowerCase();
  return isAccount(network, handle) ? handle : null;
}
