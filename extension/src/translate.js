import { language, say } from "./words.js";

/** Fills a page of the extension with the person's language: `data-say` its text, `data-label` its accessible name, `data-hint` its placeholder. */
export function translatePage() {
  document.documentElement.lang = language();
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-say], [data-label], [data-hint]"))) {
    const { say: text, label, hint } = element.dataset;
    if (text) element.textContent = say(text);
    if (label) element.setAttribute("aria-label", say(label));
    if (hint) element.setAttribute("placeholder", say(hint));
  }
}
