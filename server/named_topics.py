"""Topics by their names in the words of posts, for accounts that write of a thing without a hashtag: those of a loaded ontology.

Words are looked through when posts are read and never kept. Kept is which posts name a topic that comes back in several of them, in place of
a hashtag, with ``~`` before it. What a word tells of a person's health, faith, love life or politics is left out, however often it stands
there: whoever wants to be known for it sets the hashtag.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from server.activity import Activity, PostKind
from server.ontology import Ontology, spelt
from server.scoring.sample import DAY, among
from server.scoring.topics import FEWEST_NAMING_DAYS, FEWEST_NAMING_POSTS, NAMED

LONGEST_NAME_WORDS = 3
SHORTEST_WORD = 5
"""A name of one shorter word is too often another word as well, or one of another language, as MIT is."""
MOST_NAMED = 10
LEFT_OUT = frozenset(
    {
        *("Health and Wellness", "Psychiatry", "Smoking", "Gambling", "Death and Dying"),
        *("Religion", "Spirituality", "Atheism", "Theology", "Churches", "Bible", "Christian Music", "Freemasonry"),
        *("Government and Politics", "Political Philosophy", "Anarchism", "Libertarianism"),
        *("LGBT Issues", "Same-Sex Marriage", "Relationships", "Marriage", "Dating", "Sex Education", "Porn"),
    }
)
"""These topics and all within them. The ontology files some of what concerns health, faith, politics and love life elsewhere."""


class TopicNames:
    """The names of an ontology's topics, to be found in words."""

    def __init__(self, ontology: Ontology) -> None:
        self._names = frozenset(_names_in(ontology))

    def found_in(self, words: str) -> set[str]:
        """The topics named, spelt as hashtags. ``words``: in lower case, with a space between. Of names in one another the longest counts."""
        found, apart, at = set(), words.split(), 0
        while at < len(apart):
            for length in range(min(LONGEST_NAME_WORDS, len(apart) - at), 0, -1):
                name = "".join(apart[at : at + length])
                if name in self._names:
                    found.add(name)
                    break
            at += length
        return found

    def noted(self, activity: Activity) -> Activity:
        """The activity without its words; the topics that come back in them stand among the tags of the posts that name them."""
        if not self._names or not activity.words:
            return replace(activity, words={}) if activity.words else activity
        posts = activity.posts
        to_everybody = posts.timeline & among(posts.kind, PostKind.ORIGINAL, PostKind.QUOTE, PostKind.THREAD)
        hashtags = {tag for tags in posts.tags for tag in tags.split() if not tag.startswith(NAMED)}
        named = [
            (self._named(tags, activity.words.get(post_id, "")) - hashtags) if counts else set()
            for post_id, tags, counts in zip(posts.id, posts.tags, to_everybody.tolist(), strict=True)
        ]
        kept = _recurring(named, (posts.time // DAY).tolist())
        tags = tuple(
            " ".join([*_hashtags_of(tags), *(NAMED + name for name in kept if name in names)])
            for tags, names in zip(posts.tags, named, strict=True)
        )
        return replace(activity, posts=replace(posts, tags=tags), words={})

    def _named(self, tags: str, words: str) -> set[str]:
        """What a post names by its words, or was found to name when it was read earlier."""
        if words:
            return self.found_in(words)
        return {tag.removeprefix(NAMED) for tag in tags.split() if tag.startswith(NAMED)}


def _names_in(ontology: Ontology) -> Iterator[str]:
    for tag, number in ontology.by_tag.items():
        name, filed = ontology.names[number], ontology.find(tag)
        words = len(name.split())
        fits = words <= LONGEST_NAME_WORDS if words > 1 else len(tag) >= SHORTEST_WORD
        # Translated names are left out: which language a word is of is not known.
        if fits and spelt(name) == tag and LEFT_OUT.isdisjoint({name, *(filed.within if filed else ())}):
            yield tag


def _recurring(named: list[set[str]], day: list[int]) -> list[str]:
    """The topics named in enough posts on enough days, the most named first."""
    posts = Counter(name for names in named for name in names)
    days: dict[str, set[int]] = {}
    for names, on in zip(named, day, strict=True):
        for name in names:
            days.setdefault(name, set()).add(on)
    often = [name for name in posts if posts[name] >= FEWEST_NAMING_POSTS and len(days[name]) >= FEWEST_NAMING_DAYS]
    return sorted(often, key=lambda name: (-posts[name], name))[:MOST_NAMED]


def _hashtags_of(tags: str) -> list[str]:
    return [tag for tag in tags.split() if not tag.startswith(NAMED)]
