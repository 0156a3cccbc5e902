"""Serve the replica sites until interrupted, and print how to point a Chromium at them."""

from __future__ import annotations

import argparse
import shlex
import signal

from tests.browser.replicas import SCRIPT_OF, serve


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.browser.replicas", description=__doc__)
    parser.add_argument("--port", type=int, default=8443)
    parser.add_argument(
        "--show",
        action="append",
        default=[],
        metavar="HOST=HANDLE,HANDLE…",
        help="who stands on a site's pages (default: the invented people)",
    )
    arguments = parser.parse_args()
    people = {}
    for item in arguments.show:
        host, _, handles = item.partition("=")
        if host not in SCRIPT_OF or not handles:
            parser.error(f"--show {item}: want HOST=HANDLE,HANDLE with HOST one of {', '.join(SCRIPT_OF)}")
        people[host] = [{"handle": handle} for handle in handles.split(",")]
    running = serve(people, arguments.port)
    print(f"Serving {', '.join(SCRIPT_OF)} on 127.0.0.1:{running.port}. A browser that sees them:")
    print(
        "chromium --user-data-dir=$(mktemp -d) "
        + " ".join(shlex.quote(a) for a in running.chromium_arguments())
        + " https://bsky.app/",
        flush=True,
    )
    try:
        signal.pause()
    except KeyboardInterrupt:
        running.close()


if __name__ == "__main__":
    main()
