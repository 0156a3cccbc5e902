"""The HTTP client that asks the outside: guarded, bounded, polite."""

from __future__ import annotations

import copy
import functools
import logging
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import inf
from typing import Any
from urllib.parse import urlencode

import httpcore2
import httpx2
import msgspec
import ssrfguard
import stamina

from server.errors import AnswerTooLarge, CallBudgetSpent, UnreadableAnswer, UpstreamRefusal, UpstreamUnavailable
from server.fetching import outcomes, rate_limits
from server.fetching.addresses import BadCertificate, CheckedBackend, Resolver, deadline, policy_for
from server.fetching.pacing import HeldBack, Pacing
from server.happenings import Asked, Tell, ToldToWait, unheard

# At DEBUG these would write whole URLs, and with them who was looked up.
for _name in ("httpcore2", "httpx2"):
    logging.getLogger(_name).setLevel(logging.WARNING)

# Its log lines would name the host, which for a server of one is who was looked up.
stamina.instrumentation.set_on_retry_hooks(())

Params = Sequence[tuple[str, str]] | dict[str, str] | None

_JSON = "application/json, application/*+json;q=0.9"
_REFUSALS = frozenset({400, 401, 403, 404, 410, 422})
_WORTH_REPEATING = frozenset({429, 502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_NO_NETWORK = "none"
"""What is asked for no network in particular is counted under this."""


@dataclass(frozen=True, slots=True)
class FetchingLimits:
    """How far the client goes. Times are seconds."""

    user_agent: str = "Rapport/0.1"
    """Name and, after ``+``, an address where an upstream's operator finds out who asks."""
    allowed_networks: tuple[str, ...] = ()
    """Networks (CIDR) reached although they are not public, by http and on any port too; e.g. ``127.0.0.0/8``."""
    total: float = 10.0
    """For one call with its redirects, repetitions and the waits between them; not for waiting one's turn."""
    connect: float = 4.0
    read: float = 10.0
    body_bytes: int = 2 * 1024 * 1024
    """Of a body, counted after decompression."""
    redirects: int = 3
    attempts: int = 3
    longest_wait: float = 3.0
    """A wait that an upstream asks for is sat out up to this; a longer one is handed on as ``retry_after``."""
    back_off: float = 0.3
    at_once_per_host: int = 2
    spacing: float = 0.05

    @property
    def pace(self) -> tuple[int, float, float]:
        """What ``server.fetching.pacing.Pacing`` is made of."""
        return self.at_once_per_host, self.spacing, self.longest_wait


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: dict[str, str]
    body: bytes
    host: str

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def is_json(self) -> bool:
        kind = self.content_type
        return kind.endswith(("/json", "+json"))


class _Transient(UpstreamUnavailable):
    """Worth repeating; ``retry_after`` None: after the usual back-off."""

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message, 60.0 if wait is None else wait)
        self.wait = wait


class GuardedClient:
    """Implements ``server.networks.network.Upstream``. Thread-safe; one for the whole process.

    Connects only to public addresses (and ``allowed_networks``), checked for the address actually connected to, at each
    redirect anew. Takes nothing from the environment, keeps no cookies, and logs nothing about what was asked.
    """

    def __init__(
        self,
        limits: FetchingLimits | None = None,
        *,
        resolver: Resolver = socket.getaddrinfo,
        ssl_context: ssl.SSLContext | None = None,
        pacing: Pacing | None = None,
        tell: Tell = unheard,
    ) -> None:
        """``tell`` hears of every request what came of it, by the network it was made for, never by its host."""
        self.limits = limits or FetchingLimits()
        self._tell, self._network = tell, _NO_NETWORK
        self._pacing = pacing or Pacing(*self.limits.pace)
        self._policy = policy_for(self.limits.allowed_networks, local=False)
        self.ssl_context = ssl_context or httpx2.create_ssl_context(trust_env=False)
        pool = functools.partial(
            httpcore2.ConnectionPool,
            self.ssl_context,
            max_connections=40,
            max_keepalive_connections=20,
            keepalive_expiry=30.0,
        )
        local = policy_for(self.limits.allowed_networks, local=True)
        self._public_backend = CheckedBackend(self._policy, resolver)
        self._local_backend = CheckedBackend(local, resolver, local_only=True)
        self._public = pool(network_backend=self._public_backend)
        self._local = pool(network_backend=self._local_backend)

    def get_json(self, url: str, params: Params = None, *, user_named: bool = False) -> Any:
        """The decoded JSON body of an answer.

        Raises UpstreamRefusal for 400, 401, 403, 404, 410, 422; UpstreamUnavailable for everything else that fails.
        """
        return _decoded(self._get(url, params, user_named, _JSON))

    def get_linked_json(self, url: str, params: Params = None, *, user_named: bool = False) -> tuple[Any, str]:
        """The decoded JSON body, and the address that the answer's ``Link`` header calls the next page (RFC 8288), else an empty one.

        Raises as ``get_json`` does.
        """
        answer = self._get(url, params, user_named, _JSON)
        links = httpx2.Response(answer.status, headers={"link": answer.headers.get("link", "")[:4000]}).links
        return _decoded(answer), str(links.get("next", {}).get("url", ""))

    def get_text(self, url: str, params: Params = None, *, accept: str, user_named: bool = False) -> str:
        """The body of an answer whose content type is ``accept``, as UTF-8 text. Raises as ``get_json`` does."""
        answer = self._get(url, params, user_named, accept)
        if answer.content_type != accept:
            raise UnreadableAnswer(f"{answer.host} answered, but not with {accept}", 900.0)
        return answer.body.decode("utf-8", "replace")

    def connect(self, host: str, port: int, *, encrypted: bool) -> socket.socket:
        """A connection to a checked address, for what is no HTTP request; with ``encrypted`` the caller has TLS spoken on it.

        As where people named a host: unencrypted or on another port than 443 only within ``allowed_networks``. Raises UpstreamUnavailable.
        """
        is_public = self._is_public(host, port, encrypted=encrypted, usual=port == 443, user_named=True)
        backend = self._public_backend if is_public else self._local_backend
        with _in_words(host, self.limits.connect), deadline(time.monotonic() + self.limits.connect):
            connection: socket.socket = backend.connect_tcp(host, port).get_extra_info("socket")
        connection.settimeout(None)
        return connection

    def budget(self, calls: int, seconds: float = inf) -> Budgeted:
        """This client, allowed only so many calls."""
        return Budgeted(self, calls, seconds)

    def on_behalf_of(self, network: str) -> GuardedClient:
        """This client, with the same connections and waits; what it asks is counted for a network, which is given by its id."""
        named = copy.copy(self)
        named._network = network
        return named

    def close(self) -> None:
        """Close all connections."""
        self._public.close()
        self._local.close()

    def _get(self, url: str, params: Params, user_named: bool, accept: str) -> _Answer:
        if params:
            url = f"{url}?{urlencode(params)}"
        try:
            address = httpx2.URL(url)
        except httpx2.InvalidURL as error:
            raise UpstreamUnavailable("only web addresses can be asked", 3600.0) from error
        clock = _Clock(self.limits.total)
        # stamina fits although waits are dictated from outside: its hook may return the seconds to wait.
        for attempt in stamina.retry_context(
            on=functools.partial(self._wait_before_repeating, clock=clock),
            attempts=self.limits.attempts,
            timeout=None,
            wait_initial=self.limits.back_off,
            wait_max=self.limits.longest_wait,
            wait_jitter=self.limits.back_off,
        ):
            with attempt:
                return self._follow(address, user_named, accept, clock)
        raise AssertionError("unreachable: the last attempt raises or returns")

    def _wait_before_repeating(self, error: Exception, clock: _Clock) -> bool | float:
        if not isinstance(error, _Transient) or clock.left() <= 0:
            return False
        if error.wait is None:
            return True
        return error.wait if error.wait <= min(self.limits.longest_wait, clock.left()) else False

    def _follow(self, url: httpx2.URL, user_named: bool, accept: str, clock: _Clock) -> _Answer:
        for _ in range(self.limits.redirects + 1):
            answer = self._ask(url, user_named, accept, clock)
            if answer.status not in _REDIRECTS:
                return self._judge(answer)
            try:
                url = url.join(answer.headers.get("location", "")).copy_with(fragment=None)
            except httpx2.InvalidURL as error:
                raise UpstreamUnavailable(f"{answer.host} redirects to what is no address", 3600.0) from error
        raise UpstreamUnavailable(f"{url.host} redirects too often", 3600.0)

    def _judge(self, answer: _Answer) -> _Answer:
        if 200 <= answer.status < 300:
            return answer
        if answer.status in _REFUSALS:
            raise UpstreamRefusal(f"{answer.host} answered {answer.status}", answer.status, _body_of(answer))
        if answer.status in _WORTH_REPEATING:
            wait = rate_limits.retry_after(answer.headers, time.time())
            if wait is None:
                wait = rate_limits.exhausted_for(answer.headers, time.time())
            if wait is not None:
                self._exhaust(answer.host, wait)
            asked = "allows no further requests just now" if answer.status == 429 else "is not available just now"
            raise _Transient(f"{answer.host} {asked} (it answered {answer.status})", wait)
        raise UpstreamUnavailable(f"{answer.host} failed (it answered {answer.status})", 120.0)

    def _ask(self, url: httpx2.URL, user_named: bool, accept: str, clock: _Clock) -> _Answer:
        pool, host = self._pool_for(url, user_named), url.host
        try:
            with self._pacing.place(host) as waited, _in_words(host, self.limits.total):
                clock.pause(waited)
                with deadline(clock.end):
                    answer = self._counted(pool, url, accept)
        except HeldBack:
            self._tell(Asked(self._network, outcomes.HELD_BACK, None))
            raise
        exhausted = rate_limits.exhausted_for(answer.headers, time.time())
        if exhausted:
            self._exhaust(host, exhausted)
        return answer

    def _exhaust(self, host: str, seconds: float) -> None:
        self._pacing.exhaust(host, seconds)
        self._tell(ToldToWait(self._network, seconds))

    def _counted(self, pool: httpcore2.ConnectionPool, url: httpx2.URL, accept: str) -> _Answer:
        began, outcome = time.monotonic(), outcomes.BROKEN
        try:
            answer = self._exchange(pool, url, accept)
            outcome = outcomes.of_status(answer.status)
            return answer
        except Exception as error:
            outcome = outcomes.of_error(error)
            raise
        finally:
            self._tell(Asked(self._network, outcome, time.monotonic() - began))

    def _pool_for(self, url: httpx2.URL, user_named: bool) -> httpcore2.ConnectionPool:
        """Raises UpstreamUnavailable for an address that is not asked at all."""
        if url.scheme not in ("http", "https") or not url.host:
            raise self._refused("only web addresses can be asked")
        encrypted = url.scheme == "https"
        usual = url.port in (None, 443 if encrypted else 80)
        is_public = self._is_public(url.host, url.port, encrypted=encrypted, usual=usual, user_named=user_named)
        return self._public if is_public else self._local

    def _is_public(self, host: str, port: int | None, *, encrypted: bool, usual: bool, user_named: bool) -> bool:
        """May this be asked anywhere (``usual``: at the port of its kind)? False: in ``allowed_networks`` only. Raises UpstreamUnavailable."""
        if usual and (encrypted or not user_named):
            return True
        if self.limits.allowed_networks:
            return False
        what = f"on port {port}" if encrypted or not user_named else "without encryption"
        raise self._refused(f"{host} is not asked {what}")

    def _refused(self, why: str) -> UpstreamUnavailable:
        self._tell(Asked(self._network, outcomes.REFUSED_ADDRESS, None))
        return UpstreamUnavailable(why, 3600.0)

    def _exchange(self, pool: httpcore2.ConnectionPool, url: httpx2.URL, accept: str) -> _Answer:
        limits = self.limits
        timeouts = {"connect": limits.connect, "read": limits.read, "write": limits.read, "pool": limits.total}
        headers: dict[bytes | str, bytes | str] = {
            "Host": url.netloc.decode("ascii"),
            "User-Agent": limits.user_agent,
            "Accept": accept,
            "Accept-Encoding": "gzip",
        }
        with pool.stream(
            "GET",
            httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=headers,
            extensions={"timeout": timeouts},
        ) as response:
            answered = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in response.headers}
            body = b"" if response.status in _REDIRECTS else self._body(response.iter_stream(), answered, url.host)
            return _Answer(response.status, answered, body, url.host)

    def _body(self, chunks: Iterator[bytes], headers: dict[str, str], host: str) -> bytes:
        encoding = headers.get("content-encoding", "identity").strip().lower()
        if encoding not in ("identity", "", "gzip", "x-gzip"):
            raise UpstreamUnavailable(f"{host} answered in an encoding that was not asked for", 3600.0)
        cap = self.limits.body_bytes
        inflate = zlib.decompressobj(31) if encoding.endswith("gzip") else None
        body = bytearray()
        for chunk in chunks:
            # One byte over the cap tells; without the bound a few kB of gzip would fill the memory.
            body += inflate.decompress(chunk, cap + 1 - len(body)) if inflate else chunk
            if len(body) > cap:
                raise AnswerTooLarge(f"{host} answered with more than {cap // 1024} KiB", 3600.0)
        if inflate and body and not inflate.eof:
            raise _Transient(f"{host} broke off its answer")
        return bytes(body)


