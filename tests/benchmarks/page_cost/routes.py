"""What fifty changes of route leave behind: heap of the page after garbage collection, with the extension minus without.

The replica sites of the browser tests are walked, from the home timeline to a profile and back, by their own router: the page stays the same.
"""

from __future__ import annotations

import statistics

from playwright.sync_api import Playwright

from tests.benchmarks.page_cost.figures import Figure
from tests.benchmarks.page_cost.measure import Condition, again_if_lost, alone, browser_with, set_up, settled_heap
from tests.browser.fake_service import FakeService
from tests.browser.replicas import Replicas
from tests.browser.sites import BLUESKY, MASTODON, Site, X

SITES: dict[str, Site] = {"x": X, "bluesky": BLUESKY, "mastodon": MASTODON}
CHANGES, WARM_UP, MEMBERS = 50, 10, 200
# A profile of another member, and back; each screen stays until the extension has drawn on it.
WALK = """async ([home, prefix, first, count]) => {
  const settled = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 60)));
  for (let i = first; i < first + count; i++) {
    go(i % 2 ? home : prefix + member(i).replace('@' + location.host, ''));
    await settled();
  }
}"""


def growth_kib(playwright: Playwright, chromium: str, replicas: Replicas, condition: Condition, site: Site) -> float:
    """KiB by which the page's heap is larger after the changes than before."""
    service = FakeService()
    try:
        with browser_with(playwright, chromium, replicas, condition.extension) as context:
            if condition.asks:
                set_up(context, service)
            page = alone(context)
            page.goto(site.home(f"authors={MEMBERS}"))
            page.wait_for_timeout(1000)
            cdp = context.new_cdp_session(page)
            cdp.send("Performance.enable")
            walk = [site.home_path, site.profile_prefix]
            page.evaluate(WALK, [*walk, 0, WARM_UP])
            before, _nodes = settled_heap(page, cdp)
            page.evaluate(WALK, [*walk, WARM_UP, CHANGES])
            after, _nodes = settled_heap(page, cdp)
            if condition.badge and not page.evaluate(f"document.querySelectorAll('[{condition.badge}]').length"):
                raise RuntimeError(f"no badge was drawn on {site.host}: what grows was not measured")
            return after - before
    finally:
        service.stop()


def of_routes(
    playwright: Playwright, chromium: str, conditions: dict[str, Condition], name: str, rounds: int
) -> list[Figure]:
    """The growth that the extension adds on one site."""
    replicas = Replicas()
    grown: dict[str, list[float]] = {"off": [], "on": []}
    try:
        for _ in range(rounds):
            for which, values in grown.items():
                values.append(again_if_lost(growth_kib, playwright, chromium, replicas, conditions[which], SITES[name]))
    finally:
        replicas.close()
    without, with_it = (statistics.median(values) * 1024 / 1e6 for values in grown.values())
    return [
        Figure(f"heap growth added by {CHANGES} changes of route", with_it - without, "MB", 1),
        Figure("  growth of the page alone", without, "MB"),
    ]
