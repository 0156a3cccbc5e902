// The elements of a review's table, as templates/review.html writes them. Whatever accounts are called becomes text, never markup.

/** An element with these attributes and parts: nodes and texts; empty texts are left out. */
export function element(name, attributes, ...parts) {
  const made = document.createElement(name);
  for (const key in attributes) made.setAttribute(key, attributes[key]);
  for (const part of parts) if (part) made.append(part);
  return made;
}

const inEnglish = new Intl.NumberFormat("en");
/** A whole number: 1,204. */
export const number = (value) => inEnglish.format(value);
const dim = (text) => element("span", { class: "dim" }, text);

/** Makes rows. `verdicts`: by id, title and chip; `columns`: how many there are; `reportOf(row)`: the address of its report. */
export class RowMaker {
  constructor({ verdicts, columns, knowsDealings, reportOf }) {
    Object.assign(this, { verdicts, columns, knowsDealings, reportOf });
  }

  /** `noteOf(row)`: the address of the page for its note. */
  row(row, isKeepList, noteOf) {
    const cells = row.is_found ? this.#cells(row) : [this.#withoutFinding(row)];
    return element("tr", { id: `row-${row.position}` }, this.#account(row), ...cells, this.#decide(row, isKeepList, noteOf));
  }

  none(total, showAll) {
    const words = `None of the ${number(total)} ${total === 1 ? "account" : "accounts"} is like that. `;
    return element("tr", {}, element("td", { colspan: this.columns, class: "dim" }, words, element("a", { href: showAll }, "Show all")));
  }

  #account(row) {
    const profile = { href: row.profile, rel: "noreferrer nofollow", target: "_blank" };
    return element(
      "th", { scope: "row" },
      ...(row.display_name ? [element("b", {}, row.display_name), element("br")] : []),
      row.profile ? element("a", profile, row.handle) : row.handle,
      ...(row.place ? [" ", dim(row.place)] : []),
      row.moved_to && element("p", { class: "moved" }, "Moved to ", element("a", { href: this.reportOf({ ...row, handle: row.moved_to }) }, `@${row.moved_to}`)),
      row.note && element("p", { class: "note" }, row.note),
    );
  }

  #cells(row) {
    const cell = (...parts) => element("td", {}, ...parts);
    const figure = (...parts) => element("td", { class: "n" }, ...parts);
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

  #withoutFinding(row) {
    const title = this.verdicts.get(row.verdict)?.title ?? row.verdict;
    const report = row.verdict === "not_kept" ? [" ", element("a", { class: "why", href: this.reportOf(row) }, "Report")] : [];
    return element("td", { colspan: this.columns - 2 }, dim(row.remark ? `${title}: ${row.remark}` : title), ...report);
  }

  #decide(row, isKeepList, noteOf) {
    const words = isKeepList ? "Put back" : "Keep";
    const keep = { class: "plain", form: "keep", name: "position", value: row.position, "aria-label": `${words} ${row.handle}` };
    const note = { class: "write", href: noteOf(row), "aria-label": `Note to ${row.handle}` };
    return element("td", { class: "decide" }, element("button", keep, words), ...(row.takes_note ? [" ", element("a", note, "Note")] : []));
  }
}

function dealings(row) {
  if (row.dealings == null) return [dim("not known")];
  if (!row.dealings) return [dim("none seen")];
  return [row.dealings_told, element("br"), dim(`yours ${row.mine ?? 0}, theirs ${row.theirs ?? 0}`)];
}
