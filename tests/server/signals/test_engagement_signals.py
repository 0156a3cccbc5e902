"""What the signals of engagement say of invented accounts."""

from __future__ import annotations

import pytest

from server.activity import Activity, Coverage, Depth, InteractionKind, PostKind
from server.report import compose
from server.signals.signal import Finding, Mark, State
from tests.server.invented import NOW, Invented


def finding(activity: Activity, signal: str) -> Finding:
    return next(r.finding for r in compose(activity, NOW).results if r.signal.id == signal)


def test_reply_share_counts_replies_to_people_against_posts_quotes_and_reposts() -> None:
    account = Invented().replies(people=6).post(times=2).post(PostKind.QUOTE).post(PostKind.REPOST)
    share = finding(account.build(), "reply_share")
    assert share.value == pytest.approx(0.6)
    assert share.low < share.value < share.high
    assert "6 replies to people and 4 broadcasts" in share.sentence


def test_a_self_thread_is_no_reply_to_people_and_one_broadcast_only() -> None:
    account = Invented().post().post(PostKind.THREAD, times=30).replies(people=1)
    report = compose(account.build(), NOW)
    assert (report.replies, report.broadcasts) == (1, 1)


def test_what_was_only_found_inside_threads_counts_in_no_share() -> None:
    account = Invented().post(times=10).post(PostKind.REPLY, times=50, timeline=False, target="person-1")
    assert finding(account.build(), "reply_share").value == 0


def test_fifty_replies_to_one_friend_are_one_conversation_partner() -> None:
    one = finding(Invented().replies(people=1, each=50).build(), "conversation_partners")
    fifty = finding(Invented().replies(people=50).build(), "conversation_partners")
    assert one.value == pytest.approx(1)
    assert fifty.value == pytest.approx(50)


def test_no_replies_means_partners_do_not_apply_rather_than_zero() -> None:
    partners = finding(Invented().post(times=20).build(), "conversation_partners")
    assert (partners.state, partners.value) == (State.NOT_APPLICABLE, None)


def test_answer_rate_counts_people_not_messages() -> None:
    account = Invented().post(times=5).received(people=4, each=10, kind=InteractionKind.REPLY, name="writer")
    for turn in range(10):
        account.post(PostKind.REPLY, target="writer-0", parent=f"REPLY:writer-0:{turn}")
    rate = finding(account.build(), "answer_rate")
    assert rate.value == pytest.approx(0.25)
    assert rate.sentence == "Answered 1 of the 4 people who wrote to it."


def test_answer_rate_is_missing_when_nobody_looked_and_not_applicable_when_nobody_wrote() -> None:
    assert finding(Invented().post(times=20).build(), "answer_rate").state is State.MISSING
    assert finding(Invented().post(times=20).studied().build(), "answer_rate").state is State.NOT_APPLICABLE


def test_two_answers_to_the_same_post_are_not_back_and_forth() -> None:
    account = Invented().post(times=5)
    account.post(PostKind.REPLY, times=2, target="person-1", parent="theirs", conversation="thread")
    assert finding(account.build(), "back_and_forth").value == 0
    account.post(PostKind.REPLY, target="person-1", parent="their next", conversation="thread")
    assert finding(account.build(), "back_and_forth").value == 1


def test_reposting_mentions_of_oneself_is_marked_only_when_it_is_most_of_what_is_reposted() -> None:
    vain = Invented().post(PostKind.REPOST, times=25, mentions_self=True).post(PostKind.REPOST, times=5)
    assert finding(vain.build(), "self_mention_reposts").mark is Mark.STRONG
    thankful = Invented().post(PostKind.REPOST, times=3, mentions_self=True).post(PostKind.REPOST, times=27)
    assert finding(thankful.build(), "self_mention_reposts").mark is Mark.NONE
    few = finding(Invented().post(PostKind.REPOST, times=4, mentions_self=True).build(), "self_mention_reposts")
    assert (few.state, few.mark) == (State.TOO_LITTLE, Mark.NONE)


def test_links_to_one_source_are_feed_posting_links_to_many_are_not() -> None:
    wired = finding(Invented().post(times=40, link_source="news.example").build(), "feed_posting")
    assert (wired.mark, wired.value) == (Mark.STRONG, 1)
    assert "link to news.example" in wired.sentence
    reader = Invented()
    for number in range(40):
        reader.post(link_source=f"site-{number % 10}.example")
    assert finding(reader.build(), "feed_posting").mark is Mark.NONE


def test_one_opening_for_every_post_is_a_template() -> None:
    templated = finding(Invented().post(times=40, opening_hash=7).build(), "feed_posting")
    assert (templated.mark, templated.sentence) == (Mark.STRONG, "40 of 40 original posts open with the same words.")


def test_posts_on_the_minute_or_at_a_fixed_gap_are_regular() -> None:
    hourly = finding(Invented().post(times=60, every_hours=1).build(), "regular_timing")
    assert hourly.mark is Mark.STRONG
    every_178_minutes = finding(Invented().post(times=60, every_hours=178.5 / 60).build(), "regular_timing")
    assert every_178_minutes.mark is Mark.STRONG
    assert "after the one before" in every_178_minutes.sentence


def test_a_persons_uneven_hours_are_not_regular() -> None:
    person = Invented()
    for number in range(60):
        person.post(every_hours=0.2 + (number * number % 37) / 3)
    assert finding(person.build(), "regular_timing").mark is Mark.NONE


def test_a_burst_within_a_minute_is_one_sitting_not_a_rhythm() -> None:
    live = Invented()
    for number in range(60):
        live.post(every_hours=0.005 if number % 20 else 13.7)
    assert finding(live.build(), "regular_timing").mark is not Mark.STRONG


def test_repeated_texts_are_counted_short_ones_are_not() -> None:
    pusher = finding(Invented().post(times=40, text_hash=9).build(), "duplicate_posts")
    assert (pusher.mark, pusher.sentence) == (Mark.STRONG, "39 of 40 posts repeat the text of an earlier one.")
    greeter = finding(Invented().post(times=40, text_hash=0).build(), "duplicate_posts")
    assert greeter.state is State.TOO_LITTLE


def test_every_finding_with_posts_behind_it_links_to_them() -> None:
    account = Invented().replies(people=10).post(times=20, link_source="news.example").studied().build()
    for signal in ("reply_share", "conversation_partners", "feed_posting"):
        assert finding(account, signal).evidence, signal


def test_passing_on_what_people_wrote_is_no_answer_to_them() -> None:
    account = Invented().post(times=20).received(people=8, kind=InteractionKind.REPLY)
    for reply in account.build().interactions.id:
        account.post(PostKind.REPOST, parent=reply)
    assert finding(account.build(), "answer_rate").value == 0


def test_replies_seen_in_passing_do_not_tell_who_was_answered() -> None:
    account = Invented(network="x").post(times=20).replies(people=5).received(people=5, kind=InteractionKind.REPLY)
    account.builder.coverage = Coverage(depth=Depth.OBSERVED)
    assert finding(account.build(), "answer_rate").state is State.MISSING
