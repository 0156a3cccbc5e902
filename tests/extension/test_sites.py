"""Which accounts the site files find: every surface of each site, and what must not be taken for one."""

import os
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from server.api.selectors import checked_selector
from tests.extension.conftest import SITE_NAMES, Shown

SHIPPED_DATA = Path(__file__).parent.parent.parent / "server" / "api" / "sites.toml"
NAME = re.compile(r"[a-zA-Z]{1,40}")
FIXTURES = Path(__file__).parent / "fixtures"
SAVED = sorted(FIXTURES.glob("*/*.html"))
Show = Callable[[str], Shown]

FOUND = """(site) => { const {path, domain} = document.body.dataset;
  return probe.found(site, {path, domain: domain ?? "fixture.test"}); }"""
IDS_OF_SURFACES = "(site) => probe.sites[site].surfaces.map((surface) => surface.id)"


def accounts(page: Shown, site: str) -> list[str]:
    return [f"{item['surface']}={item['handle']}" for item in page.evaluate(FOUND, site)]


@pytest.mark.parametrize("saved", SAVED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_surface_shows_these_accounts_and_no_other(show_in_both: Show, saved: Path) -> None:
    page = show_in_both(saved.read_text())
    expected = (page.evaluate("() => document.body.dataset.expect") or "").split()
    found = page.evaluate(FOUND, saved.parent.name)
    assert [f"{item['surface']}={item['handle']}" for item in found] == expected
    assert all(item["place"] for item in found), "an account without a place for its badge"


@pytest.mark.parametrize("site", SITE_NAMES)
def test_each_surface_of_a_site_has_a_saved_page(show: Show, site: str) -> None:
    page = show("<body>")
    saved = [path.read_text() for path in SAVED if path.parent.name == site]
    shown = {pair.split("=")[0] for html in saved for pair in accounts(show(html), site)}
    assert shown == set(page.evaluate(IDS_OF_SURFACES, site))


NESTED = """(site) => { const { nests, surfaces, selectors } = probe.sites[site];
  const all = surfaces.filter(({ kind }) => kind === "timeline" && !nests).map(({ id }) => selectors[id]).join() || "none";
  return [...document.querySelectorAll(all)].filter((e) => e.parentElement.closest(all)).map((e) => e.outerHTML.slice(0, 80)); }"""


@pytest.mark.parametrize("saved", SAVED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_no_timeline_surface_stands_in_another_one_unless_its_site_says_so(show: Show, saved: Path) -> None:
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
    assert accounts(page, "bluesky") == ["feedPost=dora.test"]


# Lines that are read as one sentence, and the last words of it.
SENTENCES = {
    "bluesky/notification": "liked your post",
    "bluesky/notification_of_several": "liked your post",
    "bluesky/feed_repost": "Reposted by Frank",
    "mastodon/boost": "boosted",
    "mastodon/boost_in_a_language_that_names_last": "Carol",
    "mastodon/reply_to": "Ben",
    "mastodon/notification": "favourited your post",
    "mastodon/notification_of_several": "boosted your post",
    "x/repost": "reposted",
    "x/notification": "liked your post",
    "x/notification_of_several": "liked your post",
    "elk/notification": "edited a post",
    "phanpy/boost": "boosted",
    "phanpy/notification": "liked your post.",
}
BEFORE_BADGES = """(site) => { probe.putBadges(site, document.body.dataset);
  return [...document.querySelectorAll('rapport-badge')].map((badge) => { const before = document.createRange();
    before.setStart(document.body, 0); before.setEndBefore(badge); return before.toString().trim(); }); }"""


@pytest.mark.parametrize(("name", "words"), SENTENCES.items(), ids=SENTENCES)
def test_a_badge_never_stands_between_the_words_of_a_sentence(show: Show, name: str, words: str) -> None:
    page = show((FIXTURES / f"{name}.html").read_text())
    before = page.evaluate(BEFORE_BADGES, name.split("/")[0])
    assert before
    assert any(text.removesuffix("·").removesuffix("2h").rstrip(" ·").endswith(words) for text in before)


def test_a_notice_on_x_that_names_two_people_gets_no_badge(show: Show) -> None:
    page = show((FIXTURES / "x" / "notification.html").read_text())
    page.evaluate("""{ const named = [...document.querySelectorAll("a")].at(-1), other = named.cloneNode(true);
        other.setAttribute("href", "/carol"); named.after(" and ", other); }""")
    assert [item["place"] for item in page.evaluate(FOUND, "x")] == [None]


def test_a_bluesky_notice_that_is_one_link_shows_its_author(show: Show) -> None:
    """The app puts links into links, which only a script can."""
    page = show((FIXTURES / "bluesky" / "notification.html").read_text())
    page.evaluate(
        """{ const box = document.querySelector('[data-testid^="feedItem"]'), link = document.createElement("a");
        for (const {name, value} of box.attributes) link.setAttribute(name, value);
        link.setAttribute("href", "/profile/ben.test"); link.append(...box.childNodes); box.replaceWith(link); }"""
    )
    assert accounts(page, "bluesky") == ["feedPost=ben.test"]


def test_a_quote_in_a_reused_bluesky_row_shows_its_new_author(show: Show) -> None:
    page = show((FIXTURES / "bluesky" / "quoted_post_without_links.html").read_text())
    page.evaluate(
        """document.querySelector('[aria-label^="Post by"]').setAttribute("aria-label", "Post by dora.test")"""
    )
    assert accounts(page, "bluesky") == ["feedPost=alice.test"], "named by its label only, not yet by its words"
    page.evaluate("""for (const line of document.querySelectorAll('[dir]'))
      if (!line.firstElementChild) line.textContent = line.textContent.replace("@ben.test", "@dora.test")""")
    assert accounts(page, "bluesky") == ["feedPost=alice.test", "boxedPost=dora.test"]


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


@pytest.mark.parametrize("site", SITE_NAMES)
def test_the_service_could_send_every_selector_that_ships(show: Show, site: str) -> None:
    selectors = show("<body>").evaluate("(site) => probe.sites[site].selectors", site)
    assert [name for name in selectors if not NAME.fullmatch(name)] == []
    for selector in selectors.values():
        assert checked_selector(selector) == selector


def test_the_service_knows_the_sites_that_ship() -> None:
    assert sorted(tomllib.loads(SHIPPED_DATA.read_text())) == SITE_NAMES


# What the document of each front end holds before its script has drawn anything.
DOCUMENTS = {
    "mastodon": '<div id="mastodon" data-props="{}"></div>',
    "elk": '<div id="__nuxt"><svg><defs><clipPath id="avatar-mask"></clipPath></defs></svg></div>',
    "phanpy": '<meta name="" data-theme-setting="manual"><div id="app"></div><div id="modal-container"></div>',
    "none": '<div id="__nuxt"></div><div id="app"></div><a href="/@alice">Alice</a>',
}
RECOGNISED = """() => Object.values(probe.sites).filter((site) => site.network === "mastodon" && site.recognise(document)).map(({ id }) => id)"""


@pytest.mark.parametrize("shown", DOCUMENTS)
def test_on_a_server_somebody_added_exactly_its_own_front_end_is_recognised(show: Show, shown: str) -> None:
    assert show(DOCUMENTS[shown]).evaluate(RECOGNISED) == ([] if shown == "none" else [shown])


@pytest.mark.parametrize(("site", "host"), [("elk", "elk.zone"), ("phanpy", "dev.phanpy.social")])
def test_a_front_end_is_recognised_at_home_whatever_its_document_holds(show: Show, site: str, host: str) -> None:
    at_home = """([site, host]) => { const page = document.implementation.createHTMLDocument();
      const at = (hostname) => ({ location: { hostname }, querySelector: (css) => page.querySelector(css) });
      return [host, `${host}.evil.example`].map((hostname) => probe.sites[site].recognise(at(hostname))); }"""
    assert show("<body>").evaluate(at_home, [site, host]) == [True, False]


def test_a_reused_row_of_elk_shows_its_new_account(show: Show) -> None:
    page = show((FIXTURES / "elk" / "boost.html").read_text())
    page.evaluate("""for (const a of document.querySelectorAll("a"))
      a.setAttribute("href", a.getAttribute("href").replace("@ben@social.example", "@dora").replace("@carol", "@eve@other.example"))""")
    assert accounts(page, "elk") == ["nameOnly=eve@other.example", "author=dora@mastodon.social"]


def test_a_reused_row_of_phanpy_shows_its_new_account_once_all_of_it_names_that_one(show: Show) -> None:
    page = show((FIXTURES / "phanpy" / "post.html").read_text())
    page.evaluate("document.querySelector('.meta-name a').setAttribute('href', 'https://other.example/@dora')")
    assert accounts(page, "phanpy") == ["author=bob@remote.example"]
    page.evaluate("document.querySelector('.meta-name a').setAttribute('title', 'Dora (dora@other.example)')")
    assert accounts(page, "phanpy") == ["author=dora@other.example", "author=bob@remote.example"]


SPLIT = [
    ("elk", "profile", {"/mastodon.social/@": "/social.example.org/@", "@mastodon.social<": "@example.org<"}),
    ("phanpy", "profile_of_another_server", {"https://remote.example": "https://social.example.org", "@remote.example": "@example.org"}),
]  # fmt: skip


@pytest.mark.parametrize(("site", "name", "moved"), SPLIT, ids=[site for site, _name, _moved in SPLIT])
def test_a_server_may_be_called_otherwise_than_its_accounts(
    show: Show, site: str, name: str, moved: dict[str, str]
) -> None:
    html = (FIXTURES / site / f"{name}.html").read_text()
    for old, new in moved.items():
        html = html.replace(old, new)
    page = show(html.replace('data-path="/mastodon.social', 'data-path="/social.example.org'))
    # Elk's links name the server, so its other surfaces call the account so, and one account must not have two names on a page.
    assert accounts(page, site) == [f"profile={'alice@social.example.org' if site == 'elk' else 'bob@example.org'}"]


def real_page(name: str, source: str = "defuddle") -> str:
    shared = os.environ.get("RAPPORT_SHARED")
    if not shared:
        pytest.skip("RAPPORT_SHARED is not set: the saved real pages are not at hand")
    return (Path(shared) / "data" / "pages" / source / name).read_text()


ALICE, BOB = "alice@test.social", "bob@remote.example"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("account", [f"profile={ALICE}", *[f"author={ALICE}", f"boost={ALICE}", f"author={BOB}"] * 2]),
        ("status", [f"author={ALICE}"]),
        ("public", [f"author={ALICE}", f"author={BOB}"]),
    ],
)
def test_a_page_that_phanpy_itself_drew_shows_these_accounts(show: Show, name: str, expected: list[str]) -> None:
    page = show(real_page(f"{name}.html", "phanpy"))
    found = page.evaluate("probe.found('phanpy', {path: '/', domain: ''})")
    assert [f"{item['surface']}={item['handle']}" for item in found] == expected
    assert all(item["place"] for item in found)


