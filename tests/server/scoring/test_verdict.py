"""Which words the badge says, and when it says that it cannot tell."""

from __future__ import annotations

import pytest

from server.activity import Coverage, Depth, InteractionKind, PostKind, merge
from server.report import compose
from server.scoring.verdict import AUTOMATION, Verdict, VerdictId, ratio
from server.signals.signal import Mark
from tests.server.invented import NOW, Invented


def verdict(account: Invented) -> Verdict:
    return compose(account.build(), NOW).verdict


def marks(account: Invented) -> set[str]:
    """Ids of the signals of automation that are present, if only somewhat."""
    results = compose(account.build(), NOW).results
    return {r.signal.id for r in results if r.signal.id in AUTOMATION and r.finding.mark is not Mark.NONE}


def uneven(times: int, kind: PostKind = PostKind.ORIGINAL, **columns: object) -> Invented:
    account = Invented()
    for number in range(times):
        account.post(kind, every_hours=0.3 + (number * number % 41) / 4, **columns)
    return account


def test_somebody_who_answers_many_people_is_in_conversation() -> None:
    said = verdict(Invented().replies(people=40).post(times=33))
    assert said.id is VerdictId.IN_CONVERSATION
    assert said.sentence == "Replied to 40 people in 90 days; 1 reply for every 0.8 broadcasts."


def test_a_fifth_of_replies_is_some_replies_unless_those_who_write_are_answered() -> None:
    account = uneven(80).replies(people=20)
    assert verdict(account).id is VerdictId.SOME_REPLIES
    account.received(people=10, kind=InteractionKind.REPLY, name="writer")
    for person in range(7):
        account.post(PostKind.REPLY, target=f"writer-{person}", parent=f"REPLY:writer-{person}:0")
    said = verdict(account)
    assert said.id is VerdictId.IN_CONVERSATION
    assert said.sentence.endswith("answered 7 of 10 who wrote to it.")


def test_talking_with_one_friend_only_is_some_replies() -> None:
    assert verdict(Invented().replies(people=1, each=40).post(times=20)).id is VerdictId.SOME_REPLIES


def test_posts_without_replies_are_broadcasts() -> None:
    said = verdict(uneven(96))
    assert (said.id, said.sentence) == (VerdictId.BROADCASTS, "96 broadcasts and no reply to anybody in 90 days.")


def test_reposts_only_are_broadcasts() -> None:
    assert verdict(uneven(60, PostKind.REPOST)).id is VerdictId.BROADCASTS


def test_two_marks_of_automation_together_look_automated_one_does_not() -> None:
    # Below fifty posts neither hours nor rate are told, so the clock is the only mark.
    by_the_clock = Invented().post(times=48, every_hours=1)
    assert marks(by_the_clock) == {"regular_timing"}
    assert verdict(by_the_clock).id is VerdictId.BROADCASTS
    fed = Invented().post(times=48, every_hours=1, link_source="news.example")
    assert marks(fed) >= {"regular_timing", "feed_posting"}
    said = verdict(fed)
    assert said.id is VerdictId.LOOKS_AUTOMATED
    assert "48 of 48 original posts link to news.example." in said.sentence


def test_posts_on_the_minute_through_day_and_night_look_automated_without_a_link() -> None:
    around_the_clock = Invented().post(times=60, every_hours=1)
    assert marks(around_the_clock) == {"regular_timing", "posting_hours", "posting_rate"}
    assert verdict(around_the_clock).id is VerdictId.LOOKS_AUTOMATED


def test_somebody_who_talks_with_people_never_looks_automated() -> None:
    account = Invented().post(times=40, every_hours=1, link_source="my-blog.example").replies(people=40)
    assert verdict(account).id is VerdictId.IN_CONVERSATION


def test_reposting_every_mention_of_oneself_games_its_numbers() -> None:
    said = verdict(uneven(20).post(PostKind.REPOST, times=40, mentions_self=True))
    assert said.id is VerdictId.GAMES_ITS_NUMBERS
    assert said.sentence == "40 of its 40 reposts pass on posts that mention it, or its own."


def test_who_declares_itself_a_bot_is_called_so_first_of_all() -> None:
    said = verdict(Invented(declared_bot=True).replies(people=40))
    assert said.id is VerdictId.DECLARED_BOT
    assert said.sentence.startswith("It says of itself that it is automated.")


@pytest.mark.parametrize("posts", [0, 1, 9])
def test_fewer_than_ten_posts_are_too_little_to_tell(posts: int) -> None:
    said = verdict(Invented().post(times=posts))
    assert said.id is VerdictId.TOO_LITTLE
    assert "at least 10 are needed" in said.sentence


def test_no_verdict_but_the_declared_one_calls_anybody_a_bot() -> None:
    for name in VerdictId:
        if name is not VerdictId.DECLARED_BOT:
            assert not {"bot", "fake", "spam"} & set(name.label.lower().split())


@pytest.mark.parametrize(
    ("replies", "broadcasts", "shown"),
    [(74, 60, "1 : 0.8"), (10, 40, "1 : 4"), (1, 96, "1 : 96"), (0, 214, "0 : 214"), (5, 0, "1 : 0")],
)
def test_the_ratio_is_written_as_replies_to_broadcasts(replies: int, broadcasts: int, shown: str) -> None:
    assert ratio(replies, broadcasts) == shown


def test_an_error_in_one_signal_costs_only_that_signal(monkeypatch: pytest.MonkeyPatch) -> None:
    from server.signals import all_signals, duplicate_posts

    def broken(*_: object) -> object:
        raise ZeroDivisionError

    signal = duplicate_posts.SIGNAL
    monkeypatch.setattr(
        "server.report.all_signals",
        lambda: tuple(
            s if s is not signal else type(s)(**{f: getattr(s, f) for f in s.__slots__} | {"find": broken})
            for s in all_signals()
        ),
    )
    report = compose(Invented().replies(people=40).build(), NOW)
    states = {r.signal.id: r.finding.state.value for r in report.results}
    assert states["duplicate_posts"] == "error"
    assert report.verdict.id is VerdictId.IN_CONVERSATION
    assert report.score is not None


def observed(account: Invented, replies_shown: bool) -> Invented:
    account.builder.coverage = Coverage(depth=Depth.OBSERVED, replies_shown=replies_shown)
    return account


def test_where_replies_stand_on_a_page_not_seen_nobody_is_said_to_broadcast() -> None:
    said = verdict(observed(uneven(40), replies_shown=False))
    assert said.id is VerdictId.TOO_LITTLE
    assert said.sentence == "40 posts seen, but none of the pages on which its replies stand."
    assert verdict(observed(uneven(40), replies_shown=True)).id is VerdictId.BROADCASTS
    assert verdict(observed(Invented().replies(people=40), replies_shown=False)).id is VerdictId.IN_CONVERSATION


def test_once_the_page_with_replies_was_seen_that_holds_for_good() -> None:
    timeline = observed(uneven(20), replies_shown=False).build()
    with_replies = observed(Invented().replies(people=2), replies_shown=True).build()
    assert merge(timeline, with_replies).coverage.replies_shown
    assert merge(with_replies, timeline).coverage.replies_shown
    assert not merge(timeline, timeline).coverage.replies_shown
