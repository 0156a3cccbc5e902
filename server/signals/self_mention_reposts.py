"""Self-mention reposts: passing on what others say about oneself."""

from __future__ import annotations

import numpy as np

from server.scoring.measures import Measures
from server.scoring.sample import Sample
from server.signals.proportion import counted, share_of_posts
from server.signals.signal import Axis, Finding, Mark, Signal, State, not_applicable, post_evidence, too_little

FEWEST_REPOSTS = 10
STRONG_SHARE = 0.4
"""The whole 90 % interval must lie above this share of reposts: passing on praise now and then is no pattern."""
SOME_SHARE = 0.2


def find(sample: Sample, _measures: Measures) -> Finding:
    """Reposts of posts that mention the account, or are its own / all its reposts."""
    if not len(sample.reposts):
        return not_applicable("It reposted nothing in the last 90 days.")
    posts, rows = sample.activity.posts, sample.rows[sample.reposts]
    about_self = posts.mentions_self[rows] | posts.own[rows]
    hits, of = int(about_self.sum()), len(rows)
    sentence = f"{hits:,} of its {counted(of, 'repost', 'reposts')} pass on posts that mention it, or its own."
    if of < FEWEST_REPOSTS:
        return too_little(sentence, of)
    low, high = share_of_posts(sample, hits, of)
    mark = Mark.STRONG if low > STRONG_SHARE else Mark.SOME if low > SOME_SHARE else Mark.NONE
    evidence = post_evidence(
        sample, sample.reposts[np.flatnonzero(about_self)].tolist(), "Repost of a post about itself"
    )
    return Finding(State.FOUND, sentence, hits / of, low, high, evidence, mark, of)


SIGNAL = Signal(
    id="self_mention_reposts",
    title="Reposts what mentions it",
    axis=Axis.ENGAGEMENT,
    unit="share",
    why="Reposting every mention of oneself made accounts look influential in earlier scores. Here such reposts earn nothing, and when they are "
    "most of what an account passes on, it is said.",
    source="Our definition: reposts of posts that mention the author, over reposts sent.",
    find=find,
)
