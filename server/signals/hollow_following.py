"""Hollow following: many followers, hardly anyone who reacts."""

from __future__ import annotations

import numpy as np

from server.activity import Ints, PostKind
from server.scoring.interval import Z90
from server.scoring.measures import Measures
from server.scoring.sample import Floats, Sample
from server.signals.proportion import counted
from server.signals.signal import Axis, Finding, Mark, Signal, State, missing, not_applicable, post_evidence, too_little
from server.signals.typical import shown

FEWEST_FOLLOWERS = 1_000
FEWEST_POSTS = 10
SETTLED_SECONDS = 6 * 3600
"""Younger posts have not been seen by most who will react to them."""
USUAL_SHARE_AT_1000 = 0.01
USUAL_EXPONENT = -0.4
"""What is usual: 1 % of 1,000 followers react, 0.4 % of 10,000, 0.16 % of 100,000. Our definition, wide on purpose. That the share falls
with size is measured: the median of retweets per post and follower falls with about the power -0.3 from 1,000 to 300,000 followers (373
accounts of the PeerIndex pairs, 2012); the steeper power asks less of large accounts. The level is set by hand, no data on likes was had."""
SOME_OF_USUAL = 0.1
STRONG_OF_USUAL = 0.01


def usual_share(followers: int) -> float:
    """The share of followers that usually reacts to a typical post, at this number of followers."""
    return float(USUAL_SHARE_AT_1000 * (followers / FEWEST_FOLLOWERS) ** USUAL_EXPONENT)


def find(sample: Sample, _measures: Measures) -> Finding:
    """People who react to a typical original post / followers."""
    followers = sample.activity.profile.followers
    if followers is None or followers < 0:
        return missing("How many follow it was not shown.")
    if followers < FEWEST_FOLLOWERS:
        return not_applicable(f"Asked only from {FEWEST_FOLLOWERS:,} followers on.")
    settled = sample.originals[sample.time[sample.originals] <= sample.now - SETTLED_SECONDS]
    reactions = _reactions(sample, sample.rows[settled])
    known, reactions = settled[reactions >= 0], reactions[reactions >= 0]
    if len(known) < FEWEST_POSTS:
        seen = counted(len(known), "original post", "original posts")
        return too_little(f"Only {seen} with counts, and old enough to have them.", len(known))
    typical, low, high = _typical(reactions, sample.decay[known])
    usual = usual_share(followers) * followers
    sentence = (
        f"About {shown(typical)} of its {followers:,} followers react to a typical post "
        f"({counted(len(known), 'post', 'posts')} seen); usual at this size is {shown(usual)}."
    )
    evidence = post_evidence(sample, known[:4].tolist(), "Post")
    share, low_share, high_share = (number / followers for number in (typical, low, high))
    return Finding(State.FOUND, sentence, share, low_share, high_share, evidence, _mark(high / usual), len(known))


def _reactions(sample: Sample, rows: Ints) -> Ints:
    """At least so many people reacted to these posts, the account itself left out; UNKNOWN where neither count is shown."""
    posts = sample.activity.posts
    passed_on = np.flatnonzero(posts.own & (posts.kind == PostKind.REPOST))
    by_itself = {posts.parent[row] for row in passed_on.tolist()}
    own = np.array([posts.id[row] in by_itself for row in rows.tolist()], np.int64)
    reposts = posts.reposts[rows]
    seen: Ints = np.maximum(posts.likes[rows], np.where(reposts > 0, reposts - own, reposts))
    return seen


def _typical(reactions: Ints, weight: Floats) -> tuple[float, float, float]:
    """The mean on a logarithmic scale with its 90 % interval (normal on that scale)."""
    logs = np.log1p(reactions)
    weight = weight / weight.sum()
    mean = float(weight @ logs)
    error = Z90 * float(np.sqrt(weight**2 @ (logs - mean) ** 2))
    # That so many posts show none leaves up to 3 / n likely each (rule of three), which the spread of equal counts does not show.
    return (
        float(np.expm1(mean)),
        float(np.expm1(max(0.0, mean - error))),
        float(max(np.expm1(mean + error), 3 / len(logs))),
    )


def _mark(of_usual: float) -> Mark:
    if of_usual < STRONG_OF_USUAL:
        return Mark.STRONG
    return Mark.SOME if of_usual < SOME_OF_USUAL else Mark.NONE


SIGNAL = Signal(
    id="hollow_following",
    title="Followers who react",
    axis=Axis.ENGAGEMENT,
    unit="share",
    why="Accounts that nobody uses count as followers, but never react. Measured as the people who react to a typical original post (mean on a "
    "logarithmic scale, newer posts counting more; a person can like or repost only once), over followers, and held against what is usual "
    f"at that size: {USUAL_SHARE_AT_1000:.0%} of {FEWEST_FOLLOWERS:,}, falling with followers to the power {USUAL_EXPONENT:g}. "
    "Present when the whole interval lies below a tenth of the usual, strongly below a hundredth. Followers also grow silent when an account "
    "was away for years, or posts much.",
    source="Our definition of what is usual; reactions per follower is the usual engagement rate.",
    find=find,
)
