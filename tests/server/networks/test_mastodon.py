"""Mastodon and servers like it: what their answers mean, and how an account's server is found."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from server.activity import UNKNOWN, Activity, Consent, Depth, InteractionKind, PostKind, merge
from server.errors import (
    AccountRefused,
    AccountUnknown,
    BadHandle,
    UnreadableAnswer,
    UpstreamRefusal,
    UpstreamUnavailable,
)
from server.fetching import GuardedClient
from server.networks.mastodon import Account, Mastodon, Status, text_and_links
from server.networks.reading import maybe

NOW = 1_795_377_600
AnswerOf = Callable[[str], Any]


def account(number: str = "1", acct: str = "alice", **more: Any) -> dict[str, Any]:
    counts = {"followers_count": 30, "following_count": 20, "statuses_count": 500}
    return {"id": number, "acct": acct, "discoverable": True, "created_at": "2020-01-01T00:00:00Z", **counts, **more}


def status(number: str, by: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "account": by or account(),
        "created_at": "2026-11-20T12:00:00.000Z",
        "url": f"https://social.example/@alice/{number}",
        "content": "<p>Some words that are long enough</p>",
        "favourites_count": 1,
        "reblogs_count": 2,
        "replies_count": 0,
        **more,
    }


def finger(subject: str = "acct:alice@social.example", host: str = "social.example") -> dict[str, Any]:
    links = [{"rel": "http://webfinger.net/rel/profile-page", "href": f"https://{host}/@alice"}]
    return {"subject": subject, "links": [*links, {"rel": "self", "href": f"https://{host}/users/alice"}]}


def glanced(canned: Any, *statuses: Any, **about: Any) -> Activity:
    answers = {"lookup": account(**about), "webfinger": finger(), "statuses": list(statuses)}
    return Mastodon().glance("alice@social.example", canned(answers), NOW)


def kinds(activity: Activity) -> dict[str, tuple[PostKind, str]]:
    people = (*activity.people.id, "")
    posts = activity.posts
    return {
        post: (PostKind(kind), people[target])
        for post, kind, target in zip(posts.id, posts.kind.tolist(), posts.target.tolist(), strict=True)
    }


@pytest.mark.parametrize(
    ("typed", "handle"),
    [
        ("alice@social.example", "alice@social.example"),
        (" @Alice@Social.Example ", "alice@social.example"),
        ("acct:alice@social.example", "alice@social.example"),
        ("https://social.example/@Alice", "alice@social.example"),
        ("https://social.example/@alice/112233", "alice@social.example"),
        ("https://social.example/@bob@other.example", "bob@other.example"),
        ("https://social.example/users/alice/statuses/1", "alice@social.example"),
        ("social.example/@alice", "alice@social.example"),
        ("https://elk.zone/social.example/@alice", "alice@social.example"),
        ("alice@bücher.example", "alice@xn--bcher-kva.example"),
        ("alice@localhost:3000", "alice@localhost:3000"),
    ],
)
def test_handles_are_understood_however_they_are_typed(typed: str, handle: str) -> None:
    assert Mastodon().canonical_handle(typed) == handle


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "alice",
        "https://[broken/@a",
        "@alice",
        "alice@",
        "@social.example",
        "a@b@c.example",
        "https://social.example/about",
        "alice@a b.c",
        "a/../b@c.d/",
        "x" * 5000,
    ],
)
def test_what_cannot_be_a_handle_is_refused_with_what_to_type(typed: str) -> None:
    with pytest.raises(BadHandle, match=re.escape("as in alice@mastodon.social")):
        Mastodon().canonical_handle(typed)


def test_a_glance_at_a_known_server_is_two_calls(canned: Any) -> None:
    network, fetcher = Mastodon(), canned({"lookup": account(), "webfinger": finger(), "statuses": []})
    network.glance("alice@social.example", fetcher, NOW)
    assert len(fetcher.calls) == 3, "the first account of a server also shows which domain its names carry"
    fetcher.calls.clear()
    network.glance("alice@social.example", fetcher.budget(2), NOW)
    assert [url for url, _ in fetcher.calls] == [
        "https://social.example/api/v1/accounts/lookup",
        "https://social.example/api/v1/accounts/1/statuses",
    ]
    assert fetcher.calls[1][1] == {"limit": "40"}


def test_the_profile_is_what_the_server_says(canned: Any) -> None:
    profile = glanced(canned, display_name="Alice", url="https://social.example/@alice", bot=True).profile
    assert str(profile.ref) == "mastodon:alice@social.example"
    assert (profile.followers, profile.following, profile.posts) == (30, 20, 500)
    assert (profile.display_name, profile.url, profile.declared_bot) == ("Alice", "https://social.example/@alice", True)
    assert profile.created_at == 1_577_836_800


def test_every_kind_of_status_is_told_apart(canned: Any) -> None:
    bob, carla = account("2", "bob"), account("3", "carla@far.example")
    quoted = status("q", bob)
    activity = glanced(
        canned,
        status("1"),
        status(
            "2", in_reply_to_id="9", in_reply_to_account_id="3", mentions=[{"id": "3", "acct": "carla@far.example"}]
        ),
        status("3", in_reply_to_id="1", in_reply_to_account_id="1"),
        status("4", reblog=status("r", carla), content=""),
        status("5", quote={"state": "accepted", "quoted_status": quoted}),
        status("6", quote={"state": "accepted", "quoted_status_id": "77"}),
        status("7", quote=quoted),
        status("8", in_reply_to_id="deleted"),
        status("9", in_reply_to_id="x", in_reply_to_account_id="555"),
    )
    assert kinds(activity) == {
        "1": (PostKind.ORIGINAL, ""),
        "2": (PostKind.REPLY, "carla@far.example"),
        "3": (PostKind.THREAD, "alice@social.example"),
        "4": (PostKind.REPOST, "carla@far.example"),
        "5": (PostKind.QUOTE, "bob@social.example"),
        "6": (PostKind.QUOTE, ""),
        "7": (PostKind.QUOTE, "bob@social.example"),
        "8": (PostKind.REPLY, ""),
        "9": (PostKind.REPLY, "#555@social.example"),
    }


def test_a_self_thread_shares_one_conversation(canned: Any) -> None:
    days = [f"2026-11-{day}T12:00:00Z" for day in (18, 19, 20)]
    chain = [
        status("3", created_at=days[2], in_reply_to_id="2", in_reply_to_account_id="1"),
        status("2", created_at=days[1], in_reply_to_id="1", in_reply_to_account_id="1"),
        status("1", created_at=days[0]),
    ]
    assert glanced(canned, *chain).posts.conversation == ("1", "1", "1")


def test_boosts_of_ones_own_mentions_and_of_oneself_are_told_apart(canned: Any) -> None:
    mention = status("m", account("2", "bob"), mentions=[{"id": "1", "acct": "alice"}])
    answer = status("a", account("2", "bob"), in_reply_to_account_id="1", in_reply_to_id="0")
    posts = glanced(
        canned,
        status("1", reblog=mention),
        status("2", reblog=answer),
        status("3", reblog=status("own")),
        status("4", reblog=status("else", account("2", "bob"))),
    ).posts
    facts = {i: (m, o) for i, m, o in zip(posts.id, posts.mentions_self.tolist(), posts.own.tolist(), strict=True)}
    assert facts == {"1": (True, False), "2": (True, False), "3": (False, True), "4": (False, False)}
    assert set(posts.likes.tolist()) == {UNKNOWN}, "the counts are those of the post passed on"


def test_what_followers_alone_may_see_is_left_out(canned: Any) -> None:
    assert len(glanced(canned, status("1", visibility="private"), status("2", visibility="unlisted")).posts) == 1


@pytest.mark.parametrize(
    ("content", "links"),
    [
        ('<p>see <a href="https://www.News.example/x" rel="nofollow">news</a></p>', ["https://www.News.example/x"]),
        ('<p><span class="h-card"><a href="https://far.example/@bob" class="u-url mention">@bob</a></span> hi</p>', []),
        ('<p><a href="https://social.example/tags/tea" class="mention hashtag" rel="tag">#tea</a></p>', []),
        ('<p>hi <a href="https://listed.example/bob">@bob</a></p>', []),
        ("<p>no link &amp; none</p>", []),
    ],
)
def test_mentions_and_hashtags_are_no_links(content: str, links: list[str]) -> None:
    text, found = text_and_links(content, {"https://listed.example/bob"})
    assert found == links
    assert "<" not in text
    assert "bob" not in text


def test_the_words_are_the_same_with_and_without_markup(canned: Any) -> None:
    mention = '<a href="https://far.example/@bob" class="u-url mention">@bob</a>'
    link = '<a href="https://e.example/1"><span class="invisible">https://</span>e.example/1</a>'
    posts = glanced(
        canned,
        status("1", content="<p>Tea &amp; trains are better than most</p>"),
        status("2", content=f"<p>{mention} Tea &amp; trains are<br>better than most {link}</p>"),
    ).posts
    assert posts.text_hash[0] == posts.text_hash[1] != 0
    assert posts.link_source == ("", "e.example")


def test_links_to_ones_own_server_lead_nowhere_outside(canned: Any) -> None:
    inside = '<a href="https://social.example/@alice/1">older</a> <a href="https://out.example/">out</a>'
    assert glanced(canned, status("1", content=inside)).posts.link_source == ("out.example",)


def test_the_application_is_noted_where_it_is_shown(canned: Any) -> None:
    assert glanced(canned, status("1", application={"name": "Feed Poster"})).posts.client == ("Feed Poster",)


def test_odd_items_are_left_out_and_the_rest_is_read(canned: Any) -> None:
    activity = glanced(canned, None, 5, {}, status("2", created_at="yesterday"), {"id": 7}, status("1"))
    assert activity.posts.id == ("1",)


@pytest.mark.parametrize(
    ("about", "consent"),
    [
        ({}, Consent.OPEN),
        ({"noindex": False}, Consent.OPEN),
        ({"noindex": True}, Consent.EPHEMERAL),
        ({"discoverable": False}, Consent.EPHEMERAL),
        ({"discoverable": None}, Consent.EPHEMERAL),
        ({"limited": True}, Consent.EPHEMERAL),
        ({"indexable": False}, Consent.OPEN),
        (
            {"note": '<p>me <a href="https://s/tags/noindex" class="mention hashtag">#<span>noindex</span></a></p>'},
            Consent.EPHEMERAL,
        ),
    ],
)
def test_what_an_account_asks_for_is_honoured(canned: Any, about: dict[str, Any], consent: Consent) -> None:
    profile = glanced(canned, **about).profile
    assert profile.consent is consent
    assert bool(profile.consent_reason) is (consent is not Consent.OPEN)


def test_a_server_without_the_setting_says_nothing_about_being_discoverable(canned: Any) -> None:
    about = account()
    del about["discoverable"]
    answers = {"lookup": about, "webfinger": finger(), "statuses": []}
    assert Mastodon().glance("alice@social.example", canned(answers), NOW).profile.consent is Consent.OPEN


@pytest.mark.parametrize(
    "about",
    [
        {"suspended": True},
        {"memorial": True},
        {
            "note": '<p>Birds. <a href="https://s/tags/nobot" class="mention hashtag" rel="tag">#<span>nobot</span></a></p>'
        },
    ],
)
def test_who_is_not_to_be_scored_is_not_read_further(canned: Any, about: dict[str, Any]) -> None:
    fetcher = canned({"lookup": account(**about)})
    with pytest.raises(AccountRefused):
        Mastodon().glance("alice@social.example", fetcher, NOW)
    assert len(fetcher.calls) == 1


@pytest.mark.parametrize(
    ("code", "body", "problem"),
    [
        (404, {"error": "Record not found"}, AccountUnknown),
        (410, {"error": "Gone"}, AccountUnknown),
        (401, {"error": "The access token is invalid"}, AccountRefused),
        (401, {"error": "identity_token_required"}, AccountRefused),
        (422, {"error": "This method requires an authenticated user: login"}, AccountRefused),
        (403, {"error": "This API requires an authenticated user"}, AccountRefused),
        (400, {"error": "bad"}, UpstreamUnavailable),
    ],
)
def test_refusals_become_words_about_the_account(canned: Any, code: int, body: Any, problem: type[Exception]) -> None:
    for part in ("lookup", "statuses"):
        answers = {"lookup": account(), "webfinger": finger(), "statuses": [], part: UpstreamRefusal("no", code, body)}
        with pytest.raises(problem) as raised:
            Mastodon().glance("alice@social.example", canned(answers), NOW)
        assert type(raised.value) is problem
        assert "social.example" in str(raised.value)


@pytest.mark.parametrize("answer", [[], "x", {"id": 3}, {"error": "odd"}])
def test_an_answer_of_another_shape_is_said(canned: Any, answer: Any) -> None:
    with pytest.raises(UpstreamUnavailable, match="in a form that this version does not understand"):
        Mastodon().glance(
            "alice@social.example", canned({"lookup": account(), "webfinger": finger(), "statuses": answer or {}}), NOW
        )


# Where an account's server is


def split_domain(claimed: str = "acct:alice@example.org", host: str = "social.example.org") -> dict[str, Any]:
    page = UpstreamRefusal("no", 404, "<html>")
    return {
        "lookup": lambda _, url: account() if "//social.example.org/" in url else page,
        "webfinger": finger(claimed, host),
        "statuses": [],
    }


def test_an_account_whose_domain_is_not_its_server_is_found_by_webfinger(canned: Any) -> None:
    network = Mastodon()
    activity = network.glance("alice@example.org", canned(split_domain()).budget(6), NOW)
    assert str(activity.ref) == "mastodon:alice@example.org"
    assert network.profile_url("alice@example.org") == "https://social.example.org/@alice"
    again = canned(split_domain()).budget(2)
    network.glance("alice@example.org", again, NOW)
    assert [url for url, _ in again.calls] == [
        "https://social.example.org/api/v1/accounts/lookup",
        "https://social.example.org/api/v1/accounts/1/statuses",
    ]


def test_both_names_of_an_account_are_one_account(canned: Any) -> None:
    network = Mastodon()
    refs = {
        network.glance(name, canned(split_domain()), NOW).ref
        for name in ("alice@social.example.org", "alice@example.org")
    }
    assert [str(ref) for ref in refs] == ["mastodon:alice@example.org"]


def test_nobody_takes_anothers_name_by_claiming_it(canned: Any) -> None:
    def webfinger(_: Any, url: str) -> Any:
        honest = finger("acct:alice@mastodon.social", "mastodon.social")
        return honest if "//mastodon.social/" in url else finger("acct:alice@mastodon.social", "evil.example")

    fetcher = canned({"lookup": account(), "webfinger": webfinger, "statuses": []})
    assert str(Mastodon().glance("alice@evil.example", fetcher, NOW).ref) == "mastodon:alice@evil.example"


def test_nobody_lends_their_name_to_anothers_posts(canned: Any) -> None:
    def webfinger(_: Any, url: str) -> Any:
        subject = "acct:alice@evil.example" if "//evil.example/" in url else "acct:alice@mastodon.social"
        return finger(subject, "mastodon.social")

    fetcher = canned(
        {
            "lookup": lambda _, url: account() if "//mastodon.social/" in url else UpstreamRefusal("no", 404, ""),
            "webfinger": webfinger,
            "statuses": [],
        }
    )
    assert str(Mastodon().glance("alice@evil.example", fetcher, NOW).ref) == "mastodon:alice@mastodon.social"


def test_host_meta_is_the_way_where_webfinger_is_elsewhere(canned: Any) -> None:
    meta = '<XRD><Link rel="lrdd" template="https://social.example.org/wf?resource={uri}&amp;x=1"/></XRD>'
    answers = split_domain() | {
        "webfinger": lambda _, url: (
            UpstreamRefusal("no", 404, "")
            if "//example.org/" in url
            else finger("acct:alice@example.org", "social.example.org")
        ),
        "host-meta": meta,
        "/wf": finger("acct:alice@example.org", "social.example.org"),
    }
    fetcher = canned(answers)
    assert str(Mastodon().glance("alice@example.org", fetcher, NOW).ref).startswith("mastodon:alice@")
    assert any("wf?resource=acct%3Aalice%40example.org&x=1" in url for url, _ in fetcher.calls)


def test_a_site_that_is_no_mastodon_server_has_no_accounts(canned: Any) -> None:
    answers = {
        "lookup": UnreadableAnswer("html"),
        "webfinger": UpstreamRefusal("no", 404, ""),
        "host-meta": UpstreamRefusal("no", 404, ""),
    }
    with pytest.raises(AccountUnknown, match=r"blog\.example is not known to be a Mastodon server"):
        Mastodon().glance("alice@blog.example", canned(answers), NOW)


# Study


def study_of(canned: Any, answers: dict[str, Any], *statuses: Any) -> tuple[Activity, Any]:
    activity = glanced(canned, *statuses)
    empty: dict[str, Any] = {
        "lookup": account(),
        "statuses": [],
        "context": {},
        "reblogged_by": [],
        "favourited_by": [],
    }
    fetcher = canned({**empty, **answers})
    return Mastodon().study(activity, fetcher, NOW), fetcher


def test_a_study_pages_on_by_the_oldest_id(canned: Any) -> None:
    first = [status(str(n)) for n in range(99, 59, -1)]
    more = {"60": [status(str(n)) for n in range(59, 19, -1)], "20": [status(str(n)) for n in range(19, 9, -1)]}
    studied, fetcher = study_of(canned, {"statuses": lambda p, _: more[p["max_id"]]}, *first)
    assert [p["max_id"] for p in fetcher.asked("statuses")] == ["60", "20"]
    assert len(studied.posts) == 90
    assert studied.coverage.timeline_complete


def test_a_server_that_gives_the_same_page_again_is_not_asked_for_ever(canned: Any) -> None:
    page = [status(str(n)) for n in range(40)]
    studied, fetcher = study_of(canned, {"statuses": page}, *page)
    assert len(fetcher.asked("statuses")) == 1
    assert studied.coverage.timeline_complete


def test_a_study_finds_who_answered_boosted_and_liked(canned: Any) -> None:
    bob, carla = account("2", "bob", followers_count=70), account("3", "carla@far.example", followers_count=8)
    context = {
        "ancestors": [],
        "descendants": [
            status("a", bob, in_reply_to_id="1", in_reply_to_account_id="1"),
            status("b", in_reply_to_id="a", in_reply_to_account_id="2", favourites_count=0, reblogs_count=0),
            status("c", carla, in_reply_to_id="a", in_reply_to_account_id="2"),
        ],
    }
    answers = {"context": context, "reblogged_by": [carla], "favourited_by": [bob, carla]}
    studied, _ = study_of(canned, answers, status("1", replies_count=3))
    deeds = studied.interactions
    assert Counter(deeds.kind.tolist()) == {
        InteractionKind.REPLY: 1,
        InteractionKind.REPOST: 1,
        InteractionKind.LIKE: 2,
    }
    assert dict(zip(studied.people.id, studied.people.followers.tolist(), strict=True)) == {
        "bob@social.example": 70,
        "carla@far.example": 8,
    }
    assert kinds(studied)["b"] == (PostKind.REPLY, "bob@social.example")
    assert dict(zip(studied.posts.id, studied.posts.timeline.tolist(), strict=True)) == {"1": True, "b": False}
    assert set(studied.posts.conversation) == {"1"}
    assert studied.coverage.depth is Depth.STUDY


def test_the_first_post_of_somebody_elses_thread_names_the_conversation(canned: Any) -> None:
    reply = status("5", in_reply_to_id="4", in_reply_to_account_id="2", replies_count=1)
    context = {
        "ancestors": [status("0", account("2", "bob")), status("4", account("2", "bob"), in_reply_to_id="0")],
        "descendants": [],
    }
    studied, _ = study_of(canned, {"context": context}, reply)
    assert studied.posts.conversation == ("0",)


def test_lists_shown_only_to_people_logged_in_are_passed_over(canned: Any) -> None:
    closed = UpstreamRefusal("no", 401, {"error": "identity_token_required"})
    answers = {"context": closed, "reblogged_by": closed, "favourited_by": closed}
    studied, _ = study_of(canned, answers, status("1", replies_count=3))
    assert len(studied.interactions) == 0


def busy(canned: Any) -> tuple[Activity, dict[str, Any]]:
    activity = glanced(canned, *(status(str(n), replies_count=1) for n in range(40)))
    people = [account(str(n), f"p{n}@far.example") for n in range(100, 180)]
    page = {"n": 0}

    def boosts(_: Any, __: Any) -> Any:
        page["n"] += 1
        return [status(f"{page['n']}-{n}", reblog=status("r", account("2", "bob"))) for n in range(40)]

    answers = {"lookup": account(), "statuses": boosts, "context": {}, "reblogged_by": people, "favourited_by": people}
    return activity, answers


def test_a_study_makes_at_most_thirty_calls(canned: Any) -> None:
    activity, answers = busy(canned)
    fetcher = canned(answers)
    Mastodon().study(activity, fetcher, NOW)
    assert 25 <= len(fetcher.calls) <= 30


@pytest.mark.parametrize("part", ["context", "favourited_by"])
def test_a_study_that_fails_midway_keeps_what_it_has_and_goes_on_later(canned: Any, part: str) -> None:
    activity, answers = busy(canned)
    broken = Mastodon().study(activity, canned({**answers, part: UpstreamUnavailable("down")}), NOW)
    assert len(broken.posts) > len(activity.posts)
    whole = Mastodon().study(merge(activity, broken), canned(answers), NOW)
    assert set(whole.coverage.threads_read) > set(broken.coverage.threads_read)
    assert len(whole.coverage.threads_read) == len(broken.coverage.threads_read) + 12


def test_a_study_whose_server_is_down_says_so(canned: Any) -> None:
    activity, answers = busy(canned)
    with pytest.raises(UpstreamUnavailable):
        Mastodon().study(activity, canned({**answers, "lookup": UpstreamUnavailable("down")}), NOW)


# Other servers, real HTTP, and answers recorded elsewhere


def test_takahe_is_read(canned: Any, answer_of: AnswerOf) -> None:
    answers = {part: answer_of(f"takahe/{part}") for part in ("lookup", "statuses", "context")}
    fetcher = canned(
        {
            **answers,
            "webfinger": finger("acct:alice@127.0.0.1:8091", "127.0.0.1:8091"),
            "reblogged_by": [],
            "favourited_by": [],
        }
    )
    activity = Mastodon().glance("alice@127.0.0.1:8091", fetcher, NOW)
    assert Counter(activity.posts.kind.tolist()) == {PostKind.REPLY: 30, PostKind.ORIGINAL: 10}
    assert set(activity.people.id) == {"bob@127.0.0.1:8091", "carla@127.0.0.1:8091"}
    assert set(activity.people.followers.tolist()) == {UNKNOWN}, "it fills counts in passing with zeroes"
    answers["statuses"] = []
    assert len(Mastodon().study(activity, fetcher, NOW).interactions) == 1


def test_a_takahe_that_demands_a_login_is_said(canned: Any, answer_of: AnswerOf) -> None:
    closed = UpstreamRefusal("no", 401, answer_of("takahe/statuses_noauth"))
    fetcher = canned({"lookup": answer_of("takahe/lookup"), "webfinger": finger(), "statuses": closed})
    with pytest.raises(AccountRefused, match="only to people who are logged in there"):
        Mastodon().glance("alice@takahe.example", fetcher, NOW)


def test_snac_is_read_with_who_boosted_what(canned: Any, answer_of: AnswerOf) -> None:
    host = "127.0.0.1:8092"
    fetcher = canned(
        {
            "lookup": answer_of("snac/lookup"),
            "statuses": answer_of("snac/statuses"),
            "webfinger": finger(f"acct:alice@{host}", host),
        }
    )
    activity = Mastodon().glance(f"alice@{host}", fetcher, NOW)
    assert Counter(activity.posts.kind.tolist()) == {PostKind.REPLY: 8, PostKind.ORIGINAL: 8}
    assert set(activity.interactions.kind.tolist()) == {InteractionKind.REPOST}
    assert "" not in {activity.people.id[i] for i in activity.posts.target.tolist() if i >= 0}
    assert activity.profile.followers is None, "it tells no counts"


def test_a_server_over_real_http(client: GuardedClient, httpserver: HTTPServer) -> None:
    host = f"127.0.0.1:{httpserver.port}"
    httpserver.expect_request("/api/v1/accounts/lookup", query_string={"acct": "alice"}).respond_with_json(account())
    httpserver.expect_request("/api/v1/accounts/1/statuses").respond_with_json([status("1")])
    httpserver.expect_request("/.well-known/webfinger").respond_with_data(
        json.dumps(finger(f"acct:alice@{host}", host)), content_type="application/jrd+json"
    )
    activity = Mastodon(plain_http=[host]).glance(f"alice@{host}", client.budget(3), NOW)
    assert activity.posts.id == ("1",)


def test_a_server_out_of_calls_is_not_pressed(client: GuardedClient, httpserver: HTTPServer) -> None:
    host = f"127.0.0.1:{httpserver.port}"
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "2099-01-01T00:00:00.000Z"}
    httpserver.expect_request("/api/v1/accounts/lookup").respond_with_json(
        {"error": "Too many"}, status=429, headers=headers
    )
    network = Mastodon(plain_http=[host])
    for _ in range(3):
        with pytest.raises(UpstreamUnavailable) as problem:
            network.glance(f"alice@{host}", client, NOW)
        assert problem.value.retry_after > 1000
    assert len(httpserver.log) == 1


def test_a_server_named_by_somebody_is_not_reached_on_a_private_address(client: GuardedClient) -> None:
    with pytest.raises(UpstreamUnavailable, match="is not a public address"):
        Mastodon().glance("alice@10.0.0.1", client, NOW)


def test_entities_in_mastodons_documentation_are_read(shared: Path) -> None:
    entities = shared / "data/recorded/mastodon_docs/content/en/entities"
    for name, schema in (("Account", Account), ("Status", Status)):
        example = re.search(r"```json\n(\{.*?\n\})\n```", (entities / f"{name}.md").read_text(), re.S)
        assert example, name
        text = re.sub(r"(?<=[\s,])//[^\n]*|,\s*\.\.\.", "", example[1])
        assert maybe(json.loads(text, strict=False), schema) is not None


def test_answers_of_real_servers_recorded_by_a_client_library_are_read(shared: Path) -> None:
    seen = Counter[str]()
    for cassette in sorted((shared / "data/recorded/mastodon_py/tests").glob("cassettes*/*.yaml")):
        for entity in _entities_in(cassette.read_text()):
            schema = Status if "reblogs_count" in entity else Account
            assert maybe(entity, schema) is not None, (cassette.name, entity)
            seen[schema.__name__] += 1
    assert seen["Status"] > 50
    assert seen["Account"] > 50


def _entities_in(cassette: str) -> list[dict[str, Any]]:
    """The accounts and statuses, however deep, in the JSON bodies of a recorded session (YAML, single-quoted scalars)."""
    found = []
    for body in re.findall(r"string: '((?:[^']|'')*)'", cassette):
        waiting = [_json_or_none(re.sub(r"\n\s*", " ", body).replace("''", "'"))]
        while waiting:
            value = waiting.pop()
            if isinstance(value, dict):
                waiting += value.values()
                if ("reblogs_count" in value and "account" in value) or (
                    "acct" in value and "followers_count" in value
                ):
                    found.append(value)
            elif isinstance(value, list):
                waiting += value
    return found


def _json_or_none(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def test_hashtags_are_kept_those_of_boosts_are_not(canned: Any) -> None:
    bob = account(id="2", acct="bob")
    tags = [{"name": "Trams", "url": "https://social.example/tags/trams"}, {"url": "https://s/x"}, {"name": 5}, "junk"]
    boosted = status("9", by=bob, tags=[{"name": "theirs"}])
    posts = glanced(canned, status("1", tags=tags), status("2"), status("3", reblog=boosted)).posts
    assert dict(zip(posts.id, posts.tags, strict=True)) == {"1": "trams", "2": "", "3": ""}


def test_the_mark_of_the_language_is_kept_that_of_boosts_is_not(canned: Any) -> None:
    boosted = status("9", by=account(id="2", acct="bob"), language="fr")
    marked = [status(str(i), language=mark) for i, mark in enumerate(("de", "pt-BR", None, 7, "junk junk"))]
    posts = glanced(canned, *marked, status("8", reblog=boosted)).posts
    marks = dict(zip(posts.id, posts.language, strict=True))
    assert marks == {"0": "de", "1": "pt", "2": "", "3": "", "4": "", "8": ""}


@pytest.mark.parametrize(
    ("moved", "handle"),
    [
        (account("9", "Alice@New.example"), "alice@new.example"),
        (account("9", "alice2"), "alice2@social.example"),
        (None, ""),
        ("https://new.example/@alice", ""),
        ({"id": "9"}, ""),
        (account("9", "<b>@new.example"), ""),
        (account("9", "alice@new.example/../x"), ""),
    ],
)
def test_where_an_account_has_moved_is_its_handle_there_or_nothing_that_is_none(
    canned: Any, moved: Any, handle: str
) -> None:
    assert glanced(canned, status("1"), moved=moved).profile.moved_to == handle


def test_follows_come_a_page_at_a_time_with_their_full_names(client: GuardedClient, httpserver: HTTPServer) -> None:
    host = f"127.0.0.1:{httpserver.port}"
    httpserver.expect_request("/api/v1/accounts/lookup").respond_with_json(account())
    httpserver.expect_request("/.well-known/webfinger").respond_with_json(finger(f"acct:alice@{host}", host))
    url, next_page = "/api/v1/accounts/1/following", f"<http://{host}/api/v1/accounts/1/following?max_id=77>"
    httpserver.expect_request(url, query_string={"limit": "80"}).respond_with_json(
        [account("2", "bob"), account("3", "Eva@Far.example")],
        headers={"Link": f'{next_page}; rel="next", <http://{host}/?since_id=99>; rel="prev"'},
    )
    httpserver.expect_request(url, query_string={"limit": "80", "max_id": "77"}).respond_with_json(
        [account("4", "dan")]
    )
    mastodon = Mastodon(plain_http=[host])
    first = mastodon.follows(f"alice@{host}", "", client)
    assert [one.name for one in first.accounts] == [f"bob@{host}", "eva@far.example"]
    assert (first.cursor, first.count, first.hidden) == ("77", 20, False)
    last = mastodon.follows(f"alice@{host}", first.cursor, client)
    assert ([one.name for one in last.accounts], last.cursor, last.count) == ([f"dan@{host}"], "", None)


@pytest.mark.parametrize(
    ("about", "hidden"),
    [({}, True), ({"following_count": 0}, False), ({"following_count": 0, "hide_collections": True}, True)],
)
def test_hidden_follows_are_told_from_none(canned: Any, about: dict[str, Any], hidden: bool) -> None:
    upstream = canned({"lookup": account(**about), "webfinger": finger(), "following": ([], "")})
    found = Mastodon().follows("alice@social.example", "", upstream)
    assert (found.accounts, found.cursor, found.hidden) == ((), "", hidden)


def test_followers_come_a_page_at_a_time_as_their_server_lists_them(
    client: GuardedClient, httpserver: HTTPServer
) -> None:
    host = f"127.0.0.1:{httpserver.port}"
    httpserver.expect_request("/api/v1/accounts/lookup").respond_with_json(account())
    httpserver.expect_request("/.well-known/webfinger").respond_with_json(finger(f"acct:alice@{host}", host))
    url, next_page = "/api/v1/accounts/1/followers", f"<http://{host}/api/v1/accounts/1/followers?max_id=77>"
    httpserver.expect_request(url, query_string={"limit": "80"}).respond_with_json(
        [account("2", "bob"), account("3", "Eva@Far.example")], headers={"Link": f'{next_page}; rel="next"'}
    )
    httpserver.expect_request(url, query_string={"limit": "80", "max_id": "77"}).respond_with_json([])
    mastodon = Mastodon(plain_http=[host])
    first = mastodon.followers(f"alice@{host}", "", client)
    assert [one.name for one in first.accounts] == [f"bob@{host}", "eva@far.example"]
    assert (first.cursor, first.count, first.hidden) == ("77", 30, False)
    last = mastodon.followers(f"alice@{host}", first.cursor, client)
    assert (last.accounts, last.cursor, last.count, last.hidden) == ((), "", None, False)


@pytest.mark.parametrize(
    ("about", "hidden"),
    [({}, True), ({"followers_count": 0}, False), ({"followers_count": 0, "hide_collections": True}, True)],
)
def test_hidden_followers_are_told_from_none(canned: Any, about: dict[str, Any], hidden: bool) -> None:
    upstream = canned({"lookup": account(**about), "webfinger": finger(), "followers": ([], "")})
    found = Mastodon().followers("alice@social.example", "", upstream)
    assert (found.accounts, found.cursor, found.hidden) == ((), "", hidden)


@pytest.mark.parametrize("link", ["https://evil.example/steal?max_id=5", "not an address", "?max_id=" + "9" * 5000])
def test_the_next_page_is_asked_of_the_same_server_whatever_the_link_says(canned: Any, link: str) -> None:
    upstream = canned({"lookup": account(), "webfinger": finger(), "following": ([account("2", "bob")], link)})
    found = Mastodon().follows("alice@social.example", "", upstream)
    assert len(found.cursor) <= 40
    if found.cursor:
        Mastodon().follows("alice@social.example", found.cursor, upstream)
    assert {url for url, _ in upstream.calls if url.endswith("following")} == {
        "https://social.example/api/v1/accounts/1/following"
    }


def test_a_page_that_leads_to_itself_is_the_last(canned: Any) -> None:
    upstream = canned(
        {"lookup": account(), "webfinger": finger(), "following": ([account("2", "bob")], "https://x/?max_id=5")}
    )
    assert Mastodon().follows("alice@social.example", "5", upstream).cursor == ""


def test_the_follows_and_followers_of_who_asks_not_to_be_looked_at_are_not_listed(canned: Any) -> None:
    upstream = canned({"lookup": account(note="<p>painter #nobot</p>"), "webfinger": finger(), "following": ([], "")})
    with pytest.raises(AccountRefused):
        Mastodon().follows("alice@social.example", "", upstream)
    with pytest.raises(AccountRefused, match="The followers of alice"):
        Mastodon().followers("alice@social.example", "", upstream)
    assert upstream.asked("following") == upstream.asked("followers") == []


def test_what_an_account_says_of_itself_is_its_description_its_fields_and_where_their_links_lead(canned: Any) -> None:
    link = '<a href="https://rapport.example/owner#rapport-abc" rel="me"><span>rapport.example</span></a>'
    fields = [{"name": "Web", "value": link}, {"name": "Junk"}, "junk", {"value": 7}]
    upstream = canned({"lookup": account(note="<p>painter<br>rapport-xyz</p>", fields=fields), "webfinger": finger()})
    said = Mastodon().own_words("alice@social.example", upstream)
    assert (said.name, said.handle) == ("alice@social.example", "alice@social.example")
    assert "rapport-xyz" in said.texts[0]
    assert "https://rapport.example/owner#rapport-abc" in said.texts
    none = canned({"lookup": account(fields="junk"), "webfinger": finger()})
    assert Mastodon().own_words("alice@social.example", none).texts[1:] == ()


def test_where_those_who_engage_say_they_are_is_a_field_of_their_profile_or_stands_in_it(canned: Any) -> None:
    bob = account("2", "bob", fields=[{"name": "Ort", "value": "<p>K\u00f6ln</p>"}])
    carla = account("3", "carla@far.example", note="<p>painter, based in Ghent</p>")
    studied, _ = study_of(canned, {"favourited_by": [bob, carla, account("4", "dan")]}, status("1", favourites_count=3))
    people = dict(zip(studied.people.id, studied.people.place, strict=True))
    assert sorted(people.values()) == ["", "Ghent", "K\u00f6ln"]
