"""The texts for the stores: as long as the stores take, the same in six languages, and true to the manifest."""

import json
import re
from pathlib import Path

import pytest

EXTENSION = Path(__file__).parent.parent.parent / "extension"
LOCALES = EXTENSION / "locales"
LANGUAGES = sorted(path.name for path in LOCALES.iterdir())
# The shortest of what the Chrome Web Store, addons.mozilla.org and Edge Add-ons take.
LONGEST_NAME, LONGEST_SUMMARY, LONGEST_DESCRIPTION = 45, 132, 10_000


def sections(language: str) -> dict[str, str]:
    """The headings of a store text with what stands below them."""
    name, *rest = re.split(r"^## ", (EXTENSION / "store" / f"{language}.md").read_text(), flags=re.MULTILINE)
    parts = {heading: text.strip() for heading, _, text in (part.partition("\n") for part in rest)}
    return {"Name": name.removeprefix("# ").strip(), **parts}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_stores_take_the_texts(language: str) -> None:
    told = sections(language)
    assert 0 < len(told["Name"]) <= LONGEST_NAME
    assert 0 < len(told["Summary"]) <= LONGEST_SUMMARY
    assert 0 < len(told["Description"]) <= LONGEST_DESCRIPTION


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_store_says_what_the_browser_says(language: str) -> None:
    said, told = json.loads((LOCALES / language / "manifest.json").read_text()), sections(language)
    assert (told["Name"], told["Summary"]) == (said["name"], said["description"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_store_names_the_verdicts_as_the_badge_does(language: str) -> None:
    said = json.loads((LOCALES / language / "badge.json").read_text())
    verdicts = ("in_conversation", "some_replies", "broadcasts", "looks_automated", "games_its_numbers", "declared_bot")
    description = sections(language)["Description"]
    assert [verdict for verdict in (*verdicts, "too_little") if said[verdict] not in description] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_every_paragraph_of_the_english_text(language: str) -> None:
    assert sections(language)["Description"].count("\n\n") == sections("en")["Description"].count("\n\n")


def test_each_permission_and_no_other_is_explained() -> None:
    manifest = json.loads((EXTENSION / "manifest.json").read_text())
    asked = [manifest.get(key, []) for key in ("permissions", "host_permissions", "optional_host_permissions")]
    asked += [manifest.get("optional_permissions", [])]
    explained = re.findall(r"^- `([^`]+)`: \w", sections("en")["Permissions"], flags=re.MULTILINE)
    assert sorted(explained) == sorted(name for names in asked for name in names)


def test_each_kind_of_data_that_firefox_is_told_of_is_explained() -> None:
    build = (EXTENSION / "build.js").read_text()
    declared = re.search(r"data_collection_permissions: \{([^\n]*)\}", build)
    assert declared is not None
    for kind in set(re.findall(r'"(\w+)"', declared[1])) - {"none"}:
        assert f"`{kind}`" in sections("en")["Data"], kind
