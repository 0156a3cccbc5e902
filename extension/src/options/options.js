import { browser } from "../browser.js";
import { changeSettings, readSettings, serviceAddress } from "../settings.js";
import { isAllowed, knowsDataPermissions, wantedFor, wantedForCapture } from "./consent.js";

/** @template {HTMLElement} T @param {string} id @returns {T} */
const byId = (id) => /** @type {T} */ (document.getElementById(id));
/** @param {string} id @returns {HTMLInputElement} */
const input = (id) => byId(id);

const SHIPPED = ["bsky.app", "mastodon.social", "x.com", "twitter.com"];

/** @param {string} words @param {boolean} good */
function say(words, good) {
  byId("status").textContent = words;
  byId("status").className = `state ${good ? "good" : "bad"}`;
}

async function showStatus() {
  const reply = await browser.runtime.sendMessage({ type: "status" }).catch(() => null);
  say(reply?.words ?? "The extension is starting.", Boolean(reply?.ok));
}

/** @param {SubmitEvent} event @param {boolean} collects */
async function saveConnection(event, collects) {
  event.preventDefault();
  const service = serviceAddress(input("service").value);
  if (!service) {
    say("That is no address the service can have: it starts with https://, or with http:// on this machine.", false);
    return;
  }
  if (!(await isAllowed(browser.permissions, wantedFor(service, { capture: input("capture").checked, collects })))) {
    say("Nothing was changed: without your permission nothing is sent to that address.", false);
    return;
  }
  await changeSettings({ service, token: input("token").value.trim() });
  input("service").value = service;
  await showStatus();
}

/** @param {string} service  the address that is stored @param {boolean} collects */
async function switchCapture(service, collects) {
  const box = input("capture"), capture = box.checked;
  if (capture && !(await isAllowed(browser.permissions, wantedForCapture(service, collects)))) {
    box.checked = false;
    byId("capture-refused").textContent = "Nothing was changed: without your permission no posts are sent to that address.";
    return;
  }
  byId("capture-refused").textContent = "";
  await changeSettings({ capture });
}

async function showSites() {
  const { sitesOff, instances } = await readSettings();
  const rows = [...SHIPPED, ...instances.map((origin) => new URL(origin).hostname)].map((host) => {
    const row = document.createElement("li"), label = document.createElement("label"), box = document.createElement("input");
    label.className = "switch";
    box.type = "checkbox";
    box.checked = !sitesOff.includes(host);
    box.addEventListener("change", async () => {
      const others = (await readSettings()).sitesOff.filter((other) => other !== host);
      await changeSettings({ sitesOff: box.checked ? others : [...others, host] });
    });
    label.append(box, host);
    row.append(label);
    const origin = instances.find((instance) => new URL(instance).hostname === host);
    if (origin) row.append(removeButton(origin, host));
    return row;
  });
  byId("sites").replaceChildren(...rows);
}

/** @param {string} origin @param {string} host */
function removeButton(origin, host) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "plain";
  button.textContent = "Remove";
  button.setAttribute("aria-label", `Remove ${host}`);
  button.addEventListener("click", async () => {
    await changeSettings({ instances: (await readSettings()).instances.filter((instance) => instance !== origin) });
    await browser.permissions.remove({ origins: [`${origin}/*`] }).catch(() => false);
    await showSites();
  });
  return button;
}

async function start() {
  // Known before the first click: whoever waits in a click may no longer ask for permissions.
  const [settings, collects] = await Promise.all([readSettings(), knowsDataPermissions(browser.permissions)]);
  let { service } = settings;
  input("service").value = service;
  input("token").value = settings.token;
  for (const id of /** @type {const} */ (["timelines", "everyone", "capture"])) input(id).checked = settings[id];
  for (const id of ["timelines", "everyone"]) input(id).addEventListener("change", () => void changeSettings({ [id]: input(id).checked }));
  input("capture").addEventListener("change", () => void switchCapture(service, collects));
  byId("connection").addEventListener("submit", (event) => {
    void saveConnection(/** @type {SubmitEvent} */ (event), collects).then(async () => { ({ service } = await readSettings()); });
  });
  await Promise.all([showSites(), showStatus()]);
}

void start();
