"""The forms of the API: what is taken in and what is given out, validated both ways and published in the OpenAPI document."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from server.api.selectors import LONGEST, checked_selector

NETWORK = Field(min_length=1, max_length=20, description="`bluesky`, `mastodon` or `x`", examples=["bluesky"])
HANDLE = Field(
    min_length=1,
    max_length=300,
    description="as the network writes it: `alice.bsky.social` or a DID; `user@domain`; `alice`",
    examples=["alice.bsky.social"],
)
MOST_BADGES = 50
MOST_FRAGMENTS = 100

BadgeState = Literal["ready", "pending", "too_little", "unknown", "refused", "unavailable"]


class Form(BaseModel):
    """A form that takes exactly what it names."""

    model_config = ConfigDict(extra="forbid")


class Asked(Form):
    """One account asked about."""

    network: str = NETWORK
    handle: str = HANDLE


class BadgesRequest(Form):
    """Accounts whose badges are wanted, in the order the answers shall have."""

    accounts: list[Asked] = Field(min_length=1, max_length=MOST_BADGES)


class Badge(Form):
    """What the badge beside a name needs. From `id` on only for `ready` and `too_little`; `score`, `low`, `high` only for `ready`."""

    network: str
    handle: str = Field(description="as it was asked")
    state: BadgeState
    ask_again_after: int = Field(ge=0, description="seconds after which asking again is worth it")
    detail: str | None = Field(None, description="why there is no report, for people")
    id: str | None = Field(None, description="`network:id`, which stays when the handle changes")
    verdict: str | None = None
    title: str | None = Field(None, description="the verdict's words")
    sentence: str | None = Field(None, description="the numbers behind the verdict")
    replies: int | None = None
    broadcasts: int | None = None
    ratio: str | None = Field(None, description="replies : broadcasts", examples=["1 : 0.8"])
    score: int | None = Field(None, ge=1, le=100)
    low: int | None = Field(None, ge=1, le=100, description="lower end of the 90 % interval")
    high: int | None = Field(None, ge=1, le=100)
    stale: bool | None = Field(None, description="an older report, because the network could not be asked again yet")
    scored_at: str | None = None


class Badges(Form):
    """One badge per account asked, in the same order."""

    badges: list[Badge]


class RangeDigits(Form):
    """With how many digits to ask by prefix."""

    digits: int = Field(
        ge=0,
        le=64,
        description="with fewer, an answer would be longer than need be; with more, some would hold fewer than 16",
    )
    accounts: int = Field(ge=0, description="how many accounts are listed in all")


class ListedBadge(Form):
    """A badge without a name. `score`, `low`, `high` only for `ready`."""

    state: Literal["ready", "too_little"]
    ask_again_after: int = Field(ge=0)
    verdict: str
    title: str
    sentence: str
    replies: int
    broadcasts: int
    ratio: str
    score: int | None = Field(None, ge=1, le=100)
    low: int | None = Field(None, ge=1, le=100)
    high: int | None = Field(None, ge=1, le=100)
    stale: bool = Field(description="older than it would be if the account had been asked for by name")
    scored_at: str


class ListedPillar(Form):
    """One of the three parts of the score."""

    id: Literal["true_reach", "amplification", "network"]
    rounded: int
    of: float


class RangeEntry(Form):
    """A name listed under the prefix; or padding, without the first three."""

    suffix: str | None = Field(None, description="the digits of the name's digest after the prefix")
    badge: ListedBadge | None = None
    pillars: list[ListedPillar] | None = Field(None, description="empty without a score")
    padding: Literal[True] | None = Field(None, description="there is no account here")
    filler: str | None = Field(None, description="of no meaning")


class Range(Form):
    """Everything listed under a prefix."""

    digits: int
    prefix: str = Field(description="as asked", examples=["3f", "all"])
    entries: list[RangeEntry] = Field(description="a multiple of 16, all written in equally many bytes")


class Account(Form):
    """Who it is."""

    network: str
    id: str
    handle: str
    display_name: str
    url: str
    created_at: str | None
    followers: int | None
    following: int | None
    posts: int | None
    moved_to: str | None = Field(None, description="the handle of the account that it says it has moved to")


class Score(Form):
    """Influence, 1 to 100."""

    value: int = Field(ge=1, le=100)
    exact: float = Field(description="to the tenth; the points of all signals and the base add up to it")
    low: int
    high: int
    confidence: float = Field(description="how often the interval holds the score a full look would give")
    base: float = Field(description="points everybody starts with")
    fade: float = Field(description="what the days since the newest post left of the points, 1 to 0")
    days_silent: int = Field(ge=0, description="whole days since the newest post")


class Pillar(Form):
    """One of the three parts of the score."""

    id: Literal["true_reach", "amplification", "network"]
    title: str
    points: float
    rounded: int = Field(description="whole points; the three add up to the score")
    of: float
    low: float | None = Field(description="90 % interval of the points; null where none could be had")
    high: float | None


class Verdict(Form):
    """The badge's words and the numbers behind them."""

    id: str
    title: str
    sentence: str


