"""Replica pages of bsky.app, mastodon.social (and another instance), x.com, Elk and Phanpy, served over TLS on loopback.

A browser is pointed at them by name: see chromium_arguments() and firefox_preferences(). Nothing is loaded from elsewhere.
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import ssl
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, request
from werkzeug.serving import make_server

from tests.browser.people import MEMBER, NETWORK_OF, shown_on

STATIC = Path(__file__).parent / "static"
SCRIPT_OF = {
    "bsky.app": "bluesky",
    "mastodon.social": "mastodon",
    "mastodon.example": "mastodon",
    "x.com": "x",
    "elk.zone": "elk",
    "phanpy.social": "phanpy",
}
TITLE_OF = {"bluesky": "Bluesky", "mastodon": "Mastodon", "x": "X", "elk": "Elk", "phanpy": "Phanpy"}
ROOT_OF = {
    "bluesky": '<div id="root"></div>',
    "x": '<div id="react-root"></div>',
    "mastodon": '<div id="mastodon" class="app-holder" data-props=\'{"locale":"en"}\'></div>',
    "elk": '<div id="__nuxt"></div><svg width="0" height="0"><defs><clipPath id="avatar-mask"></clipPath></defs></svg>',
    "phanpy": '<div id="app"></div><div id="modal-container"></div>',
}
NONCE = "n1"
# As strict as the real sites or stricter: no inline script or style without a nonce, no foreign connections.
POLICY = (
    f"default-src 'self'; script-src 'nonce-{NONCE}'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-src 'none'; object-src 'none'; base-uri 'none'"
)


def page_html(host: str, people: Sequence[Mapping[str, Any]]) -> str:
    """The one document of a site; its script draws every address."""
    script = SCRIPT_OF[host]
    shown = {"people": [_complete(person) for person in people], "member": MEMBER[NETWORK_OF[host]]}
    state = {"meta": {"domain": host, "version": "4.5.0", "repository": "mastodon/mastodon"}}
    blocks = _json_block("replica-data", shown) + (_json_block("initial-state", state) if script == "mastodon" else "")
    return (
        f'<!doctype html><html lang="en" dir="ltr"><head><meta charset="utf-8"><title>{TITLE_OF[script]}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f'<link rel="stylesheet" href="/replica/{script}.css">{blocks}</head><body>{ROOT_OF[script]}'
        f'<script nonce="{NONCE}" src="/replica/common.js"></script>'
        f'<script nonce="{NONCE}" src="/replica/{script}.js"></script></body></html>'
    )


def _json_block(identifier: str, value: Mapping[str, Any]) -> str:
    text = json.dumps(value).replace("<", "\\u003c")
    return f'<script id="{identifier}" type="application/json">{text}</script>'


def _complete(person: Mapping[str, Any]) -> dict[str, Any]:
    """A person given by handle alone gets what a page needs to draw one."""
    name = str(person["handle"]).split("@")[0].split(".")[0].replace("_", " ").title()
    seed = hashlib.sha256(str(person["handle"]).encode()).digest()
    return {
        "name": name,
        "bio": "",
        "hue": seed[0] * 360 // 256,
        "followers": seed[1] * 9,
        "following": seed[2] * 2,
        "count": seed[3] * 7,
        "joined": "2023-05-01",
        "texts": [],
        **person,
    }


def make_certificate(folder: Path) -> tuple[Path, Path, str]:
    """A self-signed certificate for the replica sites: (certificate, key, hash of the public key as Chromium wants it)."""
    certificate, key = folder / "cert.pem", folder / "key.pem"
    names = ",".join(f"DNS:{host}" for host in SCRIPT_OF)
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "30",
            "-subj",
            "/CN=replica.test",
            "-addext",
            f"subjectAltName={names}",
            "-keyout",
            str(key),
            "-out",
            str(certificate),
        ],
        check=True,
        capture_output=True,
    )
    public = subprocess.run(
        ["openssl", "x509", "-in", str(certificate), "-pubkey", "-noout"], check=True, capture_output=True
    ).stdout
    der = subprocess.run(
        ["openssl", "pkey", "-pubin", "-outform", "der"], input=public, check=True, capture_output=True
    ).stdout
    return certificate, key, base64.b64encode(hashlib.sha256(der).digest()).decode()


def pages_app(people: Mapping[str, Sequence[Mapping[str, Any]]]) -> Flask:
    """The WSGI application: /replica/<file> is static, every other address is the site's one document."""
    app = Flask("replicas", static_folder=None)

    @app.get("/replica/<name>")
    def static(name: str) -> Response:
        file = STATIC / name
        if file.parent != STATIC or not file.is_file():
            abort(404)
        return Response(file.read_bytes(), mimetype="text/css" if file.suffix == ".css" else "text/javascript")

    @app.get("/", defaults={"path": ""})
    @app.get("/<path:path>")
    def page(path: str) -> Response:
        host = request.host.split(":")[0]
        if host not in SCRIPT_OF:
            abort(404)
        answer = Response(page_html(host, people.get(host) or shown_on(host)), mimetype="text/html")
        answer.headers["Content-Security-Policy"] = POLICY
        answer.headers["Referrer-Policy"] = "unsafe-url"  # the loosest there is: what leaks would be seen
        return answer

    return app


class Replicas:
    """The running server. `port` and `spki` are what a browser must be told."""

    def __init__(self, people: Mapping[str, Sequence[Mapping[str, Any]]] | None = None, port: int = 0) -> None:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        with tempfile.TemporaryDirectory() as folder:
            certificate, key, self.spki = make_certificate(Path(folder))
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, key)
        self._server = make_server("127.0.0.1", port, pages_app(people or {}), threaded=True, ssl_context=context)
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def chromium_arguments(self) -> list[str]:
        """Command line switches: these sites are here, no other name exists, this one key is trusted."""
        here = ",".join(f"MAP {host}:443 127.0.0.1:{self.port}" for host in SCRIPT_OF)
        return [
            f"--host-resolver-rules={here},MAP * ~NOTFOUND,EXCLUDE 127.0.0.1",
            f"--ignore-certificate-errors-spki-list={self.spki}",
        ]

    def firefox_preferences(self) -> dict[str, Any]:
        """Preferences: every name is this machine, and https is the replica."""
        return {"network.dns.forceResolve": "127.0.0.1", "network.socket.forcePort": f"443={self.port}"}

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join(5)


def serve(people: Mapping[str, Sequence[Mapping[str, Any]]] | None = None, port: int = 0) -> Replicas:
    """Start the replica sites. people: host -> persons to show, each {"handle": …} plus optionally name, bio, hue, followers,
    following, count, joined, texts; hosts left out show the invented people."""
    return Replicas(people, port)