def test_a_time_on_x_that_stands_in_no_line_of_the_post_draws_no_badge_elsewhere(show: Show) -> None:
    post = '<div data-testid="User-Name"><a role="link" href="/alice">Alice</a><time>3m</time></div>'
    found = show(f'<div dir="ltr"><section>{post}</section></div>').evaluate(FOUND, "x")
    assert [(item["surface"], item["handle"], item["place"]) for item in found] == [("post", "alice", None)]


def test_a_real_page_of_x_shows_its_author_and_who_is_recommended(show: Show) -> None:
    page = show(real_page("general--x.com-article-2026-02-13.html"))
    found = page.evaluate("probe.found('x', {path: '/arscontexta/article/2013045749580259680', domain: 'x.com'})")
    assert {item["handle"] for item in found} == {"arscontexta"}
    assert {item["surface"] for item in found} == {"post", "userCell"}
    assert all(item["place"] for item in found)


def test_a_real_page_of_mastodon_shows_the_author_of_each_status(show: Show) -> None:
    page = show(real_page("comments--mastodon.social-@user-12345678.html"))
    found = page.evaluate("probe.found('mastodon', {path: '/@alice/12345678', domain: 'mastodon.example'})")
    assert [item["handle"].split("@")[0] for item in found] == ["alice", "alice", "bob", "carol", "alice", "dave"]
    assert {item["handle"] for item in found} >= {"alice@mastodon.example", "bob@other.social", "carol@third.social"}
    assert page.evaluate("probe.sites.mastodon.recognise(document)")
