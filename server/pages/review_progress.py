"""How far a review is, in words."""

from __future__ import annotations

from server.pages import review_title
from server.review import most_listed
from server.signals.proportion import counted
from server.store.reviews import RUNNING, Progress, Review


def in_words(review: Review, progress: Progress, remaining: float | None, waits_for: str) -> str:
    """One sentence. ``remaining``: seconds that the rest will take; ``waits_for``: in words, empty for nothing."""
    total = progress.done + progress.waiting
    if review.state == "failed":
        return review.detail
    if review.state == "cancelled":
        return f"Stopped after {progress.done:,} of {total:,}."
    if review.state != RUNNING and not total:
        return review_title.nobody(review)
    if review.state != RUNNING:
        return f"All {counted(total, 'account', 'accounts')} looked at."
    if review.cursor is not None:
        of = f" of {min(review.count, most_listed(review)):,}" if review.count else ""
        parts = [f"Reading the list: {counted(total, 'account', 'accounts')} so far{of}"]
    else:
        parts = [f"{progress.done:,} of {total:,}", _time(remaining)]
    if waits_for:
        parts.append(f"waiting: {waits_for}")
    elif progress.put_off:
        put_off = counted(progress.put_off, "account", "accounts")
        parts.append(f"{put_off} could not be asked yet and will be asked again")
    return " · ".join(filter(None, parts))


def _time(seconds: float | None) -> str:
    """A time that is left, roughly; empty when it cannot be told yet."""
    if seconds is None:
        return ""
    if seconds < 60:
        return "less than a minute"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"about {minutes} minute{'' if minutes == 1 else 's'}"
    return f"about {round(minutes / 60)} hours"
