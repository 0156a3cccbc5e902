"""Bluesky, read without login from an AppView (XRPC ``app.bsky.*``; lexicons of bluesky-social/atproto)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import idna
import msgspec

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
from server.errors import (
    AccountRefused,
    AccountUnknown,
    BadHandle,
    UnreadableAnswer,
    UpstreamRefusal,
    UpstreamUnavailable,
)
from server.networks.fingerprint import consent_in, first_outside_host, hashtags, language_mark, text_hashes, words_in
from server.networks.network import WINDOW, Fetcher, Listed, ListedPage, OwnWords
from server.networks.reading import at, each, maybe, seconds, split_url, whole
from server.networks.study import STUDY_CALLS, Study
from server.networks.whereabouts import place_in

PUBLIC_APPVIEW = "https://public.api.bsky.app"

_PAGE = 100
_STUDY_PEOPLE = 75
PEOPLE_PER_CALL = 25
"""Profiles that are told at once; no more are."""
_THREAD_DEPTH = 6

_OWN_HOSTS = ("bsky.app", "bsky.social", "bsky.network", "media.tenor.com")
"""Links there do not lead out; animated pictures are embedded as links to Tenor."""

_HANDLE = re.compile(r"(?=.{3,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
_DID = re.compile(r"did:plc:[a-z2-7]{24}|did:web:[a-z0-9.-]{3,253}(?:%3a\d{1,5})?", re.IGNORECASE)
_PACK, _LIST = "app.bsky.graph.starterpack", "app.bsky.graph.list"
_RECORD_KEY = re.compile(r"[A-Za-z0-9._:~-]{1,512}")
_LIST_URI = re.compile(r"at://did:[a-z]+:[^/\s]+/app\.bsky\.graph\.list/[A-Za-z0-9._:~-]{1,512}")
_LONGEST_NAME = 100
_POST_URI = re.compile(r"at://(did:[a-z]+:[^/]+)/app\.bsky\.feed\.post/([^/]+)")


class Label(msgspec.Struct):
    val: str
    src: str = ""
    neg: bool = False


class Actor(msgspec.Struct):
    did: str
    handle: str = ""


class ProfileView(msgspec.Struct, rename="camel"):
    did: str
    handle: str
    display_name: str | None = None
    description: str | None = None
    created_at: str | None = None
    followers_count: int | None = None
    follows_count: int | None = None
    posts_count: int | None = None
    labels: list[Label] | None = None


class Link(msgspec.Struct):
    uri: str = ""


class ReplyLinks(msgspec.Struct):
    root: Link
    parent: Link


class Feature(msgspec.Struct):
    type: str = msgspec.field(name="$type", default="")
    uri: str = ""
    did: str = ""
    tag: str = ""


class ByteRange(msgspec.Struct, rename="camel"):
    byte_start: int
    byte_end: int


class Facet(msgspec.Struct):
    index: ByteRange
    features: list[Feature]


class PostRecord(msgspec.Struct, rename="camel"):
    text: str = ""
    created_at: str = ""
    reply: ReplyLinks | None = None
    facets: list[Any] | None = None
    tags: Any = None
    langs: Any = None
    embed: Any = None


class PostView(msgspec.Struct, rename="camel"):
    uri: str
    author: Actor
    record: PostRecord
    indexed_at: str = ""
    like_count: int = UNKNOWN
    repost_count: int = UNKNOWN
    reply_count: int = UNKNOWN
    quote_count: int = UNKNOWN
    embed: Any = None


class Reason(msgspec.Struct, rename="camel"):
    type: str = msgspec.field(name="$type", default="")
    by: Actor | None = None
    indexed_at: str = ""


class FeedItem(msgspec.Struct):
    post: PostView
    reason: Reason | None = None
    reply: Any = None


class Feed(msgspec.Struct):
    feed: list[Any]
    cursor: str | None = None


class Follows(msgspec.Struct):
    people: list[Any] = msgspec.field(name="follows")
    cursor: str | None = None


class Followers(msgspec.Struct):
    people: list[Any] = msgspec.field(name="followers")
    cursor: str | None = None


class ListView(msgspec.Struct, rename="camel"):
    name: str = ""
    purpose: str = ""
    list_item_count: int | None = None


class Members(msgspec.Struct):
    about: ListView = msgspec.field(name="list")
    items: list[Any]
    cursor: str | None = None


class Like(msgspec.Struct, rename="camel"):
    actor: Actor
    created_at: str = ""


class Bluesky:
    """Implements ``server.networks.network.Network``. ``appview``: base URL of the AppView that is asked."""

    id = "bluesky"
    title = "Bluesky"

    def __init__(self, appview: str = PUBLIC_APPVIEW) -> None:
        self._xrpc = appview.rstrip("/") + "/xrpc/"

    def canonical_handle(self, text: str) -> str:
        """A handle or DID out of what was typed: ``@``, odd case, profile URLs and at:// URIs included. Raises BadHandle."""
        name = _name_in(text)
        if _DID.fullmatch(name):
            return name.lower()
        try:
            handle = name.lower() if name.isascii() else idna.encode(name, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            handle = ""
        if _HANDLE.fullmatch(handle):
            return handle
        shown = text.strip()[:60]
        raise BadHandle(f"“{shown}” is no Bluesky handle: type it in full, as in alice.bsky.social, or a DID")

    def profile_url(self, handle: str) -> str:
        """The account's page on bsky.app."""
        return f"https://bsky.app/profile/{handle}"

    def glance(self, handle: str, fetcher: Fetcher, now: int) -> Activity:
        """Profile and the newest 100 items, in two parallel calls.

        Raises AccountUnknown, AccountRefused, UpstreamUnavailable.
        """
        with ThreadPoolExecutor(2) as pool:
            profile_answer = pool.submit(self.ask, fetcher, "app.bsky.actor.getProfile", {"actor": handle})
            feed_answer = pool.submit(self.page, fetcher, handle, "")
        try:
            view = whole(profile_answer.result(), ProfileView, self.title)
            feed = feed_answer.result()
        except UpstreamRefusal as refusal:
            raise _in_words(refusal, handle) from refusal
        builder = ActivityBuilder(_profile(view), now)
        if builder.profile.consent is Consent.REFUSED:
            raise AccountRefused(f"{handle} is not scored: {builder.profile.consent_reason}")
        builder.count(now, view.followers_count, view.follows_count, view.posts_count)
        reading = _Reading(builder, view.handle)
        reading.feed(feed)
        builder.coverage = _coverage(Depth.GLANCE, feed, reading.oldest, now)
        return builder.build(now - WINDOW)

    def study(self, activity: Activity, fetcher: Fetcher, now: int) -> Activity:
        """What at most thirty further calls add: pages, threads, who engaged and how many follow those.

        Goes on where ``activity.coverage`` stopped; what it got before an upstream failed it returns. Raises
        UpstreamUnavailable only when the very first call fails.
        """
        return _Study(self, activity, fetcher.budget(STUDY_CALLS), now).run()

    def follows(self, handle: str, cursor: str, fetcher: Fetcher) -> ListedPage:
        """A hundred of the accounts that it follows, by DID; those deleted, deactivated or suspended are left out by the AppView.

        Raises AccountUnknown, AccountRefused, UpstreamUnavailable.
        """
        owner, answer = self._people(handle, "getFollows", cursor, fetcher)
        page = whole(answer, Follows, self.title)
        return _listed(page.people, page.cursor, cursor, owner.follows_count if owner else None)

    def followers(self, handle: str, cursor: str, fetcher: Fetcher) -> ListedPage:
        """A hundred of the accounts that follow it, the newest first; otherwise like ``follows``."""
        owner, answer = self._people(handle, "getFollowers", cursor, fetcher)
        page = whole(answer, Followers, self.title)
        return _listed(page.people, page.cursor, cursor, owner.followers_count if owner else None)

    def _people(self, handle: str, method: str, cursor: str, fetcher: Fetcher) -> tuple[ProfileView | None, Any]:
        """With the first page its profile, and the page of whom it follows, or who follows it, as the AppView answers."""
        params = {"actor": handle, "limit": str(_PAGE)} | ({"cursor": cursor} if cursor else {})
        what = f"The {method.removeprefix('get').lower()} of {handle}"
        try:
            owner = None if cursor else self._willing(handle, what, fetcher)
            return owner, self.ask(fetcher, f"app.bsky.graph.{method}", params)
        except UpstreamRefusal as refusal:
            raise _in_words(refusal, handle) from refusal

    def list_address(self, text: str) -> str:
        """The ``at://`` address of a starter pack or list, out of that or of the address of its page. Raises BadHandle."""
        return _list_address(text)

    def members(self, address: str, cursor: str, fetcher: Fetcher) -> ListedPage:
        """A hundred of the accounts in a starter pack or on a list. Those deleted, deactivated or suspended are left out by the AppView.

        Raises AccountUnknown, AccountRefused, UpstreamUnavailable.
        """
        if cursor:
            # The list behind a starter pack is found once; afterwards the cursor names it.
            uri, _, after = cursor.partition(" ")
            return self._members(uri, after, fetcher)
        author, collection, key = address.removeprefix("at://").split("/")
        try:
            owner = self._willing(author, f"The lists of {author}", fetcher)
        except UpstreamRefusal as refusal:
            raise _in_words(refusal, author) from refusal
        # Only starter packs are found by the handle of their author; lists by its DID.
        uri, title = f"at://{owner.did}/{collection}/{key}", ""
        if collection == _PACK:
            uri, title = self._pack(uri, fetcher)
        page = self._members(uri, "", fetcher)
        named = f"the starter pack {title}" if collection == _PACK else f"the list {page.title}"
        return replace(page, title=f"{named} by {_profile(owner).handle}")

    def _pack(self, uri: str, fetcher: Fetcher) -> tuple[str, str]:
        """The address of the list behind a starter pack, and the pack's name."""
        try:
            answer = self.ask(fetcher, "app.bsky.graph.getStarterPack", {"starterPack": uri})
        except UpstreamRefusal as refusal:
            raise _list_in_words(refusal, "starter pack") from refusal
        behind, name = at(answer, "starterPack", "list", "uri"), at(answer, "starterPack", "record", "name")
        if not isinstance(behind, str) or not _LIST_URI.fullmatch(behind):
            raise AccountUnknown("The list behind that starter pack is gone; nobody is in the pack any more.")
        return behind, _name_of(name)

    def _members(self, uri: str, after: str, fetcher: Fetcher) -> ListedPage:
        params = {"list": uri, "limit": str(_PAGE)} | ({"cursor": after} if after else {})
        try:
            answer = self.ask(fetcher, "app.bsky.graph.getList", params)
        except UpstreamRefusal as refusal:
            raise _list_in_words(refusal, "list") from refusal
        page = whole(answer, Members, self.title)
        if page.about.purpose.endswith("#modlist"):
            raise AccountRefused("That list is one for muting or blocking the accounts on it, and is not looked at.")
        people = [at(item, "subject") for item in page.items]
        found = _listed(people, page.cursor, after, None if after else page.about.list_item_count)
        title = "" if after else _name_of(page.about.name)
        return replace(found, cursor=found.cursor and f"{uri} {found.cursor}", title=title)

    def own_words(self, handle: str, fetcher: Fetcher) -> OwnWords:
        """The description of its profile.

        Raises AccountUnknown, AccountRefused, UpstreamUnavailable.
        """
        try:
            answer = self.ask(fetcher, "app.bsky.actor.getProfile", {"actor": handle})
        except UpstreamRefusal as refusal:
            raise _in_words(refusal, handle) from refusal
        view = whole(answer, ProfileView, self.title)
        profile = _profile(view)
        return OwnWords(profile.ref.id, profile.handle, (view.description or "",))

    def profiles(self, accounts: Sequence[str], fetcher: Fetcher) -> list[Profile]:
        """The profiles of at most PEOPLE_PER_CALL accounts, given by DID; those deleted, deactivated or suspended are left out by the AppView.

        Raises UpstreamRefusal, UpstreamUnavailable.
        """
        answer = self.ask(fetcher, "app.bsky.actor.getProfiles", [("actors", account) for account in accounts])
        found = at(answer, "profiles")
        if not isinstance(found, list):
            raise UnreadableAnswer(f"{self.title} answered in a form that this version does not understand", 3600.0)
        return [_profile(view) for view in each(found, ProfileView)]

    def _willing(self, handle: str, what: str, fetcher: Fetcher) -> ProfileView:
        """The profile of an account whose lists may be looked at; ``what``: what is not, where they may not."""
        view = whole(self.ask(fetcher, "app.bsky.actor.getProfile", {"actor": handle}), ProfileView, self.title)
        profile = _profile(view)
        if profile.consent is Consent.REFUSED:
            raise AccountRefused(f"{what} are not looked at: {profile.consent_reason}")
        return view

    def ask(self, fetcher: Fetcher, method: str, params: dict[str, str] | list[tuple[str, str]]) -> Any:
        """The AppView's answer to an XRPC query, undecided about its shape."""
        return fetcher.get_json(self._xrpc + method, params)

    def page(self, fetcher: Fetcher, actor: str, cursor: str) -> Feed:
        """One page of an account's timeline, from the newest on when the cursor is empty."""
        params = {"actor": actor, "limit": str(_PAGE), "filter": "posts_with_replies", "includePins": "false"}
        params |= {"cursor": cursor} if cursor else {}
        return whole(self.ask(fetcher, "app.bsky.feed.getAuthorFeed", params), Feed, self.title)


def _shown_handle(actor: Actor) -> str:
    """The handle, or the DID of an account whose handle is not valid just now."""
    return actor.handle if actor.handle and actor.handle != "handle.invalid" else actor.did


def _listed(people: Any, after: str | None, before: str, count: int | None) -> ListedPage:
    """A page of these people; ``after``: where the AppView says that it goes on, ``before``: where this page began."""
    listed = (Listed(actor.did, _shown_handle(actor)) for actor in each(people, Actor))
    return ListedPage(tuple(listed), after if after and after != before else "", count)


def _name_of(name: Any) -> str:
    """What somebody called a list, in quotes and in one line."""
    words = (
        " ".join("".join(c for c in name if c.isprintable() or c.isspace()).split()) if isinstance(name, str) else ""
    )
    return f"“{words[:_LONGEST_NAME]}”" if words else "without a name"


class _Reading:
    """Maps views of the AppView into rows of an activity."""

    def __init__(self, builder: ActivityBuilder, handle: str) -> None:
        self.builder = builder
        self.me = builder.profile.ref.id
        self.my_handle = handle
        self.oldest = 2**62

    def feed(self, feed: Feed) -> None:
        """All items of a timeline page; those of a shape not understood are left out."""
        for item in each(feed.feed, FeedItem):
            if item.reason is not None and item.reason.type.endswith("#reasonRepost"):
                self._repost(item, item.reason)
            elif item.post.author.did == self.me:
                parent = at(item.reply, "parent", "author")
                if isinstance(parent, dict):
                    self._person(parent)
                self.post(item.post, timeline=True)

    def post(self, view: PostView, *, timeline: bool) -> None:
        """One post written by the account; left out when it is not dated."""
        time, record = _post_time(view), view.record
        if time is None:
            return
        if timeline:
            self.oldest = min(self.oldest, time)
        kind, parent = self._kind(record)
        links, mentioned, text = _facets(record)
        quoted = _quoted_view(view.embed) if kind is PostKind.QUOTE else {}
        if quoted and isinstance(quoted.get("author"), dict):
            self._person(quoted["author"])
        words = words_in(text)
        text_hash, opening_hash = text_hashes(words)
        target = _did_of(parent)
        self.builder.post(
            Post(
                id=view.uri,
                time=time,
                kind=kind,
                url=_post_url(view.uri, self.my_handle),
                target=target,
                parent=parent,
                conversation=record.reply.root.uri if record.reply else view.uri,
                likes=view.like_count,
                reposts=view.repost_count,
                replies=view.reply_count,
                quotes=view.quote_count,
                text_hash=text_hash,
                opening_hash=opening_hash,
                words=words,
                link_source=first_outside_host([*links, *_external_link(record.embed)], _OWN_HOSTS),
                tags=hashtags(_tags(record)),
                language=_language(record),
                mentions=len(mentioned - {self.me}),
                mentions_self=kind is PostKind.QUOTE and self._addresses_me(at(quoted, "value")),
                own=kind is PostKind.QUOTE and target == self.me,
                timeline=timeline,
            )
        )

    def reply_from(self, view: PostView, parent: str) -> None:
        """Somebody's reply to one of the account's posts."""
        self._interaction(view, InteractionKind.REPLY, parent)

    def quote_from(self, view: PostView, post: str) -> None:
        """Somebody's quote of one of the account's posts."""
        self._interaction(view, InteractionKind.QUOTE, post)

    def deed(self, kind: InteractionKind, actor: Actor, post: str, time: int | None) -> None:
        """Somebody's like or repost of one of the account's posts."""
        self.builder.person(actor.did, actor.handle)
        name = f"{kind.name.lower()}:{actor.did}:{post}"
        self.builder.interaction(Interaction(name, kind, actor.did, UNKNOWN if time is None else time, post=post))

    def _interaction(self, view: PostView, kind: InteractionKind, post: str) -> None:
        time = _post_time(view)
        self.builder.person(view.author.did, view.author.handle)
        self.builder.interaction(
            Interaction(
                id=view.uri,
                kind=kind,
                actor=view.author.did,
                time=UNKNOWN if time is None else time,
                url=_post_url(view.uri, view.author.handle or view.author.did),
                post=post,
            )
        )

    def _repost(self, item: FeedItem, reason: Reason) -> None:
        time = seconds(reason.indexed_at)
        if time is None or (reason.by is not None and reason.by.did != self.me):
            return
        self.oldest = min(self.oldest, time)
        author = item.post.author
        self.builder.person(author.did, author.handle)
        # Its text, links and counts are its author's, so they are not noted as this account's.
        self.builder.post(
            Post(
                id=f"repost:{item.post.uri}",
                time=time,
                kind=PostKind.REPOST,
                url=_post_url(item.post.uri, author.handle or author.did),
                target=author.did,
                parent=item.post.uri,
                mentions_self=self._addresses_me(item.post.record),
                own=author.did == self.me,
            )
        )

    def _kind(self, record: PostRecord) -> tuple[PostKind, str]:
        if record.reply is not None:
            parent = record.reply.parent.uri
            return (PostKind.THREAD if _did_of(parent) == self.me else PostKind.REPLY), parent
        quoted = quoted_uri(record.embed)
        return (PostKind.QUOTE, quoted) if quoted else (PostKind.ORIGINAL, "")

    def _addresses_me(self, record: Any) -> bool:
        if not isinstance(record, PostRecord):
            record = maybe(record, PostRecord)
        if record is None:
            return False
        answers_me = record.reply is not None and _did_of(record.reply.parent.uri) == self.me
        return answers_me or self.me in _facets(record)[1]

    def _person(self, author: dict[str, Any]) -> None:
        actor = maybe(author, Actor)
        if actor is not None:
            self.builder.person(actor.did, actor.handle)


class _Study(Study):
    most_threads = 10
    most_engaged_posts = 4

    def __init__(self, network: Bluesky, activity: Activity, fetcher: Fetcher, now: int) -> None:
        super().__init__(activity, now)
        self._network, self._fetcher = network, fetcher
        self._reading = _Reading(self.builder, activity.profile.handle)
        self._me = activity.ref.id

    def read_page(self, cursor: str) -> Coverage:
        feed = self._network.page(self._fetcher, self._me, cursor)
        self._reading.feed(feed)
        return _coverage(Depth.STUDY, feed, self._reading.oldest, self.now)

    def read_thread(self, post: Post) -> Iterable[str]:
        # One's own thread read from its first post shows the answers to all one's posts in it.
        first = post.conversation if _did_of(post.conversation) == self._me else post.id
        if first in self.builder.coverage.threads_read:
            first = post.id
        params = {"uri": first, "depth": str(_THREAD_DEPTH), "parentHeight": "0"}
        answer = self._ask("app.bsky.feed.getPostThread", params)
        read = [first]
        for depth, parent, view in _replies(at(answer, "thread")):
            if view.author.did == self._me:
                self._reading.post(view, timeline=False)
                read += [view.uri] if depth < _THREAD_DEPTH else []
            elif _did_of(parent) == self._me:
                self._reading.reply_from(view, parent)
        return read

    def read_engagers(self, post: Post) -> None:
        params = {"uri": post.id, "limit": str(_PAGE)}
        if post.likes > 0:
            for like in each(at(self._ask("app.bsky.feed.getLikes", params), "likes"), Like):
                self._reading.deed(InteractionKind.LIKE, like.actor, post.id, seconds(like.created_at))
        if post.reposts > 0:
            for actor in each(at(self._ask("app.bsky.feed.getRepostedBy", params), "repostedBy"), Actor):
                self._reading.deed(InteractionKind.REPOST, actor, post.id, None)
        if post.quotes > 0:
            for view in each(at(self._ask("app.bsky.feed.getQuotes", params), "posts"), PostView):
                self._reading.quote_from(view, post.id)

    def read_further(self) -> None:
        """How many follow those who engaged, the newest first."""
        activity = self.builder.build()
        people, actors = activity.people, dict.fromkeys(activity.interactions.actor.tolist())
        wanted = [people.id[i] for i in actors if people.followers[i] == UNKNOWN][:_STUDY_PEOPLE]
        for start in range(0, len(wanted), PEOPLE_PER_CALL):
            batch = wanted[start : start + PEOPLE_PER_CALL]
            answer = self._ask("app.bsky.actor.getProfiles", [("actors", did) for did in batch])
            for view in each(at(answer, "profiles"), ProfileView):
                place = place_in(view.description or "")
                self.builder.person(view.did, view.handle, view.followers_count, view.follows_count, place)

    def _ask(self, method: str, params: dict[str, str] | list[tuple[str, str]]) -> Any:
        return self.answer(lambda: self._network.ask(self._fetcher, method, params))


def _name_in(text: str) -> str:
    # Bluesky's own app wraps copied handles in invisible marks of writing direction.
    name = "".join(c for c in text[:2000] if unicodedata.category(c) != "Cf").strip()
    if name.lower().startswith("at://"):
        name = name[5:].split("/")[0]
    elif "/" in name:
        parts = split_url(name if "://" in name else "https://" + name)
        _, _, rest = unquote(parts.path).partition("/profile/")
        name = rest.split("/")[0]
    return name.removeprefix("@").rstrip(".")


def _list_address(text: str) -> str:
    address = "".join(c for c in text[:2000] if unicodedata.category(c) != "Cf").strip()
    if address.lower().startswith("at://"):
        author, collection, key = [*address[5:].split("/"), "", ""][:3]
    else:
        parts = split_url(address if "://" in address else "https://" + address)
        if parts.netloc.lower() == "go.bsky.app":
            raise BadHandle("That is a short address. Open it, and paste the longer one that the browser then shows.")
        segments = [*(unquote(part) for part in parts.path.split("/") if part), "", "", "", ""]
        collection, author, key = {
            "starter-pack": (_PACK, segments[1], segments[2]),
            "start": (_PACK, segments[1], segments[2]),
            "profile": (_LIST if segments[2] == "lists" else "", segments[1], segments[3]),
        }.get(segments[0], ("", "", ""))
    author = author.removeprefix("@").lower()
    is_author = _DID.fullmatch(author) or _HANDLE.fullmatch(author)
    if collection in (_PACK, _LIST) and is_author and _RECORD_KEY.fullmatch(key):
        return f"at://{author}/{collection}/{key}"
    raise BadHandle(
        f"“{text.strip()[:60]}” is not the address of a starter pack or a list: paste that of its page on Bluesky, as in "
        "https://bsky.app/starter-pack/alice.bsky.social/3kabc or https://bsky.app/profile/alice.bsky.social/lists/3kabc"
    )


def consent_of(description: str, own_labels: Collection[str]) -> tuple[Consent, str]:
    """What an account asks for by its description and by the labels that it gave itself, and why in neutral words (empty: OPEN)."""
    consent, reason = consent_in(description)
    if consent is Consent.OPEN and "!no-unauthenticated" in own_labels:
        return Consent.EPHEMERAL, "it asks to be shown only to people who are logged in"
    return consent, reason


def _profile(view: ProfileView) -> Profile:
    own_labels = {label.val for label in view.labels or () if label.src == view.did and not label.neg}
    consent, reason = consent_of(view.description or "", own_labels)
    handle = view.did if view.handle == "handle.invalid" else view.handle
    return Profile(
        ref=AccountRef("bluesky", view.did),
        handle=handle,
        display_name=view.display_name or "",
        url=f"https://bsky.app/profile/{handle}",
        created_at=seconds(view.created_at or ""),
        followers=view.followers_count,
        following=view.follows_count,
        posts=view.posts_count,
        declared_bot="bot" in own_labels,
        consent=consent,
        consent_reason=reason,
    )


def _coverage(depth: Depth, feed: Feed, oldest: int, now: int) -> Coverage:
    complete = not feed.cursor or oldest < now - WINDOW
    return Coverage(depth=depth, timeline_complete=complete, cursor="" if complete else feed.cursor or "")


def _in_words(refusal: UpstreamRefusal, handle: str) -> Exception:
    """The AppView's refusal of a profile or feed as what it says of the account."""
    name, message = str(at(refusal.body, "error") or ""), str(at(refusal.body, "message") or "").lower()
    if name == "AccountTakedown" or "suspended" in message or "taken down" in message:
        return AccountRefused(f"{handle} is suspended on Bluesky")
    if name == "AccountDeactivated" or "deactivated" in message:
        return AccountRefused(f"{handle} is deactivated by its owner")
    if refusal.status in (400, 404, 410) and (
        "not found" in message or "resolve" in message or "must be a valid" in message
    ):
        return AccountUnknown(f"there is no account {handle} on Bluesky")
    return UpstreamUnavailable(f"Bluesky refused the request (it answered {refusal.status})", 600.0)


def _list_in_words(refusal: UpstreamRefusal, what: str) -> Exception:
    """The AppView's refusal of a starter pack or a list."""
    if "not found" in str(at(refusal.body, "message") or "").lower():
        return AccountUnknown(f"There is no such {what} on Bluesky; it may have been deleted.")
    return UpstreamUnavailable(f"Bluesky refused the request (it answered {refusal.status})", 600.0)


def _replies(thread: Any) -> Iterator[tuple[int, str, PostView]]:
    """Every reply below a thread's first post: its depth, the URI of the post that it answers, itself."""
    waiting = [(thread, 0)]
    while waiting:
        node, depth = waiting.pop()
        replies = at(node, "replies")
        for reply in replies if isinstance(replies, list) else ():
            view = maybe(at(reply, "post"), PostView)
            if view is not None and view.record.reply is not None:
                yield depth + 1, view.record.reply.parent.uri, view
            waiting.append((reply, depth + 1))


def _facets(record: PostRecord) -> tuple[list[str], set[str], str]:
    """Links, DIDs mentioned, and the text without both."""
    links: list[str] = []
    mentions: set[str] = set()
    text = record.text.encode("utf-8", "surrogatepass")
    cuts = []
    for facet in each(record.facets, Facet):
        links += [f.uri for f in facet.features if f.type.endswith("#link")]
        mentions |= {f.did for f in facet.features if f.type.endswith("#mention")}
        if any(not f.type.endswith("#tag") for f in facet.features):
            cuts.append((facet.index.byte_start, facet.index.byte_end))
    for start, end in sorted(cuts, reverse=True):
        if 0 <= start <= end <= len(text):
            text = text[:start] + b" " + text[end:]
    return links, mentions, text.decode("utf-8", "replace")


def _language(record: PostRecord) -> str:
    """The one language that it is marked with; none of several."""
    marks = {language_mark(mark) for mark in record.langs[:10]} if isinstance(record.langs, list) else set()
    return marks.pop() if len(marks) == 1 else ""


def _tags(record: PostRecord) -> Iterator[object]:
    """Hashtags in the text, then those that stand beside it."""
    for facet in each(record.facets, Facet):
        yield from (f.tag for f in facet.features if f.type.endswith("#tag"))
    yield from record.tags if isinstance(record.tags, list) else ()


def _external_link(embed: Any) -> Iterable[str]:
    for place in (embed, at(embed, "media")):
        uri = at(place, "external", "uri")
        if isinstance(uri, str):
            yield uri


def quoted_uri(embed: Any) -> str:
    """URI of the post that an embed of a record quotes; feeds, lists and starter packs are no quotes."""
    kind = at(embed, "$type")
    uri = at(embed, "record", "uri") if kind == "app.bsky.embed.record" else at(embed, "record", "record", "uri")
    return uri if isinstance(uri, str) and _POST_URI.fullmatch(uri) else ""


def _quoted_view(embed: Any) -> dict[str, Any]:
    record = at(embed, "record")
    inner = at(record, "record")
    view = inner if isinstance(inner, dict) else record
    return view if isinstance(view, dict) else {}


def _post_url(uri: str, handle: str) -> str:
    return f"https://bsky.app/profile/{handle}/post/{uri.rsplit('/', 1)[-1]}"


def _did_of(uri: str) -> str:
    return uri[5:].split("/")[0] if uri.startswith("at://did:") else ""


def _post_time(view: PostView) -> int | None:
    """As the AppView sorts: the date that the author gave, unless it lies after the post was seen."""
    times = [t for t in (seconds(view.record.created_at), seconds(view.indexed_at)) if t is not None]
    return min(times, default=None)
