"""A Chromium page in which the extension's own modules run on small saved pages; no network, nothing installed in it."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).parent
EXTENSION = HERE.parent.parent / "extension"
ESBUILD = EXTENSION / "node_modules" / ".bin" / "esbuild"


class Shown:
    """The page with something shown in it. Playwright runs in a thread of its own: other tests of this run have theirs in the main one."""

    def __init__(self, page: Page, thread: ThreadPoolExecutor) -> None:
        self.page = page
        self.thread = thread

    def evaluate(self, script: str, argument: object = None) -> Any:
        """What the script gives in the page."""
        return self.thread.submit(self.page.evaluate, script, argument).result()


@pytest.fixture(scope="session")
def probe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The modules under test as one script."""
    if not ESBUILD.exists():
        pytest.skip("the extension's packages are not installed: npm ci --prefix extension")
    out = tmp_path_factory.mktemp("probe") / "probe.js"
    command = [ESBUILD, HERE / "probe.js", "--bundle", "--format=iife", f"--outfile={out}", "--log-level=warning"]
    subprocess.run([str(part) for part in command], check=True)
    return out.read_text()


@pytest.fixture(scope="session")
def session_page(probe: str) -> Iterator[Shown]:
    """A page of one headless Chromium that answers every request with nothing and knows the modules."""
    program = os.environ.get("E2E_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    with ThreadPoolExecutor(max_workers=1) as thread:
        playwright = thread.submit(lambda: sync_playwright().start()).result()
        try:
            browser = thread.submit(lambda: playwright.chromium.launch(executable_path=program, headless=True)).result()
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

        yield Shown(thread.submit(open_page).result(), thread)
        thread.submit(browser.close).result()
        thread.submit(playwright.stop).result()


@pytest.fixture
def show(session_page: Shown) -> Callable[[str], Shown]:
    """Puts a saved page's body into the page; scripts in it do not run."""

    def put(html: str) -> Shown:
        session_page.evaluate(
            """(html) => { const read = new DOMParser().parseFromString(html, "text/html");
            document.body.replaceWith(document.adoptNode(read.body));
            document.head.replaceChildren(...read.head.childNodes); }""",
            html,
        )
        return session_page

    return put
