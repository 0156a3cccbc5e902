"""Topics that an account's words name: only those that come back, only what may be told of people, and never the words themselves."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from server.activity import Activity, ActivityBuilder, PostKind, merge
from server.named_topics import MOST_NAMED, TopicNames
from server.networks.fingerprint import words_in
from server.ontology import NO_ONTOLOGY, Ontology, read_folder, spelt
from server.scoring.topics import FEWEST_NAMING_POSTS
from server.store.serialization import from_bytes, to_bytes
from tests.server.invented import Invented

NAMES = (
    "Technology", "Machine Learning", "Learning", "Philosophy", "MIT", "Soccer", "Health and Wellness", "Depression",
    "Religion", "Islam", "Lifestyle", "Very Long Names Of Things",
)  # fmt: skip
WITHIN = {"Machine Learning": "Technology", "Learning": "Technology", "Depression": "Health and Wellness"}
WITHIN |= {"Islam": "Religion", "Religion": "Lifestyle"}
ONTOLOGY = Ontology(
    NAMES,
    tuple(NAMES.index(WITHIN[name]) if name in WITHIN else -1 for name in NAMES),
    {name.replace(" ", "").lower(): number for number, name in enumerate(NAMES)} | {"fussball": NAMES.index("Soccer")},
)
TOPICS = TopicNames(ONTOLOGY)


def tags_of(activity: Activity) -> set[str]:
    return {tag for tags in activity.posts.tags for tag in tags.split()}


def noted(account: Invented) -> Activity:
    return TOPICS.noted(account.build())


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("on machine learning and philosophy", {"machinelearning", "philosophy"}),
        ("learning about machines", {"learning"}),
        ("machine", set()),
        ("a machinelearning course", {"machinelearning"}),
        ("", set()),
    ],
)
def test_names_are_found_the_longest_first(words: str, found: set[str]) -> None:
    assert TOPICS.found_in(words) == found


@pytest.mark.parametrize("words", ["ich gehe mit dir", "fussball", "very long names of things"])
def test_short_words_translations_and_long_names_are_not_looked_for(words: str) -> None:
    assert TOPICS.found_in(words) == set()


@pytest.mark.parametrize("words", ["depression", "health and wellness", "islam", "religion"])
def test_health_and_faith_are_not_read_out_of_words(words: str) -> None:
    assert TOPICS.found_in(words) == set()


@pytest.mark.parametrize(
    ("times", "every_hours", "is_noted"),
    [(FEWEST_NAMING_POSTS, 24, True), (FEWEST_NAMING_POSTS - 1, 24, False), (20, 0.5, False)],
)
def test_a_name_is_noted_when_it_comes_back_in_several_posts_on_several_days(
    times: int, every_hours: float, is_noted: bool
) -> None:
    account = Invented().post(times=times, every_hours=every_hours, words="some philosophy")
    assert ("~philosophy" in tags_of(noted(account))) is is_noted


@pytest.mark.parametrize("kind", [PostKind.REPLY, PostKind.REPOST])
def test_answers_and_reposts_do_not_count(kind: PostKind) -> None:
    assert tags_of(noted(Invented().post(kind, times=20, every_hours=24, words="philosophy"))) == set()


def test_hashtags_stay_and_one_that_is_set_outweighs_the_word() -> None:
    account = Invented().post(times=9, every_hours=24, words="philosophy on learning", tags="tea")
    account.post(tags="learning")
    assert set(noted(account).posts.tags) == {"tea ~philosophy", "learning"}


def test_at_most_ten_names_are_noted_the_most_used_ones() -> None:
    names = tuple(f"Topic {letter * 3}" for letter in "abcdefghijkl")
    many = TopicNames(Ontology(names, (-1,) * len(names), {n.replace(" ", "").lower(): i for i, n in enumerate(names)}))
    account = Invented().post(times=5, every_hours=24, words=" ".join(names).lower())
    account.post(words=names[-1].lower())
    kept = tags_of(many.noted(account.build()))
    assert len(kept) == MOST_NAMED
    assert "~topiclll" in kept


def test_words_are_never_kept() -> None:
    account = Invented().post(times=9, every_hours=24, words="secretly philosophy")
    activity = account.build()
    assert activity.words
    assert noted(account).words == {}
    assert TopicNames(NO_ONTOLOGY).noted(activity).words == {}
    assert from_bytes(to_bytes(activity)).words == {}
    assert to_bytes(activity) == to_bytes(replace(activity, words={}))


def test_what_was_noted_of_earlier_posts_counts_with_what_is_read_later() -> None:
    earlier = from_bytes(to_bytes(noted(Invented().post(times=9, every_hours=24, words="philosophy"))))
    later = Invented()
    later.post(id="new", words="philosophy")
    both = TOPICS.noted(merge(earlier, later.build()))
    assert [tags == "~philosophy" for tags in both.posts.tags] == [True] * 10


def test_a_builder_that_goes_on_keeps_the_words_of_what_was_just_read() -> None:
    first = Invented().post(times=3, every_hours=24, words="philosophy").build()
    builder = ActivityBuilder.of(first)
    for number, post in enumerate(builder.own_posts()):
        builder.post(replace(post, id=f"more-{number}", time=post.time - 5 * 86_400, words="philosophy"))
    assert tags_of(TOPICS.noted(builder.build())) == {"~philosophy"}
    assert TOPICS.noted(builder.build()).posts.tags == ("~philosophy",) * 6


TOLD_OF_NOBODY = (
    "Depression", "Cancer", "Antidepressants", "Psychotherapy", "Insomnia", "Pregnancy", "Addiction", "Cigarettes",
    "Islam", "Christianity", "Judaism", "Prayer", "Atheism", "Theology", "Churches", "Bible", "Kabbalah",
    "Politics", "Elections", "Feminism", "Immigration", "Political Philosophy", "Anarchism", "Libertarianism",
    "LGBT", "Same-Sex Marriage", "Marriage", "Divorce", "Online Dating", "Sex Education", "Porn",
)  # fmt: skip


@pytest.mark.skipif(
    "RAPPORT_SHARED" not in os.environ, reason="RAPPORT_SHARED names no folder with the published files"
)
def test_of_the_published_topics_none_on_health_faith_love_life_or_politics_is_read_out_of_words() -> None:
    published = TopicNames(read_folder(Path(os.environ["RAPPORT_SHARED"]) / "data" / "topics"))
    assert [name for name in TOLD_OF_NOBODY if spelt(name) in published.found_in(words_in(name))] == []
    assert published.found_in("philosophy and machine learning in python") == {
        "philosophy",
        "machinelearning",
        "python",
    }
