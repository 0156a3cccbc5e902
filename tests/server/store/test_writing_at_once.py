"""Two processes, each with a database engine of its own, that write the same at the same time: nothing fails, is lost or stands there twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from threading import Event
from typing import Any

import pytest
from sqlalchemy import Engine, event

from server.account import AccountRef
from server.errors import AccountRefused
from server.report import compose, to_json
from server.scoring.scored import Scored
from server.store.database import open_database
from server.store.owners import OwnerStore
from server.store.repository import Repository
from server.store.reviews import ReviewStore
from server.store.tracking import TrackingStore
from tests.server.databases import Database, until
from tests.server.invented import NOW, Invented

pytestmark = pytest.mark.databases("sqlite", "postgresql")

ALICE = AccountRef("bluesky", "did:plc:alice.test")
PATIENCE = 20


class Both:
    """Two engines on one database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.one, self.other = open_database(database.url), open_database(database.url)

    def together(self, first: Callable[[], Any], second: Callable[[], Any], before: str = "") -> tuple[Any, Any]:
        """What both give. The second, on ``other``, begins when the first, on ``one``, is about to commit, or to execute a statement
        that begins with ``before``; the first goes on when the second waits for it or is done."""
        reached, go_on = Event(), Event()

        def stop(*details: Any) -> None:
            if not before or details[2].startswith(before):
                reached.set()
                go_on.wait(PATIENCE)

        event.listen(self.one, "before_cursor_execute" if before else "commit", stop)
        with ThreadPoolExecutor(2) as pool:
            one = pool.submit(first)
            until(lambda: reached.is_set() or one.done())
            other = pool.submit(second)
            if self.database.is_postgresql:
                until(lambda: other.done() or self.database.somebody_waits())
            else:
                wait([other], timeout=0.1)
            go_on.set()
            return one.result(PATIENCE), other.result(PATIENCE)


@pytest.fixture
def both(database: Database) -> Iterator[Both]:
    engines = Both(database)
    yield engines
    engines.one.dispose()
    engines.other.dispose()


def repository(engine: Engine) -> Repository:
    return Repository(engine, b"k" * 32)


def saving(engine: Engine, handles: set[str], number: int = 0, **invented: Any) -> Callable[[], int]:
    report = compose(Invented("alice.test", **invented).post(times=20 + number).build(), NOW + number)
    return lambda: repository(engine).save(report, to_json(report), handles, number)


def test_an_account_that_two_store_for_the_first_time_is_stored_as_the_later_has_it(both: Both) -> None:
    both.together(saving(both.one, {"alice.test", "a.test"}, 1), saving(both.other, {"alice.test", "b.test"}, 2))
    stored = repository(both.one).find("bluesky", "alice.test")
    assert stored is not None
    assert (stored.ref, stored.studied_at) == (ALICE, 2)
    assert repository(both.one).handles(ALICE) == {"alice.test", "a.test", "b.test", ALICE.id}
    assert [point.scored.scored_at for point in repository(both.one).history(ALICE)] == [NOW + 2]


def test_two_accounts_that_come_by_the_same_names_are_both_stored(both: Both) -> None:
    names = {f"{letter}.test" for letter in "abcdefgh"}
    report = compose(Invented("bob.test").post(times=20).build(), NOW)
    both.together(
        saving(both.one, names),
        lambda: repository(both.other).save(report, to_json(report), names, 0),
    )
    assert repository(both.one).handles(ALICE) == {ALICE.id}
    assert repository(both.one).handles(report.activity.ref) == names | {report.activity.ref.id}


def test_who_opts_out_while_the_account_is_being_stored_is_not_kept(both: Both, database: Database) -> None:
    def opt_out() -> None:
        # As server.lookup does: the wish first, then what is found.
        there = repository(both.other)
        there.opt_out("bluesky", {"alice.test"}, NOW)
        found = there.find("bluesky", "alice.test")
        if found is not None:
            there.forget(found.ref)

    both.together(saving(both.one, {"alice.test"}), opt_out)
    assert database.rows("SELECT ref FROM account") == []
    assert repository(both.one).opted_out("bluesky", "alice.test")


def test_an_account_that_is_stored_while_somebody_opts_out_is_refused(both: Both, database: Database) -> None:
    def save() -> str:
        try:
            saving(both.other, {"alice.test"})()
        except AccountRefused:
            return "refused"
        return "stored"

    _, said = both.together(lambda: repository(both.one).opt_out("bluesky", {"alice.test"}, NOW), save)
    assert said == "refused"
    assert database.rows("SELECT ref FROM account") == []


def test_the_same_wish_written_twice_is_one(both: Both, database: Database) -> None:
    wishes = [(lambda e=engine: repository(e).opt_out("bluesky", {"a", "b"}, NOW)) for engine in (both.one, both.other)]
    both.together(*wishes)
    assert database.rows("SELECT count(*) FROM opt_out") == [(2,)]


def as_next(old: Scored) -> Scored:
    return replace(old, formula_version="next")


