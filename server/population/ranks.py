"""Who is engaged with by whom: PageRank over the people of a network, each person's attention divided, what is merely exchanged damped."""

from __future__ import annotations

import ibis
import numpy as np
from ibis import Table, _
from scipy.sparse import csr_array
from scipy.sparse.linalg import LinearOperator, bicgstab

from server.activity import Ints
from server.errors import RapportError
from server.scoring.reactions import LIKE_WORTH
from server.scoring.sample import DAY, HALF_LIFE_DAYS, WINDOW_DAYS, Floats

FOLLOWED_ON = 0.85
"""The part of a rank that is passed on (Page et al. 1999: d)."""
EXACT_TO = 1e-9
"""Sum of all errors beside the sum of all ranks."""
_MOST_STEPS = 1000


def votes(acts: Table, now: int) -> Table:
    """``actor``, ``target`` and ``share``: the part of one person's attention that somebody else gets of it, at most 1 in sum for each person.

    Attention is divided by ln(1 + n), where n counts deeds of the last WINDOW_DAYS before ``now`` (a like LIKE_WORTH, older ones less): who
    engages with everybody gives each of them little. Of what two people give each other, each share is divided by 1 + lesser / greater of
    both, up to a half, and the rest is nobody's: a ring that passes its votes round keeps little of them. Our definition; without the
    damping it is PageRank on weighted links (Xing and Ghorbani 2004).
    """
    given = acts.filter((_.actor != _.target) & (_.time > now - WINDOW_DAYS * DAY))
    deed = ibis.ifelse(_.kind == "like", LIKE_WORTH, 1.0) * 0.5 ** (
        (now - _.time).cast("float64") / (DAY * HALF_LIFE_DAYS)
    )
    links = given.group_by("actor", "target").agg(deeds=deed.sum()).mutate(weight=(_.deeds + 1).ln())
    whole = links.group_by("actor").agg(whole=_.weight.sum())
    returned = links.select(actor=_.target, target=_.actor, returned=_.weight)
    both = links.join(whole, "actor").left_join(returned, ["actor", "target"]).drop("actor_right", "target_right")
    mutual = ibis.least(_.weight, _.returned) / ibis.greatest(_.weight, _.returned)
    mutual = ibis.ifelse(_.returned.isnull(), 0.0, mutual)
    return both.select("actor", "target", share=_.weight / _.whole / (1 + mutual))


def numbered(links: Table, accounts: Table) -> Table:
    """Everybody among ``votes`` or ``accounts`` once: ``person`` and a ``number`` of theirs, from 0."""
    everybody = ibis.union(
        accounts.select(person=_.id), links.select(person=_.actor), links.select(person=_.target), distinct=True
    )
    return everybody.mutate(number=ibis.row_number().over(ibis.window(order_by="person")))


def by_number(links: Table, people: Table) -> Table:
    """``votes`` with people by their numbers: ``source``, ``target``, ``share``."""
    source = people.select(actor=_.person, source=_.number)
    target = people.select(target=_.person, aimed=_.number)
    return links.join(source, "actor").join(target, "target").select("source", target=_.aimed, share=_.share)


def pagerank(source: Ints, target: Ints, share: Floats, people: int) -> Floats:
    """How much attention comes to each person, directly or through others; 1 on average. Shape (people,).

    ``source``, ``target``: numbers of people from 0, one entry for each link; ``share``: the part of the source's rank that the target gets,
    at most 1 in sum over a source; what is left goes to everybody alike. Solves (I - d A) x = 1 by stabilised biconjugate gradients (van der
    Vorst 1992; for PageRank: Gleich, Zhukov and Berkhin 2004), which takes a tenth of the steps of iterating. Exact to EXACT_TO.

    Raises RapportError when that is not reached, as it would be for shares above 1.
    """
    if not people:
        return np.zeros(0)
    passed_on = csr_array((share, (target, source)), shape=(people, people), dtype=np.float64)
    equations = LinearOperator((people, people), matvec=lambda x: x - FOLLOWED_ON * (passed_on @ x), dtype=np.float64)
    ranks, everybody = np.ones(people), np.ones(people)
    # The residual is what is controlled; the error is at most so many times as large.
    wanted = EXACT_TO * (1 - FOLLOWED_ON) / 2
    for _turn in range(4):
        ranks, _failed = bicgstab(equations, everybody, x0=ranks, rtol=wanted / 10, maxiter=_MOST_STEPS)
        if float(np.abs(everybody - equations @ ranks).sum()) <= wanted * float(np.abs(ranks).sum()):
            return np.asarray(ranks * (people / ranks.sum()), np.float64)
    raise RapportError("The ranks of the people in this network could not be worked out to the last digits.")
