"""Does 90 % mean 90? How often the interval made from a random part of the posts holds the value that all of them give."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from server.report import Report, compose
from server.scoring.formula import current_formula
from server.scoring.tally import tally
from tests.evaluation.engagement import Archive, activity_of
from tests.evaluation.simulated import NOW, Person, activity, live

PARTS = {"half": 0.5, "fifth": 0.2}
SHARES = ("reply_share", "link_posts", "self_mention_reposts", "duplicate_posts")
DRAWS = 8
LEAST_POSTS = 20
Coverages = dict[str, dict[str, float]]
Held = dict[str, defaultdict[str, list[bool]]]


def of_shares(archives: Iterable[Archive]) -> Held:
    """Whether each interval of the engagement signals' shares holds the value of all posts, on real accounts, by part."""
    held: Held = {part: defaultdict(list) for part in PARTS}
    for archive in archives:
        posts = archive.looked_at()
        whole = _values(compose(activity_of(archive, posts), int(posts["seconds"].iloc[-1])))
        random = np.random.default_rng(int(archive.account, 16) % 2**32)
        for part, share in PARTS.items():
            for _ in range(DRAWS):
                drawn = np.sort(random.choice(len(posts), round(share * len(posts)), replace=False))
                if len(drawn) < LEAST_POSTS:
                    continue
                some = posts.iloc[drawn]
                report = compose(activity_of(archive, some, sent=len(posts)), int(posts["seconds"].iloc[-1]))
                for signal, (_, low, high) in _values(report).items():
                    if signal in whole and whole[signal][0] not in (0.0, 1.0):
                        inside = low <= whole[signal][0] <= high
                        held[part][signal].append(inside)
                        held[part]["engagement_shares"].append(inside)
    return held


def _values(report: Report) -> dict[str, tuple[float, float, float]]:
    found = {r.signal.id: r.finding for r in report.results if r.signal.id in SHARES}
    return {
        name: (f.value, f.low, f.high)
        for name, f in found.items()
        if f.value is not None and f.low is not None and f.high is not None
    }


def people() -> list[Person]:
    """Accounts of all sizes and habits, by a fixed lot."""
    random = np.random.default_rng(7)
    found = []
    for number in range(60):
        likes = float(np.exp(random.uniform(np.log(1.0), np.log(600.0))))
        originals = float(np.exp(random.uniform(np.log(0.7), np.log(8.0))))
        found.append(
            Person(
                name=f"simulated-{number}",
                followers=int(likes * random.uniform(60, 400)),
                originals=originals,
                replies=originals * random.uniform(0.0, 2.0),
                reposts=originals * random.uniform(0.0, 1.0),
                likes=likes,
                reposted=likes * random.uniform(0.05, 0.4),
                answered=likes * random.uniform(0.02, 0.3),
                engager_followers=float(np.exp(random.uniform(np.log(80.0), np.log(2000.0)))),
                seed=number,
            )
        )
    return found


def of_scores(accounts: Iterable[Person]) -> Held:
    """Whether each interval of the score and of its pillars holds the value, on simulated accounts, by part.

    Of the posts the value is what all of them give. How far those who react are heard is never known of all: there the value is
    the truth that the account was made with.
    """
    held: Held = {part: defaultdict(list) for part in PARTS}
    for person in accounts:
        history = live(person)
        whole = _truth(compose(activity(history), NOW), person)
        random = np.random.default_rng([person.seed, 2])
        for part, share in PARTS.items():
            for _ in range(DRAWS):
                keep = np.zeros(len(history.day), np.bool_)
                keep[random.choice(len(keep), round(share * len(keep)), replace=False)] = True
                report = compose(activity(history, keep, sent=len(keep)), NOW)
                if report.score is None or keep.sum() < LEAST_POSTS or not whole:
                    continue
                held[part]["score"].append(report.score.low <= whole["score"] <= report.score.high)
                for pillar, (low, high) in report.pillar_intervals.items():
                    held[part][pillar.value].append(low <= whole[pillar.value] <= high)
    return held


def _truth(report: Report, person: Person) -> dict[str, float]:
    measures = report.measures | {"engager_followers": person.engager_followers}
    tallied = tally(measures, report.days_silent, current_formula())
    if report.score is None or tallied is None:
        return {}
    return {"score": tallied.total / 10} | {part.pillar.value: part.tenths / 10 for part in tallied.pillars}


def shares(held: Iterable[Held]) -> Coverages:
    """All that was counted, together, as shares."""
    together: Held = {part: defaultdict(list) for part in PARTS}
    for some in held:
        for part, found in some.items():
            for name, inside in found.items():
                together[part][name] += inside
    return {part: {name: float(np.mean(inside)) for name, inside in found.items()} for part, found in together.items()}
