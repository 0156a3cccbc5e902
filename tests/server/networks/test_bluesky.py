"""Bluesky: what its AppView's answers mean."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer

from server.activity import NEWEST_KEPT, UNKNOWN, Activity, Consent, Depth, InteractionKind, PostKind, merge
from server.errors import (
    AccountRefused,
    AccountUnknown,
    BadHandle,
    UnreadableAnswer,
    UpstreamRefusal,
    UpstreamUnavailable,
)
from server.fetching import GuardedClient
from server.networks.bluesky import Bluesky

NOW = 1_795_377_600
ALICE = "did:plc:bj2vrh4dh3q4dqgk52ti4bwc"
BOB = "did:plc:nwvcpq5gret6cwk4tx3ygkb7"
CARLA = "did:plc:whssgtc55odnzcinioqb7l6u"
AnswerOf = Callable[[str], Any]


def at_uri(did: str, rkey: str) -> str:
    return f"at://{did}/app.bsky.feed.post/{rkey}"


def view(rkey: str, did: str = ALICE, text: str = "Some words that are long enough", **more: Any) -> dict[str, Any]:
    record = {"text": text, "createdAt": "2026-11-20T12:00:00.000Z", **more.pop("record", {})}
    return {
        "uri": at_uri(did, rkey),
        "author": {"did": did, "handle": {ALICE: "alice.test", BOB: "bob.test"}.get(did, "carla.test")},
        "record": record,
        "indexedAt": "2026-11-20T12:00:01.000Z",
        "likeCount": 1,
        "repostCount": 2,
        "replyCount": 0,
        "quoteCount": 0,
        **more,
    }


def replying(parent: str, root: str = "") -> dict[str, Any]:
    return {"reply": {"parent": {"uri": parent}, "root": {"uri": root or parent}}}


def profile(**more: Any) -> dict[str, Any]:
    return {"did": ALICE, "handle": "alice.test", "followersCount": 10, "followsCount": 11, "postsCount": 190, **more}


def glanced(canned: Any, *items: Any, cursor: str = "", **about: Any) -> Activity:
    feed = {"feed": list(items)} | ({"cursor": cursor} if cursor else {})
    return Bluesky().glance("alice.test", canned({"getProfile": profile(**about), "getAuthorFeed": feed}), NOW)


def only_post(activity: Activity) -> dict[str, Any]:
    assert len(activity.posts) == 1
    posts = activity.posts
    target = int(posts.target[0])
    return {
        "kind": PostKind(int(posts.kind[0])),
        "target": activity.people.id[target] if target >= 0 else "",
        **{
            n: getattr(posts, n)[0]
            for n in ("id", "url", "parent", "conversation", "link_source", "mentions_self", "own")
        },
        **{n: int(getattr(posts, n)[0]) for n in ("time", "likes", "reposts", "text_hash", "opening_hash")},
    }


@pytest.mark.parametrize(
    ("typed", "handle"),
    [
        ("alice.bsky.social", "alice.bsky.social"),
        (" @Alice.BSKY.Social ", "alice.bsky.social"),
        ("\u202a@alice.test\u202c", "alice.test"),
        ("https://bsky.app/profile/Alice.test", "alice.test"),
        ("bsky.app/profile/alice.test/post/3k?x=1#y", "alice.test"),
        (f"https://bsky.app/profile/{ALICE}", ALICE),
        (f"at://{ALICE}/app.bsky.feed.post/3k", ALICE),
        (ALICE.replace("did:plc", "DID:PLC"), ALICE),
        ("did:web:Example.org", "did:web:example.org"),
        ("bücher.example", "xn--bcher-kva.example"),
    ],
)
def test_handles_are_understood_however_they_are_typed(typed: str, handle: str) -> None:
    assert Bluesky().canonical_handle(typed) == handle


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "alice",
        "https://[broken/x",
        "@",
        "a b.c",
        "https://example.org/alice",
        "did:plc:short",
        "did:key:z6Mk",
        ".",
        "a..b",
        "x" * 5000,
    ],
)
def test_what_cannot_be_a_handle_is_refused_with_what_to_type(typed: str) -> None:
    with pytest.raises(BadHandle, match=re.escape("as in alice.bsky.social")):
        Bluesky().canonical_handle(typed)


def test_a_glance_is_two_calls(canned: Any, answer_of: AnswerOf) -> None:
    fetcher = canned({"getProfile": answer_of("bluesky/getProfile"), "getAuthorFeed": answer_of("bluesky/authorFeed")})
    activity = Bluesky().glance("alice.test", fetcher.budget(2), NOW)
    assert len(fetcher.calls) == 2
    assert activity.profile.handle == "alice.test"
    assert activity.ref.id == ALICE
    assert (activity.profile.followers, activity.profile.following, activity.profile.posts) == (10, 11, 190)
    assert activity.coverage.depth is Depth.GLANCE
    assert not activity.coverage.timeline_complete
    assert fetcher.asked("getAuthorFeed") == [
        {"actor": "alice.test", "limit": "100", "filter": "posts_with_replies", "includePins": "false"}
    ]


def test_a_recorded_timeline_has_its_kinds_and_is_newest_first(canned: Any, answer_of: AnswerOf) -> None:
    fetcher = canned({"getProfile": answer_of("bluesky/getProfile"), "getAuthorFeed": answer_of("bluesky/authorFeed")})
    posts = Bluesky().glance("alice.test", fetcher, NOW).posts
    assert Counter(posts.kind.tolist()) == {PostKind.ORIGINAL: 57, PostKind.REPLY: 37, PostKind.REPOST: 6}
    assert posts.time.tolist() == sorted(posts.time.tolist(), reverse=True), (
        "a pin comes first in the answer, not in time"
    )


def test_a_timeline_of_89_reposts_holds_11_posts_of_its_own(canned: Any, answer_of: AnswerOf) -> None:
    feed = answer_of("bluesky/authorFeed_frank")
    frank = next(i["reason"]["by"] for i in feed["feed"] if "reason" in i)
    about = {"did": frank["did"], "handle": "frank.test"}
    activity = Bluesky().glance("frank.test", canned({"getProfile": about, "getAuthorFeed": feed}), NOW)
    reposts = activity.posts.kind == PostKind.REPOST
    assert int(reposts.sum()) == 89
    assert int((~reposts).sum()) == 11
    assert frank["did"] not in {activity.people.id[i] for i in activity.posts.target[reposts].tolist()}


def test_an_answer_to_somebody_is_a_reply(canned: Any) -> None:
    root = at_uri(CARLA, "root")
    post = only_post(glanced(canned, {"post": view("1", record=replying(at_uri(BOB, "9"), root))}))
    assert (post["kind"], post["target"], post["parent"], post["conversation"]) == (
        PostKind.REPLY,
        BOB,
        at_uri(BOB, "9"),
        root,
    )


def test_a_self_thread_is_no_reply_to_people(canned: Any) -> None:
    first = at_uri(ALICE, "0")
    post = only_post(glanced(canned, {"post": view("1", record=replying(first))}))
    assert (post["kind"], post["target"], post["conversation"]) == (PostKind.THREAD, ALICE, first)


@pytest.mark.parametrize("kind", ["blockedPost", "notFoundPost"])
def test_whoever_was_answered_is_known_when_their_post_is_not_shown(canned: Any, kind: str) -> None:
    parent = at_uri(BOB, "9")
    hidden = {"$type": f"app.bsky.feed.defs#{kind}", "uri": parent}
    item = {"post": view("1", record=replying(parent)), "reply": {"root": hidden, "parent": hidden}}
    assert only_post(glanced(canned, item))["target"] == BOB


def test_a_repost_belongs_to_whoever_passed_it_on(canned: Any) -> None:
    reason = {
        "$type": "app.bsky.feed.defs#reasonRepost",
        "by": {"did": ALICE, "handle": "alice.test"},
        "indexedAt": "2026-11-21T08:00:00Z",
    }
    mention = {"index": {"byteStart": 0, "byteEnd": 4}, "features": [{"$type": "x#mention", "did": ALICE}]}
    post = only_post(glanced(canned, {"post": view("1", BOB, record={"facets": [mention]}), "reason": reason}))
    assert (post["kind"], post["target"], post["parent"]) == (PostKind.REPOST, BOB, at_uri(BOB, "1"))
    assert post["time"] == 1_795_248_000
    assert post["mentions_self"]
    assert not post["own"]
    assert post["url"] == "https://bsky.app/profile/bob.test/post/1"
    assert (post["likes"], post["text_hash"]) == (UNKNOWN, 0), "counts and words are their author's"


def test_passing_on_oneself_is_told_apart(canned: Any) -> None:
    reason = {"$type": "app.bsky.feed.defs#reasonRepost", "indexedAt": "2026-11-21T08:00:00Z"}
    assert only_post(glanced(canned, {"post": view("1"), "reason": reason}))["own"]


@pytest.mark.parametrize("with_media", [False, True])
def test_a_quote_names_whom_it_quotes(canned: Any, with_media: bool) -> None:
    inner = {"record": {"uri": at_uri(BOB, "7"), "cid": "c"}}
    embed = {"$type": "app.bsky.embed.recordWithMedia", "record": inner} if with_media else inner
    embed = {"$type": "app.bsky.embed.record"} | embed
    quoted = {"author": {"did": BOB, "handle": "bob.test"}, "value": {"text": "x", **replying(at_uri(ALICE, "1"))}}
    shown = {"record": {"record": quoted}} if with_media else {"record": quoted}
    activity = glanced(canned, {"post": view("1", record={"embed": embed}, embed=shown)})
    post = only_post(activity)
    assert (post["kind"], post["target"], post["parent"]) == (PostKind.QUOTE, BOB, at_uri(BOB, "7"))
    assert post["mentions_self"], "what is quoted answers the account itself"
    assert activity.people.handle == ("bob.test",)


def test_showing_a_feed_or_a_list_is_no_quote(canned: Any) -> None:
    embed = {"$type": "app.bsky.embed.record", "record": {"uri": f"at://{BOB}/app.bsky.feed.generator/x"}}
    assert only_post(glanced(canned, {"post": view("1", record={"embed": embed})}))["kind"] is PostKind.ORIGINAL


def link(uri: str, start: int = 0, end: int = 0) -> dict[str, Any]:
    return {"index": {"byteStart": start, "byteEnd": end}, "features": [{"$type": "x#link", "uri": uri}]}


@pytest.mark.parametrize(
    ("facets", "embed", "source"),
    [
        ([link("https://www.Example.com/a")], None, "example.com"),
        ([link("https://bsky.app/profile/x"), link("https://news.example.org/a")], None, "news.example.org"),
        ([], {"$type": "app.bsky.embed.external", "external": {"uri": "https://blog.example/x"}}, "blog.example"),
        ([], {"$type": "app.bsky.embed.external", "external": {"uri": "https://media.tenor.com/x/y.gif"}}, ""),
        ([link("https://[broken")], None, ""),
        ([], None, ""),
    ],
)
def test_the_first_link_that_leads_out_is_the_source(canned: Any, facets: Any, embed: Any, source: str) -> None:
    assert (
        only_post(glanced(canned, {"post": view("1", record={"facets": facets, "embed": embed})}))["link_source"]
        == source
    )


def test_links_and_mentions_are_no_part_of_the_words(canned: Any) -> None:
    words = "Ünïcödé news of the day here "
    facet = link("https://e.example/1", len(words.encode()), len(words.encode()) + 11)
    linked = view("1", text=words + "e.example/1", record={"facets": [facet]})
    with_link, without = glanced(canned, {"post": linked}), glanced(canned, {"post": view("1", text=words)})
    assert only_post(with_link)["text_hash"] == only_post(without)["text_hash"] != 0


def test_a_date_before_the_post_was_seen_counts_and_one_after_it_does_not(canned: Any) -> None:
    late = view("1", record={"createdAt": "2031-01-01T00:00:00Z"})
    assert only_post(glanced(canned, {"post": late}))["time"] == 1_795_176_001


def test_odd_items_are_left_out_and_the_rest_is_read(canned: Any) -> None:
    undated = view("4", record={"createdAt": "yesterday"}, indexedAt="")
    activity = glanced(canned, None, 7, {"post": None}, {"post": {"uri": 3}}, {"post": undated}, {"post": view("1")})
    assert activity.posts.id == (at_uri(ALICE, "1"),)


def test_a_post_before_the_window_ends_the_reading(canned: Any) -> None:
    old = view("2", record={"createdAt": "2026-01-01T00:00:00Z"})
    activity = glanced(canned, {"post": view("1")}, {"post": old}, cursor="more")
    assert activity.coverage.timeline_complete
    assert activity.coverage.cursor == ""


def test_posts_before_the_window_are_kept_while_they_are_among_the_newest_and_else_left_out(canned: Any) -> None:
    old = {"post": view("old", record={"createdAt": "2026-01-01T00:00:00Z"})}
    inside = [{"post": view(f"{number:02}")} for number in range(NEWEST_KEPT)]
    assert glanced(canned, inside[0], old).posts.id == (at_uri(ALICE, "00"), at_uri(ALICE, "old"))
    assert glanced(canned, *inside, old).posts.id == tuple(at_uri(ALICE, f"{n:02}") for n in range(NEWEST_KEPT))


def test_an_empty_account_is_fully_seen(canned: Any) -> None:
    activity = glanced(canned, postsCount=0)
    assert len(activity.posts) == 0
    assert activity.coverage.timeline_complete


def test_an_account_declares_itself_a_bot_by_its_own_label_only(canned: Any, answer_of: AnswerOf) -> None:
    newsbot = answer_of("bluesky/getProfiles")["profiles"][1]
    fetcher = canned({"getProfile": newsbot, "getAuthorFeed": {"feed": []}})
    assert Bluesky().glance("newsbot.test", fetcher, NOW).profile.declared_bot
    by_another = [{"val": "bot", "src": BOB}]
    taken_back = [{"val": "bot", "src": ALICE, "neg": True}]
    assert not glanced(canned, labels=by_another).profile.declared_bot
    assert not glanced(canned, labels=taken_back).profile.declared_bot


def test_asking_to_be_shown_only_to_people_logged_in_is_honoured(canned: Any) -> None:
    asked = glanced(canned, labels=[{"val": "!no-unauthenticated", "src": ALICE}]).profile
    assert asked.consent is Consent.EPHEMERAL
    assert asked.consent_reason
    assert glanced(canned, description="I write. #noindex").profile.consent is Consent.EPHEMERAL
    assert glanced(canned, description="#nobotany").profile.consent is Consent.OPEN


def test_nobot_in_the_description_refuses(canned: Any) -> None:
    with pytest.raises(AccountRefused, match="#nobot"):
        glanced(canned, {"post": view("1")}, description="Gardens. #NoBot")


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"error": "InvalidRequest", "message": "Profile not found"}, AccountUnknown),
        ({"error": "InvalidRequest", "message": "Unable to resolve handle"}, AccountUnknown),
        ({"error": "InvalidRequest", "message": "Error: actor must be a valid did or a handle"}, AccountUnknown),
        ({"error": "AccountTakedown", "message": "Account has been suspended"}, AccountRefused),
        ({"error": "AccountDeactivated", "message": "Account is deactivated"}, AccountRefused),
        ({"error": "InvalidRequest", "message": "something else"}, UpstreamUnavailable),
        ("<html>", UpstreamUnavailable),
        (None, UpstreamUnavailable),
    ],
)
def test_refusals_become_words_about_the_account(canned: Any, body: Any, problem: type[Exception]) -> None:
    refusal = UpstreamRefusal("no", 400, body)
    with pytest.raises(problem) as raised:
        Bluesky().glance("gone.test", canned({"getProfile": refusal, "getAuthorFeed": refusal}), NOW)
    assert type(raised.value) is problem


@pytest.mark.parametrize("answer", [[], {}, {"did": 5}, "x", {"feed": "x", "did": ALICE, "handle": "a.b"}])
def test_an_answer_of_another_shape_is_said(canned: Any, answer: Any) -> None:
    with pytest.raises(UpstreamUnavailable, match="in a form that this version does not understand"):
        Bluesky().glance("a.b", canned({"getProfile": answer, "getAuthorFeed": answer}), NOW)


# Study


def study_of(canned: Any, answers: dict[str, Any], *items: Any, cursor: str = "") -> tuple[Activity, Any]:
    activity = glanced(canned, *items, cursor=cursor)
    empty = {"getAuthorFeed": {"feed": []}, "getPostThread": {}, "getLikes": {}, "getRepostedBy": {}, "getQuotes": {}}
    fetcher = canned({**empty, "getProfiles": {"profiles": []}, **answers})
    return Bluesky().study(activity, fetcher, NOW), fetcher


def test_a_study_reads_on_until_a_hundred_own_posts_are_known(canned: Any) -> None:
    pages = {str(n): {"feed": [{"post": view(f"{n}-{i}")} for i in range(30)], "cursor": str(n + 1)} for n in range(9)}
    items = [{"post": view(f"g{i}")} for i in range(30)]
    studied, fetcher = study_of(canned, {"getAuthorFeed": lambda p, _: pages[p["cursor"]]}, *items, cursor="0")
    assert [p["cursor"] for p in fetcher.asked("getAuthorFeed")] == ["0", "1", "2"]
    assert len(studied.posts) == 120
    assert studied.coverage.cursor == "3"


def test_a_study_of_reposts_alone_gives_up_after_four_pages(canned: Any, answer_of: AnswerOf) -> None:
    feed = answer_of("bluesky/authorFeed_frank")
    frank = next(i["reason"]["by"] for i in feed["feed"] if "reason" in i)
    about = {"did": frank["did"], "handle": "frank.test"}
    activity = Bluesky().glance("frank.test", canned({"getProfile": about, "getAuthorFeed": feed}), NOW)
    nothing = {name: {} for name in ("getPostThread", "getLikes", "getRepostedBy", "getQuotes", "getProfiles")}
    endless = canned(nothing | {"getAuthorFeed": lambda params, _: feed | {"cursor": params["cursor"] + "+"}})
    Bluesky().study(activity, endless, NOW)
    assert len(endless.asked("getAuthorFeed")) == 4
    stuck = canned(nothing | {"getAuthorFeed": feed})
    Bluesky().study(activity, stuck, NOW)
    assert len(stuck.asked("getAuthorFeed")) == 1, "the same page again leads nowhere"


def test_a_study_finds_who_answered_and_what_the_account_answered_back(canned: Any, answer_of: AnswerOf) -> None:
    thread = answer_of("bluesky/thread")
    fetcher = canned(
        {"getProfile": answer_of("bluesky/getProfile"), "getAuthorFeed": {"feed": [{"post": thread["thread"]["post"]}]}}
    )
    activity = Bluesky().glance("alice.test", fetcher, NOW)
    fetcher = canned(
        {
            "getPostThread": thread,
            "getLikes": answer_of("bluesky/likes"),
            "getRepostedBy": answer_of("bluesky/repostedBy"),
            "getProfiles": lambda p, _: {"profiles": [{"did": CARLA, "handle": "carla.test", "followersCount": 7}]},
        }
    )
    studied = Bluesky().study(activity, fetcher, NOW)
    deeds = studied.interactions
    assert Counter(deeds.kind.tolist()) == {
        InteractionKind.LIKE: 4,
        InteractionKind.REPOST: 2,
        InteractionKind.REPLY: 2,
    }
    replies = {
        i: p for i, p, k in zip(deeds.id, deeds.post, deeds.kind.tolist(), strict=True) if k == InteractionKind.REPLY
    }
    assert set(replies.values()) == {thread["thread"]["post"]["uri"]}
    answers = [i for i, seen in enumerate(studied.posts.timeline.tolist()) if not seen]
    assert [PostKind(int(studied.posts.kind[i])) for i in answers] == [PostKind.REPLY] * len(answers) != []
    assert studied.people.followers[studied.people.id.index(CARLA)] == 7
    assert thread["thread"]["post"]["uri"] in studied.coverage.threads_read
    assert studied.coverage.depth is Depth.STUDY


def test_a_study_counts_talk_among_others_below_a_post_as_none_of_the_accounts(canned: Any) -> None:
    post = view("1", replyCount=2)
    bobs = view("b", BOB, record=replying(post["uri"]))
    carlas = view("c", CARLA, record=replying(bobs["uri"], post["uri"]))
    tree = {"thread": {"post": post, "replies": [{"post": bobs, "replies": [{"post": carlas}]}, {"notFound": True}]}}
    studied, _ = study_of(canned, {"getPostThread": tree}, {"post": post})
    assert studied.interactions.id == (bobs["uri"],)


def test_a_thread_of_ones_own_is_read_once_from_its_first_post(canned: Any) -> None:
    first = view("1", replyCount=1)
    second = view("2", replyCount=1, record=replying(first["uri"]))
    tree = {"thread": {"post": first, "replies": [{"post": second, "replies": []}]}}
    studied, fetcher = study_of(canned, {"getPostThread": tree}, {"post": first}, {"post": second})
    assert [p["uri"] for p in fetcher.asked("getPostThread")] == [first["uri"]]
    assert set(studied.coverage.threads_read) == {first["uri"], second["uri"]}
    assert studied.posts.timeline.all(), "what stood in the timeline stays counted there"


def test_a_very_deep_thread_is_read_without_harm(canned: Any) -> None:
    node: dict[str, Any] = {}
    for n in range(3000):
        node = {"post": view(f"d{n}", BOB, record=replying(at_uri(BOB, f"d{n + 1}"))), "replies": [node]}
    studied, _ = study_of(canned, {"getPostThread": {"thread": node}}, {"post": view("1", replyCount=9)})
    assert len(studied.interactions) == 0


def busy(canned: Any) -> tuple[Activity, dict[str, Any]]:
    items = [{"post": view(f"{i}", replyCount=1, likeCount=1, repostCount=1, quoteCount=1)} for i in range(60)]
    people = [
        {"did": f"did:plc:{i:024d}".replace("0", "a").replace("1", "b").replace("8", "c").replace("9", "d")}
        for i in range(99)
    ]
    answers = {
        "getAuthorFeed": lambda p, _: {
            "feed": [{"reason": {"$type": "#reasonRepost"}, "post": view("x", BOB)}],
            "cursor": p["cursor"] + "1",
        },
        "getPostThread": {"thread": {}},
        "getLikes": {"likes": [{"actor": p} for p in people]},
        "getRepostedBy": {"repostedBy": people},
        "getQuotes": {"posts": [view("q", CARLA)]},
        "getProfiles": {"profiles": []},
    }
    return glanced(canned, *items, cursor="c"), answers


def test_a_study_makes_at_most_thirty_calls(canned: Any) -> None:
    activity, answers = busy(canned)
    fetcher = canned(answers)
    Bluesky().study(activity, fetcher, NOW)
    assert 25 <= len(fetcher.calls) <= 30
    assert max(len(url) for url, _ in fetcher.calls) < 100


@pytest.mark.parametrize("part", ["getPostThread", "getLikes", "getProfiles"])
def test_a_study_that_fails_midway_keeps_what_it_has_and_goes_on_later(canned: Any, part: str) -> None:
    activity, answers = busy(canned)
    broken = Bluesky().study(activity, canned({**answers, part: UpstreamUnavailable("down")}), NOW)
    assert broken.coverage.cursor != activity.coverage.cursor
    again = canned(answers)
    whole = Bluesky().study(merge(activity, broken), again, NOW)
    assert not {p["uri"] for p in again.asked("getPostThread")} & set(broken.coverage.threads_read)
    assert not {p["uri"] for p in again.asked("getLikes")} & set(broken.coverage.engagers_read)
    assert set(whole.coverage.threads_read) > set(broken.coverage.threads_read)


def test_a_study_whose_first_call_fails_says_so(canned: Any) -> None:
    activity, answers = busy(canned)
    with pytest.raises(UpstreamUnavailable):
        Bluesky().study(activity, canned({**answers, "getAuthorFeed": UpstreamUnavailable("down")}), NOW)


def test_a_post_deleted_since_is_passed_over(canned: Any) -> None:
    gone = UpstreamRefusal("no", 400, {"error": "NotFound"})
    studied, _ = study_of(canned, {"getPostThread": gone}, {"post": view("1", replyCount=1)})
    assert studied.coverage.threads_read == (at_uri(ALICE, "1"),)


# Real HTTP, and answers recorded elsewhere


def test_a_glance_over_real_http(client: GuardedClient, httpserver: HTTPServer, answer_of: AnswerOf) -> None:
    xrpc = "/xrpc/app.bsky.{}"
    httpserver.expect_request(xrpc.format("actor.getProfile"), query_string={"actor": "alice.test"}).respond_with_json(
        answer_of("bluesky/getProfile")
    )
    httpserver.expect_request(xrpc.format("feed.getAuthorFeed")).respond_with_json(answer_of("bluesky/authorFeed"))
    activity = Bluesky(httpserver.url_for("").rstrip("/")).glance("alice.test", client.budget(2), NOW)
    assert len(activity.posts) == 100


def test_an_account_that_is_not_there_over_real_http(
    client: GuardedClient, httpserver: HTTPServer, answer_of: AnswerOf
) -> None:
    httpserver.expect_request(re.compile("/xrpc/.*")).respond_with_json(answer_of("bluesky/blocked_bad"), status=400)
    with pytest.raises(AccountUnknown, match=r"there is no account gone\.test on Bluesky"):
        Bluesky(httpserver.url_for("").rstrip("/")).glance("gone.test", client, NOW)


@pytest.mark.parametrize("status", [401, 403, 404, 410, 429, 500, 502])
def test_a_failing_appview_is_unavailable_in_plain_words(
    client: GuardedClient, httpserver: HTTPServer, status: int
) -> None:
    httpserver.expect_request(re.compile("/xrpc/.*")).respond_with_data("<html>", status=status)
    with pytest.raises(UpstreamUnavailable) as problem:
        Bluesky(httpserver.url_for("").rstrip("/")).glance("alice.test", client, NOW)
    assert "xrpc" not in str(problem.value)


def test_views_recorded_by_the_appviews_own_tests_are_read(shared: Path) -> None:
    import msgspec

    from server.networks.bluesky import FeedItem, ProfileView
    from server.networks.reading import each

    folder = shared / "data/recorded/bluesky_appview_snapshots/packages/bsky/tests/views/__snapshots__"
    feeds = _json_in(folder / "author-feed.test.ts.snap")
    items = [
        item
        for feed in feeds
        for item in (feed if isinstance(feed, list) else [])
        if isinstance(item, dict) and "post" in item
    ]
    assert len(items) > 20
    assert len(list(each(items, FeedItem))) == len(items)
    profiles = [p for p in _json_in(folder / "profile.test.ts.snap") if isinstance(p, dict) and "did" in p]
    assert profiles
    for recorded in profiles:
        assert msgspec.convert(recorded, ProfileView).did == recorded["did"]


def test_a_thread_recorded_by_a_client_library_is_read(shared: Path) -> None:
    import json

    from server.networks.bluesky import PostView, _replies
    from server.networks.reading import whole

    folder = shared / "data/recorded/atproto_sdk/tests/test_atproto_client/models/test_data"
    recorded = json.loads((folder / "thread_view_post_with_embed_media.json").read_text())
    assert whole(recorded["thread"]["post"], PostView, "Bluesky").author.did.startswith("did:")
    assert isinstance(list(_replies(recorded["thread"])), list)


def _json_in(snapshot: Path) -> list[Any]:
    """The values of a Jest snapshot: its notation is JSON but for class names and trailing commas."""
    import json

    found = []
    for text in re.findall(r"= `\n(.*?)\n`;", snapshot.read_text(), re.S):
        text = re.sub(r"\b(?:Array|Object) (?=[\[{])", "", text)
        text = re.sub(r",(\s*[\]}])", r"\1", text).replace("\\\\", "\\").replace(": undefined", ": null")
        found.append(json.loads(text))
    return found


def test_a_post_marked_with_one_language_is_known_by_it_and_a_repost_by_none(canned: Any) -> None:
    marks: list[Any] = [["de-AT"], ["en", "es"], ["en-GB", "en-US"], [], "en", [7, None], None]
    repost = {
        "post": view("9", did=BOB, record={"langs": ["fr"]}),
        "reason": {"$type": "app.bsky.feed.defs#reasonRepost", "indexedAt": "2026-11-19T12:00:00.000Z"},
    }
    posts = glanced(canned, *({"post": view(str(i), record={"langs": m})} for i, m in enumerate(marks)), repost).posts
    told = dict(zip(posts.id, posts.language, strict=True))
    assert [told[at_uri(ALICE, str(i))] for i in range(len(marks))] == ["de", "", "en", "", "", "", ""]
    assert told[f"repost:{at_uri(BOB, '9')}"] == ""


def test_hashtags_of_the_text_and_beside_it_are_kept_those_of_reposts_are_not(canned: Any) -> None:
    def tagged(*tags: Any) -> dict[str, Any]:
        features = [{"$type": "app.bsky.richtext.facet#tag", "tag": tag} for tag in tags]
        return {"facets": [{"index": {"byteStart": 0, "byteEnd": 4}, "features": features}]}

    repost = {
        "post": view("4", did=BOB, record=tagged("theirs")),
        "reason": {"$type": "app.bsky.feed.defs#reasonRepost", "indexedAt": "2026-11-19T12:00:00.000Z"},
    }
    items = [
        {"post": view("1", record={**tagged("Trams", "trams"), "tags": ["Planning", 7, "two words"]})},
        {"post": view("2", record={**tagged(5), "tags": "no list"})},
        {"post": view("3")},
        repost,
    ]
    posts = glanced(canned, *items).posts
    tags = dict(zip(posts.id, posts.tags, strict=True))
    assert tags[at_uri(ALICE, "1")] == "trams planning"
    assert {tags[at_uri(ALICE, "2")], tags[at_uri(ALICE, "3")], tags[f"repost:{at_uri(BOB, '4')}"]} == {""}
    assert len(posts) == 4


def followed(*dids: str, cursor: str = "") -> dict[str, Any]:
    views = [{"did": did, "handle": f"p{number}.test"} for number, did in enumerate(dids)]
    return {"subject": profile(), "follows": views} | ({"cursor": cursor} if cursor else {})


def test_follows_come_a_page_at_a_time_by_the_name_that_stays(canned: Any) -> None:
    pages = {"": followed(BOB, CARLA, cursor="c1"), "c1": followed(ALICE)}
    upstream = canned({"getProfile": profile(), "getFollows": lambda params, url: pages[params.get("cursor", "")]})
    first = Bluesky().follows("me.test", "", upstream)
    assert [(one.name, one.handle) for one in first.accounts] == [(BOB, "p0.test"), (CARLA, "p1.test")]
    assert (first.cursor, first.count) == ("c1", 11)
    last = Bluesky().follows("me.test", first.cursor, upstream)
    assert ([one.name for one in last.accounts], last.cursor, last.count) == ([ALICE], "", None)
    assert len(upstream.asked("getProfile")) == 1


def test_a_follow_without_a_valid_handle_is_shown_by_its_did_and_an_odd_one_is_left_out(canned: Any) -> None:
    page = {"follows": [{"did": BOB, "handle": "handle.invalid"}, {"handle": "no-did.test"}, 7]}
    found = Bluesky().follows("me.test", "", canned({"getProfile": profile(), "getFollows": page}))
    assert [(one.name, one.handle) for one in found.accounts] == [(BOB, BOB)]


def test_the_follows_of_who_asks_not_to_be_looked_at_are_not_listed(canned: Any) -> None:
    upstream = canned({"getProfile": profile(description="painter, #nobot"), "getFollows": followed(BOB)})
    with pytest.raises(AccountRefused):
        Bluesky().follows("me.test", "", upstream)
    assert upstream.asked("getFollows") == []


def test_follows_of_nobody_known_are_said_so(canned: Any) -> None:
    refusal = UpstreamRefusal("answered 400", 400, {"error": "InvalidRequest", "message": "Profile not found"})
    with pytest.raises(AccountUnknown):
        Bluesky().follows("nobody.test", "", canned({"getProfile": refusal}))


def test_followers_come_a_page_at_a_time_newest_first_as_the_appview_lists_them(canned: Any) -> None:
    views = [{"did": BOB, "handle": "bob.test"}, {"did": CARLA, "handle": "carla.test"}]
    pages = {"": {"followers": views, "cursor": "c1"}, "c1": {"followers": [{"did": ALICE, "handle": "a.test"}]}}
    upstream = canned({"getProfile": profile(), "getFollowers": lambda params, url: pages[params.get("cursor", "")]})
    first = Bluesky().followers("me.test", "", upstream)
    assert ([one.handle for one in first.accounts], first.cursor, first.count) == (["bob.test", "carla.test"], "c1", 10)
    last = Bluesky().followers("me.test", first.cursor, upstream)
    assert ([one.name for one in last.accounts], last.cursor, last.count) == ([ALICE], "", None)
    assert upstream.asked("getFollowers") == [
        {"actor": "me.test", "limit": "100"},
        {"actor": "me.test", "limit": "100", "cursor": "c1"},
    ]


def test_the_followers_of_who_asks_not_to_be_looked_at_are_not_listed(canned: Any) -> None:
    upstream = canned({"getProfile": profile(description="painter, #nobot"), "getFollowers": {"followers": []}})
    with pytest.raises(AccountRefused, match=r"The followers of me\.test are not looked at"):
        Bluesky().followers("me.test", "", upstream)


@pytest.mark.parametrize("answer", [{}, {"follows": None, "followers": None}, {"items": []}, []])
def test_an_answer_without_the_list_asked_for_is_no_empty_list(canned: Any, answer: Any) -> None:
    prepared = dict.fromkeys(("getFollows", "getFollowers", "getList"), answer)
    upstream = canned({"getProfile": profile(), **prepared})
    for listing, of in (("follows", "me.test"), ("followers", "me.test"), ("members", f"at://me.test/{LIST}/3kabc")):
        with pytest.raises(UnreadableAnswer):
            getattr(Bluesky(), listing)(of, "", upstream)


PACK, LIST = "app.bsky.graph.starterpack", "app.bsky.graph.list"


@pytest.mark.parametrize(
    ("pasted", "address"),
    [
        ("https://bsky.app/starter-pack/alice.test/3kabc", f"at://alice.test/{PACK}/3kabc"),
        (" https://bsky.app/start/did:plc:bj2vrh4dh3q4dqgk52ti4bwc/3kabc?ref=x ", f"at://{ALICE}/{PACK}/3kabc"),
        ("bsky.app/starter-pack/@Alice.test/3kabc/", f"at://alice.test/{PACK}/3kabc"),
        ("https://bsky.app/profile/alice.test/lists/3kabc", f"at://alice.test/{LIST}/3kabc"),
        (f"at://{ALICE}/{PACK}/3kabc", f"at://{ALICE}/{PACK}/3kabc"),
        (f"at://alice.test/{LIST}/3kabc", f"at://alice.test/{LIST}/3kabc"),
    ],
)
def test_a_published_list_is_known_by_any_of_its_addresses(pasted: str, address: str) -> None:
    assert Bluesky().list_address(pasted) == address
    assert Bluesky().list_address(address) == address


@pytest.mark.parametrize(
    "pasted",
    ["", "alice.test", "https://bsky.app/profile/alice.test", "https://bsky.app/profile/alice.test/post/3kabc",
     f"at://{ALICE}/app.bsky.feed.post/3kabc", "https://bsky.app/starter-pack/alice.test", "at://", "http://[", "/",
     "https://bsky.app/starter-pack/two words/3kabc", "https://bsky.app/starter-pack/alice.test/3k%2Fabc"],
)  # fmt: skip
def test_what_is_no_published_list_is_refused_with_what_to_paste(pasted: str) -> None:
    with pytest.raises(BadHandle, match="is not the address of a starter pack or a list: paste"):
        Bluesky().list_address(pasted)


def test_a_short_address_is_said_to_be_one() -> None:
    with pytest.raises(BadHandle, match=r"short address\. Open it"):
        Bluesky().list_address("https://go.bsky.app/AbCdEf")


@given(st.text())
def test_whatever_is_pasted_is_a_published_list_or_refused(text: str) -> None:
    for pasted in (text, f"at://{text}", f"https://bsky.app/{text}"):
        try:
            address = Bluesky().list_address(pasted)
        except BadHandle:
            continue
        assert re.fullmatch(r"at://[^/\s]+/app\.bsky\.graph\.(starterpack|list)/[^/\s]+", address)


def on_list(*dids: str, cursor: str = "", **about: Any) -> dict[str, Any]:
    items = [{"uri": f"at://{did}/x/1", "subject": {"did": did, "handle": f"p{n}.test"}} for n, did in enumerate(dids)]
    whole = {"name": "Tram\nwriters", "purpose": "app.bsky.graph.defs#curatelist", "listItemCount": 150, **about}
    return {"list": whole, "items": items} | ({"cursor": cursor} if cursor else {})


def pack(list_uri: str = f"at://{ALICE}/{LIST}/3behind", name: str = "Trams") -> dict[str, Any]:
    return {"starterPack": {"uri": "at://x", "record": {"name": name}, "list": {"uri": list_uri}}}


def test_a_starter_pack_is_read_from_the_list_behind_it_a_page_at_a_time(canned: Any) -> None:
    pages = {"": on_list(BOB, cursor="c1"), "c1": on_list(CARLA)}
    upstream = canned(
        {
            "getProfile": profile(),
            "getStarterPack": pack(),
            "getList": lambda params, url: pages[params.get("cursor", "")],
        }
    )
    first = Bluesky().members(f"at://alice.test/{PACK}/3kabc", "", upstream)
    assert ([one.name for one in first.accounts], first.count) == ([BOB], 150)
    assert first.title == "the starter pack “Trams” by alice.test"
    assert upstream.asked("getStarterPack") == [{"starterPack": f"at://{ALICE}/{PACK}/3kabc"}]
    last = Bluesky().members(f"at://alice.test/{PACK}/3kabc", first.cursor, upstream)
    assert ([one.name for one in last.accounts], last.cursor, last.count) == ([CARLA], "", None)
    assert last.title == "", "the list behind the pack has a name of its own, which is not told"
    behind = f"at://{ALICE}/{LIST}/3behind"
    assert upstream.asked("getList") == [
        {"list": behind, "limit": "100"},
        {"list": behind, "limit": "100", "cursor": "c1"},
    ]
    assert len(upstream.calls) == 4


def test_a_list_is_asked_for_by_the_did_of_its_author_and_called_by_its_name_in_one_line(canned: Any) -> None:
    upstream = canned({"getProfile": profile(), "getList": on_list(BOB)})
    found = Bluesky().members(f"at://alice.test/{LIST}/3kabc", "", upstream)
    assert found.title == "the list “Tram writers” by alice.test"
    assert upstream.asked("getList") == [{"list": f"at://{ALICE}/{LIST}/3kabc", "limit": "100"}]


def test_a_page_of_a_list_that_leads_to_itself_is_the_last(canned: Any) -> None:
    upstream = canned({"getList": on_list(BOB, cursor="c1")})
    uri = f"at://{ALICE}/{LIST}/3kabc"
    assert Bluesky().members(uri, f"{uri} c1", upstream).cursor == ""


@pytest.mark.parametrize(
    ("answers", "error", "said"),
    [
        ({"getStarterPack": UpstreamRefusal("", 400, {"message": "Starter pack not found"})}, AccountUnknown, "no such starter pack"),
        ({"getStarterPack": pack(), "getList": UpstreamRefusal("", 400, {"message": "List not found"})}, AccountUnknown, "no such list"),
        ({"getStarterPack": {"starterPack": {"record": {"name": "x"}}}}, AccountUnknown, "behind that starter pack is gone"),
        ({"getStarterPack": pack("https://evil.example/list")}, AccountUnknown, "behind that starter pack is gone"),
        ({"getStarterPack": UpstreamRefusal("", 403, "no")}, UpstreamUnavailable, "answered 403"),
        ({"getStarterPack": pack(), "getList": on_list(purpose="app.bsky.graph.defs#modlist")}, AccountRefused, "muting or blocking"),
        ({"getProfile": profile(description="#nobot")}, AccountRefused, "The lists of alice.test are not looked at"),
        ({"getProfile": UpstreamRefusal("", 400, {"message": "Profile not found"})}, AccountUnknown, "no account alice.test"),
    ],
)  # fmt: skip
def test_a_published_list_that_cannot_be_read_is_said_to_be_so(
    canned: Any, answers: dict[str, Any], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        Bluesky().members(f"at://alice.test/{PACK}/3kabc", "", canned({"getProfile": profile()} | answers))


def test_what_an_account_says_of_itself_is_its_description(canned: Any) -> None:
    said = Bluesky().own_words("alice.test", canned({"getProfile": profile(description="Trams. rapport-abc")}))
    assert (said.name, said.handle, said.texts) == (ALICE, "alice.test", ("Trams. rapport-abc",))
    assert Bluesky().own_words("alice.test", canned({"getProfile": profile()})).texts == ("",)


def test_where_those_who_engage_say_they_are_is_read_with_their_followers(canned: Any) -> None:
    liked = {"likes": [{"actor": {"did": BOB, "handle": "bob.test"}, "createdAt": "2026-01-01T00:00:00Z"}]}
    about = {"did": BOB, "handle": "bob.test", "followersCount": 7, "description": "Trams. 📍 Ghent, Belgium | he"}
    answers = {"getLikes": liked, "getProfiles": {"profiles": [about]}}
    studied, _ = study_of(canned, answers, {"post": view("1", likeCount=1)})
    assert dict(zip(studied.people.id, studied.people.place, strict=True)) == {BOB: "Ghent, Belgium"}
