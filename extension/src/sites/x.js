// x.com: test ids, and links /handle. Display names are free text and may look like a handle: only links and the last @handle count.
import { lastWhere, plainText } from "./site.js";

const HANDLE = /^[A-Za-z0-9_]{1,15}$/;
const TABS = /^\/([A-Za-z0-9_]{1,15})(\/(with_replies|highlights|articles|media|likes|affiliates|superfollows|following|followers|verified_followers|followers_you_follow|creator-subscriptions\/subscriptions))?\/?$/;
const RESERVED = new Set(("home explore notifications messages search settings i compose hashtag intent share jobs login logout signup tos privacy about " +
  "account download lists communities bookmarks premium_sign_up who_to_follow grok").split(" "));

/** @param {string} name @returns {string | null} */
function handleOf(name) {
  const lower = name.toLowerCase();
  return HANDLE.test(name) && !RESERVED.has(lower) ? lower : null;
}

/** @param {Element} link */
const linked = (link) => handleOf((link.getAttribute("href") ?? "").slice(1));

/** The last text that is a handle: the name comes first on every surface, the handle after it. @param {Element} element */
const handleText = (element) => lastWhere(element, "span", (span) => !span.firstElementChild && /^@[A-Za-z0-9_]{1,15}$/.test(plainText(span)));

/** @param {Element} element */
function textAccount(element) {
  const span = handleText(element);
  return span && handleOf(plainText(span).slice(1));
}

/** @param {Element} element */
function linkAccount(element) {
  const first = element.querySelector('a[role="link"][href^="/"]'), handle = first && linked(first);
  if (!first || handle) return handle;
  for (const link of element.querySelectorAll('a[role="link"][href^="/"]')) {
    const later = linked(link);
    if (later) return later;
  }
  return null;
}

/** @param {Element} element @param {import("./site.js").Page} page */
function profileAccount(element, page) {
  const handle = handleOf(TABS.exec(page.path)?.[1] ?? "");
  return handle && textAccount(element) === handle ? handle : null;
}

/** @param {Element} cell */
function cellAccount(cell) {
  const avatar = cell.querySelector('[data-testid^="UserAvatar-Container-"]');
  const suffix = (avatar?.getAttribute("data-testid") ?? "").slice("UserAvatar-Container-".length);
  const named = /^unknown$/i.test(suffix) ? null : handleOf(suffix);
  const link = linkAccount(cell);
  // Two sources that disagree are a row between two accounts: nothing is better than the wrong one.
  return named && link && named !== link ? null : named ?? link;
}

/**
 * The end of a post's author line: after the time when it stands there, so that nothing stands behind the badge.
 * @param {Element} element
 * @param {string} handle
 */
function endOfNames(element, handle) {
  const time = element.querySelector("time");
  if (time) return time.closest("a, [dir]")?.parentElement ?? null;
  return lastWhere(element, 'a[href^="/"]', (a) => linked(a) === handle)?.parentElement ?? null;
}

/** @param {Element} card */
function cardAccount(card) {
  const link = card.querySelector('a[href$="/following"]');
  return link && handleOf((link.getAttribute("href") ?? "").split("/")[1] ?? "");
}

/** @param {Element} element */
const handleLine = (element) => handleText(element)?.closest("[dir]") ?? null;

/** @type {import("./site.js").Site} */
export const site = {
  network: "x",
  matches: ["https://x.com/*", "https://twitter.com/*", "https://mobile.x.com/*", "https://mobile.twitter.com/*"],
  recognise: () => true,
  domain: (_page, host) => host,
  marks: "[data-testid]",
  attributes: ["href"],
  marking: [],
  surfaces: [
    { id: "profile", kind: "profile", selector: '[data-testid="UserName"]', readsText: true, account: profileAccount, place: handleLine, where: "inside" },
    {
      id: "hover-card", kind: "card", selector: '[data-testid="HoverCard"]', account: cardAccount,
      place: (card, handle) => lastWhere(card, 'a[href^="/"]', (a) => linked(a) === handle && Boolean(a.textContent))?.parentElement ?? null, where: "after",
    },
    {
      id: "quoted-post", kind: "timeline", selector: 'article [role="link"][tabindex="0"] [data-testid="User-Name"]', readsText: true,
      account: (element) => linkAccount(element) ?? textAccount(element),
      place: (element) => element.querySelector("time")?.closest("[dir]") ?? handleLine(element), where: "inside",
    },
    { id: "post", kind: "timeline", selector: '[data-testid="User-Name"]', account: linkAccount, place: endOfNames, where: "after" },
    { id: "user-cell", kind: "timeline", selector: '[data-testid="UserCell"]', account: cellAccount, place: endOfNames, where: "after" },
  ],
};
