"""The evaluation as a page of words and tables: figures and pictures, no row of data."""

from __future__ import annotations

from typing import Any

Figures = dict[str, Any]

REACH = {
    "influence.auc_with_lists": ("at least", 0.852),
    "influence.auc_without_lists": ("at least", 0.838),
    "influence.above_followers": ("at least", 0.020),
    "influence.above_black_box": ("at least", -0.003),
    "influence.weights": ("at most", 8),
    "engagement.feeds_caught": ("at least", 11),
    "engagement.troll_feeds_caught": ("at least", 17),
    "engagement.humans_accused": ("at most", 0),
    "engagement.talkers_missed": ("at most", 0),
    "engagement.small_samples_accused": ("at most", 0),
    "engagement.churners_share": ("at least", 0.9),
    "engagement.honest_growths_accused": ("at most", 0),
    "interval.lowest_coverage": ("at least", 0.85),
    "interval.highest_coverage": ("at most", 0.95),
    "stability.week": ("at most", 1.0),
    "stability.month": ("at most", 3.0),
    "stability.year_highest": ("at most", 10.0),
    "stability.gathered_twice": ("at most", 0.5),
    "gaming.most_gained": ("at most", 1.0),
}
"""What each figure has to reach; the counts of accounts are meant for the data set the project was made with."""

COVERED = ("score", "true_reach", "amplification", "network", "engagement_shares")
"""What the mark for coverage is held against: the shares of all engagement signals together; each alone stands in the table."""


def reached(figures: Figures) -> list[tuple[str, float, str, float, bool]]:
    """Every figure that has a mark to reach: name, value, ``at least`` or ``at most``, mark, reached?"""
    influence, engagement = figures["influence"], figures["engagement"]
    coverage = [found[name] for found in figures["interval"]["coverage"].values() for name in COVERED if name in found]
    derived = {
        "influence.above_followers": influence["auc_with_lists"] - influence["auc_followers"],
        "influence.above_black_box": influence["splits"]["refitted"]["auc"] - influence["auc_blackbox"],
        "engagement.talkers_missed": engagement["talkers"] - engagement["talkers_right"],
        "engagement.churners_share": engagement["churners_caught"] / max(1, engagement["churners"]),
        "interval.lowest_coverage": min(coverage),
        "interval.highest_coverage": max(coverage),
        "gaming.most_gained": max(row["ours"] for row in figures["gaming"].values()),
    }
    rows = []
    for name, (bound, mark) in REACH.items():
        group, _, figure = name.partition(".")
        value = derived[name] if name in derived else figures[group][figure]
        rows.append((name, float(value), bound, float(mark), value >= mark if bound == "at least" else value <= mark))
    return rows


def summary(figures: Figures) -> str:
    """For the terminal: a line for each figure that has a mark."""
    lines = [f"formula version {figures['formula_version']}"]
    for name, value, bound, mark, holds in reached(figures):
        lines.append(f"  {'reached' if holds else 'MISSED '}  {name:38s} {value:8.3f}   ({bound} {mark:g})")
    return "\n".join(lines)


def page(figures: Figures) -> str:
    """The page in Markdown; pictures are looked for in ``pictures/`` beside it."""
    parts = [_head(figures), _influence(figures["influence"]), _engagement(figures["engagement"])]
    parts += [_interval(figures["interval"]), _stability(figures["stability"]), _gaming(figures["gaming"])]
    return "\n".join(parts)


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "|".join("---" for _ in head) + "|"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def _head(figures: Figures) -> str:
    rows = [
        [name, f"{value:.3f}".rstrip("0").rstrip("."), f"{bound} {mark:g}", "yes" if holds else "**no**"]
        for name, value, bound, mark, holds in reached(figures)
    ]
    return (
        "# How good the score and the verdict are\n\n"
        f"Written by `make evaluate`; formula version {figures['formula_version']}. Nothing here was fitted while it was measured, "
        "the black box and the refitted rows aside, which are fitted on the other people of each split.\n\n"
        + _table(["figure", "measured", "to reach", "reached"], rows)
    )


def _influence(found: Figures) -> str:
    splits = [
        [name.replace("_", " "), f"{row['auc']:.4f} ± {row['spread']:.3f}", _percent(row["accuracy"])]
        for name, row in found["splits"].items()
    ]
    gaps = [
        [
            f"{row['from']}–{row['to']}",
            f"{row['pairs']:,}",
            _percent(row["agree"]),
            f"{other['pairs']:,}",
            _percent(other["agree"]),
        ]
        for row, other in zip(found["by_gap"], found["by_gap_without_lists"], strict=True)
    ]
    return f"""\
## Influence, against people's judgements

{found["pairs"]:,} pairs of {found["people"]} people: who is more influential? All pairs: AUC {found["auc_with_lists"]:.4f} with lists,
{found["auc_without_lists"]:.4f} without, followers alone {found["auc_followers"]:.4f}, listed alone {found["auc_listed"]:.4f}.
“Ours” is the table that ships, which was fitted on these pairs when they are the project's own data; “refitted” is the same form
fitted anew on the other people of each split, and so the honest comparison with the black box
(gradient boosting on all eleven columns). Mean and spread over 30
people-disjoint splits:

{_table(["", "AUC", "accuracy"], splits)}
Two judges of the same pair agree in {_percent(found["judges_agree"])}.

![AUC](pictures/auc.svg)

What a gap between two scores means: how often people chose the one with the higher score.

{_table(["points between them", "pairs", "people agree", "pairs, no lists", "people agree, no lists"], gaps)}
![Agreement by gap](pictures/agreement.svg)

![Scores](pictures/scores.svg)
"""


