"""What the extension costs a page: python -m tests.benchmarks.page_cost [--page x] [--variant recycle] [--runs 3] [--check]

Runs alternate off, on, off, on, … in a fresh Chromium each. All accounts of the timeline are known before it is opened.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.benchmarks.page_cost.measure import Load, one_run
from tests.benchmarks.page_cost.replica import SITES, Timelines
from tests.browser.fake_service import FakeService

ROOT = Path(__file__).resolve().parents[3]
CPU_FIGURES = ("task_ms", "own_ms", "longest_ms", "style_ms", "layout_ms")
Runs = dict[str, list[dict[str, Any]]]


def figures(runs: Runs, content_bytes: int) -> list[tuple[str, float, float | None, str]]:
    """(what, value, budget, unit); CPU figures are scaled to the median speed of the core over all runs."""
    speeds = [run["speed_ms"] for rows in runs.values() for run in rows]
    for rows in runs.values():
        for run in rows:
            for name in CPU_FIGURES:
                run[name] *= statistics.median(speeds) / run["speed_ms"]
    off, on = runs["off"], runs["on"]
    median = lambda rows, name: statistics.median(run[name] for run in rows)  # noqa: E731
    added = lambda name: median(on, name) - median(off, name)  # noqa: E731
    frames = [count for run in on for count in run["frames"]]
    return [
        ("own calls", median(on, "own_ms"), 70, "ms CPU"),
        ("longest own call", median(on, "longest_ms"), 4, "ms CPU"),
        ("heap added", added("heap_kib") / 1024, 0.5, "MiB"),
        ("layout shifts added", added("shifts"), 0, ""),
        ("content script", content_bytes / 1000, 30, "kB"),
        ("first paint of a known badge, slowest", max(frames), 2, "frames"),
        ("page CPU, on / off", median(on, "task_ms") / median(off, "task_ms"), None, "ratio"),
        ("page CPU, off", median(off, "task_ms"), None, "ms CPU"),
        ("page CPU added", added("task_ms"), None, "ms CPU"),
        ("style added", added("style_ms"), None, "ms CPU"),
        ("layout added", added("layout_ms"), None, "ms CPU"),
        ("DOM nodes added", added("nodes"), None, ""),
        ("badges at the end", median(on, "badges"), None, ""),
    ]


def measure(chromium: str, extension: Path, load: Load, count: int) -> Runs:
    runs: Runs = {"off": [], "on": []}
    timelines, service = Timelines(), FakeService()
    try:
        with sync_playwright() as playwright:
            for number in range(count):
                for name, folder in (("off", None), ("on", extension)):
                    run = one_run(playwright, chromium, timelines, service, folder, load)
                    runs[name].append(run)
                    print(
                        f"{load.page}/{load.variant} run {number} {name:3} page {run['task_ms']:6.0f} ms "
                        f"own {run['own_ms']:5.1f}/{run['longest_ms']:4.1f} ms heap {run['heap_kib']:6.0f} KiB "
                        f"badges {run['badges']} problems {run['problems']}",
                        file=sys.stderr,
                        flush=True,
                    )
    finally:
        timelines.close()
        service.stop()
    return runs


def content_bytes(extension: Path, host: str) -> int:
    """Bytes of all scripts that the manifest puts into a page of this host."""
    entries = json.loads((extension / "manifest.json").read_text())["content_scripts"]
    scripts = {
        file for entry in entries if any(f"://{host}/" in match for match in entry["matches"]) for file in entry["js"]
    }
    return sum((extension / file).stat().st_size for file in scripts)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.page_cost", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--page", choices=sorted(SITES), default="x")
    parser.add_argument("--variant", choices=["append", "recycle"], default="recycle")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--posts", type=int, default=2000)
    parser.add_argument("--authors", type=int, default=200)
    parser.add_argument("--keep", type=int, default=200, help="rows left in the page when appending; 0 keeps all")
    parser.add_argument("--when", choices=["frame", "task"], default="frame", help="when rows change")
    parser.add_argument("--extension", type=Path, default=ROOT / "extension" / "dist" / "chrome")
    parser.add_argument("--json", type=Path, help="write every run here")
    parser.add_argument("--check", action="store_true", help="exit 1 when a budget is exceeded")
    arguments = parser.parse_args()
    chromium = os.environ.get("E2E_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        parser.error("no Chromium: tests/browser/browsers.sh install, or name one in E2E_CHROMIUM")
    load = Load(arguments.page, arguments.variant, arguments.posts, arguments.authors, arguments.keep, arguments.when)
    runs = measure(chromium, arguments.extension.resolve(), load, arguments.runs)
    if arguments.json:
        arguments.json.write_text(json.dumps({"load": load.__dict__, "runs": runs}, indent=1))
    return report(load, figures(runs, content_bytes(arguments.extension, load.site.host)), arguments)


def report(load: Load, found: list[tuple[str, float, float | None, str]], arguments: argparse.Namespace) -> int:
    print(
        f"\n{load.site.host}, {load.variant}: {load.posts} posts by {load.authors} authors, {arguments.runs} rounds, medians"
    )
    exceeded = 0
    for what, value, budget, unit in found:
        over = budget is not None and value > budget
        exceeded += over
        limit = "" if budget is None else f"   budget {budget:g}{'   EXCEEDED' if over else ''}"
        print(f"  {what:38} {value:8.2f} {unit}{limit}")
    return 1 if exceeded and arguments.check else 0


if __name__ == "__main__":
    sys.exit(main())
