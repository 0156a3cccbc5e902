"""What the observer of a page draws when rows change in which other surfaces stand: looked at before the browser paints."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.extension.conftest import Shown

FIXTURES = Path(__file__).parent / "fixtures"
Show = Callable[[str], Shown]

# Badges before and right after a change, with nothing but microtasks between: the next paint is still to come.
AROUND_A_CHANGE = """async ([site, change]) => {
  const frame = () => new Promise(requestAnimationFrame);
  const badges = () => [...document.querySelectorAll("[data-rapport]")].map((b) => b.dataset.rapport.split(":")[1]);
  const stop = probe.watch(site);
  await frame(); await frame();
  const before = badges();
  new Function(change)();
  await Promise.resolve();
  const after = badges();
  await frame(); await frame();
  const later = badges();
  stop();
  return [before, after, later];
}"""
TO = """const to = (from, to) => { for (const e of document.querySelectorAll(":not([data-rapport])"))
    for (const {name, value} of [...e.attributes]) if (value.includes(from)) e.setAttribute(name, value.replaceAll(from, to)); };
  const say = (from, to) => { const all = document.createTreeWalker(document.body, 4);
    while (all.nextNode()) all.currentNode.data = all.currentNode.data.replace(from, to); };"""


def around(page: Shown, site: str, change: str) -> list[list[str]]:
    """Accounts of the badges before the change, before the paint after it, and two frames later."""
    return page.evaluate(AROUND_A_CHANGE, [site, TO + change])


@pytest.mark.parametrize("change", ["to('alice', 'dora'); to('ben', 'eve');", "to('ben', 'eve'); to('alice', 'dora');"])
def test_a_reused_row_shows_its_new_author_and_its_new_quote_at_once(show: Show, change: str) -> None:
    page = show((FIXTURES / "bluesky" / "feed_post_with_quote.html").read_text())
    new = ["dora.test", "eve.test"]
    assert around(page, "bluesky", change) == [["alice.test", "ben.test"], new, new]


def test_a_quote_that_changes_alone_shows_its_new_author_at_once(show: Show) -> None:
    page = show((FIXTURES / "bluesky" / "feed_post_with_quote.html").read_text())
    new = ["alice.test", "eve.test"]
    assert around(page, "bluesky", "to('ben', 'eve');")[1:] == [new, new]


def test_a_quote_without_links_follows_its_words(show: Show) -> None:
    page = show((FIXTURES / "bluesky" / "quoted_post_without_links.html").read_text())
    change = "to('alice', 'dora'); to('Post by ben', 'Post by eve'); say('@ben', '@eve');"
    assert around(page, "bluesky", change)[1:] == [["dora.test", "eve.test"]] * 2


def test_a_quote_named_by_its_label_but_not_yet_by_its_words_loses_its_badge(show: Show) -> None:
    page = show((FIXTURES / "bluesky" / "quoted_post_without_links.html").read_text())
    assert around(page, "bluesky", "to('alice', 'dora'); to('Post by ben', 'Post by eve');")[1:] == [["dora.test"]] * 2


def test_a_reposter_that_changes_with_its_row_is_right_at_once(show: Show) -> None:
    page = show((FIXTURES / "bluesky" / "feed_repost.html").read_text())
    assert around(page, "bluesky", "to('alice', 'dora'); to('frank', 'gil');")[1:] == [["gil.test", "dora.test"]] * 2


def test_a_line_that_leads_to_no_account_any_more_loses_its_badge(show: Show) -> None:
    page = show((FIXTURES / "bluesky" / "feed_repost.html").read_text())
    assert (
        around(page, "bluesky", "to('alice', 'dora'); to('/profile/frank.test', '/feeds');")[1:] == [["dora.test"]] * 2
    )


def test_a_reposter_on_x_follows_its_link(show: Show) -> None:
    page = show((FIXTURES / "x" / "repost.html").read_text())
    assert around(page, "x", "to('/Frank', '/gil'); to('alice', 'dora');")[1:] == [["gil", "dora"]] * 2