class Balance(Form):
    """Replies against broadcasts."""

    replies: int
    broadcasts: int
    ratio: str
    share: float | None
    low: float | None
    high: float | None


class Curve(Form):
    """Log-normal curve from a measure to its share of the points: half at the median, nine tenths at the 90th percentile."""

    median: float
    p90: float


class Evidence(Form):
    """Something to open and see."""

    url: str
    text: str


class SignalForm(Form):
    """One finding."""

    id: str
    title: str
    axis: Literal["influence", "engagement"]
    pillar: str | None
    state: Literal["found", "too_little", "not_applicable", "missing", "error"]
    value: float | None
    low: float | None
    high: float | None
    unit: str
    points: float | None
    of: float | None
    sentence: str
    why: str
    source: str
    curve: Curve | None
    mark: Literal["none", "some", "strong"]
    evidence: list[Evidence]


class Coverage(Form):
    """How much was seen."""

    posts_seen: int
    posts_total: int | None
    days: int
    oldest: str | None
    timeline_complete: bool
    threads_read: int
    share: float = Field(description="share of the formula's weight that could be measured")
    sentence: str


class TopicAnswered(Form):
    """Whether people answer more when an account talks about a topic: replies and reposts (quotes among them) of a typical post, by a mean
    on a logarithmic scale."""

    per_post: float = Field(description="on its posts with the topic")
    others: float = Field(description="on its other posts")
    low: float = Field(
        description="with `high` the 90 % interval of the difference, for all topics of the account together"
    )
    high: float
    sentence: str = Field(description="for people; empty unless the whole interval lies above 0")


class Topic(Form):
    """What an account comes back to: a hashtag, or a topic that its words name."""

    tag: str = Field(description="in lower case, without `#`; a name is spelt like a hashtag", examples=["trams"])
    label: str | None = Field(
        None,
        description="what it is called: the hashtag with `#`, or the name; null in an older report",
        examples=["#trams"],
    )
    is_hashtag: bool = Field(
        True, description="false for a topic of the loaded ontology whose name stands in the words of its posts"
    )
    posts: int = Field(description="in how many of its own posts")
    days: int | None = Field(None, description="on how many days; null in an older report")
    share: float | None = Field(None, description="share of its own posts; null in an older report")
    name: str | None = Field(
        None, description="the topic's name, where topics were loaded and one fits", examples=["PostgreSQL"]
    )
    within: list[str] = Field([], description="what that topic is part of, the nearest first")
    evidence: list[Evidence] = Field([], description="up to three of the newest posts")
    answered: TopicAnswered | None = Field(None, description="null when too few posts can be compared")


class Language(Form):
    """A language that an account's own posts are marked with, by their author or the program they were written with."""

    language: str = Field(description="ISO 639, in lower case", examples=["de"])
    name: str = Field(description="in English", examples=["German"])
    share: float = Field(description="share of the marked posts")


class AnswersStrangers(Form):
    """Whether people get an answer whom it had not addressed itself."""

    answered: int = Field(description="how many of these people got a reply to any of their replies")
    of: int = Field(
        description="people who replied to its posts in the last 90 days, in the threads that were read, before any reply or quote of its own "
        "to them that was seen"
    )


class Facts(Form):
    """What somebody asks before following. They are worth no points."""

    last_post: str | None = Field(description="when its newest post or repost was sent; null when none was seen")
    posts_per_week: float | None = Field(
        description="posts of its own, answers and quotes included and reposts left out, over the days that were seen of the last 90; null "
        "when only posts that stood on screens were seen, or too little of the timeline"
    )
    talks_about: list[Topic] = Field(
        description="up to five hashtags and names that it comes back to, what sets it apart from other accounts most first; each hashtag "
        "in at least three of its own posts, on at least two days, each name in at least five, on three"
    )
    languages: list[Language] = Field(
        [],
        description="languages of at least a fifth of its own posts; empty when too few are marked, or in an older report",
    )
    written: str = Field("", description="the same in words; empty for none", examples=["mostly in German"])
    answers_strangers: AnswersStrangers | None = Field(
        description="null when no threads were read (`?depth=study` has them read) or fewer than three such people wrote"
    )


class ReportForm(Form):
    """Everything said of one account."""

    state: Literal["ready", "too_little"]
    account: Account
    score: Score | None
    pillars: list[Pillar]
    verdict: Verdict
    balance: Balance
    signals: list[SignalForm]
    facts: Facts | None = Field(None, description="null in a report of a version that did not tell them yet")
    coverage: Coverage
    calculator: dict[str, float] | None = Field(
        None,
        description="what `/calculator` is asked for this very score: each measure by the id of its signal (of followers, all), "
        "and `days_silent`; null without a score, or when it was scored by a version that did not keep them",
    )
    depth: Literal["observed", "glance", "study"]
    gathered_at: str
    scored_at: str
    formula_version: str
    kept: bool = Field(description="false: the account asked not to be indexed, so nothing is stored")
    stale: bool
    stale_reason: str | None = None
    refreshing: bool
    ask_again_after: int
    report_url: str


