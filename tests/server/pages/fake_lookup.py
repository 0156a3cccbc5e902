"""The seam the pages are tested at: a look-up that answers from a list, and the service around it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from server.errors import UnknownNetwork
from server.history import OverTime
from server.lookup import Answer, Grade
from server.networks import networks
from server.settings import Settings

OPENAPI = {
    "openapi": "3.1.0",
    "info": {"title": "Rapport", "version": "1", "description": "Scores, explained."},
    "paths": {
        "/api/v1/badges": {
            "post": {
                "summary": "Badges of up to 50 accounts",
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Badges"}}}},
                "responses": {
                    "200": {
                        "description": "One badge for each",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Badges"}}},
                    }
                },
            }
        },
        "/api/v1/accounts/{network}/{handle}": {
            "get": {
                "summary": "The report of one account",
                "parameters": [
                    {
                        "name": "network",
                        "in": "path",
                        "required": True,
                        "schema": {"type": "string"},
                        "description": "Its network",
                    }
                ],
                "responses": {"404": {"description": "No such account"}},
            }
        },
    },
    "components": {
        "schemas": {
            "Badges": {
                "type": "object",
                "description": "Some badges",
                "required": ["state"],
                "properties": {
                    "state": {"enum": ["ready", "pending"], "description": "How far it is"},
                    "scores": {"type": "array", "items": {"anyOf": [{"type": "integer"}, {"type": "null"}]}},
                },
            }
        }
    },
}


@dataclass
class FakeLookup:
    """Answers from a list, in place of gathering and storing."""

    answers: dict[tuple[str, str], Answer] = field(default_factory=dict)
    histories: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    changed: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    left_out: list[tuple[str, str]] = field(default_factory=list)
    failure: Exception | None = None
    graded: Grade | None = None
    networks: dict[str, Any] = field(default_factory=networks)

    def report(self, network: str, handle: str, study: bool = False) -> Answer:
        if network not in self.networks:
            raise UnknownNetwork(f"There is no network {network!r} here.")
        handle = self.networks[network].canonical_handle(handle)
        return self.answers.get((network, handle), Answer("unknown", 3600, detail=f"There is no account {handle}."))

    def grade(self, network: str, report: dict[str, Any]) -> Grade | None:
        return self.graded

    def history(self, network: str, handle: str) -> list[dict[str, Any]]:
        return self.histories.get((network, handle), [])

    def over_time(self, network: str, handle: str, newest: int | None = None) -> OverTime:
        points = tuple(self.history(network, handle))
        days = [int(datetime.fromisoformat(point["scored_at"]).timestamp()) for point in points]
        return OverTime(points, tuple((day, 300 + 10 * i) for i, day in enumerate(days)), days[0] if days else None)

    def changes(self, network: str, handle: str) -> list[dict[str, Any]]:
        return self.changed.get((network, handle), [])

    def opt_out(self, network: str, handle: str) -> None:
        if self.failure:
            raise self.failure
        self.left_out.append((network, handle))

    def know(self, report: dict[str, Any]) -> str:
        """Have it answered with from now on. Gives the address of its page."""
        account = report["account"]
        answer = Answer(report["state"], report["ask_again_after"], report)
        self.answers[account["network"], account["handle"]] = answer
        return f"/accounts/{account['network']}/{account['handle']}"


class FakeOwnership:
    """Nobody owns anything."""

    def owner_of(self, network: str, name: str) -> None:
        return None


@dataclass
class FakeService:
    """What the application keeps in ``extensions["rapport"]``, as far as pages look."""

    lookup: FakeLookup
    settings: Settings
    ownership: FakeOwnership = field(default_factory=lambda: FakeOwnership())

    def openapi(self) -> dict[str, Any]:
        return OPENAPI
