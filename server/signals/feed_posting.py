"""Feed posting: posts that read like the items of a feed."""

from __future__ import annotations

from collections import Counter

from server.scoring.measures import Measures
from server.scoring.sample import Sample
from server.signals.proportion import counted, share_of_posts
from server.signals.signal import Axis, Finding, Mark, Signal, State, post_evidence, too_little

FEWEST_POSTS = 15
STRONG_SHARE = 0.7
SOME_SHARE = 0.5


def find(sample: Sample, _measures: Measures) -> Finding:
    """The share of original posts that link to one and the same source, or open with the same words."""
    originals = sample.originals
    if len(originals) < FEWEST_POSTS:
        return too_little(
            f"Only {counted(len(originals), 'original post', 'original posts')} in 90 days.", len(originals)
        )
    posts, rows = sample.activity.posts, sample.rows[originals].tolist()
    source, linked = _most_common([posts.link_source[row] for row in rows])
    opening, opened = _most_common([str(posts.opening_hash[row] or "") for row in rows])
    if linked >= opened:
        alike = [
            position
            for position, row in zip(originals.tolist(), rows, strict=True)
            if source and posts.link_source[row] == source
        ]
        sentence = (
            f"{linked:,} of {len(originals):,} original posts link to {source}."
            if linked
            else "Its posts link to no common source."
        )
    else:
        alike = [
            position
            for position, row in zip(originals.tolist(), rows, strict=True)
            if str(posts.opening_hash[row]) == opening
        ]
        sentence = f"{opened:,} of {len(originals):,} original posts open with the same words."
    hits = max(linked, opened)
    low, high = share_of_posts(sample, hits, len(originals))
    mark = Mark.STRONG if low > STRONG_SHARE else Mark.SOME if low > SOME_SHARE else Mark.NONE
    return Finding(
        State.FOUND,
        sentence,
        hits / len(originals),
        low,
        high,
        post_evidence(sample, alike, "One of these posts"),
        mark,
        len(originals),
    )


def _most_common(values: list[str]) -> tuple[str, int]:
    named = Counter(value for value in values if value)
    return named.most_common(1)[0] if named else ("", 0)


SIGNAL = Signal(
    id="feed_posting",
    title="Posts like a feed",
    axis=Axis.ENGAGEMENT,
    unit="share",
    why="Accounts wired to a feed link to one source again and again, or start every post from the same template. People do so too when they "
    "share their own work, so this alone decides nothing.",
    source="Our definition: the largest share of original posts with one link source or one opening.",
    find=find,
)
