"""Reply share: answers to people against words to nobody in particular."""

from __future__ import annotations

from server.scoring.measures import Measures
from server.scoring.sample import Sample
from server.signals.proportion import counted, percent, share_of_posts
from server.signals.signal import Axis, Finding, Signal, State, post_evidence, too_little


def find(sample: Sample, _measures: Measures) -> Finding:
    """Replies / (replies + broadcasts), with its interval and the newest replies."""
    replies, broadcasts = len(sample.replies), len(sample.broadcasts)
    if not replies + broadcasts:
        return too_little("Nothing was posted in the last 90 days.")
    low, high = share_of_posts(sample, replies, replies + broadcasts)
    share = replies / (replies + broadcasts)
    sentence = (
        f"{counted(replies, 'reply', 'replies')} to people and {counted(broadcasts, 'broadcast', 'broadcasts')}: "
        f"{percent(share)} of what it says answers somebody."
    )
    evidence = post_evidence(sample, sample.replies.tolist(), "Reply")
    return Finding(State.FOUND, sentence, share, low, high, evidence, count=replies + broadcasts)


SIGNAL = Signal(
    id="reply_share",
    title="Replies against broadcasts",
    axis=Axis.ENGAGEMENT,
    unit="share",
    why="The plainest sign of a person who talks with people: how much of what an account says answers somebody else. Original posts, quotes "
    "and reposts are broadcasts. A thread counts as one broadcast and its continuations as nothing: answering oneself is no reply to people.",
    source="Reply share of politicians' accounts: Lilleker 2009, Cross 2009. Interval: Wilson 1927.",
    find=find,
)
