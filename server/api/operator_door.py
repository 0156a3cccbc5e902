"""Who may look at how the service fares: its operator, by a token, or whoever sits at the machine of a service that is for nobody else."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Response, request
from flask_limiter import Limiter

from server.api.problems import problem
from server.api.tokens import holds, refusal
from server.settings import Settings, is_loopback

ADMIN = "/admin/"
"""Addresses that begin so are the operator's."""
_FORWARDED = ("forwarded", "via", "x-forwarded", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip")
"""How the names of the headers begin by which a proxy says that it asks for somebody else."""


def is_for_operator() -> bool:
    """By the rule that was found, not by the address: however that is written, it leads to the same page."""
    return (request.url_rule.rule if request.url_rule else request.path).startswith(ADMIN)


def stopped(settings: Settings, limiter: Limiter) -> Response | None:
    """What is answered to somebody who may not look; None for who may.

    A reverse proxy on the same machine makes everybody look as if they sat there. So where the service is set up for others, the address
    that calls says nothing and only the token does.
    """
    if settings.admin_token is not None:
        if holds(settings.admin_token.get_secret_value().encode()):
            return None
        return refusal(
            limiter,
            "operator-token",
            "This page is for the operator of this service: send RAPPORT_ADMIN_TOKEN as Authorization: Bearer <token>, or type it in as "
            "the password.",
            "Rapport: any name, the operator's token as password",
        )
    if settings.is_for_one_machine and _comes_from_here():
        return None
    return problem(
        403,
        "operator",
        "This page is for the operator of this service. Without RAPPORT_ADMIN_TOKEN it is shown only on the machine that the service runs "
        "on, only by its address there, and not where the service is set up for others or asked through a proxy.",
    )


def _comes_from_here() -> bool:
    """Was this sent by a program on this machine, to this machine, by itself?"""
    if not is_loopback(request.remote_addr or "") or not is_loopback(urlsplit(f"//{request.host}").hostname or ""):
        return False
    if any(name.lower().startswith(_FORWARDED) for name in request.headers.keys()):  # noqa: SIM118 (iterating gives pairs)
        return False
    # A proxy that adds no header still gives itself away where it speaks HTTP/1.0, as nginx does unless told otherwise.
    return request.environ.get("SERVER_PROTOCOL") not in ("HTTP/1", "HTTP/1.0")
