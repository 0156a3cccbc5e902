// Mastodon's web interface, both generations: class names of the classic one, data attributes of the redesign.
import { lastWhere, plainText } from "./site.js";

const LINK = "a[data-hover-card-account]";
const ACCT = /^@?([a-z0-9_]([a-z0-9_.-]{0,98}[a-z0-9_])?)(@([a-z0-9-]+(\.[a-z0-9-]+)+(:\d{2,5})?))?$/i;

/** A full lower-case address; a bare name belongs to the instance's own domain. @param {string} acct @param {import("./site.js").Page} page */
function address(acct, page) {
  const found = ACCT.exec(acct);
  return found && (found[4] ?? page.domain) ? `${found[1]}@${found[4] ?? page.domain}`.toLowerCase() : null;
}

/** @param {Element} link @param {import("./site.js").Page} page */
function linked(link, page) {
  const path = /^\/(@[^/?#]+)$/.exec(link.getAttribute("href") ?? "");
  return path && address(path[1], page);
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
  for (const link of header.querySelectorAll(LINK)) {
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
  return lastWhere(header, LINK, (a) => (a.getAttribute("href") ?? "").toLowerCase().startsWith(`/@${user}`) && Boolean(a.textContent?.trim()));
}

/** The line of a profile header that holds its address: never the display name, which may contain anything. @param {Element} heading */
const addressLine = (heading) => heading.querySelector("small > span") ?? heading.parentElement?.querySelector("p") ?? null;

/** @param {Element} heading @param {import("./site.js").Page} page */
function profileAccount(heading, page) {
  const path = /^\/(@[^/]+)/.exec(page.path);
  const named = path && address(path[1], page);
  const line = addressLine(heading);
  if (!line) return named;
  const written = /^@[^\s@]+@[^\s@]+/.exec(plainText(line));
  return written && named === address(written[0], page) ? named : null;
}

/** @param {Element} link */
const accountText = (link) => link.querySelector(".display-name__account") ?? link;

/** "Alice boosted" keeps its words together: the badge stands at the end. @param {Element} link */
function endOfPhrase(link) {
  const phrase = link.nextSibling?.nodeType === 3 ? link.parentElement : null;
  return link.querySelector(".display-name__account") ?? phrase ?? link;
}

/** @type {import("./site.js").Site} */
export const site = {
  network: "mastodon",
  matches: ["https://mastodon.social/*"],
  recognise: (page) => Boolean(page.querySelector("#mastodon[data-props], #mastodon.app-holder, script#initial-state")),
  domain(page, host) {
    try {
      const domain = JSON.parse(page.querySelector("script#initial-state")?.textContent ?? "").meta.domain;
      return typeof domain === "string" && domain ? domain : host;
    } catch {
      return host;
    }
  },
  marks: ":is(a, h1, header)",
  attributes: ["href"],
  marking: [],
  surfaces: [
    {
      id: "profile", kind: "profile", selector: ".account__header__tabs__name h1", readsText: true, account: profileAccount,
      place: (heading) => heading.querySelector("small") ?? addressLine(heading) ?? heading, where: "inside",
    },
    {
      id: "hover-card", kind: "card", selector: '#hover-card a.hover-card__name[href^="/@"]', account: linked,
      place: accountText, where: "inside",
    },
    { id: "status", kind: "timeline", selector: ".status__info a.status__display-name", account: linked, place: accountText, where: "inside" },
    { id: "detailed-status", kind: "timeline", selector: "a.detailed-status__display-name", account: linked, place: accountText, where: "inside" },
    { id: "status-header", kind: "timeline", selector: "header", account: headerAccount, place: headerPlace, where: "inside" },
    {
      // A mention in running text gets no badge: it would push the words apart.
      id: "account-link", kind: "timeline",
      selector: `${LINK}:not(.mention, header *, .status__prepend *, .status__info *, .detailed-status__display-name, .status__content *, .hover-card *)`,
      account: linked, place: endOfPhrase, where: "inside",
    },
  ],
};
