// Keeps an open page of a review up to date: is told what has changed, or else asks for it, and no more. Without JavaScript the page's own
// refresh does the same.
import { by, sure } from "./review_elements.js";
import { ReviewTable } from "./review_table.js";

/**
 * What comes from the service: Live of server/pages/review_live.py.
 * @typedef {object} Live
 * @property {number} revision
 * @property {number} now
 * @property {string} state
 * @property {string} progress
 * @property {number} done
 * @property {number} total
 * @property {boolean} is_listing
 * @property {import("./review_rows.js").ToldRow[]} rows
 */

const PATIENCE = 10_000; // ms without a first message, after which events are held up on their way
const progress = by("progress");
const section = document.getElementById("table");
const seconds = Math.max(1, Number(progress.dataset.lookAgain));
const table = section && new ReviewTable(section);
/** @type {number | ""} */
let revision = "";

/** Take news in. Gives false when the page must be loaded anew: it has no table for its first rows. @param {Live} told */
function take(told) {
  if (told.total && !table) {
    location.reload();
    return false;
  }
  table?.take(told);
  revision = told.revision;
  if (told.state === "running") show(told);
  return true;
}

/** @param {Live} answer */
function show(answer) {
  const bar = progress.querySelector("progress");
  sure(progress.querySelector("p"), HTMLElement).textContent = answer.progress;
  if (!bar || answer.is_listing) return;
  bar.max = answer.total || 1;
  bar.value = answer.done;
}

// The review has ended: other buttons and other remarks belong to it.
async function showEnd() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) part.replaceChildren(...(fresh.getElementById(part.id)?.childNodes ?? []));
}

/** Be told by events. Where they are refused or bring nothing, the page asks by itself instead; never both. */
function listen() {
  const events = new EventSource(progress.dataset.events ?? "");
  let hasHeard = false;
  const patience = setTimeout(() => turnTo(look), PATIENCE);
  const turnTo = (/** @type {() => void} */ next) => {
    clearTimeout(patience);
    events.close();
    next();
  };
  events.addEventListener("message", ({ data }) => {
    hasHeard = true;
    clearTimeout(patience);
    if (!take(JSON.parse(data))) events.close();
  });
  events.addEventListener("end", () => turnTo(() => showEnd().catch(lookLater)));
  events.addEventListener("error", () => {
    // Each stream ends after a minute, and the browser opens the next one by itself: twice in a row without a message is no such end.
    if (hasHeard && events.readyState !== EventSource.CLOSED) hasHeard = false;
    else turnTo(look);
  });
}

const lookLater = () => setTimeout(look, seconds * 1000);

/** @returns {Promise<unknown>} */
async function look() {
  try {
    const answer = await fetch(`${progress.dataset.rows}?since=${revision}`, { headers: { Accept: "application/json" } });
    if (answer.status === 404) return location.reload();
    if (!answer.ok) return lookLater();
    const told = await answer.json();
    if (!take(told)) return undefined;
    if (told.state === "running") return lookLater();
    if (progress.dataset.state === "running") await showEnd();
    return undefined;
  } catch {
    // The service is restarting or the machine is offline: the next round asks again.
    return lookLater();
  }
}

if (progress.dataset.state === "running" && "EventSource" in window) listen();
else if (table || progress.dataset.state === "running") look();
