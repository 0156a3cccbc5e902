// Which rows of a review are shown, in which order: what server/pages/review_table.py does, in the browser.
const MONTH = 30.44 * 86400;

/**
 * A row as it comes from the service, which leaves out what is not known or as usual: ToldRow of server/pages/review_rows.py.
 * @typedef {object} ToldRow
 * @property {number} position
 * @property {string} network
 * @property {string} handle
 * @property {string} [profile]
 * @property {string} [place]
 * @property {string} verdict
 * @property {string} [remark]
 * @property {boolean} [is_found]
 * @property {boolean} [is_kept]
 * @property {string} [note]
 * @property {boolean} [takes_note]
 * @property {string} [display_name]
 * @property {string} [moved_to]
 * @property {number} [score]
 * @property {number} [low]
 * @property {number} [high]
 * @property {string} [ratio]
 * @property {number} [share]
 * @property {number} [last_post]
 * @property {string} [last_post_told]
 * @property {number} [posts_per_week]
 * @property {string} [posts_per_week_told]
 * @property {string[]} [talks_about]
 * @property {number} [answers]
 * @property {number} [answered]
 * @property {number} [strangers]
 * @property {number} [dealings]
 * @property {string} [dealings_told]
 * @property {number} [mine]
 * @property {number} [theirs]
 * @property {string[]} [topics]
 */
/** @typedef {Required<Pick<ToldRow, "is_kept" | "note" | "takes_note" | "talks_about" | "topics">>} Usual */
/** @typedef {ToldRow & Usual & {words: string, keys: ReturnType<typeof keysOf>}} Row */
/** @typedef {"verdict" | "silent" | "dealings" | "order"} Choice */
/** @typedef {Record<Choice, string[]>} Offered */
/** @typedef {{search: string, verdict: string, silent: number, dealings: string, order: string, kept: boolean, page: number}} Asked */

/**
 * What an address or a form asks for; what it asks for wrongly is as usual.
 * @param {string | [string, string][]} address
 * @param {Offered} lists  the values that there are, by name
 * @returns {Asked}
 */
export function readAsked(address, lists) {
  const values = new URLSearchParams(address);
  const offered = (/** @type {Choice} */ name) => lists[name].find((value) => value === values.get(name)) ?? "";
  const page = values.get("page") ?? "";
  return {
    search: [...(values.get("search") ?? "").trim()].slice(0, 100).join(""),
    verdict: offered("verdict"),
    silent: Number(offered("silent")),
    dealings: offered("dealings"),
    order: offered("order") || "listed",
    kept: values.get("kept") === "1",
    page: /^\d{1,5}$/.test(page) ? Math.max(1, Number(page)) : 1,
  };
}

/** As a query, with some of it changed; what is as usual is left out. @param {Asked} asked @param {Partial<Asked>} [changed] */
export function query(asked, changed = {}) {
  /** @type {Record<string, unknown>} */
  const usual = { search: "", verdict: "", silent: 0, dealings: "", order: "listed", kept: false, page: 1 };
  const wanted = Object.entries({ ...asked, ...changed }).filter(([name, value]) => value !== usual[name]);
  const values = String(new URLSearchParams(wanted.map(([name, value]) => [name, String(value === true ? 1 : value)])));
  return values && `?${values}`;
}

/**
 * A row as it came, with what is searched and sorted made ready once.
 * @param {ToldRow} row
 * @param {string[]} ranks  the verdicts in their order
 * @returns {Row}
 */
export function prepared(row, ranks) {
  const known = { is_kept: false, note: "", takes_note: true, talks_about: [], topics: [], ...row };
  // Capitals: browsers and Python make the same ones, whatever letters stand beside; of small letters that is not so.
  const words = [known.handle, ...(known.is_found ? [known.display_name ?? "", ...known.talks_about] : []), known.note].join(" ").toUpperCase();
  return { ...known, words, keys: keysOf(known, ranks) };
}

/** @param {ToldRow} row @param {string[]} ranks */
function keysOf(row, ranks) {
  const rank = ranks.indexOf(row.verdict);
  const { score, last_post, posts_per_week, share, answers, dealings } = row;
  return { score, last_post, posts_per_week, share, answers, dealings, verdict: rank < 0 ? null : rank, name: row.handle.toUpperCase() };
}

/** The rows that are asked for, in the order asked for. @param {Row[]} rows @param {Asked} asked @param {number} now  seconds since 1970 */
export function selected(rows, asked, now) {
  const words = asked.search.toUpperCase();
  const wanted = rows.filter((row) => row.is_kept === asked.kept && matches(row, asked, now) && row.words.includes(words));
  const key = /** @type {keyof Row["keys"] | "listed"} */ (asked.order.replace(/^-/, ""));
  if (key === "listed") return wanted;
  const sign = asked.order.startsWith("-") ? -1 : 1;
  const known = wanted.filter((row) => row.keys[key] != null);
  const valueOf = (/** @type {Row} */ row) => /** @type {string | number} */ (row.keys[key]);
  known.sort((one, other) => sign * compare(valueOf(one), valueOf(other)));
  // What is not known stands last, whichever end was asked for first.
  return [...known, ...wanted.filter((row) => row.keys[key] == null)];
}

/** @param {Row} row @param {Asked} asked @param {number} now */
function matches(row, asked, now) {
  if (asked.verdict && row.verdict !== asked.verdict) return false;
  if (asked.silent && !(now - (row.keys.last_post ?? NaN) >= asked.silent * MONTH)) return false;
  return !asked.dealings || (row.dealings != null && (asked.dealings === "never") !== row.dealings > 0);
}

/** @param {string | number} one @param {string | number} other */
const compare = (one, other) => (one < other ? -1 : Number(one > other));

/** The pages offered beside this one; 0 stands for those left out. @param {number} page @param {number} pages */
export function pageNumbers(page, pages) {
  /** @type {number[]} */
  const offered = [];
  for (let number = 1; number <= pages; number++) {
    if (number !== 1 && number !== pages && Math.abs(number - page) > 2) continue;
    if (offered.length && number - offered[offered.length - 1] > 1) offered.push(0);
    offered.push(number);
  }
  return offered;
}
