"""X: what posts and profile headers on somebody's screen show, and what is not believed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from server.activity import UNKNOWN, Activity, Consent, Depth, InteractionKind, PostKind, merge
from server.errors import BadHandle, BadObservation, ObservedOnly
from server.networks.x import X, number_in
from tests.server.x_pages import header, name_block, passed_on, tweet

NOW = 1_795_377_600
PROFILE = "https://x.com/alice"
HOME = "https://x.com/home"


def observed(*fragments: str, url: str = PROFILE) -> dict[str, Activity]:
    return {activity.ref.id: activity for activity in X().observe(list(fragments), url, NOW)}


def rows(activity: Activity) -> list[tuple[str, PostKind, str]]:
    people = (*activity.people.id, "")
    posts = activity.posts
    return [
        (post, PostKind(kind), people[target])
        for post, kind, target in zip(posts.id, posts.kind.tolist(), posts.target.tolist(), strict=True)
    ]


@pytest.mark.parametrize(
    ("typed", "handle"),
    [
        ("alice", "alice"),
        (" @Alice_1 ", "alice_1"),
        ("https://x.com/Alice", "alice"),
        ("https://twitter.com/alice/status/12?s=20", "alice"),
        ("mobile.twitter.com/alice", "alice"),
        ("x.com/alice/with_replies", "alice"),
    ],
)
def test_handles_are_understood_however_they_are_typed(typed: str, handle: str) -> None:
    assert X().canonical_handle(typed) == handle


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "https://[broken/x",
        "@",
        "sixteen_letters_x",
        "al ice",
        "ällice",
        "https://x.com/home",
        "https://x.com/i/user/1",
        "https://example.org/alice",
        "settings",
    ],
)
def test_what_cannot_be_a_handle_is_refused_with_what_to_type(typed: str) -> None:
    with pytest.raises(BadHandle, match="as in @alice"):
        X().canonical_handle(typed)


def test_x_itself_is_never_asked(canned: Any) -> None:
    with pytest.raises(ObservedOnly):
        X().glance("alice", canned({}), NOW)
    with pytest.raises(ObservedOnly):
        X().study(observed(tweet(1))["alice"], canned({}), NOW)


def test_a_post_is_read_with_its_numbers() -> None:
    activity = observed(tweet(11, counts=("1,204", "1.2K", "")))["alice"]
    posts = activity.posts
    assert rows(activity) == [("11", PostKind.ORIGINAL, "")]
    assert posts.url == ("https://x.com/alice/status/11",)
    assert (int(posts.time[0]), int(posts.replies[0]), int(posts.reposts[0]), int(posts.likes[0])) == (
        1_795_176_000,
        1204,
        1200,
        0,
    )
    assert int(posts.quotes[0]) == UNKNOWN, "the page does not show it"
    assert int(posts.text_hash[0]) != 0
    assert activity.coverage.depth is Depth.OBSERVED


def test_the_exact_number_in_a_label_is_preferred() -> None:
    button = '<button data-testid="reply" aria-label="2378 Replies. Reply">2.3K</button>'
    article = tweet(1).replace('<button data-testid="reply"><span>1</span></button>', button)
    assert observed(article)["alice"].posts.replies.tolist() == [2378]


@pytest.mark.parametrize(
    ("shown", "count"),
    [
        ("76", 76), ("3,456", 3456), ("3.456", 3456), ("12 345", 12345), ("1.2K", 1200), ("1,2 Mio.", 1_200_000),
        ("12 Tsd.", 12_000), ("1.1M", 1_100_000), ("1.2万", 12_000), ("2,3 mil", 2300),
        ("1.2", UNKNOWN), ("", UNKNOWN), ("many", UNKNOWN), ("1,23,456", UNKNOWN), ("9" * 40, UNKNOWN), ("1.234K", UNKNOWN),
    ],
)  # fmt: skip
def test_abbreviated_numbers_are_read_where_they_are_sure(shown: str, count: int) -> None:
    assert number_in(shown) == count


def test_an_answer_names_whom_it_answers_in_any_language() -> None:
    seen = observed(tweet(1, answers="Bob"), tweet(2, "bob"))
    assert rows(seen["alice"]) == [("1", PostKind.REPLY, "bob")]
    received = seen["bob"].interactions
    assert (received.id, received.kind.tolist()) == (("1",), [InteractionKind.REPLY])
    assert seen["bob"].people.id[received.actor[0]] == "alice"


def test_the_language_that_the_site_takes_a_post_to_be_in_is_kept_and_no_mark_of_other_kinds() -> None:
    marks = ("de", "en", "qme", "und", "")
    posts = [
        tweet(i, text="Worte").replace('"tweetText"', f'"tweetText" lang="{mark}"') for i, mark in enumerate(marks)
    ]
    found = observed(*posts)["alice"].posts
    assert dict(zip(found.id, found.language, strict=True)) == {"0": "de", "1": "en", "2": "", "3": "", "4": ""}


def test_the_words_of_a_post_are_read_for_names_of_topics() -> None:
    assert dict(observed(tweet(1, text="Machine Learning, again"))["alice"].words) == {"1": "machine learning again"}


def test_nothing_is_kept_of_people_who_are_only_named() -> None:
    assert set(observed(tweet(1, answers="bob"))) == {"alice"}


def test_answering_oneself_is_a_thread() -> None:
    assert rows(observed(tweet(1, answers="alice"))["alice"])[0][1] is PostKind.THREAD


def test_a_mention_in_the_text_is_no_answer() -> None:
    text = 'ask <a href="/bob" role="link">@bob</a> about all this'
    assert rows(observed(tweet(1, text=text))["alice"]) == [("1", PostKind.ORIGINAL, "")]


def test_a_repost_is_its_reposters_and_the_post_its_authors() -> None:
    text = 'thanks <a href="/Alice" role="link">@Alice</a>'
    seen = observed(tweet(5, "Bob", text, context=passed_on("Alice", "hat repostet")))
    assert rows(seen["alice"]) == [("repost:alice:5", PostKind.REPOST, "bob")]
    assert seen["alice"].posts.mentions_self.tolist() == [True]
    assert seen["alice"].posts.likes.tolist() == [UNKNOWN]
    assert rows(seen["bob"]) == [("5", PostKind.ORIGINAL, "")]


def test_other_words_above_a_post_make_no_repost() -> None:
    pinned = '<div data-testid="socialContext">Pinned</div>'
    assert rows(observed(tweet(5, context=pinned))["alice"]) == [("5", PostKind.ORIGINAL, "")]
    liked = tweet(5, "Bob", context=passed_on("carol", "liked"))
    assert set(observed(liked, url=HOME)) == {"bob"}


def test_a_quote_names_whom_it_quotes_and_takes_nothing_of_theirs() -> None:
    quoted = (
        name_block("Bob", "@carol", linked=False)
        + '<div data-testid="tweetText"><a href="https://t.co/x">evil.example/x</a></div>'
    )
    activity = observed(tweet(1, quote=quoted))["alice"]
    assert rows(activity) == [("1", PostKind.QUOTE, "bob")]
    assert activity.posts.link_source == ("",)


def test_a_display_name_that_looks_like_a_handle_is_not_believed() -> None:
    seen = observed(tweet(1, "mallory", name="@alice"), header("mallory", "@alice"), url="https://x.com/mallory")
    assert set(seen) == {"mallory"}


def test_a_post_whose_link_is_anothers_is_not_believed() -> None:
    assert observed(tweet(1, "mallory").replace("/mallory/status/", "/alice/status/")) == {}


def test_links_are_taken_as_they_are_shown() -> None:
    text = 'read <a href="https://t.co/abc"><span>https://</span>News.example/a<span>…</span></a> and <a href="/hashtag/tea">#tea</a>'
    assert observed(tweet(1, text=text))["alice"].posts.link_source == ("news.example",)
    card = '<div data-testid="card.wrapper"><a href="https://t.co/d" aria-label="blog.example A title">x</a></div>'
    assert observed(tweet(1, more=card))["alice"].posts.link_source == ("blog.example",)


def test_the_header_gives_the_counts() -> None:
    profile = observed(header())["alice"].profile
    assert (profile.handle, profile.display_name, profile.followers, profile.following) == (
        "alice",
        "Alice",
        12_300,
        1204,
    )
    assert profile.created_at == 1_235_865_600


def test_the_header_of_another_account_than_the_pages_is_not_believed() -> None:
    assert observed(header("bob"), url=PROFILE) == {}
    assert observed(header("alice"), url="https://evil.example/alice") == {}


def test_protected_accounts_are_left_out() -> None:
    assert observed(tweet(1, lock=True), header(lock=True)) == {}


def test_an_account_that_asks_not_to_be_scored_is_left_out() -> None:
    refused = observed(header(bio="Birds #nobot"), tweet(1))["alice"]
    assert (refused.profile.consent, refused.posts.id) == (Consent.REFUSED, ()), "only that it asks is told"
    assert observed(header(bio="#noindex"))["alice"].profile.consent is Consent.EPHEMERAL


def test_in_the_tab_of_replies_what_stands_above_is_what_is_answered() -> None:
    page = [tweet(1, "bob"), tweet(2), tweet(3), tweet(4, "carol", context=passed_on("alice")), tweet(5)]
    activity = observed(*page, url="https://x.com/alice/with_replies")["alice"]
    assert {row[0]: row[1:] for row in rows(activity)} == {
        "2": (PostKind.REPLY, "bob"),
        "3": (PostKind.ORIGINAL, ""),
        "repost:alice:4": (PostKind.REPOST, "carol"),
        "5": (PostKind.ORIGINAL, ""),
    }


def test_what_is_seen_inside_a_conversation_counts_in_no_share() -> None:
    assert observed(tweet(1), url="https://x.com/bob/status/9")["alice"].posts.timeline.tolist() == [False]
    assert observed(tweet(1), url=HOME)["alice"].posts.timeline.tolist() == [True]


def test_observations_add_up_a_post_counting_once_with_its_newest_numbers() -> None:
    first = observed(header(), tweet(1, counts=("1", "1", "1")), tweet(2))["alice"]
    second = observed(tweet(1, counts=("5", "", "9")), tweet(3), url=HOME)["alice"]
    both = merge(first, second)
    assert set(both.posts.id) == {"1", "2", "3"}
    assert both.posts.likes[both.posts.id.index("1")] == 9
    assert both.profile.followers == 12_300, "a timeline shows no followers, which takes none away"
    assert both.coverage.depth is Depth.OBSERVED


def test_posts_from_the_future_and_advertisements_are_left_out() -> None:
    no_time = tweet(2).replace("<time", "<span").replace("</time>", "</span>")
    assert observed(tweet(1, when="2031-01-01T00:00:00Z"), no_time, tweet(3, when="soon")) == {}


# Hostile and broken pages


def test_script_in_a_name_stays_text() -> None:
    profile = observed(header(name="<script>alert(1)</script><img src=x onerror=alert(1)>"))["alice"].profile
    assert profile.display_name == "<script>alert(1)</script><img src=x onerror=alert(1)>"


@pytest.mark.parametrize(
    "fragment",
    [
        "<div>" * 10_000 + "</div>" * 10_000,
        "<article data-testid=tweet>" * 10_000,
        '<b x="<">' * 10_000,
        "<b>" * 40_000 + "</i>" * 40_000,
        "x" * 5_000_000,
        "",
        "   ",
    ],
)
def test_what_is_too_large_or_too_deep_is_refused_in_plain_words(fragment: str) -> None:
    with pytest.raises(BadObservation, match="too large or nested too deeply"):
        X().observe([fragment], PROFILE, NOW)


@pytest.mark.parametrize(
    "fragment",
    [
        "<a " * 90_000,
        "<" * 290_000,
        "<!--" * 70_000,
        "&" * 290_000,
        "<![" * 90_000,
        "\0" * 1000,
        "</" * 90_000,
        "plain",
    ],
)
def test_what_is_no_page_gives_nothing(fragment: str) -> None:
    with suppress(BadObservation):
        assert X().observe([fragment], PROFILE, NOW) == []


def test_one_bad_fragment_spoils_no_other() -> None:
    assert set(observed("<div>" * 10_000, tweet(1))) == {"alice"}


def test_many_fragments_end_somewhere() -> None:
    assert len(observed(*(tweet(n) for n in range(600)))["alice"].posts) == 500


def test_every_way_of_cutting_a_page_short_is_survived() -> None:
    article = tweet(1, answers="bob", quote=name_block("carol", linked=False), context=passed_on("dan"))
    for end in range(0, len(article), 7):
        try:
            for activity in X().observe([article[:end]], PROFILE, NOW):
                assert activity.ref.id in {"alice", "dan"}
        except BadObservation:
            assert end < 10


@pytest.mark.parametrize("url", ["", "x.com", "https://x.com", "https://[broken", "javascript:alert(1)"])
def test_an_odd_address_of_the_page_does_no_harm(url: str) -> None:
    assert set(observed(tweet(1), url=url)) == {"alice"}


def test_a_real_saved_page_is_read(shared: Path) -> None:
    page = BeautifulSoup((shared / "data/pages/defuddle/general--x.com-article-2026-02-13.html").read_text(), "lxml")
    article = str(page.select_one('article[data-testid="tweet"]'))
    a_day_later = 1_768_868_881
    (seen,) = X().observe([article], "https://x.com/arscontexta/status/2013045749580259680", a_day_later)
    assert seen.profile.handle == "arscontexta"
    posts = seen.posts
    assert posts.id == ("2013045749580259680",)
    assert (posts.replies.tolist(), posts.reposts.tolist(), posts.likes.tolist()) == ([76], [234], [2378])
    assert int(posts.time[0]) == 1_768_782_481


def test_a_changed_page_gives_nothing(shared: Path) -> None:
    page = (shared / "data/pages/defuddle/general--x.com-article.html").read_text()
    assert observed(page) == {}


def test_mastodon_pages_are_no_x_pages(shared: Path, canned: Callable[..., Any]) -> None:
    assert observed((shared / "data/pages/phanpy/account.html").read_text()) == {}


@pytest.mark.parametrize(
    "label", ["99999999999999999999 Likes", "1" * 5000 + " Likes", "9,999,999,999,999,999,999 likes"]
)
def test_a_number_beyond_all_measure_is_not_believed(label: str) -> None:
    article = tweet(1).replace('data-testid="like"', f'data-testid="like" aria-label="{label}"')
    assert observed(article)["alice"].posts.likes.tolist() == [3]


def test_hashtags_are_read_where_they_lead_and_not_out_of_a_quote() -> None:
    text = (
        'on <a href="/hashtag/Trams?src=hashtag_click">#Trams</a> and <a href="https://x.com/hashtag/B%C3%BCcher">#Bücher</a>, '
        'not <a href="https://example.org/hashtag/elsewhere">#elsewhere</a> or <a href="/search?q=%24TEA">$TEA</a>'
    )
    quote = f'{name_block("bob", linked=False)}<div data-testid="tweetText"><a href="/hashtag/theirs">#theirs</a></div>'
    assert observed(tweet(11, text=text, quote=quote))["alice"].posts.tags == ("trams bücher",)
    reposted = observed(tweet(12, handle="Bob", text=text, context=passed_on("alice")))
    assert reposted["alice"].posts.tags == ("",)
    assert reposted["bob"].posts.tags == ("trams bücher",)
