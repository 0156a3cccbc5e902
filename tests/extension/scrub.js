// Makes a fixture of a page: the structure that a site file reads, and nothing that was somebody's. Every name, address, number and word
// is replaced by an invented one, the same by the same; what is not known to be the site's own word is taken for somebody's.

const DROPPED = "script, style, link, meta, title, noscript, template, iframe, object, embed, audio, video, source, canvas, img, input, textarea, rapport-badge, rapport-card, svg > *";
/** Parts of addresses that are the site's own words. */
const ROUTES = new Set((" profile post followers follows following verified_followers known-followers liked-by reposted-by quotes feed lists i user status " +
  "with_replies highlights articles article media likes affiliates superfollows home explore notifications messages search settings hashtag tags public local " +
  "compose intent share jobs login logout signup tos privacy about account accounts author users r https: download communities bookmarks premium_sign_up who_to_follow grok").split(" "));
const LONGEST_NAME = 15;
const HIDDEN = "\\u200b-\\u200f\\u202a-\\u202e\\u2060\\u2066-\\u2069\\ufeff";
const WORD = new RegExp(`[^\\s${HIDDEN}]+`, "gu");
const NAMED = new RegExp(`@([^\\s${HIDDEN}@]+)(?=[\\s${HIDDEN}@]|$)`, "gu");

/** Invented names for those of one page: users, domains, ids. */
class Inventions {
  #given = new Map();

  /** @param {string} name @returns {string} the invented one, of the same form */
  of(name) {
    const known = name.toLowerCase(), [user, domain] = known.split("@");
    if (domain) return `${this.of(user)}@${this.of(domain)}`;
    if (!this.#given.has(known)) this.#given.set(known, this.#invent(known, this.#given.size + 1));
    return this.#given.get(known);
  }

  #invent(known, number) {
    if (known.startsWith("did:")) return `did:plc:${String(number).replace(/\d/g, (digit) => "abcdefghij"[digit]).padStart(24, "a")}`;
    if (/^\d+$/.test(known)) return String(1000 + number);
    if (known.includes(".")) return `person${number}.example`;
    return known.length > LONGEST_NAME ? `person${number}_with_a_name_too_long` : `person${number}`;
  }

  has(name) {
    return this.#given.has(name.toLowerCase());
  }

