import { browser } from "../browser.js";
import { byId, el, input, showStatus, tell } from "../page_parts.js";
import { changeSettings, readSettings, serviceAddress } from "../settings.js";
import { disableSite, enableSites, hostsOf, isEnabled, shippedSites } from "../sites_enabled.js";
import { translatePage } from "../translate.js";
import { say } from "../words.js";
import { isAllowed, knowsDataPermissions, wantedFor, wantedForCapture } from "./consent.js";

const SWITCHES = /** @type {const} */ (["timelines", "everyone", "little"]);
const CHOICES = /** @type {const} */ (["badge", "show", "lookups"]);
const NUMBERS = /** @type {const} */ (["leastScore", "widest"]);

/** @param {SubmitEvent} event @param {boolean} collects */
async function saveConnection(event, collects) {
  event.preventDefault();
  const service = serviceAddress(input("service").value);
  if (!service) return tell(byId("status"), say("options_no_address"), false);
  if (!(await isAllowed(browser.permissions, wantedFor(service, { capture: input("capture").checked, collects })))) return tell(byId("status"), say("options_not_sent"), false);
  await changeSettings({ service, token: input("token").value.trim() });
  input("service").value = service;
  await showStatus(byId("status"));
}

/** @param {string} service  the address that is stored @param {boolean} collects */
async function switchCapture(service, collects) {
  const box = input("capture"), capture = box.checked;
  if (capture && !(await isAllowed(browser.permissions, wantedForCapture(service, collects)))) {
    box.checked = false;
    byId("capture-refused").textContent = say("options_capture_refused");
    return;
  }
  byId("capture-refused").textContent = "";
  await changeSettings({ capture });
}

/** A row with a switch. @param {string} name @param {boolean} checked @param {(box: HTMLInputElement) => void} onChange */
function switchRow(name, checked, onChange) {
  const box = document.createElement("input"), label = el("label", "switch", box, name);
  box.type = "checkbox";
  box.checked = checked;
  box.addEventListener("change", () => onChange(box));
  return el("li", "", label);
}

/** @param {import("../sites_enabled.js").ShippedSite} site @param {boolean} enabled */
function shippedRow(site, enabled) {
  return switchRow(`${site.title} (${hostsOf(site).join(", ")})`, enabled, (box) => {
    byId("sites-refused").textContent = "";
    if (!box.checked) return void disableSite(site);
    void enableSites([site]).then((allowed) => {
      box.checked = allowed;
      if (!allowed) byId("sites-refused").textContent = say("options_site_refused", site.title);
    });
  });
}

/** @param {string} origin @param {string[]} sitesOff */
function addedRow(origin, sitesOff) {
  const host = new URL(origin).hostname;
  const row = switchRow(host, !sitesOff.includes(host), async (box) => {
    const others = (await readSettings()).sitesOff.filter((other) => other !== host);
    await changeSettings({ sitesOff: box.checked ? others : [...others, host] });
  });
  row.append(removeButton(say("options_remove_named", host), async () => {
    await changeSettings({ instances: (await readSettings()).instances.filter((instance) => instance !== origin) });
    await browser.permissions.remove({ origins: [`${origin}/*`] }).catch(() => false);
    await showSites();
  }));
  return row;
}

/** @param {string} label @param {() => Promise<void>} remove */
function removeButton(label, remove) {
  const button = /** @type {HTMLButtonElement} */ (el("button", "plain", say("options_remove")));
  button.type = "button";
  button.setAttribute("aria-label", label);
  button.addEventListener("click", () => void remove());
  return button;
}

async function showSites() {
  const [{ sitesOff, instances }, shipped] = await Promise.all([readSettings(), shippedSites()]);
  const enabled = await Promise.all(shipped.map(isEnabled));
  byId("sites").replaceChildren(...shipped.map((site, i) => shippedRow(site, enabled[i])), ...instances.map((origin) => addedRow(origin, sitesOff)));
}

async function showNotAccounts() {
  const { notAccounts } = await readSettings();
  const rows = notAccounts.map((key) => {
    const name = el("bdi", "", key.slice(key.indexOf(":") + 1)), row = el("li", "", name);
    row.append(removeButton(say("options_remove_named", key), async () => {
      await changeSettings({ notAccounts: (await readSettings()).notAccounts.filter((other) => other !== key) });
      await showNotAccounts();
    }));
    return row;
  });
  byId("not").replaceChildren(...rows);
}

/** @param {import("../settings.js").Settings} settings */
function showChoices(settings) {
  for (const id of SWITCHES) {
    input(id).checked = settings[id];
    input(id).addEventListener("change", () => void changeSettings({ [id]: input(id).checked }));
  }
  for (const id of CHOICES) {
    input(id).value = settings[id];
    input(id).addEventListener("change", () => void changeSettings({ [id]: input(id).value }));
  }
  for (const id of NUMBERS) {
    const field = input(id);
    field.value = String(settings[id]);
    field.addEventListener("change", () => {
      // What is no number in range changes nothing, and the field shows what holds.
      if (field.value !== "" && field.checkValidity()) void changeSettings({ [id]: field.valueAsNumber });
      else void readSettings().then((now) => { field.value = String(now[id]); });
    });
  }
}

async function showShortcut() {
  const commands = (await browser.commands?.getAll()) ?? [], { shortcut } = commands.find(({ name }) => name === "toggle") ?? {};
  byId("shortcut").textContent = shortcut ? say("options_shortcut", shortcut) : "";
}

async function start() {
  translatePage();
  // Known before the first click: whoever waits in a click may no longer ask for permissions.
  const [settings, collects] = await Promise.all([readSettings(), knowsDataPermissions(browser.permissions)]);
  let { service } = settings;
  input("service").value = service;
  input("token").value = settings.token;
  input("capture").checked = settings.capture;
  showChoices(settings);
  input("capture").addEventListener("change", () => void switchCapture(service, collects));
  byId("connection").addEventListener("submit", (event) => {
    void saveConnection(/** @type {SubmitEvent} */ (event), collects).then(async () => { ({ service } = await readSettings()); });
  });
  /** @type {HTMLFieldSetElement} */ (byId("controls")).disabled = false;
  await Promise.all([showSites(), showNotAccounts(), showShortcut(), showStatus(byId("status"))]);
}

void start();
