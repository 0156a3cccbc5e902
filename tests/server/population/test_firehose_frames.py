"""What a frame of the raw firehose says: the same as a Jetstream says of the same deeds, and that no frame whatever stops the listening."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from libipld import encode_dag_cbor

from server.population.bluesky_records import COLLECTIONS, NO_POST, NOT_UNDERSTOOD, POST, Heard, News, heard
from server.population.firehose_frames import SET_ANEW, TOO_BIG, Notice, heard_in
from tests.server.population.invented_firehose import car, error, frame, info, iso, link, told
from tests.server.population.invented_jetstream import account, answer, commit, did, like, post, profile, uri
from tests.server.population.invented_network import NOW
from tests.server.population.test_bluesky_records import JUNK, OF_BOB, mention, quoted

SEQ = 77
HEARD = Heard(SEQ, NOW)
EVENTS: dict[str, dict[str, Any]] = {
    "a post": post("ann", NOW, "3ka"),
    "a post that mentions": post("ann", NOW, "3ka", facets=mention("eve", "bob")),
    "a quote": post("ann", NOW, "3ka", embed=quoted(OF_BOB, with_media=True)),
    "a post with a picture": post("ann", NOW, "3ka", embed={"$type": "app.bsky.embed.images", "ref": link({})}),
    "a reply": answer("ann", NOW, "3ka", OF_BOB),
    "a reply to no post": answer("ann", NOW, "3ka", ""),
    "a like": like("ann", NOW, "3ka", OF_BOB),
    "a repost": like("ann", NOW, "3ka", OF_BOB, "repost"),
    "a like of a feed": like("ann", NOW, "3ka", uri("bob", "news", "app.bsky.feed.generator")),
    "a deletion": commit("ann", NOW, POST, "3ka", operation="delete"),
    "a profile": profile("ann", NOW, "I write. #noindex"),
    "a profile for those who are logged in": profile("ann", NOW, labels=("!no-unauthenticated",)),
    "a profile that is gone": commit("ann", NOW, "app.bsky.actor.profile", "self", operation="delete"),
    "a block": commit("ann", NOW, "app.bsky.graph.block", "3ka", {}),
    "an account that is gone": account("ann", NOW, False),
    "an account that is back": account("ann", NOW, True),
    "a handle": {"did": did("ann"), "time_us": NOW * 1_000_000, "kind": "identity"},
}


def said(event: dict[str, Any]) -> Heard:
    """What a Jetstream says of it, at a place of the firehose."""
    if event["kind"] == "commit" and "picture" in str(event):
        event = event | {"commit": event["commit"] | {"record": {"text": "Hello"}}}
    return replace(heard(json.dumps(event, default=str), NOW), cursor=SEQ)


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
def test_a_frame_says_what_a_jetstream_says_of_the_same_deed(event: dict[str, Any]) -> None:
    assert heard_in(told(SEQ, event), NOW) == [said(event)]


@given(st.lists(st.sampled_from([event for event in EVENTS.values() if event["kind"] == "commit"]), max_size=6))
def test_a_commit_of_several_deeds_says_all_of_them_at_one_place(events: list[dict[str, Any]]) -> None:
    together = heard_in(told(SEQ, EVENTS["a block"], *events), NOW)
    wanted = [said(event) for event in events if event["commit"]["collection"] in COLLECTIONS]
    assert together == (wanted or [HEARD])


@given(JUNK, st.sampled_from(COLLECTIONS), st.sampled_from(("create", "update", "delete", "merge")))
def test_whatever_a_record_is_it_says_the_same_in_both_streams(junk: Any, collection: str, operation: str) -> None:
    event = commit("ann", NOW, collection, "3ka", None, operation)
    if operation != "delete":
        event["commit"]["record"] = junk
    try:
        encoded = told(SEQ, event)
    except ValueError:
        return  # no DAG-CBOR: a number that is too large
    assert heard_in(encoded, NOW) == [said(event)]


def test_what_the_server_says_of_the_stream_is_a_notice() -> None:
    assert heard_in(error("FutureCursor"), NOW) == Notice("FutureCursor", True)
    assert heard_in(info("OutdatedCursor"), NOW) == Notice("OutdatedCursor", False)


@pytest.mark.parametrize("kind", ["#sync", "#handle", "#invented"])
def test_what_this_version_does_not_know_is_silent(kind: str) -> None:
    assert heard_in(frame({}, "#commit", 2), NOW) == []
    assert heard_in(frame({"seq": SEQ, "time": iso(NOW * 1_000_000)}, kind), NOW) == [HEARD]


def test_an_account_that_older_servers_call_buried_is_gone() -> None:
    buried = frame({"seq": SEQ, "time": iso(NOW * 1_000_000), "did": did("ann")}, "#tombstone")
    assert heard_in(buried, NOW) == [replace(HEARD, news=News(did("ann"), NOW, active=False))]


def test_a_commit_that_is_not_told_in_the_stream_is_counted() -> None:
    event = EVENTS["a post"]
    assert heard_in(told(SEQ, event, tooBig=True, ops=[], blocks=b""), NOW) == [replace(HEARD, odd=TOO_BIG)]
    assert heard_in(told(SEQ, event, rebase=True, ops=[], blocks=b""), NOW) == [replace(HEARD, odd=SET_ANEW)]


def test_an_event_of_the_next_hours_is_taken_as_one_of_now() -> None:
    (found,) = heard_in(told(SEQ, post("ann", NOW + 7200, "3ka")), NOW)
    assert (found.time, found.acts[0].time) == (NOW + 1, NOW + 1)


def without_its_record() -> bytes:
    return told(SEQ, EVENTS["a like"], blocks=car({link({}): {}}))


ODD = {
    "a record that is not there": without_its_record(),
    "a file cut off": told(SEQ, EVENTS["a like"], blocks=car({link({}): {"a": "long enough"}})[:-3]),
    "no file": told(SEQ, EVENTS["a like"], blocks=b""),
    "a deed that is none": told(SEQ, EVENTS["a like"], ops=["junk"]),
    "no list of deeds": told(SEQ, EVENTS["a like"], ops={}),
    "an author who is none": told(SEQ, EVENTS["a like"], repo="did:ann"),
    "no author": told(SEQ, EVENTS["a like"], repo=None),
    "a key that is none": told(SEQ, EVENTS["a like"], ops=[{"action": "delete", "path": f"{POST}/a/b", "cid": None}]),
    "no key": told(SEQ, EVENTS["a like"], ops=[{"action": "delete", "path": f"{POST}/", "cid": None}]),
}
WITHOUT_TIME = {
    "no time": told(SEQ, EVENTS["a like"], time="yesterday"),
    "a time of next year": told(SEQ, EVENTS["a like"], time="2027-09-21T14:00:00Z"),
}
WITHOUT_PLACE = {
    "no place": told(0, EVENTS["a like"]),
    "a place beyond all": told(2**63, EVENTS["a like"]),
    "no body": encode_dag_cbor({"op": 1, "t": "#commit"}),
    "a third part": told(SEQ, EVENTS["a like"]) + b"\xa0",
    "a body that is a number": encode_dag_cbor({"op": 1, "t": "#commit"}) + b"\x07",
    "a header that is a text": encode_dag_cbor("hello") + encode_dag_cbor({}),
    "nothing": b"",
    "JSON": json.dumps(EVENTS["a like"]).encode(),
    "lists 100,000 deep": b"\x81" * 100_000,
    "a list as long as nothing is": b"\x9b\x7f\xff\xff\xff\xff\xff\xff\xff",
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_a_commit_that_makes_no_sense_says_nothing_but_that_and_where_it_was(odd: bytes) -> None:
    assert heard_in(odd, NOW) == [replace(HEARD, odd=NOT_UNDERSTOOD)]


@pytest.mark.parametrize("odd", WITHOUT_TIME.values(), ids=WITHOUT_TIME)
def test_a_frame_without_a_sound_time_still_moves_the_place_in_the_stream(odd: bytes) -> None:
    assert heard_in(odd, NOW) == [Heard(SEQ, odd=NOT_UNDERSTOOD)]


@pytest.mark.parametrize("odd", WITHOUT_PLACE.values(), ids=WITHOUT_PLACE)
def test_a_frame_that_makes_no_sense_says_nothing_but_that(odd: bytes) -> None:
    assert heard_in(odd, NOW) == [Heard(odd=NOT_UNDERSTOOD)]


def test_what_is_sound_in_a_commit_is_kept_beside_what_is_not() -> None:
    good, bad = EVENTS["a post"], like("ann", NOW, "3kb", uri("bob", "news", "app.bsky.feed.generator"))
    assert heard_in(told(SEQ, good, bad), NOW) == [said(good), replace(HEARD, odd=NO_POST)]


WHOLE = told(SEQ, EVENTS["a post"], EVENTS["a like"], EVENTS["a profile"])


@given(st.binary(max_size=300))
def test_bytes_of_any_kind_never_raise(junk: bytes) -> None:
    header = encode_dag_cbor({"op": 1, "t": "#commit"})
    for frame_of_junk in (junk, header + junk, WHOLE[: len(header)] + junk, WHOLE + b"\x00" + junk):
        found = heard_in(frame_of_junk, NOW)
        assert isinstance(found, Notice) or not any(event.acts for event in found)


@given(
    st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), min_size=1, max_size=4),
    st.integers(0, len(WHOLE)),
)
def test_a_frame_with_some_bytes_changed_or_cut_off_never_raises(changes: list[tuple[int, int]], end: int) -> None:
    changed = bytearray(WHOLE)
    for place, value in changes:
        changed[place] = value
    heard_in(bytes(changed), NOW)
    heard_in(WHOLE[:end], NOW)


@given(st.dictionaries(st.sampled_from(("seq", "time", "repo", "ops", "blocks", "tooBig", "rebase", "did")), JUNK))
def test_a_body_of_junk_never_raises(junk: dict[str, Any]) -> None:
    for kind in ("#commit", "#account", "#identity", "#info"):
        try:
            encoded = told(SEQ, EVENTS["a post"], **junk) if kind == "#commit" else frame({"seq": SEQ} | junk, kind)
        except ValueError:
            return  # no DAG-CBOR: a number that is too large
        heard_in(encoded, NOW)
