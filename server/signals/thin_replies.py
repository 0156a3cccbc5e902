"""Thin replies: answers of a word or two, or the same words again and again."""

from __future__ import annotations

import numpy as np

from server.scoring.measures import Measures
from server.scoring.sample import Sample
from server.signals.proportion import counted, share_of_posts
from server.signals.signal import Axis, Finding, Mark, Signal, State, not_applicable, post_evidence, too_little

FEWEST_REPLIES = 20
STRONG_SHARE = 0.7
SOME_SHARE = 0.5


def find(sample: Sample, _measures: Measures) -> Finding:
    """Replies with next to no text, or with the text of an earlier reply / all replies."""
    of = len(sample.replies)
    if not of:
        return not_applicable("It replied to nobody in the last 90 days.")
    if of < FEWEST_REPLIES:
        return too_little(f"Only {counted(of, 'reply', 'replies')} in 90 days.", of)
    posts, rows = sample.activity.posts, sample.rows[sample.replies]
    texts = posts.text_hash[rows]
    linked = np.array([bool(posts.link_source[row]) for row in rows.tolist()])
    _, first = np.unique(texts, return_index=True)
    said_before = np.ones(of, np.bool_)
    said_before[first] = False
    thin = np.where(texts == 0, ~linked, said_before)
    hits = int(thin.sum())
    low, high = share_of_posts(sample, hits, of)
    mark = Mark.STRONG if low > STRONG_SHARE else Mark.SOME if low > SOME_SHARE else Mark.NONE
    sentence = f"{hits:,} of {counted(of, 'reply', 'replies')} are a word or two, or say what an earlier one said."
    evidence = post_evidence(sample, sample.replies[np.flatnonzero(thin)].tolist(), "Short or repeated reply")
    return Finding(State.FOUND, sentence, hits / of, low, high, evidence, mark, of)


SIGNAL = Signal(
    id="thin_replies",
    title="Replies that say little",
    axis=Axis.ENGAGEMENT,
    unit="share",
    why="“Nice!” under the posts of five hundred strangers makes many replies and no conversation. Counted are replies with too little text to "
    "be compared (under twelve letters, links aside) and those whose words an earlier reply had. Everybody says thanks now and then: it takes most "
    "of all replies to be told.",
    source="Our definition. Of 61 people's archives the highest share is under a half (RESULTS.md of the evaluation).",
    find=find,
)
