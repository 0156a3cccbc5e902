// Writing a note in its row: Enter or leaving the field saves, Escape does not. Without JavaScript a page of its own does the same.
import { element, sure } from "./review_elements.js";

/** @typedef {import("./review_rows.js").Row} Row */

// Also where something before the service answers in its place.
const SILENT = "The service does not answer.";

export class NoteWriter {
  /** By position, what was typed and could not be saved. @type {Map<number, string>} */
  #unsaved = new Map();
  /** By position, what is on its way to the service. @type {Map<number, string>} */
  #sent = new Map();

  /**
   * @param {string} review   its address
   * @param {number} longest  characters of a note
   * @param {(words: string) => void} fail  tells what went wrong
   */
  constructor(review, longest, fail) {
    this.review = review;
    this.longest = longest;
    this.fail = fail;
  }

  /** The note to an account that is on its way: what comes from the service meanwhile may be older. @param {number} position */
  underWay(position) {
    const note = this.#sent.get(position);
    return note === undefined ? {} : { note };
  }

  /**
   * A field in the row of a link.
   * @param {HTMLElement} link
   * @param {Row} row
   * @param {(note: string) => void} saved  called once the service has it
   */
  open(link, row, saved) {
    const cell = sure(link.closest("tr"), HTMLTableRowElement).cells[0];
    const opened = /** @type {HTMLElement | null} */ (cell.querySelector(".writing"));
    if (opened) return opened.focus();
    const typed = this.#unsaved.get(row.position) ?? row.note;
    const label = `Note to ${row.handle}: Enter saves, Escape leaves it as it was`;
    const field = element("input", { class: "writing", maxlength: this.longest, value: typed, "aria-label": label, autocomplete: "off" });
    const before = cell.querySelector(".note");
    let isOver = false;
    const end = (/** @type {boolean} */ isWanted) => {
      if (isOver) return;
      isOver = true;
      const hadFocus = field === document.activeElement;
      const note = field.value.replace(/\s+/g, " ").trim();
      field.remove();
      before?.removeAttribute("hidden");
      if (hadFocus) link.focus();
      if (isWanted && (note !== row.note || this.#unsaved.has(row.position))) this.#save(row, note, saved);
      if (!isWanted) this.#unsaved.delete(row.position);
    };
    field.addEventListener("keydown", (event) => {
      if (event.isComposing || (event.key !== "Enter" && event.key !== "Escape")) return;
      event.preventDefault();
      end(event.key === "Enter");
    });
    field.addEventListener("blur", () => end(true));
    before?.setAttribute("hidden", "");
    cell.append(field);
    field.focus();
    return undefined;
  }

  /** @param {Row} row @param {string} note @param {(note: string) => void} saved */
  async #save(row, note, saved) {
    const before = row.note;
    this.#sent.set(row.position, note);
    saved(note);
    try {
      const address = `${this.review}/notes/${row.position}`;
      const answer = await fetch(address, { method: "POST", body: new URLSearchParams({ note }), headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(await answer.json().then(({ detail }) => detail, () => SILENT));
      this.#unsaved.delete(row.position);
      this.fail("");
    } catch (problem) {
      this.#unsaved.set(row.position, note);
      saved(before);
      const why = problem instanceof TypeError ? SILENT : /** @type {Error} */ (problem).message;
      this.fail(`The note to ${row.handle} was not saved. ${why} What you typed is still in its field.`);
    } finally {
      this.#sent.delete(row.position);
    }
  }
}
