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
 * @property {string} id
 * @property {"profile" | "card" | "timeline"} kind
 * @property {string} selector
 * @property {(element: Element, page: Page) => string | null} account  the handle it shows right now, or null
 * @property {(element: Element, handle: string) => Element | null} place  the node the badge stands after or inside
 * @property {"after" | "inside"} where
 * @property {boolean} [readsText]  the account is read from text, so changed text must be looked at too
 */

/**
 * @typedef {object} Site
 * @property {"bluesky" | "mastodon" | "x"} network
 * @property {string[]} matches  the addresses it is at home on, as the manifest writes them
 * @property {(page: Document) => boolean} recognise  whether this page is one of the site's
 * @property {(page: Document, host: string) => string} domain
 * @property {string} marks  one simple selector that every surface's element fits: it lets the browser pass over all others quickly
 * @property {string[]} attributes  the attributes whose change in a surface can change its account
 * @property {string[]} marking     those of them that can make an element a surface after it came into the page: they are heard everywhere
 * @property {Surface[]} surfaces   the first whose selector matches an element counts; those of timelines do not stand in one another
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
