// The table of a review in an open page: sorts, filters and searches all rows at once, without asking the service. The page's address and
// form stay in step, so that a reload, or the page without JavaScript, shows the same. Only a page of rows is in the document.
import { RowMaker, element, number } from "./review_elements.js";
import { NoteWriter } from "./review_notes.js";
import { pageNumbers, prepared, query, readAsked, selected } from "./review_rows.js";

// ms after which the address is renewed and the number of rows read out: when what was asked for is on the screen, or nothing more is typed.
const PAINTED = 50;
const TYPED = 400;
// So many rows, more than a screen holds, come with the next frame; those below them right after it.
const FIRST = 25;
const LEAST_HEIGHT = 50; // px of a row
const by = (id) => document.getElementById(id);

export class ReviewTable {
  #rows = []; // by position
  #now = 0;
  #total = 0;
  #held = 0;
  #settled = 0;
  #finish = () => {}; // puts the rows there that are still to come

  constructor(section) {
    this.review = section.dataset.review;
    this.pageRows = Number(section.dataset.pageRows);
    this.filters = by("filters");
    this.body = by("rows").tBodies[0];
    this.offered = JSON.parse(section.dataset.offered);
    this.verdicts = new Map([...by("verdicts").content.children].map((of) => [of.dataset.verdict, { title: of.textContent.trim(), chip: of.firstElementChild }]));
    this.asked = readAsked(location.search, this.offered);
    this.maker = new RowMaker({
      verdicts: this.verdicts,
      columns: by("rows").tHead.rows[0].cells.length,
      knowsDealings: Boolean(this.filters.elements.namedItem("dealings")),
      reportOf: (row) => `${section.dataset.accounts}${row.network}/${encodeURIComponent(row.handle).replaceAll("%40", "@")}`,
    });
    this.notes = new NoteWriter(this.review, Number(section.dataset.longestNote), (text) => this.#fail(text));
  }

  /** New rows, or all of them the first time. Whoever reads, points at or types in the table must not lose it under their eyes. */
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
    this.filters.querySelector("button").hidden = true;
    by("table").addEventListener("click", (event) => this.#click(event));
    by("keep").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#keep(Number(event.submitter.value));
    });
    for (const left of ["pointerleave", "focusout"]) by("scroll").addEventListener(left, () => setTimeout(() => this.#showWhenFree(0)));
    document.addEventListener("selectionchange", () => this.#showWhenFree(0));
    if (!this.#isBusy()) this.#show();
  }

  #isBusy() {
    const selection = getSelection();
    const isSelecting = !selection.isCollapsed && by("scroll").contains(selection.anchorNode);
    return isSelecting || by("rows").contains(document.activeElement) || by("scroll").matches(":hover");
  }

  #showWhenFree(news) {
    this.#held += news;
    if (this.#held && !this.#isBusy()) this.#show();
    by("held").hidden = !this.#held;
    if (this.#held) by("held").textContent = `${number(this.#held)} ${this.#held === 1 ? "result has" : "results have"} come in since; shown when you leave the table.`;
  }

  #filled() {
    return readAsked(new FormData(this.filters), this.offered);
  }

  /** Show something else: what the person did just now. */
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
    const make = (row) => this.maker.row(row, this.asked.kept, ({ position }) => `${this.review}/notes/${position}${place}`);
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

  #showPages(page, pages) {
    const link = (to) => element("a", { href: `${this.review}${query(this.asked, { page: to })}#table` }, String(to));
    const part = (to) => (to === page ? element("b", { "aria-current": "page" }, String(to)) : to ? link(to) : element("span", {}, "…"));
    by("pages").hidden = pages === 1;
    by("pages").replaceChildren(...(pages > 1 ? pageNumbers(page, pages).flatMap((to) => [part(to), " "]) : []));
  }

  #showHeadings() {
    const { order } = this.asked;
    const key = order.replace(/^-/, "");
    for (const link of by("rows").tHead.querySelectorAll("a")) {
      const first = link.dataset.order;
      if (first.replace(/^-/, "") !== key) link.parentElement.removeAttribute("aria-sort");
      else link.parentElement.setAttribute("aria-sort", order.startsWith("-") ? "descending" : "ascending");
      link.href = `${this.review}${query(this.asked, { order: nextOrder(first, order), page: 1 })}#table`;
    }
    by("file").href = `${this.review}.csv${query(this.asked, { page: 1 })}`;
  }