class Budgeted:
    """A client that may be called only so many times, and only for so long; thread-safe."""

    def __init__(self, client: GuardedClient | Budgeted, calls: int, seconds: float = inf) -> None:
        self._client = client
        self._left = calls
        self._end = time.monotonic() + seconds
        self._lock = threading.Lock()

    def get_json(self, url: str, params: Params = None, *, user_named: bool = False) -> Any:
        """As ``GuardedClient.get_json``; raises CallBudgetSpent when no call is left."""
        self._spend()
        return self._client.get_json(url, params, user_named=user_named)

    def get_linked_json(self, url: str, params: Params = None, *, user_named: bool = False) -> tuple[Any, str]:
        """As ``GuardedClient.get_linked_json``; raises CallBudgetSpent when no call is left."""
        self._spend()
        return self._client.get_linked_json(url, params, user_named=user_named)

    def get_text(self, url: str, params: Params = None, *, accept: str, user_named: bool = False) -> str:
        """As ``GuardedClient.get_text``; raises CallBudgetSpent when no call is left."""
        self._spend()
        return self._client.get_text(url, params, accept=accept, user_named=user_named)

    def budget(self, calls: int, seconds: float = inf) -> Budgeted:
        """A part of this budget; what it spends is spent here too."""
        return Budgeted(self, calls, seconds)

    def _spend(self) -> None:
        with self._lock:
            if self._left <= 0 or time.monotonic() > self._end:
                raise CallBudgetSpent("no further upstream call is allowed")
            self._left -= 1


