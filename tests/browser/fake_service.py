"""A stand-in for the Rapport service: it answers for the invented people, remembers what it was asked, and fails on request."""

from __future__ import annotations

import hashlib
import logging
import re
import threading
import time
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.serving import make_server

from tests.browser.people import person_of

LONGEST_HELD_SECONDS = 10.0
"""After this an answer that is held goes out all the same: a test that ended early leaves no thread behind."""
SCORED_AT = "2026-11-22T20:00:00Z"
MEMBER = re.compile(r"^(member_?|user_?)\d+")
FACTS = {
    "last_post": "2026-11-19T08:00:00Z",
    "posts_per_week": 4.2,
    "talks_about": [{"tag": "trams", "posts": 9}, {"tag": "planning", "posts": 5}],
    "answers_strangers": {"answered": 7, "of": 12},
}


def point(day: str, score: float | None, version: str = "1") -> dict[str, Any]:
    """One entry of the history of an account."""
    return {
        "scored_at": f"{day}T20:00:00Z",
        "score": score,
        "low": None if score is None else round(score) - 5,
        "high": None if score is None else round(score) + 4,
        "formula_version": version,
        "verdict": "in_conversation",
        "replies": 74,
        "broadcasts": 60,
        "other_versions": [],
    }


POINTS = [
    point("2026-03-03", 58.2),
    point("2026-05-10", 59.6),
    point("2026-07-22", 58.4),
    point("2026-09-30", 60.9),
    point("2026-11-20", 61.7),
]


@dataclass
class Call:
    method: str
    path: str
    headers: dict[str, str]
    body: Any
    at: float

    @property
    def handles(self) -> list[str]:
        return [account["handle"] for account in self.body["accounts"]] if self.path == "/api/v1/badges" else []


