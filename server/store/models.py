"""The tables. Times are whole seconds since 1970 UTC."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    TypeDecorator,
    false,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

WHOLE = BigInteger().with_variant(Integer(), "sqlite")
"""64 bits on every database: seconds do not end in 2038. SQLite's INTEGER has them, and numbers rows by itself only under that name."""


class Words(TypeDecorator[str]):
    """Text that is compared and ordered by its characters' code points, as SQLite does, and not by the language of a server.

    A NUL, which PostgreSQL cannot keep, becomes U+FFFD everywhere, so that it makes no name that is another account's.
    """

    impl = String().with_variant(String(collation="C"), "postgresql")
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        return value.replace("\0", "\ufffd") if value and "\0" in value else value


class Base(DeclarativeBase):
    """Common naming, so that migrations can name constraints on every database."""

    type_annotation_map = {int: WHOLE, str: Words()}  # noqa: RUF012

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class AccountRow(Base):
    """One account: its merged activity and its newest report."""

    __tablename__ = "account"

    ref: Mapped[str] = mapped_column(primary_key=True)
    gathered_at: Mapped[int] = mapped_column(index=True)
    studied_at: Mapped[int | None]
    activity: Mapped[bytes] = mapped_column(LargeBinary)
    """``server.store.serialization``: columns as JSON, zlib."""
    report: Mapped[bytes] = mapped_column(LargeBinary)
    """The newest report's JSON, zlib."""


class HandleRow(Base):
    """Under which handle an account was found."""

    __tablename__ = "handle"
    __table_args__ = (Index("ix_handle_digest", "digest", "ref"),)

    network: Mapped[str] = mapped_column(primary_key=True)
    handle: Mapped[str] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(ForeignKey("account.ref", ondelete="CASCADE"), index=True)
    seen_at: Mapped[int]
    digest: Mapped[str | None]
    """``server.account.name_digest``, by whose first digits this name is listed; NULL while the account's stored report is of a form
    that lacks what is listed."""


