// The table of a review in an open page: sorts, filters and searches all rows at once, without asking the service. The page's address and
// form stay in step, so that a reload, or the page without JavaScript, shows the same. Only a page of rows is in the document.
import { RowMaker, by, element, number, sure } from "./review_elements.js";
import { NoteWriter } from "./review_notes.js";
import { pageNumbers, prepared, query, readAsked, selected } from "./review_rows.js";

// ms after which the address is renewed and the number of rows read out: when what was asked for is on the screen, or nothing more is typed.
const PAINTED = 50;
const TYPED = 400;
// So many rows, more than a screen holds, come with the next frame; those below them right after it.
const FIRST = 25;
const LEAST_HEIGHT = 50; // px of a row

/** @typedef {import("./review_rows.js").Asked} Asked */
/** @typedef {import("./review_rows.js").Row} Row */

export class ReviewTable {
  /** By position. @type {Row[]} */
  #rows = [];
  #now = 0;
  #total = 0;
  #held = 0;
  #settled = 0;
  #finish = () => {}; // puts the rows there that are still to come

  /** @param {HTMLElement} section */
  constructor(section) {
    const rows = sure(by("rows"), HTMLTableElement);
    this.review = section.dataset.review ?? "";
    this.pageRows = Number(section.dataset.pageRows);
    this.filters = sure(by("filters"), HTMLFormElement);
    this.keepForm = sure(by("keep"), HTMLFormElement);
    this.head = sure(rows.tHead, HTMLTableSectionElement);
    this.body = rows.tBodies[0];
    this.offered = /** @type {import("./review_rows.js").Offered} */ (JSON.parse(section.dataset.offered ?? ""));
    this.verdicts = new Map([...sure(by("verdicts"), HTMLTemplateElement).content.children].map(verdictOf));
    this.asked = readAsked(location.search, this.offered);
    this.maker = new RowMaker({
      verdicts: this.verdicts,
      columns: this.head.rows[0].cells.length,
      knowsDealings: Boolean(this.filters.elements.namedItem("dealings")),
      reportOf: (row) => `${section.dataset.accounts}${row.network}/${encodeURIComponent(row.handle).replaceAll("%40", "@")}`,
    });
    this.notes = new NoteWriter(this.review, Number(section.dataset.longestNote), (text) => this.#fail(text));
  }

  /**
   * New rows, or all of them the first time. Whoever reads, points at or types in the table must not lose it under their eyes.
   * @param {import("./review.js").Live} told
   */
  take({ rows, now, total }) {
    const isFirst = !this.#rows.length;
    for (const row of rows) this.#rows[row.position] = prepared({ ...row, ...this.notes.underWay(row.position) }, this.offered.verdict);
    this.#now = now;
    this.#total = total;
    if (isFirst) this.#begin();
    else if (rows.length) this.#showWhenFree(rows.length);
  }

  #begin() {
    this.filters.addEventListener("input", () => this.#ask(this.#filled(), TYPED));
    this.filters.addEventListener("change", () => this.#settle());
    this.filters.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#ask(this.#filled());
    });
    sure(this.filters.querySelector("button"), HTMLButtonElement).hidden = true;
    by("table").addEventListener("click", (event) => this.#click(event));
    this.keepForm.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#keep(Number(sure(event.submitter, HTMLButtonElement).value));
    });
    for (const left of ["pointerleave", "focusout"]) by("scroll").addEventListener(left, () => setTimeout(() => this.#showWhenFree(0)));
    document.addEventListener("selectionchange", () => this.#showWhenFree(0));
    if (!this.#isBusy()) this.#show();
  }

  #isBusy() {
    const selection = /** @type {Selection} */ (getSelection());
    const isSelecting = !selection.isCollapsed && by("scroll").contains(selection.anchorNode);
    return isSelecting || by("rows").contains(document.activeElement) || by("scroll").matches(":hover");
  }

  /** @param {number} news  how many rows came */
  #showWhenFree(news) {
    this.#held += news;
    if (this.#held && !this.#isBusy()) this.#show();
    by("held").hidden = !this.#held;
    if (this.#held) by("held").textContent = `${number(this.#held)} ${this.#held === 1 ? "result has" : "results have"} come in since; shown when you leave the table.`;
  }

  #filled() {
    return readAsked(/** @type {[string, string][]} */ ([...new FormData(this.filters)]), this.offered);
  }

  /** Show something else: what the person did just now. @param {Asked} asked @param {number} [wait] */
  #ask(asked, wait = PAINTED) {
    this.asked = asked;
    this.#show();
    clearTimeout(this.#settled);
    this.#settled = setTimeout(() => this.#settle(), wait);
  }

  #settle() {
    clearTimeout(this.#settled);
    const address = this.review + query(this.asked);
    if (location.pathname + location.search !== address) history.replaceState(history.state, "", address);
    by("announced").textContent = `${by("matching").textContent} of ${number(this.#total)} accounts shown`;
  }

  #show() {
    const rows = selected(this.#rows.filter(Boolean), this.asked, this.#now);
    const pages = Math.max(1, Math.ceil(rows.length / this.pageRows));
    const page = Math.min(this.asked.page, pages);
    const shown = rows.slice((page - 1) * this.pageRows, page * this.pageRows);
    const place = query(this.asked);
    const make = (/** @type {Row} */ row) => this.maker.row(row, this.asked.kept, ({ position }) => `${this.review}/notes/${position}${place}`);
    this.#held = 0;
    by("held").hidden = true;
    if (shown.length) this.#write(shown, make);
    else this.#write([null], () => this.maker.none(this.#total, `${this.review}#table`));
    by("matching").textContent = number(rows.length);
    this.#showPages(page, pages);
    this.#showHeadings();
    this.#showForm();
    this.#showKeepList();
  }

  /** @template T @param {T[]} shown @param {(one: T) => Node} make */
  #write(shown, make) {
    // Whoever has scrolled down to the later rows gets them all at once: the page must not become shorter under the eyes.
    const isAbove = by("scroll").getBoundingClientRect().top + FIRST * LEAST_HEIGHT > innerHeight;
    const rest = isAbove ? shown.slice(FIRST) : [];
    this.body.replaceChildren(...shown.slice(0, shown.length - rest.length).map(make));
    by("rows").removeAttribute("aria-busy");
    this.#finish = () => {};
    if (!rest.length) return;
    by("rows").setAttribute("aria-busy", "true");
    const finish = () => {
      if (this.#finish !== finish) return;
      this.#finish = () => {};
      this.body.append(...rest.map(make));
      by("rows").removeAttribute("aria-busy");
    };
    this.#finish = finish;
    requestAnimationFrame(() => setTimeout(finish));
  }

  /** @param {number} page @param {number} pages */
  #showPages(page, pages) {
    const link = (/** @type {number} */ to) => element("a", { href: `${this.review}${query(this.asked, { page: to })}#table` }, String(to));
    const part = (/** @type {number} */ to) => (to === page ? element("b", { "aria-current": "page" }, String(to)) : to ? link(to) : element("span", {}, "…"));
    by("pages").hidden = pages === 1;
    by("pages").replaceChildren(...(pages > 1 ? pageNumbers(page, pages).flatMap((to) => [part(to), " "]) : []));
  }

  #showHeadings() {
    const { order } = this.asked;
    const key = order.replace(/^-/, "");
    for (const link of this.head.querySelectorAll("a")) {
      const first = link.dataset.order ?? "";
      if (first.replace(/^-/, "") !== key) link.parentElement?.removeAttribute("aria-sort");
      else link.parentElement?.setAttribute("aria-sort", order.startsWith("-") ? "descending" : "ascending");
      link.href = `${this.review}${query(this.asked, { order: nextOrder(first, order), page: 1 })}#table`;
    }
    sure(by("file"), HTMLAnchorElement).href = `${this.review}.csv${query(this.asked, { page: 1 })}`;
  }

