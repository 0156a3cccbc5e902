"""What /metrics says, as a program reads it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

Sample = tuple[str, frozenset[tuple[str, str]]]


def sample(name: str, **labels: str) -> Sample:
    return name, frozenset(labels.items())


def samples(client: FlaskClient) -> dict[Sample, float]:
    """Every line by its name and labels."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.text)
    return {sample(one.name, **one.labels): one.value for family in families for one in family.samples}


class More:
    """How much a line has grown."""

    def __init__(self, before: dict[Sample, float]) -> None:
        self.before, self.after = before, dict[Sample, float]()

    def __call__(self, name: str, **labels: str) -> float:
        which = sample(name, **labels)
        return self.after.get(which, 0.0) - self.before.get(which, 0.0)

    def by(self, label: str, name: str, **labels: str) -> dict[str, float]:
        """The growth of all lines of these labels, by one other label; those that did not grow are left out."""
        grown: dict[str, float] = {}
        for which, now in self.after.items():
            found = dict(which[1])
            if which[0] == name and label in found and labels.items() <= found.items():
                grown[found[label]] = grown.get(found[label], 0.0) + now - self.before.get(which, 0.0)
        return {value: more for value, more in grown.items() if more}


@contextmanager
def grown(client: FlaskClient) -> Iterator[More]:
    """How much was counted within this: the counters are those of the process, and other tests count, too."""
    more = More(samples(client))
    yield more
    more.after = samples(client)