class ReportRow(Base):
    """What a report said at one time, small enough to keep, with the measures from which it can be scored again.

    One row per time and version of the formula: scoring again adds a row and leaves the others as they are.
    """

    __tablename__ = "report"
    __table_args__ = (
        Index("ix_report_ref_scored_at_formula_version", "ref", "scored_at", "formula_version", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(ForeignKey("account.ref", ondelete="CASCADE"))
    scored_at: Mapped[int]
    formula_version: Mapped[str]
    score_tenths: Mapped[int | None]
    low: Mapped[int | None]
    high: Mapped[int | None]
    verdict: Mapped[str]
    replies: Mapped[int]
    broadcasts: Mapped[int]
    measures: Mapped[str]
    """JSON object: signal id -> measure."""
    days_silent: Mapped[float | None]
    measured_as: Mapped[int | None]
    depth: Mapped[str | None]
    """These three as in ``server.scoring.scored.Scored``; NULL in rows stored before they were kept."""


class TagUseRow(Base):
    """An account uses a hashtag: how common each is among accounts tells what sets one apart."""

    __tablename__ = "tag_use"
    __table_args__ = (Index("ix_tag_use_tag", "tag", "ref"),)

    ref: Mapped[str] = mapped_column(ForeignKey("account.ref", ondelete="CASCADE"), primary_key=True)
    tag: Mapped[str] = mapped_column(primary_key=True)


class OptOutRow(Base):
    """Somebody asked not to be scored. Only a keyed hash of network and id or handle is kept."""

    __tablename__ = "opt_out"

    digest: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[int]


class ReviewRow(Base):
    """A list of accounts that somebody goes through (see ``server.store.reviews.ListKind``)."""

    __tablename__ = "review"

    id: Mapped[int] = mapped_column(primary_key=True)
    key_digest: Mapped[str] = mapped_column(unique=True)
    """SHA-256 of the unguessable part of its address, which is not kept: a copy of the database opens no review."""
    network: Mapped[str]
    handle: Mapped[str]
    """Whose review it is, and of follows and followers, whose they are; empty when nobody said."""
    kind: Mapped[str] = mapped_column(default="follows", server_default="follows")
    source: Mapped[str] = mapped_column(default="", server_default="")
    """The address of a published list."""
    title: Mapped[str] = mapped_column(default="", server_default="")
    """What a published list is called."""
    cursor: Mapped[str | None]
    """Where its network's list goes on; NULL once all of it is here."""
    count: Mapped[int | None]
    """How many are on it, as the network says."""
    cut_short: Mapped[bool] = mapped_column(default=False, server_default=false())
    """The list was taken away before all of it had been read."""
    state: Mapped[str]
    detail: Mapped[str]
    created_at: Mapped[int] = mapped_column(index=True)
    finished_at: Mapped[int | None]
    revision: Mapped[int] = mapped_column(default=0, server_default="0")
    """Counts the changes of its accounts."""
    claimed_until: Mapped[int] = mapped_column(default=0, server_default="0")
    """Until then a worker reads a page of its list, and no other."""
    paused_until: Mapped[int] = mapped_column(default=0, server_default="0")
    """Nothing of it is asked for before this time."""
    waits_for: Mapped[str] = mapped_column(default="", server_default="")
    """What it is paused for, in words."""
    failures: Mapped[int] = mapped_column(default=0, server_default="0")
    """So many of its accounts in a row could not be asked for."""


class ReviewedRow(Base):
    """One account of a review."""

    __tablename__ = "reviewed"
    __table_args__ = (
        Index("ix_reviewed_name", "review_id", "network", "name", unique=True),
        Index("ix_reviewed_next", "review_id", "state", "again_at", "position"),
        Index("ix_reviewed_account", "network", "name"),
        Index("ix_reviewed_handle", "network", "handle"),
        Index("ix_reviewed_revision", "review_id", "revision"),
        Index("ix_reviewed_claimed", "review_id", "claimed_until"),
    )

    review_id: Mapped[int] = mapped_column(ForeignKey("review.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    network: Mapped[str]
    name: Mapped[str]
    handle: Mapped[str]
    state: Mapped[str]
    again_at: Mapped[int]
    """While it waits: not before this time."""
    failed_at: Mapped[int | None]
    """When its network could not be asked for the first time."""
    finding: Mapped[str]
    """JSON of ``server.review.Finding``, or why there is none."""
    is_kept: Mapped[bool]
    """On the keep-list: the person has seen it, and it is not shown again."""
    note: Mapped[str] = mapped_column(default="", server_default="")
    """What the person wrote to it."""
    revision: Mapped[int] = mapped_column(default=0, server_default="0")
    """That of the review when this account changed last."""
    claimed_until: Mapped[int] = mapped_column(default=0, server_default="0")
    """Until then a worker looks at it, and no other."""
    settled_at: Mapped[int | None]
    """When it ceased to wait."""


class TrackedListRow(Base):
    """Accounts that somebody watches, and the days they marked."""

    __tablename__ = "tracked_list"

    id: Mapped[int] = mapped_column(primary_key=True)
    key_digest: Mapped[str] = mapped_column(unique=True)
    """SHA-256 of the unguessable part of its address, which is not kept."""
    created_at: Mapped[int]
    used_on: Mapped[int] = mapped_column(index=True)
    """The day, in days since 1970, on which its pages or its feed were last asked for: one that nobody asks for is deleted."""
    mail_address: Mapped[str] = mapped_column(default="", server_default="")
    """Where weekly mails go; empty: nowhere."""
    mail_token: Mapped[str] = mapped_column(default="", server_default="", index=True)
    """Confirms the address, or ends the mails; it opens no list."""
    mail_asked_at: Mapped[int] = mapped_column(default=0, server_default="0")
    mail_confirmed_at: Mapped[int | None]
    mail_told_until: Mapped[int] = mapped_column(default=0, server_default="0")
    """The end of the last week that was told by mail."""


class TrackedRow(Base):
    """One account of such a list."""

    __tablename__ = "tracked"
    __table_args__ = (Index("ix_tracked_account", "network", "name"),)

    list_id: Mapped[int] = mapped_column(ForeignKey("tracked_list.id", ondelete="CASCADE"), primary_key=True)
    network: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    """Its id, which outlives a change of its handle."""
    handle: Mapped[str]
    added_at: Mapped[int]


class MarkRow(Base):
    """A day that somebody marked in the history of an account."""

    __tablename__ = "mark"
    __table_args__ = (
        Index("ix_mark_list", "list_id", "network", "name"),
        Index("ix_mark_account", "network", "name"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("tracked_list.id", ondelete="CASCADE"))
    network: Mapped[str]
    name: Mapped[str]
    day: Mapped[int]
    """The second with which it begins, UTC."""
    words: Mapped[str]


class OwnerRow(Base):
    """Somebody who says that an account is theirs, and, once it was proved, what they chose for it."""

    __tablename__ = "owner"
    __table_args__ = (Index("ix_owner_account", "network", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key_digest: Mapped[str] = mapped_column(unique=True)
    """SHA-256 of the unguessable part of its page's address, which is not kept."""
    network: Mapped[str]
    name: Mapped[str]
    """The account's id."""
    handle: Mapped[str]
    code: Mapped[str]
    """What is to stand in the account's profile."""
    created_at: Mapped[int] = mapped_column(index=True)
    proven_at: Mapped[int | None]
    note: Mapped[str]
    is_listed: Mapped[bool]
    """On leaderboards."""
    place: Mapped[str]


class DisputeRow(Base):
    """A finding that an owner says is wrong, what it said then, and what it said after the account was read again."""

    __tablename__ = "dispute"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("owner.id", ondelete="CASCADE"), index=True)
    signal: Mapped[str]
    words: Mapped[str]
    made_at: Mapped[int]
    before: Mapped[str]
    """The finding's sentence."""
    after: Mapped[str]
    answered_at: Mapped[int | None]


class KeyRow(Base):
    """By what the key of this database is known again, which is kept elsewhere."""

    __tablename__ = "secret_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str]


class ChoreRow(Base):
    """Work that is done by the clock, by one process of all."""

    __tablename__ = "chore"

    name: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[int]
    """The time by the clock for which it was begun last."""
    begun_at: Mapped[int]
    ended_at: Mapped[int | None]
    """NULL: it is under way, or its process was killed at it."""


class RankedNetworkRow(Base):
    """A table of ranks of everybody in a network, of a certain day."""

    __tablename__ = "ranked_network"

    id: Mapped[int] = mapped_column(primary_key=True)
    network: Mapped[str] = mapped_column(index=True)
    ranked_at: Mapped[int]
    """As of when, seconds since 1970."""
    people: Mapped[int]
    is_whole: Mapped[bool]
    """False while it is being written: nobody reads it then."""


class RankRow(Base):
    """One person of such a table."""

    __tablename__ = "rank"
    __table_args__ = ({"sqlite_with_rowid": False},)

    ranked_network_id: Mapped[int] = mapped_column(
        ForeignKey("ranked_network.id", ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[str] = mapped_column(primary_key=True)
    """The account's id."""
    rank: Mapped[float]
    """1 on average (``server.population.ranks``)."""
