"use strict";
// At each change the whole document is searched for names, and a span is put beside each. It asks nobody: what it shows is made of the name.
const SITES = {
  "x.com": {
    surface: '[data-testid="User-Name"]', changes: "href",
    account: (row) => `x:${row.querySelector("a").getAttribute("href").slice(1)}`, place: (row) => row.querySelectorAll("a")[1].parentElement,
  },
  "bsky.app": {
    surface: '[data-testid^="feedItem-by-"]', changes: "data-testid",
    account: (row) => `bluesky:${row.dataset.testid.slice("feedItem-by-".length)}`, place: (row) => row.querySelectorAll('a[href^="/profile/"]')[2],
  },
  "mastodon.social": {
    surface: ".status__display-name", changes: "href",
    account: (row) => `mastodon:${row.getAttribute("href").slice(2)}`, place: (row) => row.querySelector(".display-name__account"),
  },
};
const site = SITES[location.hostname];
const BADGE = "display:inline-flex;gap:5px;margin-inline-start:6px;padding:0 7px;border-radius:9px;font:400 12px/16px system-ui;background:#e2f3f0;color:#0b7a6e";

function scoreOf(account) {
  let sum = 0;
  for (const letter of account) sum = (sum * 31 + letter.codePointAt(0)) % 9973;
  return `${1 + (sum % 100)} 1 : ${1 + (sum % 9)}`;
}

function scan() {
  for (const row of document.querySelectorAll(site.surface)) {
    const account = site.account(row), place = site.place(row);
    let badge = place.nextElementSibling;
    if (badge?.dataset.scan === account) continue;
    if (!badge?.dataset.scan) {
      badge = document.createElement("span");
      badge.style.cssText = BADGE;
      place.after(badge);
    }
    badge.dataset.scan = account;
    badge.textContent = scoreOf(account);
  }
}

scan();
new MutationObserver(scan).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: [site.changes] });
