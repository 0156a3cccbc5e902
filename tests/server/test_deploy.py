"""What lies in server/deploy fits the service: the dashboard its metrics, the unit its settings, the scrape its address."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from configparser import RawConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from server.__main__ import main
from server.settings import Settings, read_settings
from tests.server.conftest import Running
from tests.server.test_settings import ROOT

DEPLOY = ROOT / "server" / "deploy"
METRIC = re.compile(r"\brapport_[a-z_]+")
OF_METRIC = re.compile(r"(?P<metric>rapport_[a-z_]+)\s*(?:\{(?P<labels>[^}]*)\})?")
BY = re.compile(r"\bby \(([^)]*)\)")
ADDED = {"job", "instance", "le"}
"""Labels that Prometheus adds, and that of a histogram's buckets."""


def panels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((DEPLOY / "grafana-dashboard.json").read_text())["panels"]
    return [panel for panel in found if panel["type"] != "row"]


def queries() -> Iterator[str]:
    for panel in panels():
        for target in panel["targets"]:
            yield target["expr"]


def given(running: Running) -> dict[str, str]:
    """Every metric of ours by the names that a query may use, and its family."""
    names = {}
    for family in text_string_to_metric_families(running.client.get("/metrics").text):
        if family.name.startswith("rapport_"):
            endings = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}.get(family.type, ("",))
            names |= {family.name + ending: family.name for ending in endings}
    return names


def test_the_dashboard_names_no_metric_that_is_not_given(running: Running) -> None:
    named = {metric for query in queries() for metric in METRIC.findall(query)}
    assert named <= given(running).keys()


def test_every_metric_stands_on_a_panel(running: Running) -> None:
    names = given(running)
    drawn = {names[metric] for query in queries() for metric in METRIC.findall(query) if metric in names}
    assert drawn == set(names.values())


