"""Files that one process at a time holds, so that two commands do not write the same folder."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import IO

from server.errors import RapportError


def held(file: Path, if_taken: str) -> IO[str]:
    """The file, opened and held until it is closed or this process ends, however it does.

    Raises RapportError with the words of ``if_taken`` while another process holds it, and OSError when it cannot be made.
    """
    opened = file.open("w")
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        opened.close()
        raise RapportError(if_taken) from None
    return opened
