"""Pages that are odd, huge or against us, and an extension in trouble, in Chromium."""

from __future__ import annotations

import shutil

import pytest
from playwright.sync_api import Playwright

from tests.browser.conftest import Console, Tab, built, id_of_extension, launch
from tests.browser.fake_service import FakeService
from tests.browser.replicas import Replicas
from tests.browser.sites import BLUESKY, MASTODON, X

HOSTILE = {
    "defines our element's name": """customElements.define('rapport-badge', class extends HTMLElement {
      constructor() { super(); this.attachShadow({mode: 'open'}); } });""",
    "forbids shadow roots in our element": """customElements.define('rapport-badge', class extends HTMLElement {
      static disabledFeatures = ['shadow']; });""",
    "freezes the built-in prototypes": """for (const {prototype} of [Array, Object, Map, Set, Element, Node, EventTarget, Promise])
      Object.freeze(prototype);""",
    "replaces what scripts rely on": """const mine = () => { throw new Error('mine'); };
      for (const name of ['at', 'find', 'flatMap']) Array.prototype[name] = mine;
      Element.prototype.closest = Element.prototype.querySelector = window.fetch = mine;
      window.MutationObserver = class { observe() { throw new Error('mine'); } };""",
    "wants trusted types": """document.head.append(Object.assign(document.createElement('meta'),
      {httpEquiv: 'Content-Security-Policy', content: "require-trusted-types-for 'script'; trusted-types none; style-src 'none'"}));""",
}
SHOWN = """[...document.querySelectorAll('[data-rapport]')]
  .filter((b) => b.checkVisibility() && b.getBoundingClientRect().width).map((b) => b.dataset.rapport)"""


@pytest.mark.parametrize("page_does", HOSTILE, ids=lambda name: name.replace(" ", "-"))
def test_a_page_that_is_against_us_has_its_badge_and_suffers_nothing(tab: Tab, page_does: str) -> None:
    tab.page.add_init_script(f"addEventListener('DOMContentLoaded', () => {{ {HOSTILE[page_does]} }}, {{once: true}})")
    tab.page.goto(BLUESKY.profile("alice"))
    tab.wait(lambda: tab.page.evaluate(SHOWN), lambda now: BLUESKY.account("alice") in now)
    assert [problem for problem in tab.problems if "mine" not in problem] == []


def test_a_page_that_takes_our_elements_out_wins_in_the_end(tab: Tab) -> None:
    tab.page.goto(BLUESKY.profile("alice"))
    tab.wait_badges(1, BLUESKY.header)
    tab.page.evaluate("""window.removals = 0; new MutationObserver((records) => { for (const {addedNodes} of records) for (const node of addedNodes)
      if (node.localName === 'rapport-badge') { removals++; node.remove(); } }).observe(document.body, {childList: true, subtree: true});
      document.querySelectorAll('rapport-badge').forEach((badge) => badge.remove())""")
    tab.settle(1500)
    removals = tab.page.evaluate("removals")
    tab.settle(700)
    assert tab.page.evaluate("removals") == removals <= 200


def test_of_fifty_thousand_nodes_at_once_every_account_has_its_badge(tab: Tab, console: Console) -> None:
    console.change(everyone=True)
    tab.page.set_viewport_size({"width": 1200, "height": 5000})
    tab.page.goto(X.home("authors=40"))
    rows = "[...document.querySelectorAll('{} article')].filter((row) => !row.querySelector('[data-rapport]')).length"
    tab.wait(lambda: tab.page.evaluate(rows.format("main")), lambda without: without == 0)
    nodes = tab.page.evaluate("""() => {
      const heap = document.createElement('section');
      while (heap.querySelectorAll('*').length < 52000) heap.append(...replica.rows.map((row) => row.node.cloneNode(true)));
      heap.querySelectorAll('[data-rapport]').forEach((badge) => badge.remove());
      document.body.append(heap);
      return heap.querySelectorAll('*').length; }""")
    assert nodes >= 50_000
    tab.wait(lambda: tab.page.evaluate(rows.format("body > section")), lambda without: without == 0, 20)
    assert tab.problems == []


