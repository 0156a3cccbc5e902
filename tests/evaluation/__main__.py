"""``make evaluate DATA=…``: measure the score and the verdict as they ship; fit nothing but the yardsticks beside them.

DATA is a folder that holds influence/pairs.csv, engagement/accounts.parquet and engagement/posts.parquet. Written are
build/evaluation/figures.json, build/evaluation/report.md with its pictures, and tests/evaluation/RESULTS.md, the same page.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from server.scoring.formula import current_formula
from tests.evaluation import coverage, engagement, gaming, growth, influence, plots, results, stability
from tests.evaluation.fit import curve_values, fit

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build" / "evaluation"
PARTS = 8
Figures = dict[str, Any]


def of_influence(folder: Path) -> tuple[Figures, dict[str, Any]]:
    """Agreement with people's judgements; and what the plots of it need."""
    pairs, formula = influence.read_pairs(folder), current_formula()
    measures = influence.measures_of(pairs)
    ours = influence.scores(measures, formula)
    without = influence.scores(influence.without_lists(measures), formula)
    # On a logarithmic scale, where a difference means as much below as above.
    alone = {"followers": np.log1p(pairs.columns["follower_count"]), "listed": np.log1p(pairs.columns["listed_count"])}
    figures: Figures = {
        "pairs": len(pairs.first),
        "people": pairs.people,
        "weights": len(formula.terms),
        "auc_with_lists": pairs.auc(ours),
        "auc_without_lists": pairs.auc(without),
        "auc_followers": pairs.auc(alone["followers"]),
        "auc_listed": pairs.auc(alone["listed"]),
        "judges_agree": influence.JUDGES_AGREE,
        "by_gap": influence.agreement_by_gap(pairs, ours),
        "by_gap_without_lists": influence.agreement_by_gap(pairs, without),
    }
    columns = {"ours": ours, "ours_without_lists": without, **alone}
    figures["splits"] = _on_splits(pairs, measures, columns)
    figures["auc_blackbox"] = figures["splits"]["black_box"]["auc"]
    figures["auc_blackbox_without_lists"] = figures["splits"]["black_box_without_lists"]["auc"]
    return figures, {
        "first": pairs.first,
        "gap": ours[pairs.a] - ours[pairs.b],
        "scores": ours,
        "scores_without": without,
    }


def _on_splits(pairs: influence.Pairs, measures: dict[str, Any], columns: dict[str, Any]) -> Figures:
    """AUC and accuracy on the test side of people-disjoint splits, mean and spread; the yardsticks are fitted on the train side."""
    found: dict[str, list[tuple[float, float]]] = {}
    for train, test in pairs.splits():
        for name, of_person in columns.items():
            found.setdefault(name, []).append((pairs.auc(of_person, test), pairs.accuracy(of_person, test)))
        weights, controls = fit(pairs, train, measures)
        places = curve_values(measures, controls)
        for name, left_out in (("refitted", ()), ("refitted_without_lists", ("listed",))):
            kept = np.array([0.0 if term in left_out else weight for term, weight in weights.items()])
            of_person = places @ kept
            found.setdefault(name, []).append((pairs.auc(of_person, test), pairs.accuracy(of_person, test)))
        for name, lists in (("black_box", True), ("black_box_without_lists", False)):
            found.setdefault(name, []).append((influence.black_box(pairs, train, test, lists), float("nan")))
    return {
        name: {
            "auc": float(np.mean([auc for auc, _ in rows])),
            "spread": float(np.std([auc for auc, _ in rows])),
            "accuracy": None if np.isnan(rows[0][1]) else float(np.mean([accuracy for _, accuracy in rows])),
        }
        for name, rows in found.items()
    }


def of_engagement(archives: list[engagement.Archive]) -> Figures:
    """The verdict on accounts of known kind, every wrong one listed with what was said of it."""
    judged = engagement.judge_all(archives)
    feeds = [j for j in judged if j.archive.label in engagement.FEEDS]
    troll_feeds = [j for j in judged if j.archive.label == "troll_NewsFeed"]
    humans = [j for j in judged if j.archive.label == "human"]
    talkers = [j for j in humans if j.talker]
    caught = (engagement.VerdictId.LOOKS_AUTOMATED, engagement.VerdictId.BROADCASTS)
    churners = [archive for archive in archives if growth.churns(archive)]
    caught_churners = [archive for archive in churners if growth.shows_churn(archive)]
    small = list(engagement.small_samples(archives))
    wrong_small = [j for j, share in small if not engagement.right_on_little(j, share)]
    accused = [j for j in humans if j.verdict in engagement.ACCUSATIONS]
    wrong = [
        *[("feed", j) for j in feeds + troll_feeds if j.verdict not in caught],
        *[("accused", j) for j in accused],
        *[("talker", j) for j in talkers if j.verdict not in engagement.TALKING],
    ]
    return {
        "feeds": len(feeds),
        "feeds_caught": sum(j.verdict in caught for j in feeds),
        "troll_feeds": len(troll_feeds),
        "troll_feeds_caught": sum(j.verdict in caught for j in troll_feeds),
        "humans": len(humans),
        "humans_accused": len(accused),
        "humans_looking_automated": sum(j.verdict is engagement.VerdictId.LOOKS_AUTOMATED for j in humans),
        "talkers": len(talkers),
        "talkers_right": sum(j.verdict in engagement.TALKING for j in talkers),
        "small_samples": len(small),
        "small_samples_wrong": len(wrong_small),
        "small_samples_accused": sum(j.verdict in engagement.ACCUSATIONS for j, _ in small),
        "small_samples_too_little": sum(j.verdict is engagement.VerdictId.TOO_LITTLE for j, _ in small),
        "churners": len(churners),
        "churners_caught": len(caught_churners),
        "honest_growths": growth.HONEST,
        "honest_growths_accused": growth.honest_growths_accused(),
        "verdicts": _verdicts(judged),
        "wrong": [
            {
                "kind": kind,
                "account": j.archive.account,
                "label": j.archive.label,
                "verdict": j.verdict.value,
                "why": _why(j),
            }
            for kind, j in wrong
        ],
        "churners_missed": [archive.account for archive in churners if archive not in caught_churners],
    }


