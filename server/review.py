"""The use case of going through many accounts, those followed or candidates to follow; a bounded piece of work at a time."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, NamedTuple

import msgspec

from server.activity import Activity
from server.errors import AccountRefused, AccountUnknown, BadHandle, CallBudgetSpent, RapportError, UpstreamUnavailable
from server.lookup import OPTED_OUT, Answer, Lookup
from server.networks.network import ListedPage, ListingNetwork, ObservingNetwork, PublishingNetwork, Upstream
from server.report import label_of
from server.scoring.dealings import Deeds, deeds
from server.scoring.sample import DAY
from server.store.reviews import (
    DONE,
    NOT_KEPT,
    REFUSED,
    RUNNING,
    WITHOUT_NOTE,
    ListKind,
    Progress,
    Review,
    Reviewed,
    ReviewStore,
    Stood,
)
from server.store.unguessable import new_key

log = logging.getLogger(__name__)

KEPT_DAYS = 30
"""Days after which a review is deleted."""
MOST_ACCOUNTS = 10_000
"""Accounts in one review; of somebody who follows more, those that the network lists first."""
MOST_FOLLOWERS = 1_000
"""Of somebody's followers, the newest."""
LONGEST_NOTE = 200
"""Characters of a note."""
MOST_RUNNING = 20
"""Reviews under way in one service."""
AT_ONCE = 3
"""Accounts of one review that are asked about at the same time."""
LEASE_SECONDS = 60
"""After so long another worker looks at an account: the one that was at it has been killed, most likely."""
LISTING_CALLS, LISTING_SECONDS = 8, 25.0
FIRST_WAIT, LONGEST_WAIT = 60, 1800
"""Seconds after which what failed is tried again, where nothing says when: the first time, and at most. An account whose network could not be
asked waits as long as that network asks for."""
FAILED_SHARE = 4
"""Or a quarter of the time since it failed first, whichever is longer: a server that is gone is asked ever more seldom."""
GIVE_UP_SECONDS = 2 * 3600
"""After its network could not be asked for so long, an account is let go with what was said last."""
FEWEST_PACED, PACE_OF = 5, 60
"""The last accounts tell how long the others will take: so many at least, and no more than so many."""
MOST_TOPICS = 3
"""Of what an account talks about, so much stands in a row."""
FAILURES_BEFORE_PAUSE = 3
"""So many accounts in a row that could not be asked: it is the network, not the accounts, and the others are left in peace for a while."""


class CannotReview(RapportError):
    """There is nothing to go through; the text says why and what to do instead."""


class BadOwnAccount(BadHandle):
    """What the person named as the own account is none; the text says so, and what to type instead."""


class BadNote(RapportError):
    """A note that cannot be kept; the text says why."""


class Between(msgspec.Struct):
    """What an account and the one whose review it is had to do with one another. ``mine``: what the latter did."""

    mine: Deeds
    theirs: Deeds
    topics: list[str]

    @property
    def total(self) -> int:
        """All that either of them did."""
        return self.mine.total + self.theirs.total


