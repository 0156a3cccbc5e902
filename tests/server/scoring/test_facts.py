"""What somebody asks before following, told only as far as it was seen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from server.activity import Activity, Coverage, Depth, Interaction, InteractionKind, Post, PostKind
from server.report import compose, to_json
from server.scoring.facts import Facts, facts_of
from server.scoring.sample import Sample
from server.scoring.topics import Background
from tests.server.invented import DAY, NOW, Invented


def facts(account: Invented | Activity, now: int = NOW) -> Facts:
    activity = account.build() if isinstance(account, Invented) else account
    return facts_of(Sample(activity, now))


def whole(account: Invented) -> Invented:
    """Its timeline was read to the start of the window."""
    account.builder.coverage = replace(account.builder.coverage, timeline_complete=True)
    return account


def wrote(account: Invented, person: str, hours_ago: float, name: str = "", **more: Any) -> Invented:
    """Somebody's reply to one of its posts."""
    reply = Interaction(
        name or f"from-{person}-{hours_ago}", InteractionKind.REPLY, person, int(NOW - hours_ago * 3600), post="post-1"
    )
    account.builder.interaction(replace(reply, **more))
    return account


def answered(
    account: Invented, person: str, hours_ago: float, parent: str = "", kind: PostKind = PostKind.REPLY
) -> None:
    """A post of its own that is aimed at somebody."""
    time = int(NOW - hours_ago * 3600)
    account.builder.post(Post(f"to-{person}-{hours_ago}", time, kind, target=person, parent=parent or "elsewhere"))


def test_the_last_post_is_the_newest_of_any_kind_and_never_in_the_future() -> None:
    account = Invented().post(PostKind.REPOST, every_hours=5).post(times=3)
    assert facts(account).last_post == NOW - 5 * 3600
    account.builder.post(Post("early", NOW + DAY, PostKind.ORIGINAL))
    assert facts(account).last_post == NOW
    assert facts(Invented()).last_post is None


def test_posts_a_week_are_counted_over_the_days_that_were_seen() -> None:
    account = Invented().post(times=29, every_hours=12)
    # 28 posts in the fourteen and a half days since the oldest, which only marks where they begin.
    assert facts(account).posts_per_week == pytest.approx(28 / 14.5 * 7)
    assert facts(whole(account)).posts_per_week == pytest.approx(29 / 90 * 7)


def test_answers_count_among_posts_a_week_and_reposts_do_not() -> None:
    account = Invented().post(times=9, every_hours=24).replies(people=9).post(PostKind.REPOST, times=50, every_hours=24)
    assert facts(whole(account)).posts_per_week == pytest.approx(18 / 90 * 7)


def test_a_young_account_is_measured_since_it_was_made() -> None:
    account = whole(Invented(created_at=NOW - 7 * DAY).post(times=10))
    assert facts(account).posts_per_week == pytest.approx(10)
    newborn = whole(Invented(created_at=NOW - 3600).post(times=3, every_hours=0.1))
    assert facts(newborn).posts_per_week is None


def test_somebody_who_fell_silent_posts_nothing_a_week() -> None:
    account = whole(Invented().post(times=20))
    late = facts(account, NOW + 200 * DAY)
    assert (late.posts_per_week, late.last_post) == (0.0, NOW - 3600)


@pytest.mark.parametrize("posts", [0, 9])
def test_too_little_of_a_timeline_tells_no_rate(posts: int) -> None:
    assert facts(Invented().post(times=posts)).posts_per_week is None


def test_posts_all_of_one_moment_tell_no_rate() -> None:
    assert facts(Invented().post(times=20, every_hours=0)).posts_per_week is None


def test_what_stood_on_screens_tells_no_rate() -> None:
    account = Invented(network="x").post(times=40)
    account.builder.coverage = Coverage(depth=Depth.OBSERVED)
    told = facts(account)
    assert (told.posts_per_week, told.last_post) == (None, NOW - 3600)


def test_what_it_talks_about_is_told_with_what_others_talk_about() -> None:
    account = Invented().post(times=6, every_hours=12, tags="trams news4us").post(times=3, every_hours=12, tags="bikes")
    others = Background(1000, {"news4us": 900})
    assert [topic.tag for topic in facts_of(Sample(account.build(), NOW), others).topics] == [
        "trams",
        "bikes",
        "news4us",
    ]
    assert facts(Invented().post(times=30)).topics == ()


