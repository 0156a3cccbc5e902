"""Every setting, in one typed place, read from RAPPORT_… environment variables."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from platformdirs import user_data_path
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError, model_validator

from server.errors import RapportError
from server.mail_addresses import is_address, read_server

PREFIX = "RAPPORT_"
ELSEWHERE = ("RAPPORT_SHARED", "RAPPORT_TEST_")
"""Beginnings of variables that only tests and evaluation read."""

SHORTEST_ADMIN_TOKEN = 12
REDIS_PATIENCE_SECONDS = 0.5
"""A cache that takes longer is worse than none."""


class BadSetting(RapportError):
    """A setting is wrong; the text names it and says what it should be."""


def _listed(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


Listed = Annotated[tuple[str, ...], BeforeValidator(_listed)]


class Settings(BaseModel):
    """What can be set. The description of each field is what the README says of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = Field("127.0.0.1", description="address to listen on; anything but loopback demands a token")
    port: int = Field(8765, ge=1, le=65535, description="port to listen on")
    token: SecretStr | None = Field(
        None, description="what callers must send as `Authorization: Bearer …`; none by default"
    )
    admin_token: SecretStr | None = Field(
        None,
        description="what the operator sends as `Authorization: Bearer …`, or types in as a password, to look at `/admin/status`",
    )
    data_folder: Path = Field(
        default_factory=lambda: user_data_path("rapport", appauthor=False),
        description="where the database and the key for opt-outs are kept; the user's data folder by default",
    )
    database_url: str = Field(
        "",
        description="`postgresql://user:password@host/database` or `sqlite:////folder/file.db`; by default SQLite in the data folder",
    )
    cache_url: str = Field(
        "memory://",
        pattern=r"^(memory://|redis(s)?://.+)$",
        description="`memory://`, or `redis://…`: what is cached and counted by limits is there for several processes",
    )
    bluesky_appview: str = Field(
        "https://public.api.bsky.app",
        pattern=r"^https?://[^/]+$",
        description="the Bluesky AppView to read from, without a path",
    )
    allow_networks: Listed = Field(
        (),
        description="networks (CIDR, comma-separated) that may be reached though they are not public, e.g. `127.0.0.0/8` for tests",
    )
    allowed_hosts: Listed = Field(
        (), description="further host names under which the service may be called, comma-separated"
    )
    embeds_at: str = Field(
        "",
        pattern=r"^(https?://[^/?#@\s]+)?$",
        description="address of this service, as in `https://rapport.example`, at which pages of others may show its badges, without a token",
    )
    mail_server: SecretStr | None = Field(
        None,
        description="`smtp://user:password@host:587` (encrypted by STARTTLS) or `smtps://…`, by which weekly mails are sent; none by default",
    )
    mail_from: str = Field("", max_length=200, description="the address that those mails come from")
    contact: str = Field(
        "",
        max_length=200,
        description="address (URL or e-mail) told to networks in the User-Agent, so that they can complain",
    )
    refresh_hours: float = Field(6.0, gt=0, le=24 * 30, description="age in hours at which a report is gathered again")
    keep_days: int = Field(
        90,
        ge=1,
        le=3650,
        description="days without being asked for after which everything kept about an account is deleted",
    )
    gatherers: int = Field(
        6,
        ge=0,
        le=64,
        description="accounts gathered at the same time; with Redis, 0 leaves them to `python -m server work`",
    )
    web_processes: int = Field(
        1, ge=1, le=64, description="processes that answer requests; more than one need PostgreSQL and Redis"
    )
    metrics_port: int = Field(
        0,
        ge=0,
        le=65535,
        description="port at which `python -m server work` tells Prometheus of itself, on the address of `RAPPORT_HOST`; 0 for none",
    )
    requests_per_minute: int = Field(600, ge=1, description="requests one caller may make a minute")
    sites_file: Path | None = Field(
        None,
        description="another file of the form of `server/api/sites.toml`: where accounts stand on the sites' pages",
    )
    weights_file: Path | None = Field(
        None,
        description="another table of weights than `server/scoring/weights.toml`, as `population calibrate` writes one; run `rescore` after a change",
    )
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="DEBUG, INFO, WARNING or ERROR")

    @model_validator(mode="after")
    def _checked(self) -> Settings:
        for network in self.allow_networks:
            try:
                ipaddress.ip_network(network)
            except ValueError as problem:
                raise ValueError(f"allow_networks: {problem}") from None
        try:
            _ = urlsplit(self.embeds_at).port
        except ValueError as problem:
            raise ValueError(f"embeds_at: {problem}") from None
        if self.mail_server is not None:
            try:
                read_server(self.mail_server.get_secret_value())
            except ValueError as problem:
                raise ValueError(f"mail_server: {problem}") from None
        if bool(self.mail_server) is not bool(self.mail_from):
            raise ValueError("mail_from: mail_server and mail_from are set together, or neither")
        if self.mail_from and not is_address(self.mail_from):
            raise ValueError("mail_from: that is no e-mail address")
        self._check_sharing()
        if not is_loopback(self.host) and self.token is None:
            raise ValueError(f"host: listening on {self.host} lets others in, so token must be set, too")
        if self.admin_token is not None and len(self.admin_token) < SHORTEST_ADMIN_TOKEN:
            raise ValueError(f"admin_token: it must have at least {SHORTEST_ADMIN_TOKEN} characters")
        if self.admin_token is not None and self.admin_token == self.token:
            raise ValueError("admin_token: it must be another one than token, which every caller has")
        return self

    def _check_sharing(self) -> None:
        needed = "postgresql://… as database_url and redis://… as cache_url"
        if not self.gatherers and not self.may_be_of_several:
            raise ValueError(f"gatherers: with 0 other processes must gather, which needs what they share: {needed}")
        if self.web_processes > 1 and not self.may_be_of_several:
            raise ValueError(f"web_processes: several need what they share: {needed}")

    @property
    def shares_work(self) -> bool:
        """What is to be gathered waits in Redis, where other processes take it, too."""
        return self.cache_url.startswith("redis")

    @property
    def may_be_of_several(self) -> bool:
        """Other processes may work for the same service: SQLite keeps two that add to one account at once from nothing."""
        return self.shares_work and self.database.startswith("postgres")

    @property
    def is_for_one_machine(self) -> bool:
        """Nothing is set by which others than the people at this machine are meant to reach the service."""
        return is_loopback(self.host) and not self.embeds_at and not self.allowed_hosts

    @property
    def database(self) -> str:
        """The database URL with its default filled in."""
        return self.database_url or f"sqlite:///{self.data_folder / 'rapport.db'}"

    @property
    def user_agent(self) -> str:
        """What networks are told of who asks."""
        return "Rapport/0.1" + (f" (+{self.contact})" if self.contact else "")

    @property
    def address(self) -> str:
        """Where people reach this service, without a slash at its end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.embeds_at or f"http://{host}:{self.port}"

    @property
    def extension_folder(self) -> Path:
        """Where the built extension lies, one folder per browser."""
        return Path(__file__).resolve().parent.parent / "extension" / "dist"


def is_loopback(host: str) -> bool:
    """Is this a name or address of this machine only?"""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment. Raises BadSetting with one sentence per wrong or unknown variable."""
    environment = os.environ if environment is None else environment
    given = {k: v for k, v in environment.items() if k.startswith(PREFIX) and not k.startswith(ELSEWHERE) and v != ""}
    try:
        return Settings.model_validate({key.removeprefix(PREFIX).lower(): value for key, value in given.items()})
    except ValidationError as problem:
        raise BadSetting("\n".join(_sentence(error) for error in problem.errors())) from None


def _sentence(error: Mapping[str, Any]) -> str:
    if error["type"] == "extra_forbidden":
        return f"{PREFIX}{str(error['loc'][0]).upper()} is not a setting; the README lists those that are."
    message = str(error["msg"]).removeprefix("Value error, ")
    if not error["loc"]:
        name, _, text = message.partition(": ")
        return f"{PREFIX}{name.upper()} is wrong: {text}."
    return f"{PREFIX}{str(error['loc'][0]).upper()} is wrong: {message}; it was {error['input']!r}."
