"""Recording a fixture: the same surfaces are found in it as in the page, and nobody of the page is in it."""

import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup, Tag
from playwright.sync_api import Page, Playwright, sync_playwright

from tests.browser.replicas import serve
from tests.extension.conftest import InChromium, Shown, find_chromium
from tests.extension.record_fixture import FIXTURES, NotRecorded, record

Show = Callable[[str], Shown]
SHOWN = "([site, page]) => probe.found(site, page).map(({surface, handle}) => [surface, handle])"
SAVED = sorted(FIXTURES.glob("*/*.html"))


def body_of(html: str) -> Tag:
    page = BeautifulSoup(html, "html.parser")
    return page.body or page


def names_in_links(html: str) -> set[str]:
    """Parts of addresses that can be a name or a number: none of them is a word of the site's own."""
    addresses = [urlsplit(str(link.get("href", ""))) for link in body_of(html).find_all("a")]
    parts = [part for address in addresses for part in [address.netloc, *address.path.split("/")]]
    return {part.lstrip("@").lower() for part in parts if len(part) > 1 and re.search(r"[@\d.]", part)}


def check(page: Shown, html: str, site: str, path: str, domain: str) -> None:
    before = page.evaluate(SHOWN, [site, {"path": path, "domain": domain}])
    recorded = record(page.evaluate, site, path, domain)
    assert [account.split("=")[0] for account in recorded.accounts] == [surface for surface, _handle in before]
    invented = [account.split("=")[1] for account in recorded.accounts]
    # The same person stays the same one, and two people stay two.
    assert (
        len({*zip([handle for _surface, handle in before], invented, strict=True)})
        == len({handle for _, handle in before})
        == len({*invented})
    )
    assert set(re.findall(r"\w{2,}", re.sub(r"@\S+", "", body_of(recorded.html).get_text(" ")))) <= {"word"}
    said = set(re.findall(r"[\w.@:-]+", recorded.html.lower()))
    assert (names_in_links(html) | {handle for _surface, handle in before}) & said == set()


@pytest.mark.parametrize("saved", SAVED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_fixture_of_a_fixture_finds_as_many_accounts_and_none_of_its_names(show: Show, saved: Path) -> None:
    html = saved.read_text()
    page = show(html)
    path, domain = page.evaluate("() => [document.body.dataset.path, document.body.dataset.domain ?? 'fixture.test']")
    check(page, html, saved.parent.name, path, domain)


@pytest.mark.parametrize(
    ("name", "site", "path"),
    [
        ("defuddle/general--x.com-article-2026-02-13.html", "x", "/arscontexta/article/2013045749580259680"),
        ("defuddle/general--x.com-article.html", "x", "/home"),
        ("defuddle/comments--mastodon.social-@user-12345678.html", "mastodon", "/@alice/12345678"),
        ("phanpy/account.html", "phanpy", "/"),
        ("phanpy/public.html", "phanpy", "/"),
    ],
)
def test_a_fixture_of_a_real_page_finds_as_many_accounts_and_none_of_its_names(
    show: Show, name: str, site: str, path: str
) -> None:
    shared = os.environ.get("RAPPORT_SHARED")
    if not shared:
        pytest.skip("RAPPORT_SHARED is not set: the saved real pages are not at hand")
    html = (Path(shared) / "data" / "pages" / name).read_text()
    check(show(html), html, site, path, "mastodon.example" if site == "mastodon" else "x.com")


@pytest.fixture(scope="module")
def replica_page(probe: str) -> Iterator[Callable[[str], Shown]]:
    """Opens a page of a replica site in a Chromium of its own, as a developer opens one of the real site."""
    replicas = serve()
    with ThreadPoolExecutor(max_workers=1) as thread:

        def start() -> tuple[Playwright, Page]:
            playwright = sync_playwright().start()
            arguments = replicas.chromium_arguments()
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=arguments)
            return playwright, browser.new_page()

        try:
            playwright, page = thread.submit(start).result()
        except Exception as problem:
            replicas.close()
            pytest.skip(f"no Chromium to test in: {str(problem).splitlines()[0]}")

        def show(address: str) -> Shown:
            thread.submit(page.goto, address).result()
            thread.submit(page.evaluate, probe).result()
            return InChromium(page, thread)

        yield show
        thread.submit(playwright.stop).result()
        replicas.close()


@pytest.mark.parametrize(
    ("site", "address"),
    [
        ("bluesky", "https://bsky.app/"),
        ("bluesky", "https://bsky.app/search"),
        ("mastodon", "https://mastodon.social/home"),
        ("mastodon", "https://mastodon.social/home?ui=redesign"),
        ("x", "https://x.com/home"),
        ("elk", "https://elk.zone/home"),
        ("phanpy", "https://phanpy.social/#/"),
    ],
)
def test_a_fixture_of_a_live_page_finds_as_many_accounts_and_none_of_its_names(
    replica_page: Callable[[str], Shown], site: str, address: str
) -> None:
    page = replica_page(address)
    html = page.evaluate("() => document.documentElement.outerHTML")
    check(page, html, site, urlsplit(address).path, urlsplit(address).hostname or "")


def test_a_part_that_no_longer_shows_what_the_page_showed_is_refused(show: Show) -> None:
    page = show((FIXTURES / "bluesky" / "profile.html").read_text())
    with pytest.raises(NotRecorded):
        record(page.evaluate, "bluesky", "/profile/ben.test", "bsky.app", '[data-testid="profileHeaderDisplayName"]')
