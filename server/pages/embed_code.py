"""What another page puts in to show the badge of an account: HTML, Markdown, an address; and where programs find the same."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from markupsafe import Markup

from server.pages.badge_picture import HEIGHT, Show, is_listed
from server.pages.rendering import service


@dataclass(frozen=True, slots=True)
class Embed:
    """Whole addresses of one account's report and badge, and the words that stand for the picture."""

    page: str
    badge: str
    alt: str
    height: int = HEIGHT

    @property
    def html(self) -> str:
        """A link around the picture. Only its height is set: the width follows from what the badge has to say."""
        return str(
            Markup('<a href="{}"><img src="{}" alt="{}" height="{}"></a>').format(
                self.page, self.badge, self.alt, self.height
            )
        )

    @property
    def markdown(self) -> str:
        """The same in Markdown."""
        alt = re.sub(r"([\\`*_\[\]<>])", r"\\\1", self.alt)
        badge, page = (re.sub(r"[()]", lambda bracket: f"%{ord(bracket[0]):x}", to) for to in (self.badge, self.page))
        return f"[![{alt}]({badge})]({page})"

    def discovery(self, form: str) -> str:
        """Where a program that was given the report's address asks how to show it; ``form``: json or xml."""
        return home() + url_for("pages.oembed.answer", url=self.page, format=form)


def home() -> str:
    """The address of this service without a slash at its end: the one set for pages of others, else the one it was asked under."""
    return str(service().settings.embeds_at) or request.host_url.rstrip("/")


def embed(network: str, handle: str, show: Show = Show.BOTH, height: int = HEIGHT) -> Embed:
    """What shows the badge of this account."""
    asked: dict[str, Any] = {} if show is Show.BOTH else {"show": show.value}
    return Embed(
        page=home() + url_for("pages.account", network=network, handle=handle),
        badge=home() + url_for("pages.badge.show", network=network, handle=handle, **asked),
        alt=f"{handle} on Rapport",
        height=height,
    )


def embed_of(report: dict[str, Any]) -> Embed | None:
    """What the page of a report offers to copy; None for an account that asks not to be listed."""
    return embed(report["account"]["network"], report["account"]["handle"]) if is_listed(report) else None


def embeds_open() -> bool:
    """May pages of others show badges of this service?"""
    return bool(service().settings.embeds_at)