def _engagement(found: Figures) -> str:
    verdicts = [
        [label, ", ".join(f"{verdict.replace('_', ' ')} {count}" for verdict, count in row.items())]
        for label, row in found["verdicts"].items()
    ]
    wrong = [[w["kind"], w["account"], w["label"], w["verdict"].replace("_", " "), w["why"]] for w in found["wrong"]]
    facts = [
        ["feeds said to look automated or to broadcast", f"{found['feeds_caught']} of {found['feeds']}"],
        [
            "feeds run by trolls, judged without their replies, said so",
            f"{found['troll_feeds_caught']} of {found['troll_feeds']}",
        ],
        ["people accused of anything", f"{found['humans_accused']} of {found['humans']}"],
        [
            "people who reply in a quarter of their posts or more, said to talk",
            f"{found['talkers_right']} of {found['talkers']}",
        ],
        ["20 random posts of a person: accusations", f"{found['small_samples_accused']} of {found['small_samples']:,}"],
        ["… said to be in conversation with under a quarter of replies", f"{found['small_samples_wrong']}"],
        ["… too little to tell", f"{found['small_samples_too_little']:,}"],
        [
            "accounts with three or more cycles of following and dropping, marked",
            f"{found['churners_caught']} of {found['churners']}",
        ],
        ["honest growths marked as such", f"{found['honest_growths_accused']} of {found['honest_growths']}"],
    ]
    return f"""\
## The verdict, on accounts of known kind

{_table(["", ""], facts)}
Churners missed: {", ".join(found["churners_missed"]) or "none"}: their cycles lie within a day or between days on which nothing was read.

{_table(["kind", "verdicts"], verdicts)}
Wrong, and what was seen:

{_table(["", "account", "kind", "verdict", "why"], wrong) if wrong else "None."}
A feed that reposts what mentions it, and nothing else, is said to game its numbers before it is said to broadcast: that is what was seen.
"""


def _interval(interval: Figures) -> str:
    names = list(next(iter(interval["coverage"].values())))
    rows = [
        [name.replace("_", " "), *(_percent(found[name]) for found in interval["coverage"].values())] for name in names
    ]
    return f"""\
## The interval

How often the 90 % interval made from a random part of the posts holds the value that all of them give: score and pillars on 60
simulated accounts whose reactions have heavy tails, the shares on the people of the engagement data. Who reacts is never known
of all: for how far those people are heard the value is the truth that the account was made with.

{_table(["", *(f"from a {part}" for part in interval["coverage"])], rows)}
![Coverage](pictures/coverage.svg)
"""


def _stability(found: Figures) -> str:
    return f"""\
## Staying put

The most that silence moved any of 40 steady accounts: {found["week"]:.2f} points in a week, {found["month"]:.2f} in a month; after a year the
highest stands at {found["year_highest"]:.1f}, and no day of that year took more than {found["silent_year_largest_day"]:.2f} points. Gathering again
moved none by more than {found["gathered_twice"]:.2f}.

Ordinary days of {found["accounts"]:,} accounts ({found["days"]:,} days): half of them move the score by less than
{found["daily_median"]:.2f} points, 99 in 100 by less than {found["daily_p99"]:.2f}, 999 in 1,000 by less than {found["daily_p999"]:.2f}.
The large ones are small accounts on the day of a post that went further than any of theirs before: that is an event.

![Daily change](pictures/daily.svg)
"""


def _gaming(gaming: Figures) -> str:
    rows = [
        [
            name.replace("_", " "),
            f"{row['naive']:+.1f}",
            f"{row['ours']:+.1f}",
            row["verdict"].replace("_", " "),
            row["sentence"],
        ]
        for name, row in gaming.items()
    ]
    return f"""\
## What tricks gain

Three honest accounts play each trick at full strength for 90 days; the largest mean gain of the three, by bare counts on a
logarithmic scale and by ours; the verdict is the smallest account's. Gains are against the same account seen as far back.

{_table(["trick", "bare counts", "ours", "verdict", "what it says"], rows)}
![Gaming](pictures/gaming.svg)
"""


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"
