"""The networks that are served: one file each, found by looking, so that adding one is adding its file."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Mapping
from typing import Any

from server.networks.network import Network


def networks(options: Mapping[str, Mapping[str, Any]] | None = None) -> dict[str, Network]:
    """Every network by its id. ``options``: keyword arguments of a network's constructor by its id, e.g.
    ``{"bluesky": {"appview": "https://…"}}``; those of a network that is not there are an error (KeyError).
    """
    classes = {network.id: network for network in map(_network_in, _modules()) if network is not None}
    options = options or {}
    unknown = set(options) - set(classes)
    if unknown:
        raise KeyError(f"no such network: {', '.join(sorted(unknown))}")
    return {network_id: made(**options.get(network_id, {})) for network_id, made in sorted(classes.items())}


def _modules() -> list[Any]:
    return [importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]


def _network_in(module: Any) -> Any:
    """The class that a network's file offers; None for the files that hold none."""
    for made in vars(module).values():
        if inspect.isclass(made) and made.__module__ == module.__name__ and isinstance(vars(made).get("id"), str):
            return made
    return None