class FakeService:
    """Started on a free loopback port; stop() and start() keep the port."""

    def __init__(self) -> None:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self.port = 0
        self._server: Any = None
        self._thread: threading.Thread | None = None
        self.answering = 0
        self.may_answer = threading.Event()
        self.reset()
        self.start()

    def hold_answers(self) -> None:
        """Take questions and answer none before ``answer_now``."""
        self.may_answer.clear()

    def answer_now(self) -> None:
        """Answer what was held, and whatever comes."""
        self.may_answer.set()

    def wait_idle(self, seconds: float = 3) -> None:
        """Wait until every question that came has been answered, and no further one came for a moment."""
        until = time.monotonic() + seconds
        seen = -1
        while time.monotonic() < until and (self.answering or seen != len(self.calls)):
            seen = len(self.calls)
            time.sleep(0.05)

    def reset(self) -> None:
        """Forget the calls and every order to misbehave."""
        self.calls: list[Call] = []  # all but those for site data, which come by themselves
        self.site_calls: list[Call] = []
        self.sites: list[dict[str, Any]] = []  # corrections of site data
        self.digits = 0  # of hashes in look-ups by prefix
        self.listed: dict[str, list[str]] = {}  # network -> handles told of in look-ups by prefix
        self.delay = 0.0
        self.answer_now()
        self.fails_with: int | None = None
        self.retry_after: int | None = None
        self.token: str | None = None
        self.pending_left: dict[str, int] = {}  # handle -> how many more times it is still being gathered
        self.states: dict[str, str] = {}  # handle -> a state other than the person's own
        self.refreshing_left = 0
        self.facts: dict[str, Any] | None = dict(FACTS)
        self.points: list[dict[str, Any]] | None = list(POINTS)  # None: a service that has no history to give
        if self._server is None and self.port:
            self.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._server = make_server("127.0.0.1", self.port, self._app(), threaded=True)
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join(5)
            self._server.server_close()
            self._server = None

    @property
    def badge_calls(self) -> list[Call]:
        return [call for call in self.calls if call.path == "/api/v1/badges"]

    @property
    def observations(self) -> list[Call]:
        return [call for call in self.calls if call.path == "/api/v1/observations"]

    def asked(self) -> list[str]:
        """Every handle asked for, in order, repeated ones too."""
        return [handle for call in self.badge_calls for handle in call.handles]

    def badge(self, network: str, handle: str) -> dict[str, Any]:
        """One entry of the answer to POST /api/v1/badges."""
        base: dict[str, Any] = {"network": network, "handle": handle}
        if self.pending_left.get(handle, 0) > 0:
            self.pending_left[handle] -= 1
            return {**base, "state": "pending", "ask_again_after": 1}
        known = _known(network, handle)
        state = self.states.get(handle, known["state"])
        if state not in ("ready", "too_little"):
            return {**base, "state": state, "ask_again_after": {"pending": 1, "unavailable": 60}.get(state, 3600)}
        return {
            **base,
            **known,
            "state": state,
            "id": _id(network, handle),
            "stale": False,
            "scored_at": SCORED_AT,
            "ask_again_after": 21600,
        }

    def report(self, network: str, handle: str, badge: dict[str, Any]) -> dict[str, Any]:
        """The whole report that belongs to a badge."""
        score = badge.get("score")
        parts = (
            []
            if score is None
            else [
                ("true_reach", "True Reach", round(score * 0.45)),
                ("amplification", "Amplification", round(score * 0.33)),
            ]
        )
        if score is not None:
            parts.append(("network", "Network", score - sum(points for _id_, _title, points in parts)))
        total = max(1, badge["replies"] + badge["broadcasts"])
        person = person_of(network, handle)
        left, self.refreshing_left = self.refreshing_left, max(0, self.refreshing_left - 1)
        return {
            "state": badge["state"],
            "account": {
                "network": network,
                "id": badge["id"],
                "handle": handle,
                "display_name": person.name if person else handle,
                "url": f"https://example.test/{handle}",
                "created_at": "2021-03-14T00:00:00Z",
                "followers": 3412,
                "following": 611,
                "posts": 4180,
            },
            "score": None
            if score is None
            else {"value": score, "exact": score - 0.3, "low": badge["low"], "high": badge["high"], "confidence": 0.9},
            "pillars": [
                {"id": i, "title": t, "points": p - 0.1, "rounded": p, "of": of}
                for (i, t, p), of in zip(parts, (50.0, 30.0, 20.0), strict=False)
            ],
            "verdict": {"id": badge["verdict"], "title": badge["title"], "sentence": badge["sentence"]},
            "balance": {
                "replies": badge["replies"],
                "broadcasts": badge["broadcasts"],
                "ratio": badge["ratio"],
                "share": badge["replies"] / total,
                "low": 0.4,
                "high": 0.7,
            },
            "signals": [
                _signal(
                    "conversation_partners",
                    "Conversation partners",
                    "engagement",
                    None,
                    "Talked with 41 people, spread evenly.",
                    "people",
                    41.0,
                    None,
                ),
                _signal(
                    "answer_rate",
                    "Answers given",
                    "engagement",
                    None,
                    "Answered 7 of the 12 who wrote to it.",
                    "share",
                    0.58,
                    None,
                ),
                _signal(
                    "distinct_reposters",
                    "Distinct reposters",
                    "influence",
                    "amplification",
                    "112 different people reposted or quoted it.",
                    "people",
                    112.0,
                    12.3,
                ),
            ],
            "facts": self.facts,
            "coverage": {
                "posts_seen": 100,
                "posts_total": 190,
                "days": 90,
                "oldest": "2026-08-24T09:00:00Z",
                "threads_read": 4,
                "share": 0.53,
                "sentence": "100 of 190 posts seen",
            },
            "depth": "study",
            "gathered_at": SCORED_AT,
            "scored_at": SCORED_AT,
            "stale": False,
            "refreshing": left > 0,
            "ask_again_after": 1 if left else 21600,
            "formula_version": "1",
            "kept": True,
            "report_url": f"/accounts/{network}/{handle}",
        }

    def entries(self, prefix: str) -> list[dict[str, Any]]:
        """What is told of the accounts whose hash begins so, padded to a multiple of sixteen."""
        found = []
        for network, handles in self.listed.items():
            for handle in handles:
                digest = hashlib.sha256(f"{network}:{handle}".encode()).hexdigest()
                if digest.startswith(prefix):
                    told = {
                        k: v for k, v in self.badge(network, handle).items() if k not in ("network", "handle", "id")
                    }
                    found.append({"suffix": digest[len(prefix) :], "badge": told, "pillars": []})
        padding = [{"suffix": f"{n:0{64 - len(prefix)}x}", "padding": True} for n in range(-len(found) % 16)]
        return found + padding

    def _app(self) -> Flask:
        app = Flask("fake-service")

        @app.before_request
        def record() -> Response | None:
            self.answering += 1
            calls = self.site_calls if request.path == "/api/v1/sites" else self.calls
            body = request.get_json(silent=True)
            calls.append(Call(request.method, request.path, dict(request.headers), body, time.monotonic()))
            if self.delay:
                time.sleep(self.delay)
            self.may_answer.wait(LONGEST_HELD_SECONDS)
            if self.fails_with is not None:
                return _problem(self.fails_with, "Told to fail", self.retry_after)
            if (
                self.token
                and request.path.startswith("/api/")
                and request.headers.get("Authorization") != f"Bearer {self.token}"
            ):
                return _problem(401, "A token is needed")
            return None

        @app.teardown_request
        def answered(_error: BaseException | None) -> None:
            self.answering -= 1

        @app.post("/api/v1/badges")
        def badges() -> Response:
            accounts = (request.get_json(silent=True) or {}).get("accounts")
            if not isinstance(accounts, list) or not 1 <= len(accounts) <= 50:
                return _problem(400, "Between 1 and 50 accounts are wanted")
            return jsonify(badges=[self.badge(a["network"], a["handle"]) for a in accounts])

        @app.get("/api/v1/accounts/<network>/<handle>")
        def account(network: str, handle: str) -> Response:
            badge = self.badge(network, handle)
            refused = {"unknown": 404, "refused": 403, "unavailable": 503}.get(badge["state"])
            if refused:
                return _problem(refused, badge["state"])
            if badge["state"] == "pending":
                answer = jsonify(state="pending", ask_again_after=1)
                answer.status_code, answer.headers["Retry-After"] = 202, "1"
                return answer
            return jsonify(self.report(network, handle, badge))

        @app.get("/api/v1/accounts/<network>/<handle>/history")
        def history(network: str, handle: str) -> Response:
            if self.points is None:
                return _problem(500, "No history today")
            return jsonify(network=network, handle=handle, points=self.points, changes=[])

        @app.get("/api/v1/sites")
        def sites() -> Response:
            return jsonify(sites=self.sites)

        @app.get("/api/v1/range")
        def digits() -> Response:
            return jsonify(digits=self.digits, accounts=sum(map(len, self.listed.values())))

        @app.get("/api/v1/range/<prefix>")
        def crowd(prefix: str) -> Response:
            prefix = prefix.replace("all", "")
            if len(prefix) != self.digits:
                return _problem(400, "Another number of digits is wanted")
            return jsonify(digits=self.digits, prefix=prefix, entries=self.entries(prefix))

        @app.post("/api/v1/observations")
        def observations() -> Response:
            return jsonify(accounts=[])

        @app.get("/healthz")
        @app.get("/readyz")
        def health() -> Response:
            return jsonify(status="ok")

        @app.get("/accounts/<network>/<handle>")
        def page(network: str, handle: str) -> Response:
            return Response(f"<!doctype html><title>Report of {handle}</title><h1>{handle}</h1>", mimetype="text/html")

        return app


