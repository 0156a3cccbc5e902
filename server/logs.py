"""Structured logs, one JSON object a line, that never hold what was looked up."""

from __future__ import annotations

import logging
import sys
from traceback import format_tb

import stamina
import structlog


def set_up_logs(level: str) -> None:
    """Send every logger's records through structlog to stderr."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.ExceptionRenderer(_where),
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer()],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    # Its warnings name upstream hosts, which on Mastodon say whose account was looked up.
    stamina.instrumentation.set_on_retry_hooks([])
    # These write addresses (with handles) or every task with its arguments.
    for name in ("httpx2", "httpcore2", "huey", "huey.consumer", "alembic", "_granian"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # huey logs a failing task with its arguments; its text is replaced by the task's own careful words.
    logging.getLogger("huey").setLevel(logging.CRITICAL)


def _where(exc_info: structlog.typing.ExcInfo) -> str:
    """The kinds of the errors and the lines of code they passed through; never their texts, which may name an account."""
    lines: list[str] = []
    error: BaseException | None = exc_info[1]
    while error is not None:
        kind = type(error)
        lines += [f"{kind.__module__}.{kind.__qualname__}\n", *format_tb(error.__traceback__)]
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "".join(lines)
