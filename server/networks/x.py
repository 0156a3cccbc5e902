"""X, which is not asked: what is known of its accounts comes from posts and profile headers that people had on screen.

Where things stand on its pages: ``data-testid`` marks as of 2026. Handles are read from addresses and, where there is none, from
the last ``@handle`` of a name block; never from the display name, which anybody can choose.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NoReturn
from urllib.parse import unquote

from bs4 import BeautifulSoup, Tag, XMLParsedAsHTMLWarning
from lxml import etree  # type: ignore[import-untyped]

from server.account import AccountRef
from server.activity import (
    UNKNOWN,
    Activity,
    ActivityBuilder,
    Consent,
    Coverage,
    Depth,
    Interaction,
    InteractionKind,
    Post,
    PostKind,
    Profile,
)
from server.errors import BadHandle, BadObservation, ObservedOnly
from server.networks.fingerprint import consent_in, first_outside_host, hashtags, language_mark, text_hashes, words_in
from server.networks.network import WINDOW, Fetcher
from server.networks.reading import seconds, split_url

# Whatever a fragment looks like, it is read as HTML.
warnings.filterwarnings("ignore", category=XMLParsedAsHTMLWarning)

_MOST_FRAGMENTS = 500
_LARGEST_FRAGMENT = 300_000
"""Characters; a whole post page's article with a long text has 77,000."""
_LARGEST_PAGE = 4_000_000
_DEEPEST = 200
"""Elements inside each other; the site's own stay below 60."""

_HANDLE = re.compile(r"[A-Za-z0-9_]{1,15}")
_SITES = frozenset({"x.com", "twitter.com", "mobile.x.com", "mobile.twitter.com", "www.x.com", "www.twitter.com"})
_RESERVED = frozenset({
    "home", "explore", "notifications", "messages", "search", "settings", "i", "compose", "hashtag", "intent", "share", "jobs",
    "login", "logout", "signup", "tos", "privacy", "about", "account", "download", "lists", "communities", "bookmarks",
    "premium_sign_up", "who_to_follow", "grok",
})  # fmt: skip
_OWN_HOSTS = ("x.com", "twitter.com", "t.co", "pic.twitter.com", "pic.x.com")

_STATUS = re.compile(r"/([A-Za-z0-9_]{1,15})/status/(\d{1,20})(?:/|$|\?)")
_HASHTAG = re.compile(r"/hashtag/([^/?#]+)")
_PASSED_ON = re.compile(r"repost|retweet|retuit|republi|re-?post|リポスト|转推|轉推|재게시", re.IGNORECASE)
_JOINED = re.compile(r"(January|February|March|April|May|June|July|August|September|October|November|December) (\d{4})")
_NUMBER = re.compile(r"(\d[\d.,'’\u00a0\u202f ]*)(?:\s*([^\W\d_]+))?")
_GROUPED = re.compile(r"\d{1,3}(?:([.,'’\u00a0\u202f ])\d{3})(?:\1\d{3})*|\d+")
_MOST_DIGITS = 15
"""Of a count; sums of such numbers still fit 64 bits."""
_THOUSAND, _MILLION = 1_000, 1_000_000
_UNITS = {
    "k": _THOUSAND, "tsd": _THOUSAND, "mil": _THOUSAND, "тыс": _THOUSAND, "rb": _THOUSAND,
    "m": _MILLION, "mio": _MILLION, "млн": _MILLION,
    "b": 1_000_000_000, "mrd": 1_000_000_000,
    "万": 10_000, "萬": 10_000, "만": 10_000, "億": 100_000_000, "亿": 100_000_000, "억": 100_000_000,
}  # fmt: skip


