"""One real Bluesky network, one real service on it and one Chromium with the real extension for the whole run."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect, sync_playwright

from tests.browser.conftest import WATCH_PAGE, Tab, built, failed, id_of_extension, launch
from tests.browser.replicas import Replicas, serve
from tests.networks.appview import AppView, Item, is_repost
from tests.networks.bluesky_network import INSTALLED, BlueskyNetwork, bluesky_network
from tests.networks.counting_proxy import Call, CountingProxy
from tests.networks.rapport import Rapport, rapport
from tests.networks.seed import seed

SWITCH = "RAPPORT_TEST_NETWORKS"
SHOWN = ("alice", "frank", "newsbot", "quiet")
ASKED = ("alice.test", "bob.test", "frank.test", "newsbot.test", "quiet.test", "nobody.test")


@dataclass(frozen=True)
class Seeded:
    """A network with accounts on it, and the DID of each by its short name."""

    network: BlueskyNetwork
    dids: dict[str, str]


@dataclass(frozen=True)
class Gathered:
    """What a client got, and which calls the AppView got for it."""

    first: list[dict[str, Any]]
    badges: dict[str, dict[str, Any]]
    reports: dict[str, dict[str, Any]]
    calls: list[Call]


@dataclass(frozen=True)
class Studied:
    """Alice's report before and after a study, and the calls that the study made."""

    before: dict[str, Any]
    report: dict[str, Any]
    calls: list[Call]


@pytest.fixture(scope="session")
def bluesky() -> Iterator[Seeded]:
    if not os.environ.get(SWITCH):
        pytest.skip(f"starts real servers: make test-networks (it sets {SWITCH})")
    # Whoever ends this run from outside means its servers, too; as an interrupt it unwinds them all.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with bluesky_network() as network:
        yield Seeded(network, seed(network.pds, network.appview))


@pytest.fixture(scope="session")
def appview(bluesky: Seeded) -> Iterator[AppView]:
    reader = AppView(bluesky.network.appview)
    yield reader
    reader.close()


@pytest.fixture(scope="session")
def proxy(bluesky: Seeded) -> Iterator[CountingProxy]:
    running = CountingProxy(bluesky.network.appview)
    yield running
    running.close()


@pytest.fixture(scope="session")
def service(proxy: CountingProxy, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rapport]:
    with rapport(proxy.address, tmp_path_factory.mktemp("rapport")) as running:
        yield running


@pytest.fixture(scope="session")
def glanced(service: Rapport, proxy: CountingProxy) -> Gathered:
    """Six accounts, asked for the first time."""
    start = len(proxy.calls)
    first = service.badges(*ASKED)
    badges = service.settled_badges(*ASKED)
    calls = proxy.calls[start:]
    reports = {handle: service.report(handle) for handle, badge in badges.items() if badge["state"] != "unknown"}
    return Gathered(first, badges, reports, calls)


@pytest.fixture(scope="session")
def studied(glanced: Gathered, service: Rapport, proxy: CountingProxy) -> Studied:
    """Alice, looked at closely."""
    start = len(proxy.calls)
    report = service.report("alice.test", "study")
    return Studied(glanced.reports["alice.test"], report, proxy.calls[start:])


@pytest.fixture(scope="session")
def replicas(bluesky: Seeded, appview: AppView) -> Iterator[Replicas]:
    """bsky.app, showing four of the accounts as the AppView describes them."""
    running = serve({"bsky.app": [_shown(appview, bluesky.dids[name]) for name in SHOWN]})
    yield running
    running.close()


def _shown(appview: AppView, did: str) -> Item:
    profile = appview.profile(did)
    own = [item["post"]["record"]["text"] for item in appview.timeline(did) if not is_repost(item)]
    return {
        "handle": profile["handle"],
        "name": profile.get("displayName") or profile["handle"].split(".")[0],
        "bio": profile.get("description", ""),
        "followers": profile["followersCount"],
        "following": profile["followsCount"],
        "count": profile["postsCount"],
        "texts": own[:4],
    }


@pytest.fixture(scope="session")
def chromium(
    replicas: Replicas, service: Rapport, studied: Studied, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[BrowserContext, str]]:
    """Chromium with the built extension, which was told where the service is; and the extension's id.

    Alice is studied before anybody looks: a badge once seen is kept for hours, as it should be.
    """
    for old in INSTALLED.glob("*.png"):
        old.unlink()
    extension = built("chrome", tmp_path_factory.mktemp("build") / "chrome")
    with sync_playwright() as playwright:
        context = launch(playwright, extension, tmp_path_factory.mktemp("profile"), replicas)
        context.add_init_script(WATCH_PAGE)
        identifier = id_of_extension(context)
        _set_service_address(context, identifier, service.address)
        yield context, identifier
        context.close()


def _set_service_address(context: BrowserContext, identifier: str, address: str) -> None:
    page = context.new_page()
    page.goto(f"chrome-extension://{identifier}/options.html")
    page.locator("#service").fill(address)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#status")).to_have_text("The service answers.")
    page.close()


@pytest.fixture
def tab(request: pytest.FixtureRequest, chromium: tuple[BrowserContext, str]) -> Iterator[Tab]:
    context, identifier = chromium
    opened = Tab(context, identifier)
    yield opened
    if failed(request):
        opened.page.screenshot(path=str(INSTALLED / f"failed-{request.node.name}.png"))
    opened.page.close()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    setattr(item, f"report_{report.when}", report)
