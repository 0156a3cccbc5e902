/**
 * What a site file gives: which elements of its pages show which account, as pure functions over the DOM.
 * The build collects every file of this folder but this one; each exports `site`, and nothing else has to be told of it.
 */

/**
 * Where the element stands.
 * @typedef {object} Page
 * @property {string} path    location.pathname
 * @property {string} domain  what completes a bare local name (Mastodon's LOCAL_DOMAIN, else the host)
 */

/**
 * One kind of place where an account is shown.
 * @typedef {object} Surface
 * @property {string} id  also the name of its selector
 * @property {"profile" | "card" | "timeline"} kind
 * @property {(element: Element, page: Page) => string | null} account  the handle it shows right now, or null
 * @property {(element: Element, handle: string) => Element | null} place  the node the badge stands after or inside
 * @property {"after" | "inside" | "atEnd"} where  `atEnd` is inside, in a line that cuts off what does not fit: the badge keeps its room at the end of
 *   the line, and the text gives way
 * @property {boolean} [readsText]  the account is read from text, so changed text must be looked at too
 * @property {(element: Element, page: Page) => boolean} [isListed]  whether it stands in a list of accounts that the page is about, such as whom
 *   somebody follows
 * @property {RegExp} [expected]  paths (with the hash) of pages on which it must appear: where it does not, the site has changed
 */

/**
 * @typedef {object} Site
 * @property {string} id       the file's name
 * @property {string} title    what people call the site
 * @property {"bluesky" | "mastodon" | "x"} network
 * @property {string[]} matches  the addresses it is at home on, as the manifest writes them
 * @property {(page: Document) => boolean} recognise  whether this page is one of the site's
 * @property {(page: Document, host: string) => string} domain
 * @property {number} revision  of the selectors: data of the service replace them when theirs is higher
 * @property {Record<string, string>} selectors  every selector the file uses, by name, so that a site that changed can be mended by data: one for
 *   each surface; `marks`, which every surface's element fits: it lets the browser pass over all others quickly; `followButton`, which our card
 *   never covers; and those of inner parts
 * @property {number} hoverMs  how long the site itself waits before it opens its own card
 * @property {string[]} attributes  the attributes whose change in a surface can change its account
 * @property {string[]} marking     those of them that can make an element a surface after it came into the page: they are heard everywhere
 * @property {boolean} [nests]  surfaces of its timelines stand in one another: a row that changed has those within it looked at too
 * @property {Surface[]} surfaces   the first whose selector matches an element counts
 */

/**
 * The last of the elements that satisfy `wanted`, in document order.
 * @param {Element} root
 * @param {string} selector
 * @param {(element: Element) => boolean} wanted
 * @returns {Element | null}
 */
export function lastWhere(root, selector, wanted) {
  let found = null;
  for (const element of root.querySelectorAll(selector)) if (wanted(element)) found = element;
  return found;
}

/**
 * The text of an element without the invisible marks that sites put around names of mixed direction.
 * @param {Element} element
 */
export function plainText(element) {
  return (element.textContent ?? "").replace(/[\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g, "").trim();
}

const ACCT = /^@?([a-z0-9_]([a-z0-9_.-]{0,98}[a-z0-9_])?)(@([a-z0-9-]+(\.[a-z0-9-]+)+(:\d{2,5})?))?$/i;

/**
 * A full lower-case Fediverse address; a bare name belongs to the domain given.
 * @param {string} acct  with or without the @ before it
 * @param {string} [domain]
 * @returns {string | null}
 */
export function fullAddress(acct, domain) {
  const found = ACCT.exec(acct);
  if (!found || (!found[4] && !domain)) return null;
  return found[4] ? `${found[1]}@${found[4]}`.toLowerCase() : fullAddress(`${found[1]}@${domain}`);
}

const MOST_REMEMBERED = 500;

/**
 * A pure function of a text that remembers what it gave.
 * @template T
 * @param {(text: string) => T} compute
 * @returns {(text: string) => T}
 */
export function remembered(compute) {
  /** @type {Map<string, T>} */
  const known = new Map();
  return (text) => {
    let value = known.get(text);
    if (value === undefined) {
      if (known.size >= MOST_REMEMBERED) known.clear();
      known.set(text, (value = compute(text)));
    }
    return value;
  };
}