class X:
    """Implements ``server.networks.network.Network``; its accounts become known by ``observe``."""

    id = "x"
    title = "X"

    def canonical_handle(self, text: str) -> str:
        """A handle in lower case out of what was typed: ``@``, odd case, profile and post addresses. Raises BadHandle."""
        name = text[:2000].strip()
        if "/" in name:
            parts = split_url(name if "://" in name else "https://" + name)
            name = parts.path.strip("/").split("/")[0] if (parts.hostname or "") in _SITES else ""
        handle = name.removeprefix("@")
        if _HANDLE.fullmatch(handle) and handle.lower() not in _RESERVED:
            return handle.lower()
        shown = text.strip()[:60]
        raise BadHandle(f"“{shown}” is no handle on X: type up to 15 letters, digits or _, as in @alice")

    def profile_url(self, handle: str) -> str:
        """The account's page."""
        return f"https://x.com/{handle}"

    def glance(self, handle: str, fetcher: Fetcher, now: int) -> Activity:  # noqa: ARG002
        """Raises ObservedOnly."""
        self._not_asked(handle)

    def study(self, activity: Activity, fetcher: Fetcher, now: int) -> Activity:  # noqa: ARG002
        """Raises ObservedOnly."""
        self._not_asked(activity.profile.handle)

    def observe(self, fragments: Sequence[str], url: str, now: int) -> list[Activity]:
        """What page fragments show: an Activity (depth OBSERVED) for every author and profile on them.

        ``fragments``: outer HTML of posts (``article[data-testid=tweet]``) and of a profile header, in the page's order;
        ``url``: the page's address; ``now``: seconds since 1970. Protected accounts are left out; those
        that ask to be left out come without posts. Fragments too large or nested too deeply are left out; raises
        BadObservation when none is left.
        """
        page = _Page(url, now)
        readable = 0
        for fragment in _bounded(fragments):
            readable += 1
            page.read(fragment)
        if fragments and not readable:
            raise BadObservation("none of the fragments can be read: they are empty, too large or nested too deeply")
        return page.activities()

    def _not_asked(self, handle: str) -> NoReturn:
        raise ObservedOnly(f"X is not asked about {handle}: open its page with the extension switched on for X")


@dataclass
class _Seen:
    """A post as one fragment shows it."""

    id: str
    author: str
    time: int
    article: Tag
    quoted: str = ""
    answered: str = ""
    passed_on_by: str = ""
    own_words: Tag | None = field(default=None)


