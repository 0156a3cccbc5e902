"""One replica server, one fake service, one Chromium and one Firefox for the whole run; storage is reset for each test."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, CDPSession, Page, Playwright, sync_playwright

from tests.browser import bidi
from tests.browser.chromium import NoBrowser, allowed, find_browser, id_of_extension, launch
from tests.browser.fake_service import FakeService
from tests.browser.replicas import Replicas, serve

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "build" / "browser"
FIREFOX_UUID = "11111111-2222-4333-8444-555555555555"
WATCH_PAGE = """
window.__refused = [];
addEventListener('securitypolicyviolation', (e) => __refused.push(`${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}`));
window.__shifts = [];
new PerformanceObserver((list) => __shifts.push(...list.getEntries().map((entry) => entry.value)))
  .observe({type: 'layout-shift', buffered: true});
"""


def built(browser: str, target: Path, *more: str) -> Path:
    """A copy of the built extension, allowed on every site that ships: a rebuild during the run must not change what is tested."""
    source = ROOT / "extension" / "dist" / browser
    if not (source / "manifest.json").is_file():
        pytest.fail(
            f"extension/dist/{browser} is not built: npm ci --prefix extension && npm run build --prefix extension"
        )
    return allowed(source, target, *more)


def stored_settings(service: FakeService, **settings: Any) -> dict[str, Any]:
    """What the options page would store."""
    return {"settings": {"service": service.address, **settings}}


@pytest.fixture(scope="session")
def replicas() -> Iterator[Replicas]:
    running = serve()
    yield running
    running.close()


@pytest.fixture(scope="session")
def one_service() -> Iterator[FakeService]:
    running = FakeService()
    yield running
    running.stop()


@pytest.fixture
def service(one_service: FakeService) -> Iterator[FakeService]:
    """The fake service, well behaved and with an empty memory."""
    one_service.reset()
    yield one_service
    one_service.reset()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    setattr(item, f"report_{report.when}", report)


def failed(request: pytest.FixtureRequest) -> bool:
    report = getattr(request.node, "report_call", None)
    return report is not None and report.failed


def picture_of(request: pytest.FixtureRequest) -> Path:
    PICTURES.mkdir(parents=True, exist_ok=True)
    return PICTURES / f"failed-{request.node.name.replace('/', '-')}.png"


# ---------------------------------------------------------------- Chromium


@pytest.fixture(scope="session")
def playwright_() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def chromium(
    playwright_: Playwright, replicas: Replicas, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserContext]:
    extension = built("chrome", tmp_path_factory.mktemp("build") / "chrome")
    try:
        context = launch(playwright_, extension, tmp_path_factory.mktemp("profile"), replicas)
    except NoBrowser as missing:
        pytest.skip(str(missing))
    context.add_init_script(WATCH_PAGE)
    yield context
    context.close()


@pytest.fixture(scope="session")
def extension_id(chromium: BrowserContext) -> str:
    return id_of_extension(chromium)


class Console:
    """The extension from the inside: chrome.* from a quiet page of its own, whether or not the worker sleeps."""

    def __init__(self, context: BrowserContext, identifier: str) -> None:
        self.identifier = identifier
        self.page = context.new_page()
        self.page.goto(f"chrome-extension://{identifier}/manifest.json")  # a page of the extension that does nothing
        self._cdp = context.new_cdp_session(self.page)
        self._running: dict[str, str] = {}  # worker version -> what it does
        self._cdp.on("ServiceWorker.workerVersionUpdated", self._updated)
        self._cdp.send("ServiceWorker.enable")

    def _updated(self, event: dict[str, Any]) -> None:
        for version in event["versions"]:
            self._running[version["versionId"]] = version["runningStatus"]

    def store(self, values: dict[str, Any]) -> None:
        self.page.evaluate("(v) => chrome.storage.local.set(v)", values)

    def change(self, **settings: Any) -> None:
        """Change settings as the popup and the options page do."""
        self.page.evaluate(
            """async (change) => { const {settings} = await chrome.storage.local.get('settings');
            await chrome.storage.local.set({settings: {...settings, ...change}}); }""",
            settings,
        )

    def settings(self) -> dict[str, Any]:
        """What is stored."""
        return self.page.evaluate("chrome.storage.local.get('settings').then((s) => s.settings)")

    def open(self, page: str, behind: Page | None = None) -> Page:
        """The popup or the options page in a tab of its own, as if opened over the page behind it."""
        number = ""
        if behind is not None:
            tabs = self.page.evaluate("(url) => chrome.tabs.query({url})", re.split("[?#]", behind.url)[0] + "*")
            number = f"?tab={tabs[-1]['id']}"
        opened = self.page.context.new_page()
        opened.goto(f"chrome-extension://{self.identifier}/{page}.html{number}")
        return opened

    def stop_worker(self) -> None:
        """Ends the worker as the browser does after 30 idle seconds; the next message starts a new one."""
        self._cdp.send("ServiceWorker.stopAllWorkers")

    def silence(self, service: FakeService) -> None:
        """Wait until no question of the pages before can come any more: the worker has ended, what it sent was answered."""
        self.stop_worker()
        for _ in range(60):
            if "running" not in self._running.values() and "stopping" not in self._running.values():
                break
            self.page.wait_for_timeout(50)
        service.wait_idle()

    def reset(self, service: FakeService) -> None:
        self.page.evaluate("async () => { await chrome.storage.local.clear(); await chrome.storage.session.clear(); }")
        self.store(stored_settings(service))
        self.stop_worker()


@pytest.fixture(scope="session")
def one_console(chromium: BrowserContext, extension_id: str) -> Console:
    return Console(chromium, extension_id)


@pytest.fixture
def console(one_console: Console, chromium: BrowserContext, service: FakeService) -> Iterator[Console]:
    """The extension as freshly installed, pointed at the fake service."""
    one_console.reset(service)
    chromium.clear_cookies()
    yield one_console
    one_console.silence(service)


class Tab:
    """A page, everything that goes wrong in it, and a way into the content script's own world and closed shadow roots."""

    def __init__(self, context: BrowserContext, extension_id: str) -> None:
        self.page: Page = context.new_page()
        self.cdp: CDPSession = context.new_cdp_session(self.page)
        self.problems: list[str] = []
        self._origin = f"chrome-extension://{extension_id}"
        self._worlds: dict[int, dict[str, Any]] = {}
        self.cdp.on("Runtime.executionContextCreated", self._created)
        self.cdp.on("Runtime.executionContextDestroyed", lambda e: self._worlds.pop(e["executionContextId"], None))
        self.cdp.on("Runtime.executionContextsCleared", lambda _event: self._worlds.clear())
        self.cdp.on("Runtime.consoleAPICalled", self._console)
        self.cdp.on("Runtime.exceptionThrown", self._exception)
        self.cdp.on("Log.entryAdded", self._entry)
        self.cdp.send("Runtime.enable")
        self.cdp.send("Log.enable")

    def _created(self, event: dict[str, Any]) -> None:
        self._worlds[event["context"]["id"]] = event["context"]

    def _console(self, event: dict[str, Any]) -> None:
        if event["type"] in ("error", "warning", "assert"):
            self.problems.append(" ".join(str(a.get("value", a.get("description", ""))) for a in event["args"]))

    def _exception(self, event: dict[str, Any]) -> None:
        details = event["exceptionDetails"]
        self.problems.append(details.get("exception", {}).get("description", details["text"]))

    def _entry(self, event: dict[str, Any]) -> None:
        if event["entry"]["level"] in ("error", "warning"):
            self.problems.append(event["entry"]["text"])

    def inside(self, expression: str) -> Any:
        """Evaluate in the content script's world; root(host) there opens a closed shadow root."""
        world = next((i for i, c in self._worlds.items() if c["origin"] == self._origin), None)
        if world is None:
            raise LookupError("no content script runs in this page")
        answer = self.cdp.send(
            "Runtime.evaluate",
            {
                "expression": f"(() => {{ const root = (host) => host && chrome.dom.openOrClosedShadowRoot(host); return ({expression}); }})()",
                "contextId": world,
                "awaitPromise": True,
                "returnByValue": True,
            },
        )
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"].get("exception", {}).get("description", str(answer)))
        return answer["result"].get("value")

    def run_inside(self, source: str) -> None:
        """Run a whole script in the content script's world."""
        world = next(i for i, c in self._worlds.items() if c["origin"] == self._origin)
        answer = self.cdp.send("Runtime.evaluate", {"expression": source + "\n;1", "contextId": world})
        assert "exceptionDetails" not in answer, answer

    def has_content_script(self) -> bool:
        return any(world["origin"] == self._origin for world in self._worlds.values())

    def go(self, path: str) -> None:
        """Navigate as the site's own router does."""
        self.page.evaluate("(path) => window.go(path)", path)

    def settle(self, milliseconds: int = 250) -> None:
        """Let pending frames, batches and answers come in. Collected events reach Python only while it waits here."""
        self.page.wait_for_timeout(milliseconds)

    def badges(self, within: str = "body") -> list[dict[str, Any]]:
        """The badges that can be seen: [{account, text, label, x, y, width, height}]."""
        return self.inside(BADGES.replace("WITHIN", json.dumps(within)))

    def wait_badges(self, count: int, within: str = "body", seconds: float = 6) -> list[dict[str, Any]]:
        """Wait until exactly this many badges can be seen, and return them."""
        return self.wait(lambda: self.badges(within), lambda found: len(found) == count, seconds)

    def wait(self, read: Callable[[], Any], good: Callable[[Any], bool], seconds: float = 6) -> Any:
        """Read again until it is good; what was read last is named when it never is."""
        waited = 0.0
        while True:
            try:
                value: Any = read()
            except LookupError as none_yet:
                value = none_yet
            if not isinstance(value, Exception) and good(value):
                return value
            if waited >= seconds:
                raise AssertionError(f"never came: last read {value!r}")
            self.page.wait_for_timeout(50)
            waited += 0.05

    def refused(self) -> list[str]:
        """What the page's Content Security Policy refused."""
        return self.page.evaluate("window.__refused")

    def shifts(self) -> list[float]:
        """Layout shifts so far."""
        return self.page.evaluate("window.__shifts")


