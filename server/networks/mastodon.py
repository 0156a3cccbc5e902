"""Mastodon and servers that speak its API, read without login from the account's own server (docs.joinmastodon.org, 4.x)."""

from __future__ import annotations

import html
import re
import threading
import time
import unicodedata
from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

import idna
import msgspec
from selectolax.lexbor import LexborHTMLParser

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
    CallBudgetSpent,
    UnreadableAnswer,
    UpstreamRefusal,
    UpstreamUnavailable,
)
from server.networks.fingerprint import consent_in, first_outside_host, hashtags, language_mark, text_hashes, words_in
from server.networks.network import WINDOW, Fetcher, Listed, ListedPage, OwnWords
from server.networks.reading import at, each, maybe, seconds, split_url, whole
from server.networks.study import STUDY_CALLS, Study
from server.networks.whereabouts import place_in

_PAGE = 40
_PEOPLE_PAGE = 80
_LISTS = {"following": "follows", "followers": "followers"}
"""What a list of people is called in the API's paths, and in words."""
_HOME_KEPT = 86_400.0
_MOST_HOMES = 10_000

_USER = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]{0,98}[a-z0-9_])?")
_DOMAIN = re.compile(
    r"(?=.{3,260}$)(?:(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{1,63}|localhost)(?::\d{1,5})?"
)
_TEMPLATE = re.compile(r"""<Link\b[^>]{0,500}?\btemplate\s*=\s*["']([^"'<>]{1,500})["']""", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")


class Account(msgspec.Struct):
    id: str
    acct: str
    username: str = ""
    display_name: str | None = None
    note: str | None = None
    url: str | None = None
    created_at: str | None = None
    followers_count: int | None = None
    following_count: int | None = None
    statuses_count: int | None = None
    bot: bool | None = None
    noindex: bool | None = None
    discoverable: bool | msgspec.UnsetType | None = msgspec.UNSET
    suspended: bool | None = None
    memorial: bool | None = None
    limited: bool | None = None
    hide_collections: bool | None = None
    fields: Any = None
    moved: Any = None


class ProfileField(msgspec.Struct):
    name: str = ""
    value: str = ""


class Mention(msgspec.Struct):
    id: str = ""
    acct: str = ""
    url: str | None = None


class Tag(msgspec.Struct):
    name: Any = None
    url: str | None = None


class Application(msgspec.Struct):
    name: str | None = None


class Status(msgspec.Struct):
    id: str
    account: Account
    created_at: str
    url: str | None = None
    uri: str | None = None
    content: str | None = None
    visibility: str = "public"
    in_reply_to_id: str | None = None
    in_reply_to_account_id: str | None = None
    favourites_count: int = UNKNOWN
    reblogs_count: int = UNKNOWN
    replies_count: int = UNKNOWN
    quotes_count: int = UNKNOWN
    mentions: list[Any] | None = None
    tags: list[Any] | None = None
    language: Any = None
    application: Application | None = None
    reblog: Any = None
    quote: Any = None


@dataclass(frozen=True, slots=True)
class Home:
    """Where the accounts of a domain are asked for, and the domain in their names."""

    origin: str
    domain: str


class Mastodon:
    """Implements ``server.networks.network.Network``.

    The first account of a domain costs one call more than later ones: WebFinger tells whether names there carry another
    domain than the server has, so that ``user@social.example.org`` and ``user@example.org`` are one account. ``plain_http``:
    domains spoken to without encryption (a local network; the client must allow it too).
    """

    id = "mastodon"
    title = "Mastodon"

    def __init__(self, plain_http: Collection[str] = ()) -> None:
        self._plain_http = frozenset(plain_http)
        self._homes: dict[str, tuple[Home, float]] = {}
        self._lock = threading.Lock()

    def canonical_handle(self, text: str) -> str:
        """``user@domain`` out of what was typed: ``@``, ``acct:``, odd case, profile and post addresses. Raises BadHandle."""
        user, _, domain = _name_in(text).partition("@")
        user = user.lower()
        try:
            domain = domain.lower() if domain.isascii() else idna.encode(domain, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            domain = ""
        if _USER.fullmatch(user) and _DOMAIN.fullmatch(domain):
            return f"{user}@{domain}"
        shown = text.strip()[:60]
        raise BadHandle(f"“{shown}” is no Mastodon handle: type name and server, as in alice@mastodon.social")

    def profile_url(self, handle: str) -> str:
        """The account's page on its own server."""
        user, _, domain = handle.partition("@")
        home = self._known_home(domain)
        return f"{home.origin if home else self._origin(domain)}/@{user}"

    def glance(self, handle: str, fetcher: Fetcher, now: int) -> Activity:
        """The account and its newest 40 statuses.

        Raises AccountUnknown, AccountRefused, UpstreamUnavailable.
        """
        user, _, domain = handle.partition("@")
        try:
            home, account = self._find(user, domain, fetcher)
            _check_consent(account, f"{handle} is not scored")
            with ThreadPoolExecutor(2) as pool:
                asked = pool.submit(self._name_domain, user, domain, home, fetcher)
                page = pool.submit(self.statuses, fetcher, home, account.id, "")
                home, statuses = asked.result(), page.result()
        except UpstreamRefusal as refusal:
            raise _in_words(refusal, handle) from refusal
        account = _counted(account, statuses)
        profile = replace(_profile(account, f"{user}@{home.domain}"), moved_to=self._moved_to(account, home))
        builder = ActivityBuilder(profile, now)
        builder.count(now, account.followers_count, account.following_count, account.statuses_count)
        reading = _Reading(builder, home, account.id)
        reading.page(statuses)
        builder.coverage = _coverage(Depth.GLANCE, statuses, reading.oldest, now)
        return builder.build(now - WINDOW)

    def study(self, activity: Activity, fetcher: Fetcher, now: int) -> Activity:
        """What at most thirty further calls add: pages, answers, who boosted and favourited (with their followers).

        Goes on where ``activity.coverage`` stopped; what it got before an upstream failed it returns. Raises
        UpstreamUnavailable only when the very first call fails.
        """
        fetcher = fetcher.budget(STUDY_CALLS)
        user, _, domain = activity.ref.id.partition("@")
        try:
            home, account = self._find(user, domain, fetcher)
        except UpstreamRefusal as refusal:
            raise _in_words(refusal, activity.ref.id) from refusal
        return _Study(self, activity, fetcher, now, Home(home.origin, domain), account.id).run()

    def follows(self, handle: str, cursor: str, fetcher: Fetcher) -> ListedPage:
        """Eighty of the accounts that it follows, as its own server lists them.

        Raises AccountUnknown, AccountRefused, UpstreamUnavailable.
        """
        return self._people(handle, "following", cursor, fetcher)

    def followers(self, handle: str, cursor: str, fetcher: Fetcher) -> ListedPage:
        """Eighty of the accounts that follow it, the newest first, as its own server lists them.

        Raises AccountUnknown, AccountRefused, UpstreamUnavailable.
        """
        return self._people(handle, "followers", cursor, fetcher)

    def _people(self, handle: str, which: str, cursor: str, fetcher: Fetcher) -> ListedPage:
        user, _, domain = handle.partition("@")
        try:
            home, account = self._find(user, domain, fetcher)
            _check_consent(account, f"The {_LISTS[which]} of {handle} are not looked at")
            home = self._name_domain(user, domain, home, fetcher)
            params = {"limit": str(_PEOPLE_PAGE)} | ({"max_id": cursor} if cursor else {})
            url = f"{home.origin}/api/v1/accounts/{quote(account.id, safe='')}/{which}"
            answer, following = fetcher.get_linked_json(url, params, user_named=True)
        except UpstreamRefusal as refusal:
            raise _in_words(refusal, handle) from refusal
        names = [_full(a.acct, home) for a in each(whole(answer, list[Any], f"the server {home.domain}"), Account)]
        # Pages are numbered by follow, not by account: only the server knows where the next one begins. Of its address only that number is taken.
        after = dict(parse_qsl(split_url(following).query)).get("max_id", "")[:40]
        count = account.following_count if which == "following" else account.followers_count
        return ListedPage(
            tuple(Listed(name, name) for name in names),
            after if names and after != cursor else "",
            None if cursor else count,
            hidden=not cursor and not names and bool(account.hide_collections or count),
        )

    def own_words(self, handle: str, fetcher: Fetcher) -> OwnWords:
        """Its description, the fields of its profile, and where the links in them lead.

        Raises AccountUnknown, AccountRefused, UpstreamUnavailable.
        """
        user, _, domain = handle.partition("@")
        try:
            home, account = self._find(user, domain, fetcher)
            home = self._name_domain(user, domain, home, fetcher)
        except UpstreamRefusal as refusal:
            raise _in_words(refusal, handle) from refusal
        written = [account.note or "", *(field.value for field in each(account.fields, ProfileField))]
        links = [link for content in written for link in text_and_links(content)[1]]
        name = f"{user}@{home.domain}"
        return OwnWords(name, name, (*map(text_of, written), *links))

    def _moved_to(self, account: Account, home: Home) -> str:
        moved = maybe(account.moved, Account)
        try:
            return self.canonical_handle(_full(moved.acct, home)) if moved else ""
        except BadHandle:
            return ""

    def ask(self, fetcher: Fetcher, home: Home, path: str, params: dict[str, str] | None = None) -> Any:
        """The server's answer to an API call, undecided about its shape."""
        return fetcher.get_json(f"{home.origin}/api/v1/{path}", params, user_named=True)

    def statuses(self, fetcher: Fetcher, home: Home, account_id: str, max_id: str) -> list[Any]:
        """One page of an account's timeline, from the newest on when ``max_id`` is empty."""
        params = {"limit": str(_PAGE)} | ({"max_id": max_id} if max_id else {})
        answer = self.ask(fetcher, home, f"accounts/{quote(account_id, safe='')}/statuses", params)
        return whole(answer, list[Any], f"the server {home.domain}")

    def _find(self, user: str, domain: str, fetcher: Fetcher) -> tuple[Home, Account]:
        """The account on its own server: at the domain of its name, else where WebFinger says."""
        home = self._known_home(domain)
        if home is not None:
            return home, self._lookup(user, home, fetcher)
        home = Home(self._origin(domain), domain)
        try:
            return home, self._lookup(user, home, fetcher)
        except UnreadableAnswer:
            home = self._elsewhere(user, domain, fetcher)
        except UpstreamRefusal as refusal:
            # Mastodon refuses with JSON; anything else means that another kind of site stands there.
            if isinstance(at(refusal.body, "error"), str):
                raise
            home = self._elsewhere(user, domain, fetcher)
        return home, self._lookup(user, home, fetcher)

    def _lookup(self, user: str, home: Home, fetcher: Fetcher) -> Account:
        answer = self.ask(fetcher, home, "accounts/lookup", {"acct": user})
        return whole(answer, Account, f"the server {home.domain}")

    def _elsewhere(self, user: str, domain: str, fetcher: Fetcher) -> Home:
        try:
            _, host = self._webfinger(user, domain, fetcher)
        except (UpstreamRefusal, UnreadableAnswer):
            host = ""
        if not host or host == domain:
            raise AccountUnknown(f"{domain} is not known to be a Mastodon server with an account {user}")
        return Home(self._origin(host), domain)

    def _name_domain(self, user: str, domain: str, home: Home, fetcher: Fetcher) -> Home:
        """The same server with the domain that its accounts' names carry; learnt once a day per domain."""
        known = self._known_home(domain)
        if known is not None:
            return known
        host = split_url(home.origin).netloc
        try:
            home = Home(home.origin, self._claimed_domain(user, host, domain, fetcher))
        except (UpstreamUnavailable, CallBudgetSpent):
            # Told another time; until then its own host is the name's domain.
            return Home(home.origin, host)
        with self._lock:
            if len(self._homes) >= _MOST_HOMES:
                self._homes.clear()
            for name in {domain, home.domain}:
                self._homes[name] = (home, time.monotonic() + _HOME_KEPT)
        return home

    def _claimed_domain(self, user: str, host: str, asked: str, fetcher: Fetcher) -> str:
        """The domain that the server at ``host`` gives its accounts; its own host unless the other domain agrees."""
        try:
            claimed, _ = self._webfinger(user, host, fetcher)
            if claimed in ("", host):
                return host
            # Anybody can claim another's domain: it counts only when that domain points back here. When it was asked for
            # and not this host, it already has.
            pointed = host if asked == claimed != host else self._webfinger(user, claimed, fetcher)[1]
        except (UpstreamRefusal, UnreadableAnswer):
            return host
        return claimed if pointed == host else host

    def _webfinger(self, user: str, domain: str, fetcher: Fetcher) -> tuple[str, str]:
        """The domain in the account's name and the host of its server (RFC 7033); empty when not told."""
        resource, origin = f"acct:{user}@{domain}", self._origin(domain)
        try:
            answer = fetcher.get_json(f"{origin}/.well-known/webfinger", {"resource": resource}, user_named=True)
        except (UpstreamRefusal, UnreadableAnswer):
            meta = fetcher.get_text(f"{origin}/.well-known/host-meta", accept="application/xrd+xml", user_named=True)
            template = _TEMPLATE.search(meta[:20_000])
            if template is None:
                raise
            url = html.unescape(template[1]).replace("{uri}", quote(resource, safe=""))
            answer = fetcher.get_json(url, user_named=True)
        subject, links = at(answer, "subject"), at(answer, "links")
        named = subject.rpartition("@")[2].lower() if isinstance(subject, str) and "@" in subject else ""
        for link in links if isinstance(links, list) else ():
            href = at(link, "href")
            if at(link, "rel") == "self" and isinstance(href, str):
                return named, split_url(href).netloc.lower()
        return named, ""

    def _known_home(self, domain: str) -> Home | None:
        with self._lock:
            home, until = self._homes.get(domain, (None, 0.0))
        return home if time.monotonic() < until else None

    def _origin(self, domain: str) -> str:
        return f"http{'' if domain in self._plain_http else 's'}://{domain}"


class _Reading:
    """Maps entities of one server into rows of an activity."""

    def __init__(self, builder: ActivityBuilder, home: Home, my_id: str) -> None:
        self.builder = builder
        self.oldest = 2**62
        self._home = home
        self._my_id = my_id
        self._own_hosts = (home.domain.partition(":")[0], split_url(home.origin).hostname or "")
        self._names: dict[str, str] = {}

    def page(self, statuses: list[Any]) -> None:
        """All statuses of a timeline page; those of a shape not understood are left out."""
        read = list(each(statuses, Status))
        for status in read:
            self._learn_names(status)
        for status in read:
            reblog = maybe(status.reblog, Status)
            if status.account.id == self._my_id:
                self.post(status, timeline=True)
            elif reblog is not None and reblog.account.id == self._my_id:
                # Some servers list who boosted among the account's own statuses.
                self.deed(InteractionKind.REPOST, status.account, reblog.id, seconds(status.created_at))
        self.join_conversations()

    def join_conversations(self) -> None:
        """Gives every post that continues a post held here the same conversation."""
        posts = {post.id: post for post in self.builder.own_posts()}
        for post in sorted(posts.values(), key=lambda p: p.time):
            conversation = posts[post.parent].conversation if post.parent in posts else ""
            if conversation and not post.conversation:
                self.builder.set_conversation(post.id, conversation)
                posts[post.id] = replace(post, conversation=conversation)

    def post(self, status: Status, *, timeline: bool, conversation: str = "") -> None:
        """One status of the account itself."""
        moment = seconds(status.created_at)
        if moment is None or status.visibility in ("private", "direct"):
            return
        if timeline:
            self.oldest = min(self.oldest, moment)
        reblog = maybe(status.reblog, Status)
        if reblog is not None:
            self._repost(status, reblog, moment)
        elif status.reblog is None:
            self._written(status, moment, timeline, conversation)

    def answers(self, context: Any, post_id: str) -> list[str]:
        """What a context holds of and for the account; gives the ids of its own posts whose answers are all there."""
        ancestors = list(each(at(context, "ancestors"), Status))
        descendants = list(each(at(context, "descendants"), Status))
        for status in (*ancestors, *descendants):
            self._learn_names(status)
        first = ancestors[0] if ancestors else None
        root = first.id if first is not None and first.in_reply_to_id is None else ""
        if root:
            self.builder.set_conversation(post_id, root)
        for status in descendants:
            if status.account.id == self._my_id:
                self.post(status, timeline=False, conversation=root or post_id)
            elif status.in_reply_to_account_id == self._my_id:
                self._reply(status)
        mine = [s.id for s in descendants if s.account.id == self._my_id]
        return [post_id, *mine] if len(descendants) < _CONTEXT_WITHOUT_LOGIN else [post_id]

    def deed(self, kind: InteractionKind, account: Account, post: str, moment: int | None = None) -> None:
        """Somebody's favourite or boost of one of the account's posts."""
        actor = self._person(account)
        name = f"{kind.name.lower()}:{actor}:{post}"
        self.builder.interaction(Interaction(name, kind, actor, UNKNOWN if moment is None else moment, post=post))

    def _reply(self, status: Status) -> None:
        moment = seconds(status.created_at)
        self.builder.interaction(
            Interaction(
                id=status.id,
                kind=InteractionKind.REPLY,
                actor=self._person(status.account),
                time=UNKNOWN if moment is None else moment,
                url=status.url or status.uri or "",
                post=status.in_reply_to_id or "",
            )
        )

    def _written(self, status: Status, moment: int, timeline: bool, conversation: str) -> None:
        kind, target, parent = self._kind(status)
        quoted = _quoted(status) if kind is PostKind.QUOTE else None
        not_links = {m.url for m in each(status.mentions, Mention)} | {t.url for t in each(status.tags, Tag)}
        text, links = text_and_links(status.content or "", not_links)
        words = words_in(text)
        text_hash, opening_hash = text_hashes(words)
        starts_here = status.in_reply_to_id is None
        self.builder.post(
            Post(
                id=status.id,
                time=moment,
                kind=kind,
                url=status.url or status.uri or "",
                target=target,
                parent=parent,
                conversation=conversation or (status.id if starts_here else ""),
                likes=status.favourites_count,
                reposts=status.reblogs_count,
                replies=status.replies_count,
                quotes=status.quotes_count,
                text_hash=text_hash,
                opening_hash=opening_hash,
                words=words,
                link_source=first_outside_host(links, self._own_hosts),
                client=(status.application.name or "") if status.application else "",
                tags=hashtags(tag.name for tag in each(status.tags, Tag)),
                language=language_mark(status.language),
                mentions=sum(m.id != self._my_id for m in each(status.mentions, Mention)),
                mentions_self=quoted is not None and self._addresses_me(quoted),
                own=quoted is not None and quoted.account.id == self._my_id,
                timeline=timeline,
            )
        )

    def _repost(self, status: Status, reblog: Status, moment: int) -> None:
        self.builder.post(
            Post(
                id=status.id,
                time=moment,
                kind=PostKind.REPOST,
                url=reblog.url or reblog.uri or "",
                target=self._person(reblog.account),
                parent=reblog.id,
                mentions_self=self._addresses_me(reblog),
                own=reblog.account.id == self._my_id,
            )
        )

    def _kind(self, status: Status) -> tuple[PostKind, str, str]:
        """The kind with the person and the post that it concerns."""
        if status.in_reply_to_id is not None or status.in_reply_to_account_id is not None:
            target = self._answered(status)
            mine = status.in_reply_to_account_id == self._my_id
            return (PostKind.THREAD if mine else PostKind.REPLY), target, status.in_reply_to_id or ""
        if status.quote is not None:
            quoted = _quoted(status)
            shallow = at(status.quote, "quoted_status_id")
            parent = quoted.id if quoted else shallow if isinstance(shallow, str) else ""
            return PostKind.QUOTE, self._person(quoted.account) if quoted else "", parent
        return PostKind.ORIGINAL, "", ""

    def _answered(self, status: Status) -> str:
        answered = status.in_reply_to_account_id
        if answered is None:
            return ""
        name = self._names.get(answered, "")
        mentions = list(each(status.mentions, Mention))
        if not name and mentions and mentions[0].id == "0":
            # snac gives no ids in mentions; whoever is answered comes first.
            name = self._full(mentions[0].acct)
        if name:
            self.builder.person(name, name)
        # Without a name, known only by a number of this server: still the same person each time.
        return name or f"#{answered}@{self._home.domain}"

    def _addresses_me(self, status: Status) -> bool:
        mentioned = any(mention.id == self._my_id for mention in each(status.mentions, Mention))
        return mentioned or status.in_reply_to_account_id == self._my_id

    def _learn_names(self, status: Status) -> None:
        for known in (status, maybe(status.reblog, Status), _quoted(status)):
            if known is not None:
                self._person(known.account)
                for mention in each(known.mentions, Mention):
                    if mention.acct and mention.id not in ("", "0"):
                        self._names[mention.id] = self._full(mention.acct)
        self._names[self._my_id] = self.builder.profile.ref.id

    def _person(self, account: Account) -> str:
        if account.id == self._my_id:
            return self.builder.profile.ref.id
        name = self._names[account.id] = self._full(account.acct)
        fields = ((field.name, text_of(field.value)) for field in each(account.fields, ProfileField))
        place = place_in(text_of(account.note or ""), fields)
        if _without_counts(account):
            self.builder.person(name, name, place=place)
        else:
            self.builder.person(name, name, account.followers_count, account.following_count, place)
        return name

    def _full(self, acct: str) -> str:
        return _full(acct, self._home)


def _full(acct: str, home: Home) -> str:
    """The full name of an account as a server writes it, which leaves its own domain out."""
    acct = acct.removeprefix("@").lower()
    return acct if "@" in acct else f"{acct}@{home.domain}"


_CONTEXT_WITHOUT_LOGIN = 60
"""Answers that a context shows at most to somebody not logged in (Mastodon's documentation, methods/statuses)."""


class _Study(Study):
    most_threads = 12
    most_engaged_posts = 6

    def __init__(
        self, network: Mastodon, activity: Activity, fetcher: Fetcher, now: int, home: Home, account_id: str
    ) -> None:
        super().__init__(activity, now)
        self._network, self._fetcher = network, fetcher
        self._home, self._account_id = home, account_id
        self._reading = _Reading(self.builder, home, account_id)

    def read_page(self, cursor: str) -> Coverage:
        statuses = self._network.statuses(self._fetcher, self._home, self._account_id, cursor)
        self._reading.page(statuses)
        return _coverage(Depth.STUDY, statuses, self._reading.oldest, self.now)

    def read_thread(self, post: Post) -> Iterable[str]:
        context = self._ask(f"statuses/{quote(post.id, safe='')}/context")
        return self._reading.answers(context, post.id)

    def read_engagers(self, post: Post) -> None:
        for count, path, kind in (
            (post.reposts, "reblogged_by", InteractionKind.REPOST),
            (post.likes, "favourited_by", InteractionKind.LIKE),
        ):
            if count > 0:
                path = f"statuses/{quote(post.id, safe='')}/{path}"
                for account in each(self._ask(path, {"limit": str(_PEOPLE_PAGE)}), Account):
                    self._reading.deed(kind, account, post.id)

    def _ask(self, path: str, params: dict[str, str] | None = None) -> Any:
        return self.answer(lambda: self._network.ask(self._fetcher, self._home, path, params))


def text_and_links(content: str, not_links: Collection[str | None] = ()) -> tuple[str, list[str]]:
    """A status' HTML as text without links and mentions, and where its links lead (mentions and hashtags are none)."""
    if "<a" not in content.lower():
        return html.unescape(_TAG.sub(" ", content)), []
    links: list[str] = []
    tree = LexborHTMLParser(content[:200_000])
    for anchor in tree.css("a"):
        classes = (anchor.attributes.get("class") or "").split()
        href = anchor.attributes.get("href") or ""
        if "hashtag" in classes:
            continue
        if "mention" not in classes and "u-url" not in classes and href not in not_links:
            links.append(href)
        anchor.decompose()
    return tree.text(separator=" ") if tree.body else "", links


def _name_in(text: str) -> str:
    name = "".join(c for c in text[:2000] if unicodedata.category(c) != "Cf").strip()
    name = name.removeprefix("acct:").removeprefix("ACCT:")
    if "/" not in name:
        return name.removeprefix("@")
    parts = split_url(name if "://" in name else "https://" + name)
    segments = [unquote(part) for part in parts.path.split("/") if part]
    domain = parts.netloc.rpartition("@")[2]
    for before, segment in zip(["", *segments], segments, strict=False):
        if segment.startswith("@") or before.lower() == "users":
            user = segment.removeprefix("@")
            # Elk writes the server in front: elk.zone/mastodon.social/@alice
            server = before if "." in before else domain
            return user if "@" in user else f"{user}@{server}"
    return ""


def _consent(account: Account) -> tuple[Consent, str]:
    if account.suspended:
        return Consent.REFUSED, "its server has suspended it"
    if account.memorial:
        return Consent.REFUSED, "it is kept in memory of somebody"
    consent, reason = consent_in(text_of(account.note or ""))
    if consent is not Consent.OPEN:
        return consent, reason
    if account.noindex:
        return Consent.EPHEMERAL, "it asks not to be indexed"
    # Never having chosen (null) counts as not discoverable; a server without the setting leaves the field out.
    if account.discoverable is not msgspec.UNSET and not account.discoverable:
        return Consent.EPHEMERAL, "it has not chosen to be discoverable"
    if account.limited:
        return Consent.EPHEMERAL, "its server shows it to followers only"
    return Consent.OPEN, ""


def _check_consent(account: Account, what: str) -> None:
    consent, reason = _consent(account)
    if consent is Consent.REFUSED:
        raise AccountRefused(f"{what}: {reason}")


def text_of(content: str) -> str:
    """A description's HTML as text, the words of its hashtags included."""
    return html.unescape(_TAG.sub("", content.replace("<br", " <br").replace("</p", " </p")))


def _without_counts(account: Account) -> bool:
    """Some servers fill the counts that they do not tell with zeroes."""
    return not (account.followers_count or account.following_count or account.statuses_count)


def _counted(account: Account, statuses: list[Any]) -> Account:
    if statuses and _without_counts(account):
        return msgspec.structs.replace(account, followers_count=None, following_count=None, statuses_count=None)
    return account


def _profile(account: Account, name: str) -> Profile:
    consent, reason = _consent(account)
    return Profile(
        ref=AccountRef("mastodon", name),
        handle=name,
        display_name=account.display_name or "",
        url=account.url or "",
        created_at=seconds(account.created_at),
        followers=account.followers_count,
        following=account.following_count,
        posts=account.statuses_count,
        declared_bot=bool(account.bot),
        consent=consent,
        consent_reason=reason,
    )


def _quoted(status: Status) -> Status | None:
    """The status quoted, as Mastodon (4.4 and later) or as older forks give it."""
    inner = at(status.quote, "quoted_status")
    return maybe(inner if isinstance(inner, dict) else status.quote, Status) if status.quote is not None else None


def _coverage(depth: Depth, statuses: list[Any], oldest: int, now: int) -> Coverage:
    ids: Iterable[Any] = (at(status, "id") for status in reversed(statuses))
    cursor = next((i for i in ids if isinstance(i, str)), "")
    # Mastodon may leave a few out of a full page, so only a page half empty is the last.
    complete = len(statuses) < _PAGE // 2 or oldest < now - WINDOW
    return Coverage(depth=depth, timeline_complete=complete, cursor="" if complete else cursor)


def _in_words(refusal: UpstreamRefusal, handle: str) -> Exception:
    """A server's refusal as what it says of the account."""
    domain = handle.partition("@")[2]
    if refusal.status == 404:
        return AccountUnknown(f"there is no account {handle}")
    if refusal.status == 410:
        return AccountUnknown(f"the account {handle} is gone")
    if refusal.status == 401 or (refusal.status == 422 and "login" in str(refusal.body).lower()):
        return AccountRefused(f"{domain} shows its accounts only to people who are logged in there")
    if refusal.status == 403:
        return AccountRefused(f"{domain} does not show {handle} to the public")
    return UpstreamUnavailable(f"{domain} refused the request (it answered {refusal.status})", 600.0)