def labels_of() -> dict[str, set[str]]:
    """The labels of each metric of ours, by the beginning of its name."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for collector in list(REGISTRY._collector_to_names):
        for metric in collector.describe() if hasattr(collector, "describe") else ():
            found[metric.name] |= set(getattr(collector, "_labelnames", ()))
    return found


def test_the_dashboard_asks_for_no_label_that_a_metric_has_not(running: Running) -> None:
    names, labels = given(running), labels_of()
    for query in queries():
        grouped = {label.strip() for group in BY.findall(query) for label in group.split(",")}
        for found in OF_METRIC.finditer(query):
            chosen = set(re.findall(r"([a-z_]+)\s*!?=", found["labels"] or ""))
            assert grouped | chosen <= labels[names[found["metric"]]] | ADDED, query


def test_every_panel_has_a_title_says_what_it_shows_and_covers_no_other() -> None:
    covered: set[tuple[int, int]] = set()
    assert len({panel["id"] for panel in panels()}) == len({panel["title"] for panel in panels()}) == len(panels())
    for panel in panels():
        assert panel["title"]
        assert panel["description"].endswith(".")
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert place["x"] + place["w"] <= 24
        assert not cells & covered
        covered |= cells


@pytest.fixture
def unit() -> RawConfigParser:
    """The unit; of a name that stands in it several times, the last."""
    parser = RawConfigParser(strict=False, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(DEPLOY / "rapport.service")
    return parser


def test_the_unit_starts_the_service_with_settings_that_there_are(unit: RawConfigParser) -> None:
    program, _, module = unit["Service"]["ExecStart"].split()
    assert program == unit["Service"]["WorkingDirectory"] + "/.venv/bin/python"
    assert importlib.util.find_spec(f"{module}.__main__") is not None
    variables = dict(pair.split("=", 1) for pair in unit["Service"]["Environment"].split())
    assert read_settings(variables).data_folder == Path("%S/rapport")
    assert unit["Service"]["StateDirectory"] == "rapport"


def test_the_unit_gives_the_service_no_more_rights_than_it_needs(unit: RawConfigParser) -> None:
    service = unit["Service"]
    for name in ("DynamicUser", "NoNewPrivileges", "PrivateTmp", "PrivateDevices", "ProtectHome", "RestrictNamespaces"):
        assert service[name] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert service["CapabilityBoundingSet"] == ""
    assert service["StateDirectoryMode"] == "0700"
    assert re.fullmatch(r"\d+[MG]", service["MemoryMax"])


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd on this machine")
def test_systemd_understands_the_unit_and_finds_little_that_could_be_taken_away(tmp_path: Path) -> None:
    unit = tmp_path / "rapport.service"
    # Where it is to lie on the operator's machine there is nothing here.
    text = (DEPLOY / "rapport.service").read_text()
    unit.write_text(text.replace("/opt/rapport/.venv/bin/python", "/bin/true").replace("/opt/rapport", "/"))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True, timeout=60
    )
    assert "rapport.service" not in done.stderr, done.stderr
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", "--threshold=30", str(unit)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert judged.returncode == 0, judged.stdout + judged.stderr


def test_the_scrape_reads_the_metrics_where_the_service_listens_by_default() -> None:
    scrape, usual = (DEPLOY / "prometheus.yml").read_text(), Settings()
    assert f'targets: ["{usual.host}:{usual.port}"]' in scrape
    assert "metrics_path: /metrics\n" in scrape


def test_the_readme_tells_of_every_file_and_names_no_metric_that_there_is_not(running: Running) -> None:
    readme = (DEPLOY / "README.md").read_text()
    for path in DEPLOY.iterdir():
        assert path.name in readme or path.name == "README.md"
    assert set(METRIC.findall(readme)) <= given(running).keys()


@pytest.fixture
def containers() -> dict[str, dict[str, Any]]:
    """What each container of the compose file is, with what its file .env says filled in."""
    text = (DEPLOY / "compose.yaml").read_text()
    text = re.sub(r"\$\{(\w+):[?-][^}]*\}", lambda found: f"{found[1].lower()}-1234567890", text)
    found: dict[str, dict[str, Any]] = yaml.safe_load(text)["services"]
    return found


@pytest.mark.parametrize("name", ["web", "work"])
def test_the_containers_are_given_settings_that_there_are(containers: dict[str, dict[str, Any]], name: str) -> None:
    settings = read_settings(containers[name]["environment"])
    assert settings.shares_work
    assert (settings.web_processes, settings.gatherers) == {"web": (2, 0), "work": (1, 6)}[name]


def test_both_containers_keep_the_key_in_one_place_where_the_image_may_write(
    containers: dict[str, dict[str, Any]],
) -> None:
    folder = re.findall(r"RAPPORT_DATA_FOLDER=(\S+)", (DEPLOY / "Dockerfile").read_text())
    assert containers["web"]["volumes"] == containers["work"]["volumes"] == [f"data:{folder[0]}"]


def test_what_the_containers_start_is_a_command_of_the_service(containers: dict[str, dict[str, Any]]) -> None:
    entry = json.loads(re.findall(r"ENTRYPOINT (.*)", (DEPLOY / "Dockerfile").read_text())[0])
    assert entry == ["python", "-m", "server"]
    assert "command" not in containers["web"]
    assert [word for word in containers["work"]["command"] if word not in main.commands] == []


def test_the_image_is_made_of_files_that_there_are() -> None:
    copied = re.findall(r"^COPY (\S+) ", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    assert copied
    assert [name for name in copied if not (ROOT / name).exists()] == []


def test_redis_writes_nothing_to_the_disk_and_drops_no_task_for_want_of_room(
    containers: dict[str, dict[str, Any]],
) -> None:
    words = containers["redis"]["command"]
    assert words[words.index("--save") + 1] == ""
    assert words[words.index("--appendonly") + 1] == "no"
    assert words[words.index("--maxmemory-policy") + 1].startswith("volatile-")


def test_nothing_but_the_service_is_reached_from_outside_and_that_from_this_machine_only(
    containers: dict[str, dict[str, Any]],
) -> None:
    ports = {name: container.get("ports", []) for name, container in containers.items()}
    assert ports == {"web": ["127.0.0.1:8765:8765"], "work": [], "postgres": [], "redis": []}
