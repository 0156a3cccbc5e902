// What leaves the browser: each thing, when, to where, and how long it is kept.
import { browser } from "../browser.js";
import { byId, el } from "../page_parts.js";
import { readSettings } from "../settings.js";
import { translatePage } from "../translate.js";
import { say } from "../words.js";

const THINGS = ["names", "prefix", "card", "posts", "sites", "status"], COLUMNS = ["what", "when", "where", "kept"];

async function start() {
  translatePage();
  byId("rows").append(...THINGS.map((thing) => el("tr", "", ...COLUMNS.map((column) => el("td", "", say(`sent_${thing}_${column}`))))));
  byId("service").textContent = (await readSettings()).service;
  byId("forget").addEventListener("click", async () => {
    const kept = Object.keys(await browser.storage.local.get(null)).filter((key) => key.startsWith("answer:"));
    await browser.storage.local.remove(kept);
    await browser.runtime.sendMessage({ type: "forget" }).catch(() => null);
    byId("forgotten").textContent = say("sent_forgotten");
    byId("forgotten").className = "state good";
  });
}

void start();
