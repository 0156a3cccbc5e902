"""A share seen in a sample, with its uncertainty; and numbers in words."""

from __future__ import annotations

from math import sqrt

from server.scoring.interval import Z90
from server.scoring.sample import Sample


def wilson(hits: float, of: float, z: float = Z90) -> tuple[float, float]:
    """90 % interval of a proportion (Wilson 1927, score interval); (0, 1) when nothing was seen."""
    if of <= 0:
        return 0.0, 1.0
    share, spread = hits / of, z * z / of
    centre = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * sqrt(share * (1 - share) / of + spread / (4 * of))
    # At shares of 0 and 1 rounding may leave the share itself just outside.
    return max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half))


def share_of_posts(sample: Sample, hits: float, of: float) -> tuple[float, float]:
    """90 % interval of the share that all posts of the window have, from those that were seen of them."""
    return wilson(hits / sample.unseen, of / sample.unseen)


def percent(share: float) -> str:
    """A share for people: ``12 %``; never rounded up to 100 or down to 0 when it is not."""
    if 0 < share < 0.01:
        return "under 1 %"
    if 0.99 < share < 1:
        return "over 99 %"
    return f"{round(share * 100)} %"


def counted(number: int, one: str, many: str) -> str:
    """``1 post``, ``2 posts``, ``1,204 posts``."""
    return f"{number:,} {one if number == 1 else many}"


def amount(value: float) -> str:
    """A number with no more digits than mean something: ``1,200``, ``3.4``, ``0.04``, ``2``."""
    if value >= 10:
        return f"{value:,.0f}"
    return f"{value:.2g}" if 0 < value < 0.1 else f"{value:.1f}".removesuffix(".0")
