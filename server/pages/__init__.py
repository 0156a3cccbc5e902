"""The pages people read: start, report, methodology, calculator, privacy, the API's reference. Server-rendered, no script needed."""

from __future__ import annotations

from server.pages.routes import create_blueprint

__all__ = ["create_blueprint"]