  #showForm() {
    const counts = new Map();
    for (const row of this.#rows) if (row && !row.is_kept) counts.set(row.verdict, (counts.get(row.verdict) ?? 0) + 1);
    const offered = [...this.verdicts].filter(([id]) => counts.get(id) || id === this.asked.verdict);
    const words = ({ title }, id) => `${title} (${number(counts.get(id) ?? 0)})`;
    // An open list would close under the hand: it is written anew only when it says something else.
    const list = this.filters.elements.namedItem("verdict");
    const options = [element("option", { value: "" }, "all"), ...offered.map(([id, of]) => element("option", { value: id }, words(of, id)))];
    if (options.map((option) => option.text).join() !== [...list.options].map((option) => option.text).join()) list.replaceChildren(...options);
    for (const field of this.filters.querySelectorAll("select")) field.value = String(this.asked[field.name] || "");
    const search = this.filters.elements.namedItem("search");
    if (search !== document.activeElement) search.value = this.asked.search;
  }

  #showKeepList() {
    const kept = this.#rows.filter((row) => row?.is_kept).length;
    const link = (words, asked) => element("a", { href: `${this.review}${asked}#table` }, words);
    by("which").textContent = this.asked.kept ? "Your keep-list" : "Accounts";
    by("keeping").replaceChildren(
      ...(this.asked.kept ? [link("Back to the others", "")]
        : kept ? [link(`${number(kept)} on your keep-list`, "?kept=1"), ", not shown here."]
          : ["“Keep” takes an account out of the table: you have decided."]),
    );
    for (const field of [...by("keep").elements]) if (field.type === "hidden") field.remove();
    const hidden = [...new URLSearchParams(query(this.asked)), ["keep", this.asked.kept ? "0" : "1"]];
    by("keep").append(...hidden.map(([name, value]) => element("input", { type: "hidden", name, value })));
    let field = this.filters.elements.namedItem("kept");
    if (!this.asked.kept) field?.remove();
    else if (!field) this.filters.append((field = element("input", { type: "hidden", name: "kept", value: "1" })));
  }

  #click(event) {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    if (link.matches(".write")) {
      event.preventDefault();
      const row = this.#rows[Number(link.closest("tr").id.slice(4))];
      return this.notes.open(link, row, (note) => this.#noted(row, note));
    }
    if (!link.matches("thead a, #pages a, #keeping a, tbody td[colspan] > a[href$='#table']")) return;
    event.preventDefault();
    const isPage = link.matches("#pages a");
    this.#ask(readAsked(new URL(link.href).search, this.offered));
    if (!link.isConnected) ((!isPage && by("keeping").querySelector("a")) || by("scroll")).focus({ preventScroll: true });
    if (isPage) by("table").scrollIntoView();
  }

  #noted(row, note) {
    const now = this.#rows[row.position];
    this.#rows[row.position] = prepared({ ...now, note }, this.offered.verdict);
    const shown = by(`row-${row.position}`)?.cells[0];
    shown?.querySelector(".note")?.remove();
    if (note) shown?.append(element("p", { class: "note" }, note));
  }

  async #keep(position) {
    const keep = !this.asked.kept;
    const body = new URLSearchParams({ position: String(position), keep: keep ? "1" : "0" });
    try {
      const answer = await fetch(by("keep").action, { method: "POST", body, headers: { Accept: "application/json" } });
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

  #fail(text) {
    by("failed").textContent = text;
  }
}

/** What a click on a heading sorts by: first as the heading says, then the other way round. */
function nextOrder(first, order) {
  if (order !== first) return first;
  return order.startsWith("-") ? order.slice(1) : `-${order}`;
}
