"""Points in tenths as they are displayed: rounded so that they still add up."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor


def largest_remainder(exact: Sequence[float], total: int) -> list[int]:
    """Whole numbers nearest to ``exact`` that add up to ``total`` (Hamilton's method); a zero stays zero where possible.

    Exact values may be negative. Whatever the total, the numbers add up to it, unless there are none.
    """
    whole = [floor(value) for value in exact]
    if not whole:
        return whole
    order = sorted(range(len(exact)), key=lambda i: (whole[i] - exact[i], i))
    each, left = divmod(total - sum(whole), len(whole))
    for place, i in enumerate(order):
        whole[i] += each + (place < left)
    return whole
