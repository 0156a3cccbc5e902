// Keeps the page in step with its sliders: the server is asked for the page of these numbers, and what differs is taken from its
// answer. The formula is nowhere in here. Without JavaScript the form and its button do the same.
"use strict";
(() => {
  const form = document.getElementById("calculator");
  if (!(form instanceof HTMLFormElement)) return;
  const SOON = 80; // ms without a further change, after which the server is asked
  const SETTLED = 400; // ms after which the address is renewed and the score read out: both may not be done often
  const STEPS = 200;
  const unanswered = document.getElementById("unanswered");
  const dials = [...document.querySelectorAll("[data-field]")].map(dialOf);
  let soon = 0;
  let settled = 0;
  let asking = new AbortController();

  function dialOf(place) {
    const [low, high, usual] = [place.dataset.low, place.dataset.high, place.dataset.usual].map(Number);
    const number = place.querySelector("input[type=number]");
    const slider = place.querySelector("input[type=range]");
    const unseen = place.querySelector("input[type=checkbox]");
    const error = place.querySelector(".error");
    return { low, high, usual, number, slider, unseen, error, whole: "whole" in place.dataset, unit: place.dataset.unit, kept: "" };
  }

  // A slider runs from 0, then evenly on a logarithmic scale from low to high.
  function valueAt(dial, step) {
    if (step <= 0) return 0;
    const value = Number((dial.low * (dial.high / dial.low) ** ((step - 1) / (STEPS - 1))).toPrecision(3));
    return dial.whole ? Math.round(value) : value;
  }

  function stepOf(dial, value) {
    if (!(value > 0)) return 0;
    const step = 1 + ((STEPS - 1) * Math.log(value / dial.low)) / Math.log(dial.high / dial.low);
    return Math.round(Math.min(Math.max(step, 1), STEPS));
  }

  function placeSlider(dial) {
    dial.slider.value = String(stepOf(dial, Number(dial.number.value)));
    tell(dial);
  }

  function tell(dial) {
    const value = Number(dial.number.value).toLocaleString("en-GB", { maximumSignificantDigits: 3 });
    dial.slider.setAttribute("aria-valuetext", dial.number.value === "" ? "not seen" : `${value} ${dial.unit}`);
  }

  // What is not seen is left out of the address; its number is kept here, should it be seen again.
  function setUnseen(dial, unseen) {
    if (unseen && dial.number.value !== "") dial.kept = dial.number.value;
    dial.number.value = unseen ? "" : dial.number.value || dial.kept || String(dial.usual);
    if (dial.unseen) dial.unseen.checked = unseen;
    dial.number.disabled = dial.slider.disabled = unseen;
    placeSlider(dial);
  }

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
    const address = `${form.getAttribute("action")}?${new URLSearchParams(/** @type {any} */ (new FormData(form)))}`;
    try {
      const answer = await fetch(address, { signal, headers: { Accept: "text/html" } });
      if (!answer.ok && answer.status !== 400) throw new Error(`the service answered ${answer.status}`);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!signal.aborted) show(page, answer.ok ? address : "");
    } catch {
      if (!signal.aborted) unanswered.hidden = false;
    }
  }

  function show(page, address) {
    const version = page.querySelector("[name=version]");
    // The service was renewed while this page stood open: its fields and sliders may be others now.
    if (version === null || version.value !== form.elements.namedItem("version").value) return location.assign(address);
    for (const part of document.querySelectorAll("[data-live]")) {
      const fresh = page.getElementById(part.id);
      part.hidden = fresh.hidden;
      part.replaceChildren(...fresh.childNodes);
    }
    dials.forEach(mark);
    unanswered.hidden = true;
    clearTimeout(settled);
    settled = setTimeout(settle, SETTLED, address);
  }

  function settle(address) {
    if (address) history.replaceState(null, "", address);
    const outcome = document.querySelector("#outcome .say > p");
    document.getElementById("said").textContent = outcome.textContent;
  }

  for (const dial of dials) {
    dial.slider.hidden = false;
    if (dial.unseen) {
      dial.unseen.parentElement.hidden = false;
      if (dial.number.value === "" && !dial.error.textContent) setUnseen(dial, true);
      dial.unseen.addEventListener("change", () => (setUnseen(dial, dial.unseen.checked), changed()));
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
  form.querySelector(".submit").hidden = true;
  form.addEventListener("submit", (event) => (event.preventDefault(), ask()));
})();
