"""Commands of ``python -m server`` run to their end in this process: starting one takes longer than most of what is tested."""

from __future__ import annotations

import io
import os
import signal
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from unittest import mock

from server.__main__ import main
from server.scoring.formula import use_formula


@dataclass(frozen=True)
class Ended:
    """What a command leaves behind."""

    returncode: int
    stdout: str
    stderr: str


def command(*words: object, env: Mapping[str, str] | None = None) -> Ended:
    """Run a command with these words and, if given, this environment and nothing else of ours."""
    out, err = io.StringIO(), io.StringIO()
    code: object = 0
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    with mock.patch.dict(os.environ, env or os.environ, clear=True), redirect_stdout(out), redirect_stderr(err):
        try:
            main([str(word) for word in words], prog_name="rapport")
        except SystemExit as end:
            code = end.code
        finally:
            use_formula(None)
            for number, handler in handlers.items():
                signal.signal(number, handler)
    # The interpreter prints what is no number, and ends with 1.
    complaint = f"{code}\n" if isinstance(code, str) else ""
    return Ended(1 if complaint else int(str(code or 0)), out.getvalue(), err.getvalue() + complaint)
