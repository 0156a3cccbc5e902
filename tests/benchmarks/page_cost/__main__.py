"""What the extension costs a page: python -m tests.benchmarks.page_cost [--page x] [--variant recycle] [--rounds 5]

Without --page and --variant, all three sites, their rows appended and recycled: about half an hour. Each run has a fresh Chromium; in a round the
page alone (off), the extension with all its features (on) and a whole-document scan at each change (scan), the way most badge extensions work, scroll
by turns. All accounts of the timeline are known before it is opened. Ends with 1 when a figure is over its budget.

--self-check puts an extension that does nothing in the place of ours: the ratio should be 1 and own calls 0; what they are is the
measurement's own error on this machine.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Playwright, sync_playwright

from tests.benchmarks.page_cost.figures import Figure, Run, Runs, of_extension, of_nothing, table
from tests.benchmarks.page_cost.measure import Condition, Load, again_if_lost, one_round
from tests.benchmarks.page_cost.replica import SITES, Timelines
from tests.benchmarks.page_cost.routes import of_routes
from tests.browser.chromium import allowed
from tests.browser.fake_service import FakeService

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
VARIANTS = ("append", "recycle")


def measure(playwright: Playwright, chromium: str, conditions: dict[str, Condition], load: Load, rounds: int) -> Runs:
    """Every condition in every round, each time another one first: of browsers that scroll by turns the last one comes out a little cheaper."""
    runs: Runs = {name: [] for name in conditions}
    timelines, service = Timelines(), FakeService()
    try:
        for number in range(rounds):
            first = number % len(conditions)
            names = [*list(conditions)[first:], *list(conditions)[:first]]
            order = [conditions[name] for name in names]
            found = again_if_lost(one_round, playwright, chromium, timelines, service, order, load)
            for name, run in zip(names, found, strict=True):
                runs[name].append(run)
                print(line_of(load, number, name, run), file=sys.stderr, flush=True)
    finally:
        timelines.close()
        service.stop()
    return runs


def line_of(load: Load, number: int, name: str, run: Run) -> str:
    return (
        f"{load.page}/{load.variant} round {number} {name:4} page {run['task_ms']:6.0f} ms own {run['own_ms']:5.1f}/"
        f"{run['longest_ms']:4.1f} ms speed {run['speed_ms']:4.0f} heap {run['heap_kib']:6.0f} KiB "
        f"rows {run.get('end', '')} problems {run['problems']}"
    )


def content_bytes(extension: Path, host: str) -> int:
    """Bytes of all scripts that run in a page of this host."""
    shipped = json.loads((extension / "sites.json").read_text())
    names = [site["id"] for site in shipped if any(f"://{host}/" in match for match in site["matches"])]
    return sum((extension / file).stat().st_size for file in ("content.js", *(f"sites/{name}.js" for name in names)))


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.page_cost", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--page", choices=sorted(SITES), help="one site instead of all")
    parser.add_argument("--variant", choices=VARIANTS, help="one way in which rows come and go instead of both")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--posts", type=int, default=2000)
    parser.add_argument("--authors", type=int, default=200)
    parser.add_argument("--keep", type=int, default=200, help="rows left in the page when appending; 0 keeps all")
    parser.add_argument("--when", choices=["frame", "task"], default="frame", help="when rows change")
    parser.add_argument("--extension", type=Path, default=ROOT / "extension" / "dist" / "chrome")
    parser.add_argument("--self-check", action="store_true", help="measure an extension that does nothing")
    parser.add_argument("--json", type=Path, help="write every run here")
    arguments = parser.parse_args()
    arguments.chromium = os.environ.get("E2E_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not arguments.chromium:
        parser.error("no Chromium: tests/browser/browsers.sh install, or name one in E2E_CHROMIUM")
    return arguments


def conditions_of(arguments: argparse.Namespace, folder: Path) -> dict[str, Condition]:
    """By name; folder is where a copy of the extension goes that may read the sites."""
    off = Condition("off")
    if arguments.self_check:
        return {"off": off, "on": Condition("on", HERE / "nothing")}
    ours = allowed(arguments.extension.resolve(), folder / "extension")
    on = Condition("on", ours, "data-rapport", asks=True)
    return {"off": off, "on": on, "scan": Condition("scan", HERE / "whole_document_scan", "data-scan")}


def main() -> int:
    arguments = read_arguments()
    columns: dict[str, list[Figure]] = {}
    everything: dict[str, Runs] = {}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        conditions = conditions_of(arguments, Path(folder))
        for page in [arguments.page] if arguments.page else SITES:
            for variant in [arguments.variant] if arguments.variant else VARIANTS:
                load = Load(page, variant, arguments.posts, arguments.authors, arguments.keep, arguments.when)
                runs = measure(playwright, arguments.chromium, conditions, load, arguments.rounds)
                everything[f"{page}/{variant}"] = runs
                columns[f"{page}/{variant}"] = (
                    of_nothing(runs)
                    if arguments.self_check
                    else of_extension(runs, content_bytes(arguments.extension, load.site.host))
                )
            if not arguments.self_check:
                rounds = min(arguments.rounds, 3)
                columns[f"{page}/{variant}"] += of_routes(playwright, arguments.chromium, conditions, page, rounds)
    if arguments.json:
        arguments.json.write_text(json.dumps(everything, indent=1))
    print(f"\n{arguments.posts} posts by {arguments.authors} authors, {arguments.rounds} rounds; “!” is over budget")
    print(table(columns))
    return int(any(figure.is_over for figures in columns.values() for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
