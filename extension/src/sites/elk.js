// Elk, a front end for Mastodon servers: attributes of its style sheet, hardly a class. Its links are /<server>/@<account>, and a bare account
// is one of that server.
import { fullAddress, plainText } from "./site.js";

const css = {
  marks: ":is(a, p, [mt1])",
  profile: 'p[dir="ltr"][overflow-unset]',
  hoverCard: '.v-popper__popper a[href*="/@"]:has(p[dir="ltr"])',
  // The author of a post, of a quoted one, and those who followed at once.
  author: 'a[text-link-rounded][href*="/@"]',
  // A name without its address: who boosted; and who a notice is about, at the end of which the badge stands, because it is one sentence.
  nameOnly: 'a.text-link-rounded[href*="/@"]:not([mt1] a)',
  notice: '[mt1]:has(a.text-link-rounded)',
  noticeLink: "a.text-link-rounded",
  // A person in a list, in search results, at the head of a single post; but neither who is signed in nor what stands around a post.
  person: 'a[href*="/@"]:not([rounded-3]):has(p[dir="ltr"]):not(:has(a[text-link-rounded], [aria-roledescription]))',
  address: 'p[dir="ltr"]',
  row: "[flex]",
  followButton: "button[font-500][min-w-30]",
};

/** The account of an address of Elk's, and of one that ends as `rest` says. @param {string} path @param {string} domain @param {RegExp} [rest] */
function accountOf(path, domain, rest = /^$/) {
  const found = /^\/(?:([^/@?#]+)\/)?@([^/?#]+)(\/[^?#]*)?$/.exec(path);
  return found && rest.test(found[3] ?? "") ? fullAddress(`@${found[2]}`, found[1] ?? domain) : null;
}

/** @param {Element} link @param {import("./site.js").Page} page */
const linked = (link, page) => accountOf(link.getAttribute("href") ?? "", page.domain);

/**
 * The address is written in full and the path says it once more, maybe without its domain: a server may be called otherwise than its accounts.
 * @param {Element} line
 * @param {import("./site.js").Page} page
 */
function profileAccount(line, page) {
  const written = fullAddress(plainText(line).replace(/\s+/g, "")), named = accountOf(page.path, written?.split("@")[1] ?? "", /^/);
  if (!written || !named) return null;
  const [user, domain] = written.split("@"), [namedUser, server] = named.split("@");
  return user === namedUser && (server === domain || server.endsWith(`.${domain}`)) ? named : null;
}

/** The row of the display name or of the address, whichever can take one thing more. @param {Element} link */
function addressPlace(link) {
  const line = link.querySelector(css.address), row = line?.previousElementSibling;
  if (row?.matches(css.row)) return row;
  return line?.parentElement?.matches(css.row) ? line.parentElement : line;
}

/** @param {Element} notice @param {import("./site.js").Page} page */
function noticeAccount(notice, page) {
  const link = notice.querySelector(css.noticeLink);
  return link && linked(link, page);
}

/** @param {Element} element */
const itself = (element) => element;

/** @type {import("./site.js").Site} */
export const site = {
  id: "elk",
  title: "Elk",
  network: "mastodon",
  matches: ["https://elk.zone/*", "https://main.elk.zone/*"],
  revision: 1,
  selectors: css,
  hoverMs: 500,
  recognise: (page) => /(^|\.)elk\.zone$/.test(page.location?.hostname ?? "") || Boolean(page.querySelector("#__nuxt") && page.querySelector("#avatar-mask")),
  // The page does not say which server it shows; its links do.
  domain: () => "",
  attributes: ["href"],
  marking: [],
  surfaces: [
    {
      id: "profile", kind: "profile", expected: /^\/([^/@]+\/)?@[^/]+\/?$/, readsText: true, account: profileAccount,
      place: (line) => line.parentElement, where: "inside",
    },
    { id: "hoverCard", kind: "card", account: linked, place: addressPlace, where: "inside" },
    { id: "author", kind: "timeline", account: linked, place: addressPlace, where: "inside" },
    { id: "nameOnly", kind: "timeline", account: linked, place: itself, where: "inside" },
    { id: "notice", kind: "timeline", account: noticeAccount, place: itself, where: "inside" },
    { id: "person", kind: "timeline", account: linked, place: addressPlace, where: "inside" },
  ],
};