def _known(network: str, handle: str) -> dict[str, Any]:
    person = person_of(network, handle)
    if person is not None:
        return person.badge
    if not MEMBER.match(handle):
        return {"state": "unknown"}
    seed = hashlib.sha256(handle.encode()).digest()
    score, replies, broadcasts = 5 + seed[0] % 90, 1 + seed[1] % 60, 20 + seed[2]
    verdict, title = [
        ("in_conversation", "In conversation"),
        ("some_replies", "Some replies"),
        ("broadcasts", "Broadcasts"),
    ][seed[3] % 3]
    return {
        "state": "ready",
        "verdict": verdict,
        "title": title,
        "sentence": f"{replies} replies and {broadcasts} broadcasts in 90 days.",
        "score": score,
        "low": score - 4,
        "high": score + 5,
        "replies": replies,
        "broadcasts": broadcasts,
        "ratio": f"1 : {round(broadcasts / replies)}",
    }


def _id(network: str, handle: str) -> str:
    return (
        f"bluesky:did:plc:{hashlib.sha256(handle.encode()).hexdigest()[:24]}"
        if network == "bluesky"
        else f"{network}:{handle}"
    )


def _signal(
    identifier: str,
    title: str,
    axis: str,
    pillar: str | None,
    sentence: str,
    unit: str,
    value: float,
    points: float | None,
) -> dict[str, Any]:
    return {
        "id": identifier,
        "title": title,
        "axis": axis,
        "pillar": pillar,
        "state": "found",
        "value": value,
        "low": value * 0.9,
        "high": value * 1.1,
        "unit": unit,
        "points": points,
        "of": None if points is None else 20.0,
        "sentence": sentence,
        "why": "Because it is counted per person.",
        "source": "example",
        "curve": None,
        "evidence": [{"url": "https://example.test/post/1", "text": "a post"}],
    }


def _problem(status: int, title: str, retry_after: int | None = None) -> Response:
    answer = jsonify(type="about:blank", title=title, status=status, detail=f"{title}.")
    answer.status_code = status
    answer.mimetype = "application/problem+json"
    if retry_after is not None:
        answer.headers["Retry-After"] = str(retry_after)
    return answer