def _verdicts(judged: list[engagement.Judged]) -> dict[str, dict[str, int]]:
    table: dict[str, dict[str, int]] = {}
    for j in judged:
        row = table.setdefault(j.archive.label, {})
        row[j.verdict.value] = row.get(j.verdict.value, 0) + 1
    return {label: dict(sorted(row.items())) for label, row in sorted(table.items())}


def _why(judged: engagement.Judged) -> str:
    """The marks that were found, strongest first, with their values: what a reader needs to see why."""
    marks = [
        f"{r.signal.id} {r.finding.mark.value} ({r.finding.value:.2f})"
        for r in judged.report.results
        if r.finding.mark.value != "none" and r.finding.value is not None
    ]
    return f"{judged.reply_share:.0%} replies among {judged.report.posts_seen} posts; " + (
        "; ".join(marks) or "no mark"
    )


def of_stability(pool: ProcessPoolExecutor) -> tuple[Figures, list[float]]:
    """What silence, gathering again and ordinary days do."""
    people = stability.ordinary_people(stability.ACCOUNTS)
    changes = [c for part in pool.map(stability.daily_changes, _parts(people)) for c in part]
    silent = stability.silence()
    return {
        "week": silent.week,
        "month": silent.month,
        "year_highest": silent.year_highest,
        "silent_year_largest_day": silent.largest_day,
        "gathered_twice": stability.gathered_twice(),
        "accounts": len(people),
        "days": len(changes),
        "daily_median": float(np.median(changes)),
        "daily_p99": float(np.quantile(changes, 0.99)),
        "daily_p999": float(np.quantile(changes, 0.999)),
    }, changes


def _parts(items: list[Any]) -> list[list[Any]]:
    return [items[number::PARTS] for number in range(PARTS)]


def evaluate(folder: Path) -> tuple[Figures, dict[str, Any]]:
    """All figures, and what the plots need beside them. Deterministic. Raises FileNotFoundError for a folder without the data."""
    archives = engagement.read_archives(folder)
    humans = [archive for archive in archives if archive.label == "human"]
    with ProcessPoolExecutor(2) as pool:
        played = pool.map(_play, gaming.TRICKS)
        scores = pool.map(coverage.of_scores, _parts(coverage.people()))
        shares = pool.map(coverage.of_shares, _parts(humans))
        influenced, drawn = of_influence(folder)
        engaged = of_engagement(archives)
        stable, changes = of_stability(pool)
        figures = {
            "formula_version": current_formula().version,
            "influence": influenced,
            "engagement": engaged,
            "interval": {"confidence": 0.9, "coverage": _coverage(coverage.shares(scores), coverage.shares(shares))},
            "stability": stable,
            "gaming": dict(zip(gaming.TRICKS, played, strict=True)),
        }
    return figures, drawn | {"changes": changes}


def _play(name: str) -> Figures:
    outcome = gaming.play(name)
    return {
        "naive": outcome.naive,
        "ours": outcome.ours,
        "verdict": outcome.verdict.value,
        "sentence": outcome.sentence,
    }


def _coverage(scores: coverage.Coverages, shares: coverage.Coverages) -> coverage.Coverages:
    return {part: scores[part] | shares[part] for part in coverage.PARTS}


def main(arguments: list[str]) -> int:
    """Evaluate a data folder; 2 with a sentence when it does not hold the data."""
    parser = argparse.ArgumentParser(prog="python -m tests.evaluation", description=__doc__)
    parser.add_argument("data", type=Path, help="folder with influence/ and engagement/")
    parser.add_argument("--build-only", action="store_true", help="leave tests/evaluation/RESULTS.md as it is")
    chosen = parser.parse_args(arguments)
    began = time.monotonic()
    try:
        figures, drawn = evaluate(chosen.data)
    except FileNotFoundError as problem:
        print(f"{problem.filename or problem} is missing: DATA must be a folder with influence/pairs.csv, "
              "engagement/accounts.parquet and engagement/posts.parquet.")  # fmt: skip
        return 2
    write = partial(_write, figures, drawn)
    write(BUILD, "report.md")
    if not chosen.build_only:
        write(Path(__file__).parent, "RESULTS.md")
    print(results.summary(figures))
    print(f"{BUILD / 'figures.json'} and report.md written after {time.monotonic() - began:.0f} s")
    return 0


def _write(figures: Figures, drawn: dict[str, Any], folder: Path, name: str) -> None:
    pictures = folder / "pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    if folder == BUILD:
        (folder / "figures.json").write_text(json.dumps(figures, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    plots.draw(figures, drawn, pictures)
    (folder / name).write_text(results.page(figures), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
