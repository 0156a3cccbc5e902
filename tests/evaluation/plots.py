"""The pictures of the evaluation, as SVG that comes out the same byte for byte."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

mpl.use("svg")
import matplotlib.pyplot as plt
from matplotlib.axes import Axes

INK, OURS, OTHER, WARN = "#1d2733", "#0b7a6e", "#9aa5b0", "#b3305e"
mpl.rcParams.update(
    {
        "svg.hashsalt": "rapport",
        "svg.fonttype": "none",
        "font.family": "sans-serif",
        "font.size": 10,
        "axes.edgecolor": OTHER,
        "axes.labelcolor": INK,
        "text.color": INK,
        "xtick.color": INK,
        "ytick.color": INK,
        "axes.spines.top": False,
        "axes.spines.right": False,
    }
)


def draw(figures: dict[str, Any], drawn: dict[str, Any], folder: Path) -> None:
    """All pictures, into the folder."""
    pictures = {
        "agreement": (lambda axes: _agreement(axes, figures["influence"])),
        "auc": (lambda axes: _auc(axes, figures["influence"])),
        "scores": (lambda axes: _scores(axes, drawn)),
        "coverage": (lambda axes: _coverage(axes, figures["interval"])),
        "gaming": (lambda axes: _gaming(axes, figures["gaming"])),
        "daily": (lambda axes: _daily(axes, np.array(drawn["changes"]))),
    }
    for name, paint in pictures.items():
        figure, axes = plt.subplots(figsize=(7.2, 3.4))
        paint(axes)
        figure.tight_layout()
        figure.savefig(folder / f"{name}.svg", metadata={"Date": None, "Creator": None})
        plt.close(figure)


def _agreement(axes: Axes, influence: dict[str, Any]) -> None:
    rows = influence["by_gap"]
    middles = [f"{row['from']}–{row['to']}" for row in rows]
    axes.bar(middles, [100 * row["agree"] for row in rows], color=OURS, width=0.7)
    for place, row in enumerate(rows):
        axes.text(place, 100 * row["agree"] + 1, f"{100 * row['agree']:.0f} %", ha="center")
    axes.axhline(100 * influence["judges_agree"], color=WARN, lw=1, ls="--")
    axes.text(len(rows) - 0.5, 100 * influence["judges_agree"] + 1, "two judges agree", ha="right", color=WARN)
    axes.set(ylim=(40, 105), xlabel="points between two accounts", ylabel="people agree with the score (%)")


def _auc(axes: Axes, influence: dict[str, Any]) -> None:
    words = {
        "followers": "followers alone",
        "listed": "listed alone",
        "black_box_without_lists": "black box, no lists",
        "black_box": "black box",
        "refitted_without_lists": "ours, refitted, no lists",
        "refitted": "ours, refitted",
        "ours_without_lists": "ours as it ships, no lists",
        "ours": "ours as it ships",
    }
    for place, (name, label) in enumerate(words.items()):
        row = influence["splits"][name]
        colour = OURS if "ours" in label else OTHER
        axes.errorbar(row["auc"], place, xerr=row["spread"], fmt="o", color=colour, capsize=3)
        axes.text(row["auc"], place + 0.22, f"{row['auc']:.3f}", ha="center", fontsize=8)
    axes.set(
        yticks=range(len(words)),
        yticklabels=list(words.values()),
        xlabel="AUC on people never seen in the fit (mean, spread over 30 splits)",
    )


def _scores(axes: Axes, drawn: dict[str, Any]) -> None:
    bins = np.arange(0, 101, 5)
    axes.hist(drawn["scores_without"], bins, color=OURS, alpha=0.85)
    axes.set(xlabel="score (without lists) of the people of the judged pairs", ylabel="people")


def _coverage(axes: Axes, interval: dict[str, Any]) -> None:
    names = list(next(iter(interval["coverage"].values())))
    for shift, (part, found) in zip((-0.12, 0.12), interval["coverage"].items(), strict=True):
        places = np.arange(len(names)) + shift
        axes.plot(
            [100 * found[name] for name in names],
            places,
            "o",
            color=OURS if part == "half" else INK,
            label=f"from a random {part}",
        )
    axes.axvspan(85, 95, color=OURS, alpha=0.12)
    axes.axvline(90, color=OTHER, lw=1)
    axes.set(xlim=(75, 100), yticks=range(len(names)), yticklabels=[name.replace("_", " ") for name in names])
    axes.set_xlabel("90 % intervals that hold the value of all posts (%)")
    axes.legend(frameon=False, loc="lower left")


def _gaming(axes: Axes, gaming: dict[str, Any]) -> None:
    names = list(gaming)[::-1]
    places = np.arange(len(names))
    axes.barh(places + 0.2, [gaming[name]["naive"] for name in names], 0.38, color=OTHER, label="bare counts")
    axes.barh(places - 0.2, [gaming[name]["ours"] for name in names], 0.38, color=OURS, label="ours")
    axes.axvline(1, color=WARN, lw=1, ls="--")
    axes.set(yticks=places, yticklabels=[name.replace("_", " ") for name in names], xlabel="points gained")
    axes.legend(frameon=False)


def _daily(axes: Axes, changes: np.ndarray[Any, np.dtype[np.float64]]) -> None:
    axes.hist(changes, np.linspace(0, 4, 41), color=OURS)
    axes.set_yscale("log")
    axes.set(xlabel="change from one day to the next (points)", ylabel="days (log scale)")
