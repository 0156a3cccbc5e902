"""A report in the terminal."""

from __future__ import annotations

import json
from typing import Any

import click

BAR = 40


def print_report(report: dict[str, Any], as_json: bool) -> None:
    """Print a report (its JSON form) for people, or as JSON."""
    if as_json:
        click.echo(json.dumps(report, indent=2, ensure_ascii=False))
        return
    account, score, verdict = report["account"], report["score"], report["verdict"]
    name = _printable(
        f"{account['display_name']} ({account['handle']})" if account["display_name"] else account["handle"]
    )
    click.secho(name, bold=True)
    click.echo(f"{verdict['title']}. {verdict['sentence']}")
    if score is None:
        click.echo("No score: too little was seen.")
    else:
        click.echo(f"Influence {score['value']} of 100 ({score['low']}-{score['high']}, 9 times in 10)")
        for pillar in report["pillars"]:
            filled = round(BAR * pillar["points"] / pillar["of"]) if pillar["of"] else 0
            click.echo(f"  {pillar['title']:<14}{'#' * filled:<{BAR}} {pillar['points']:>5} of {pillar['of']}")
    click.echo()
    for signal in report["signals"]:
        points = f"{signal['points']:>5} of {signal['of']:<5}" if signal["points"] is not None else " " * 14
        click.echo(f"  {points} {signal['title']}: {signal['sentence']}")
    click.echo()
    coverage = report["coverage"]
    stale = f" An older report: {report['stale_reason']}" if report.get("stale_reason") else ""
    click.echo(
        f"{coverage['sentence']}; {report['depth']}; formula {report['formula_version']}; scored {report['scored_at']}.{stale}"
    )


def _printable(text: str) -> str:
    """Without control characters: with them a name could set the terminal's title, colours and contents."""
    return "".join(c for c in text if c.isprintable())
