// bsky.app: React Native Web; test ids carry handles, links are /profile/<handle or DID>. Labels are translated, so never read.
import { lastWhere, plainText } from "./site.js";

const HEADER = '[data-testid="profileHeaderDisplayName"]';
const FOLLOWERS = 'a[data-testid="profileHeaderFollowersButton"]';
const HANDLE = /^(?=.{3,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;
const DID = /^did:(plc:[a-z2-7]{24}|web:[a-z0-9.:%-]{3,240})$/;
const LEVELS_TO_COUNTS = 8;

/** @param {string} name @returns {string | null} */
function handleOf(name) {
  if (/^did:/i.test(name)) return DID.test(name) ? name : null;
  const lower = name.toLowerCase();
  return HANDLE.test(lower) && !lower.endsWith(".invalid") ? lower : null;
}

/** The account of a link or path /profile/<name>, and only of one that ends as `tail` says. @param {string} path @param {string} tail */
function profileOf(path, tail = "") {
  const found = /^\/profile\/([^/?#]+)(\/[^?#]*)?$/.exec(path);
  if (!found || !(found[2] ?? "").startsWith(tail) || (tail === "" && found[2])) return null;
  try {
    return handleOf(decodeURIComponent(found[1]));
  } catch {
    return null;
  }
}

/** @param {Element} link @param {string} [tail] */
const linked = (link, tail) => profileOf(link.getAttribute("href") ?? "", tail);

/** @param {string} prefix @param {string} [suffix] @returns {(element: Element) => string | null} */
const fromTestId = (prefix, suffix = "") => (element) => {
  const id = element.getAttribute("data-testid") ?? "";
  const named = handleOf(id.slice(prefix.length, id.length - suffix.length));
  if (named) return named;
  // An account without a valid handle is named by its DID, in links only; the time link is surely the author's.
  for (const link of element.querySelectorAll('a[href*="/post/"]')) return linked(link, "/post/");
  return linked(element) ?? (element.querySelector('a[href^="/profile/"]') ? linked(/** @type {Element} */ (element.querySelector('a[href^="/profile/"]'))) : null);
};

/** Does this link lead to that account, and on as `tail` says? @param {Element} link @param {string} handle @param {string} [tail] */
function leadsTo(link, handle, tail = "") {
  const href = link.getAttribute("href") ?? "", own = `/profile/${handle}`;
  // Nearly every link is written exactly so; the rest is read with care.
  if (!href.startsWith(own)) return profileOf(href, tail) === handle;
  return tail ? href.startsWith(tail, own.length) : href.length === own.length;
}

/** The end of the author's line: after the time, so that nothing stands behind the badge; else after the second name. */
function endOfNames(/** @type {Element} */ element, /** @type {string} */ handle) {
  /** @type {Element | null} */
  let name = null;
  let names = 0;
  for (const link of element.querySelectorAll('a[href^="/profile/"]')) {
    if (name && leadsTo(link, handle, "/post/")) {
      const row = /** @type {Element} */ (link.parentElement);
      return row.contains(name) ? link : name;
    }
    if (names < 2 && link.firstChild && leadsTo(link, handle) && link.textContent) {
      name = link;
      names++;
    }
  }
  return name;
}

/** @param {Element} root @param {string} handle */
const handleText = (root, handle) => lastWhere(root, "[dir]", (e) => !e.firstElementChild && plainText(e).toLowerCase() === `@${handle}`);

/** @type {WeakMap<Element, Element>} */
const counts = new WeakMap();

/** The followers link of this header's own screen: earlier screens stay mounted, and theirs must not answer. @param {Element} header */
function followersOf(header) {
  const kept = counts.get(header);
  if (kept?.isConnected && kept.matches(FOLLOWERS)) return kept;
  let node = header.parentElement;
  for (let level = 0; node && level < LEVELS_TO_COUNTS; level++, node = node.parentElement) {
    const link = node.querySelector(FOLLOWERS);
    if (!link) continue;
    if (node.querySelectorAll(HEADER).length > 1) return null;
    counts.set(header, link);
    return link;
  }
  return null;
}

/** @param {Element} header @param {import("./site.js").Page} page */
function profileAccount(header, page) {
  const followers = followersOf(header);
  if (followers) return linked(followers, "/followers");
  const named = profileOf(page.path);
  const box = header.parentElement?.parentElement?.parentElement ?? header.parentElement;
  return named && box && box.querySelectorAll(HEADER).length === 1 && handleText(box, named) ? named : null;
}

/** The hover card around its followers link: it has neither test id nor role. @param {Element} link */
const hoverCard = (link) => link.closest('[style*="fadeIn"], [style*="will-change"]');

/** @type {import("./site.js").Site} */
export const site = {
  network: "bluesky",
  matches: ["https://bsky.app/*"],
  recognise: () => true,
  domain: (_page, host) => host,
  marks: ':is([data-testid], [href$="/followers"])',
  attributes: ["href", "data-testid"],
  marking: ["href", "data-testid"],
  surfaces: [
    { id: "profile", kind: "profile", selector: HEADER, readsText: true, account: profileAccount, place: (element) => element, where: "inside" },
    {
      id: "hover-card", kind: "card", selector: 'a[href^="/profile/"][href$="/followers"]:not([data-testid])',
      account: (link) => (hoverCard(link) ? linked(link, "/followers") : null),
      place(link, handle) {
        const card = /** @type {Element} */ (hoverCard(link));
        return handleText(card, handle) ?? lastWhere(card, 'a[href^="/profile/"]', (a) => linked(a) === handle && Boolean(a.textContent));
      },
      where: "inside",
    },
    { id: "feed-post", kind: "timeline", selector: '[data-testid^="feedItem-by-"]', account: fromTestId("feedItem-by-"), place: endOfNames, where: "after" },
    { id: "thread-post", kind: "timeline", selector: '[data-testid^="postThreadItem-by-"]', account: fromTestId("postThreadItem-by-"), place: endOfNames, where: "after" },
    {
      id: "people-card", kind: "timeline", selector: '[data-testid^="profileCard-"][data-testid$="-link"]', account: fromTestId("profileCard-", "-link"),
      place: handleText, where: "inside",
    },
  ],
};
