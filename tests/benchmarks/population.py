"""Scores of a whole network: python -m tests.benchmarks.population [--rows 5e6 10e6]

Interactions of invented accounts with a Zipf-like skew, a fiftieth as many accounts as rows; ids are numbers. Measured is scoring all rows in one
go, and folding them day by day (a file each). Each figure is rows a second of
wall time on the cores at hand, beside three yardsticks on the same file in the same run: reading all columns (the limit), a plain GROUP BY of
(actor, target, kind, day), and a plain query of measures of a similar kind (people, reactions by kind and day for each account) without any
of what makes ours hard to game.
"""

from __future__ import annotations

import argparse
import math
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

import duckdb

NOW = 1_790_000_000
DAY = 86_400
ROWS = (5_000_000, 10_000_000)
GOAL = 3e6
GOAL_FOLDING = 8e6
GOAL_MEMORY = 3.0
SCORE = """
import sys, time
from functools import partial
from pathlib import Path
from server.population.engines import in_process
from server.population.run import score_network
from server.scoring.formula import current_formula

began = []
score_network(*map(Path, sys.argv[1:4]), current_formula(), partial(in_process, "2GB"), int(sys.argv[4]), lambda _: began.append(time.perf_counter()))
began.append(time.perf_counter())
# Not ru_maxrss, in which what started this process counts as well.
peak = next(line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
print(*(after - before for before, after in zip(began, began[1:])), int(peak) / 2**20)
"""
FOLD = """
import sys, time
from functools import partial
from pathlib import Path
from server.population.engines import in_process
from server.population.folding import fold

began = time.perf_counter()
fold([Path(sys.argv[1])], Path(sys.argv[2]), partial(in_process, "2GB"))
print(time.perf_counter() - began)
"""
YARDSTICKS = {
    "reading all columns": "select count(actor), count(target), count(kind), sum(time), sum(post), sum(made) from acts",
    "plain GROUP BY of days": "select count(*) from (select actor, target, kind, time // 86400 d, count(*) n from acts group by all)",
    "plain query of measures": """select count(*) from (
        select target, count(distinct actor), count(*) filter (kind = 'like'), count(*) filter (kind = 'repost'),
               count(distinct time // 86400), sum(pow(0.5, (1790000000 - time) / 2592000.0))
        from acts where target is not null group by target)""",
}


def _hashed(of: str, salt: int) -> str:
    """A number from 0 to 1 that a row's number always gives: who wrote a post is known without looking it up."""
    return f"((hash({of} * 7919 + {salt}) % 1000000007) / 1000000007.0)"


