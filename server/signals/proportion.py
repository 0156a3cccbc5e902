"""A share seen in a sample, with its uncertainty."""

from __future__ import annotations

from math import sqrt

Z90 = 1.6448536269514722
"""Two-sided 90 % point of the normal distribution."""


def wilson(hits: float, of: float, z: float = Z90) -> tuple[float, float]:
    """90 % interval of a proportion (Wilson 1927, score interval); (0, 1) when nothing was seen."""
    if of <= 0:
        return 0.0, 1.0
    share, spread = hits / of, z * z / of
    centre = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * sqrt(share * (1 - share) / of + spread / (4 * of))
    return max(0.0, centre - half), min(1.0, centre + half)


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
