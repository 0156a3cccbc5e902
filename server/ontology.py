"""Names of topics and what each is part of: Klout's ontology of 2018, where somebody loaded it. Without it hashtags stand for themselves.

Its source: Ellinger and others, "Klout Topics for Modeling Interests and Expertise of Users Across Social Networks", 2017
(arXiv:1710.09824); published by Lithium under CC BY 3.0.
"""

from __future__ import annotations

import csv
import json
import unicodedata
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from server.errors import RapportError

NAMES, EDGES, TRANSLATIONS = "klout_topic_ontology_*.csv", "klout_topic_edge_*.csv", "klout_topic_display_*.csv"
"""The files of the ontology as they were published; translated names may be missing."""
FILE = "topics.json"
"""What is loaded of it, in the data folder."""
ATTRIBUTION = "Klout Topics by Lithium Technologies, CC BY 3.0"
MOST_BYTES = 50_000_000
LONGEST_NAME = 80
MOST_WITHIN = 6
_ROOT = "0"
_SUPER = "-super"
"""Ends the slugs of the topics right below the root."""


class BadOntology(RapportError):
    """What was to be loaded is no ontology; the text says what is wrong with it, and what is wanted."""


class Filed(NamedTuple):
    """What a hashtag stands for. ``within``: what that is part of, the nearest first."""

    name: str
    within: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ontology:
    """Topics by the hashtag that is spelt like them. ``parent``: the topic that each is part of, by number."""

    names: tuple[str, ...] = ()
    parent: tuple[int, ...] = ()
    by_tag: Mapping[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.names)

    def find(self, tag: str) -> Filed | None:
        """The topic whose name this hashtag spells; None when there is none."""
        number = self.by_tag.get(spelt(tag)) if self.by_tag else None
        if number is None:
            return None
        within: list[str] = []
        above = self.parent[number]
        # A topic that is part of itself by way of others must not lead round and round.
        for _ in range(MOST_WITHIN):
            if above < 0:
                break
            # The ontology has topics inside a topic of the same name.
            if self.names[above] not in (self.names[number], *within):
                within.append(self.names[above])
            above = self.parent[above]
        return Filed(self.names[number], tuple(within))


NO_ONTOLOGY = Ontology()


def spelt(name: str) -> str:
    """A name as a hashtag spells it: letters, marks and digits only, in lower case."""
    text = unicodedata.normalize("NFKC", name).casefold()
    return "".join(c for c in text if unicodedata.category(c)[0] in "LMN")


def read_folder(folder: Path) -> Ontology:
    """The ontology out of the published files. Raises BadOntology."""
    if not folder.is_dir():
        raise BadOntology(f"{folder} is no folder. Name the one that holds {NAMES} and {EDGES}.")
    topics = {
        row["topicId"]: (row["topicSlug"], _clean(row["topicDisplayName"]))
        for row in _rows(folder, NAMES, ("topicId", "topicSlug", "topicDisplayName"))
        if row["topicId"] != _ROOT and _clean(row["topicDisplayName"])
    }
    if not topics:
        raise BadOntology(f"There is no topic in the files {NAMES} of {folder}.")
    edges = [
        (row["parentTopicId"], row["childTopicId"]) for row in _rows(folder, EDGES, ("parentTopicId", "childTopicId"))
    ]
    translated = (
        (row["topicId"], row["topicDisplayName"])
        for row in _rows(folder, TRANSLATIONS, ("topicId", "topicDisplayName"), is_optional=True)
    )
    number = {topic: place for place, topic in enumerate(topics)}
    above = _parents(topics, edges)
    return Ontology(
        tuple(name for _, name in topics.values()),
        tuple(number.get(above.get(topic, _ROOT), -1) for topic in topics),
        _by_tag(topics, translated, number),
    )