OWN = """(aside) => [...replica.rows[1].node.querySelectorAll('[data-rapport]')].filter((b) => !b.closest(aside))
  .map((b) => b.dataset.rapport)"""
NAMES = {
    "right-to-left marks": "\u202eecilA\u202c \u2067مرحبا\u2069",
    "emoji": "🦋👩‍👩‍👧‍👦🏳️‍🌈 Alice",
    "five hundred characters": "A" * 500,
    "markup": "<img src=x onerror=alert(1)><b>Alice</b>",
    "another's handle": "@ben_okafor",
}


@pytest.mark.parametrize("name", NAMES.values(), ids=[key.replace(" ", "-") for key in NAMES])
def test_a_name_of_any_kind_changes_nothing_of_whose_badge_it_is(tab: Tab, console: Console, name: str) -> None:
    console.change(everyone=True)
    for site in (X, MASTODON, BLUESKY):
        tab.page.goto(site.home())
        tab.wait(lambda: len(tab.page.evaluate(SHOWN)), bool)
        tab.page.evaluate("([handle, name]) => replica.show(1, handle, name)", [site.handle("alice"), name])
        tab.wait(lambda s=site: tab.page.evaluate(OWN, s.aside), lambda now, s=site: now == [s.account("alice")])
    assert tab.problems == []


def test_two_copies_of_the_extension_draw_one_badge(
    playwright_: Playwright, replicas: Replicas, service: FakeService, tmp_path_factory: pytest.TempPathFactory
) -> None:
    one = built("chrome", tmp_path_factory.mktemp("one") / "chrome")
    other = tmp_path_factory.mktemp("other") / "chrome"
    shutil.copytree(one, other)
    context = launch(playwright_, one, tmp_path_factory.mktemp("profile"), replicas, other)
    try:
        while len(context.service_workers) < 2:
            context.wait_for_event("serviceworker", timeout=15_000)
        for worker in context.service_workers:
            Console(context, worker.url.split("/")[2]).reset(service)
        tab = Tab(context, id_of_extension(context))
        tab.page.goto(BLUESKY.profile("alice"))
        tab.wait(lambda: tab.page.evaluate(SHOWN), bool)
        tab.settle(800)
        header = f"document.querySelector({BLUESKY.header!r}).querySelectorAll('[data-rapport]').length"
        assert tab.page.evaluate(header) == 1
        assert len(context.service_workers) == 2
    finally:
        context.close()


def test_a_full_storage_costs_no_badge(tab: Tab, console: Console) -> None:
    console.page.evaluate("""async () => { for (const size of [500000, 5000, 50]) {
      try { for (let i = 0; ; i++) await chrome.storage.local.set({[`filler ${size} ${i}`]: 'x'.repeat(size)}); } catch { continue; } } }""")
    tab.page.goto(BLUESKY.profile("alice"))
    tab.wait_badges(1, BLUESKY.header)
    assert tab.problems == []


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_an_hour_off_only_means_to_ask_earlier_or_later(tab: Tab, console: Console, hours: int) -> None:
    tab.page.goto(BLUESKY.profile("alice"))
    tab.wait_badges(1, BLUESKY.header)
    shift = hours * 3_600_000
    console.page.evaluate(
        """async (shift) => { const all = await chrome.storage.local.get(null);
        for (const [key, value] of Object.entries(all)) if (key.startsWith('answer:')) value.until += shift; await chrome.storage.local.set(all);
        await chrome.storage.session.set({backoff: {failures: 3, until: Date.now() + 30000 + shift}}); }""",
        shift,
    )
    console.stop_worker()
    tab.page.goto(BLUESKY.profile("alice"))
    tab.wait_badges(1, BLUESKY.header)


def test_the_worker_killed_between_question_and_answer_is_asked_again(
    tab: Tab, console: Console, service: FakeService
) -> None:
    service.delay = 1.5
    tab.page.goto(BLUESKY.profile("alice"))
    tab.wait(lambda: len(service.badge_calls), bool)
    console.stop_worker()
    service.delay = 0
    tab.wait_badges(1, BLUESKY.header, seconds=12)
    assert tab.problems == []
