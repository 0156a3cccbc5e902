// bsky.app: React Native Web; test ids carry handles, links are /profile/<handle or DID>. Labels are translated, so never read.
import { lastWhere, plainText, remembered } from "./site.js";

const css = {
  marks: ':is([data-testid], [role="link"], [href$="/followers"])',
  profile: '[data-testid="profileHeaderDisplayName"]',
  followers: 'a[data-testid="profileHeaderFollowersButton"]',
  hoverCard: 'a[href^="/profile/"][href$="/followers"]:not([data-testid])',
  hoverCardBox: '[style*="fadeIn"], [style*="will-change"]',
  feedPost: '[data-testid^="feedItem-by-"]',
  threadPost: '[data-testid^="postThreadItem-by-"]',
  boxedPost: '[role="link"]:not(a, [data-testid])',
  accountLine: 'a[href^="/profile/"]:not([dir], [data-testid^="postThreadItem-by-"] *, [style*="fadeIn"] *):has([dir])',
  notice: '[data-testid^="feedItem-by-"]:not([role])',
  accountLink: 'a[href^="/profile/"]',
  postLink: 'a[href^="/profile/"][href*="/post/"]',
  handleText: "[dir]",
  followButton: '[data-testid$="ollowBtn"]',
};
const HANDLE = /^(?=.{3,253}$)(?!.*\.invalid$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;
const DID = /^did:(plc:[a-z2-7]{24}|web:[a-z0-9.:%-]{3,240})$/;
const LEVELS_TO_COUNTS = 8;

const handleOf = remembered((name) => {
  const lower = name.toLowerCase();
  return DID.test(name) ? name : HANDLE.test(lower) ? lower : null;
});
/** What stands before the handle in the test ids that a selector names: the selector quotes it. */
const prefixOf = remembered((selector) => /"(.*)"/.exec(selector)?.[1].length ?? 0);

/** The account of a link or path /profile/<name>, and only of one that ends as `tail` says. @param {string} path @param {string} tail */
function profileOf(path, tail = "") {
  const found = /^\/profile\/([^/?#]+)(|\/[^?#]*)$/.exec(path);
  if (!found || (tail ? !found[2].startsWith(tail) : found[2])) return null;
  try {
    return handleOf(decodeURIComponent(found[1]));
  } catch {
    return null;
  }
}

/** @param {Element} link @param {string} [tail] */
const linked = (link, tail) => profileOf(link.getAttribute("href") ?? "", tail);

/** @param {"feedPost" | "threadPost"} surface @returns {(element: Element) => string | null} */
const fromTestId = (surface) => (element) => {
  const named = handleOf((element.getAttribute("data-testid") ?? "").slice(prefixOf(css[surface])));
  if (named) return named;
  // An account without a valid handle is named by its DID, in links only; the time link is surely the author's.
  const time = element.querySelector(css.postLink), link = element.querySelector(css.accountLink);
  return time ? linked(time, "/post/") : link && linked(link);
};

/** Does this link lead to that account, and on as `tail` says? @param {Element} link @param {string} handle @param {string} [tail] */
function leadsTo(link, handle, tail = "") {
  const href = link.getAttribute("href") ?? "", usual = `/profile/${handle}${tail}`;
  // Nearly every link is written exactly so; the rest is read with care.
  return (tail ? href.startsWith(usual) : href === usual) || profileOf(href, tail) === handle;
}

/** The end of the author's line: after the time, so that nothing stands behind the badge; else after the second name. */
function endOfNames(/** @type {Element} */ element, /** @type {string} */ handle) {
  /** @type {Element | null} */
  let name = null;
  let names = 0;
  for (const link of element.querySelectorAll(css.accountLink)) {
    if (name && leadsTo(link, handle, "/post/")) {
      const row = /** @type {Element} */ (link.parentElement);
      return row.contains(name) ? link : name;
    }
    if (names < 2 && link.firstChild && leadsTo(link, handle) && link.textContent) {
      name = link;
      names++;
    }
  }
  // A notice is a sentence: the badge stands behind all of it.
  const line = name?.parentElement?.closest(css.handleText);
  return line && line !== element && element.contains(line) ? line.lastElementChild : name;
}

/** @param {Element} root @param {string} handle */
const handleText = (root, handle) => lastWhere(root, css.handleText, (e) => !e.firstElementChild && plainText(e).toLowerCase() === `@${handle}`);

/** The handle, if a line of its own says it. @param {Element} root @param {string | null} handle */
const shown = (root, handle) => (handle && handleText(root, handle) ? handle : null);

/**
 * A post in a box: quoted, or found by a search. It links its author; a quote of newer builds is one link as a whole, named "Post by <handle>"
 * in every language: that and the line with the handle must agree.
 * @param {Element} box
 */
function boxAccount(box) {
  const link = box.querySelector(css.postLink);
  // In a notice, the post in the box is what the notice is about, and its author has the notice's badge.
  if (link) return box.closest(css.notice)?.querySelector(css.postLink) === link ? null : linked(link, "/post/");
  return shown(box, handleOf(box.getAttribute("aria-label")?.split(" ").pop() ?? ""));
}

/** @param {Element} box @param {string} handle */
function endOfBoxNames(box, handle) {
  const end = endOfNames(box, handle);
  /** @type {Element | null} */
  let names = end ? null : handleText(box, handle);
  for (; names && names !== box; names = names.parentElement) if (names.nextElementSibling) return names.nextElementSibling;
  return end;
}

/**
 * A link with lines of text in it, not in a header that has a badge of its own. A reposter's has a picture before its words, a person's in a
 * list has the handle; an avatar that says "live" has neither.
 * @param {Element} link
 */
function lineAccount(link) {
  const handle = linked(link);
  return link.matches(":has(> svg)") ? handle : shown(link, handle);
}

/** @type {WeakMap<Element, Element>} */
const counts = new WeakMap();

/** The followers link of this header's own screen: earlier screens stay mounted, and theirs must not answer. @param {Element} header */
function followersOf(header) {
  const kept = counts.get(header);
  if (kept?.isConnected && kept.matches(css.followers)) return kept;
  let node = header.parentElement;
  for (let level = 0; node && level < LEVELS_TO_COUNTS; level++, node = node.parentElement) {
    const link = node.querySelector(css.followers);
    if (!link) continue;
    if (node.querySelectorAll(css.profile).length > 1) return null;
    counts.set(header, link);
    return link;
  }
  return null;
}

/** @param {Element} header @param {import("./site.js").Page} page */
function profileAccount(header, page) {
  const followers = followersOf(header);
  if (followers) return linked(followers, "/followers");
  const box = header.parentElement?.parentElement?.parentElement ?? header.parentElement;
  return box && box.querySelectorAll(css.profile).length === 1 ? shown(box, profileOf(page.path)) : null;
}

/** The hover card around its followers link: it has neither test id nor role. @param {Element} link */
const hoverCard = (link) => link.closest(css.hoverCardBox);

/** @type {import("./site.js").Site} */
export const site = {
  id: "bluesky",
  title: "Bluesky",
  network: "bluesky",
  matches: ["https://bsky.app/*"],
  revision: 1,
  nests: true,
  selectors: css,
  hoverMs: 500,
  recognise: () => true,
  domain: (_page, host) => host,
  attributes: ["href", "data-testid"],
  marking: ["href", "data-testid"],
  surfaces: [
    { id: "profile", kind: "profile", expected: /^\/profile\/[^/]+\/?$/, readsText: true, account: profileAccount, place: (element) => element, where: "inside" },
    {
      id: "hoverCard", kind: "card",
      account: (link) => (hoverCard(link) ? linked(link, "/followers") : null),
      place: (link, handle) => handleText(/** @type {Element} */ (hoverCard(link)), handle) ?? link.parentElement, where: "inside",
    },
    { id: "feedPost", kind: "timeline", expected: /^\/$/, account: fromTestId("feedPost"), place: endOfNames, where: "after" },
    { id: "threadPost", kind: "timeline", expected: /^\/profile\/[^/]+\/post\/[^/]+\/?$/, account: fromTestId("threadPost"), place: endOfNames, where: "after" },
    { id: "boxedPost", kind: "timeline", readsText: true, account: boxAccount, place: endOfBoxNames, where: "after" },
    { id: "accountLine", kind: "timeline", readsText: true, account: lineAccount, place: (link, handle) => handleText(link, handle) ?? link, where: "inside" },
  ],
};
