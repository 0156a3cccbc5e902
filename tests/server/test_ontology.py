"""Names of topics out of the published files: what a hashtag stands for, and what that is part of."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from server.__main__ import main
from server.ontology import FILE, NO_ONTOLOGY, BadOntology, Filed, Ontology, forget, read, read_folder, spelt, write

NAMES = """topicId,topicSlug,topicDisplayName,wikiItemId,freebaseMachineId
0,_ROOT_,Root,,
1,technology-super,Technology Super,Q1,x
2,databases,Databases,Q2,x
3,postgresql,PostgreSQL,Q3,x
4,womens-rights,Women's Rights,Q4,x
5,nowhere,Nowhere,Q5,x
6,technology,Technology,Q6,x
7,soccer,Soccer,Q7,x
"""
EDGES = """parentTopicId,parrentTopicSlug,childTopicId,childTopicSlug
0,_ROOT_,0,_ROOT_
0,_ROOT_,1,technology-super
1,technology-super,2,databases
2,databases,3,postgresql
3,postgresql,2,databases
1,technology-super,6,technology
0,_ROOT_,4,womens-rights
9,gone,7,soccer
"""
TRANSLATIONS = """topicId,language,topicDisplayName
7,de,Fußball
2,de,Bank
4,de,Bank
99,de,Fremd
"""


def folder_of(path: Path, names: str = NAMES, edges: str = EDGES, translations: str | None = TRANSLATIONS) -> Path:
    (path / "klout_topic_ontology_20180601.csv").write_text(names, encoding="utf-8")
    (path / "klout_topic_edge_20180601.csv").write_text(edges, encoding="utf-8")
    if translations is not None:
        (path / "klout_topic_display_20180601.csv").write_text(translations, encoding="utf-8")
    return path


@pytest.fixture
def ontology(tmp_path: Path) -> Ontology:
    return read_folder(folder_of(tmp_path))


@pytest.mark.parametrize(
    ("tag", "filed"),
    [
        ("postgresql", Filed("PostgreSQL", ("Databases", "Technology"))),
        ("PostgreSQL", Filed("PostgreSQL", ("Databases", "Technology"))),
        ("womensrights", Filed("Women's Rights", ())),
        ("womens_rights", Filed("Women's Rights", ())),
        ("fussball", Filed("Soccer", ())),
        ("fußball", Filed("Soccer", ())),
        ("technology", Filed("Technology", ())),
        ("nowhere", Filed("Nowhere", ())),
        ("root", None),
        ("trams", None),
        ("", None),
    ],
)
def test_a_hashtag_stands_for_the_topic_it_spells(ontology: Ontology, tag: str, filed: Filed | None) -> None:
    assert ontology.find(tag) == filed


def test_a_translated_name_of_several_topics_stands_for_none(ontology: Ontology) -> None:
    assert ontology.find("bank") is None
    assert ontology.find("fremd") is None


def test_translated_names_may_be_missing(tmp_path: Path) -> None:
    assert read_folder(folder_of(tmp_path, translations=None)).find("postgresql") is not None


def test_what_was_loaded_is_read_again(ontology: Ontology, tmp_path: Path) -> None:
    kept = tmp_path / "data"
    assert read(kept) == NO_ONTOLOGY
    assert not forget(kept)
    write(ontology, kept)
    assert read(kept) == ontology
    assert forget(kept)
    assert read(kept) == NO_ONTOLOGY


def test_a_topic_that_is_part_of_itself_leads_nowhere_twice() -> None:
    assert Ontology(("One", "Other"), (1, 0), {"one": 0}).find("one") == Filed("One", ("Other",))


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"names": ""}, "no column topicId"),
        ({"names": "topicId,topicSlug,topicDisplayName\n"}, "There is no topic"),
        ({"names": "a,b\n1,2\n"}, "no column topicId"),
        ({"edges": "parent,child\n"}, "no column parentTopicId"),
    ],
)
def test_files_of_another_form_are_named(tmp_path: Path, files: dict[str, str], words: str) -> None:
    with pytest.raises(BadOntology, match=words):
        read_folder(folder_of(tmp_path, **files))


def test_a_folder_without_the_files_says_which_are_wanted(tmp_path: Path) -> None:
    with pytest.raises(BadOntology, match="klout_topic_ontology_"):
        read_folder(tmp_path)
    with pytest.raises(BadOntology, match="is no folder"):
        read_folder(tmp_path / "nothing")


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\x00garbage", b'topicId,topicSlug,topicDisplayName\n1,"a' + b"x" * 200_000]
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes) -> None:
    folder = folder_of(tmp_path)
    (folder / "klout_topic_ontology_20180601.csv").write_bytes(content)
    with pytest.raises(BadOntology, match=r"klout_topic_ontology_20180601\.csv cannot be read"):
        read_folder(folder)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"names": ["a"], "parent": [], "by_tag": {}}',
        '{"names": ["a"], "parent": [5], "by_tag": {}}',
        '{"names": ["a"], "parent": [-1], "by_tag": {"a": "b"}}',
        '{"names": ["a"], "parent": [-1], "by_tag": {"a": 3}}',
    ],
)
def test_a_damaged_file_says_what_to_do(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE).write_text(content, encoding="utf-8")
    with pytest.raises(BadOntology, match=r"is damaged\. Load the topics again, or delete the file\."):
        read(tmp_path)


@given(st.text())
def test_any_text_is_spelt_with_letters_and_digits_alone(text: str) -> None:
    once = spelt(text)
    assert not any(c.isspace() or c in "#-_'<>&\"" for c in once)


def test_the_command_loads_topics_and_deletes_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAPPORT_DATA_FOLDER", str(tmp_path / "data"))
    run = CliRunner().invoke
    loaded = run(main, ["topics", "load", str(folder_of(tmp_path))])
    assert loaded.exit_code == 0
    assert loaded.output.startswith("7 topics, spelt as ")
    assert "CC BY 3.0" in loaded.output
    assert len(json.loads((tmp_path / "data" / FILE).read_text(encoding="utf-8"))["names"]) == 7
    assert "are deleted" in run(main, ["topics", "forget"]).output
    assert "No topics were loaded" in run(main, ["topics", "forget"]).output
    wrong = run(main, ["topics", "load", str(tmp_path / "nothing")])
    assert wrong.exit_code == 1
    assert "is no folder" in wrong.output


@pytest.mark.skipif(
    "RAPPORT_SHARED" not in os.environ, reason="RAPPORT_SHARED names no folder with the published files"
)
def test_the_published_ontology_files_postgresql_under_databases() -> None:
    ontology = read_folder(Path(os.environ["RAPPORT_SHARED"]) / "data" / "topics")
    assert len(ontology) > 8000
    assert ontology.find("postgresql") == Filed("PostgreSQL", ("Databases", "Technology"))
    assert ontology.find("fußball") == Filed("Soccer", ("Sports and Recreation",))
