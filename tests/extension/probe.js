// What the tests call in a page: the site files and the cleaning, bundled as they are.
import all from "all-sites";
import { isAccount } from "../../extension/src/answer.js";
import { speak } from "../../extension/src/page/badge.js";
import { clean, cleanHeader, isPublic } from "../../extension/src/page/clean.js";
import { Watch } from "../../extension/src/page/watch.js";
import { scrub } from "./scrub.js";

const sites = Object.fromEntries(all.map((site) => [site.id, site]));

/** Each element that one of the site's surfaces fits, with that surface. */
function elements(site) {
  const all = `${site.selectors.marks}:is(${site.surfaces.map((s) => site.selectors[s.id]).join()})`;
  return [...document.querySelectorAll(all)].map((element) => [element, site.surfaces.find((s) => element.matches(site.selectors[s.id]))]);
}

/** Each surface found with the account it shows and whether there is a place for the badge. */
function found(name, page) {
  return elements(sites[name]).flatMap(([element, surface]) => {
    const handle = surface.account(element, page);
    return handle ? [{ surface: surface.id, handle, place: surface.place(element, handle)?.outerHTML ?? null }] : [];
  });
}

/** Puts something where the badges would stand. */
function putBadges(name, page) {
  for (const [element, surface] of elements(sites[name])) {
    const handle = surface.account(element, { domain: "fixture.test", ...page }), place = handle && surface.place(element, handle);
    if (place) place[surface.where === "inside" ? "append" : "after"](document.createElement("rapport-badge"));
  }
}

/** Watches the page as the content script does, with every account known; gives what ends it. */
function watch(name) {
  const { network } = sites[name], answers = new Map(), stop = new AbortController();
  const answerOf = (handle) => ({ network, handle, state: "ready", until: 0, title: "", ratio: "", score: 50 });
  const known = {
    get: (handle) => answers.get(handle) ?? answers.set(handle, answerOf(handle)).get(handle),
    isWorthAsking: () => false, want() {},
  };
  speak({ label: "" }, true);
  new Watch(sites[name], known, { timelines: true, everyone: true }, stop.signal, () => true).start();
  return () => stop.abort();
}

globalThis.probe = { scrub, found, watch, elements, putBadges, isAccount, sites, clean, cleanHeader, isPublic };