def test_strangers_are_those_who_wrote_before_it_addressed_them() -> None:
    account = Invented().post(times=20).studied()
    for number, person in enumerate(("ann", "bob", "cem", "dia")):
        wrote(account, person, 10 + number)
    answered(account, "ann", 9, parent="from-ann-10")
    answered(account, "bob", 8, parent="from-bob-11")
    # Spoken to before, so an answer to an answer.
    wrote(account, "eva", 6, name="from-eva")
    answered(account, "eva", 7)
    answered(account, "eva", 5, parent="from-eva")
    # Aimed at after they wrote, but at another post of theirs: no answer to what they wrote.
    answered(account, "cem", 4)
    assert facts(account).strangers == (2, 4)


def test_a_quote_addresses_its_author_a_repost_does_not() -> None:
    account = Invented().post(times=20).studied()
    for person in ("ann", "bob", "cem", "dia"):
        wrote(account, person, 10)
    answered(account, "ann", 20, kind=PostKind.QUOTE)
    answered(account, "bob", 20, kind=PostKind.REPOST)
    assert facts(account).strangers == (0, 3)


def test_a_stranger_who_wrote_often_counts_once_and_one_answer_is_enough() -> None:
    account = Invented().post(times=20).studied()
    for person in ("ann", "bob", "cem"):
        for hours in (30, 20, 10):
            wrote(account, person, hours)
    answered(account, "ann", 9, parent="from-ann-10")
    answered(account, "ann", 8, parent="from-ann-20")
    assert facts(account).strangers == (1, 3)


def test_answering_the_first_message_makes_nobody_an_acquaintance_of_before() -> None:
    account = Invented().post(times=20).studied()
    for person in ("ann", "bob", "cem"):
        wrote(account, person, 30)
        answered(account, person, 20, parent=f"from-{person}-30")
        wrote(account, person, 10)
    assert facts(account).strangers == (3, 3)


@pytest.mark.parametrize("people", [0, 2])
def test_of_fewer_than_three_strangers_nothing_is_told(people: int) -> None:
    account = Invented().post(times=20).studied()
    for number in range(people):
        wrote(account, f"person-{number}", 10)
    assert facts(account).strangers is None


def test_without_threads_read_nothing_is_told_of_strangers() -> None:
    account = Invented().post(times=20)
    for person in ("ann", "bob", "cem", "dia"):
        wrote(account, person, 10)
    assert facts(account).strangers is None


def test_likes_and_replies_of_unknown_time_make_no_strangers() -> None:
    account = Invented().post(times=20).received(people=5).studied()
    for person in ("ann", "bob", "cem"):
        wrote(account, person, 10, time=-1)
    assert facts(account).strangers is None


def test_the_report_holds_the_facts_as_they_are_shown() -> None:
    account = Invented().post(times=29, every_hours=12, tags="trams").studied()
    for person in ("ann", "bob", "cem"):
        wrote(account, person, 10)
    answered(account, "bob", 9, parent="from-bob-10")
    form = to_json(compose(account.build(), NOW))
    [topic] = form["facts"].pop("talks_about")
    assert topic == {
        "tag": "trams",
        "label": "#trams",
        "is_hashtag": True,
        "posts": 29,
        "days": 15,
        "share": 0.967,
        "name": None,
        "within": [],
        "evidence": [
            {"url": f"https://example.org/post/{number}", "text": f"Post of {time}"}
            for number, time in ((1, "21 Sep 2026, 02:13"), (2, "20 Sep 2026, 14:13"), (3, "20 Sep 2026, 02:13"))
        ],
        "answered": None,
    }
    assert form["facts"] == {
        "last_post": "2026-09-21T05:13:20Z",
        "posts_per_week": 14.0,
        "languages": [],
        "written": "",
        "answers_strangers": {"answered": 1, "of": 3},
    }
    bare = to_json(compose(Invented().build(), NOW))
    assert bare["facts"] == {
        "last_post": None,
        "posts_per_week": None,
        "talks_about": [],
        "languages": [],
        "written": "",
        "answers_strangers": None,
    }


@pytest.mark.parametrize(("replies", "is_said"), [(9, True), (2, False), (0, False)])
def test_of_answers_to_a_topic_only_more_is_said(replies: int, is_said: bool) -> None:
    account = Invented()
    for _ in range(30):
        account.post(every_hours=12, tags="trams", replies=replies).post(every_hours=12, replies=2)
    [topic] = to_json(compose(account.build(), NOW))["facts"]["talks_about"]
    assert topic["answered"]["low"] <= topic["answered"]["high"]
    assert topic["answered"]["sentence"] == (
        "People answer more on these posts: typically 10 replies and reposts, against 3 on its other posts."
        if is_said
        else ""
    )
