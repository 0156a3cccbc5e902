"""The use case: a network and a handle in, an answer out. Cache, store, gather, score, store; nothing of the web."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any, Protocol

from sqlalchemy.exc import SQLAlchemyError

from server.account import AccountRef
from server.activity import Activity, Consent, CountsOverTime, Depth, merge, without_places
from server.errors import (
    AccountRefused,
    AccountUnknown,
    CallBudgetSpent,
    ObservedOnly,
    QueueFull,
    QueueUnreachable,
    RapportError,
    UnknownNetwork,
    UpstreamUnavailable,
)
from server.happenings import Gathered, LookedUp, Scored, Tell, unheard
from server.history import OverTime, Point, changes, detailed_json, point_json, points_over_time, thinned
from server.named_topics import TopicNames
from server.networks.network import Fetcher, Network, Upstream
from server.ontology import NO_ONTOLOGY, Ontology
from server.report import Report, compose, to_json, topic_label
from server.scoring.before_after import BeforeAfter, compare
from server.scoring.formula import current_formula
from server.scoring.sample import DAY, WINDOW_DAYS
from server.scoring.topics import NO_BACKGROUND, Background, often_used, shared_topics
from server.store.repository import Repository, Stored
from server.store.serialization import as_json

log = logging.getLogger(__name__)

KEEP_POSTS_DAYS = 2 * WINDOW_DAYS
"""Posts older than this are dropped from a stored activity; twice the window lets a past score be looked at again."""
FEWEST_GRADED = 50
"""Among fewer accounts a percentile says nothing."""
GLANCE_SECONDS = 2
STUDY_SECONDS = 5
"""When to ask again while a glance, or a study, is under way."""
UNKNOWN_SECONDS = 3600
REFUSED_SECONDS = 6 * 3600
LEAST_UNAVAILABLE_SECONDS = 30
FAULT_SECONDS = 600
OPTED_OUT = "This account asked not to be scored."
NOBODY_READS = "Its public posts cannot be read just now: this service does not reach its own list of work. Ask again in half a minute."
STUDY_CALLS = 30
GLANCE_MOST, STUDY_MOST, OPT_OUT_MOST = 25.0, 90.0, 8.0
"""Seconds after which no further call is made: a server that answers slowly must not keep the workers from all others."""
GLANCE_CALLS = 8
"""Two calls, and at the first look at a Mastodon domain up to six more that find its server."""


class UnderWay(Protocol):
    """Knows what is being gathered (see ``server.jobs.under_way``)."""

    def begin(self, network: str, handle: str, account: str, study: bool) -> bool: ...
    def end(self, network: str, handle: str) -> bool: ...


class Cache(Protocol):
    """Anything that forgets by itself (Flask-Caching's backends are of this form)."""

    def get(self, key: str) -> Any: ...
    def set(self, key: str, value: Any, timeout: int | None = None) -> Any: ...
    def delete(self, key: str) -> Any: ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said to one asker about one account.

    ``state``: ready, too_little, pending, unknown, refused or unavailable. ``report`` for the first two. ``ask_again_after``:
    seconds until asking again is worth it. ``detail``: a sentence for people for the other four.
    """

    state: str
    ask_again_after: int
    report: dict[str, Any] | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Grade:
    """``share``: of the ``accounts`` of its network scored here, itself among them, those with an equal or lower score; 0 to 1."""

    share: float
    accounts: int
    rank: int
    """1: no account stands higher; accounts of one score share a rank."""


class Lookup:
    """Everything the API, the pages and the command line ask for."""

    def __init__(
        self,
        networks: Mapping[str, Network],
        fetcher: Upstream,
        repository: Repository,
        cache: Cache,
        enqueue: Callable[[str, str, bool], None],
        under_way: UnderWay,
        clock: Callable[[], float],
        refresh_seconds: int,
        ontology: Ontology = NO_ONTOLOGY,
        keeps_places: bool = False,
        tell: Tell = unheard,
        ranks: Callable[[str, Collection[str]], Mapping[str, float]] = lambda _network, _names: {},
    ) -> None:
        """``enqueue(network, handle, study)`` has ``gather`` called soon, elsewhere, unless it is ``under_way`` already; ``clock`` gives seconds
        since 1970.

        ``keeps_places``: where the people who engage say they are is of use here, and kept with them. ``tell`` hears what happens.
        ``ranks(network, ids)``: those of these accounts, where their whole network was ranked.
        """
        self._ranks = ranks
        self._keeps_places = keeps_places
        self._tell = tell
        self.networks = networks
        self._fetcher = fetcher
        self._repository = repository
        self._cache = cache
        self._enqueue = enqueue
        self._clock = clock
        self._refresh_seconds = refresh_seconds
        self._ontology = ontology
        self._topic_names = TopicNames(ontology)
        self._under_way = under_way
        self._listeners: list[Callable[[str, str], None]] = []
        self._forgetting: list[Callable[[str, set[str], str, str], None]] = []

    def on_change(self, listener: Callable[[str, str], None]) -> None:
        """Have ``listener(network, handle)`` called whenever what is said of that account has changed."""
        self._listeners.append(listener)

    def on_forget(self, listener: Callable[[str, set[str], str, str], None]) -> None:
        """Have ``listener(network, names, state, why)`` called whenever what is kept of an account must go; names are its id and handles.

        ``state``: refused, when it is not to be scored, or not_kept, when it is answered to whoever asks, but not written down.
        """
        self._forgetting.append(listener)

    def now(self) -> int:
        """Seconds since 1970 UTC."""
        return int(self._clock())

    # What can be asked

    def report(self, network: str, handle: str, study: bool = False) -> Answer:
        """The answer for one account, at once; what is missing or old is gathered in the background.

        Raises UnknownNetwork and BadHandle.
        """
        handle = self.canonical(network, handle)
        known = self._known(network, handle, self._tell)
        if isinstance(known, Answer):
            return known
        if known is None:
            if not self._start(network, handle, study):
                return Answer("unavailable", LEAST_UNAVAILABLE_SECONDS, detail=NOBODY_READS)
            return Answer("pending", GLANCE_SECONDS, detail="Its public posts are being read.")
        return self._with_age(network, handle, known, study)

    def may_tell(self, network: str, handle: str) -> bool:
        """Is there a report of it, this very moment, that may be shown? Raises UnknownNetwork and BadHandle."""
        return isinstance(self._known(network, self.canonical(network, handle), unheard), dict)

    def read(self, network: str, handle: str, study: bool = False) -> Answer:
        """The answer for one account, glanced at (or studied) on this thread when nothing recent is known; never pending.

        Raises UnknownNetwork and BadHandle.
        """
        handle = self.canonical(network, handle)
        known = self._known(network, handle, self._tell)
        if isinstance(known, Answer):
            # Whoever reads many has waited as long as the network asked for.
            return known if known.state != "unavailable" else self.gather(network, handle, study)
        if known is None or self._clock() - known[_STUDIED if study else _SCORED] > self._refresh_seconds:
            return self.gather(network, handle, study)
        return Answer(str(known["state"]), self._refresh_seconds, known)

    def _known(self, network: str, handle: str, tell: Tell) -> Answer | dict[str, Any] | None:
        """The report known of an account, or what is said instead of one; None when nothing is known. ``tell`` hears where it was."""
        kept = self._cache.get(_key(network, handle))
        if isinstance(kept, Answer) and kept.report is None:
            tell(LookedUp("answers", "hit"))
            return kept
        known = kept.report if isinstance(kept, Answer) else None
        tell(LookedUp("answers", self._freshness(known)))
        if known is None:
            stored = self._repository.find(network, handle)
            known = self._of_stored(stored) if stored is not None else None
            tell(LookedUp("store", self._freshness(known)))
        # Somebody may have opted out under another name than the one asked for.
        if self._repository.opted_out(network, handle, *(_names(known) if known else ())):
            return _opted_out()
        return known

    def _freshness(self, report: dict[str, Any] | None) -> str:
        if report is None:
            return "miss"
        is_old = self._clock() - report[_SCORED] > self._refresh_seconds or report.get("stale_reason")
        return "stale" if is_old else "hit"

    def grade(self, network: str, report: dict[str, Any]) -> Grade | None:
        """Where the account of a report stands among the accounts of its network scored here; None among too few, or without a score.

        Source: Twitter Grader (2009), whose grade was the percentage of graded users with an equal or lower score.
        """
        if not report["score"] or report["formula_version"] != current_formula().version:
            return None
        tenths = round(report["score"]["exact"] * 10)
        at_or_below, of = self._repository.standing(network, tenths, report["formula_version"])
        return Grade(at_or_below / of, of, of - at_or_below + 1) if of >= FEWEST_GRADED else None

    def history(self, network: str, handle: str) -> list[dict[str, Any]]:
        """What was stored of an account over time, oldest first (empty for one not kept), as JSON; one point per time.

        Where the current formula scored a time, its score; else that of an earlier version.

        Raises UnknownNetwork and BadHandle.
        """
        _, points = self._points(network, handle)
        return [point_json(point) for point in points]

    def over_time(self, network: str, handle: str, newest: int | None = None) -> OverTime:
        """The same a day at a time, with pillars, the share of replies and the followers; empty for an account not kept.

        ``newest``: only so many points, without pillars (None), which take a while to work out. Raises UnknownNetwork and BadHandle.
        """
        ref, points = self._points(network, handle)
        activity = self._repository.activity(ref) if ref is not None else None
        times = activity.posts.time[activity.posts.timeline] if activity else ()
        shown = thinned(points)[-newest:] if newest else thinned(points)
        return OverTime(
            tuple(detailed_json(point, with_pillars=newest is None) for point in shown),
            tuple({at // DAY: (at, count) for at, count in _readings(activity) if count >= 0}.values()),
            int(min(times)) if len(times) else None,
        )

    def before_after(self, network: str, handle: str, days: Sequence[int]) -> list[BeforeAfter]:
        """What changed at each of these days (the second with which it begins), as far as its posts tell; empty for an account not kept.

        Raises UnknownNetwork and BadHandle.
        """
        activity = self.activity(network, self.canonical(network, handle)) if days else None
        return [compare(activity, day) for day in days] if activity else []

    def changes(self, network: str, handle: str) -> list[dict[str, Any]]:
        """Why the newest score differs from the one before and from those of about a week and a month before, and what a new
        formula changed, as JSON.

        Empty without a score to compare. Raises UnknownNetwork and BadHandle.
        """
        ref, points = self._points(network, handle)
        activity = self._repository.activity(ref) if ref is not None and len(points) > 1 else None
        return changes(points, _readings(activity))

    def _points(self, network: str, handle: str) -> tuple[AccountRef | None, list[Point]]:
        stored = self._repository.find(network, self.canonical(network, handle))
        if stored is None:
            return None, []
        return stored.ref, points_over_time(self._repository.history(stored.ref), current_formula().version)

    def observe(self, network: str, activities: Iterable[Activity]) -> list[dict[str, Any]]:
        """Add what stood on somebody's screen to what is known. Gives per account how many posts are new and known."""
        results = []
        for activity in activities:
            handle = activity.profile.handle.lower()
            if not self._may_observe(network, handle, activity):
                continue
            with self._repository.merging(activity.ref):
                older = self._repository.activity(activity.ref)
                merged = self._merged(older, activity)
                known_before = len(older.posts) if older else 0
                try:
                    self._keep(merged, {handle}, studied=False, must_store=True)
                except AccountRefused:
                    continue
            results.append(
                {
                    "network": network,
                    "handle": handle,
                    "posts_added": len(merged.posts) - known_before,
                    "posts_known": len(merged.posts),
                }
            )
        return results

    def _may_observe(self, network: str, handle: str, activity: Activity) -> bool:
        """Did it neither opt out here nor ask so in its profile? That wish is remembered: most pages do not show the profile."""
        profile = activity.profile
        if profile.consent is not Consent.OPEN:
            self._repository.opt_out(network, {handle}, self.now(), in_profile=True)
            self._repository.forget(activity.ref)
            self._say(network, handle, _opted_out())
        elif profile.display_name:
            # Its profile was seen, and asks for nothing of the kind any more.
            self._repository.withdraw_profile_wish(network, handle)
        return not self._repository.opted_out(network, handle, activity.ref.id)

    def opt_out(self, network: str, handle: str) -> None:
        """Delete everything kept about an account, at once, and never score it again. Raises UnknownNetwork and BadHandle."""
        handle = self.canonical(network, handle)
        # The wish is written first: a gather that ends after this finds it and stores nothing.
        self._repository.opt_out(network, {handle}, self.now())
        stored = self._repository.find(network, handle)
        ref = stored.ref if stored else AccountRef(network, handle)
        names = self._repository.handles(ref) | {handle, ref.id}
        self._repository.opt_out(network, names, self.now())
        self._repository.forget(ref)
        names |= self._permanent_names(network, handle)
        self._tell_forgotten(network, names, "refused", OPTED_OUT)
        for name in names:
            self._say(network, name, _opted_out())

    def _permanent_names(self, network: str, handle: str) -> set[str]:
        """The id behind a handle, opted out, too, so that the wish outlives a rename; none when the network does not tell just now."""
        try:
            profile = (
                self.networks[network]
                .glance(handle, self._asking(network).budget(GLANCE_CALLS, OPT_OUT_MOST), self.now())
                .profile
            )
        except RapportError:
            return set()
        names = {profile.ref.id, profile.handle}
        self._repository.opt_out(network, names, self.now())
        self._repository.forget(profile.ref)
        return names

    # What happens in the background

    def gather(self, network: str, handle: str, study: bool) -> Answer:
        """Read an account from its network, score it, remember it, and say so. Never raises for what an upstream does."""
        began, outcome = perf_counter(), "fault"
        try:
            try:
                answer = self._read(network, handle, study)
                outcome = "fallen_back" if (answer.report or {}).get("stale_reason") else answer.state
            except Exception:
                # A fault of ours must not leave the asker waiting for ever, nor take the older report away.
                log.exception("an account of %s could not be gathered", network)
                answer = self._fallen_back(network, handle, _fault())
            self._say(network, handle, answer)
        finally:
            self._tell(Gathered(network, "study" if study else "glance", outcome, perf_counter() - began))
            self._finish(network, handle)
        return answer

    def _read(self, network: str, handle: str, study: bool) -> Answer:
        try:
            return self._gathered(network, handle, study)
        except AccountUnknown as problem:
            self._tidy(lambda: self._repository.forget_handle(network, handle))
            return Answer("unknown", UNKNOWN_SECONDS, detail=str(problem))
        except AccountRefused as problem:
            answer = _refused(str(problem))
            self._tidy(lambda: self._forget(network, handle, answer))
            return answer
        except UpstreamUnavailable as problem:
            return self._fallen_back(network, handle, problem)
        except CallBudgetSpent:
            return self._fallen_back(network, handle, _too_slow())

    def _tidy(self, delete: Callable[[], None]) -> None:
        """Delete what is no longer to be kept; when the database cannot be written just now, the next gather tries again."""
        try:
            delete()
        except SQLAlchemyError as problem:
            log.error("something could not be deleted yet: %s", type(problem).__name__)

    def _gathered(self, network: str, handle: str, study: bool) -> Answer:
        if self._repository.opted_out(network, handle):
            raise AccountRefused(OPTED_OUT)
        source, now = self.networks[network], int(self._clock())
        try:
            activity = source.glance(handle, self._asking(network).budget(GLANCE_CALLS, GLANCE_MOST), now)
        except ObservedOnly:
            return self._observed_only(network, handle)
        ref = activity.ref
        ephemeral = activity.profile.consent is Consent.EPHEMERAL
        handles = {handle, activity.profile.handle}
        if ephemeral:
            self._repository.forget(ref)
            self._tell_forgotten(network, handles | {ref.id}, "not_kept", "")
        with self._repository.merging(ref):
            activity = self._merged(None if ephemeral else self._repository.activity(ref), activity)
            glanced = self._keep(activity, handles, studied=False)
        if not study:
            return glanced
        # The glance is shown while the study goes on.
        self._say(network, handle, replace(glanced, ask_again_after=STUDY_SECONDS))
        try:
            more = source.study(activity, self._asking(network).budget(STUDY_CALLS, STUDY_MOST), now)
        except UpstreamUnavailable as problem:
            return self._older(glanced.report or {}, problem)
        except CallBudgetSpent:
            return self._older(glanced.report or {}, _too_slow())
        with self._repository.merging(ref):
            return self._keep(self._merged(activity, more), handles, studied=True)

    def _observed_only(self, network: str, handle: str) -> Answer:
        stored = self._repository.find(network, handle)
        if stored is not None:
            with self._repository.merging(stored.ref):
                activity = self._repository.activity(stored.ref)
                if activity is not None:
                    return self._keep(activity, {handle}, studied=False)
        title = self.networks[network].title
        return Answer(
            "unavailable",
            UNKNOWN_SECONDS,
            detail=f"{title} shows its posts to people only. Once the extension may read {title} pages, what stands on the screen is added up.",
        )

    def _merged(self, older: Activity | None, newer: Activity) -> Activity:
        now = self.now()
        if older is None:
            return newer
        return merge(older, newer, oldest=now - KEEP_POSTS_DAYS * DAY, window_start=now - WINDOW_DAYS * DAY)

    def _keep(self, activity: Activity, handles: set[str], studied: bool, must_store: bool = False) -> Answer:
        """Score an activity and remember it, unless the account asked not to be kept. Raises AccountRefused when it opted out."""
        now = int(self._clock())
        if not self._keeps_places:
            activity = without_places(activity)
        activity = self._topic_names.noted(activity)
        report = self._scored(activity, now)
        kept = activity.profile.consent is not Consent.EPHEMERAL
        report_json = to_json(report, ontology=self._ontology) | {
            "kept": kept,
            _SCORED: now,
            _STUDIED: now if studied else 0,
        }
        stored = False
        if kept:
            try:
                report_json[_STUDIED] = self._repository.save(report, report_json, handles, now if studied else 0)
                stored = True
            except SQLAlchemyError as problem:
                if must_store:
                    raise
                # What is already stored stays; this report is shown from memory until it can be written again.
                log.error("a report could not be stored: %s", type(problem).__name__)
        # What is stored was not wished away, or it would not be.
        if not stored and self._repository.opted_out(activity.ref.network, activity.ref.id, *handles):
            raise AccountRefused(OPTED_OUT)
        answer = Answer(report.state, self._refresh_seconds, report_json)
        for handle in handles | {activity.ref.id}:
            self._say(activity.ref.network, handle.lower(), answer)
        return answer

    def _scored(self, activity: Activity, now: int) -> Report:
        background = self._background(often_used(activity), activity.ref)
        began = perf_counter()
        report = compose(replace(activity, ranks=self._ranks_of(activity)), now, background=background)
        self._tell(Scored(str(activity.coverage.depth), perf_counter() - began))
        return report

    def _ranks_of(self, activity: Activity) -> Mapping[str, float]:
        """The ranks of those who engaged; none are known while the database cannot be read."""
        people = activity.people.id
        engaged = {people[actor] for actor in activity.interactions.actor.tolist()}
        try:
            return self._ranks(activity.ref.network, engaged)
        except SQLAlchemyError as problem:
            log.error("ranks could not be read: %s", type(problem).__name__)
            return {}

    def _fallen_back(self, network: str, handle: str, problem: UpstreamUnavailable) -> Answer:
        """An older report when there is one, else that it could not be had."""
        stored = self._repository.find(network, handle)
        if stored is None:
            return Answer("unavailable", _wait(problem), detail=str(problem))
        return self._older(self._of_stored(stored), problem)

    def _older(self, report: dict[str, Any], problem: UpstreamUnavailable) -> Answer:
        """An older report, and why there is no newer one."""
        again = int(self._clock()) + _wait(problem)
        report = report | {"stale": True, "stale_reason": str(problem), _AGAIN: again}
        return Answer(str(report["state"]), _wait(problem), report)

    # Small things

    def _asking(self, network: str) -> Fetcher:
        return self._fetcher.on_behalf_of(network)

    def canonical(self, network: str, handle: str) -> str:
        """The one spelling of a handle under which an account is known. Raises UnknownNetwork and BadHandle."""
        if network not in self.networks:
            names = ", ".join(sorted(self.networks))
            raise UnknownNetwork(f"There is no network {network[:40]!r} here; there are {names}.")
        return self.networks[network].canonical_handle(handle)

    def _of_stored(self, stored: Stored) -> dict[str, Any]:
        return stored.report | {_STUDIED: stored.studied_at or 0}

    def _with_age(self, network: str, handle: str, report: dict[str, Any], study: bool) -> Answer:
        """The report as it stands, and a new one under way when it is old or not deep enough."""
        now = self._clock()
        age, study_age = now - report[_SCORED], now - report[_STUDIED]
        failed = bool(report.get("stale_reason"))
        deepen = study and study_age > self._refresh_seconds and report["depth"] != Depth.OBSERVED
        is_wanted = not failed and (age > self._refresh_seconds or deepen)
        refreshing = is_wanted and self._start(network, handle, study)
        again = report.get(_AGAIN, report[_SCORED] + self._refresh_seconds)
        wait = LEAST_UNAVAILABLE_SECONDS if is_wanted else max(1, round(again - now))
        if refreshing:
            wait = STUDY_SECONDS
        shown = {k: v for k, v in report.items() if k not in _HIDDEN} | {
            "stale": failed or age > self._refresh_seconds,
            "refreshing": refreshing,
            "ask_again_after": wait,
            "report_url": f"/accounts/{network}/{handle}",
        }
        return Answer(str(report["state"]), wait, shown)

    def _start(self, network: str, handle: str, study: bool) -> bool:
        """Have it gathered, unless that is under way already whoever asked. False when nobody can be told to."""
        stored = self._repository.find(network, handle)
        try:
            # A handle and the id behind it are one account, as far as it is known already.
            if self._under_way.begin(network, handle, stored.ref.id if stored else handle, study):
                self._enqueue(network, handle, study)
        except QueueFull:
            # Still pending for the asker, who asks again; by then there may be room.
            self._finish(network, handle)
        except QueueUnreachable as problem:
            log.warning("an account could not be had gathered: %s", problem)
            self._finish(network, handle)
            return False
        return True

    def _finish(self, network: str, handle: str) -> None:
        """It is no longer under way; a study asked for meanwhile starts now."""
        if self._under_way.end(network, handle):
            self._start(network, handle, study=True)

    def _say(self, network: str, handle: str, answer: Answer) -> None:
        self._cache.set(_key(network, handle), answer, timeout=max(1, answer.ask_again_after))
        for listener in self._listeners:
            listener(network, handle)

    def opted_out(self, network: str, *names: str) -> bool:
        """Did this account, under any of these names, ask not to be scored?"""
        return self._repository.opted_out(network, *names)

    def activity(self, network: str, handle: str) -> Activity | None:
        """What is kept of an account's posts and the reactions to them; None for one that is not kept."""
        stored = self._repository.find(network, handle)
        return self._repository.activity(stored.ref) if stored else None

    def shared_topics(self, one: Activity, other: Activity) -> tuple[str, ...]:
        """What two accounts both talk about, as it is called, what sets them apart from others most first; at most three."""
        both = often_used(one).keys() & often_used(other).keys()
        shared = shared_topics(one, other, self._background(both, one.ref, other.ref))
        return tuple(topic_label(tag, self._ontology) for tag in shared)

    def _background(self, tags: Collection[str], *left_out: AccountRef) -> Background:
        """What others use; nothing is known of that while the database cannot be read."""
        if not tags:
            return NO_BACKGROUND
        try:
            return self._repository.background(tags, left_out)
        except SQLAlchemyError as problem:
            log.error("how common hashtags are could not be read: %s", type(problem).__name__)
            return NO_BACKGROUND

    def kept_report(self, network: str, handle: str) -> dict[str, Any] | None:
        """The newest report that is kept of an account, however old; None when there is none, or it asked not to be scored."""
        stored = self._repository.find(network, handle)
        if stored is None or self._repository.opted_out(network, *_names(stored.report)):
            return None
        return stored.report

    def studied_at(self, network: str, handle: str) -> int:
        """When an account was studied last, seconds since 1970; 0 when it never was."""
        stored = self._repository.find(network, self.canonical(network, handle))
        return (stored.studied_at or 0) if stored else 0

    def export(self, network: str, handle: str) -> dict[str, Any]:
        """Everything that is kept of an account: its names, newest report, history, and what was gathered of it; as JSON."""
        stored = self._repository.find(network, handle)
        ref = stored.ref if stored else AccountRef(network, handle)
        rank = self._ranks(network, [ref.id]).get(ref.id)
        if stored is None:
            return {"names": [], "report": None, "history": [], "activity": None, "rank": rank}
        activity = self._repository.activity(stored.ref)
        return {
            "names": sorted(self._repository.handles(stored.ref)),
            "report": {k: v for k, v in stored.report.items() if k not in _HIDDEN},
            "history": [point_json(point) for point in self._points(network, handle)[1]],
            "activity": as_json(activity) if activity else None,
            "rank": rank,
        }

    def delete(self, network: str, handle: str, why: str) -> None:
        """Delete everything kept about an account; ``why`` stands in its place in reviews. Whoever asks for it has it read anew."""
        handle = self.canonical(network, handle)
        stored = self._repository.find(network, handle)
        ref = stored.ref if stored else AccountRef(network, handle)
        names = {handle, ref.id, *self._repository.handles(ref)}
        self._repository.forget(ref)
        self._tell_forgotten(network, names, "refused", why)
        for name in names:
            self._cache.delete(_key(network, name))
            for listener in self._listeners:
                listener(network, name)

    def refresh(self, network: str, handle: str) -> None:
        """Have an account studied soon, unless it was found lately that there is nothing to be had of it. Raises UnknownNetwork and BadHandle."""
        handle = self.canonical(network, handle)
        kept = self._cache.get(_key(network, handle))
        if not (isinstance(kept, Answer) and kept.report is None):
            self._start(network, handle, study=True)

    def in_memory(self, network: str, handle: str) -> dict[str, Any] | None:
        """The report of an account that was answered lately, also of one that asks not to be kept; None when it is forgotten by now."""
        kept = self._cache.get(_key(network, handle))
        return kept.report if isinstance(kept, Answer) else None

    def _tell_forgotten(self, network: str, names: set[str], state: str, why: str) -> None:
        for listener in self._forgetting:
            listener(network, names, state, why)

    def _forget(self, network: str, handle: str, answer: Answer) -> None:
        """Delete an account, and say so under every name it was known by."""
        stored = self._repository.find(network, handle)
        if stored is not None:
            names = self._repository.handles(stored.ref)
            self._repository.forget(stored.ref)
            self._tell_forgotten(network, names | {stored.ref.id, handle}, answer.state, answer.detail)
            for name in names:
                self._say(network, name, answer)


def _readings(activity: Activity | None) -> list[tuple[int, int]]:
    """(seconds since 1970, followers) each time they were read, oldest first."""
    counts = activity.counts if activity else CountsOverTime()
    return list(zip(counts.time.tolist(), counts.followers.tolist(), strict=True))


def _names(report: dict[str, Any]) -> tuple[str, str]:
    """The id and the handle of the account a report is about."""
    account = report["account"]
    return AccountRef.parse(account["id"]).id, account["handle"]


def _wait(problem: UpstreamUnavailable) -> int:
    return max(LEAST_UNAVAILABLE_SECONDS, round(problem.retry_after))


def _too_slow() -> UpstreamUnavailable:
    return UpstreamUnavailable("Its network took too long to answer.", FAULT_SECONDS)


def _fault() -> UpstreamUnavailable:
    return UpstreamUnavailable("This account could not be read.", FAULT_SECONDS)


def _opted_out() -> Answer:
    return _refused(OPTED_OUT)


def _refused(detail: str) -> Answer:
    return Answer("refused", REFUSED_SECONDS, detail=detail)


_SCORED, _STUDIED, _AGAIN = "scored_seconds", "studied_seconds", "again_seconds"
"""Kept with a report, not shown: when it was scored, when the account was last studied (0: never), when a failed upstream may be
asked again."""
_HIDDEN = (_SCORED, _STUDIED, _AGAIN)


def _key(network: str, handle: str) -> str:
    return f"answer:{network}:{handle}"
