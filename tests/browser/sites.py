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
    hover_card: str  # empty where the site has none
    aside: str  # inside a row: what belongs to another account than the row's author
    options: str = ""
    headers: str = ""  # every profile's name block, also of screens that are not shown
    server: str = ""  # whose accounts are named bare; the host itself where it is empty
    before_handle: str = "@"  # what the header writes before a handle

    def handle(self, key: str) -> str:
        return BY_KEY[key].handles[self.network]

    def account(self, key: str) -> str:
        return f"{self.network}:{self.handle(key)}"

    def path_of(self, key: str) -> str:
        """The path of a person's profile; accounts of the instance itself are named bare."""
        return self.profile_prefix + self.handle(key).removesuffix("@" + (self.server or self.host))

    def url(self, path: str, *options: str) -> str:
        query = "&".join(option for option in (self.options, *options) if option)
        base, mark, fragment = path.partition("#")
        return f"https://{self.host}{base}" + (f"?{query}" if query else "") + mark + fragment

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
    headers=".profile",
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
    headers=".account__header__tabs__name",
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
    headers=".account__header__tabs__name",
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
    headers="[data-testid=UserName]",
)
ELK = Site(
    "elk",
    "elk.zone",
    "mastodon",
    "/home",
    "/mastodon.social/@",
    'div[flex="~ col gap1"][pt2]',
    "a[text-link-rounded] .content-rich",
    ".v-popper__popper",
    "blockquote, [ws-nowrap]",
    headers='div[flex="~ col gap1"][pt2]',
    server="mastodon.social",
)
PHANPY = Site(
    "phanpy",
    "phanpy.social",
    "mastodon",
    "/#/",
    "/#/my.example/a/",
    ".timeline-start .account-container > header",
    ".meta-name .name-text b",
    "",
    ".status-card-link, .status-pre-meta",
    headers=".timeline-start .account-container > header",
    before_handle="",
)
SITES = [BLUESKY, MASTODON, MASTODON_REDESIGN, X, ELK, PHANPY]

# Rules of a page that would change each badge, if they could: in a layer of their own, and in none.
RULES = "{display:none!important;margin:9px!important;font-size:40px!important}"
IMPORTANT = f"body rapport-badge{RULES}"
IMPORTANT_IN_A_LAYER = f"@layer a{{rapport-badge,rapport-badge::part(badge){RULES}}}"
ADOPT = (
    "(css) => { const sheet = new CSSStyleSheet(); sheet.replaceSync(css); document.adoptedStyleSheets.push(sheet); }"
)
