"""The sites as the tests walk through them: addresses, and where names stand."""

from __future__ import annotations

from dataclasses import dataclass

from tests.browser.people import BY_KEY


@dataclass(frozen=True)
class Site:
    id: str
    host: str
    network: str
    home_path: str
    profile_prefix: str
    header: str  # the profile's own name block
    author: str  # what a person hovers to get the site's hover card
    hover_card: str
    aside: str  # inside a row: what belongs to another account than the row's author
    options: str = ""

    def handle(self, key: str) -> str:
        return BY_KEY[key].handles[self.network]

    def account(self, key: str) -> str:
        return f"{self.network}:{self.handle(key)}"

    def path_of(self, key: str) -> str:
        """The path of a person's profile; accounts of the instance itself are named bare."""
        return self.profile_prefix + self.handle(key).removesuffix("@" + self.host)

    def url(self, path: str, *options: str) -> str:
        query = "&".join(option for option in (self.options, *options) if option)
        return f"https://{self.host}{path}" + (f"?{query}" if query else "")

    def home(self, *options: str) -> str:
        return self.url(self.home_path, *options)

    def profile(self, key: str, *options: str) -> str:
        return self.url(self.path_of(key), *options)


BLUESKY = Site(
    "bluesky",
    "bsky.app",
    "bluesky",
    "/",
    "/profile/",
    ".screen:not([style*=none]) .profile",
    ".screen:not([style*=none]) .item .right > .meta a.name",
    "[style*=will-change]",
    ".quote, .reason",
)
MASTODON = Site(
    "mastodon",
    "mastodon.social",
    "mastodon",
    "/home",
    "/@",
    ".account__header",
    "article .status__info a.status__display-name",
    "#hover-card",
    ".status__quote, .status__prepend",
)
MASTODON_REDESIGN = Site(
    "mastodon-redesign",
    "mastodon.social",
    "mastodon",
    "/home",
    "/@",
    ".account__header",
    "article header ._name_9qpzd_3",
    "#hover-card",
    ".status__quote, .status__prepend",
    "ui=redesign",
)
X = Site(
    "x",
    "x.com",
    "x",
    "/home",
    "/",
    "[data-testid=UserName]",
    "article [data-testid=User-Name] a .name",
    "[data-testid=HoverCard]",
    ".quote, .context",
)
SITES = [BLUESKY, MASTODON, MASTODON_REDESIGN, X]
