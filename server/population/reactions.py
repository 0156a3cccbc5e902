"""What each post got from other people, and what of it counts: ``server.scoring.reactions`` and ``ring`` over whole tables."""

from __future__ import annotations

import ibis
from ibis import Table, _

from server.population.sent import QUOTE, REPLY, REPOST, TO_ALL
from server.scoring.reactions import ATTENTIVE_FOLLOWING, LIKE_WORTH, USUAL_VARIETY
from server.scoring.ring import ENGAGED_BACK, FAST_SECONDS, FEWEST_POSTS, SHARE_OF_POSTS
from server.scoring.sample import ENGAGED_POSTS, POSTS_A_WEEK, WEEK

LIKED = ("like",)
PASSED_ON = ("repost", "quote")


def received(acts: Table) -> Table:
    """What others did to whose post: ``account``, ``actor``, ``kind`` (like, repost, quote, reply), ``time``, ``post``."""
    of_others = (_.actor != _.target) & _.post.notnull() & _.kind.isin(("like", "repost", "quote", "reply"))
    return acts.filter(of_others).select(account=_.target, actor=_.actor, kind=_.kind, time=_.time, post=_.post)


def own_posts(posts: Table) -> Table:
    """The newest posts of each calendar week that an account wrote itself: their place among these (``of_week``, 0 first) and from the newest
    of all (``place``)."""
    newest_first = ibis.window(group_by="account", order_by=[ibis.desc("time"), "id"])
    written = posts.filter((_.kind != REPOST) & _.id.notnull())
    placed = written.select(
        "account", "id", "time", "kind", week=_.time // WEEK, place=ibis.row_number().over(newest_first)
    )
    # The newest of a week is found by grouping: ranking within each week would sort once more.
    weeks = placed.group_by("account", "week").agg(newest=_.place.min())
    dated = placed.join(weeks, ["account", "week"]).mutate(of_week=_.place - _.newest)
    return dated.filter(_.of_week < max(POSTS_A_WEEK, ENGAGED_POSTS)).drop("week", "newest")


def on_newest(reactions: Table, own: Table) -> Table:
    """The reactions to the few newest posts of their account that are looked at person by person, with when such a post was ``sent_at`` and
    whether it is ``to_all``. ``reactions``: ``received``; ``own``: ``own_posts``."""
    newest = own.filter(_.place < ENGAGED_POSTS)
    newest = newest.select("account", post=_.id, sent_at=_.time, to_all=_.kind.isin(TO_ALL))
    return reactions.filter(_.kind.isin(LIKED + PASSED_ON)).join(newest, ["account", "post"])


def ring_members(looked_at: Table, own: Table, acts: Table, starts: Table) -> Table:
    """``account`` and ``actor``: who belongs to a ring around whom; see ``server.scoring.ring.find_ring``.

    ``looked_at``: ``on_newest``; ``own``: ``own_posts``; ``starts``: ``windows``.
    """
    read = own.filter((_.place < ENGAGED_POSTS) & _.kind.isin(TO_ALL)).group_by("account").agg(read=_.count())
    to_all = looked_at.filter(_.to_all)
    often = (
        to_all.select("account", "actor", "post")
        .distinct()
        .group_by("account", "actor")
        .agg(on=_.count())
        .join(read.filter(_.read >= FEWEST_POSTS), "account")
        .filter(_.on >= SHARE_OF_POSTS * _.read)
    )
    # Of those only: engines hold all that a median is of in memory.
    delays = to_all.semi_join(often, ["account", "actor"]).mutate(delay=_.time - _.sent_at)
    quick = delays.group_by("account", "actor").agg(delay=_.delay.median()).filter(_.delay <= FAST_SECONDS)
    # Few are quick, so what everybody did to anybody is looked through for their accounts only.
    back = (
        acts.filter(_.kind.isin((REPLY, REPOST, QUOTE)))
        .select(account=_.actor, actor=_.target, time=_.time)
        .semi_join(quick, ["account", "actor"])
        .join(starts.select("account", "start"), "account")
        .filter(_.time > _.start)
        .group_by("account", "actor")
        .agg(times=_.count())
        .filter(_.times >= ENGAGED_BACK)
    )
    return back.select("account", "actor")


def attention(accounts: Table) -> Table:
    """``actor``, how many follow it (``followers``, null: not known) and the part of its attention that a reaction stands for (``attention``)."""
    following = ibis.greatest(_.following.fill_null(0), ATTENTIVE_FOLLOWING)
    return accounts.select(actor=_.id, followers=_.followers, attention=ATTENTIVE_FOLLOWING / following.cast("float64"))


