"""What each account sent, inside the window that its score is measured on."""

from __future__ import annotations

import ibis
from ibis import Table, _

from server.activity import NEWEST_KEPT
from server.scoring.sample import DAY, HALF_LIFE_DAYS, PAUSE_DAYS, WINDOW_DAYS

ORIGINAL, REPLY, THREAD, REPOST, QUOTE = "original", "reply", "thread", "repost", "quote"
TO_ALL = (ORIGINAL, QUOTE)
"""Said to nobody in particular."""


def sent(acts: Table) -> Table:
    """Every post sent: ``account``, ``id`` (null for a repost), ``time``, ``kind``, ``aimed`` at whom (null for nobody).

    ``acts``: see ``server.population.tables.clean``. The kinds are those of ``PostKind``.
    """
    by_itself = _.actor == _.target
    return (
        acts.filter(_.kind.isin(("post", "reply", "repost", "quote")))
        .mutate(
            sent_as=ibis.cases((_.kind == "post", ORIGINAL), ((_.kind == "reply") & by_itself, THREAD), else_=_.kind),
            id=ibis.cases((_.kind == "post", _.post), (_.kind == "repost", ibis.null(acts.made.type())), else_=_.made),
        )
        .select(account=_.actor, id=_.id, time=_.time, kind=_.sent_as, aimed=_.target)
    )


def inside(posts: Table) -> Table:
    """The posts inside their account's window, with their weight by age (``decay``); see ``server.scoring.sample.decay``.

    The window ends with the newest post and holds at least NEWEST_KEPT posts; see ``Sample.of_influence``.
    """
    newest_first = ibis.window(group_by="account", order_by=ibis.desc("time"))
    # In the same order as the others though none matters for it: engines sort once for all that share one.
    all_of_account = ibis.window(preceding=None, following=None, group_by="account", order_by=ibis.desc("time"))
    seen = posts.select(
        "account",
        "id",
        "time",
        "kind",
        newer=ibis.rank().over(newest_first),
        latest=_.time.max().over(all_of_account),
        gap=ibis.least((_.time.lag().over(newest_first) - _.time).fill_null(0), PAUSE_DAYS * DAY),
    )
    # Of the last of the newest ones itself the window holds the very second: fewer are newer than any post of that.
    recent = seen.filter((_.newer < NEWEST_KEPT) | (_.time > _.latest - WINDOW_DAYS * DAY))
    # By range, so that posts of one second are all of one age.
    so_far = ibis.range_window(preceding=None, following=0, group_by="account", order_by=ibis.desc("time"))
    aged = recent.select("account", "id", "time", "kind", age=_.gap.sum().over(so_far))
    return aged.select("account", "id", "time", "kind", decay=0.5 ** (_.age.cast("float64") / (DAY * HALF_LIFE_DAYS)))


def windows(recent: Table) -> Table:
    """For each account that sent anything: ``latest``, ``start``, after which a post lies inside the window (seconds since 1970), and how
    many do (``posts_seen``). ``recent``: ``inside``."""
    ends = recent.group_by("account").agg(latest=_.time.max(), oldest=_.time.min(), posts_seen=_.count())
    return ends.select("account", "latest", "posts_seen", start=ibis.least(_.latest - WINDOW_DAYS * DAY, _.oldest - 1))
