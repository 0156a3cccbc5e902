"""The real pages on a made-up look-up, behind the real guard; and one Chromium for the tests that need eyes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, sync_playwright

from server.api.guard import guard, limit
from server.pages import create_blueprint
from server.settings import Settings
from tests.server.pages import samples
from tests.server.pages.fake_lookup import FakeLookup, FakeService
from tests.server.pages.in_a_browser import served

T = TypeVar("T")


@pytest.fixture
def lookup() -> FakeLookup:
    return FakeLookup()


@pytest.fixture
def app(lookup: FakeLookup) -> Flask:
    settings = Settings()
    app = Flask("pages-under-test", static_folder=None)
    app.extensions["rapport"] = FakeService(lookup, settings)
    guard(app, settings, limit(app, settings.model_copy(update={"requests_per_minute": 100_000})))
    app.register_blueprint(create_blueprint())
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def alice(lookup: FakeLookup) -> dict[str, Any]:
    """The report of somebody in conversation, known to the look-up."""
    report = samples.report_of(samples.talkative())
    lookup.know(report)
    return report


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """Where a browser reaches the pages."""
    with served(app) as address:
        yield address


def _chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("RAPPORT_CHROMIUM") or next((p for name in names if (p := shutil.which(name))), None)


@pytest.fixture(scope="session")
def in_browser() -> Iterator[Callable[[Callable[[Browser], T]], T]]:
    """Runs a function of a browser in a thread of its own: one thread holds one synchronous Playwright at most."""
    path = _chromium()
    if path is None:
        pytest.skip("no Chromium on this machine: set RAPPORT_CHROMIUM or install one")
    with ThreadPoolExecutor(1) as thread:
        playwright = thread.submit(lambda: sync_playwright().start()).result()
        browser = thread.submit(
            lambda: playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        ).result()
        yield lambda task: thread.submit(task, browser).result()
        thread.submit(browser.close).result()
        thread.submit(playwright.stop).result()


@pytest.fixture(scope="session")
def pictures() -> Path:
    folder = Path(__file__).resolve().parents[3] / "build" / "pages"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