BADGES = """[...document.querySelector(WITHIN)?.querySelectorAll('[data-rapport]') ?? []].flatMap((host) => {
  const button = root(host)?.querySelector('button'), box = host.getBoundingClientRect();
  if (!button || !host.checkVisibility({visibilityProperty: true}) || !box.width) return [];
  return [{account: host.dataset.rapport, text: button.innerText.replace(/\\s+/g, ' ').trim(), label: button.getAttribute('aria-label') ?? '',
    x: box.x, y: box.y, width: box.width, height: box.height}];
})"""


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, which the extension's own development dependencies hold."""
    source = ROOT / "extension" / "node_modules" / "axe-core" / "axe.min.js"
    if not source.is_file():
        pytest.fail("axe-core is missing: npm ci --prefix extension")
    return source.read_text()


@pytest.fixture
def tab(request: pytest.FixtureRequest, chromium: BrowserContext, console: Console) -> Iterator[Tab]:
    """A fresh page in the shared browser; a picture is kept when the test fails."""
    opened = Tab(chromium, console.identifier)
    yield opened
    if failed(request):
        opened.page.screenshot(path=str(picture_of(request)))
    opened.page.close()


# ---------------------------------------------------------------- Firefox


@pytest.fixture(scope="session")
def firefox(replicas: Replicas, tmp_path_factory: pytest.TempPathFactory) -> Iterator[bidi.Firefox]:
    binary = find_browser("E2E_FIREFOX", ["firefox-esr", "firefox"])
    if binary is None:
        pytest.skip("no Firefox: tests/browser/browsers.sh install, or name one in E2E_FIREFOX")
    extension = built("firefox", tmp_path_factory.mktemp("build") / "firefox")
    addresses = {
        "extensions.webextensions.uuids": json.dumps({gecko_id(extension): FIREFOX_UUID}),
        # The browser's question whether a site may be read is answered with yes, once the person clicked.
        "extensions.webextOptionalPermissionPrompts": False,
    }
    browser = bidi.Firefox(binary, {**replicas.firefox_preferences(), **addresses})
    try:
        browser.install(extension)
        browser.call("session.subscribe", {"events": ["log.entryAdded"]})
        yield browser
    finally:
        browser.close()