class Pending(Form):
    """It is being gathered."""

    state: Literal["pending"]
    ask_again_after: int
    detail: str


class OtherVersion(Form):
    """What another version of the formula made of the same measures."""

    formula_version: str
    score: float | None


class HistoryPoint(Form):
    """What a stored report said; scored by the current formula where its measures allow it."""

    scored_at: str
    score: float | None
    low: int | None
    high: int | None
    formula_version: str = Field(
        description="points of different versions cannot be compared: a chart draws a line there"
    )
    verdict: str
    replies: int
    broadcasts: int
    other_versions: list[OtherVersion]


class ChangePart(Form):
    """What one cause changed."""

    cause: Literal["formula", "measure", "fade", "newly_seen", "no_longer_seen", "rounding"]
    signal: str | None = Field(description="id of the signal; null where the cause concerns them all")
    points: float
    words: str = Field(examples=["Reposts of a typical post: +1.2 (0.8 → 1.4)", "a pause of 41 days: −0.9"])


class SignalChange(Form):
    """By how much the points of one signal differ."""

    id: str = Field(description="id of the signal, or `base`")
    title: str
    points: float


class ChangeEvent(Form):
    """Something that happened between two scores."""

    kind: Literal["formula", "depth", "pause", "followers"]
    words: str


class Change(Form):
    """Why the newest score differs from an earlier one."""

    against: Literal["previous", "week", "month", "formula"] = Field(
        description="the score before, or that of about a week or a month before; `formula`: what an earlier version of the formula "
        "made of the same time, when history was scored again"
    )
    since: str = Field(description="when the earlier score was made")
    until: str
    score_then: float
    score_now: float
    difference: float | None = Field(description="null when the two cannot be compared; the sentence says why")
    within_noise: bool = Field(description="smaller than half of the newest score's interval")
    sentence: str
    parts: list[ChangePart] = Field(description="the causes; their points add up to the difference exactly")
    signals: list[SignalChange] = Field(
        description="the same difference by signal, as the points of the two reports differ; adds up to it, too"
    )
    events: list[ChangeEvent]


class History(Form):
    """Stored reports, oldest first, one for each time; and why the score changed."""

    network: str
    handle: str
    points: list[HistoryPoint]
    changes: list[Change] = Field(
        description="from the newest score to the one before and those of about a week and a month before, where they exist; and for a month "
        "what a new formula changed"
    )


class Observation(Form):
    """Public posts and profile headers that stood on a screen."""

    network: Literal["x"]
    url: str = Field(max_length=2000, description="address of the page they stood on")
    fragments: list[Annotated[str, Field(max_length=1_000_000)]] = Field(min_length=1, max_length=MOST_FRAGMENTS)
    observed_at: str = Field("", max_length=40)


class Observed(Form):
    """What an observation added for one account."""

    network: str
    handle: str
    posts_added: int
    posts_known: int


class ObservedAll(Form):
    """What an observation added."""

    accounts: list[Observed]


class Site(Form):
    """Where accounts stand on one site's pages, where that is no longer as the extension knows it."""

    id: str = Field(pattern=r"^[a-z0-9-]{1,30}$", description="as the extension names the site", examples=["bluesky"])
    revision: int = Field(
        ge=1, le=1_000_000, strict=True, description="the extension takes what has a higher one than it carries itself"
    )
    off: bool = Field(False, strict=True, description="nothing is drawn on this site until further notice")
    why: str = Field("", max_length=300, description="the sentence that says why it is off; empty while it is not")
    selectors: dict[
        Annotated[str, Field(pattern=r"^[a-zA-Z]{1,40}$")],
        Annotated[str, AfterValidator(checked_selector), Field(min_length=1, max_length=LONGEST)],
    ] = Field(
        default_factory=dict,
        max_length=100,
        description="CSS selectors by the names they have in the extension; those left out stay as they are there",
    )

    @model_validator(mode="after")
    def _says_why(self) -> Site:
        if self.off and not self.why.strip():
            raise ValueError("a site that is off needs its why, a sentence for people")
        if not self.why.isprintable():
            raise ValueError("why is one line of text")
        return self


class Sites(Form):
    """Every site that the extension knows."""

    sites: list[Site] = Field(max_length=50)


class ReportQuery(Form):
    """How deep to look."""

    depth: Literal["glance", "study"] = "glance"


class Wrong(Form):
    """One thing that was wrong with a request."""

    location: str
    message: str


class Problem(Form):
    """RFC 9457 problem document."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[Wrong] = Field(default_factory=list)
    digits: int | None = Field(None, description="for `range-digits`: how many digits to ask with")
