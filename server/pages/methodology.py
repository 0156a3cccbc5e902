"""How a score comes about, put together from the signals' own texts and the constants the code runs with."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from server import named_topics
from server.activity import NEWEST_KEPT
from server.pages.drawing import CurvePicture, draw_curve
from server.scoring import formula as formulas
from server.scoring import interval, measures, reactions, ring, sample, topics, verdict
from server.scoring.formula import Formula, Term
from server.scoring.occasions import OCCASIONS
from server.scoring.verdict import AUTOMATION, GAMING, VerdictId
from server.signals import all_signals, followers
from server.signals.proportion import percent
from server.signals.signal import Axis, Pillar, Signal


@dataclass(frozen=True, slots=True)
class SignalText:
    """One signal as /methodology describes it."""

    signal: Signal
    term: Term | None
    curve: CurvePicture | None
    mark: str
    """When it counts as a mark of automation or gaming; empty for the others."""
    bounds: tuple[float, float] | None = None
    """The shares from which it counts as present and as strongly present, where it is a share that can be marked."""


@dataclass(frozen=True, slots=True)
class Rule:
    """When a verdict is given."""

    verdict: VerdictId
    text: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A rule that the score keeps, whoever is scored; each is tested on accounts by lot."""

    id: str
    title: str
    text: str


def signal_texts(formula: Formula, axis: Axis, pillar: Pillar | None = None) -> list[SignalText]:
    """Every signal of an axis (and pillar), heaviest first."""
    terms = {term.signal: term for term in formula.terms}
    texts = [_text(s, terms.get(s.id)) for s in all_signals() if s.axis is axis and s.pillar is pillar]
    return sorted(texts, key=lambda t: -(t.term.weight if t.term else 0.0))


def _text(signal: Signal, term: Term | None) -> SignalText:
    curve = draw_curve(term.curve.median, term.curve.p90) if term else None
    return SignalText(signal, term, curve, _mark(signal), _bounds(signal))


def _bounds(signal: Signal) -> tuple[float, float] | None:
    module = import_module(signal.find.__module__)
    return (module.SOME_SHARE, module.STRONG_SHARE) if hasattr(module, "STRONG_SHARE") else None


def _mark(signal: Signal) -> str:
    bounds = _bounds(signal)
    if bounds is None:
        return ""
    return f"Marked as present when the whole interval lies above {percent(bounds[0])}, as strongly present above {percent(bounds[1])}."


def rules() -> list[Rule]:
    """The verdicts in the order in which they are asked for: the first that holds is given."""
    title = {signal.id: f"“{signal.title}”" for signal in all_signals()}
    automation = ", ".join(title[name] for name in AUTOMATION)
    gaming = " or ".join(title[name] for name in GAMING)
    return [
        Rule(VerdictId.DECLARED_BOT, "The account says of itself, in its profile, that it is automated."),
        Rule(
            VerdictId.TOO_LITTLE,
            f"Fewer than {verdict.FEWEST_POSTS} posts, replies and reposts were seen in the last {sample.WINDOW_DAYS} days; or the pages on "
            "which its replies would stand were not seen; or the reply share is not known well enough for any of the words below.",
        ),
        Rule(
            VerdictId.LOOKS_AUTOMATED,
            f"Of {automation}, one is strongly present and at least one more is present; and the account does not talk with people "
            f"(the lower end of its reply share lies below {percent(verdict.SOME_SHARE)}).",
        ),
        Rule(VerdictId.GAMES_ITS_NUMBERS, f"{gaming} is strongly present."),
        Rule(
            VerdictId.IN_CONVERSATION,
            f"At least {percent(verdict.CONVERSATION_SHARE)} of what it says answers somebody (surely "
            f"{percent(verdict.SURE_CONVERSATION_SHARE)}); or at least "
            f"{percent(verdict.ANSWERING_SHARE)}, and it answers {percent(verdict.ANSWERING_RATE)} or more of the people who write to it. "
            f"With at least {verdict.FEWEST_PARTNERS:.0f} people (effective number) where it is shown whom it answers, and not while "
            f"{title['thin_replies']} is strongly present.",
        ),
        Rule(
            VerdictId.SOME_REPLIES,
            f"At least {percent(verdict.SOME_SHARE)} of what it says answers somebody (surely {percent(verdict.SURE_SHARE)}).",
        ),
        Rule(
            VerdictId.BROADCASTS,
            f"It answers hardly anybody: less than {percent(verdict.SOME_SHARE)}, surely less than {percent(verdict.SURE_SILENCE_SHARE)}. Where "
            f"its replies are not shown, only when {title['link_posts']} is strongly present.",
        ),
    ]


def rules_kept(formula: Formula) -> list[Kept]:
    """What the score promises, and how each promise is kept: Klout's published rules, then the faults mended."""
    return [*_rules_of_reactions(), *_rules_of_posts(), *_rules_of_fairness(formula)]