class Finding(msgspec.Struct, omit_defaults=True):
    """What a review shows of one account: the parts of its report that a decision takes. Times are RFC 3339."""

    verdict: str
    title: str
    sentence: str = ""
    display_name: str = ""
    score: int | None = None
    low: int | None = None
    high: int | None = None
    ratio: str = ""
    replies: int = 0
    broadcasts: int = 0
    last_post: str | None = None
    posts_per_week: float | None = None
    talks_about: list[str] = msgspec.field(default_factory=list)
    answered: int = 0
    strangers: int = 0
    followers: int | None = None
    scored_at: str = ""
    moved_to: str = ""
    """Handle of the account that it says it has moved to."""
    between: Between | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One account of a review as it is shown. ``finding``: None while it waits, and when there is none; ``detail`` then says why."""

    position: int
    network: str
    name: str
    handle: str
    state: str
    finding: Finding | None
    detail: str
    is_kept: bool
    note: str = ""

    @property
    def takes_note(self) -> bool:
        """Whether a note to it may be kept."""
        return self.state not in WITHOUT_NOTE


class Standing(NamedTuple):
    """What is another as soon as there is something new to be told of a review. ``waits_for``: in words, empty for nothing."""

    revision: int
    state: str
    waits_for: str


class Reviews:
    """Begins reviews, does their work piece by piece, and shows them.

    ``schedule(review, seconds)`` has ``work(review)`` called on another thread after so many seconds; ``clock`` gives seconds since 1970.
    """

    def __init__(
        self,
        store: ReviewStore,
        lookup: Lookup,
        fetcher: Upstream,
        clock: Callable[[], float],
        schedule: Callable[[int, float], None],
    ) -> None:
        self._store, self._lookup, self._fetcher, self._clock = store, lookup, fetcher, clock
        self._schedule = schedule
        self._own: OrderedDict[int, Activity | None] = OrderedDict()
        self._lock = Lock()
        lookup.on_forget(store.forget_account)

    # What can be asked

    def of_follows(self, network: str, handle: str) -> str:
        """Begin a review of the accounts that an account follows. Gives the unguessable key under which it is found.

        Raises UnknownNetwork, BadHandle, and CannotReview where the network does not show whom an account follows, or too many
        reviews are under way.
        """
        handle = self._lookup.canonical(network, handle)
        place = self._lookup.networks[network]
        if not isinstance(place, ListingNetwork):
            raise CannotReview(
                f"{place.title} shows nobody whom an account follows. Paste their names as a list instead."
            )
        return self._begin(network, handle, ListKind.FOLLOWS)

    def of_followers(self, network: str, handle: str) -> str:
        """Begin a review of an account's newest followers. Gives its key; raises as ``of_follows`` does."""
        handle = self._lookup.canonical(network, handle)
        place = self._lookup.networks[network]
        if not isinstance(place, ListingNetwork):
            raise CannotReview(
                f"{place.title} shows nobody who follows an account. Paste their names as a list instead."
            )
        return self._begin(network, handle, ListKind.FOLLOWERS)

    def of_members(self, address: str, own: str = "") -> str:
        """Begin a review of who is on a published list; ``own``: the person's own account there, empty when it is not named.

        Gives its key. Raises BadHandle when ``address`` is none of a published list, BadOwnAccount when ``own`` is no account of that
        network, and CannotReview as ``of_follows`` does.
        """
        network, address = self._published(address)
        try:
            handle = self._lookup.canonical(network, own) if own else ""
        except BadHandle as error:
            raise BadOwnAccount(f"Your own account: {error}") from error
        return self._begin(network, handle, ListKind.MEMBERS, address)

    def _published(self, address: str) -> tuple[str, str]:
        """The network of a published list, and its address there."""
        problem: RapportError = CannotReview("No network whose accounts publish lists is looked at here.")
        for network, place in self._lookup.networks.items():
            if isinstance(place, PublishingNetwork):
                try:
                    return network, place.list_address(address)
                except BadHandle as error:
                    problem = error
        raise problem

    def of_list(self, names: Iterable[tuple[str, str]], own: tuple[str, str] | None = None) -> str:
        """Begin a review of these accounts: (network, canonical handle) each; ``own``: the person's own account, when it is named.

        Gives its key. Raises CannotReview for none or too many.
        """
        listed = list(dict.fromkeys(names))
        if not listed:
            raise CannotReview("There is no account in that list. Put one on each line.")
        if len(listed) > MOST_ACCOUNTS:
            raise CannotReview(
                f"That list names {len(listed):,} accounts; at most {MOST_ACCOUNTS:,} are reviewed at once."
            )
        network, handle = own or ("", "")
        return self._begin(network, handle, ListKind.NAMES, names=[(of, name, name) for of, name in listed])

    def _begin(
        self, network: str, handle: str, kind: ListKind, source: str = "", names: Sequence[tuple[str, str, str]] = ()
    ) -> str:
        self._leave_room()
        key = new_key()
        number = self._store.begin(key, network, handle, self._now(), kind, source, names)
        if kind is ListKind.NAMES and not handle:
            self._fan_out(number)
        else:
            self._schedule(number, 0)
        return key

    def find(self, key: str) -> Review | None:
        """The review at this key; None when there is none (any more)."""
        number = self._store.number(key)
        return self._store.find(number) if number is not None else None

    def standing(self, key: str) -> Standing | None:
        """Whether there is something new, at the cost of one row: another standing than before says so. None when there is no review."""
        found = self._store.standing(key)
        return Standing(found.revision, found.state, self.waits_for(found)) if found else None

    def progress(self, review: Review) -> Progress:
        """Where its work stands."""
        return self._store.progress(review.id)

    def running(self) -> int:
        """How many are under way."""
        return len(self._store.running())

    def waits_for(self, review: Review | Stood) -> str:
        """What its work waits for just now, in words; empty when it waits for nothing."""
        return review.waits_for if review.paused_until > self._now() else ""

    def remaining_seconds(self, review: Review, waiting: int) -> float | None:
        """How long so many accounts that wait will take at the pace of the last ones; None when that cannot be told."""
        settled = self._store.settled(review.id, PACE_OF) if review.state == RUNNING and waiting else []
        if len(settled) < FEWEST_PACED:
            return None
        return (self._clock() - settled[-1]) / len(settled) * waiting

    def rows(self, review: Review, since: int = -1) -> list[Row]:
        """Its accounts with what was found; only those that changed after revision ``since`` where one is given."""
        return [self._row(account) for account in self._store.accounts(review.id, since)]

    def row(self, review: Review, position: int) -> Row | None:
        """One of its accounts; None when there is none at this position."""
        account = self._store.account(review.id, position)
        return self._row(account) if account else None

    def keep(self, review: Review, position: int, is_kept: bool) -> None:
        """Put an account on the keep-list, or take it off."""
        self._store.keep(review.id, position, is_kept)

    def write_note(self, review: Review, position: int, note: str) -> None:
        """Keep a note to an account, in one line; an empty one deletes it. Raises BadNote, saying why it cannot be kept."""
        note = " ".join("".join(" " if ord(letter) < 32 else letter for letter in note).split())
        if len(note) > LONGEST_NOTE:
            raise BadNote(f"That note has {len(note):,} characters; at most {LONGEST_NOTE} are kept.")
        if not self._store.write_note(review.id, position, note):
            raise BadNote("This account is not in the review, or asks not to be kept: no note to it is kept, either.")

    def cancel(self, review: Review) -> None:
        """Stop the work; what was found stays."""
        self._store.finish(review.id, "cancelled", "", self._now())

    def go_on(self, review: Review) -> None:
        """Go on with a review that was cancelled or failed, where it was."""
        self._store.go_on(review.id)
        self._fan_out(review.id)

    def delete(self, review: Review) -> None:
        """Delete it with all that was found."""
        self._store.delete(review.id)

    def resume(self) -> int:
        """Go on with all that a restart broke off, in the only process that works. Gives how many reviews."""
        self._store.release_all()
        return self.revive(())

    def revive(self, waiting: Collection[int]) -> int:
        """Go on with the reviews that nobody is at, nor will be: whose process was killed, or lost what it was to do. Gives how many.

        ``waiting``: those of which a piece waits to be done.
        """
        now = self._now()
        left = [n for n in self._store.running() if n not in waiting and not self._store.claimed(n, now)]
        for number in left:
            self._fan_out(number)
        return len(left)

    def tidy(self) -> int:
        """Delete what is older than it is kept. Gives how many reviews."""
        return self._store.forget_older_than(self._now() - KEPT_DAYS * DAY)

    # What happens in the background

    def work(self, number: int) -> None:
        """Do one piece of a review: read one page of its list, or look at one account; then have the next piece scheduled."""
        try:
            self._do_piece(number)
        except Exception:
            # A fault of ours, or a database that cannot be written just now, must not leave the review lying.
            log.exception("a piece of a review failed and is done again")
            self._schedule(number, FIRST_WAIT)

    def _do_piece(self, number: int) -> None:
        review = self._store.find(number)
        if review is None or review.state != RUNNING:
            self._forget_own(number)
        elif review.paused_until > (now := self._now()):
            self._schedule(number, review.paused_until - now)
        elif review.cursor is not None:
            self._list(review, review.cursor)
        else:
            self._look(review)

    def _list(self, review: Review, cursor: str) -> None:
        began = self._now()
        if not self._store.claim_listing(review.id, cursor, began, began + LEASE_SECONDS):
            return
        try:
            if not cursor and review.handle:
                # Whose dealings with the others are to be told must be known, as well as it can be.
                self._lookup.read(review.network, review.handle, study=True)
            page = self._page(review, cursor)
        except (AccountUnknown, AccountRefused) as problem:
            if cursor and review.kind == ListKind.MEMBERS:
                self._store.cut_short(review.id, cursor)
            else:
                self._store.finish(review.id, "failed", str(problem), self._now())
        except UpstreamUnavailable as problem:
            self._pause(review.id, str(problem), problem.retry_after)
        except CallBudgetSpent:
            self._pause(review.id, "Its network took too long to answer.", FIRST_WAIT)
        else:
            self._add(review, cursor, page)
        finally:
            self._store.release_listing(review.id)
        if (now := self._store.find(review.id)) and now.state == RUNNING and now.cursor != cursor:
            if now.cursor is None:
                self._fan_out(review.id)
            else:
                self._schedule(review.id, 0)

    def _add(self, review: Review, cursor: str, page: ListedPage) -> None:
        if page.hidden:
            why = HIDDEN[review.kind].format(review.handle)
            self._store.finish(review.id, "failed", why, self._now())
            return
        progress = self._store.progress(review.id)
        room = most_listed(review) - progress.done - progress.waiting
        names = [(review.network, someone.name, someone.handle) for someone in page.accounts[:room]]
        goes_on = page.cursor if page.cursor and room > len(page.accounts) else None
        self._store.add_page(review.id, names, cursor, goes_on, page.count, page.title)

    def _page(self, review: Review, cursor: str) -> ListedPage:
        place = self._lookup.networks.get(review.network)
        fetcher = self._fetcher.on_behalf_of(review.network).budget(LISTING_CALLS, LISTING_SECONDS)
        if review.kind == ListKind.NAMES:
            return ListedPage(())
        if review.kind == ListKind.MEMBERS and isinstance(place, PublishingNetwork):
            return place.members(review.source, cursor, fetcher)
        if review.kind == ListKind.FOLLOWERS and isinstance(place, ListingNetwork):
            return place.followers(review.handle, cursor, fetcher)
        if review.kind == ListKind.FOLLOWS and isinstance(place, ListingNetwork):
            return place.follows(review.handle, cursor, fetcher)
        raise AccountRefused(f"Such lists of {review.network} are not looked at here any more.")

    def _look(self, review: Review) -> None:
        now = self._now()
        account = self._store.claim(review.id, now, now + LEASE_SECONDS, AT_ONCE)
        if account is None:
            self._end_or_wait(review, now)
            return
        try:
            try:
                answer = self._lookup.read(account.network, account.name)
            except RapportError as problem:
                answer = Answer("unknown", 0, detail=str(problem))
            self._note(review, account, answer)
        except BaseException:
            self._store.release(review.id, account.position)
            raise
        self._schedule(review.id, 0)

    def _end_or_wait(self, review: Review, now: int) -> None:
        """There is nothing to be asked about at this moment: others are at the last ones, or those that are left wait for a time, or all is done."""
        if self._store.claimed(review.id, now):
            return
        progress = self._store.progress(review.id)
        if progress.waiting and progress.next_at is not None:
            self._schedule(review.id, max(1, progress.next_at - now))
        else:
            self._store.finish(review.id, "done", "", now)
            self._forget_own(review.id)

    def _note(self, review: Review, account: Reviewed, answer: Answer) -> None:
        """Write down what was said of an account; one whose network could not be asked waits, unless it did so for too long."""
        number, report, now = review.id, answer.report, self._now()
        is_old = bool(report and report.get("stale"))
        # Of a network that cannot be asked there is nothing to wait for.
        may_answer = not isinstance(self._lookup.networks.get(account.network), ObservingNetwork)
        if may_answer and (answer.state == "unavailable" or is_old):
            failed_at = account.failed_at or now
            why = str(report["stale_reason"]) if report and is_old else answer.detail
            if now - failed_at < GIVE_UP_SECONDS:
                wait = min(max(answer.ask_again_after, (now - failed_at) // FAILED_SHARE), LONGEST_WAIT)
                if self._store.put_off(number, account.position, now + wait, failed_at, why) >= FAILURES_BEFORE_PAUSE:
                    self._store.pause(number, now + wait, why)
                return
        if report is None:
            self._store.settle(number, account.position, answer.state, answer.detail, account.handle, now)
        elif not report.get("kept", True):
            self._store.settle(number, account.position, NOT_KEPT, "", account.handle, now)
        else:
            self._settle(review, account, report, now)

    def _settle(self, review: Review, account: Reviewed, report: dict[str, Any], now: int) -> None:
        finding, handle = finding_of(report), str(report["account"]["handle"])
        finding.between = self._between(review, account)
        self._store.settle(review.id, account.position, DONE, msgspec.json.encode(finding).decode(), handle, now)
        # A wish that was written since the report was made found nothing here to delete.
        if self._lookup.opted_out(account.network, account.name, handle):
            self._store.forget_account(account.network, {account.name, handle}, REFUSED, OPTED_OUT)

    def _between(self, review: Review, account: Reviewed) -> Between | None:
        """Their dealings with the account whose review it is; None when it is nobody's, and where they cannot be told."""
        # Nobody is known under two networks' names.
        mine = self._activity_of_own(review) if review.handle and account.network == review.network else None
        theirs = self._lookup.activity(account.network, account.name) if mine else None
        if mine is None or theirs is None or theirs.ref == mine.ref:
            return None
        topics = self._lookup.shared_topics(mine, theirs)
        return Between(deeds(mine, theirs), deeds(theirs, mine), list(topics))

    def _activity_of_own(self, review: Review) -> Activity | None:
        """That of the account whose review it is, read once for all of a review."""
        with self._lock:
            if review.id in self._own:
                return self._own[review.id]
        own = self._lookup.activity(review.network, review.handle)
        with self._lock:
            self._own[review.id] = own
            # A review that another process ended is not told of here.
            while len(self._own) > MOST_RUNNING:
                self._own.popitem(last=False)
        return own

    def _forget_own(self, number: int) -> None:
        with self._lock:
            self._own.pop(number, None)

    # Small things

    def _leave_room(self) -> None:
        if self.running() >= MOST_RUNNING:
            raise CannotReview(
                f"{MOST_RUNNING} reviews are under way here already. Stop one, or begin yours when one has ended."
            )

    def _now(self) -> int:
        return int(self._clock())

    def _fan_out(self, number: int) -> None:
        for _ in range(AT_ONCE):
            self._schedule(number, 0)

    def _pause(self, number: int, why: str, wait: float) -> None:
        wait = min(max(wait, 1), LONGEST_WAIT)
        self._store.pause(number, self._now() + round(wait), why)
        self._schedule(number, wait)

    def _row(self, account: Reviewed) -> Row:
        finding, detail = None, account.finding
        if account.state == DONE:
            finding, detail = msgspec.json.decode(account.finding, type=Finding), ""
        elif account.state == NOT_KEPT:
            report = self._lookup.in_memory(account.network, account.name)
            finding = finding_of(report) if report else None
            detail = (
                "" if finding else "Asks not to be kept, so what was found is forgotten by now. Its report looks again."
            )
        return Row(
            account.position,
            account.network,
            account.name,
            account.handle,
            account.state,
            finding,
            detail,
            account.is_kept,
            account.note,
        )


HIDDEN: dict[str, str] = {
    ListKind.FOLLOWS: "{} does not show whom it follows. Paste their names as a list, or choose the file that its server exports.",
    ListKind.FOLLOWERS: "{} does not show who follows it. Paste their names as a list, or have the account show its followers "
    "while they are read.",
}


def most_listed(review: Review) -> int:
    """How many accounts of its list a review goes through, at most."""
    return MOST_FOLLOWERS if review.kind == ListKind.FOLLOWERS else MOST_ACCOUNTS


def finding_of(report: dict[str, Any]) -> Finding:
    """The parts of a report, as ``server.report.to_json`` gives it, that a review shows."""
    score, balance, facts = report["score"] or {}, report["balance"], report["facts"]
    strangers = facts["answers_strangers"] or {"answered": 0, "of": 0}
    return Finding(
        verdict=report["verdict"]["id"],
        title=report["verdict"]["title"],
        sentence=report["verdict"]["sentence"],
        display_name=report["account"]["display_name"],
        score=score.get("value"),
        low=score.get("low"),
        high=score.get("high"),
        ratio=balance["ratio"] or "",
        replies=balance["replies"],
        broadcasts=balance["broadcasts"],
        last_post=facts["last_post"],
        posts_per_week=facts["posts_per_week"],
        talks_about=[label_of(topic) for topic in facts["talks_about"][:MOST_TOPICS]],
        answered=strangers["answered"],
        strangers=strangers["of"],
        followers=report["account"]["followers"],
        scored_at=report["scored_at"],
        # Reports written before this was read do not say.
        moved_to=report["account"].get("moved_to") or "",
    )
