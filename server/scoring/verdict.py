"""The badge's words: from the findings of engagement, with their uncertainty, to one of seven verdicts and one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from server.scoring.sample import WINDOW_DAYS, Sample
from server.signals.proportion import counted
from server.signals.signal import Finding, Mark, State

FEWEST_POSTS = 10
"""Below this many posts, replies and reposts in the window nothing is said."""
CONVERSATION_SHARE = 0.3
"""At least three in ten of what it says answers somebody."""
ANSWERING_SHARE = 0.15
"""With this reply share, answering most of those who write is conversation too."""
ANSWERING_RATE = 0.4
SOME_SHARE = 0.08
FAVOURITE_SHARE = 0.5
"""When more of its replies than this go to one account, the sentence says so."""
FEWEST_PARTNERS = 3.0
"""Talk with fewer people (effective number) than this is at most some replies."""
SURE_CONVERSATION_SHARE = 0.25
"""The lower end of the reply share's 90 % interval for which it is a conversation: of 20 posts, 9."""
SURE_SHARE = 0.02
"""The lower end for which there are some replies: of 20 posts, 2."""
SURE_SILENCE_SHARE = 0.11
"""The upper end below which it broadcasts: 23 posts without a single reply."""


class VerdictId(StrEnum):
    """The seven."""

    IN_CONVERSATION = "in_conversation"
    SOME_REPLIES = "some_replies"
    BROADCASTS = "broadcasts"
    LOOKS_AUTOMATED = "looks_automated"
    GAMES_ITS_NUMBERS = "games_its_numbers"
    DECLARED_BOT = "declared_bot"
    TOO_LITTLE = "too_little"

    @property
    def label(self) -> str:
        return _TITLES[self]


_TITLES = {
    VerdictId.IN_CONVERSATION: "In conversation",
    VerdictId.SOME_REPLIES: "Some replies",
    VerdictId.BROADCASTS: "Broadcasts",
    VerdictId.LOOKS_AUTOMATED: "Looks automated",
    VerdictId.GAMES_ITS_NUMBERS: "Games its numbers",
    VerdictId.DECLARED_BOT: "Declared bot",
    VerdictId.TOO_LITTLE: "Too little to tell",
}

AUTOMATION = ("feed_posting", "regular_timing", "duplicate_posts", "link_posts", "posting_hours", "posting_rate")
GAMING = ("self_mention_reposts", "follow_churn", "engagement_ring")
NAMED = ("hollow_following", "follower_ratio_play", "thin_replies")
"""Marks that decide no verdict of their own but are told with it: honest accounts may carry them, too."""

