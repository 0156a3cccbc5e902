"""``make demo``: the service on sample answers and a browser with the extension on replica pages. Needs no network.

Takes the README's screenshots and the stores'. With a screen (DISPLAY or WAYLAND_DISPLAY) the browser then stays open until it is closed.
"""

from __future__ import annotations

import base64
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from math import inf
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, sync_playwright

from server.app import create_app
from server.fetching import FetchingLimits, GuardedClient
from server.settings import Settings
from tests.browser.chromium import allowed, id_of_extension, launch
from tests.browser.replicas import Replicas, serve
from tests.demo.sample_appview import PERSONAS, STIRRED_DAYS, VIEWER, SampleAppview

ROOT = Path(__file__).parents[2]
SCREENSHOTS = ROOT / "extension" / "screenshots"
FOR_STORES = ROOT / "extension" / "store" / "screenshots"
STORE_SIZE = {"width": 1280, "height": 800}
PATIENCE = 40.0
HISTORY_DAYS = 120
BADGE = "[data-rapport]"


@contextmanager
def running_service(appview: str, folder: str) -> Iterator[str]:
    """The real service as its own process; gives its address once it is ready."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {
        "RAPPORT_PORT": str(port),
        "RAPPORT_DATA_FOLDER": folder,
        "RAPPORT_BLUESKY_APPVIEW": appview,
        "RAPPORT_ALLOW_NETWORKS": "127.0.0.0/8",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "server"], env=os.environ | settings, cwd=ROOT, stdout=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _until(lambda: _answers(f"{address}/readyz"))
        yield address
    finally:
        process.terminate()
        process.wait(20)


def _answers(url: str, status: int = 200) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return int(response.status) == status
    except (urllib.error.URLError, OSError):
        return False


def _until(good: object) -> None:
    deadline = time.monotonic() + PATIENCE
    while not good():  # type: ignore[operator]
        if time.monotonic() > deadline:
            raise TimeoutError("the demonstration did not come up")
        time.sleep(0.2)


def live_through(appview: SampleAppview, folder: str) -> None:
    """Have the first of the invented people gathered as they were over four months, so that there is a history to show."""
    limits = FetchingLimits(allowed_networks=("127.0.0.0/8",), spacing=0.0)
    settings = Settings(data_folder=Path(folder), bluesky_appview=appview.url, allow_networks=("127.0.0.0/8",))
    now = {"then": 0.0}
    app = create_app(settings, fetcher=GuardedClient(limits), clock=lambda: now["then"], work=False)
    for days in range(HISTORY_DAYS, 0, -3):
        now["then"] = appview.world.until = time.time() - days * 86_400
        app.extensions["rapport"].lookup.gather("bluesky", PERSONAS[0].handle, True)
    appview.world.until = inf


@contextmanager
def _with_history(appview: SampleAppview) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        live_through(appview, folder)
        yield folder


def know_everybody(address: str) -> None:
    """Have every invented account studied, as if somebody had hovered over each."""
    for persona in PERSONAS:
        url = f"{address}/api/v1/accounts/bluesky/{persona.handle}?depth=study"
        _until(lambda url=url: b'"depth":"study"' in _body(url).replace(b" ", b""))


def _body(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return bytes(response.read())
    except (urllib.error.URLError, OSError):
        return b""


def set_up(context: BrowserContext, address: str) -> str:
    """Point the extension at the service and have it look up everybody on screen. Gives the extension's id."""
    identifier = id_of_extension(context)
    page = context.new_page()
    page.goto(f"chrome-extension://{identifier}/popup.html")
    page.evaluate("settings => chrome.storage.local.set({settings})", {"service": address, "everyone": True})
    page.close()
    return identifier


def take(page: Page, name: str, folder: Path = SCREENSHOTS) -> None:
    """One screenshot, into the folder the README shows or another."""
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(folder / f"{name}.png"))
    print(f"  {(folder / f'{name}.png').relative_to(ROOT)}")


def take_all(context: BrowserContext, identifier: str, address: str) -> None:
    """A profile page with its badge, the card, a timeline in the dark, the report page, the popup."""
    page = context.new_page()
    page.set_viewport_size({"width": 900, "height": 700})
    page.goto("https://bsky.app/profile/alice.test")
    page.locator(BADGE).first.wait_for()
    page.wait_for_timeout(700)
    take(page, "profile")
    page.locator(BADGE).first.hover()
    page.wait_for_timeout(1500)
    take(page, "card")
    page.goto("https://bsky.app/?theme=dark")
    page.locator(BADGE).first.wait_for()
    page.wait_for_timeout(1500)
    page.locator(BADGE).nth(0).hover()
    page.wait_for_timeout(1500)
    take(page, "dark")
    page.set_viewport_size({"width": 900, "height": 1100})
    page.goto(f"{address}/accounts/bluesky/alice.test")
    page.wait_for_timeout(500)
    take(page, "report")
    _take_review(page, address)
    _take_history(page, address)
    _take_comparison(page, address)
    _take_popup(context, identifier)
    _take_for_stores(context, identifier, address)


