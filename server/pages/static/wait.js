// Shows the finished report without reloading a page under its reader's eyes more often than needed.
// Without JavaScript the page's own refresh does the same.
"use strict";
(() => {
  const found = document.querySelector("[data-wait]");
  if (!(found instanceof HTMLElement)) return;
  const waiting = found;
  const seconds = Math.max(1, Number(waiting.dataset.wait));
  const asked = () => fetch(location.pathname + location.search, { headers: { Accept: "text/html" } });

  async function look() {
    try {
      const answer = await asked();
      if (waiting.dataset.until === "ready" && answer.status !== 202) return location.reload();
      if (waiting.dataset.until === "settled" && answer.ok && !(await answer.text()).includes("data-wait=")) return offer();
    } catch {
      // The service is restarting or the machine is offline: the next round asks again.
    }
    setTimeout(look, seconds * 1000);
  }

  // Somebody is reading: the new report is offered, not forced on them.
  function offer() {
    const link = document.createElement("a");
    link.href = "";
    link.textContent = "Show it.";
    waiting.replaceChildren("A deeper report is ready. ", link);
  }

  setTimeout(look, seconds * 1000);
})();
