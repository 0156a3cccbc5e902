"""GET /api/v1/sites: selectors as data, checked, cached, and never lost to a broken edit."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.api.schemas import Sites
from server.api.selectors import checked_selector
from server.api.sites_file import OWN, SitesFile, read_sites
from server.settings import BadSetting
from tests.server.commands import command
from tests.server.conftest import Running

ROOT = Path(__file__).parents[3]
GOOD = """
[bluesky]
revision = 2
off = false
why = ""

[bluesky.selectors]
feedPost = '[data-testid^="feedItem-by-"]'

[x]
revision = 3
off = true
why = "X shows every name in a picture now."
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "corrections.toml"
    path.write_text(GOOD)
    return path


def rewrite(file: Path, text: str) -> None:
    """Change a file as an editor does, a second later."""
    later = file.stat().st_mtime_ns + 1_000_000_000
    file.write_text(text)
    os.utime(file, ns=(later, later))


def test_the_sites_that_come_with_the_service_change_nothing(running: Running) -> None:
    answer = running.client.get("/api/v1/sites")
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    sites = Sites.model_validate(answer.get_json()).sites
    assert [site.id for site in sites] == ["bluesky", "mastodon", "x", "elk", "phanpy"]
    assert {(site.revision, site.off, site.why, len(site.selectors)) for site in sites} == {(1, False, "", 0)}


def test_another_file_is_given_out_as_it_stands(tmp_path: Path, file: Path, start: Any) -> None:
    answer = start(tmp_path, sites_file=file).client.get("/api/v1/sites").get_json()
    assert answer["sites"] == [
        {
            "id": "bluesky",
            "revision": 2,
            "off": False,
            "why": "",
            "selectors": {"feedPost": '[data-testid^="feedItem-by-"]'},
        },
        {"id": "x", "revision": 3, "off": True, "why": "X shows every name in a picture now.", "selectors": {}},
    ]


def test_an_answer_is_kept_for_six_hours_and_not_sent_twice(running: Running) -> None:
    first = running.client.get("/api/v1/sites")
    assert first.headers["Cache-Control"] == "public, max-age=21600"
    again = running.client.get("/api/v1/sites", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert again.headers["Cache-Control"] == "public, max-age=21600"


def test_a_file_that_changes_is_read_again_and_its_etag_changes(tmp_path: Path, file: Path, start: Any) -> None:
    client = start(tmp_path, sites_file=file).client
    first = client.get("/api/v1/sites")
    rewrite(file, GOOD.replace("revision = 2", "revision = 4"))
    second = client.get("/api/v1/sites", headers={"If-None-Match": first.headers["ETag"]})
    assert (second.status_code, second.get_json()["sites"][0]["revision"]) == (200, 4)


@pytest.mark.parametrize("broken", ["[bluesky", GOOD.replace("revision = 2", "revision = 'two'"), "\xff"])
def test_a_broken_edit_is_logged_once_and_changes_nothing_until_it_is_mended(
    file: Path, broken: str, caplog: pytest.LogCaptureFixture
) -> None:
    sites = SitesFile(file)
    before = sites.body()
    rewrite(file, broken)
    assert [sites.body(), sites.body()] == [before, before]
    assert [record.getMessage().split(":")[0] for record in caplog.records] == ["the sites stay as they were"]
    rewrite(file, GOOD.replace("revision = 3", "revision = 5"))
    assert json.loads(sites.body())["sites"][1]["revision"] == 5


def test_a_file_that_vanishes_changes_nothing(file: Path) -> None:
    sites = SitesFile(file)
    before = sites.body()
    file.unlink()
    assert sites.body() == before


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("revision = ", "it is no TOML"),
        ("title = 'sites'", "title: Input should be a valid dictionary"),
        ("[Blue_Sky]\nrevision = 1", "Blue_Sky.id: String should match pattern"),
        ("[x]\noff = false", "x.revision: Field required"),
        ("[x]\nrevision = 0", "x.revision: Input should be greater than or equal to 1"),
        ("[x]\nrevision = 1.0", "x.revision: Input should be a valid integer"),
        ("[x]\nrevision = 1\noff = 'yes'", "x.off: Input should be a valid boolean"),
        ("[x]\nrevision = 1\noff = true", "x: a site that is off needs its why"),
        ('[x]\nrevision = 1\nwhy = """two\nlines"""', "x: why is one line of text"),
        ("[x]\nrevision = 1\ncode = 'alert()'", "x.code: Extra inputs are not permitted"),
        ("[x]\nrevision = 1\n[x.selectors]\nfeed-post = 'a'", "x.selectors.feed-post.[key]: String should match"),
        ("[x]\nrevision = 1\n[x.selectors]\npost = 5", "x.selectors.post: Input should be a valid string"),
        ("[x]\nrevision = 1\n[x.selectors]\npost = ''", "x.selectors.post: a selector has 1 to 500 characters"),
        ("[x]\nrevision = 1\n[x.selectors]\npost = 'a{}'", "x.selectors.post: “{” stands in no selector"),
    ],
)
def test_a_wrong_file_is_told_in_a_sentence_that_says_where(file: Path, wrong: str, says: str) -> None:
    file.write_text(wrong)
    with pytest.raises(BadSetting) as caught:
        read_sites(file)
    assert str(caught.value).startswith(f"The file of sites {file} is wrong: {says}")
    assert "RAPPORT_SITES_FILE" in str(caught.value)


