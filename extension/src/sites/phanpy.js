// Phanpy, a front end for Mastodon servers: plain class names. Its links lead to the profile on the account's own server; the title of a link
// ends with the address. Neither is enough alone: the link need not be of the address's domain, and a title holds what people call themselves.
import { fullAddress } from "./site.js";

const css = {
  marks: ":is(a, .meta)",
  sheet: ".sheet .account-container > header a.account-block",
  profile: ".account-container > header a.account-block",
  // The author's line of a post, also of a quoted one. Its name takes all the room that the time leaves: a badge between them moves neither.
  author: ".container > .meta",
  authorName: ".meta-name",
  authorLink: ".meta-name > a.name-text",
  boost: ".status-pre-meta > a.name-text",
  replyTo: ".status-reply-badge > a.name-text",
  // Where a notice names two, one badge at its end would not say whose it is.
  notice: ".notification-content > p > a.name-text:only-of-type",
  person: "a.account-block",
  address: ".account-block-acct",
  followButton: ".account-container .actions .buttons button",
};

/** Whether one is the other or a part of it: accounts of example.org may live on social.example.org. @param {string} a @param {string} b */
const areKin = (a, b) => a === b || a.endsWith(`.${b}`) || b.endsWith(`.${a}`);

/** The end of "Name (alice@example.org)" or "alice@example.org": nothing that people call themselves comes after it. @param {string} title */
function addressIn(title) {
  const end = title.endsWith(")") ? title.slice(0, -1) : title;
  return end.slice(Math.max(end.lastIndexOf("("), end.lastIndexOf(" ")) + 1);
}

/** The account that a link's title and address name together. @param {Element} link */
function named(link) {
  const href = /^https:\/\/([^/?#@\\]+)\/(?:[^?#\\]*\/)?@?([^/?#@\\]+)\/?$/.exec(link.getAttribute("href") ?? "");
  const account = href && fullAddress(addressIn(link.getAttribute("title") ?? ""), href[1]);
  if (!account) return null;
  const [user, domain] = account.split("@");
  return user === href[2].toLowerCase() && areKin(domain, href[1].toLowerCase()) ? account : null;
}

/** @param {Element} line */
function authorOf(line) {
  const link = line.querySelector(css.authorLink);
  return link && named(link);
}

/** @param {Element} link */
const addressOf = (link) => link.querySelector(css.address) ?? link;

/** @param {Element} link */
const around = (link) => link.parentElement;

/** @type {import("./site.js").Site} */
export const site = {
  id: "phanpy",
  title: "Phanpy",
  network: "mastodon",
  matches: ["https://phanpy.social/*", "https://dev.phanpy.social/*"],
  revision: 1,
  selectors: css,
  hoverMs: 400,
  recognise: (page) => /(^|\.)phanpy\.social$/.test(page.location?.hostname ?? "") || Boolean(page.querySelector("#app") && page.querySelector("meta[data-theme-setting]")),
  // A bare name is of the server that its own link leads to.
  domain: () => "",
  attributes: ["href", "title"],
  marking: [],
  surfaces: [
    { id: "sheet", kind: "card", account: named, place: addressOf, where: "inside" },
    { id: "profile", kind: "profile", expected: /#\/([^/]+\/)?a\/[^/?]+$/, account: named, place: addressOf, where: "inside" },
    { id: "author", kind: "timeline", account: authorOf, place: (line) => line.querySelector(css.authorName), where: "after" },
    { id: "boost", kind: "timeline", account: named, place: around, where: "atEnd" },
    { id: "replyTo", kind: "timeline", account: named, place: around, where: "atEnd" },
    { id: "notice", kind: "timeline", account: named, place: around, where: "inside" },
    { id: "person", kind: "timeline", account: named, place: addressOf, where: "inside" },
  ],
};