def standing(looked_at: Table, own: Table, starts: Table, rings: Table, people: Table, kinds: tuple[str, ...]) -> Table:
    """For each account whose newest posts got such reactions: ``factor`` and ``ring_per_post``; see ``server.scoring.reactions.Standing``.

    ``looked_at``: ``on_newest``; ``own``: ``own_posts``; ``starts``: ``windows``; ``rings``: ``ring_members``; ``people``: ``attention``.
    """
    originals = own.filter(_.place < ENGAGED_POSTS).group_by("account").agg(originals=_.kind.isin(TO_ALL).sum())
    counting = (
        looked_at.filter(_.kind.isin(kinds))
        .join(starts.select("account", "start"), "account")
        .filter(_.time > _.start)
        .select("account", "actor", "time")
    )
    time_of_person = ibis.row_number().over(ibis.window(group_by=["account", "actor"], order_by="time")).cast("float64")
    judged = (
        counting.mutate(worth=1.0 / (time_of_person + 1) ** 2)
        .left_join(rings.mutate(in_ring=True), ["account", "actor"])
        .drop("account_right", "actor_right")
        .mutate(in_ring=_.in_ring.fill_null(False))
        .left_join(people.select("actor", "attention"), "actor")
        .drop("actor_right")
        .mutate(attention=_.attention.fill_null(1.0))
    )
    others = ~judged.in_ring
    found = judged.group_by("account").agg(
        of_ring=_.in_ring.sum(),
        variety=_.worth.mean(where=others).fill_null(0.0),
        attention=_.attention.mean(where=others).fill_null(0.0),
    )
    return found.join(originals, "account").select(
        "account",
        factor=_.attention * ibis.least(1.0, _.variety / USUAL_VARIETY),
        ring_per_post=_.of_ring / ibis.greatest(1, _.originals),
    )


def reached(recent: Table, reactions: Table, liked: Table, passed_on: Table) -> Table:
    """The account's own posts inside the window with what of their reactions counts: ``people`` reached and times ``passed_on``.

    ``recent``: ``inside``; ``liked`` and ``passed_on``: ``standing`` of LIKED and of PASSED_ON. See ``people_reached`` and ``times_passed_on``.
    """
    got = (
        reactions.filter(_.kind.isin(LIKED + PASSED_ON))
        .group_by("account", id=_.post)
        .agg(likes=(_.kind == "like").sum(), reposts=(_.kind == "repost").sum(), quotes=(_.kind == "quote").sum())
    )
    counted = recent.filter((_.kind != REPOST) & _.id.notnull()).left_join(got, ["account", "id"])
    counted = counted.drop("account_right", "id_right").fill_null({"likes": 0, "reposts": 0, "quotes": 0})
    for name, known in (("liked", liked), ("passed", passed_on)):
        renamed = known.select("account", **{f"{name}_factor": _.factor, f"{name}_ring": _.ring_per_post})
        counted = counted.left_join(renamed, "account").drop("account_right")
    counted = counted.fill_null({"liked_factor": 1.0, "passed_factor": 1.0, "liked_ring": 0.0, "passed_ring": 0.0})

    def counting(counts: ibis.Value, name: str) -> ibis.Value:
        of_ring = ibis.ifelse(counted.kind.isin(TO_ALL), counted[f"{name}_ring"], 0.0)
        return ibis.greatest(counts.cast("float64") - of_ring, 0.0) * counted[f"{name}_factor"]

    return counted.select(
        "account",
        "id",
        "kind",
        "decay",
        people=ibis.greatest(LIKE_WORTH * counting(counted.likes, "liked"), counting(counted.reposts, "passed")),
        passed_on=counting(counted.reposts + counted.quotes, "passed"),
    )


def seen_reacting(reactions: Table, own: Table, starts: Table, rings: Table, people: Table, ranks: Table) -> Table:
    """``account`` and each person who reacted to some posts of each week, none of a ring; see ``Sample.seen_reacting``. With that person's
    ``followers`` and ``rank`` (null: not known) and ``attention``. ``ranks``: ``account`` and ``pagerank`` of some of the ``people``."""
    some = own.filter(_.of_week < POSTS_A_WEEK).join(starts, "account").select("account", "start", post=_.id)
    ranked = people.left_join(ranks.select(actor=_.account, rank=_.pagerank), "actor").drop("actor_right")
    return (
        reactions.join(some, ["account", "post"])
        .filter(_.time > _.start)
        .select("account", "actor")
        .distinct()
        .anti_join(rings, ["account", "actor"])
        .left_join(ranked, "actor")
        .drop("actor_right")
        .mutate(attention=_.attention.fill_null(1.0))
    )
