"""Everything by which pages of others show an account: registered with the other pages."""

from __future__ import annotations

from flask import Blueprint

from server.pages import badge_pages, oembed
from server.pages.embed_code import embed_of, embeds_open


def add_embeds(pages: Blueprint) -> None:
    """Register the badge, oEmbed, and what the report page offers to copy."""
    pages.register_blueprint(badge_pages.blueprint)
    pages.register_blueprint(oembed.blueprint)
    pages.add_app_template_global(embed_of, "embed_of")
    pages.add_app_template_global(embeds_open, "embeds_open")
    pages.record(lambda setup: setup.app.jinja_env.globals.update(BADGE_MINUTES=badge_pages.KEPT_SECONDS // 60))
