"""Settings come from RAPPORT_… variables; a wrong one stops the start with a sentence."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from server.settings import ELSEWHERE, BadSetting, Settings, read_settings

ROOT = Path(__file__).parents[2]


def test_without_any_variable_the_service_listens_on_loopback_without_a_token() -> None:
    settings = read_settings({})
    assert (settings.host, settings.port, settings.token) == ("127.0.0.1", 8765, None)
    assert settings.database.startswith("sqlite:///")


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"RAPPORT_PORT": "eighty"}, "RAPPORT_PORT is wrong: Input should be a valid integer"),
        ({"RAPPORT_PORT": "70000"}, "RAPPORT_PORT is wrong: Input should be less than or equal to 65535"),
        (
            {"RAPPORT_HOST": "0.0.0.0"},
            "RAPPORT_HOST is wrong: listening on 0.0.0.0 lets others in, so token must be set",
        ),
        ({"RAPPORT_ALLOW_NETWORKS": "127.0.0.0/8,home"}, "RAPPORT_ALLOW_NETWORKS is wrong: 'home'"),
        ({"RAPPORT_BLUESKY_APPVIEW": "appview.example"}, "RAPPORT_BLUESKY_APPVIEW is wrong"),
        ({"RAPPORT_EMBEDS_AT": "rapport.example"}, "RAPPORT_EMBEDS_AT is wrong"),
        ({"RAPPORT_EMBEDS_AT": "https://rapport.example/under/a/path"}, "RAPPORT_EMBEDS_AT is wrong"),
        ({"RAPPORT_EMBEDS_AT": "https://[rapport"}, "RAPPORT_EMBEDS_AT is wrong: Invalid IPv6 URL"),
        ({"RAPPORT_CACHE_URL": "mongodb://x"}, "RAPPORT_CACHE_URL is wrong"),
        ({"RAPPORT_ADMIN_TOKEN": "short"}, "RAPPORT_ADMIN_TOKEN is wrong: it must have at least 12 characters."),
        (
            {"RAPPORT_ADMIN_TOKEN": "the same words", "RAPPORT_TOKEN": "the same words"},
            "RAPPORT_ADMIN_TOKEN is wrong: it must be another one than token",
        ),
        ({"RAPPORT_GATHERERS": "0"}, "RAPPORT_GATHERERS is wrong: with 0 other processes must gather"),
        (
            {"RAPPORT_GATHERERS": "0", "RAPPORT_CACHE_URL": "redis://127.0.0.1"},
            "RAPPORT_GATHERERS is wrong: with 0 other processes must gather, which needs what they share: postgresql://…",
        ),
        (
            {"RAPPORT_WEB_PROCESSES": "2", "RAPPORT_CACHE_URL": "redis://127.0.0.1"},
            "RAPPORT_WEB_PROCESSES is wrong: several need what they share: postgresql://…",
        ),
        (
            {"RAPPORT_WEB_PROCESSES": "2", "RAPPORT_DATABASE_URL": "postgresql://127.0.0.1/rapport"},
            "RAPPORT_WEB_PROCESSES is wrong: several need what they share: postgresql://…",
        ),
        ({"RAPPORT_PROT": "1"}, "RAPPORT_PROT is not a setting"),
    ],
)
def test_a_wrong_setting_is_named_with_what_it_should_be(variables: dict[str, str], says: str) -> None:
    with pytest.raises(BadSetting, match=re.escape(says)):
        read_settings(variables)


def test_several_wrong_settings_are_all_named() -> None:
    with pytest.raises(BadSetting) as caught:
        read_settings({"RAPPORT_PORT": "x", "RAPPORT_KEEP_DAYS": "0"})
    assert len(str(caught.value).splitlines()) == 2


def test_another_host_with_a_token_is_allowed_and_the_token_is_never_printed() -> None:
    settings = read_settings({"RAPPORT_HOST": "0.0.0.0", "RAPPORT_TOKEN": "hush"})
    assert "hush" not in repr(settings)


def test_the_start_stops_with_the_sentence_and_no_traceback() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "server"],
        cwd=ROOT,
        env={"RAPPORT_PORT": "x", "PATH": "/usr/bin"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.strip().splitlines() == [
        "RAPPORT_PORT is wrong: Input should be a valid integer, unable to parse string as an integer; it was 'x'."
    ]


def test_the_readme_lists_every_setting_and_no_other() -> None:
    listed = set(re.findall(r"`(RAPPORT_[A-Z_]+)`", (ROOT / "README.md").read_text()))
    assert {name for name in listed if not name.startswith(ELSEWHERE)} == {
        f"RAPPORT_{name.upper()}" for name in Settings.model_fields
    }
