"""The badge's words: from the findings of engagement, with their uncertainty, to one of seven verdicts and one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

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
FEWEST_PARTNERS = 3.0
"""Talk with fewer people (effective number) than this is at most some replies."""
WIDEST_SHARE = 0.5
"""A reply share known no better than this (width of its 90 % interval) is too little to tell."""


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

AUTOMATION = ("feed_posting", "regular_timing", "duplicate_posts")
GAMING = ("self_mention_reposts",)

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
    """The verdict. What an account declares of itself comes first, then too little, gaming, automation, and talk."""
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
    gaming = _marked(findings, GAMING, Mark.STRONG)
    if gaming:
        return Verdict(VerdictId.GAMES_ITS_NUMBERS, " ".join(findings[name].sentence for name in gaming))
    automation = _automation(findings)
    if automation:
        return Verdict(VerdictId.LOOKS_AUTOMATED, " ".join(findings[name].sentence for name in automation))
    talk = _talk(findings)
    if talk in (VerdictId.BROADCASTS, VerdictId.SOME_REPLIES) and not sample.activity.coverage.replies_shown:
        seen = counted(len(sample.rows), "post", "posts")
        return Verdict(VerdictId.TOO_LITTLE, f"{seen} seen, but none of the pages on which its replies stand.")
    return Verdict(talk, _talk_sentence(sample, findings))


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
    if share.high - share.low > WIDEST_SHARE:
        return VerdictId.TOO_LITTLE
    partners, answers = findings.get("conversation_partners"), findings.get("answer_rate")
    enough_partners = partners is None or partners.value is None or partners.value >= FEWEST_PARTNERS
    answering = answers is not None and answers.value is not None and answers.value >= ANSWERING_RATE
    if enough_partners and (share.value >= CONVERSATION_SHARE or (share.value >= ANSWERING_SHARE and answering)):
        return VerdictId.IN_CONVERSATION
    return VerdictId.SOME_REPLIES if share.value >= SOME_SHARE else VerdictId.BROADCASTS


def _talk_sentence(sample: Sample, findings: Findings) -> str:
    """``Replied to 41 people in 90 days; 1 reply for every 0.8 broadcasts; answered 7 of 12 who wrote to it.``"""
    replies, broadcasts = len(sample.replies), len(sample.broadcasts)
    if not replies:
        parts = [f"{counted(broadcasts, 'broadcast', 'broadcasts')} and no reply to anybody in {WINDOW_DAYS} days"]
    else:
        people = len(set(sample.target[sample.replies].tolist()) - {-1})
        whom = f" to {counted(people, 'person', 'people')}" if people else f" {counted(replies, 'time', 'times')}"
        parts = [f"Replied{whom} in {WINDOW_DAYS} days", f"1 reply for every {_broadcasts(broadcasts / replies)}"]
    answers = findings.get("answer_rate")
    if answers is not None and answers.state is State.FOUND and answers.value is not None:
        parts.append(f"answered {round(answers.value * answers.count):,} of {answers.count:,} who wrote to it")
    return "; ".join(parts) + "."


def _broadcasts(each: float) -> str:
    return "broadcast" if rate(each) == "1" else f"{rate(each)} broadcasts"


def rate(value: float) -> str:
    """A small quotient with one decimal, a large one whole, without a trailing zero."""
    return f"{value:,.0f}" if value >= 9.95 else f"{value:.1f}".removesuffix(".0")


def ratio(replies: int, broadcasts: int) -> str:
    """Replies to broadcasts as the badge writes it: ``1 : 0.8``, ``1 : 96``, ``0 : 214``."""
    return f"1 : {rate(broadcasts / replies)}" if replies else f"0 : {broadcasts:,}"
