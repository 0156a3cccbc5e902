"""The extension's own words: six languages that say the same things, and nothing that is said without words."""

import json
import re
from pathlib import Path

import pytest

EXTENSION = Path(__file__).parent.parent.parent / "extension"
LOCALES = EXTENSION / "locales"
LANGUAGES = sorted(path.name for path in LOCALES.iterdir())
FILLED_IN = re.compile(r"\$(\d)")
SAID = re.compile(r"""\b(?:say|sayCount)\(\s*"(\w+)"|data-(?:say|label|hint)="(\w+)"|__MSG_(\w+)__""")


def words(language: str) -> dict[str, str]:
    """Every key of a language with its text."""
    return {
        f"{room.stem}_{name}": text
        for room in sorted((LOCALES / language).glob("*.json"))
        for name, text in json.loads(room.read_text()).items()
    }


def without_number(key: str) -> str:
    return re.sub(r"_(one|other)$", "", key)


def test_there_are_words_in_six_languages() -> None:
    assert LANGUAGES == ["de", "en", "es", "fr", "ja", "pt"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_words_for_the_same_things_as_english(language: str) -> None:
    assert words(language).keys() == words("en").keys()
    assert [key for key, text in words(language).items() if not text.strip()] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_fills_in_the_same_numbers_and_names(language: str) -> None:
    english, here = words("en"), words(language)
    other = [key for key in english if sorted(FILLED_IN.findall(english[key])) != sorted(FILLED_IN.findall(here[key]))]
    assert other == []


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_sentences_are_translated_and_not_left_in_english(language: str) -> None:
    english, here = words("en"), words(language)
    assert [key for key, text in english.items() if text.count(" ") > 3 and here[key] == text] == []


def test_a_counted_thing_has_both_its_forms() -> None:
    keys = words("en").keys()
    assert [key for key in keys if key.endswith("_one") and key.removesuffix("one") + "other" not in keys] == []


def said_in_sources() -> set[str]:
    files = [EXTENSION / "manifest.json", *(EXTENSION / "src").rglob("*.js"), *(EXTENSION / "src").rglob("*.html")]
    return {key for file in files for groups in SAID.findall(file.read_text()) for key in groups if key}


def test_everything_that_is_said_has_words() -> None:
    known = {without_number(key) for key in words("en")} | words("en").keys()
    assert sorted(said_in_sources() - known) == []


def test_a_store_takes_the_description() -> None:
    for language in LANGUAGES:
        assert len(words(language)["manifest_description"]) <= 132, language
