"""Duplicate posts: the same text again and again."""

from __future__ import annotations

from collections import Counter

from server.activity import PostKind
from server.scoring.measures import Measures
from server.scoring.sample import Sample
from server.signals.proportion import counted, share_of_posts
from server.signals.signal import Axis, Finding, Mark, Signal, State, post_evidence, too_little

FEWEST_POSTS = 15
STRONG_SHARE = 0.5
SOME_SHARE = 0.25


def find(sample: Sample, _measures: Measures) -> Finding:
    """The share of written posts whose text, links and mentions aside, was posted before."""
    hashes = sample.activity.posts.text_hash[sample.rows]
    written = [
        i
        for i, (kind, text) in enumerate(zip(sample.kind.tolist(), hashes.tolist(), strict=True))
        if kind != PostKind.REPOST and text
    ]
    if len(written) < FEWEST_POSTS:
        return too_little(f"Only {counted(len(written), 'post', 'posts')} with enough text in 90 days.", len(written))
    times = Counter(int(hashes[i]) for i in written)
    repeated = [i for i in written if times[int(hashes[i])] > 1]
    again = len(written) - len(times)
    low, high = share_of_posts(sample, again, len(written))
    mark = Mark.STRONG if low > STRONG_SHARE else Mark.SOME if low > SOME_SHARE else Mark.NONE
    sentence = f"{again:,} of {len(written):,} posts repeat the text of an earlier one."
    return Finding(
        State.FOUND,
        sentence,
        again / len(written),
        low,
        high,
        post_evidence(sample, repeated, "Repeated text"),
        mark,
        len(written),
    )


SIGNAL = Signal(
    id="duplicate_posts",
    title="Repeats itself",
    axis=Axis.ENGAGEMENT,
    unit="share",
    why="Posting the same text again and again is how numbers are pushed and how scripts write. Compared are normalised texts without links, "
    'mentions and punctuation; very short ones ("good morning") are left out.',
    source="Our definition: posts that repeat an earlier text, over posts with enough text.",
    find=find,
)
