// The elements of a review's table, as templates/review.html writes them. Whatever accounts are called becomes text, never markup.

/** @typedef {import("./review_rows.js").Row} Row */
/** @typedef {Node | string | undefined} Part */

/**
 * What the templates write, as the kind of element that it is there.
 * @template {Element} T
 * @param {unknown} part
 * @param {new () => T} Kind
 */
export function sure(part, Kind) {
  if (part instanceof Kind) return part;
  throw new TypeError(`The page has no ${Kind.name} where one belongs.`);
}

/** @param {string} id */
export const by = (id) => sure(document.getElementById(id), HTMLElement);

/**
 * An element with these attributes and parts: nodes and texts; empty texts are left out.
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, string | number>} [attributes]
 * @param {...Part} parts
 */
export function element(name, attributes = {}, ...parts) {
  const made = document.createElement(name);
  for (const key in attributes) made.setAttribute(key, String(attributes[key]));
  for (const part of parts) if (part) made.append(part);
  return made;
}

const inEnglish = new Intl.NumberFormat("en");
/** A whole number: 1,204. @param {number} value */
export const number = (value) => inEnglish.format(value);
const dim = (/** @type {string} */ text) => element("span", { class: "dim" }, text);

/**
 * @typedef {object} Table
 * @property {Map<string, {title: string, chip: Element}>} verdicts  by id
 * @property {number} columns                                       how many there are
 * @property {boolean} knowsDealings
 * @property {(row: Row) => string} reportOf                        the address of its report
 */

export class RowMaker {
  /** @param {Table} table */
  constructor({ verdicts, columns, knowsDealings, reportOf }) {
    this.verdicts = verdicts;
    this.columns = columns;
    this.knowsDealings = knowsDealings;
    this.reportOf = reportOf;
  }

  /** @param {Row} row @param {boolean} isKeepList @param {(row: Row) => string} noteOf  the address of the page for its note */
  row(row, isKeepList, noteOf) {
    const cells = row.is_found ? this.#cells(row) : [this.#withoutFinding(row)];
    return element("tr", { id: `row-${row.position}` }, this.#account(row), ...cells, this.#decide(row, isKeepList, noteOf));
  }

  /** @param {number} total @param {string} showAll  the address of all rows */
  none(total, showAll) {
    const words = `None of the ${number(total)} ${total === 1 ? "account" : "accounts"} is like that. `;
    return element("tr", {}, element("td", { colspan: this.columns, class: "dim" }, words, element("a", { href: showAll }, "Show all")));
  }

  /** @param {Row} row */
  #account(row) {
    return element(
      "th", { scope: "row" },
      ...(row.display_name ? [element("b", {}, row.display_name), element("br")] : []),
      row.profile ? element("a", { href: row.profile, rel: "noreferrer nofollow", target: "_blank" }, row.handle) : row.handle,
      ...(row.place ? [" ", dim(row.place)] : []),
      row.moved_to && element("p", { class: "moved" }, "Moved to ", element("a", { href: this.reportOf({ ...row, handle: row.moved_to }) }, `@${row.moved_to}`)),
      row.note && element("p", { class: "note" }, row.note),
    );
  }

  /** @param {Row} row */
  #cells(row) {
    const cell = (/** @type {Part[]} */ ...parts) => element("td", {}, ...parts);
    const figure = (/** @type {Part[]} */ ...parts) => element("td", { class: "n" }, ...parts);
    const title = this.verdicts.get(row.verdict)?.title ?? row.verdict;
    const chip = this.verdicts.get(row.verdict)?.chip.cloneNode(true) ?? title;
    const why = { class: "why", href: this.reportOf(row), "aria-label": `${title}. Why? The report of ${row.handle}` };
    return [
      cell(element("a", why, chip)),
      row.score == null ? figure(dim("–")) : figure(element("b", {}, String(row.score)), " ", dim(`${row.low}–${row.high}`)),
      figure(row.ratio || "–"),
      cell(row.last_post_told || "–"),
      figure(row.posts_per_week_told || "–"),
      cell(row.talks_about.join(", ") || "–", ...(row.topics.length ? [element("br"), dim(`you too: ${row.topics.join(", ")}`)] : [])),
      cell(row.strangers ? `${row.answered ?? 0} of ${row.strangers}` : dim("not seen")),
      ...(this.knowsDealings ? [cell(...dealings(row))] : []),
    ];
  }

  /** @param {Row} row */
  #withoutFinding(row) {
    const title = this.verdicts.get(row.verdict)?.title ?? row.verdict;
    const report = row.verdict === "not_kept" ? [" ", element("a", { class: "why", href: this.reportOf(row) }, "Report")] : [];
    return element("td", { colspan: this.columns - 2 }, dim(row.remark ? `${title}: ${row.remark}` : title), ...report);
  }

  /** @param {Row} row @param {boolean} isKeepList @param {(row: Row) => string} noteOf */
  #decide(row, isKeepList, noteOf) {
    const words = isKeepList ? "Put back" : "Keep";
    const keep = { class: "plain", form: "keep", name: "position", value: row.position, "aria-label": `${words} ${row.handle}` };
    const note = { class: "write", href: noteOf(row), "aria-label": `Note to ${row.handle}` };
    return element("td", { class: "decide" }, element("button", keep, words), ...(row.takes_note ? [" ", element("a", note, "Note")] : []));
  }
}

/** @param {Row} row */
function dealings(row) {
  if (row.dealings == null) return [dim("not known")];
  if (!row.dealings) return [dim("none seen")];
  return [row.dealings_told, element("br"), dim(`yours ${row.mine ?? 0}, theirs ${row.theirs ?? 0}`)];
}
