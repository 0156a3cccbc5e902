"""The modules that need no page, tested by Node's own runner; and what the build gives."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
EXTENSION = HERE.parent.parent / "extension"
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
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of both builds, made anew; what other tests read stays as it is."""
    node = shutil.which("node")
    if not node or not (EXTENSION / "node_modules").exists():
        pytest.skip("the extension's packages are not installed: npm ci --prefix extension")
    dist = tmp_path_factory.mktemp("dist")
    subprocess.run([node, "build.js", dist], cwd=EXTENSION, check=True)
    return dist


def manifest(built: Path, browser: str) -> dict:
    return json.loads((built / browser / "manifest.json").read_text())


def scripts_of_sites(built: Path, browser: str) -> dict[str, list[str]]:
    """What runs in the pages of each site that ships."""
    shipped = json.loads((built / browser / "sites.json").read_text())
    return {site["id"]: [f"sites/{site['id']}.js", "content.js"] for site in shipped}


@pytest.mark.parametrize("browser", ["chrome", "firefox"])
def test_what_runs_in_a_page_is_at_most_thirty_kilobytes(built: Path, browser: str) -> None:
    for site, scripts in scripts_of_sites(built, browser).items():
        size = sum((built / browser / name).stat().st_size for name in scripts)
        assert size <= LARGEST_CONTENT_SCRIPT, site


@pytest.mark.parametrize("browser", ["chrome", "firefox"])
def test_every_file_the_manifest_names_is_there(built: Path, browser: str) -> None:
    told = manifest(built, browser)
    named = [*told["icons"].values(), told["action"]["default_popup"], told["options_ui"]["page"]]
    named += ["badge.css", *(name for names in scripts_of_sites(built, browser).values() for name in names)]
    named += told["background"].get("scripts", [told["background"].get("service_worker")])
    assert [name for name in named if not (built / browser / name).is_file()] == []


def test_adding_a_site_file_is_enough_for_the_extension_to_know_it(built: Path) -> None:
    sites = {path.stem for path in (EXTENSION / "src" / "sites").glob("*.js")} - {"site"}
    assert scripts_of_sites(built, "chrome").keys() == sites


@pytest.mark.parametrize("browser", ["chrome", "firefox"])
def test_installing_gives_no_access_to_any_site(built: Path, browser: str) -> None:
    told = manifest(built, browser)
    assert "content_scripts" not in told
    assert all(match.startswith("http://") for match in told["host_permissions"])
    assert {match.split("/")[2] for match in told["host_permissions"]} == {"127.0.0.1", "localhost", "[::1]"}


def test_the_two_manifests_differ_only_where_the_browsers_do(built: Path) -> None:
    chrome, firefox = manifest(built, "chrome"), manifest(built, "firefox")
    different = {key for key in chrome.keys() | firefox.keys() if chrome.get(key) != firefox.get(key)}
    assert different == {"background", "browser_specific_settings", "minimum_chrome_version"}


def test_nothing_that_a_page_wrote_is_parsed_as_markup() -> None:
    for path in (EXTENSION / "src").rglob("*.js"):
        assert "innerHTML" not in path.read_text(), path