  #showForm() {
    /** @type {Map<string, number>} */
    const counts = new Map();
    for (const row of this.#rows) if (row && !row.is_kept) counts.set(row.verdict, (counts.get(row.verdict) ?? 0) + 1);
    const offered = [...this.verdicts].filter(([id]) => counts.get(id) || id === this.asked.verdict);
    const words = (/** @type {string} */ id, /** @type {string} */ title) => `${title} (${number(counts.get(id) ?? 0)})`;
    // An open list would close under the hand: it is written anew only when it says something else.
    const list = sure(this.filters.elements.namedItem("verdict"), HTMLSelectElement);
    const options = [element("option", { value: "" }, "all"), ...offered.map(([id, { title }]) => element("option", { value: id }, words(id, title)))];
    if (options.map((option) => option.text).join() !== [...list.options].map((option) => option.text).join()) list.replaceChildren(...options);
    for (const field of this.filters.querySelectorAll("select")) field.value = String(this.asked[/** @type {keyof Asked} */ (field.name)] || "");
    const search = sure(this.filters.elements.namedItem("search"), HTMLInputElement);
    if (search !== document.activeElement) search.value = this.asked.search;
  }

  #showKeepList() {
    const kept = this.#rows.filter((row) => row?.is_kept).length;
    const link = (/** @type {string} */ words, /** @type {string} */ asked) => element("a", { href: `${this.review}${asked}#table` }, words);
    by("which").textContent = this.asked.kept ? "Your keep-list" : "Accounts";
    by("keeping").replaceChildren(
      ...(this.asked.kept ? [link("Back to the others", "")]
        : kept ? [link(`${number(kept)} on your keep-list`, "?kept=1"), ", not shown here."]
          : ["“Keep” takes an account out of the table: you have decided."]),
    );
    for (const field of /** @type {(HTMLInputElement | HTMLButtonElement)[]} */ ([...this.keepForm.elements])) if (field.type === "hidden") field.remove();
    const hidden = [...new URLSearchParams(query(this.asked)), ["keep", this.asked.kept ? "0" : "1"]];
    this.keepForm.append(...hidden.map(([name, value]) => element("input", { type: "hidden", name, value })));
    const field = /** @type {Element | null} */ (this.filters.elements.namedItem("kept"));
    if (!this.asked.kept) field?.remove();
    else if (!field) this.filters.append(element("input", { type: "hidden", name: "kept", value: "1" }));
  }

  /** @param {MouseEvent} event */
  #click(event) {
    const link = /** @type {Element} */ (event.target).closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    if (link.matches(".write")) {
      event.preventDefault();
      const row = this.#rows[Number(sure(link.closest("tr"), HTMLTableRowElement).id.slice(4))];
      return this.notes.open(link, row, (note) => this.#noted(row, note));
    }
    if (!link.matches("thead a, #pages a, #keeping a, tbody td[colspan] > a[href$='#table']")) return;
    event.preventDefault();
    const isPage = link.matches("#pages a");
    this.#ask(readAsked(new URL(link.href).search, this.offered));
    if (!link.isConnected) ((!isPage && by("keeping").querySelector("a")) || by("scroll")).focus({ preventScroll: true });
    if (isPage) by("table").scrollIntoView();
  }

  /** @param {Row} row @param {string} note */
  #noted(row, note) {
    const now = this.#rows[row.position];
    this.#rows[row.position] = prepared({ ...now, note }, this.offered.verdict);
    const shown = /** @type {HTMLTableRowElement | null} */ (document.getElementById(`row-${row.position}`))?.cells[0];
    shown?.querySelector(".note")?.remove();
    if (note) shown?.append(element("p", { class: "note" }, note));
  }

  /** @param {number} position */
  async #keep(position) {
    const keep = !this.asked.kept;
    const body = new URLSearchParams({ position: String(position), keep: keep ? "1" : "0" });
    try {
      const answer = await fetch(this.keepForm.action, { method: "POST", body, headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
    } catch {
      return this.#fail("That could not be saved. The service does not answer; try again.");
    }
    this.#fail("");
    const at = [...this.body.rows].findIndex((row) => row.id === `row-${position}`);
    this.#rows[position] = { ...this.#rows[position], is_kept: keep };
    this.#ask(this.asked);
    this.#finish();
    // Whoever goes through the table goes on with the account that stands there now.
    const next = this.body.rows[Math.min(at, this.body.rows.length - 1)]?.querySelector("button");
    (next ?? by("scroll")).focus();
    return undefined;
  }

  /** @param {string} text */
  #fail(text) {
    by("failed").textContent = text;
  }
}

/** @param {Element} of @returns {[string, {title: string, chip: Element}]} */
function verdictOf(of) {
  const { verdict = "" } = /** @type {HTMLElement} */ (of).dataset;
  return [verdict, { title: of.textContent.trim(), chip: /** @type {Element} */ (of.firstElementChild) }];
}

/** What a click on a heading sorts by: first as the heading says, then the other way round. @param {string} first @param {string} order */
function nextOrder(first, order) {
  if (order !== first) return first;
  return order.startsWith("-") ? order.slice(1) : `-${order}`;
}
