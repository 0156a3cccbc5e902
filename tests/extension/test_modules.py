"""The modules that need no page, tested by Node's own runner; and what the build gives."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
EXTENSION = HERE.parent.parent / "extension"
DIST = EXTENSION / "dist"
SUITES = sorted(HERE.rglob("*.test.js"))
LARGEST_CONTENT_SCRIPT = 30_000


@pytest.mark.parametrize("suite", SUITES, ids=lambda path: path.name.removesuffix(".test.js"))
def test_the_module_keeps_its_promises(suite: Path) -> None:
    node = shutil.which("node")
    if not node:
        pytest.skip("node is not installed")
    run = subprocess.run([node, "--test", str(suite)], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.fixture(scope="module")
def built() -> Path:
    """The folder of both builds, made anew."""
    node = shutil.which("node")
    if not node or not (EXTENSION / "node_modules").exists():
        pytest.skip("the extension's packages are not installed: npm ci --prefix extension")
    subprocess.run([node, "build.js"], cwd=EXTENSION, check=True)
    return DIST


def manifest(built: Path, browser: str) -> dict:
    return json.loads((built / browser / "manifest.json").read_text())


@pytest.mark.parametrize("browser", ["chrome", "firefox"])
def test_what_runs_in_a_page_is_at_most_thirty_kilobytes(built: Path, browser: str) -> None:
    for entry in manifest(built, browser)["content_scripts"]:
        size = sum((built / browser / name).stat().st_size for name in entry["js"])
        assert size <= LARGEST_CONTENT_SCRIPT, entry["js"]


@pytest.mark.parametrize("browser", ["chrome", "firefox"])
def test_every_file_the_manifest_names_is_there(built: Path, browser: str) -> None:
    told = manifest(built, browser)
    named = [*told["icons"].values(), told["action"]["default_popup"], told["options_ui"]["page"]]
    named += [name for entry in told["content_scripts"] for name in entry["js"]]
    named += told["background"].get("scripts", [told["background"].get("service_worker")])
    assert [name for name in named if not (built / browser / name).is_file()] == []


def test_adding_a_site_file_is_enough_for_the_manifest_to_name_it(built: Path) -> None:
    sites = {path.stem for path in (EXTENSION / "src" / "sites").glob("*.js")} - {"site"}
    scripts = {name for entry in manifest(built, "chrome")["content_scripts"] for name in entry["js"]}
    assert scripts == {f"sites/{name}.js" for name in sites} | {"content.js"}


def test_the_two_manifests_differ_only_where_the_browsers_do(built: Path) -> None:
    chrome, firefox = manifest(built, "chrome"), manifest(built, "firefox")
    different = {key for key in chrome.keys() | firefox.keys() if chrome.get(key) != firefox.get(key)}
    assert different == {"background", "browser_specific_settings", "minimum_chrome_version"}


def test_nothing_that_a_page_wrote_is_parsed_as_markup() -> None:
    for path in (EXTENSION / "src").rglob("*.js"):
        assert "innerHTML" not in path.read_text(), path
