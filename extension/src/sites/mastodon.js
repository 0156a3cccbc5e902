// Mastodon's web interface, both generations: class names of the classic one, data attributes of the redesign.
import { fullAddress, lastWhere, plainText } from "./site.js";

const css = {
  marks: ":is(a, h1, header)",
  profile: ".account__header__tabs__name h1",
  profileAddress: "small > span",
  profileBadge: "small",
  hoverCard: '#hover-card a.hover-card__name[href^="/@"]',
  status: ".status__info a.status__display-name",
  detailedStatus: "a.detailed-status__display-name",
  statusHeader: "header",
  // A mention in running text gets no badge: it would push the words apart.
  accountLink: "a[data-hover-card-account]:not(.mention, .account__avatar, :has(> .account__avatar:only-child), header *, .status__info *, .detailed-status__display-name, .status__content *, .hover-card *)",
  anyAccountLink: "a[data-hover-card-account]",
  address: ".display-name__account",
  followButton: ".account__header__tabs__buttons .button, .hover-card .button, .account__relationship .button",
};

/** @param {Element} link @param {import("./site.js").Page} page */
function linked(link, page) {
  const path = /^\/(@[^/?#]+)$/.exec(link.getAttribute("href") ?? "");
  return path && fullAddress(path[1], page.domain);
}

/**
 * A redesigned header links its author three times; a booster named in it is linked less often.
 * @param {Element} header
 * @param {import("./site.js").Page} page
 */
function headerAccount(header, page) {
  /** @type {Map<string, number>} */
  const seen = new Map();
  let most = null;
  for (const link of header.querySelectorAll(css.anyAccountLink)) {
    const account = linked(link, page);
    if (!account) continue;
    const times = (seen.get(account) ?? 0) + 1;
    seen.set(account, times);
    if (!most || times > (seen.get(most) ?? 0) || account === most) most = account;
  }
  return most;
}

/** @param {Element} header @param {string} handle */
function headerPlace(header, handle) {
  const [user] = handle.split("@");
  return lastWhere(header, css.anyAccountLink, (a) => (a.getAttribute("href") ?? "").toLowerCase().startsWith(`/@${user}`) && Boolean(a.textContent?.trim()));
}

/** The line of a profile header that holds its address: never the display name, which may contain anything. @param {Element} heading */
const addressLine = (heading) => heading.querySelector(css.profileAddress) ?? heading.parentElement?.querySelector("p") ?? null;

/** @param {Element} heading @param {import("./site.js").Page} page */
function profileAccount(heading, page) {
  const path = /^\/(@[^/]+)/.exec(page.path);
  const named = path && fullAddress(path[1], page.domain);
  const line = addressLine(heading);
  if (!line) return named;
  const written = /^@[^\s@]+@[^\s@]+/.exec(plainText(line));
  return written && named === fullAddress(written[0], page.domain) ? named : null;
}

/** @param {Element} link */
const accountText = (link) => link.querySelector(css.address) ?? link;

/** "Alice boosted" keeps its words together: the badge stands at the end. @param {Element} link */
function endOfPhrase(link) {
  const phrase = link.nextSibling?.nodeType === 3 ? link.parentElement : null;
  return link.querySelector(css.address) ?? phrase ?? link;
}

/** @type {import("./site.js").Site} */
export const site = {
  id: "mastodon",
  title: "Mastodon",
  network: "mastodon",
  matches: ["https://mastodon.social/*"],
  revision: 1,
  selectors: css,
  hoverMs: 750,
  recognise: (page) => Boolean(page.querySelector("#mastodon[data-props], #mastodon.app-holder, script#initial-state")),
  domain(page, host) {
    try {
      const domain = JSON.parse(page.querySelector("script#initial-state")?.textContent ?? "").meta.domain;
      return typeof domain === "string" && domain ? domain : host;
    } catch {
      return host;
    }
  },
  attributes: ["href"],
  marking: [],
  surfaces: [
    {
      id: "profile", kind: "profile", expected: /^\/@[^/]+\/?$/, readsText: true, account: profileAccount,
      place: (heading) => heading.querySelector(css.profileBadge) ?? addressLine(heading) ?? heading, where: "inside",
    },
    { id: "hoverCard", kind: "card", account: linked, place: accountText, where: "atEnd" },
    { id: "status", kind: "timeline", account: linked, place: accountText, where: "atEnd" },
    { id: "detailedStatus", kind: "timeline", account: linked, place: accountText, where: "atEnd" },
    { id: "statusHeader", kind: "timeline", account: headerAccount, place: headerPlace, where: "inside" },
    { id: "accountLink", kind: "timeline", account: linked, place: endOfPhrase, where: "atEnd" },
  ],
};