class _Clock:
    """The time one call has; waiting for one's turn stops it."""

    def __init__(self, seconds: float) -> None:
        self.end = time.monotonic() + seconds

    def left(self) -> float:
        return self.end - time.monotonic()

    def pause(self, seconds: float) -> None:
        self.end += seconds


@contextmanager
def _in_words(host: str, total: float) -> Iterator[None]:
    """Turns what the transport raises into words about the host, without the URL."""
    try:
        yield
    except httpcore2.TimeoutException:
        # Not repeated: whoever is slow is not helped by being asked twice.
        raise UpstreamUnavailable(f"{host} did not answer within {total:g} seconds", 120.0) from None
    except ssrfguard.SSRFGuardError:
        raise UpstreamUnavailable(f"{host} is not a public address, so it is not asked", 3600.0) from None
    except BadCertificate as error:
        raise UpstreamUnavailable(f"{host} does not show a valid certificate", 3600.0) from error
    except httpcore2.ConnectError as error:
        raise _Transient(f"{host} could not be reached") from error
    except (httpcore2.NetworkError, httpcore2.ProtocolError) as error:
        raise _Transient(f"{host} broke off its answer") from error
    except zlib.error:
        raise UnreadableAnswer(f"{host} answered with broken compression", 300.0) from None


def _decoded(answer: _Answer) -> Any:
    if not answer.is_json:
        raise UnreadableAnswer(f"{answer.host} answered, but not with JSON", 900.0)
    try:
        return msgspec.json.decode(answer.body)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise UnreadableAnswer(f"{answer.host} answered with broken JSON", 300.0) from error


def _body_of(answer: _Answer) -> Any:
    text = answer.body[:2000].decode("utf-8", "replace")
    if not answer.is_json:
        return text
    try:
        return msgspec.json.decode(answer.body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return text