class _Page:
    """The accounts of one page, growing fragment by fragment."""

    def __init__(self, url: str, now: int) -> None:
        parts = split_url(url)
        segments = [part for part in parts.path.split("/") if part]
        first = segments[0].lower() if segments and (parts.hostname or "") in _SITES else ""
        self._whose = first if _HANDLE.fullmatch(first) and first not in _RESERVED else ""
        self._is_conversation = "status" in segments[1:2]
        self._is_with_replies = segments[1:2] == ["with_replies"]
        self._now = now
        self._builders: dict[str, ActivityBuilder] = {}
        self._received: list[tuple[str, Interaction]] = []
        self._before = ""

    def read(self, fragment: BeautifulSoup) -> None:
        """Takes in whatever posts and header the fragment holds."""
        header = fragment.select_one('[data-testid="UserName"]')
        if header is not None:
            self._header(fragment, header)
        for article in fragment.select('article[data-testid="tweet"]'):
            seen = _post_in(article, self._whose)
            if seen is None or seen.time > self._now + 86_400:
                self._before = ""
                continue
            self._post(seen)
            if seen.passed_on_by:
                self._repost(seen)
            self._before = "" if seen.passed_on_by else seen.author

    def activities(self) -> list[Activity]:
        """What was seen, account by account. Replies count for those answered who are on the page themselves."""
        for answered, interaction in self._received:
            if answered in self._builders:
                self._builders[answered].person(interaction.actor, interaction.actor)
                self._builders[answered].interaction(interaction)
        return [
            # Of an account that asks to be left out nothing is told but that it asks.
            (b if b.profile.consent is Consent.OPEN else ActivityBuilder(b.profile, self._now)).build(
                self._now - WINDOW
            )
            for b in self._builders.values()
        ]

    def _builder(self, handle: str) -> ActivityBuilder:
        if handle not in self._builders:
            builder = ActivityBuilder(_profile(handle), self._now)
            builder.coverage = Coverage(
                depth=Depth.OBSERVED, replies_shown=self._is_with_replies and handle == self._whose
            )
            self._builders[handle] = builder
        return self._builders[handle]

    def _header(self, fragment: BeautifulSoup, name_block: Tag) -> None:
        handle = _last_handle(name_block)
        # Name blocks of other accounts never decide: the page's address does.
        if not handle or handle != self._whose or _is_protected(name_block):
            return
        bio = fragment.select_one('[data-testid="UserDescription"]')
        joined = _JOINED.search(_text(fragment.select_one('[data-testid="UserJoinDate"]')))
        consent, reason = consent_in(_text(bio))
        followers = _count_in_link(fragment, handle, ("verified_followers", "followers"))
        following = _count_in_link(fragment, handle, ("following",))
        builder = self._builder(handle)
        builder.profile = Profile(
            ref=AccountRef("x", handle),
            handle=handle,
            display_name=_display_name(name_block),
            url=f"https://x.com/{handle}",
            created_at=_first_of_month(joined[1], int(joined[2])) if joined else None,
            followers=followers,
            following=following,
            consent=consent,
            consent_reason=reason,
        )
        if followers is not None or following is not None:
            builder.count(self._now, followers, following, None)

    def _post(self, seen: _Seen) -> None:
        kind, target = self._kind(seen)
        text, links, mentioned = _words(seen)
        words = words_in(text)
        text_hash, opening_hash = text_hashes(words)
        builder = self._builder(seen.author)
        url = f"https://x.com/{seen.author}/status/{seen.id}"
        if target:
            builder.person(target, target)
        builder.post(
            Post(
                id=seen.id,
                time=seen.time,
                kind=kind,
                url=url,
                target=target,
                conversation=seen.id if kind in (PostKind.ORIGINAL, PostKind.QUOTE) else "",
                likes=_action_count(seen.article, "like", "unlike"),
                reposts=_action_count(seen.article, "retweet", "unretweet"),
                replies=_action_count(seen.article, "reply"),
                text_hash=text_hash,
                opening_hash=opening_hash,
                words=words,
                link_source=first_outside_host(links, _OWN_HOSTS),
                tags=hashtags(_tags(seen)),
                language=language_mark(seen.own_words.get("lang") if seen.own_words is not None else None),
                mentions=len(mentioned - {seen.author}),
                own=kind is PostKind.QUOTE and target == seen.author,
                timeline=not self._is_conversation,
            )
        )
        if kind is PostKind.REPLY and target:
            reply = Interaction(seen.id, InteractionKind.REPLY, seen.author, seen.time, url)
            self._received.append((target, reply))

    def _kind(self, seen: _Seen) -> tuple[PostKind, str]:
        answered = seen.answered
        if not answered and self._is_with_replies and seen.author == self._whose and not seen.passed_on_by:
            # In the tab of replies the post answered stands right above the answer, which then does not name it.
            answered = self._before if self._before != self._whose else ""
        if answered:
            return (PostKind.THREAD if answered == seen.author else PostKind.REPLY), answered
        return (PostKind.QUOTE, seen.quoted) if seen.quoted else (PostKind.ORIGINAL, "")

    def _repost(self, seen: _Seen) -> None:
        builder = self._builder(seen.passed_on_by)
        builder.person(seen.author, seen.author)
        _, _, mentioned = _words(seen)
        builder.post(
            Post(
                id=f"repost:{seen.passed_on_by}:{seen.id}",
                # When it was passed on is not shown; it cannot have been before the post was written.
                time=seen.time,
                kind=PostKind.REPOST,
                url=f"https://x.com/{seen.author}/status/{seen.id}",
                target=seen.author,
                parent=seen.id,
                mentions_self=seen.passed_on_by in mentioned or seen.answered == seen.passed_on_by,
                own=seen.author == seen.passed_on_by,
                timeline=not self._is_conversation,
            )
        )


def _bounded(fragments: Sequence[str]) -> Iterator[BeautifulSoup]:
    """The fragments that are safe to parse, parsed."""
    total = 0
    for fragment in fragments[:_MOST_FRAGMENTS]:
        total += len(fragment)
        if total > _LARGEST_PAGE:
            return
        if len(fragment) <= _LARGEST_FRAGMENT and "<" in fragment and _is_shallow(fragment):
            yield BeautifulSoup(fragment, "lxml")


