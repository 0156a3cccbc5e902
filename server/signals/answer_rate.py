"""Answer rate: of the people who wrote to an account, how many got an answer."""

from __future__ import annotations

from itertools import islice

import numpy as np

from server.activity import InteractionKind, PostKind
from server.scoring.measures import Measures
from server.scoring.sample import Sample
from server.signals.proportion import counted, wilson
from server.signals.signal import Axis, Evidence, Finding, Signal, State, missing, not_applicable, too_little

FEWEST_PEOPLE = 3
"""With fewer people than this the rate says nothing."""


def find(sample: Sample, _measures: Measures) -> Finding:
    """People answered / people who replied to or mentioned it, in the threads that were read."""
    activity = sample.activity
    # Replies seen in passing, as on a screen, do not show which post each answers.
    if not activity.coverage.threads_read:
        return missing("Who wrote to it was not looked at yet.")
    rows = sample.received_of(InteractionKind.REPLY, InteractionKind.MENTION)
    if not len(rows):
        return not_applicable("Nobody wrote to it in the threads that were read.")
    interactions, posts = activity.interactions, activity.posts
    answered_posts = {
        parent for parent, kind in zip(posts.parent, posts.kind.tolist(), strict=True) if kind == PostKind.REPLY
    }
    actors = interactions.actor[rows]
    got_answer = np.array([interactions.id[row] in answered_posts for row in rows.tolist()])
    wrote, answered = len(np.unique(actors)), len(np.unique(actors[got_answer]))
    if wrote < FEWEST_PEOPLE:
        return too_little(
            f"Only {counted(wrote, 'person', 'people')} wrote to it in the threads that were read.", wrote
        )
    low, high = wilson(answered, wrote)
    seen = ((interactions.url[row], got) for row, got in zip(rows.tolist(), got_answer.tolist(), strict=True))
    linked = (Evidence(url, "Was answered" if got else "Wrote to it") for url, got in seen if url)
    return Finding(
        State.FOUND,
        f"Answered {answered:,} of the {wrote:,} people who wrote to it.",
        answered / wrote,
        low,
        high,
        tuple(islice(linked, 4)),
        count=wrote,
    )


SIGNAL = Signal(
    id="answer_rate",
    title="Answers those who write",
    axis=Axis.ENGAGEMENT,
    unit="share",
    why="Somebody who is there answers. Counted in people, not in messages, over the threads that were read, so that one long exchange "
    "does not make up for many who were left alone.",
    source="Interaction reciprocity: edges answered over edges received (standard); counted by person: our definition.",
    find=find,
)