Findings = Mapping[str, Finding]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the badge says, and the sentence of numbers behind it."""

    id: VerdictId
    sentence: str

    @property
    def title(self) -> str:
        return self.id.label


def judge(sample: Sample, findings: Findings) -> Verdict:
    """The verdict. What an account declares of itself comes first, then too little, automation, gaming, and talk."""
    if sample.activity.profile.declared_bot:
        return Verdict(
            VerdictId.DECLARED_BOT, "It says of itself that it is automated. " + _talk_sentence(sample, findings)
        )
    if len(sample.rows) < FEWEST_POSTS:
        seen = f"Only {counted(len(sample.rows), 'post', 'posts')}" if len(sample.rows) else "No post"
        return Verdict(
            VerdictId.TOO_LITTLE,
            f"{seen} seen in the last {WINDOW_DAYS} days; at least {FEWEST_POSTS} are needed.",
        )
    gaming, automation = _marked(findings, GAMING, Mark.STRONG), _automation(findings)
    if automation:
        return Verdict(VerdictId.LOOKS_AUTOMATED, _sentences(findings, automation + gaming))
    if gaming:
        return Verdict(VerdictId.GAMES_ITS_NUMBERS, _sentences(findings, gaming))
    if not sample.activity.coverage.replies_shown and _talk(findings) is not VerdictId.IN_CONVERSATION:
        return _without_replies(sample, findings)
    talk = _talk(findings)
    named = [
        findings[name].sentence
        for name in (*GAMING, *NAMED)
        if name in findings and findings[name].mark is not Mark.NONE
    ]
    return Verdict(talk, " ".join([_talk_sentence(sample, findings), *named]))


def _without_replies(sample: Sample, findings: Findings) -> Verdict:
    """Where the pages with replies were not seen, only links handed out to nobody, post after post, are told: replies would not undo them."""
    links, seen = findings.get("link_posts"), counted(len(sample.rows), "post", "posts")
    if links is not None and links.mark is Mark.STRONG:
        return Verdict(
            VerdictId.BROADCASTS, f"{links.sentence} The pages on which its replies would stand were not seen."
        )
    return Verdict(VerdictId.TOO_LITTLE, f"{seen} seen, but none of the pages on which its replies stand.")


def _sentences(findings: Findings, names: list[str]) -> str:
    return " ".join(findings[name].sentence for name in names)


def _marked(findings: Findings, names: tuple[str, ...], mark: Mark) -> list[str]:
    return [name for name in names if name in findings and findings[name].mark is mark]


def _automation(findings: Findings) -> list[str]:
    """The signals that speak for automation: two strong ones, or one strong and one weaker; none while it talks with people."""
    strong = _marked(findings, AUTOMATION, Mark.STRONG)
    some = _marked(findings, AUTOMATION, Mark.SOME)
    share = findings["reply_share"]
    talks = share.low is not None and share.low > SOME_SHARE
    return [] if talks or not strong or len(strong) + len(some) < 2 else strong + some


def _talk(findings: Findings) -> VerdictId:
    share = findings["reply_share"]
    if share.state is not State.FOUND or share.value is None or share.low is None or share.high is None:
        return VerdictId.TOO_LITTLE
    if _in_conversation(findings, share.value, share.low):
        return VerdictId.IN_CONVERSATION
    if share.value >= SOME_SHARE and share.low >= SURE_SHARE:
        return VerdictId.SOME_REPLIES
    return VerdictId.BROADCASTS if share.high <= SURE_SILENCE_SHARE else VerdictId.TOO_LITTLE


def _in_conversation(findings: Findings, share: float, low: float) -> bool:
    """Much of what it says answers people, several of them, in words of its own."""
    partners, answers, thin = (findings.get(name) for name in ("conversation_partners", "answer_rate", "thin_replies"))
    if partners is not None and partners.value is not None and partners.value < FEWEST_PARTNERS:
        return False
    if thin is not None and thin.mark is Mark.STRONG:
        return False
    answering = answers is not None and answers.value is not None and answers.value >= ANSWERING_RATE
    if share >= CONVERSATION_SHARE and low >= SURE_CONVERSATION_SHARE:
        return True
    return share >= ANSWERING_SHARE and low >= SURE_SHARE and answering


def _talk_sentence(sample: Sample, findings: Findings) -> str:
    """``Replied to 41 people in 90 days; 1 reply for every 0.8 broadcasts; answered 7 of 12 who wrote to it.``"""
    replies, broadcasts = len(sample.replies), len(sample.broadcasts)
    if not replies:
        parts = [f"{counted(broadcasts, 'broadcast', 'broadcasts')} and no reply to anybody in {WINDOW_DAYS} days"]
    else:
        people = len(set(sample.target[sample.replies].tolist()) - {-1})
        whom = f" to {counted(people, 'person', 'people')}" if people else f" {counted(replies, 'time', 'times')}"
        parts = [f"Replied{whom} in {WINDOW_DAYS} days", _balance(replies, broadcasts)]
        favourite = _favourite(sample)
        if favourite:
            parts.append(favourite)
    answers = findings.get("answer_rate")
    if answers is not None and answers.state is State.FOUND and answers.value is not None:
        parts.append(f"answered {round(answers.value * answers.count):,} of {answers.count:,} who wrote to it")
    return "; ".join(parts) + "."


def _balance(replies: int, broadcasts: int) -> str:
    if replies > 10 * broadcasts:
        return f"{rate(replies / broadcasts)} replies for every broadcast" if broadcasts else "no broadcast"
    each = rate(broadcasts / replies)
    return f"1 reply for every {'broadcast' if each == '1' else f'{each} broadcasts'}"


def _favourite(sample: Sample) -> str:
    """Told when most of many replies go to one and the same account; else empty."""
    targets = sample.target[sample.replies]
    targets = targets[targets >= 0]
    most = int(np.bincount(targets).max()) if len(targets) >= FEWEST_POSTS else 0
    return (
        f"{most:,} of its {len(targets):,} replies go to one account" if most > FAVOURITE_SHARE * len(targets) else ""
    )


def rate(value: float) -> str:
    """A small quotient with one decimal, a large one whole, without a trailing zero."""
    return f"{value:,.0f}" if value >= 9.95 else f"{value:.1f}".removesuffix(".0")


def ratio(replies: int, broadcasts: int) -> str:
    """Replies to broadcasts as the badge writes it: ``1 : 0.8``, ``1 : 96``, ``0 : 214``."""
    return f"1 : {rate(broadcasts / replies)}" if replies else f"0 : {broadcasts:,}"
