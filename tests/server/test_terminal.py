"""A report in the terminal."""

from __future__ import annotations

import json

import pytest

from server.report import compose, to_json
from server.terminal import print_report
from tests.server.invented import NOW, Invented


def test_the_terminal_shows_verdict_score_pillars_and_every_signal(capsys: pytest.CaptureFixture[str]) -> None:
    report = to_json(compose(Invented().replies(people=30).post(times=20).build(), NOW))
    print_report(report, as_json=False)
    text = capsys.readouterr().out
    assert "In conversation. Replied to 30 people in 90 days" in text
    assert f"Influence {report['score']['value']} of 100" in text
    for pillar in report["pillars"]:
        assert pillar["title"] in text
    for signal in report["signals"]:
        assert signal["sentence"] in text


def test_too_little_has_no_score_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    print_report(to_json(compose(Invented().build(), NOW)), as_json=False)
    assert "No score: too little was seen." in capsys.readouterr().out


def test_as_json_it_is_the_report_of_the_api(capsys: pytest.CaptureFixture[str]) -> None:
    report = to_json(compose(Invented().post(times=20).build(), NOW))
    print_report(report, as_json=True)
    assert json.loads(capsys.readouterr().out) == report


def test_a_name_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    print_report(to_json(compose(Invented(display_name="\x1b]0;mine\x07\x1b[2JAlice").build(), NOW)), as_json=False)
    assert "Alice (alice.test)" in (shown := capsys.readouterr().out)
    assert not set("\x1b\x07") & set(shown)
