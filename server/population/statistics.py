"""The statistics that measures are made of, for every account at once: ``server.scoring.measures`` as relational expressions."""

from __future__ import annotations

import ibis
from ibis import Table, _

from server.population.sent import TO_ALL
from server.scoring.measures import MOST_REPLY_WEIGHT, REPLY_WEIGHT


def tallied(posts: Table, counts: str) -> Table:
    """How often an account's posts got each ``count``, which is far fewer rows than posts: their number (``posts``) and their weight by age
    (``broadcasts``, ``answers`` and, all at once, ``decay``).

    ``posts``: rows with ``account``, ``kind``, ``decay`` and the column of that name, never null.
    """
    to_all = _.kind.isin(TO_ALL)
    weighed = posts.select(
        "account",
        "decay",
        count=_[counts].cast("float64"),
        broadcast=ibis.ifelse(to_all, _.decay, 0.0),
        answer=ibis.ifelse(to_all, 0.0, _.decay),
    )
    return weighed.group_by("account", "count").agg(
        posts=_.count(), decay=_.decay.sum(), broadcasts=_.broadcast.sum(), answers=REPLY_WEIGHT * _.answer.sum()
    )


def typical_per_post(tallies: Table) -> Table:
    """``account`` and the typical count per own post (``value``); see ``server.scoring.measures.typical_per_post``. ``tallies``: ``tallied``."""
    highest = tallies.group_by("account").agg(highest=_["count"].max())
    weighed = tallies.join(highest, "account").mutate(log=(_["count"] + 1).ln())
    is_top = weighed["count"] == weighed.highest
    sums = weighed.group_by("account", "highest").agg(
        broadcasts=_.broadcasts.sum(),
        answers=_.answers.sum(),
        broadcast_logs=(_.broadcasts * _.log).sum(where=~is_top),
        answer_logs=(_.answers * _.log).sum(where=~is_top),
        top_broadcasts=_.broadcasts.sum(where=is_top),
        top_answers=_.answers.sum(where=is_top),
        tops=_.posts.sum(where=is_top),
        next=_["count"].max(where=~is_top),
    )
    # The highest counts for as much as the second highest, which may be as high.
    alone = (sums.tops == 1) & sums.next.notnull()
    top_log = (ibis.ifelse(alone, sums.next, sums.highest) + 1).ln()
    bound = MOST_REPLY_WEIGHT * sums.broadcasts
    less = ibis.ifelse((sums.broadcasts > 0) & (sums.answers > bound), bound / sums.answers, 1.0)
    of_broadcasts = sums.broadcast_logs.fill_null(0.0) + sums.top_broadcasts * top_log
    of_answers = sums.answer_logs.fill_null(0.0) + sums.top_answers * top_log
    mean = (of_broadcasts + of_answers * less) / (sums.broadcasts + sums.answers * less)
    return sums.select("account", value=mean.exp() - 1)


def h_index(tallies: Table) -> Table:
    """``account`` and the level ``value`` that as much weight of posts lies above; see ``server.scoring.measures.h_index``. ``tallies``: ``tallied``.

    The weight above a level falls in straight pieces between bends, which lie at each count and one below: the last bend with at
    least as much weight above it as its level begins the piece on which both meet.
    """
    # No level can lie above the sum of the weights: all counts beyond are one.
    sums = tallies.group_by("account").agg(
        most=_.decay.sum() + 2, above_zero=(_.decay * ibis.least(_["count"], 1.0)).sum()
    )
    some = tallies.filter(_["count"] > 0).join(sums, "account")
    capped = some.select("account", "decay", "above_zero", count=ibis.least(_["count"], _.most))
    bends = ibis.union(
        sums.select("account", "above_zero", at=ibis.literal(0.0), slope=ibis.literal(0.0)),
        capped.select("account", "above_zero", at=ibis.greatest(_["count"] - 1, 0.0), slope=-_.decay),
        capped.select("account", "above_zero", at=_["count"], slope=_.decay),
    )
    places = bends.group_by("account", "at").agg(slope=_.slope.sum(), above_zero=_.above_zero.max())
    up_to = ibis.cumulative_window(group_by="account", order_by="at")
    steps = places.select(
        "account", "at", "above_zero", slope=_.slope.sum().over(up_to), moved=(_.slope * _["at"]).sum().over(up_to)
    )
    over = steps.select("account", "at", slope=_.slope - 1, over=_.above_zero + _.slope * _["at"] - _.moved - _["at"])
    meets = (_["at"] - _.over / _.slope).argmax(_["at"], where=_.over >= 0)
    return over.group_by("account").agg(value=meets)


def typical_audience(seen: Table, fewest: int) -> Table:
    """``account`` and the typical follower count of those who reacted (``value``); see ``server.signals.engager_followers``.

    ``seen``: a row for each account and person, with ``followers`` and ``attention``; accounts with fewer people are left out.
    """
    known = seen.filter(_.followers >= 0)
    means = _mean_of_people(known, (known.followers + 1).cast("float64").ln(), fewest)
    return means.select("account", value=_.mean.exp() - 1)


def typical_rank(seen: Table, fewest: int) -> Table:
    """``account`` and the typical rank of those who reacted (``value``); see ``server.signals.engager_ranks``. ``seen``: the same, with ``rank``."""
    known = seen.filter(_["rank"] > 0)
    return _mean_of_people(known, known["rank"].ln(), fewest).select("account", value=_.mean.exp())


def _mean_of_people(known: Table, values: ibis.Value, fewest: int) -> Table:
    weighed = known.mutate(weighed=known.attention * values)
    means = weighed.group_by("account").agg(people=_.count(), mean=_.weighed.sum() / _.attention.sum())
    return means.filter(_.people >= fewest)
