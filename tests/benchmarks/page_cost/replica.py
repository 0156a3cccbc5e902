"""The three long timelines, served over TLS on loopback: 2,000 posts whose rows are appended, or recycled."""

from __future__ import annotations

import ssl
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

from tests.browser.replicas import make_certificate

PAGES_FOLDER = Path(__file__).parent / "pages"
POLICY = (
    "default-src 'self'; script-src 'nonce-n1'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'"
)
AVATAR = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="48" height="48"><rect width="48" height="48" fill="#9bd"/></svg>'
)


class Site(NamedTuple):
    host: str
    path: str
    root: str
    title: str
    network: str
    handle: str  # of the n-th author, as pages/<site>.js writes it


SITES = {
    "x": Site("x.com", "/home", "react-root", "Home / X", "x", "user_{n:03d}"),
    "bluesky": Site("bsky.app", "/", "root", "Following — Bluesky", "bluesky", "user{n:03d}.bsky.social"),
    "mastodon": Site("mastodon.social", "/home", "mastodon", "Mastodon", "mastodon", "user{n:03d}@inst{m}.example"),
}


def authors(site: Site, count: int) -> list[str]:
    """The handles of everybody on the timeline."""
    return [site.handle.format(n=n, m=n % 17) for n in range(count)]


def html(page: str) -> str:
    """The document; pages/common.js and pages/<page>.js fill it."""
    site = SITES[page]
    styles = (PAGES_FOLDER / f"{'mastodon' if page == 'mastodon' else 'atomic'}.css").read_text()
    # As many atomic rules as a React Native Web site has: the cost of a style recalculation depends on them.
    styles += "\n".join(f".r-{i:x}zz{{margin-left:{i % 40}px}}" for i in range(900))
    state, properties = "", ""
    if page == "mastodon":
        state = f'<script id="initial-state" type="application/json">{{"meta":{{"domain":"{site.host}"}}}}</script>'
        properties = ' data-props=\'{"locale":"en"}\' class="app-holder"'
    return (
        '<!doctype html><html lang="en" dir="ltr" style="font-size: 15px;"><head><meta charset="utf-8">'
        f'<title>{site.title}</title><meta name="viewport" content="width=device-width">'
        f'<link rel="icon" href="data:,"><style>{styles}</style>{state}</head>'
        f'<body style="background-color: #FFFFFF;"><div id="{site.root}"{properties}></div>'
        '<script nonce="n1" src="/bench/common.js"></script>'
        f'<script nonce="n1" src="/bench/{page}.js"></script></body></html>'
    )


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        host, path = (self.headers.get("Host") or "").split(":")[0], self.path.split("?")[0]
        page = next((name for name, site in SITES.items() if site.host == host), None)
        if page and path.startswith("/bench/") and (file := PAGES_FOLDER / Path(path).name).is_file():
            self._answer("text/javascript", file.read_bytes())
        elif path == "/avatar.svg":
            self._answer("image/svg+xml", AVATAR, {"Cache-Control": "max-age=3600"})
        elif page and path == SITES[page].path:
            self._answer("text/html; charset=utf-8", html(page).encode(), {"Content-Security-Policy": POLICY})
        else:
            self.send_error(404)

    def _answer(self, kind: str, data: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(200)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(data)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_arguments: object) -> None:
        pass


class Timelines:
    """The running server."""

    def __init__(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            certificate, key, self.spki = make_certificate(Path(folder))
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, key)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def chromium_arguments(self) -> list[str]:
        """Command line switches: these sites are here, no other name exists, this one key is trusted."""
        here = ",".join(f"MAP {site.host}:443 127.0.0.1:{self.port}" for site in SITES.values())
        return [
            f"--host-resolver-rules={here},MAP * ~NOTFOUND,EXCLUDE 127.0.0.1",
            f"--ignore-certificate-errors-spki-list={self.spki}",
        ]

    def close(self) -> None:
        self._server.shutdown()
