// Keeps an open page of a review up to date: asks for what has changed, and no more. Without JavaScript the page's own refresh does the same.
import { ReviewTable } from "./review_table.js";

const progress = document.getElementById("progress");
const section = document.getElementById("table");
const seconds = Math.max(1, Number(progress.dataset.lookAgain));
const table = section && new ReviewTable(section);
let revision = "";

function show(answer) {
  const bar = progress.querySelector("progress");
  progress.querySelector("p").textContent = answer.progress;
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

async function look() {
  let isRunning = true;
  try {
    const answer = await fetch(`${progress.dataset.rows}?since=${revision}`, { headers: { Accept: "application/json" } });
    if (answer.status === 404) return location.reload();
    if (answer.ok) {
      const told = await answer.json();
      // The first rows: the page has no table for them yet.
      if (told.total && !table) return location.reload();
      isRunning = told.state === "running";
      table?.take(told);
      revision = told.revision;
      if (isRunning) show(told);
      else if (progress.dataset.state === "running") await showEnd();
    }
  } catch {
    // The service is restarting or the machine is offline: the next round asks again.
    isRunning = true;
  }
  if (isRunning) setTimeout(look, seconds * 1000);
  return undefined;
}

if (table || progress.dataset.state === "running") look();
