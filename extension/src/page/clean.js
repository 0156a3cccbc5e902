// What leaves the page of X: the words and marks the service reads, and nothing that speaks of the person who looks.

const DROPPED = 'script, style, svg, img, video, audio, canvas, iframe, object, embed, input, textarea, select, form, label, [contenteditable], ' +
  '[data-testid="tweetTextarea_0"], [data-testid="inline_reply_offscreen"], [data-testid="userFollowIndicator"], [data-testid="caret"], [data-testid$="-follow"], ' +
  '[data-testid$="-unfollow"], [data-testid="socialProof"], [data-testid="placementTracking"], [data-rapport], a[href*="/followers_you_follow"]';
/** What is taken of a profile header: beside it stands who of the viewer's acquaintances follows the account. */
const HEADER_PARTS = '[data-testid="UserName"], [data-testid="UserDescription"], [data-testid="UserProfileHeader_Items"], [data-testid="UserJoinDate"], ' +
  'a[href$="/following"], a[href$="/followers"], a[href$="/verified_followers"]';
const KEPT = new Set(["data-testid", "href", "datetime", "dir", "lang", "role"]);
/** The viewer's own likes, reposts and bookmarks have test ids of their own. */
const NEUTRAL = /** @type {Record<string, string>} */ ({ unlike: "like", unretweet: "retweet", removeBookmark: "bookmark" });

/** Whether everybody could see it: nothing with the lock of a protected account in it, quoted posts included. @param {Element} element */
export function isPublic(element) {
  return !element.querySelector('[data-testid="icon-lock"]') && !element.closest('[data-testid="DMDrawer"], [role="dialog"] form');
}

/** An address without what may name the viewer; empty for anything but a page of X or the open web. @param {string} href */
function plainHref(href) {
  if (/^\/(?!\/)/.test(href)) return href.replace(/[?#].*$/, "");
  return /^https?:\/\//i.test(href) ? href : "";
}

/**
 * The HTML of a post with text, structure and the few attributes that are read, and nothing else. The element stays as it is.
 * @param {Element} element
 * @param {string | null} viewer  address of the viewer's own profile: a repost by the viewer is not told
 * @returns {string}
 */
export function clean(element, viewer) {
  const copy = /** @type {Element} */ (element.cloneNode(true));
  for (const dropped of copy.querySelectorAll(DROPPED)) dropped.remove();
  for (const context of copy.querySelectorAll('[data-testid="socialContext"]')) {
    const link = context.closest("a") ?? context.querySelector("a");
    if (!link || link.getAttribute("href") === viewer) context.remove();
  }
  for (const node of [copy, ...copy.querySelectorAll("*")]) {
    for (const { name, value } of [...node.attributes]) {
      const href = name === "href" ? plainHref(value) : value;
      if (!KEPT.has(name) || !href) node.removeAttribute(name);
      else if (href !== value) node.setAttribute(name, href);
    }
    const testId = NEUTRAL[node.getAttribute("data-testid") ?? ""];
    if (testId) node.setAttribute("data-testid", testId);
  }
  return copy.outerHTML;
}

/**
 * The public parts of a profile header, cleaned the same way.
 * @param {Element} header
 * @returns {string}
 */
export function cleanHeader(header) {
  const box = document.createElement("div"), parts = [...header.querySelectorAll(HEADER_PARTS)];
  for (const part of parts) if (!parts.some((other) => other !== part && other.contains(part))) box.append(part.cloneNode(true));
  return clean(box, null);
}