def _rules_of_reactions() -> list[Kept]:
    return [
        Kept(
            "ratio",
            "Reactions per post, not in sum",
            "A hundred reposts of 10 posts count more than a hundred of 1,000: what counts is what a typical post gets.",
        ),
        Kept(
            "selectivity",
            "Choosy people count more",
            f"Of somebody who follows more than {reactions.ATTENTIVE_FOLLOWING:,} accounts a reaction is worth "
            f"{reactions.ATTENTIVE_FOLLOWING:,} divided by that number.",
        ),
        Kept(
            "uniqueness",
            "Many people count more than one person many times",
            f"On the newest {sample.ENGAGED_POSTS} posts whose reactions were read person by person the n-th of the same person is worth 1/n². "
            f"When a reaction is then worth less than {reactions.USUAL_VARIETY:g} on average, all count less in proportion.",
        ),
        Kept(
            "monotone",
            "More is never less",
            "More reactions to any post, more followers, more followers of somebody who reacts, and one more post as good as the best "
            "never lower the score (the first after a pause by a few tenths at most). A post that moves nobody may: it makes the typical post a "
            "lesser one.",
        ),
        Kept(
            "oneself",
            "Talk with oneself earns nothing",
            "Threads, answers to oneself, reposts and quotes of one’s own posts, and reposts of what mentions oneself earn nothing. Whoever "
            f"reacts to nearly every post within {ring.FAST_SECONDS // 60} minutes and is engaged in turn, a second "
            "account or a ring of friends, counts nothing.",
        ),
    ]


def _rules_of_posts() -> list[Kept]:
    return [
        Kept(
            "viral",
            "One viral post moves little",
            "The best post counts no more than the second best in what is typical, and makes an h-index of 1 at most. A million reactions to one "
            "post move a steady account by less than 1 point, and one that nobody noticed before by less than 10.",
        ),
        Kept(
            "deleting",
            "Deleting what nobody noticed gains next to nothing",
            "The two h-indices do not move. What is typical is told of the posts that are left: deleting a tenth of all posts gains less than "
            "2 points.",
        ),
        Kept(
            "volume",
            "Posting more of the same buys nothing",
            "Less than half a point, however much more, where there are more posts than people whom each of them moves. Where every post "
            "moves more than that, posts twice as many bring less than 9.",
        ),
        Kept(
            "audience",
            "Followers who do not listen do not count",
            f"At most {followers.FOLLOWERS_PER_REACH} followers count for each step of the h-index of people reached.",
        ),
    ]


def _rules_of_fairness(formula: Formula) -> list[Kept]:
    scale = 100 - formula.base
    month = scale * (1 - formula.fade(30))
    year = formula.base + scale * formula.fade(365)
    return [
        Kept(
            "silence",
            "A pause costs little, a long silence nearly all",
            f"The window ends with the newest post, so silence changes no value. A week without a post costs less than 1 point, a month at most "
            f"{month:.1f}, half of the points are gone after {formula.half_after_days:.0f} days, and a year leaves {year:.1f} at most. Posting "
            f"again gives them back: a pause makes the posts before it {sample.PAUSE_DAYS} days older, no more, while they stay in the window.",
        ),
        Kept(
            "missing",
            "Missing is not zero",
            "What a network does not show has its weight shared out among the rest; it never counts as none.",
        ),
        Kept(
            "networks",
            "The same for the same",
            "Who does and gets the same on two networks gets the same score, as far as both show it: no network has a table of its own.",
        ),
        Kept(
            "order",
            "Chance has no say",
            "The same posts and reactions give the same score and the same interval, in whatever order they were read.",
        ),
    ]


def constants() -> dict[str, Any]:
    """The numbers of the measuring and of the interval, by the names the page uses."""
    return {
        "pause_days": sample.PAUSE_DAYS,
        "engaged_posts": sample.ENGAGED_POSTS,
        "attentive_following": reactions.ATTENTIVE_FOLLOWING,
        "usual_variety": reactions.USUAL_VARIETY,
        "like_worth": reactions.LIKE_WORTH,
        "same_people": reactions.SAME_PEOPLE,
        "followers_per_reach": followers.FOLLOWERS_PER_REACH,
        "window_days": sample.WINDOW_DAYS,
        "half_life_days": sample.HALF_LIFE_DAYS,
        "resamples": sample.RESAMPLES,
        "reply_weight": measures.REPLY_WEIGHT,
        "least_weight_seen": formulas.LEAST_WEIGHT_SEEN,
        "confidence": interval.CONFIDENCE,
        "unseen_range": interval.UNSEEN_RANGE,
        "bootstrap_stretch": interval.BOOTSTRAP_STRETCH,
        "widest": interval.WIDEST,
        "least_unseen": sample.LEAST_UNSEEN,
        "newest_kept": NEWEST_KEPT,
        "least_half_width": interval.LEAST_HALF_WIDTH,
        "small_sample": interval.SMALL_SAMPLE,
        "fewest_posts": verdict.FEWEST_POSTS,
        "topics": topics,
        "named": named_topics,
        "occasions": len(OCCASIONS),
    }
