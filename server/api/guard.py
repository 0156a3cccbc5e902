"""Who may call: host names, tokens, other people's web pages, request limits; and the headers every answer carries."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from server.api import operator_door, tokens
from server.api.problems import problem
from server.settings import REDIS_PATIENCE_SECONDS, Settings, is_loopback

MOST_BODY_BYTES = 2 * 1024 * 1024
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_OPEN_WITHOUT_TOKEN = frozenset({"/healthz"})
_EXTENSION_SCHEMES = ("chrome-extension", "moz-extension")


def guard(app: Flask, settings: Settings, limiter: Limiter) -> None:
    """Put the checks before, and the headers behind, every view of the application."""
    app.config["MAX_CONTENT_LENGTH"] = MOST_BODY_BYTES
    hosts = {settings.host, *settings.allowed_hosts, urlsplit(settings.embeds_at).hostname or settings.host}
    token = settings.token.get_secret_value().encode() if settings.token else None

    @app.before_request
    def check() -> Response | None:
        if not _named_well(request.host, hosts):
            return problem(
                421,
                "host",
                "This service does not answer under that name. Call it by its address, or add the name to RAPPORT_ALLOWED_HOSTS.",
            )
        embedded = bool(settings.embeds_at) and _is_for_embedding(request.path, request.method)
        if not embedded and _from_foreign_page(
            request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site"), request.method
        ):
            return problem(
                403,
                "foreign-page",
                "Web pages of others may not use this service; the extension and this service's own pages may. Badges can be "
                "opened to them with RAPPORT_EMBEDS_AT.",
            )
        if operator_door.is_for_operator():
            stopped = operator_door.stopped(settings, limiter)
            # The operator's token is more than the other one; without it, that is still asked for.
            if stopped is not None or settings.admin_token is not None:
                return stopped
        if token is None or embedded or request.path in _OPEN_WITHOUT_TOKEN or tokens.holds(token):
            return None
        return _without_token(limiter)

    app.after_request(_headers)


def _storage_options(settings: Settings) -> dict[str, Any]:
    if settings.cache_url.startswith("memory"):
        return {}
    patience = {"socket_timeout": REDIS_PATIENCE_SECONDS, "socket_connect_timeout": REDIS_PATIENCE_SECONDS}
    return {"wrap_exceptions": True, "retry": None, **patience}


def limit(app: Flask, settings: Settings) -> Limiter:
    """So many requests a minute for each address that calls, counted in memory and forgotten."""
    return Limiter(
        get_remote_address,
        app=app,
        default_limits=[f"{settings.requests_per_minute} per minute"],
        storage_uri=settings.cache_url,
        strategy="fixed-window",
        headers_enabled=False,
        in_memory_fallback_enabled=True,
        storage_options=_storage_options(settings),
    )


def _without_token(limiter: Limiter) -> Response:
    return tokens.refusal(
        limiter,
        "token",
        "This service asks for its token: send the header Authorization: Bearer <token>. In the extension it is set in the options.",
        "Rapport: any name, the token as password",
    )


def _named_well(host: str, allowed: set[str]) -> bool:
    """Guards against DNS rebinding: a foreign name that points here is not answered."""
    name = urlsplit(f"//{host}").hostname or ""
    if is_loopback(name) or name in allowed:
        return True
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _is_for_embedding(path: str, method: str) -> bool:
    """Is this one of the addresses made for pages of others?

    Closed unless set: through pictures any page on the web could find out that its reader runs this service, and, by what they look
    like, which accounts were looked up on it.
    """
    return method in ("GET", "HEAD") and (path.startswith("/badge/") or path == "/oembed")


def _from_foreign_page(origin: str | None, site: str | None, method: str) -> bool:
    """Was this sent by a page of somebody else? Browsers say so; programs and the extension's worker do not."""
    if origin == "null" and method not in ("GET", "HEAD"):
        # A sandboxed frame or a local file; over plain http browsers do not say more. Nothing of ours sends it.
        return True
    if origin in (None, "null"):
        # A link from elsewhere to a page of ours is welcome; an image or script of theirs pointing here is not.
        return site == "cross-site" and (method != "GET" or request.headers.get("Sec-Fetch-Mode") != "navigate")
    parts = urlsplit(str(origin))
    return parts.scheme not in _EXTENSION_SCHEMES and parts.netloc != request.host


def _headers(response: Response) -> Response:
    headers = response.headers
    # A picture made for pages of others states policies of its own.
    headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "no-referrer"
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    if "Cache-Control" not in headers and not request.path.startswith("/assets"):
        headers["Cache-Control"] = "no-store"
    return response
