"""Link posts: links handed out to nobody in particular."""

from __future__ import annotations

import numpy as np

from server.activity import PostKind
from server.scoring.measures import Measures
from server.scoring.sample import Sample
from server.signals.proportion import counted, share_of_posts
from server.signals.signal import Axis, Finding, Mark, Signal, State, post_evidence, too_little

FEWEST_POSTS = 30
STRONG_SHARE = 0.9
SOME_SHARE = 0.75


def find(sample: Sample, _measures: Measures) -> Finding:
    """Original posts that carry an outside link and name nobody / everything it sent, replies and reposts included."""
    of = len(sample.rows)
    if of < FEWEST_POSTS:
        return too_little(f"Only {counted(of, 'post', 'posts')} in 90 days.", of)
    posts = sample.activity.posts
    linked = np.array([bool(posts.link_source[row]) for row in sample.rows.tolist()])
    handed_out = linked & (sample.kind == PostKind.ORIGINAL) & (posts.mentions[sample.rows] <= 0)
    hits = int(handed_out.sum())
    low, high = share_of_posts(sample, hits, of)
    mark = Mark.STRONG if low > STRONG_SHARE else Mark.SOME if low > SOME_SHARE else Mark.NONE
    sentence = f"{hits:,} of {counted(of, 'post', 'posts')} carry a link and address nobody."
    evidence = post_evidence(sample, np.flatnonzero(handed_out).tolist(), "Post with a link")
    return Finding(State.FOUND, sentence, hits / of, low, high, evidence, mark, of)


SIGNAL = Signal(
    id="link_posts",
    title="Hands out links",
    axis=Axis.ENGAGEMENT,
    unit="share",
    why="A feed wired to an account does one thing: it posts links, and neither replies, reposts nor names anybody. People who share links do "
    "other things beside it. Newsrooms do the same by hand, so this alone decides nothing about automation.",
    source="Our definition. Of 62 people's archives the highest share is about two thirds, of 12 feeds all but one lie above nine tenths "
    "(RESULTS.md of the evaluation).",
    find=find,
)
