"""Invented people: what the replica sites show of them and what the fake service knows about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

NETWORK_OF = {
    "bsky.app": "bluesky",
    "mastodon.social": "mastodon",
    "mastodon.example": "mastodon",
    "x.com": "x",
    "elk.zone": "mastodon",
    "phanpy.social": "mastodon",
}


@dataclass(frozen=True)
class Person:
    key: str
    name: str
    handles: dict[str, str]
    bio: str
    hue: int
    followers: int
    following: int
    count: int
    joined: str
    texts: list[str]
    badge: dict[str, Any] = field(default_factory=dict)

    def shown_on(self, network: str) -> dict[str, Any]:
        """The fields a replica site draws."""
        return {
            "handle": self.handles[network],
            "name": self.name,
            "bio": self.bio,
            "hue": self.hue,
            "followers": self.followers,
            "following": self.following,
            "count": self.count,
            "joined": self.joined,
            "texts": self.texts,
        }


def _handles(bluesky: str, mastodon: str, x: str) -> dict[str, str]:
    return {"bluesky": bluesky, "mastodon": mastodon, "x": x}


def _scored(
    verdict: str, title: str, score: int, low: int, high: int, replies: int, broadcasts: int, ratio: str, sentence: str
) -> dict[str, Any]:
    return {
        "state": "ready",
        "verdict": verdict,
        "title": title,
        "sentence": sentence,
        "score": score,
        "low": low,
        "high": high,
        "replies": replies,
        "broadcasts": broadcasts,
        "ratio": ratio,
    }


PEOPLE = [
    Person(
        "alice",
        "Alice Moreau",
        _handles("alice.test", "alice@mastodon.social", "alice_moreau"),
        "Town planner by day. Night trains, public minutes, too many plums.",
        160,
        3412,
        611,
        4180,
        "2021-03-14",
        [
            "The minutes of last night's planning meeting are up. Forty pages; the interesting part is on page 31.",
            "Answering the three questions everybody asked about the tram depot: yes, no, and not before spring.",
            "If you wrote to me about the crossing on Mill Street: I read every one. Replies over the weekend.",
            "Plum count: nine kilos. Send jars.",
        ],
        _scored(
            "in_conversation",
            "In conversation",
            62,
            57,
            66,
            74,
            60,
            "1 : 0.8",
            "Replied to 41 people in 90 days; 1 reply for every 0.8 broadcasts; answered 7 of 12 who wrote to it.",
        ),
    ),
    Person(
        "ben",
        "Ben Okafor",
        _handles("ben.test", "ben@social.example", "ben_okafor"),
        "Luthier. Repairs, mostly. Photographs of wood.",
        28,
        1820,
        402,
        2210,
        "2022-11-02",
        [
            "New top on the 1923 parlour guitar. The old one had been glued with what I can only call optimism.",
            "Spruce that rang like a bell all week went quiet in the rain. Waiting.",
            "Somebody asked how I bend sides: slowly, with steam, while apologising.",
        ],
        _scored(
            "some_replies",
            "Some replies",
            48,
            41,
            55,
            20,
            80,
            "1 : 4",
            "Replied to 14 people in 90 days; 1 reply for every 4 broadcasts.",
        ),
    ),
    Person(
        "gazette",
        "City Gazette",
        _handles("gazette.test", "gazette@news.example", "city_gazette"),
        "News from the city, since 1911.",
        210,
        48200,
        112,
        61900,
        "2020-01-09",
        [
            "Council approves night trains from March, 31 votes to 14.",
            "Weather: rain until Thursday, then more of it.",
            "Budget vote postponed to the 28th after a printing error.",
        ],
        _scored(
            "broadcasts",
            "Broadcasts",
            71,
            68,
            75,
            2,
            192,
            "1 : 96",
            "Replied to 2 people in 90 days; 1 reply for every 96 broadcasts.",
        ),
    ),
    Person(
        "deals",
        "Deals 24/7",
        _handles("deals.test", "deals@shop.example", "deals_247"),
        "A new offer every hour.",
        265,
        9100,
        3,
        88012,
        "2023-06-30",
        ["Kettle, 1.7 l, now 19.90", "Socks, 10 pairs, now 8.00", "Desk lamp, now 24.50"],
        _scored(
            "looks_automated",
            "Looks automated",
            33,
            28,
            38,
            0,
            214,
            "0 : 214",
            "No replies in 90 days; 214 posts, 209 of them at the same minute of the hour.",
        ),
    ),
    Person(
        "greta",
        "Greta Lind",
        _handles("greta.test", "greta@social.example", "greta_lind"),
        "Growth, habits, mornings.",
        335,
        20400,
        19800,
        12020,
        "2022-02-17",
        [
            "Ten habits of people who list ten habits.",
            "Repost this if you have ever had a morning.",
            "You don't need a plan. You need a plan for your plan.",
        ],
        _scored(
            "games_its_numbers",
            "Games its numbers",
            40,
            32,
            48,
            15,
            180,
            "1 : 12",
            "Reposted 61 of the 80 posts that mention it; 1 reply for every 12 broadcasts.",
        ),
    ),
    Person(
        "harbour",
        "Harbour Weather",
        _handles("harbour.test", "harbour@weather.example", "harbour_wx"),
        "Wind and tide, every hour. Automated.",
        195,
        2600,
        0,
        30210,
        "2021-08-08",
        [
            "12:00 wind SW 5, gusts 7, tide +1.9 m",
            "11:00 wind SW 5, gusts 6, tide +1.7 m",
            "10:00 wind W 4, tide +1.2 m",
        ],
        _scored(
            "declared_bot",
            "Declared bot",
            45,
            40,
            50,
            0,
            160,
            "0 : 160",
            "Says of itself that it is automated; 160 posts in 90 days.",
        ),
    ),
    Person(
        "quiet",
        "Quinn Iversen",
        _handles("quiet.test", "quinn@mastodon.social", "quinn_iversen"),
        "Mostly reading.",
        90,
        41,
        88,
        6,
        "2024-12-01",
        ["Hello. I am mostly here to read."],
        {
            "state": "too_little",
            "verdict": "too_little",
            "title": "Too little to tell",
            "sentence": "6 posts seen in 90 days.",
            "replies": 1,
            "broadcasts": 5,
            "ratio": "1 : 5",
        },
    ),
    Person(
        "noa",
        "Noa Feld",
        _handles("noa.test", "noa@social.example", "noa_feld"),
        "Bookbinder.",
        12,
        702,
        310,
        980,
        "2023-03-03",
        ["Linen thread, waxed, ready.", "The atlas is out of the press."],
        {"state": "pending"},
    ),
    Person(
        "uma",
        "Uma Castell",
        _handles("uma.test", "uma@gone.example", "uma_castell"),
        "",
        300,
        12,
        40,
        3,
        "2025-05-05",
        ["Just joined."],
        {"state": "unknown"},
    ),
    Person(
        "ravi",
        "Ravi Stone",
        _handles("ravi.test", "ravi@social.example", "ravi_stone"),
        "Please leave me out of lists.",
        50,
        530,
        221,
        1400,
        "2022-09-19",
        ["Bread day."],
        {"state": "refused"},
    ),
    Person(
        "ulla",
        "Ulla Berg",
        _handles("ulla.test", "ulla@slow.example", "ulla_berg"),
        "Archivist.",
        230,
        890,
        417,
        2140,
        "2021-10-10",
        ["Box 41 had the missing letters."],
        {"state": "unavailable"},
    ),
]
BY_KEY = {person.key: person for person in PEOPLE}
MEMBER = {"bluesky": "member%.test", "mastodon": "member%@social.example", "x": "member_%"}


def person_of(network: str, handle: str) -> Person | None:
    """The person behind a handle, or None."""
    return next((person for person in PEOPLE if person.handles[network] == handle), None)


def shown_on(host: str) -> list[dict[str, Any]]:
    """Everybody, as the replica of this site draws them."""
    return [person.shown_on(NETWORK_OF[host]) for person in PEOPLE]
