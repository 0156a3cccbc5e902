"""Reply reach: whether it answers anybody, or only those much bigger than itself."""

from __future__ import annotations

import numpy as np

from server.activity import UNKNOWN
from server.scoring.measures import Measures
from server.scoring.sample import Sample
from server.signals.proportion import counted, wilson
from server.signals.signal import Axis, Finding, Signal, State, missing, not_applicable, post_evidence, too_little

FEWEST_REPLIES = 10
MUCH_BIGGER = 10
"""Times its own followers."""
NEVER_BIG = 1_000
"""Whoever has fewer followers is not big, however small the account that answers."""


def find(sample: Sample, _measures: Measures) -> Finding:
    """Replies to accounts not much bigger than itself / replies to accounts whose followers are known."""
    if not len(sample.replies):
        return not_applicable("It replied to nobody in the last 90 days.")
    own, people = sample.activity.profile.followers, sample.activity.people
    if own is None or own < 0:
        return missing("How many follow it was not shown.")
    aimed = sample.replies[sample.target[sample.replies] != UNKNOWN]
    known = aimed[people.followers[sample.target[aimed]] >= 0]
    if not len(known):
        return missing("How many follow those it replied to was not looked up.")
    if len(known) < FEWEST_REPLIES:
        replies = counted(len(known), "reply", "replies")
        return too_little(f"Only {replies} to accounts whose followers were looked up.", len(known))
    targets = sample.target[known]
    bigger = (people.followers[targets] > MUCH_BIGGER * own) & (people.followers[targets] >= NEVER_BIG)
    share = 1 - float(bigger.mean())
    # Replies to one person are no independent draws, so the interval is that of as many people.
    different = len(np.unique(targets))
    low, high = wilson(share * different, different)
    limit = f"over {MUCH_BIGGER * own:,}" if MUCH_BIGGER * own >= NEVER_BIG else f"at least {NEVER_BIG:,}"
    sentence = f"{int(bigger.sum()):,} of {len(known):,} replies went to accounts more than ten times as large as itself ({limit} followers)."
    to_bigger = post_evidence(sample, known[bigger][:2].tolist(), "Reply to a much larger account")
    to_others = post_evidence(sample, known[~bigger][:2].tolist(), "Reply to an account not much larger")
    return Finding(State.FOUND, sentence, share, low, high, to_others + to_bigger, count=len(known))


SIGNAL = Signal(
    id="reply_reach",
    title="Answers people of any size",
    axis=Axis.ENGAGEMENT,
    unit="share",
    why="Replying under the posts of the famous is seen by many and answered by few; answering people of one's own size is talk. The share of "
    f"replies to accounts with at most {MUCH_BIGGER} times its own followers, or fewer than {NEVER_BIG:,}. Followers are known only of "
    "people who were looked up, mostly because they reacted to it, so replies to strangers who never did may be missing. The interval counts "
    "people, not replies.",
    source="Our definition, after reply targets by audience size; interval: Wilson 1927.",
    find=find,
)
