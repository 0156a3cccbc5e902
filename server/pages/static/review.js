// Shows results as they come. Without JavaScript the page's own refresh does the same.
"use strict";
(() => {
  const progress = document.getElementById("progress");
  if (!progress || !progress.dataset.lookAgain) return;
  const seconds = Math.max(1, Number(progress.dataset.lookAgain));

  // Somebody who reads, selects or types in the table must not lose it under their eyes.
  const isBusy = (table) => table.contains(document.activeElement) || table.matches(":hover") || !getSelection().isCollapsed;

  function show(fresh) {
    for (const part of document.querySelectorAll("[data-live]")) {
      const news = fresh.getElementById(part.id);
      if (!news || part.innerHTML === news.innerHTML || (part.matches("table") && isBusy(part))) continue;
      part.replaceChildren(...news.childNodes);
    }
  }

  async function look() {
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (answer.status === 404) return location.reload();
      if (answer.ok) {
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
        const now = fresh.getElementById("progress");
        // The first rows, or the end: other buttons belong to it.
        if (now && (!now.dataset.lookAgain || !document.getElementById("rows") !== !fresh.getElementById("rows"))) return location.reload();
        show(fresh);
      }
    } catch {
      // The service is restarting or the machine is offline: the next round asks again.
    }
    setTimeout(look, seconds * 1000);
  }

  setTimeout(look, seconds * 1000);
})();
