"""What two accounts had to do with one another, as far as what was read of both shows it. It earns neither of them anything."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from server.activity import Activity, InteractionKind, PostKind

_AS_POST = {
    InteractionKind.REPLY: PostKind.REPLY,
    InteractionKind.REPOST: PostKind.REPOST,
    InteractionKind.QUOTE: PostKind.QUOTE,
}


@dataclass(frozen=True, slots=True)
class Deeds:
    """How often one account did something to another: replied to it, reposted it, quoted it, liked it."""

    replies: int = 0
    reposts: int = 0
    quotes: int = 0
    likes: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.replies + self.reposts + self.quotes + self.likes


def deeds(doer: Activity, receiver: Activity) -> Deeds:
    """What ``doer`` did to ``receiver``: of each kind as many as its own posts, or as what the other received, show; whichever is more."""
    sent = doer.posts.kind[doer.posts.target == _place(doer, receiver)]
    came = receiver.interactions.kind[receiver.interactions.actor == _place(receiver, doer)]

    def number(kind: InteractionKind) -> int:
        own = int(np.sum(sent == _AS_POST[kind])) if kind in _AS_POST else 0
        # A repost by the doer may be noted on either side under another name, so the sides are not added up.
        return max(own, int(np.sum(came == kind)))

    return Deeds(
        number(InteractionKind.REPLY),
        number(InteractionKind.REPOST),
        number(InteractionKind.QUOTE),
        number(InteractionKind.LIKE),
    )


def _place(activity: Activity, other: Activity) -> int:
    """Where the other account stands among the people of an activity; a place that nobody has when it does not."""
    try:
        return activity.people.id.index(other.ref.id)
    except ValueError:
        return -2