  all() {
    return [...this.#given.keys()];
  }
}

const decoded = (text) => {
  try {
    return decodeURIComponent(text);
  } catch {
    return "x";
  }
};

/** An address without its query; those of other places say nothing, unless the site links its accounts to them. */
function scrubAddress(address, inventions, away) {
  const other = away && /^https:\/\/([^/?#@\\]+)(\/[^?#]*)$/.exec(address);
  if (other) return `https://${inventions.of(other[1])}${scrubAddress(other[2].replace(/^\/+/, "/"), inventions)}`;
  if (!/^\/(?!\/)/.test(address)) return address.startsWith("#") ? "#" : "https://elsewhere.example/";
  return address.replace(/[?#].*/s, "").split("/").map(decoded)
    .map((part) => (ROUTES.has(part) ? part : part === "@" ? part : part.startsWith("@") ? `@${inventions.of(part.slice(1))}` : inventions.of(part))).join("/");
}

/** The title of a link that ends with an account, maybe in brackets. */
function scrubTitle(title, inventions) {
  const [, said, mark, account, end] = /^(.*[\s(]|)(@?)([^\s(]*?)(\)?)$/s.exec(title) ?? [];
  return account ? `${said.replace(WORD, (word) => word.replace(/[^()]+/g, "word"))}${mark}${inventions.of(account)}${end}` : null;
}

/** A test id that a selector of the site knows; what stands between its beginning and end is a name. */
function scrubTestId(id, selectors, inventions) {
  for (const [, begin, end] of selectors.matchAll(/\[data-testid\^="([^"]*)"\](?:\[data-testid\$="([^"]*)"\])?/g)) {
    const rest = id.slice(begin.length, id.length - (end ?? "").length);
    if (id.startsWith(begin) && id.endsWith(end ?? "")) return begin + (/^unknown$/i.test(rest) ? rest : inventions.of(rest)) + (end ?? "");
  }
  if (selectors.includes(`[data-testid="${id}"]`)) return id;
  const end = [...selectors.matchAll(/\[data-testid\$="([^"]*)"\]/g)].map(([, found]) => found).find((found) => id.endsWith(found));
  return end ? `1${end}` : null;
}

/** Words become "word"; a name with an @ before it that the page's links know becomes the invented one. */
function scrubText(text, inventions) {
  let last = 0, out = "";
  const words = (part) => part.replace(WORD, "word");
  for (const found of text.matchAll(NAMED)) {
    if (!inventions.has(found[1])) continue;
    out += `${words(text.slice(last, found.index))}@${inventions.of(found[1])}`;
    last = found.index + found[0].length;
  }
  return out + words(text.slice(last));
}

/** The attributes that a site's selectors ask for, and their values without anything of anybody's. */
function scrubAttributes(element, selectors, inventions, titled) {
  const asked = new Set([...selectors.matchAll(/\[([\w-]+)/g)].map(([, name]) => name));
  const tokens = (value, mark) => value.split(/\s+/).filter((token) => new RegExp(`\\${mark}${token.replace(/[^\w-]/g, "\\$&")}(?![\\w-])`).test(selectors)).join(" ");
  for (const { name, value } of [...element.attributes]) {
    const label = name === "aria-label" && value.split(" ").pop();
    const kept = name === "href" ? scrubAddress(value, inventions, titled)
      : name === "title" ? (titled && element.localName === "a" ? scrubTitle(value, inventions) : null)
      : name === "data-testid" ? scrubTestId(value, selectors, inventions)
      : name === "class" ? tokens(value, ".") : name === "id" ? tokens(value, "#")
      : label ? (inventions.has(label) ? `Post by ${inventions.of(label)}` : null)
      : name === "style" ? [...selectors.matchAll(/\[style\*="([^"]*)"/g)].map(([, part]) => part).filter((part) => value.includes(part)).map((part) => `--x: ${part}`).join("; ")
      : name === "dir" || name === "role" ? value : name === "tabindex" ? "0" : asked.has(name) ? "1" : null;
    if (kept) element.setAttribute(name, kept);
    else element.removeAttribute(name);
  }
}

/** Links that hold links become boxes, unless a surface is one: only a script can put one into another, a saved page cannot. */
function unlink(root, { surfaces, selectors }) {
  for (const outer of root.querySelectorAll("a:has(a)")) {
    if (surfaces.some(({ id }) => outer.matches(selectors[id]))) continue;
    const box = document.createElement("div");
    for (const { name, value } of outer.attributes) if (name !== "href") box.setAttribute(name, value);
    box.append(...outer.childNodes);
    outer.replaceWith(box);
  }
}

/**
 * @param {import("../../extension/src/sites/site.js").Site} site
 * @param {{path: string, domain: string}} page
 * @param {string} within  selector of the part that is saved
 * @param {string[]} handles  the accounts that were found; some stand in no link
 * @returns {{html: string, path: string, domain: string, names: string[]}} and the names that were replaced
 */
export function scrub(site, page, within, handles) {
  const root = document.querySelector(within);
  if (!root) throw Error(`nothing in the page fits ${within}`);
  const copy = document.importNode(root, true), selectors = Object.values(site.selectors).join(), inventions = new Inventions();
  // Where a change of a title is heard, titles name accounts, and the links that bear them lead to the accounts' own servers.
  const titled = site.attributes.includes("title");
  for (const dropped of copy.querySelectorAll(DROPPED)) dropped.remove();
  unlink(copy, site);
  for (const handle of handles) inventions.of(handle);
  const domain = inventions.of(page.domain), path = scrubAddress(page.path, inventions);
  const elements = [...(within === "body" ? [] : [copy]), ...copy.querySelectorAll("*")];
  // Twice: a name may stand in a label before the link that makes it known.
  for (const element of elements) for (const { value } of [...element.attributes].filter(({ name }) => name === "href")) scrubAddress(value, inventions, titled);
  for (const element of elements) scrubAttributes(element, selectors, inventions, titled);
  const walk = document.createTreeWalker(copy, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_COMMENT);
  while (walk.nextNode()) walk.currentNode.data = walk.currentNode.nodeType === 3 ? scrubText(walk.currentNode.data, inventions) : "";
  return { html: within === "body" ? copy.innerHTML : copy.outerHTML, path, domain, names: inventions.all() };
}
