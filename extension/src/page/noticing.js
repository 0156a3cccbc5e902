// Notices when a site's pages no longer show accounts where they used to: some seconds after each page came, what was expected on it is
// compared with what was found. The worker counts, the popup tells; nothing leaves the browser.
import { ask } from "./worker.js";

const SETTLED_MS = 10_000;
/** A page with fewer links than this has not loaded, or is an error message. */
const FEWEST_LINKS = 15;

/**
 * @param {import("../sites/site.js").Site} site
 * @param {() => Set<string>} met  ids of the surfaces found since the last call
 * @param {AbortSignal} signal
 */
export function noticeChanges(site, met, signal) {
  let timer = 0;
  const compare = () => {
    const found = met(), expected = site.surfaces.filter(({ expected: paths }) => paths?.test(location.pathname + location.hash)).map(({ id }) => id);
    if (document.visibilityState !== "visible" || document.querySelectorAll("a").length < FEWEST_LINKS || !expected.length) return;
    void ask({ type: "surfaces", site: site.id, met: [...found], missed: expected.filter((id) => !found.has(id)) }).catch(() => {});
  };
  const begin = () => {
    clearTimeout(timer);
    met();
    timer = Number(setTimeout(compare, SETTLED_MS));
  };
  for (const type of ["popstate", "hashchange"]) window.addEventListener(type, begin, { signal });
  /** @type {any} */ (window).navigation?.addEventListener("currententrychange", begin, { signal });
  signal.addEventListener("abort", () => clearTimeout(timer));
  begin();
}
