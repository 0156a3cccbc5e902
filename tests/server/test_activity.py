"""How rows become an activity, and how two activities of one account become one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server.account import AccountRef
from server.activity import (
    NEWEST_KEPT,
    UNKNOWN,
    Activity,
    ActivityBuilder,
    Consent,
    Coverage,
    Depth,
    Interaction,
    InteractionKind,
    People,
    Post,
    PostKind,
    Posts,
    Profile,
    columns_of,
    merge,
    table_from_columns,
)

REF = AccountRef("bluesky", "did:plc:me")
NOW = 1_790_000_000


def builder(depth: Depth = Depth.GLANCE, at: int = NOW, **profile: object) -> ActivityBuilder:
    made = ActivityBuilder(replace(Profile(REF, "me.test", followers=5), **profile), at)  # type: ignore[arg-type]
    made.coverage = Coverage(depth=depth)
    return made


def activity(*posts: Post, **more: object) -> Activity:
    made = builder(**more)  # type: ignore[arg-type]
    for post in posts:
        made.post(post)
    return made.build()


def test_an_account_ref_is_written_and_read_back() -> None:
    assert AccountRef.parse("bluesky:did:plc:x") == AccountRef("bluesky", "did:plc:x")
    assert str(AccountRef.parse("mastodon:a@b.c")) == "mastodon:a@b.c"


@pytest.mark.parametrize("text", ["", "x", ":", "x:", ":a"])
def test_what_is_no_account_ref_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="network:id"):
        AccountRef.parse(text)


def test_posts_are_laid_out_newest_first_with_people_once_each() -> None:
    made = builder()
    made.person("bob", "bob.test", 7)
    for number, target in enumerate(["bob", "carla", "bob", ""]):
        made.post(Post(str(number), NOW + number, PostKind.REPLY, target=target))
    built = made.build()
    assert built.posts.id == ("3", "2", "1", "0")
    assert built.people.id == ("bob", "carla")
    assert built.people.handle == ("bob.test", "")
    assert built.people.followers.tolist() == [7, UNKNOWN]
    assert built.posts.target.tolist() == [UNKNOWN, 0, 1, 0]


def test_a_post_seen_again_counts_once_with_its_newest_counts() -> None:
    first = Post("1", NOW, PostKind.ORIGINAL, likes=3, replies=2, conversation="1")
    again = Post("1", NOW, PostKind.ORIGINAL, likes=9)
    posts = merge(activity(first), activity(again)).posts
    assert (posts.id, posts.likes.tolist(), posts.replies.tolist()) == (("1",), [9], [2])
    assert posts.conversation == ("1",)


def test_a_post_once_seen_in_the_timeline_stays_there() -> None:
    in_thread, in_timeline = Post("1", NOW, PostKind.REPLY, timeline=False), Post("1", NOW, PostKind.REPLY)
    assert merge(activity(in_timeline), activity(in_thread)).posts.timeline.tolist() == [True]
    assert merge(activity(in_thread), activity(in_timeline)).posts.timeline.tolist() == [True]
    assert merge(activity(in_thread), activity(in_thread)).posts.timeline.tolist() == [False]


def test_ones_own_deeds_are_no_interactions() -> None:
    made = builder()
    made.interaction(Interaction("1", InteractionKind.LIKE, REF.id, NOW))
    made.interaction(Interaction("2", InteractionKind.LIKE, "bob", NOW))
    assert made.build().interactions.id == ("2",)


def test_what_is_older_than_asked_for_is_left_out_with_its_people() -> None:
    made = builder()
    for number in range(NEWEST_KEPT):
        made.post(Post(f"new {number}", NOW - number, PostKind.ORIGINAL))
    made.post(Post("old", NOW - 100, PostKind.REPLY, target="bob"))
    made.interaction(Interaction("undated", InteractionKind.LIKE, "carla", post="new 0"))
    made.interaction(Interaction("of the old post", InteractionKind.LIKE, "dora", post="old"))
    built = made.build(oldest=NOW - 50)
    assert "old" not in built.posts.id
    assert len(built.posts) == NEWEST_KEPT
    assert built.people.id == ("carla",), "a like whose time is not shown is kept as long as its post"


def test_the_newest_posts_are_kept_however_old_they_are_with_what_was_done_to_them() -> None:
    made = builder()
    for number in range(NEWEST_KEPT + 5):
        made.post(Post(f"{number:02}", NOW - 1000 - number, PostKind.ORIGINAL))
        made.interaction(
            Interaction(f"like {number:02}", InteractionKind.LIKE, f"fan {number:02}", post=f"{number:02}")
        )
    for number in range(5):
        made.post(Post(f"in a thread {number}", NOW - 900, PostKind.REPLY, timeline=False))
    built = made.build(oldest=NOW)
    assert built.posts.id == tuple(f"{number:02}" for number in range(NEWEST_KEPT)), "those of the timeline, no others"
    assert built.people.id == tuple(f"fan {number:02}" for number in range(NEWEST_KEPT))


def test_what_was_done_to_a_deleted_post_goes_with_it() -> None:
    older = builder()
    for name in ("1", "2"):
        older.post(Post(name, NOW - int(name), PostKind.ORIGINAL))
        older.interaction(Interaction(f"on {name}", InteractionKind.REPLY, f"writer {name}", NOW, post=name))
    glance = replace(activity(Post("2", NOW - 2, PostKind.ORIGINAL)), coverage=Coverage(depth=Depth.GLANCE))
    merged = merge(older.build(), glance)
    assert (merged.posts.id, merged.interactions.id, merged.people.id) == (("2",), ("on 2",), ("writer 2",))


def test_a_timeline_seen_to_its_end_shows_that_older_posts_were_deleted() -> None:
    older = activity(Post("new", NOW, PostKind.ORIGINAL), Post("old", NOW - 50, PostKind.ORIGINAL))
    for left in ((), (Post("new", NOW, PostKind.ORIGINAL),)):
        whole = replace(activity(*left), coverage=Coverage(depth=Depth.GLANCE, timeline_complete=True))
        assert merge(older, whole, window_start=NOW - 100).posts.id == tuple(p.id for p in left)


def test_merging_the_same_again_changes_nothing() -> None:
    made = builder()
    made.person("bob", "bob.test", 3)
    made.post(Post("1", NOW, PostKind.REPLY, target="bob", likes=1))
    made.interaction(Interaction("2", InteractionKind.REPLY, "bob", NOW, post="1"))
    made.count(NOW, 5, 6, None)
    built = made.build()
    again = merge(built, built)
    for table in ("posts", "people", "interactions", "counts"):
        assert columns_of(getattr(again, table)) == columns_of(getattr(built, table))
    assert (again.profile, again.coverage, again.gathered_at) == (built.profile, built.coverage, built.gathered_at)


def test_people_keep_what_is_known_of_them() -> None:
    older, newer = builder(), builder()
    older.person("bob", "bob.test", 7)
    older.post(Post("1", NOW, PostKind.REPLY, target="bob"))
    newer.post(Post("2", NOW, PostKind.REPLY, target="bob"))
    people = merge(older.build(), newer.build()).people
    assert (people.handle, people.followers.tolist()) == (("bob.test",), [7])


def test_counts_are_kept_each_time_they_were_read() -> None:
    older, newer = builder(), builder(at=NOW + 10)
    older.count(NOW, 5, 6, 7)
    newer.count(NOW + 10, 8, None, 9)
    counts = merge(older.build(), newer.build()).counts
    assert counts.time.tolist() == [NOW, NOW + 10]
    assert counts.following.tolist() == [6, UNKNOWN]


def test_coverage_adds_up() -> None:
    older = replace(activity(), coverage=Coverage(Depth.STUDY, True, "", ("a",), ("x",)))
    newer = replace(activity(), coverage=Coverage(Depth.GLANCE, False, "c", ("b", "a"), ()))
    assert merge(older, newer).coverage == Coverage(Depth.STUDY, False, "c", ("a", "b"), ("x",))


def test_what_was_only_observed_stays_so() -> None:
    assert merge(activity(depth=Depth.OBSERVED), activity(depth=Depth.OBSERVED)).coverage.depth is Depth.OBSERVED


def test_the_newer_profile_wins_unless_it_is_a_mere_handle_on_a_screen() -> None:
    known = activity(display_name="Me", consent=Consent.EPHEMERAL)
    bare = activity(depth=Depth.OBSERVED, followers=None)
    assert merge(known, bare).profile == known.profile
    asked = activity(followers=None)
    assert merge(known, asked).profile == asked.profile


def test_tables_turn_into_columns_and_back() -> None:
    posts = activity(Post("1", NOW, PostKind.QUOTE, own=True)).posts
    assert columns_of(table_from_columns(Posts, columns_of(posts))) == columns_of(posts)


@pytest.mark.parametrize(
    "columns", [{}, {"id": ["a"], "handle": ["b"], "followers": []}, {"id": [], "handle": [], "followers": [], "x": []}]
)
def test_a_table_with_missing_or_uneven_columns_is_refused(columns: dict[str, list[object]]) -> None:
    with pytest.raises(ValueError, match="all of one length"):
        table_from_columns(People, columns)
