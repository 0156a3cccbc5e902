"""Which accounts the site files find: every surface of each site, and what must not be taken for one."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.extension.conftest import Shown

FIXTURES = Path(__file__).parent / "fixtures"
SAVED = sorted(FIXTURES.glob("*/*.html"))
Show = Callable[[str], Shown]

FOUND = """(site) => { const {path, domain} = document.body.dataset;
  return probe.found(site, {path, domain: domain ?? "fixture.test"}); }"""
IDS_OF_SURFACES = "(site) => probe.sites[site].surfaces.map((surface) => surface.id)"


def accounts(page: Shown, site: str) -> list[str]:
    return [f"{item['surface']}={item['handle']}" for item in page.evaluate(FOUND, site)]


@pytest.mark.parametrize("saved", SAVED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_surface_shows_these_accounts_and_no_other(show: Show, saved: Path) -> None:
    page = show(saved.read_text())
    expected = (page.evaluate("document.body.dataset.expect") or "").split()
    found = page.evaluate(FOUND, saved.parent.name)
    assert [f"{item['surface']}={item['handle']}" for item in found] == expected
    assert all(item["place"] for item in found), "an account without a place for its badge"


@pytest.mark.parametrize("site", ["bluesky", "mastodon", "x"])
def test_each_surface_of_a_site_has_a_saved_page(show: Show, site: str) -> None:
    page = show("<body>")
    saved = [path.read_text() for path in SAVED if path.parent.name == site]
    shown = {pair.split("=")[0] for html in saved for pair in accounts(show(html), site)}
    assert shown == set(page.evaluate(IDS_OF_SURFACES, site))


NESTED = """(site) => { const all = probe.sites[site].surfaces.filter((s) => s.kind === "timeline").map((s) => s.selector).join();
  return [...document.querySelectorAll(all)].filter((e) => e.parentElement.closest(all)).map((e) => e.outerHTML.slice(0, 80)); }"""


@pytest.mark.parametrize("saved", SAVED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_no_timeline_surface_stands_in_another_one(show: Show, saved: Path) -> None:
    assert show(saved.read_text()).evaluate(NESTED, saved.parent.name) == []


def test_a_row_that_is_reused_shows_its_new_account(show: Show) -> None:
    page = show((FIXTURES / "x" / "post.html").read_text())
    assert accounts(page, "x") == ["post=alice"]
    page.evaluate("""for (const a of document.querySelectorAll('[data-testid="User-Name"] a')) {
      a.setAttribute("href", a.getAttribute("href").replace("Alice", "dora")); }""")
    assert accounts(page, "x") == ["post=dora"]


def test_a_reused_bluesky_row_shows_its_new_account(show: Show) -> None:
    page = show((FIXTURES / "bluesky" / "feed_post.html").read_text())
    page.evaluate(
        """document.querySelector('[data-testid^="feedItem"]').setAttribute("data-testid", "feedItem-by-dora.test")"""
    )
    assert accounts(page, "bluesky") == ["feed-post=dora.test"]


def test_a_bare_mastodon_name_belongs_to_the_domain_the_server_tells(show: Show) -> None:
    state = '<script id="initial-state" type="application/json">{"meta": {"domain": "local.example"}}</script>'
    page = show(state + '<div id="mastodon" data-props="{}"></div>')
    assert page.evaluate("probe.sites.mastodon.recognise(document)")
    assert page.evaluate("probe.sites.mastodon.domain(document, 'web.local.example')") == "local.example"


@pytest.mark.parametrize("state", ["", "not json", "{}", '{"meta": 7}', '{"meta": {"domain": 5}}'])
def test_a_broken_initial_state_leaves_the_host_name(show: Show, state: str) -> None:
    page = show(f'<script id="initial-state" type="application/json">{state}</script><div id="mastodon"></div>')
    assert page.evaluate("probe.sites.mastodon.domain(document, 'web.local.example')") == "web.local.example"


def test_a_page_that_is_not_mastodon_is_not_taken_for_it(show: Show) -> None:
    page = show('<div id="app"></div><a href="/@alice" data-hover-card-account="1">Alice</a>')
    assert not page.evaluate("probe.sites.mastodon.recognise(document)")


def real_page(name: str) -> str:
    shared = os.environ.get("RAPPORT_SHARED")
    if not shared:
        pytest.skip("RAPPORT_SHARED is not set: the saved real pages are not at hand")
    return (Path(shared) / "data" / "pages" / "defuddle" / name).read_text()


def test_a_real_page_of_x_shows_its_author_and_who_is_recommended(show: Show) -> None:
    page = show(real_page("general--x.com-article-2026-02-13.html"))
    found = page.evaluate("probe.found('x', {path: '/arscontexta/article/2013045749580259680', domain: 'x.com'})")
    assert {item["handle"] for item in found} == {"arscontexta"}
    assert {item["surface"] for item in found} == {"post", "user-cell"}
    assert all(item["place"] for item in found)


def test_a_real_page_of_mastodon_shows_the_author_of_each_status(show: Show) -> None:
    page = show(real_page("comments--mastodon.social-@user-12345678.html"))
    found = page.evaluate("probe.found('mastodon', {path: '/@alice/12345678', domain: 'mastodon.example'})")
    assert [item["handle"].split("@")[0] for item in found] == ["alice", "alice", "bob", "carol", "alice", "dave"]
    assert {item["handle"] for item in found} >= {"alice@mastodon.example", "bob@other.social", "carol@third.social"}
    assert page.evaluate("probe.sites.mastodon.recognise(document)")