class _DepthGauge:
    """Follows a parse without building anything and breaks it off when elements stand too deeply inside each other."""

    def __init__(self) -> None:
        self._depth = 0

    def start(self, _tag: str, _attributes: object) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _TooDeep

    def end(self, _tag: str) -> None:
        self._depth -= 1

    def close(self) -> None:
        return None


class _TooDeep(Exception):
    pass


def _is_shallow(fragment: str) -> bool:
    # The same parser as Beautiful Soup's, so that both see the same nesting. Python's own html.parser takes minutes
    # for 100 kB of unfinished tags.
    parser = etree.HTMLParser(target=_DepthGauge())
    try:
        # In pieces, because what breaks off a parse does so only at the end of a piece.
        for start in range(0, len(fragment), 4096):
            parser.feed(fragment[start : start + 4096])
        parser.close()
    except (_TooDeep, etree.LxmlError, ValueError):
        return False
    return True


def _post_in(article: Tag, page_handle: str) -> _Seen | None:
    """The post of an article; None when it is not one: an advertisement, a protected account, a changed page."""
    quoted = _take_out_quote(article)
    name_block = article.select_one('[data-testid="User-Name"]')
    if name_block is None or _is_protected(name_block):
        return None
    author = next((h for a in name_block.select("a[href]") if (h := _handle_of(_href(a)))), "")
    for stamp in article.select("a[href] time[datetime]"):
        link = stamp.find_parent("a")
        found = _STATUS.match(_path(_href(link))) if link is not None else None
        time = seconds(str(stamp.get("datetime")))
        if found and author and found[1].lower() == author and time is not None:
            return _Seen(
                id=found[2],
                author=author,
                time=time,
                article=article,
                quoted=quoted,
                answered=_answered(article, name_block),
                passed_on_by=_passed_on_by(article, page_handle),
                own_words=article.select_one('[data-testid="tweetText"]'),
            )
    return None


def _take_out_quote(article: Tag) -> str:
    """Removes the post quoted inside an article, so that nothing of it is taken for the article's own; gives its author."""
    for block in article.select('div[role="link"][tabindex="0"]'):
        name_block = block.select_one('[data-testid="User-Name"]')
        if name_block is not None:
            handle = _last_handle(name_block)
            block.extract()
            return handle
    return ""


def _answered(article: Tag, name_block: Tag) -> str:
    """Whom the line "Replying to @…" names, in any language: links with an @ between the name and the text."""
    text = article.select_one('[data-testid="tweetText"]')
    for node in name_block.find_all_next("a", href=True):
        inside = [*node.parents]
        if not isinstance(node, Tag) or not any(p is article for p in inside) or any(p is text for p in inside):
            return ""
        handle = _handle_of(_href(node))
        outside_name = not any(p is name_block for p in inside)
        if outside_name and handle and node.get_text(strip=True).lower() == f"@{handle}":
            return "" if _stands_after(node, text) else handle
    return ""


def _stands_after(node: Tag, text: Tag | None) -> bool:
    if text is None:
        # Without a text of its own a post's media may name their owner; that is no line of an answer.
        return any(
            parent.get("data-testid") in ("card.wrapper", "tweetPhoto", "videoPlayer") for parent in node.parents
        )
    return any(found is text for found in node.find_all_previous(attrs={"data-testid": "tweetText"}))


def _passed_on_by(article: Tag, page_handle: str) -> str:
    context = article.select_one('[data-testid="socialContext"]')
    link = context.find_parent("a") or context.find("a") if context is not None else None
    if context is None or not isinstance(link, Tag):
        return ""
    handle = _handle_of(_href(link))
    return handle if handle and (handle == page_handle or _PASSED_ON.search(context.get_text())) else ""


def _words(seen: _Seen) -> tuple[str, list[str], set[str]]:
    """A post's text without links and mentions, where its links lead as far as it shows, and whom it mentions."""
    links: list[str] = []
    mentioned: set[str] = set()
    pieces: list[str] = []
    if seen.own_words is not None:
        for piece in seen.own_words.find_all(string=True):
            link = piece.find_parent("a")
            if link is None or link.find_parent(attrs={"data-testid": "tweetText"}) is not seen.own_words:
                pieces.append(str(piece))
        for link in seen.own_words.select("a[href]"):
            shown = link.get_text("", strip=True).rstrip("…")
            if _handle_of(_href(link)):
                mentioned.add(_handle_of(_href(link)))
            elif not shown.startswith(("#", "$")):
                links.append(shown if "://" in shown else "https://" + shown)
    for card in seen.article.select('[data-testid="card.wrapper"] a[aria-label]'):
        domain = str(card.get("aria-label")).split(" ")[0]
        if re.fullmatch(r"[\w-]+(?:\.[\w-]+)+", domain):
            links.append("https://" + domain)
    return "".join(pieces), links, mentioned


