"""What the stores get: the same bytes wherever they are made, sources that build the same, nothing the linter minds, texts that fit."""

import json
import os
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
EXTENSION = ROOT / "extension"
MADE = shutil.ignore_patterns("dist", "node_modules")
KINDS = ["chrome", "firefox", "source"]


def sources_in(folder: Path) -> Path:
    """A copy of the extension's folder with its packages at hand."""
    if not (EXTENSION / "node_modules" / "web-ext").exists():
        pytest.skip("the extension's packages are not installed: npm ci --prefix extension")
    shutil.copytree(EXTENSION, folder / "extension", ignore=MADE)
    shutil.copy(ROOT / "LICENSE", folder)
    (folder / "extension" / "node_modules").symlink_to(EXTENSION / "node_modules")
    return folder / "extension"


def node(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["node", *arguments], cwd=folder, env=os.environ | environment, capture_output=True, text=True, timeout=90
    )


def packages_of(folder: Path, **environment: str) -> dict[str, Path]:
    """The three packages, made from a copy of the sources."""
    made = node(sources_in(folder), "package.js", **environment)
    assert made.returncode == 0, made.stdout + made.stderr
    paths = sorted((folder / "build" / "package").iterdir())
    assert len(paths) == len(KINDS)
    return dict(zip(KINDS, paths, strict=True))


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return packages_of(tmp_path_factory.mktemp("here"))


def test_each_package_is_named_after_its_version_and_browser(packages: dict[str, Path]) -> None:
    version = json.loads((EXTENSION / "manifest.json").read_text())["version"]
    assert [path.name for path in packages.values()] == [f"rapport-{version}-{kind}.zip" for kind in KINDS]


def test_packages_made_in_another_folder_and_time_zone_are_the_same_bytes(
    packages: dict[str, Path], tmp_path: Path
) -> None:
    elsewhere = tmp_path / "another folder"
    elsewhere.mkdir()
    again = packages_of(elsewhere, TZ="Asia/Tokyo", LC_ALL="C", SOURCE_DATE_EPOCH="99999999")
    for kind in KINDS:
        assert again[kind].read_bytes() == packages[kind].read_bytes(), kind


def test_the_sources_build_the_files_of_the_firefox_package(packages: dict[str, Path], tmp_path: Path) -> None:
    with zipfile.ZipFile(packages["source"]) as archive:
        archive.extractall(tmp_path)
    assert {"BUILDING.md", "LICENSE", "package-lock.json", ".npmrc"} <= {path.name for path in tmp_path.iterdir()}
    (tmp_path / "node_modules").symlink_to(EXTENSION / "node_modules")
    built = node(tmp_path, "build.js")
    assert built.returncode == 0, built.stderr
    dist = tmp_path / "dist" / "firefox"
    with zipfile.ZipFile(packages["firefox"]) as archive:
        packed = {name: archive.read(name) for name in archive.namelist()}
    assert packed == {str(path.relative_to(dist)): path.read_bytes() for path in dist.rglob("*") if path.is_file()}


def test_files_stand_in_order_with_one_date_and_one_mode(packages: dict[str, Path]) -> None:
    for kind, path in packages.items():
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
        names = [entry.filename for entry in entries if entry.filename != "LICENSE"]
        assert [name.split("/") for name in names] == sorted(name.split("/") for name in names), kind
        assert {(entry.date_time, entry.external_attr >> 16 & 0o777) for entry in entries} == {
            ((1980, 1, 1, 0, 0, 0), 0o644)
        }


def test_no_package_holds_what_is_not_the_extensions(packages: dict[str, Path]) -> None:
    for kind, path in packages.items():
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
        litter = [
            name for name in names if re.search(r"node_modules|dist/|store/|screenshots/|(^|/)\.(?!npmrc$)", name)
        ]
        assert litter == [], kind


@pytest.mark.parametrize(
    ("file", "before", "after", "rule"),
    [
        ("manifest.json", '"default_locale": "en"', '"default_locale": "fi"', "error NO_MESSAGES_FILE"),
        ("src/popup/popup.js", "import", "eval('1');import", "warning DANGEROUS_EVAL"),
    ],
)
def test_nothing_is_packaged_when_the_linter_minds_something(
    tmp_path: Path, file: str, before: str, after: str, rule: str
) -> None:
    folder = sources_in(tmp_path)
    old = tmp_path / "build" / "package" / "rapport-0.9.0-firefox.zip"
    old.parent.mkdir(parents=True)
    old.write_bytes(b"an older package")
    (folder / file).write_text((folder / file).read_text().replace(before, after, 1))
    made = node(folder, "package.js")
    assert made.returncode == 1
    assert rule in made.stderr
    assert list(old.parent.iterdir()) == []


def test_nothing_is_packaged_under_two_versions(tmp_path: Path) -> None:
    folder = sources_in(tmp_path)
    package = json.loads((folder / "package.json").read_text()) | {"version": "99.0.0"}
    (folder / "package.json").write_text(json.dumps(package))
    made = node(folder, "package.js")
    assert made.returncode == 1
    assert "99.0.0" in made.stderr


def test_the_lock_file_names_no_registry() -> None:
    assert '"resolved"' not in (EXTENSION / "package-lock.json").read_text()
