"""The file of sites: checked at the start, read again when it changes, never lost to a broken edit."""

from __future__ import annotations

import logging
import tomllib
from pathlib import Path
from threading import Lock
from typing import Any

from pydantic import ValidationError

from server.api.schemas import Sites
from server.settings import BadSetting

log = logging.getLogger(__name__)

OWN = Path(__file__).with_name("sites.toml")
"""What this version was made with."""
LARGEST = 256 * 1024

_Stamp = tuple[int, int] | None


class SitesFile:
    """The sites as GET /api/v1/sites gives them."""

    def __init__(self, path: Path | None = None) -> None:
        """``path``: another file than the one this version was made with. Raises BadSetting, in a sentence, for one that is wrong."""
        self._path = path or OWN
        self._lock = Lock()
        self._stamp = self._changed_at()
        self._body = read_sites(self._path)

    def body(self) -> bytes:
        """The JSON of the newest file that was right. A file that is wrong is logged once and changes nothing."""
        stamp = self._changed_at()
        with self._lock:
            if stamp != self._stamp:
                self._stamp = stamp
                try:
                    self._body = read_sites(self._path)
                except BadSetting as problem:
                    log.error("the sites stay as they were: %s", problem)
            return self._body

    def _changed_at(self) -> _Stamp:
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size


def read_sites(path: Path) -> bytes:
    """A file of sites as the JSON that is given out. Raises BadSetting with one sentence that says where it is wrong."""
    try:
        content = path.read_bytes()
        if len(content) > LARGEST:
            raise BadSetting(_sentence(path, f"it is larger than {LARGEST // 1024} KiB"))
        tables = tomllib.loads(content.decode())
    except OSError as problem:
        raise BadSetting(f"The file of sites {path} cannot be read ({problem.strerror}). {_WHERE_SET}") from None
    except ValueError as problem:
        raise BadSetting(_sentence(path, f"it is no TOML: {problem}")) from None
    try:
        sites = Sites.model_validate({"sites": [_site(name, table) for name, table in tables.items()]})
    except ValidationError as problem:
        raise BadSetting(_sentence(path, _first_fault(problem, list(tables)))) from None
    return sites.model_dump_json().encode()


_WHERE_SET = "RAPPORT_SITES_FILE says which file is read."


def _site(name: str, table: Any) -> Any:
    return {**table, "id": name} if isinstance(table, dict) else table


def _first_fault(problem: ValidationError, names: list[str]) -> str:
    error = problem.errors(include_url=False)[0]
    # The list of sites is the file's tables, so a number in it is a table's name.
    places = [names[at] if number == 1 and isinstance(at, int) else str(at) for number, at in enumerate(error["loc"])]
    return f"{'.'.join(places[1:]) or 'its tables'}: {str(error['msg']).removeprefix('Value error, ')}"


def _sentence(path: Path, what: str) -> str:
    return f"The file of sites {path} is wrong: {what}. {_WHERE_SET}"
