"""The harness says what it needs, writes the same twice, and its page holds every figure that has a mark."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.evaluation import __main__ as harness
from tests.evaluation import plots, results

SPLIT = {"auc": 0.85, "spread": 0.02, "accuracy": 0.75}
NAMES = (
    "ours",
    "ours_without_lists",
    "followers",
    "listed",
    "refitted",
    "refitted_without_lists",
    "black_box",
    "black_box_without_lists",
)
GAPS = [{"from": 0, "to": 5, "pairs": 100, "agree": 0.55}, {"from": 5, "to": 10, "pairs": 90, "agree": 0.65}]
FIGURES = {
    "formula_version": "2",
    "influence": {
        "pairs": 190, "people": 50, "weights": 7, "auc_with_lists": 0.86, "auc_without_lists": 0.85, "auc_followers": 0.83,
        "auc_listed": 0.85, "auc_blackbox": 0.85, "judges_agree": 0.74, "by_gap": GAPS, "by_gap_without_lists": GAPS,
        "splits": dict.fromkeys(NAMES, SPLIT),
    },
    "engagement": {
        "feeds": 12, "feeds_caught": 11, "troll_feeds": 20, "troll_feeds_caught": 17, "humans": 62, "humans_accused": 0, "talkers": 30,
        "talkers_right": 30, "small_samples": 100, "small_samples_wrong": 1, "small_samples_accused": 0, "small_samples_too_little": 9,
        "churners": 60, "churners_caught": 57, "churners_missed": ["x1"], "honest_growths": 500, "honest_growths_accused": 0,
        "verdicts": {"human": {"in_conversation": 3}},
        "wrong": [{"kind": "feed", "account": "abc", "label": "news_feed", "verdict": "too_little", "why": "no mark"}],
    },
    "interval": {"coverage": {"half": {"score": 0.9}, "fifth": {"score": 0.91}}},
    "stability": {
        "week": 0.1, "month": 1.0, "year_highest": 4.0, "silent_year_largest_day": 0.5, "gathered_twice": 0.3, "accounts": 10, "days": 70,
        "daily_median": 0.1, "daily_p99": 1.0, "daily_p999": 2.0,
    },
    "gaming": {"sock_puppet": {"naive": 17.0, "ours": 0.5, "verdict": "some_replies", "sentence": "Replied."}},
}  # fmt: skip
DRAWN = {"changes": [0.1, 0.2, 3.0], "scores_without": [20.0, 40.0, 60.0]}


def test_data_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert harness.main([str(tmp_path)]) == 2
    said = capsys.readouterr().out
    assert "accounts.parquet is missing" in said
    assert "DATA must be a folder" in said


def test_the_page_holds_every_figure_that_has_a_mark_and_says_what_is_missed() -> None:
    page = results.page(FIGURES)
    for name in results.REACH:
        assert name in page
    assert "**no**" not in page
    missed = results.page(FIGURES | {"engagement": FIGURES["engagement"] | {"feeds_caught": 3}})
    assert "| engagement.feeds_caught | 3 | at least 11 | **no** |" in missed


def test_pictures_come_out_the_same_byte_for_byte(tmp_path: Path) -> None:
    pictures = []
    for name in ("one", "other"):
        folder = tmp_path / name
        folder.mkdir()
        plots.draw(FIGURES, DRAWN, folder)
        pictures.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert pictures[0] == pictures[1]
    assert {f"{name}.svg" for name in ("agreement", "auc", "scores", "coverage", "gaming", "daily")} == set(pictures[0])
