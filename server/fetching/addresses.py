"""Connections to checked addresses only, with one deadline over everything that happens on them."""

from __future__ import annotations

import ipaddress
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import httpcore2
import ssrfguard

Resolver = Callable[..., Any]
"""Called like ``socket.getaddrinfo``; whatever it answers is checked before anything connects."""

IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

_deadline: ContextVar[float] = ContextVar("deadline", default=float("inf"))

_LOOKUPS_AT_ONCE = threading.BoundedSemaphore(16)


@contextmanager
def deadline(monotonic: float) -> Iterator[None]:
    """Within this, every look-up, connect, read and write of this thread ends by then (``time.monotonic`` seconds)."""
    token = _deadline.set(monotonic)
    try:
        yield
    finally:
        _deadline.reset(token)


def _remaining(timeout: float | None, error: type[Exception]) -> float | None:
    left = _deadline.get() - time.monotonic()
    if left <= 0:
        raise error("the time for this request is up")
    if left == float("inf"):
        return timeout
    return left if timeout is None else min(timeout, left)


def lookup_within_deadline(resolver: Resolver) -> Resolver:
    """The same resolver, given up on when the deadline passes.

    ``getaddrinfo`` takes no timeout, yet it alone knows /etc/hosts and nsswitch.conf; so it runs in a thread that is
    left behind when it hangs. How many may hang at once is bounded.
    """

    def lookup(*arguments: Any, **options: Any) -> Any:
        answer: list[Any] = []
        failure: list[BaseException] = []

        def run() -> None:
            try:
                answer.append(resolver(*arguments, **options))
            except BaseException as error:
                failure.append(error)
            finally:
                _LOOKUPS_AT_ONCE.release()

        if not _LOOKUPS_AT_ONCE.acquire(timeout=_remaining(None, httpcore2.ConnectTimeout)):
            raise httpcore2.ConnectTimeout("too many name look-ups are under way")
        thread = threading.Thread(target=run, name="name look-up", daemon=True)
        thread.start()
        thread.join(_remaining(None, httpcore2.ConnectTimeout))
        if failure:
            raise failure[0]
        if not answer:
            raise httpcore2.ConnectTimeout("the name look-up took too long")
        return answer[0]

    return lookup


def networks_from(texts: Iterable[str]) -> tuple[IPNetwork, ...]:
    """Networks in CIDR notation, IPv4 loopback always together with IPv6 loopback: ``localhost`` is both."""
    networks = [ipaddress.ip_network(text) for text in texts]
    if any(network.is_loopback for network in networks):
        networks.append(ipaddress.ip_network("::1/128"))
    return tuple(dict.fromkeys(networks))


def policy_for(allowed_networks: Iterable[str], *, local: bool) -> ssrfguard.Policy:
    """What may be connected to: public addresses on the web's ports; with ``local`` any port."""
    ports = frozenset(range(1, 65536)) if local else frozenset({80, 443})
    return ssrfguard.Policy(allowed_networks=networks_from(allowed_networks), allowed_ports=ports)


class CheckedBackend(httpcore2.NetworkBackend):
    """Resolves a name once, checks every answer, connects to one of them, checks the peer.

    With ``local_only`` nothing but the policy's own allowed networks is connected to.
    """

    def __init__(self, policy: ssrfguard.Policy, resolver: Resolver, *, local_only: bool = False) -> None:
        self._policy = policy
        self._resolver = lookup_within_deadline(resolver)
        self._local_only = local_only

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        addresses = self._addresses(host, port)
        left = _remaining(timeout, httpcore2.ConnectTimeout)
        # The timeout holds per attempt: shared out, so that a host with a dead first address still leaves time for the next.
        each = None if left is None else left / min(len(addresses), self._policy.max_connection_attempts)
        options = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1), *(socket_options or ())]
        try:
            sock = ssrfguard.connect(addresses, policy=self._policy, timeout=each, socket_options=options)
        except TimeoutError as error:
            raise httpcore2.ConnectTimeout(str(error)) from error
        except OSError as error:
            raise httpcore2.ConnectError(str(error)) from error
        return DeadlineStream(sock)

    def _addresses(self, host: str, port: int) -> Sequence[ssrfguard.Address]:
        bracketed = f"[{host}]" if ":" in host else host
        target = self._policy.check_url(f"https://{bracketed}:{port}/")
        try:
            addresses = ssrfguard.resolve(target, policy=self._policy, resolver=self._resolver)
        except socket.gaierror as error:
            raise httpcore2.ConnectError(f"the name {host} is not known") from error
        for address in addresses:
            if self._local_only and not any(address.ip in network for network in self._policy.allowed_networks):
                raise ssrfguard.BlockedAddressError(str(address.ip), "only local networks are reached in this way")
        return addresses


class BadCertificate(httpcore2.ConnectError):
    """The host's certificate is not valid for its name."""


class DeadlineStream(httpcore2.NetworkStream):
    """A socket whose every operation also ends by the deadline of the request using it."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            self._socket.settimeout(_remaining(timeout, httpcore2.ReadTimeout))
            return self._socket.recv(max_bytes)
        except TimeoutError as error:
            raise httpcore2.ReadTimeout(str(error)) from error
        except OSError as error:
            raise httpcore2.ReadError(str(error)) from error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        try:
            self._socket.settimeout(_remaining(timeout, httpcore2.WriteTimeout))
            self._socket.sendall(buffer)
        except TimeoutError as error:
            raise httpcore2.WriteTimeout(str(error)) from error
        except OSError as error:
            raise httpcore2.WriteError(str(error)) from error

    def close(self) -> None:
        self._socket.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        try:
            self._socket.settimeout(_remaining(timeout, httpcore2.ConnectTimeout))
            return DeadlineStream(ssl_context.wrap_socket(self._socket, server_hostname=server_hostname))
        except TimeoutError as error:
            self.close()
            raise httpcore2.ConnectTimeout(str(error)) from error
        except OSError as error:
            self.close()
            problem = BadCertificate if isinstance(error, ssl.SSLCertVerificationError) else httpcore2.ConnectError
            raise problem(str(error)) from error

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":
            return bool(select.select([self._socket], [], [], 0)[0])
        if info == "ssl_object":
            return self._socket if isinstance(self._socket, ssl.SSLSocket) else None
        return self._socket if info == "socket" else None
