"""One file per signal: what is looked for in an activity. Adding a signal is adding a file here (and, for influence, a row of weights)."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from server.signals.signal import Signal

_NOT_SIGNALS = {"signal", "proportion", "typical"}


@cache
def all_signals() -> tuple[Signal, ...]:
    """Every signal in this folder, influence first, then by id."""
    names = [m.name for m in pkgutil.iter_modules(__path__) if m.name not in _NOT_SIGNALS]
    found = [importlib.import_module(f"{__name__}.{name}").SIGNAL for name in names]
    return tuple(sorted(found, key=lambda s: (s.axis != "influence", s.id)))