def test_history_that_two_score_again_is_scored_once(both: Both, database: Database) -> None:
    for number in range(3):
        saving(both.one, {"alice.test"}, number * 4000)()
    again = [(lambda e=engine: repository(e).score_again("next", as_next, 0, 10)) for engine in (both.one, both.other)]
    one, other = both.together(*again)
    assert (len(one.scores), len(other.scores)) == (3, 0)
    assert one.last == other.last or other.last == 0, "whoever came second goes on behind what the first did"
    assert database.rows("SELECT count(*) FROM report WHERE formula_version = 'next'") == [(3,)]


def test_an_account_that_is_deleted_while_it_is_scored_again_does_not_come_back(both: Both, database: Database) -> None:
    saving(both.one, {"alice.test"})()
    both.together(
        lambda: repository(both.one).score_again("next", as_next, 0, 10), lambda: repository(both.other).forget(ALICE)
    )
    assert database.rows("SELECT ref FROM report") == []


def test_an_account_is_not_scored_again_after_it_was_deleted(both: Both, database: Database) -> None:
    saving(both.one, {"alice.test"})()
    _, batch = both.together(
        lambda: repository(both.one).forget(ALICE),
        lambda: repository(both.other).score_again("next", as_next, 0, 10),
    )
    assert batch.scores == ()
    assert database.rows("SELECT ref FROM report") == []


def test_a_review_that_is_deleted_while_something_is_found_is_gone(both: Both, database: Database) -> None:
    one, other = ReviewStore(both.one), ReviewStore(both.other)
    review = one.begin("k" * 24, "bluesky", "me.test", NOW)
    one.add_page(review, [("bluesky", name, name) for name in ("a.test", "b.test")], "", None, 2)
    both.together(
        lambda: one.settle(review, 0, "done", "{}", "a.test", NOW),
        lambda: other.delete(review),
        before="UPDATE reviewed",
    )
    assert database.rows("SELECT position FROM reviewed") == database.rows("SELECT id FROM review") == []


def test_a_page_of_a_list_that_two_have_read_is_added_once(both: Both) -> None:
    review = ReviewStore(both.one).begin("k" * 24, "bluesky", "me.test", NOW)
    page = [("bluesky", name, name) for name in ("a.test", "b.test")]
    adding = [
        (lambda e=engine: ReviewStore(e).add_page(review, page, "", None, 2)) for engine in (both.one, both.other)
    ]
    both.together(*adding)
    assert [account.name for account in ReviewStore(both.one).accounts(review)] == ["a.test", "b.test"]


def test_two_accounts_that_are_forgotten_at_once_leave_every_review(both: Both) -> None:
    store = ReviewStore(both.one)
    reviews = [store.begin(letter * 24, "bluesky", "me.test", NOW) for letter in "kl"]
    for review in reviews:
        store.add_page(review, [("bluesky", name, name) for name in ("a.test", "b.test")], "", None, 2)
        for position, name in enumerate(("a.test", "b.test")):
            store.settle(review, position, "done", "{}", name, NOW)
    forgetting = [
        (lambda e=engine, n=name: ReviewStore(e).forget_account("bluesky", {n}, "refused", "gone"))
        for engine, name in ((both.one, "a.test"), (both.other, "b.test"))
    ]
    both.together(*forgetting)
    for review in reviews:
        assert [(account.state, account.finding) for account in store.accounts(review)] == [("refused", "gone")] * 2
        assert store.find(review).revision == 6  # type: ignore[union-attr]


def test_an_account_that_is_put_on_a_list_twice_stands_there_once(both: Both) -> None:
    store = TrackingStore(both.one)
    listed = store.begin("k" * 24, NOW)
    adding = [
        (lambda e=engine, h=handle: TrackingStore(e).add(listed.id, "bluesky", "did:plc:a", h, NOW))
        for engine, handle in ((both.one, "before.test"), (both.other, "now.test"))
    ]
    both.together(*adding)
    assert [account.handle for account in store.accounts(listed.id)] == ["now.test"]


def test_of_two_who_prove_the_same_account_at_once_the_later_alone_owns_it(both: Both, database: Database) -> None:
    for number in (1, 2):
        OwnerStore(both.one).claim(f"{number}" * 24, "bluesky", "did:plc:a", "a.test", "code", NOW)
    both.together(lambda: OwnerStore(both.one).prove(1, NOW), lambda: OwnerStore(both.other).prove(2, NOW + 1))
    assert database.rows("SELECT id, proven_at FROM owner WHERE proven_at IS NOT NULL") == [(2, NOW + 1)]


def test_a_finding_that_is_disputed_twice_at_once_is_disputed_once(both: Both) -> None:
    store = OwnerStore(both.one)
    store.claim("k" * 24, "bluesky", "did:plc:a", "a.test", "code", NOW)
    disputing = [
        (lambda e=engine, w=words: OwnerStore(e).dispute(1, "followers", w, "before", NOW))
        for engine, words in ((both.one, "first"), (both.other, "second"))
    ]
    both.together(*disputing)
    assert [dispute.words for dispute in store.disputes(1)] == ["second"]
