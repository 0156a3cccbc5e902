"""Listening to the raw firehose of a server that is really there, on loopback: its places are its own, and nothing it tells stops it."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import msgspec
import pytest

from server.errors import RapportError
from server.fetching import FetchingLimits, GuardedClient
from server.population.bluesky_records import NOT_UNDERSTOOD
from server.population.firehose import Firehose
from server.population.listening import TOO_LARGE, listen
from tests.server.population.invented_firehose import InventedFirehose, error, invented_firehose, told
from tests.server.population.invented_jetstream import (
    account,
    commit,
    did,
    invented_jetstream,
    like,
    post,
    profile,
    uri,
)
from tests.server.population.test_jetstream import (
    BEGIN,
    HOUR,
    LISTENER,
    LOOPBACK,
    Listening,
    keys,
    likes,
    numbered,
    process,
    rows,
    until,
)
from tests.server.test_main import PATIENCE, environment

NOTHING = b""


@pytest.fixture
def stream() -> Iterator[InventedFirehose]:
    with invented_firehose() as opened:
        yield opened


def listening(
    folder: Path, stream: InventedFirehose, hours: float = 24.0, kind: type[Firehose] = Firehose
) -> Listening:
    return Listening(folder, stream.address, hours, kind)


class Small(Firehose):
    """Receives less, so that what is too large for it is small enough for a test."""

    largest = 200_000


def test_the_deeds_that_a_server_tells_are_kept_with_the_hour_at_which_it_saw_them(
    stream: InventedFirehose, tmp_path: Path
) -> None:
    stream.tell(*likes(3), post("bob", BEGIN + 400, "k00003"))
    stream.add((5, told(5, post("bob", BEGIN + HOUR, "k00004"), like("bob", BEGIN + HOUR, "k00005", uri("ann", "p")))))
    with listening(tmp_path, stream) as listener:
        until(lambda: keys(tmp_path) == numbered(6))
    assert listener.tally is not None
    assert listener.tally.rows == 6
    assert stream.asked == [{"cursor": ["0"]}]
    first = time.strftime("%Y-%m-%dT%H", time.gmtime(BEGIN))
    assert (tmp_path / "interactions" / f"{first}.parquet").exists()


def test_a_new_folder_begins_at_the_present_unless_it_is_told_otherwise(
    stream: InventedFirehose, tmp_path: Path
) -> None:
    stream.tell(*likes(3))
    with listening(tmp_path, stream, hours=0):
        until(lambda: stream.asked)
        stream.tell(like("ann", time.time(), "now", uri("bob", "p")))
        until(lambda: keys(tmp_path) == ["now"])
    assert stream.asked == [{}]


def test_what_is_older_than_was_asked_for_is_left_out_but_for_what_accounts_ask_for(
    stream: InventedFirehose, tmp_path: Path
) -> None:
    stream.tell(profile("bob", BEGIN, labels=("!no-unauthenticated",)), like("ann", BEGIN, "old", uri("eve", "p")))
    recent = time.time() - 1800
    stream.tell(like("ann", recent, "hidden", uri("bob", "p")), like("ann", recent, "new", uri("eve", "p")))
    with listening(tmp_path, stream, hours=1):
        until(lambda: keys(tmp_path) == ["new"])
    assert rows(tmp_path, "accounts") == [(did("bob"), "ephemeral", BEGIN)]


def test_what_a_quiet_server_tells_while_there_is_no_connection_is_not_lost(
    stream: InventedFirehose, tmp_path: Path
) -> None:
    stream.tell(like("ann", time.time() - HOUR, "old", uri("bob", "p")))
    stream.drop_after = [0]
    with listening(tmp_path, stream, hours=0):
        until(lambda: stream.asked)
        # It breaks off before it tells anything; two more come before it is there again.
        stream.tell(*(like("ann", time.time(), f"new{n}", uri("bob", "p")) for n in range(2)))
        until(lambda: keys(tmp_path) == ["new0", "new1"])
    assert stream.asked[:2] == [{}, {"cursor": ["0"]}]


def test_what_is_too_large_at_the_present_is_no_reason_to_begin_in_the_past(
    stream: InventedFirehose, tmp_path: Path
) -> None:
    stream.tell(like("ann", time.time() - HOUR, "old", uri("bob", "p")))
    with listening(tmp_path, stream, hours=0, kind=Small) as listener:
        until(lambda: stream.asked)
        stream.tell(os.urandom(300_000), like("ann", time.time(), "new", uri("bob", "p")))
        until(lambda: keys(tmp_path) == ["new"])
    assert listener.tally is not None
    assert set(listener.tally.odd) == {TOO_LARGE}


def test_a_connection_that_drops_is_made_again_right_after_what_was_heard_last(
    stream: InventedFirehose, tmp_path: Path
) -> None:
    stream.drop_after = [7, 0, 20]
    stream.refuse_with = [503]
    stream.tell(*likes(60))
    with listening(tmp_path, stream) as listener:
        until(lambda: keys(tmp_path) == numbered(60))
    assert [asked["cursor"] for asked in stream.asked] == [["0"], ["7"], ["7"], ["27"]]
    assert listener.has_said("127.0.0.1 ended the connection; trying again in")
    assert not listener.has_said("missing")


def test_the_next_start_goes_on_where_the_last_one_ended(stream: InventedFirehose, tmp_path: Path) -> None:
    stream.tell(*likes(5))
    with listening(tmp_path, stream):
        until(lambda: keys(tmp_path) == numbered(5))
    stream.tell(*likes(9)[5:])
    with listening(tmp_path, stream, hours=0):
        until(lambda: keys(tmp_path) == numbered(9))
    assert stream.asked[-1] == {"cursor": ["5"]}


def test_the_place_in_one_stream_is_never_used_for_another(stream: InventedFirehose, tmp_path: Path) -> None:
    with invented_firehose() as other, invented_jetstream() as jetstream:
        stream.tell(*likes(5))
        jetstream.tell(*likes(7)[5:])
        other.tell(*likes(8)[7:])
        for opened, count in ((stream, 5), (jetstream, 7), (other, 8)):
            more = {} if opened is jetstream else {"kind": Firehose}
            with Listening(tmp_path, opened.address, **more):
                until(partial(lambda wanted: keys(tmp_path) == numbered(wanted), count))
        assert other.asked == [{"cursor": ["0"]}]
        assert int(jetstream.asked[0]["cursor"][0]) / 1e6 == pytest.approx(time.time() - 24 * HOUR, abs=PATIENCE)
        for opened in (stream, jetstream):
            more = {} if opened is jetstream else {"kind": Firehose}
            with Listening(tmp_path, opened.address, **more):
                until(partial(lambda asked: len(asked) == 2, opened.asked))
        assert stream.asked[-1] == {"cursor": ["5"]}
        assert int(jetstream.asked[-1]["cursor"][0]) / 1e6 == BEGIN + 6 * 60 - 5


def test_a_folder_that_was_listened_to_before_there_were_other_streams_goes_on(tmp_path: Path) -> None:
    (tmp_path / "listened.json").write_text(f'{{"cursor": {BEGIN * 1_000_000}}}')
    with invented_jetstream() as jetstream, invented_firehose() as stream:
        jetstream.tell(*likes(2))
        stream.tell(*likes(3)[2:])
        with Listening(tmp_path, jetstream.address, hours=0):
            until(lambda: keys(tmp_path) == numbered(2))
        assert int(jetstream.asked[0]["cursor"][0]) / 1e6 == BEGIN - 5
        with listening(tmp_path, stream):
            until(lambda: keys(tmp_path) == numbered(3))
    noted = msgspec.json.decode((tmp_path / "listened.json").read_bytes())
    assert noted == {"cursors": {"jetstream": (BEGIN + 60) * 1_000_000, stream.address.removesuffix(stream.path): 1}}


def test_what_the_server_has_forgotten_meanwhile_is_said_to_be_missing(
    stream: InventedFirehose, tmp_path: Path
) -> None:
    stream.tell(*likes(5))
    with listening(tmp_path, stream):
        until(lambda: keys(tmp_path) == numbered(5))
    stream.tell(*likes(20)[5:])
    stream.forgotten = 12
    with listening(tmp_path, stream) as listener:
        until(lambda: "k00019" in keys(tmp_path))
    assert "k00011" not in keys(tmp_path)
    assert listener.has_said("what happened before (7 events at most) is missing.")


def test_a_stream_that_was_begun_anew_is_said_in_one_sentence(stream: InventedFirehose, tmp_path: Path) -> None:
    stream.tell(*likes(5))
    with listening(tmp_path, stream):
        until(lambda: keys(tmp_path) == numbered(5))
    stream.seq = 2
    with pytest.raises(RapportError, match=r"it was begun anew\. Delete “ws://127\.0\.0\.1:\d+” from listened\.json"):
        listen(tmp_path, Firehose(stream.address), GuardedClient(LOOPBACK), lambda _: None, threading.Event())
    assert keys(tmp_path) == numbered(5)


def test_a_server_that_ends_the_stream_is_asked_to_go_on(stream: InventedFirehose, tmp_path: Path) -> None:
    stream.tell(*likes(2), error("ConsumerTooSlow"), *likes(4)[2:])
    with listening(tmp_path, stream) as listener:
        until(
            lambda: listener.has_said("ended the stream (this machine reads more slowly than it tells); trying again")
        )
        # It would not say so for ever.
        stream.forgotten = 3
        until(lambda: keys(tmp_path) == numbered(4))
    assert stream.asked[1] == {"cursor": ["2"]}


def test_nonsense_and_what_is_too_large_is_counted_and_passed_over(stream: InventedFirehose, tmp_path: Path) -> None:
    stream.tell(b"junk", NOTHING, bytes(10_000_000), told(3, *likes(1), blocks=b"junk"), *likes(2))
    with listening(tmp_path, stream) as listener:
        until(lambda: keys(tmp_path) == numbered(2))
    assert listener.tally is not None
    assert listener.tally.odd == {NOT_UNDERSTOOD: 3, TOO_LARGE: 1}


def test_what_is_too_large_even_to_be_received_is_stepped_over_and_nothing_else_is(
    stream: InventedFirehose, tmp_path: Path
) -> None:
    stream.tell(*likes(2), os.urandom(300_000), os.urandom(300_000), *likes(4)[2:])
    with listening(tmp_path, stream, kind=Small) as listener:
        until(lambda: keys(tmp_path) == numbered(4))
    assert listener.tally is not None
    assert listener.tally.odd == {TOO_LARGE: 2}
    assert listener.has_said("127.0.0.1 told what is larger than an event may be; trying again in")


def test_who_asks_not_to_be_looked_at_is_dropped_on_the_way_in(stream: InventedFirehose, tmp_path: Path) -> None:
    stream.tell(profile("bob", BEGIN, labels=("!no-unauthenticated",)), account("eve", BEGIN + 1, False))
    stream.tell(*likes(2), post("eve", BEGIN + 90, "e"), post("ida", BEGIN + 91, "i"), post("ann", BEGIN + 92, "a"))
    listener = listening(tmp_path, stream)
    listener.wanting.add(did("ida"))
    with listener:
        until(lambda: keys(tmp_path) == ["a"])
    assert listener.tally is not None
    assert listener.tally.not_kept == 4
    assert rows(tmp_path, "accounts") == [
        (did("bob"), "ephemeral", BEGIN),
        (did("eve"), "refused", BEGIN + 1),
        (did("ida"), "refused", BEGIN + 91),
    ]


def test_what_was_deleted_is_written_as_that(stream: InventedFirehose, tmp_path: Path) -> None:
    stream.tell(post("ann", BEGIN, "a"), commit("ann", BEGIN + 9, "app.bsky.feed.post", "a", operation="delete"))
    with listening(tmp_path, stream):
        until(lambda: len(rows(tmp_path)) == 2)
    assert {(row[2], row[6]) for row in rows(tmp_path)} == {("post", uri("ann", "a")), ("delete", uri("ann", "a"))}


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("ftp://127.0.0.1/", "is no address of a PDS; one looks like https://pds.example"),
        ("pds.example", "is no address of a PDS"),
        ("https://somebody@pds.example", "is no address of a PDS"),
        ("https://127.0.0.1/", "is not a public address"),
        ("http://127.0.0.1/", "is not asked without encryption"),
    ],
)
def test_an_address_that_must_not_be_reached_is_said_at_once(tmp_path: Path, url: str, said: str) -> None:
    with pytest.raises(RapportError, match=said):
        listen(tmp_path, Firehose(url), GuardedClient(FetchingLimits()), lambda _: None, threading.Event())


@pytest.mark.parametrize(
    "url", ["https://PDS.example", "wss://pds.example/", "https://pds.example/xrpc/com.atproto.sync.subscribeRepos"]
)
def test_a_server_is_named_by_its_plain_address_too_and_is_the_same_however_it_is_written(url: str) -> None:
    opened = Firehose(url)
    assert opened.name == "wss://pds.example"
    assert opened.request(7, 0, past=False) == "wss://pds.example/xrpc/com.atproto.sync.subscribeRepos?cursor=7"


def test_what_is_no_server_of_this_kind_is_said_at_once(stream: InventedFirehose, tmp_path: Path) -> None:
    stream.refuse_with = [404]
    with pytest.raises(RapportError, match=r"answered 404; is that the address of the firehose of a PDS\?"):
        listen(tmp_path, Firehose(stream.address), GuardedClient(LOOPBACK), lambda _: None, threading.Event())


def test_killed_at_any_moment_it_loses_nothing(stream: InventedFirehose, tmp_path: Path) -> None:
    events, written = likes(300, every=120.0), 0
    listener_code = LISTENER.replace("jetstream", "firehose").replace("Jetstream", "Firehose")
    for enough in (30, 130):
        with process(["-c", listener_code, str(tmp_path), stream.address]) as listener:
            assert listener.stdout is not None
            listener.stdout.readline()
            stream.tell(*events[written : written + 100])
            written += 100
            until(partial(lambda wanted: len(rows(tmp_path)) >= wanted, enough))
            os.kill(listener.pid, signal.SIGKILL)
            listener.wait(PATIENCE)
        assert set(keys(tmp_path)) <= set(numbered(written))
    stream.tell(*events[written:])
    with process(["-c", listener_code, str(tmp_path), stream.address]):
        until(lambda: len(rows(tmp_path)) >= 300)
    assert keys(tmp_path) == numbered(300)


def test_the_command_listens_to_a_server_and_to_one_stream_at_a_time(
    stream: InventedFirehose, tmp_path: Path, kept_at: dict[str, str]
) -> None:
    address = stream.address.removesuffix(stream.path).replace("ws:", "http:")
    command = ["-m", "server", "population", "listen", str(tmp_path / "sky"), "--hours", "24", "--pds", address]
    allowed = environment(tmp_path, ALLOW_NETWORKS="127.0.0.0/8", **kept_at)
    stream.tell(*likes(3), b"junk")
    with process([*command, "--url", "wss://jetstream.example"], env=allowed) as both:
        assert "name a Jetstream by --url or a server by --pds, not both" in both.communicate(timeout=PATIENCE)[1]
    with process(command, env=allowed) as listener:
        assert listener.stderr is not None
        assert "Listening to 127.0.0.1, from " in listener.stderr.readline()
        listener.send_signal(signal.SIGTERM)
        out, err = listener.communicate(timeout=PATIENCE)
    assert (listener.returncode, "Traceback" in err) == (0, False)
    assert f"written to {tmp_path / 'sky'}" in out
