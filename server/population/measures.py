"""From what everybody did to the measures of every account: the same definition as the live path's, which tests hold equal to 1e-9."""

from __future__ import annotations

import ibis
from ibis import Table, _

from server.population.reactions import (
    LIKED,
    PASSED_ON,
    attention,
    on_newest,
    own_posts,
    reached,
    received,
    ring_members,
    seen_reacting,
    standing,
)
from server.population.sent import inside, sent, windows
from server.population.statistics import h_index, tallied, typical_audience, typical_per_post, typical_rank
from server.population.tables import Keep
from server.scoring.sample import DAY
from server.signals.engager_followers import FEWEST_PEOPLE
from server.signals.followers import FOLLOWERS_PER_REACH

MEASURED = (
    "followers",
    "listed",
    "people_per_post",
    "people_h_index",
    "reposts_per_post",
    "repost_h_index",
    "engager_followers",
    "engager_ranks",
)
"""The signals of influence, whose measures this gives."""


def measures(acts: Table, accounts: Table, ranks: Table, now: int, keep: Keep = lambda _name, table: table) -> Table:
    """A row for every account of the table: ``account``, a column for each of MEASURED (null: cannot be had), ``posts_seen`` inside the
    window, ``days_silent``, and ``followers_stated``: how many follow it; ``followers`` are those of them that count.

    ``acts`` and ``accounts``: cleaned, see ``server.population.tables``; ``ranks``: ``account`` and its ``pagerank``; ``now``: seconds since
    1970 UTC. ``keep`` changes nothing but the time it takes.
    """
    posts, reactions, people = sent(acts), received(acts), attention(accounts)
    # Of who is no account of the table nobody knows what they ask for: the service is told no rank of theirs, so none counts here.
    told = ranks.semi_join(accounts.select(account=_.id), "account")
    recent = keep("inside", inside(posts))
    ends, own = keep("windows", windows(recent)), keep("own_posts", own_posts(posts))
    looked_at = keep("on_newest", on_newest(reactions, own))
    rings = keep("rings", ring_members(looked_at, own, acts, ends))
    liked, passed_on = (standing(looked_at, own, ends, rings, people, kinds) for kinds in (LIKED, PASSED_ON))
    counted = keep("reached", reached(recent, reactions, liked, passed_on))
    seen = keep("seen", seen_reacting(reactions, own, ends, rings, people, told))
    activity = ends.select("account", "posts_seen", days_silent=(now - _.latest).cast("float64") / DAY)
    people_reached, passed_on_each = (tallied(counted, name) for name in ("people", "passed_on"))
    found = {
        "people_per_post": typical_per_post(people_reached),
        "people_h_index": h_index(people_reached),
        "reposts_per_post": typical_per_post(passed_on_each),
        "repost_h_index": h_index(passed_on_each),
        "engager_followers": typical_audience(seen, FEWEST_PEOPLE),
        "engager_ranks": typical_rank(seen, FEWEST_PEOPLE),
    }
    stated = _.followers.cast("float64")
    table = accounts.select(account=_.id, followers=stated, followers_stated=stated, listed=_.listed.cast("float64"))
    for name, values in found.items():
        table = table.left_join(values.rename({name: "value"}), "account").drop("account_right")
    table = table.left_join(activity, "account").drop("account_right").fill_null({"posts_seen": 0, "days_silent": 0.0})
    heard = ibis.least(_.followers, FOLLOWERS_PER_REACH * _.people_h_index)
    # Engines differ in what the lesser of a number and null is.
    bare = _.followers.isnull() | _.people_h_index.isnull()
    return table.mutate(followers=ibis.ifelse(bare, _.followers, heard))