def test_a_wrong_or_missing_file_stops_the_start_without_a_traceback(tmp_path: Path) -> None:
    for content, says in (("[x]", "x.revision: Field required"), (None, "cannot be read (No such file or directory)")):
        path = tmp_path / "sites.toml"
        path.unlink(missing_ok=True)
        if content is not None:
            path.write_text(content)
        variables = {"RAPPORT_SITES_FILE": str(path), "RAPPORT_DATA_FOLDER": str(tmp_path), "PATH": "/usr/bin"}
        done = command(env=variables)
        assert done.returncode == 1
        assert says in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "selector",
    [
        '[data-testid^="feedItem-by-"]',
        'article[data-testid="tweet"] [data-testid="User-Name"]:not([role="link"] *)',
        "a.hover-card__name[href^='/@'], .display-name__account",
        "#hover-card > .hover-card:is(:hover, :focus-within) ~ div:nth-child(2n+1)",
        'a[href*="/@"][aria-label="Mehr über sie (…)"]',
        r".md\:flex",
        "x" * 500,
    ],
)
def test_selectors_as_the_sites_need_them_pass(selector: str) -> None:
    assert checked_selector(selector) == selector


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "1 to 500 characters"),
        (" ", "something is missing"),
        ("x" * 501, "1 to 500 characters"),
        ("a{color:red}", "“{” stands in no selector"),
        ("a;b", "“;” stands in no selector"),
        ("<script>", "“<” stands in no selector"),
        ("@import 'x'", "“@import” stands in no selector"),
        ('[style="URL(https://evil.example)"]', "“url(” stands in no selector"),
        ("a/* */b", "stands in no selector"),
        ("a\nb", "no control characters"),
        ('a["\u202e"]', "no control characters"),
        ("a\u0000b", "no control characters"),
        ("a[b", "“[” is never closed"),
        ("a]b", "“]” closes nothing"),
        ("a:not([b)]", "“)” closes nothing"),
        ("a['b]", "“'” is never closed"),
        ('a[b="\\"]', "needs no backslash"),
        ("a, ", "something is missing"),
        (", a", "something is missing"),
        ("a >", "something is missing"),
        ("alert`1`", "“`” stands in no selector"),
    ],
)
def test_what_no_selector_holds_is_refused(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        checked_selector(text)


@given(st.text(alphabet="ab[](){}<>;\"'\\.#@:,*=/ \n", max_size=40))
def test_what_passes_closes_all_it_opens_and_can_begin_no_rule(text: str) -> None:
    try:
        passed = checked_selector(text)
    except ValueError:
        return
    assert passed == text
    assert not set(passed) & set("{}<;\n")
    for opening, closing in ("[]", "()"):
        outside = _outside_strings(passed)
        assert outside.count(opening) == outside.count(closing)


def _outside_strings(text: str) -> list[str]:
    found, quote = [], ""
    for character in text:
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        else:
            found.append(character)
    assert not quote
    return found


def test_the_file_that_comes_with_the_service_lies_beside_the_code() -> None:
    assert OWN.name == "sites.toml"
    assert json.loads(read_sites(OWN))["sites"]
