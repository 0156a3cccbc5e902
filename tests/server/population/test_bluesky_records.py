"""What an event of Bluesky's stream says, and that no event whatever stops the listening."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.activity import Consent
from server.population.bluesky_records import COLLECTIONS, NO_POST, NOT_UNDERSTOOD, Act, Heard, News, heard
from tests.server.population.invented_jetstream import account, answer, commit, did, like, post, profile, uri
from tests.server.population.invented_network import NOW

ANN, BOB, EVE = did("ann"), did("bob"), did("eve")
OF_BOB = uri("bob", "3kb")
CURSOR = NOW * 1_000_000


def acts(event: dict[str, Any]) -> list[Act]:
    found = heard(json.dumps(event), NOW)
    assert found.odd == ""
    assert found.cursor == event["time_us"]
    return list(found.acts)


def mention(*names: str) -> list[dict[str, Any]]:
    features = [{"$type": "app.bsky.richtext.facet#mention", "did": did(name)} for name in names]
    return [{"index": {"byteStart": 0, "byteEnd": 4}, "features": [feature]} for feature in features]


def quoted(of: str, *, with_media: bool = False) -> dict[str, Any]:
    link = {"cid": "bafy", "uri": of}
    plain = {"$type": "app.bsky.embed.record", "record": link}
    return {"$type": "app.bsky.embed.recordWithMedia", "record": plain, "media": {}} if with_media else plain


def test_a_like_and_a_repost_are_done_to_the_post_that_they_name() -> None:
    assert acts(like("ann", NOW, "3ka", OF_BOB)) == [
        Act(ANN, BOB, "like", NOW, OF_BOB, None, f"at://{ANN}/app.bsky.feed.like/3ka")
    ]
    assert acts(like("ann", NOW, "3ka", OF_BOB, "repost")) == [
        Act(ANN, BOB, "repost", NOW, OF_BOB, None, f"at://{ANN}/app.bsky.feed.repost/3ka")
    ]


def test_a_post_is_a_post_a_reply_or_a_quote_and_a_reply_that_quotes_is_a_reply() -> None:
    own = uri("ann", "3ka")
    assert acts(post("ann", NOW, "3ka")) == [Act(ANN, None, "post", NOW, own, own, own)]
    assert acts(answer("ann", NOW, "3ka", OF_BOB)) == [Act(ANN, BOB, "reply", NOW, OF_BOB, own, own)]
    for with_media in (False, True):
        event = post("ann", NOW, "3ka", embed=quoted(OF_BOB, with_media=with_media))
        assert acts(event) == [Act(ANN, BOB, "quote", NOW, OF_BOB, own, own)]
    both = answer("ann", NOW, "3ka", OF_BOB, embed=quoted(uri("eve", "3ke")))
    assert acts(both) == [Act(ANN, BOB, "reply", NOW, OF_BOB, own, own)]


def test_an_embedded_list_or_picture_is_no_quote() -> None:
    for embed in (quoted(uri("bob", "3kb", "app.bsky.graph.list")), {"$type": "app.bsky.embed.images"}, 7, None):
        assert [act.kind for act in acts(post("ann", NOW, "3ka", embed=embed))] == ["post"]


def test_each_other_account_that_a_post_names_is_mentioned_once() -> None:
    own = uri("ann", "3ka")
    event = answer("ann", NOW, "3ka", OF_BOB, facets=[*mention("eve", "ann", "eve", "bob"), {"index": 3}, "junk"])
    assert acts(event)[1:] == [
        Act(ANN, EVE, "mention", NOW, None, own, own),
        Act(ANN, BOB, "mention", NOW, None, own, own),
    ]


def test_the_time_is_when_the_network_saw_it_whatever_the_record_says() -> None:
    (act,) = acts(post("ann", NOW + 0.9, "3ka", createdAt="2099-01-01T00:00:00Z"))
    assert act.time == NOW


@pytest.mark.parametrize("collection", COLLECTIONS[:3])
def test_a_deletion_takes_back_what_was_done_under_the_same_record(collection: str) -> None:
    record = uri("ann", "3ka", collection)
    assert acts(commit("ann", NOW, collection, "3ka", operation="delete")) == [
        Act(ANN, None, "delete", NOW, None, None, record)
    ]


def test_only_its_author_is_named_by_a_deletion() -> None:
    event = commit("eve", NOW, COLLECTIONS[0], "3ka", operation="delete")
    assert acts(event)[0].record == uri("eve", "3ka")


@pytest.mark.parametrize(
    ("description", "labels", "asks"),
    [
        ("I write.", (), Consent.OPEN),
        ("I write.", ("!no-unauthenticated",), Consent.EPHEMERAL),
        ("I write. #noindex", (), Consent.EPHEMERAL),
        ("I write. #nobot", ("!no-unauthenticated",), Consent.REFUSED),
        ("I am one.", ("bot",), Consent.OPEN),
    ],
)
def test_a_profile_tells_what_the_account_asks_for(description: str, labels: tuple[str, ...], asks: Consent) -> None:
    assert heard(json.dumps(profile("ann", NOW, description, labels)), NOW).news == News(ANN, NOW, asks=asks)


def test_a_profile_without_words_or_labels_asks_for_nothing() -> None:
    for record in ({}, {"description": None, "labels": None}, {"labels": {"values": "junk"}}, {"labels": [1]}):
        event = commit("ann", NOW, "app.bsky.actor.profile", "self", record)
        assert heard(json.dumps(event), NOW).news == News(ANN, NOW, asks=Consent.OPEN)


@pytest.mark.parametrize("status", ["deleted", "deactivated", "suspended", "takendown"])
def test_an_account_that_is_gone_is_told(status: str) -> None:
    assert heard(json.dumps(account("ann", NOW, False, status)), NOW).news == News(ANN, NOW, active=False)
    assert heard(json.dumps(account("ann", NOW, True)), NOW).news == News(ANN, NOW, active=True)


LONG = "a" * 10_000
ODD = {
    "no JSON": "{",
    "no event": "[]",
    "nested deeply": "[" * 100_000,
    "no UTF-8": b'{"did": "\xff"}',
    "no DID": json.dumps(post("ann", NOW, "3ka") | {"did": "ann"}),
    "a DID of 10 kB": json.dumps(post("ann", NOW, "3ka") | {"did": "did:plc:" + LONG}),
    "a web DID of 10 kB": json.dumps(post("ann", NOW, "3ka") | {"did": "did:web:" + LONG}),
    "a time before there was a network": json.dumps(post("ann", 1.0, "3ka")),
    "a time of next year": json.dumps(post("ann", NOW + 31_536_000, "3ka")),
    "a time beyond all numbers": json.dumps(post("ann", NOW, "3ka") | {"time_us": 10**40}),
    "no commit in a commit": json.dumps(post("ann", NOW, "3ka") | {"commit": None}),
    "a key of 10 kB": json.dumps(post("ann", NOW, LONG)),
    "a key that leads elsewhere": json.dumps(post("ann", NOW, "../x")),
    "an operation not known": json.dumps(commit("ann", NOW, COLLECTIONS[0], "3ka", {"text": ""}, "shred")),
    "a record that is a text": json.dumps(commit("ann", NOW, COLLECTIONS[0], "3ka", "junk")),
    "no record": json.dumps(commit("ann", NOW, COLLECTIONS[1], "3ka")),
    "a like of nothing": json.dumps(commit("ann", NOW, COLLECTIONS[1], "3ka", {"subject": {}})),
    "a like of an address of 10 kB": json.dumps(like("ann", NOW, "3ka", OF_BOB + LONG)),
    "a like of a web page": json.dumps(like("ann", NOW, "3ka", "https://example.org/app.bsky.feed.post/1")),
    "a like of a post by a handle": json.dumps(like("ann", NOW, "3ka", "at://bob.test/app.bsky.feed.post/1")),
    "a reply to no post": json.dumps(answer("ann", NOW, "3ka", "")),
    "a reply to a list": json.dumps(answer("ann", NOW, "3ka", uri("bob", "3kb", "app.bsky.graph.list"))),
    "a reply without a parent": json.dumps(post("ann", NOW, "3ka", reply={"root": {"uri": OF_BOB}})),
}


@pytest.mark.parametrize("frame", ODD.values(), ids=ODD)
def test_an_event_that_makes_no_sense_says_nothing_but_that(frame: str | bytes) -> None:
    found = heard(frame, NOW)
    assert (found.acts, found.news, found.odd) == ((), None, NOT_UNDERSTOOD)


def test_only_an_event_with_a_sound_time_moves_the_place_in_the_stream() -> None:
    assert heard(ODD["a key of 10 kB"], NOW).cursor == CURSOR
    assert heard(ODD["a time of next year"], NOW).cursor == 0


def test_an_event_of_the_next_hours_is_taken_as_one_of_now() -> None:
    found = heard(json.dumps(post("ann", NOW + 7200, "3ka")), NOW)
    assert found.cursor == CURSOR + 1_000_000
    assert found.acts[0].time == NOW + 1


def test_a_like_of_a_feed_is_passed_over_with_a_reason_of_its_own() -> None:
    of_feed = like("ann", NOW, "3ka", uri("bob", "news", "app.bsky.feed.generator"))
    assert heard(json.dumps(of_feed), NOW) == Heard(CURSOR, NOW, odd=NO_POST)


def test_what_matters_to_nobody_here_is_silent() -> None:
    identity = {"did": ANN, "time_us": CURSOR, "kind": "identity", "identity": {"did": ANN}}
    assert heard(json.dumps(identity), NOW) == Heard(CURSOR, NOW)
    assert heard(json.dumps(commit("ann", NOW, "app.bsky.graph.block", "3ka", {})), NOW) == Heard(CURSOR, NOW)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20) | st.just(OF_BOB),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ("uri", "subject", "reply", "parent", "root", "embed", "record", "$type", "facets", "labels", "val")
            )
            | st.text(max_size=5),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(
    junk=JUNK,
    collection=st.sampled_from(COLLECTIONS),
    operation=st.sampled_from(("create", "update", "delete")),
    place=st.sampled_from(("record", "commit", "did", "time_us", "kind", "account", "all")),
)
def test_junk_never_raises_and_never_gives_a_row_that_makes_no_sense(
    junk: Any, collection: str, operation: str, place: str
) -> None:
    event: Any = commit("ann", NOW, collection, "3ka", {}, operation)
    if place == "record":
        event["commit"]["record"] = junk
    elif place == "all":
        event = junk
    else:
        event[place] = junk
    for act in heard(json.dumps(event), NOW).acts:
        assert act.actor == ANN
        assert act.record.startswith(f"at://{ANN}/")
        assert act.kind in ("post", "delete") or act.target is not None


@given(st.binary(max_size=200))
def test_bytes_of_any_kind_never_raise(frame: bytes) -> None:
    assert heard(frame, NOW).acts == ()