def gecko_id(extension: Path) -> str:
    return str(json.loads((extension / "manifest.json").read_text())["browser_specific_settings"]["gecko"]["id"])


@pytest.fixture(scope="session")
def firefox_policy() -> str:
    """The privileged expression for the running extension."""
    return f"WebExtensionPolicy.getByID({json.dumps(gecko_id(ROOT / 'extension' / 'dist' / 'firefox'))}).extension"


@pytest.fixture(scope="session")
def firefox_console(firefox: bidi.Firefox) -> str:
    tab = firefox.new_tab()
    firefox.goto(tab, f"moz-extension://{FIREFOX_UUID}/manifest.json")
    return tab


@pytest.fixture
def firefox_tab(
    request: pytest.FixtureRequest,
    firefox: bidi.Firefox,
    firefox_console: str,
    firefox_policy: str,
    service: FakeService,
) -> Iterator[str]:
    """A fresh tab; storage reset, the event page stopped so that nothing is remembered."""
    settings = json.dumps(stored_settings(service))
    firefox.js(
        firefox_console,
        "browser.storage.local.clear().then(() => browser.storage.session.clear())"
        f".then(() => browser.storage.local.set({settings})).then(() => 1)",
    )
    firefox.chrome(f"{firefox_policy}.terminateBackground().then(() => Services.console.reset()).then(() => 1)")
    firefox.events.clear()
    opened = firefox.new_tab()
    yield opened
    if failed(request):
        picture_of(request).write_bytes(firefox.picture(opened))
    firefox.close_tab(opened)