def _tags(seen: _Seen) -> Iterator[str]:
    """The hashtags in a post's own text, by where they lead."""
    for link in seen.own_words.select("a[href]") if seen.own_words is not None else ():
        found = _HASHTAG.match(_path(_href(link)))
        if found:
            yield unquote(found[1])


def _action_count(article: Tag, *names: str) -> int:
    """The number on an action's button; UNKNOWN when there is no such button or its number cannot be read safely."""
    for name in names:
        button = article.select_one(f'[data-testid="{name}"]')
        if button is not None:
            exact = _NUMBER.findall(str(button.get("aria-label") or ""))
            if len(exact) == 1 and _is_count(exact[0][0].strip()):
                return int(re.sub(r"\D", "", exact[0][0]))
            shown = button.get_text(" ", strip=True)
            # The site leaves the number out where it is zero.
            return number_in(shown) if shown else 0
    return UNKNOWN


def number_in(text: str) -> int:
    """A count as sites abbreviate it ("1.2K", "3,456", "12 Tsd."); UNKNOWN when it cannot be told for sure."""
    found = _NUMBER.match(text.strip())
    if found is None:
        return UNKNOWN
    digits, unit = found[1].strip(" \u00a0\u202f"), (found[2] or "").casefold()
    if unit in _UNITS:
        decimal = digits.replace(",", ".")
        return round(float(decimal) * _UNITS[unit]) if re.fullmatch(r"\d{1,4}(?:\.\d{1,2})?", decimal) else UNKNOWN
    return int(re.sub(r"\D", "", digits)) if _is_count(digits) else UNKNOWN


def _is_count(digits: str) -> bool:
    """A whole number, in groups or not, that fits a column."""
    return sum(c.isdigit() for c in digits) <= _MOST_DIGITS and _GROUPED.fullmatch(digits) is not None


def _count_in_link(fragment: BeautifulSoup, handle: str, tabs: tuple[str, ...]) -> int | None:
    for link in fragment.select("a[href]"):
        if _path(_href(link)).lower() in {f"/{handle}/{tab}" for tab in tabs}:
            count = number_in(link.get_text(" ", strip=True))
            return None if count == UNKNOWN else count
    return None


def _profile(handle: str) -> Profile:
    return Profile(ref=AccountRef("x", handle), handle=handle, url=f"https://x.com/{handle}")


def _display_name(name_block: Tag) -> str:
    return next((text.strip() for text in name_block.find_all(string=True) if text.strip()), "")[:100]


def _last_handle(name_block: Tag) -> str:
    texts = [text.strip() for text in name_block.find_all(string=True)]
    handles = [text[1:].lower() for text in texts if text.startswith("@") and _HANDLE.fullmatch(text[1:])]
    return handles[-1] if handles else ""


def _is_protected(name_block: Tag) -> bool:
    return name_block.select_one('[data-testid="icon-lock"]') is not None


def _handle_of(href: str) -> str:
    """The account that a link leads to; empty for links to anything else."""
    first = _path(href).removeprefix("/")
    return first.lower() if _HANDLE.fullmatch(first) and first.lower() not in _RESERVED else ""


def _href(link: Tag) -> str:
    return str(link.get("href") or "")


def _path(href: str) -> str:
    parts = split_url(href)
    return parts.path if not parts.netloc or parts.hostname in _SITES else ""


def _text(node: Tag | None) -> str:
    return node.get_text(" ", strip=True) if node is not None else ""


def _first_of_month(month: str, year: int) -> int | None:
    try:
        return max(0, int(datetime.strptime(f"1 {month} {year} +0000", "%d %B %Y %z").astimezone(UTC).timestamp()))
    except (ValueError, OverflowError):
        return None
