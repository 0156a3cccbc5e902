// What the tests call in a page: the site files and the cleaning, bundled as they are.
import { clean, cleanHeader, isPublic } from "../../extension/src/page/clean.js";
import { site as bluesky } from "../../extension/src/sites/bluesky.js";
import { site as mastodon } from "../../extension/src/sites/mastodon.js";
import { site as x } from "../../extension/src/sites/x.js";

const sites = { bluesky, mastodon, x };

/** Each surface found with the account it shows and whether there is a place for the badge. */
function found(name, page) {
  const site = sites[name], all = `${site.marks}:is(${site.surfaces.map((s) => s.selector).join()})`;
  return [...document.querySelectorAll(all)].flatMap((element) => {
    const surface = site.surfaces.find((s) => element.matches(s.selector));
    const handle = surface.account(element, page);
    return handle ? [{ surface: surface.id, handle, place: surface.place(element, handle)?.outerHTML ?? null }] : [];
  });
}

globalThis.probe = { found, sites, clean, cleanHeader, isPublic };