def write(ontology: Ontology, data_folder: Path) -> Path:
    """Keep it in the data folder, whole or not at all. Gives where. Raises BadOntology when that cannot be written."""
    path = data_folder / FILE
    form = {"names": ontology.names, "parent": ontology.parent, "by_tag": dict(ontology.by_tag)}
    try:
        data_folder.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        new.write_text(json.dumps(form, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
        new.replace(path)
    except OSError as problem:
        raise BadOntology(f"{path} cannot be written ({problem.strerror}). Set RAPPORT_DATA_FOLDER.") from None
    return path


def read(data_folder: Path) -> Ontology:
    """What was loaded; none when nothing was. Raises BadOntology for a file that is damaged or cannot be read."""
    path = data_folder / FILE
    try:
        form = json.loads(path.read_text(encoding="utf-8"))
        ontology = Ontology(tuple(map(str, form["names"])), tuple(map(int, form["parent"])), dict(form["by_tag"]))
        places = [*ontology.parent, *ontology.by_tag.values()]
        if len(ontology.parent) != len(ontology) or not all(-1 <= place < len(ontology) for place in places):
            raise ValueError("its parts do not fit together")
    except (FileNotFoundError, NotADirectoryError):
        return NO_ONTOLOGY
    except OSError as problem:
        raise BadOntology(f"{path} cannot be read ({problem.strerror}).") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BadOntology(f"{path} is damaged. Load the topics again, or delete the file.") from None
    return ontology


def forget(data_folder: Path) -> bool:
    """Delete what was loaded. Was there anything? Raises BadOntology when it cannot be deleted."""
    path = data_folder / FILE
    try:
        path.unlink()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as problem:
        raise BadOntology(f"{path} cannot be deleted ({problem.strerror}).") from None
    return True


def _clean(name: str) -> str:
    printable = "".join(c for c in name if c.isprintable())
    return " ".join(printable.split())[:LONGEST_NAME].removesuffix(" Super")


def _rows(folder: Path, pattern: str, columns: tuple[str, ...], is_optional: bool = False) -> Iterator[dict[str, str]]:
    """The rows of the newest file of a name, without those that lack a field."""
    paths = sorted(folder.glob(pattern))
    if not paths:
        if is_optional:
            return
        raise BadOntology(f"There is no file {pattern} in {folder}.")
    path = paths[-1]
    try:
        if path.stat().st_size > MOST_BYTES:
            raise BadOntology(f"{path} is larger than {MOST_BYTES // 1_000_000} MB: that is not the file meant.")
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in columns if name not in (reader.fieldnames or ())]
            if missing:
                raise BadOntology(f"{path} has no column {missing[0]}; it needs {', '.join(columns)}.")
            yield from (row for row in reader if all(row[name] for name in columns))
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise BadOntology(f"{path} cannot be read: {problem}") from None


def _parents(topics: Mapping[str, tuple[str, str]], edges: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Of each topic the parent on the shortest way from the root; of several the one that is named first."""
    children: dict[str, list[str]] = {}
    for parent, child in sorted(edges):
        children.setdefault(parent, []).append(child)
    above: dict[str, str] = {_ROOT: _ROOT}
    waiting = deque([_ROOT])
    while waiting:
        parent = waiting.popleft()
        for child in children.get(parent, ()):
            if child not in above and child in topics:
                above[child] = parent
                waiting.append(child)
    return above


def _by_tag(
    topics: Mapping[str, tuple[str, str]], translated: Iterable[tuple[str, str]], number: Mapping[str, int]
) -> dict[str, int]:
    """Hashtags by slug first, then by name, then by translated name where only one topic is called so."""
    found: dict[str, int] = {}
    for topic, (slug, _) in topics.items():
        found.setdefault(spelt(slug.removesuffix(_SUPER)), number[topic])
    for topic, (_, name) in topics.items():
        found.setdefault(spelt(name), number[topic])
    called: dict[str, set[int]] = {}
    for topic, name in translated:
        if topic in number:
            called.setdefault(spelt(name), set()).add(number[topic])
    for tag, those in called.items():
        if len(those) == 1:
            found.setdefault(tag, those.pop())
    found.pop("", None)
    return found
