// The page that opens once after installing: nothing is enabled until the person says where.
import { byId, showStatus } from "../page_parts.js";
import { enableSites, isEnabled, shippedSites } from "../sites_enabled.js";
import { translatePage } from "../translate.js";
import { say } from "../words.js";

/** @param {import("../sites_enabled.js").ShippedSite} site @param {boolean} enabled */
function row(site, enabled) {
  const label = document.createElement("label"), box = document.createElement("input"), name = document.createElement("span");
  label.className = "switch";
  box.type = "checkbox";
  box.name = site.id;
  box.checked = true;
  box.disabled = enabled;
  name.textContent = `${site.title} (${site.matches.map((match) => match.split("/")[2]).join(", ")})`;
  label.append(box, name);
  return label;
}

async function start() {
  translatePage();
  const sites = await shippedSites(), enabled = await Promise.all(sites.map(isEnabled));
  byId("sites").append(...sites.map((site, i) => row(site, enabled[i])));
  byId("choice").addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = sites.filter(({ id }) => /** @type {HTMLInputElement} */ (document.querySelector(`input[name="${id}"]`)).checked);
    if (!chosen.length) return;
    // Asked for in the turn of the click: later it would no longer count as the person's wish.
    void enableSites(chosen).then((allowed) => {
      byId("enabled").textContent = say(allowed ? "welcome_enabled" : "welcome_refused");
      byId("enabled").className = `state ${allowed ? "good" : "bad"}`;
    });
  });
  await showStatus(byId("status"));
}

void start();