def invent(folder: Path, rows: int) -> tuple[Path, Path]:
    """Write both tables; gives their files."""
    people, posts = max(1000, rows // 50), rows // 4
    author = f"floor({people} * pow({_hashed('post', 1)}, 3))::bigint"
    sent = f"({NOW - 100 * DAY} + floor({_hashed('post', 2)} * 99 * {DAY}))::bigint"
    acts, accounts = folder / f"acts-{rows}.parquet", folder / f"accounts-{rows}.parquet"
    with duckdb.connect() as engine:
        engine.execute("select setseed(0.5)")
        engine.execute(f"""
            copy (
              select {author} actor, null::bigint target, 'post' kind, {sent} "time", post, null::bigint made
              from (select range post from range({posts}))
              union all
              select actor, {author}, kind, least({NOW}, {sent} + (-ln(random() + 1e-9) * 40000)::bigint), post,
                     case when kind in ('reply', 'quote') then {posts} + number end
              from (select number, floor({posts} * pow(random(), 2))::bigint post, floor({people} * pow(random(), 2))::bigint actor,
                           case when drawn < 0.6 then 'like' when drawn < 0.8 then 'repost' when drawn < 0.83 then 'quote' else 'reply' end kind
                    from (select range number, random() drawn from range({rows - posts})))
            ) to '{acts}' (format parquet)""")
        engine.execute(f"""
            copy (select range id, exp(random() * 9)::bigint followers, (random() * 3000)::bigint following, null::bigint listed
                  from range({people})) to '{accounts}' (format parquet)""")
    return acts, accounts


def yardsticks(acts: Path) -> dict[str, float]:
    """Seconds that plain DuckDB takes for each."""
    took = {}
    with duckdb.connect() as engine:
        engine.execute(f"create view acts as from '{acts}'")
        for name, query in YARDSTICKS.items():
            began = time.perf_counter()
            engine.execute(query).fetchall()
            took[name] = time.perf_counter() - began
    return took


def scored(acts: Path, accounts: Path) -> tuple[list[float], float]:
    """Seconds of cleaning, ranking people, measuring and scoring with intervals; and GiB at most of the process that does it."""
    words = [str(path) for path in (acts, accounts, acts.with_name("scores.parquet"))]
    ended = subprocess.run([sys.executable, "-c", SCORE, *words, str(NOW)], capture_output=True, text=True, check=True)
    *seconds, gib = map(float, ended.stdout.split())
    return seconds, gib


def folded(acts: Path) -> float:
    """Seconds of folding the same rows, given as a file for each day: the median of three times, as a disk may be busy with something else."""
    with tempfile.TemporaryDirectory(dir=acts.parent) as folder:
        days = Path(folder) / "days"
        with duckdb.connect() as engine:
            engine.execute(
                f"copy (select *, time // {DAY} as of_day from '{acts}') to '{days}' (format parquet, partition_by (of_day))"
            )
        took = []
        for turn in range(3):
            words = [sys.executable, "-c", FOLD, str(days), str(Path(folder) / f"folded-{turn}")]
            took.append(float(subprocess.run(words, capture_output=True, text=True, check=True).stdout))
        return statistics.median(took)


def run(sizes: tuple[int, ...] = ROWS) -> bool:
    """Print the figures; within the goals?"""
    took, within = [], True
    with tempfile.TemporaryDirectory() as folder:
        for rows in sizes:
            acts, accounts = invent(Path(folder), rows)
            print(f"{rows:,} interactions of {max(1000, rows // 50):,} accounts, million rows/s")
            known = yardsticks(acts)
            for name, seconds in known.items():
                print(f"  {name:32}{rows / seconds / 1e6:7.2f}")
            folding, scan = folded(acts), known["reading all columns"]
            print(
                f"  folding days                    {rows / folding / 1e6:7.2f}{'' if rows / folding >= GOAL_FOLDING else ' !'} "
                f"(goal {GOAL_FOLDING / 1e6:.0f}; {folding / scan:.0f} times as long as reading)"
            )
            (cleaning, ranking, measuring, scoring), gib = scored(acts, accounts)
            took.append(cleaning + measuring)
            good = rows / took[-1] >= GOAL
            print(
                f"  measures (of it cleaning: {cleaning / took[-1]:3.0%})    {rows / took[-1] / 1e6:7.2f}"
                f"{'' if good else ' !'} (goal {GOAL / 1e6:.0f}; {took[-1] / scan:.0f} times as long as reading)"
            )
            print(f"  ranks of people                 {rows / ranking / 1e6:7.2f}")
            print(f"  scores with their intervals     {rows / scoring / 1e6:7.2f}")
            print(
                f"  peak memory {gib:.2f} GiB{'' if gib <= GOAL_MEMORY else ' !'} (goal {GOAL_MEMORY:.0f})", flush=True
            )
            within &= good and rows / folding >= GOAL_FOLDING and gib <= GOAL_MEMORY
            acts.unlink()
    for (fewer, before), (more, after) in pairwise(zip(sizes, took, strict=True)):
        power = math.log(after / before) / math.log(more / fewer)
        print(f"measuring takes as long as rows to the power of {power:.2f} ({fewer:,} to {more:,})")
    return within


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=float, nargs="+", default=ROWS)
    sys.exit(not run(tuple(int(rows) for rows in parser.parse_args().rows)))
