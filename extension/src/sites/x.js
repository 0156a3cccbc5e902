// x.com: test ids, and links /handle. Display names are free text and may look like a handle: only links and the last @handle count.
import { lastWhere, plainText } from "./site.js";

const css = {
  marks: ':is([data-testid], a[role="link"])',
  profile: '[data-testid="UserName"]',
  hoverCard: '[data-testid="HoverCard"]',
  following: 'a[href$="/following"]',
  quotedPost: 'article [role="link"][tabindex="0"] [data-testid="User-Name"]',
  post: '[data-testid="User-Name"]',
  reposter: 'a[role="link"][href^="/"]:has(> [data-testid="socialContext"])',
  context: '[data-testid="socialContext"]',
  notice: 'article[data-testid="notification"]',
  userCell: '[data-testid="UserCell"], [data-testid="TypeaheadUser"]',
  beside: '[data-testid="sidebarColumn"]',
  avatar: '[data-testid^="UserAvatar-Container-"]',
  accountLink: 'a[role="link"][href^="/"]',
  anyLink: 'a[href^="/"]',
  handleText: "span",
  line: "[dir]",
  followButton: '[data-testid$="-follow"], [data-testid$="-unfollow"]',
};
const HANDLE = /^[A-Za-z0-9_]{1,15}$/;
const TABS = /^\/([A-Za-z0-9_]{1,15})(\/(with_replies|highlights|articles|media|likes|affiliates|superfollows|following|followers|verified_followers|followers_you_follow|creator-subscriptions\/subscriptions))?\/?$/;
const LISTS = /^\/[A-Za-z0-9_]{1,15}\/(following|followers|verified_followers|followers_you_follow)\/?$/;
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
const handleText = (element) => lastWhere(element, css.handleText, (span) => !span.firstElementChild && /^@[A-Za-z0-9_]{1,15}$/.test(plainText(span)));

/** @param {Element} element */
function textAccount(element) {
  const span = handleText(element);
  return span && handleOf(plainText(span).slice(1));
}

/** @param {Element} element */
function linkAccount(element) {
  const first = element.querySelector(css.accountLink), handle = first && linked(first);
  if (!first || handle) return handle;
  for (const link of element.querySelectorAll(css.accountLink)) {
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
  const avatar = cell.querySelector(css.avatar);
  const suffix = (avatar?.getAttribute("data-testid") ?? "").slice("UserAvatar-Container-".length);
  const named = /^unknown$/i.test(suffix) ? null : handleOf(suffix);
  const link = linkAccount(cell);
  // Two sources that disagree are a row between two accounts: nothing is better than the wrong one.
  return named && link && named !== link ? null : named ?? link;
}

/** Suggestions beside the list look the same. @param {Element} cell @param {import("./site.js").Page} page */
const isListed = (cell, page) => LISTS.test(page.path) && !cell.closest(css.beside);

/**
 * The line that a node of an element stands in; null for one that is not the element's own.
 * @param {Element | null} node
 * @param {Element} element
 */
function lineOf(node, element, selector = css.line) {
  const line = node?.closest(selector);
  return line && element.contains(line) ? line : null;
}

/**
 * The end of a post's author line: after the time when it stands there, so that nothing stands behind the badge.
 * @param {Element} element
 * @param {string} handle
 */
function endOfNames(element, handle) {
  const time = element.querySelector("time");
  if (time) return lineOf(time, element, "a, [dir]")?.parentElement ?? null;
  return lastWhere(element, css.anyLink, (a) => linked(a) === handle)?.parentElement ?? null;
}

/** @param {Element} cell @param {string} handle */
const endOfCell = (cell, handle) => endOfNames(cell, handle) ?? handleLine(cell);

/** The end of a notice's sentence, when it names nobody else. @param {Element} notice @param {string} handle */
function endOfNotice(notice, handle) {
  let line = null;
  for (const link of notice.querySelectorAll(css.accountLink)) {
    const named = link.textContent && linked(link);
    if (!named) continue;
    if (named !== handle) return null;
    line ??= link.parentElement?.closest(css.line) ?? null;
  }
  return line && notice.contains(line) ? line : null;
}

/** @param {Element} card */
function cardAccount(card) {
  const link = card.querySelector(css.following);
  return link && handleOf((link.getAttribute("href") ?? "").split("/")[1] ?? "");
}

/** @param {Element} element */
const handleLine = (element) => lineOf(handleText(element), element);

/** @type {import("./site.js").Site} */
export const site = {
  id: "x",
  title: "X",
  network: "x",
  matches: ["https://x.com/*", "https://twitter.com/*", "https://mobile.x.com/*", "https://mobile.twitter.com/*"],
  revision: 1,
  selectors: css,
  hoverMs: 500,
  recognise: () => true,
  domain: (_page, host) => host,
  attributes: ["href"],
  marking: [],
  surfaces: [
    { id: "profile", kind: "profile", expected: /^\/(?!(?:home|explore|notifications|messages|search|settings|i|compose)\/?$)[A-Za-z0-9_]{1,15}\/?$/, readsText: true, account: profileAccount, place: handleLine, where: "inside" },
    {
      id: "hoverCard", kind: "card", account: cardAccount,
      place: (card, handle) => lastWhere(card, css.anyLink, (a) => linked(a) === handle && Boolean(a.textContent))?.parentElement ?? null, where: "after",
    },
    {
      id: "quotedPost", kind: "timeline", readsText: true,
      account: (element) => (element.querySelector(css.accountLink) ? linkAccount : textAccount)(element),
      place: (element) => lineOf(element.querySelector("time"), element) ?? handleLine(element), where: "inside",
    },
    { id: "post", kind: "timeline", expected: /^\/(home|\w{1,15}\/status\/\d+)\/?$/, account: linkAccount, place: endOfNames, where: "after" },
    { id: "reposter", kind: "timeline", account: linked, place: (link) => link.querySelector(css.context), where: "inside" },
    { id: "notice", kind: "timeline", account: cellAccount, place: endOfNotice, where: "inside" },
    { id: "userCell", kind: "timeline", account: cellAccount, place: endOfCell, where: "after", isListed },
  ],
};
