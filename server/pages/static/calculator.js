// Keeps the page in step with its sliders: the server is asked for the page of these numbers, and what differs is taken from its
// answer. The formula is nowhere in here. Without JavaScript the form and its button do the same.
"use strict";
(() => {
  const found = document.getElementById("calculator");
  if (!(found instanceof HTMLFormElement)) return;
  const form = found;
  const SOON = 80; // ms without a further change, after which the server is asked
  const SETTLED = 400; // ms after which the address is renewed and the score read out: both may not be done often
  const STEPS = 200;
  const unanswered = /** @type {HTMLElement} */ (document.getElementById("unanswered"));
  const dials = [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-field]"))].map(dialOf);
  let soon = 0;
  let settled = 0;
  let asking = new AbortController();

  /**
   * @typedef {object} Dial
   * @property {number} low
   * @property {number} high
   * @property {number} usual
   * @property {HTMLInputElement} number
   * @property {HTMLInputElement} slider
   * @property {HTMLInputElement | null} unseen  the days of silence have none
   * @property {HTMLElement} error
   * @property {boolean} whole
   * @property {string | undefined} unit
   * @property {string} kept
   */

  /** @param {HTMLElement} place @returns {Dial} */
  function dialOf(place) {
    const [low, high, usual] = [place.dataset.low, place.dataset.high, place.dataset.usual].map(Number);
    const number = /** @type {HTMLInputElement} */ (place.querySelector("input[type=number]"));
    const slider = /** @type {HTMLInputElement} */ (place.querySelector("input[type=range]"));
    const unseen = /** @type {HTMLInputElement | null} */ (place.querySelector("input[type=checkbox]"));
    const error = /** @type {HTMLElement} */ (place.querySelector(".error"));
    return { low, high, usual, number, slider, unseen, error, whole: "whole" in place.dataset, unit: place.dataset.unit, kept: "" };
  }

  /** A slider runs from 0, then evenly on a logarithmic scale from low to high. @param {Dial} dial @param {number} step */
  function valueAt(dial, step) {
    if (step <= 0) return 0;
    const value = Number((dial.low * (dial.high / dial.low) ** ((step - 1) / (STEPS - 1))).toPrecision(3));
    return dial.whole ? Math.round(value) : value;
  }

  /** @param {Dial} dial @param {number} value */
  function stepOf(dial, value) {
    if (!(value > 0)) return 0;
    const step = 1 + ((STEPS - 1) * Math.log(value / dial.low)) / Math.log(dial.high / dial.low);
    return Math.round(Math.min(Math.max(step, 1), STEPS));
  }

  /** @param {Dial} dial */
  function placeSlider(dial) {
    dial.slider.value = String(stepOf(dial, Number(dial.number.value)));
    tell(dial);
  }

  /** @param {Dial} dial */
  function tell(dial) {
    const value = Number(dial.number.value).toLocaleString("en-GB", { maximumSignificantDigits: 3 });
    dial.slider.setAttribute("aria-valuetext", dial.number.value === "" ? "not seen" : `${value} ${dial.unit}`);
  }

  /** What is not seen is left out of the address; its number is kept here, should it be seen again. @param {Dial} dial @param {boolean} unseen */
  function setUnseen(dial, unseen) {
    if (unseen && dial.number.value !== "") dial.kept = dial.number.value;
    dial.number.value = unseen ? "" : dial.number.value || dial.kept || String(dial.usual);
    if (dial.unseen) dial.unseen.checked = unseen;
    dial.number.disabled = dial.slider.disabled = unseen;
    placeSlider(dial);
  }

  /** @param {Dial} dial */
  function mark(dial) {
    if (dial.error.textContent) dial.number.setAttribute("aria-invalid", "true");
    else dial.number.removeAttribute("aria-invalid");
  }

  function changed() {
    clearTimeout(soon);
    soon = setTimeout(ask, SOON);
  }

  async function ask() {
    clearTimeout(soon);
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    const wrong = dials.filter((dial) => !dial.number.validity.valid);
    for (const dial of wrong) {
      dial.error.textContent = dial.number.validationMessage;
      mark(dial);
    }
    if (wrong.length) return;
    const filled = /** @type {[string, string][]} */ ([...new FormData(form)]);
    const address = `${form.getAttribute("action")}?${new URLSearchParams(filled)}`;
    try {
      const answer = await fetch(address, { signal, headers: { Accept: "text/html" } });
      if (!answer.ok && answer.status !== 400) throw new Error(`the service answered ${answer.status}`);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!signal.aborted) show(page, answer.ok ? address : "");
    } catch {
      if (!signal.aborted) unanswered.hidden = false;
    }
  }

  /** @param {Document} page @param {string} address */
  function show(page, address) {
    const version = /** @type {HTMLInputElement | null} */ (page.querySelector("[name=version]"));
    const known = /** @type {HTMLInputElement} */ (form.elements.namedItem("version"));
    // The service was renewed while this page stood open: its fields and sliders may be others now.
    if (version === null || version.value !== known.value) return location.assign(address);
    for (const part of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-live]"))) {
      const fresh = /** @type {HTMLElement} */ (page.getElementById(part.id));
      part.hidden = fresh.hidden;
      part.replaceChildren(...fresh.childNodes);
    }
    dials.forEach(mark);
    unanswered.hidden = true;
    clearTimeout(settled);
    settled = setTimeout(settle, SETTLED, address);
  }

  /** @param {string} address */
  function settle(address) {
    if (address) history.replaceState(null, "", address);
    const outcome = /** @type {Element} */ (document.querySelector("#outcome .say > p"));
    /** @type {HTMLElement} */ (document.getElementById("said")).textContent = outcome.textContent;
  }

  for (const dial of dials) {
    const { unseen } = dial;
    dial.slider.hidden = false;
    if (unseen) {
      /** @type {HTMLElement} */ (unseen.parentElement).hidden = false;
      if (dial.number.value === "" && !dial.error.textContent) setUnseen(dial, true);
      unseen.addEventListener("change", () => (setUnseen(dial, unseen.checked), changed()));
    }
    placeSlider(dial);
    dial.slider.addEventListener("input", () => {
      dial.number.value = String(valueAt(dial, Number(dial.slider.value)));
      tell(dial);
      changed();
    });
    dial.number.addEventListener("input", () => (placeSlider(dial), changed()));
    dial.number.addEventListener("change", () => {
      if (dial.number.value !== "" || !dial.number.validity.valid) return;
      setUnseen(dial, dial.unseen !== null);
      changed();
    });
  }
  /** @type {HTMLElement} */ (form.querySelector(".submit")).hidden = true;
  form.addEventListener("submit", (event) => (event.preventDefault(), ask()));
})();