def _take_review(page: Page, address: str) -> None:
    """The accounts that one of the invented people follows, in a table."""
    page.set_viewport_size({"width": 1200, "height": 900})
    page.goto(f"{address}/review?account={VIEWER.handle}&network=bluesky")
    page.get_by_role("button", name="Begin").first.click()
    page.get_by_text(f"All {len(PERSONAS)} accounts looked at").wait_for()
    page.wait_for_timeout(500)
    take(page, "review")


def _take_history(page: Page, address: str) -> None:
    """Four months of an account with a day marked in them."""
    page.set_viewport_size({"width": 900, "height": 1250})
    page.goto(f"{address}/history/bluesky/{PERSONAS[0].handle}")
    page.locator("#mark-day").fill((datetime.now(UTC) - timedelta(days=STIRRED_DAYS)).date().isoformat())
    page.get_by_label("What happened").fill("talk at the town hall")
    page.get_by_role("button", name="Mark", exact=True).click()
    page.locator("#marked .differences").wait_for()
    page.locator(".chart canvas").nth(3).wait_for()
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(500)
    take(page, "history")
    page.set_viewport_size({"width": 900, "height": 620})
    page.locator("#marked").scroll_into_view_if_needed()
    page.evaluate("document.getElementById('marked').scrollIntoView({behavior: 'instant'})")
    page.wait_for_timeout(500)
    take(page, "before-after")


def _take_comparison(page: Page, address: str) -> None:
    """Three of the invented people side by side."""
    page.set_viewport_size({"width": 1200, "height": 950})
    three = [PERSONAS[0], PERSONAS[1], PERSONAS[4]]
    page.goto(f"{address}/compare?" + "&".join(f"account={p.handle}&network=bluesky" for p in three))
    page.locator("#compared").wait_for()
    page.wait_for_timeout(500)
    take(page, "compare")


def _take_for_stores(context: BrowserContext, identifier: str, address: str) -> None:
    """The same at the size the stores ask for, and the pages of choices."""
    page = context.new_page()
    page.set_viewport_size(STORE_SIZE)  # type: ignore[arg-type]
    for number, path in enumerate(("/profile/alice.test", "/?theme=dark"), 1):
        page.goto(f"https://bsky.app{path}")
        page.locator(BADGE).first.wait_for()
        page.wait_for_timeout(1000)
        page.locator(BADGE).first.hover()
        page.wait_for_timeout(1500)
        take(page, f"{number}-{'profile' if number == 1 else 'timeline'}", FOR_STORES)
    page.goto(f"{address}/accounts/bluesky/alice.test")
    page.wait_for_timeout(500)
    take(page, "3-report", FOR_STORES)
    for number, name in ((4, "options"), (5, "sent")):
        page.goto(f"chrome-extension://{identifier}/{name}.html")
        page.wait_for_timeout(700)
        take(page, f"{number}-{name}", FOR_STORES)
    _take_tile(page)
    page.close()


def _take_tile(page: Page) -> None:
    """The small promotional tile that the Chrome Web Store wants beside the screenshots."""
    icon = base64.b64encode((ROOT / "extension" / "icons" / "128.png").read_bytes()).decode()
    page.set_viewport_size({"width": 440, "height": 280})
    page.goto("about:blank")
    page.set_content(
        "<body style='margin:0;height:280px;display:grid;place-content:center;justify-items:center;gap:14px;background:#e2f3f0;"
        "color:#16202a;font:600 34px system-ui,DejaVu Sans,sans-serif'>"
        f"<img src='data:image/png;base64,{icon}' alt=''>Rapport</body>"
    )
    take(page, "tile", FOR_STORES)


def _take_popup(context: BrowserContext, identifier: str) -> None:
    behind = context.new_page()
    behind.goto("https://bsky.app/profile/alice.test")
    behind.locator(BADGE).first.wait_for()
    tab = behind.context.new_page()
    tab.set_viewport_size({"width": 380, "height": 520})
    # The popup asks for the active tab; here it is a tab itself, so it is told which one it stands over.
    tab.goto(f"chrome-extension://{identifier}/options.html")
    number = tab.evaluate(
        "async () => (await chrome.tabs.query({})).find(t => (t.url ?? '').includes('/profile/alice.test'))?.id ?? 0"
    )
    tab.goto(f"chrome-extension://{identifier}/popup.html?tab={number}")
    tab.wait_for_timeout(1200)
    take(tab, "popup")


def main() -> int:
    """Start everything, take the screenshots, stay open when there is a screen."""
    screen = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    appview = SampleAppview()
    people = [
        {"handle": p.handle, "name": p.name, "followers": p.followers, "following": p.following, "count": p.total}
        for p in PERSONAS
    ]
    replicas: Replicas = serve({"bsky.app": people})
    try:
        with (
            _with_history(appview) as folder,
            running_service(appview.url, folder) as address,
            sync_playwright() as playwright,
        ):
            know_everybody(address)
            context = launch(
                playwright,
                allowed(ROOT / "extension" / "dist" / "chrome", Path(folder) / "extension"),
                Path(folder) / "profile",
                replicas,
                headless=not screen,
            )
            print("Screenshots:")
            take_all(context, set_up(context, address), address)
            print(f"The service stands on {address}.")
            if screen:
                print("Close the browser to end the demonstration.")
                context.wait_for_event("close", timeout=0)
            else:
                print("There is no screen, so the browser ends here.")
            context.close()
    finally:
        replicas.close()
        appview.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
