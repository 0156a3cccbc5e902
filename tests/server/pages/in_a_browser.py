"""What the tests of pages in a browser share: the application served, and what is wrong with a page that is open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, Locator, Page
from werkzeug.serving import make_server

InBrowser = Callable[[Callable[[Browser], Any]], Any]
AXE = Path(__file__).resolve().parents[3] / "extension/node_modules/axe-core/axe.min.js"
STANDS_OUT = """
document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll('body *')]
.filter((e) => !e.closest('.scroll') && e.getBoundingClientRect().right > innerWidth).map((e) => `${e.tagName}.${e.className} stands out`)
"""
CUT = """
[...document.querySelectorAll('button, .button, .chip, th, td')].filter((e) => e.scrollWidth > e.clientWidth + 1 && e.checkVisibility())
.map((e) => `${e.tagName} ${e.textContent.trim().slice(0, 40)} does not hold its words`)
"""
REFUSED = """
window.__refused = [];
addEventListener('securitypolicyviolation', (e) => __refused.push(`${e.violatedDirective} ${e.blockedURI}`));
"""


@contextmanager
def served(app: Any, host: str = "127.0.0.1") -> Iterator[str]:
    """The address at which a browser reaches an application (WSGI), under a name that leads to this machine."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()


def visit(in_browser: InBrowser, look: Callable[[Page], Any], **context: Any) -> Any:
    """What ``look`` gives of a new page in a context of its own."""

    def task(browser: Browser) -> Any:
        with browser.new_context(**context) as opened:
            page = opened.new_page()
            page.add_init_script(REFUSED)
            return look(page)

    return in_browser(task)


def follow(page: Page, control: Locator) -> None:
    """Use a link or a form's button, and wait until the page that it leads to is all there."""
    with page.expect_navigation():
        control.click()


def problems_of(page: Page) -> list[Any]:
    """What axe finds, what stands out of a narrow page or of its own box, and what the content policy refused; empty for a page that is as it
    should be."""
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: npm ci --prefix extension")
    refused: list[Any] = page.evaluate("__refused")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[Any] = page.evaluate(
        "axe.run().then((r) => r.violations.map((v) => [v.id, v.nodes.map((n) => n.html + n.failureSummary)]))"
    )
    return refused + found + page.evaluate(STANDS_OUT) + page.evaluate(CUT)


def soup(answer: Any) -> BeautifulSoup:
    """The page in an answer of the test client."""
    return BeautifulSoup(answer.text, "html.parser")


def words(answer: Any) -> str:
    """Its text, with single spaces."""
    return " ".join(soup(answer).get_text(" ").split())
