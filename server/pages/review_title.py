"""What a review is a list of, and what of it is not there, in words."""

from __future__ import annotations

from server.review import most_listed
from server.signals.proportion import counted
from server.store.reviews import ListKind, Progress, Review

FILE_NAMES: dict[str, str] = {
    ListKind.FOLLOWS: "follow-review.csv",
    ListKind.FOLLOWERS: "follower-review.csv",
    ListKind.MEMBERS: "published-list-review.csv",
    ListKind.NAMES: "list-review.csv",
}


def title(review: Review) -> str:
    """What it is a list of: the heading of its page, and told in its file."""
    if review.kind == ListKind.FOLLOWS:
        return f"Whom {review.handle} follows"
    if review.kind == ListKind.FOLLOWERS:
        return f"Newest followers of {review.handle}"
    if review.kind == ListKind.MEMBERS:
        return f"Members of {review.title or 'a published list'}"
    return "A list of accounts"


def nobody(review: Review) -> str:
    """That nobody is on it."""
    if review.kind == ListKind.FOLLOWS:
        return f"{review.handle} follows nobody."
    if review.kind == ListKind.FOLLOWERS:
        return f"Nobody follows {review.handle}."
    return "There is nobody on that list."


def not_there(review: Review, progress: Progress) -> list[str]:
    """Whom the list does not hold although it is said to, one sentence or two for each reason; empty while it is still being read."""
    total, most, said = progress.done + progress.waiting, most_listed(review), review.count or 0
    if review.cursor is not None:
        return []
    if review.cut_short:
        of = f" of {said:,}" if said else ""
        return [f"The list was taken away while it was being read: those here are the {total:,}{of} read until then."]
    if said <= total:
        return []
    if total >= most:
        return [_cut(review, said, most)]
    whole = {ListKind.FOLLOWS: "The profile says that it follows", ListKind.FOLLOWERS: "Its followers are said to be"}
    begin = whole.get(ListKind(review.kind), "The list is said to hold")
    return [
        f"{begin} {said:,}; the network lists {total:,}. The other {said - total:,} are deleted, suspended, "
        "deactivated or hidden, and cannot be looked at."
    ]


def _cut(review: Review, said: int, most: int) -> str:
    if review.kind == ListKind.FOLLOWS:
        return f"It follows {counted(said, 'account', 'accounts')}; the first {most:,} that the network lists are here."
    if review.kind == ListKind.FOLLOWERS:
        return f"{counted(said, 'account follows', 'accounts follow')} it; the newest {most:,} that the network lists are here."
    return f"The list holds {counted(said, 'account', 'accounts')}; the first {most:,} that the network lists are here."
