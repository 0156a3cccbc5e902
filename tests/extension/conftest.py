"""A page of Chromium, and one of Firefox, in which the extension's own modules run on small saved pages; no network, nothing installed in it."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.browser import bidi

HERE = Path(__file__).parent
EXTENSION = HERE.parent.parent / "extension"
SITES = EXTENSION / "src" / "sites"
SITE_NAMES = sorted(path.stem for path in SITES.glob("*.js") if path.stem != "site")
ESBUILD = EXTENSION / "node_modules" / ".bin" / "esbuild"


class Shown(Protocol):
    """A page with something shown in it."""

    def evaluate(self, script: str, argument: object = None) -> Any:
        """What the script, a function of the argument, gives in the page."""


class InFirefox:
    """The same of a Firefox that is spoken to over WebDriver BiDi."""

    def __init__(self, firefox: bidi.Firefox, tab: str) -> None:
        self.firefox = firefox
        self.tab = tab

    def evaluate(self, script: str, argument: object = None) -> Any:
        return self.firefox.js(self.tab, f"({script})({json.dumps(argument)})")


class InChromium:
    """The same of a Chromium. Playwright runs in a thread of its own: other tests of this run have theirs in the main one."""

    def __init__(self, page: Page, thread: ThreadPoolExecutor) -> None:
        self.page = page
        self.thread = thread

    def evaluate(self, script: str, argument: object = None) -> Any:
        return self.thread.submit(self.page.evaluate, script, argument).result()


def bundle(folder: Path) -> str:
    """The modules under test as one script. The sites are those of their folder, as in the build."""
    every, out = folder / "sites.js", folder / "probe.js"
    imports = [f'import {{ site as {name} }} from "{SITES / name}.js";' for name in SITE_NAMES]
    every.write_text("\n".join([*imports, f"export default [{', '.join(SITE_NAMES)}];"]))
    options = ["--bundle", "--format=iife", f"--alias:all-sites={every}", f"--outfile={out}", "--log-level=warning"]
    subprocess.run([str(ESBUILD), str(HERE / "probe.js"), *options], check=True)
    return out.read_text()


def find_chromium() -> str | None:
    """The program that was named or is installed; None for the one that Playwright brings."""
    return os.environ.get("E2E_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
def probe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The modules under test as one script."""
    if not ESBUILD.exists():
        pytest.skip("the extension's packages are not installed: npm ci --prefix extension")
    return bundle(tmp_path_factory.mktemp("probe"))


@pytest.fixture(scope="session")
def session_page(probe: str) -> Iterator[Shown]:
    """A page of one headless Chromium that answers every request with nothing and knows the modules."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        playwright = thread.submit(lambda: sync_playwright().start()).result()
        try:
            browser = thread.submit(
                lambda: playwright.chromium.launch(executable_path=find_chromium(), headless=True)
            ).result()
        except Exception as problem:
            thread.submit(playwright.stop).result()
            pytest.skip(f"no Chromium to test in: {str(problem).splitlines()[0]}")

        def open_page() -> Page:
            page = browser.new_page()
            empty = {"status": 200, "content_type": "text/html", "body": "<!doctype html><body>"}
            page.route("**/*", lambda route: route.fulfill(**empty))
            page.goto("https://fixture.test/")
            page.evaluate(probe)
            return page

        yield InChromium(thread.submit(open_page).result(), thread)
        thread.submit(browser.close).result()
        thread.submit(playwright.stop).result()


@pytest.fixture(scope="session")
def firefox_page(probe: str) -> Iterator[Shown]:
    """An empty page of one headless Firefox that knows the modules."""
    program = os.environ.get("E2E_FIREFOX") or shutil.which("firefox-esr") or shutil.which("firefox")
    if not program:
        pytest.skip("no Firefox to test in: neither firefox-esr nor firefox is on the PATH")
    firefox = bidi.Firefox(program)
    try:
        page = InFirefox(firefox, firefox.new_tab())
        page.evaluate(f"() => {{ {probe} }}")
        yield page
    finally:
        firefox.close()


PUT = """(html) => { const read = new DOMParser().parseFromString(html, "text/html");
  document.body.replaceWith(document.adoptNode(read.body));
  document.head.replaceChildren(...read.head.childNodes); }"""


def showing(page: Shown) -> Callable[[str], Shown]:
    """Puts a saved page's body into the page; scripts in it do not run."""

    def put(html: str) -> Shown:
        page.evaluate(PUT, html)
        return page

    return put


@pytest.fixture
def show(session_page: Shown) -> Callable[[str], Shown]:
    return showing(session_page)


@pytest.fixture(params=["chromium", "firefox"])
def show_in_both(request: pytest.FixtureRequest) -> Callable[[str], Shown]:
    return showing(request.getfixturevalue("session_page" if request.param == "chromium" else "firefox_page"))
