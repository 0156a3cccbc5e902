"""One run of one timeline in a fresh Chromium, with or without an extension: CPU time, calls, heap, layout shifts, whose badge stands where.

CPU time of threads throughout, never wall-clock: on a shared machine the latter is several times too long.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

from playwright.sync_api import BrowserContext, CDPSession, Error, Page, Playwright

from tests.benchmarks.page_cost.replica import SITES, Site, Timelines, authors
from tests.browser.fake_service import FakeService

# Everything that costs in a page is switched on; what is left out has its standard value.
ALL_FEATURES: dict[str, Any] = {"timelines": True, "everyone": True}
# A fixed piece of work, half script, half detached DOM: how fast is this core just now?
SPIN = """(() => { let n = 0; for (let i = 0; i < 6000; i++) { const d = document.createElement('div');
    d.innerHTML = '<p class="a"><b>x</b> y</p>'; n += d.querySelectorAll('b').length; }
    for (let i = 0; i < 2e7; i++) n = (n * 31 + i) | 0; return n; })()"""
SHIFTS = """window.__shifts = {sum: 0, count: 0}; new PerformanceObserver((list) => { for (const entry of list.getEntries())
    { __shifts.sum += entry.value; __shifts.count++; } }).observe({type: 'layout-shift', buffered: true});"""
# Frames from the row's insertion to the frame whose picture holds its badge: 1 is the very frame that first shows the row.
FIRST_PAINT = """async () => {
  const rows = [...document.querySelectorAll(ROW)].slice(0, 20), frame = () => new Promise((r) => requestAnimationFrame(r));
  const seen = (row) => [...row.querySelectorAll('[BADGE]')].some((h) => h.getBoundingClientRect().width > 0);
  const frames = [];
  for (const row of rows) {
    const parent = row.parentNode, copy = row.cloneNode(true);
    copy.querySelectorAll('[BADGE]').forEach((h) => h.remove());
    await frame(); parent.prepend(copy);
    let count = 0;
    do { await frame(); count++; } while (!seen(copy) && count < 60);
    frames.push(count); copy.remove();
  }
  return frames;
}"""
ROW = {"x": "[data-testid=cellInnerDiv]", "bluesky": "[data-testid^=feedItem-by-]", "mastodon": "article"}


SHUFFLES = 10
# Posts that one page scrolls past before it is another's turn: a tenth of a second.
STEP = 50
# Longer than any run takes. A browser that then still works has lost its way, and would be waited for without end.
LONGEST_RUN_S = 150.0
Result = TypeVar("Result")


class Condition(NamedTuple):
    """What runs in the page: an extension's folder or none, the attribute that names the account of its badges, whether it asks the service."""

    name: str
    extension: Path | None = None
    badge: str = ""
    asks: bool = False


class Sites(Protocol):
    """Pages on this machine that a browser is pointed at."""

    def chromium_arguments(self) -> list[str]: ...


@dataclass(frozen=True)
class Load:
    """What the timeline does."""

    page: str
    variant: str = "recycle"
    posts: int = 2000
    authors: int = 200
    keep: int = 200
    when: str = "frame"

    @property
    def site(self) -> Site:
        return SITES[self.page]

    @property
    def url(self) -> str:
        return (
            f"https://{self.site.host}{self.site.path}?variant={self.variant}&posts={self.posts}"
            f"&authors={self.authors}&keep={self.keep}&when={self.when}"
        )


@contextmanager
def browser_with(
    playwright: Playwright, chromium: str, sites: Sites, extension: Path | None
) -> Iterator[BrowserContext]:
    """A fresh Chromium that knows these sites and no others, with nothing installed but the extension."""
    switches = ["--disable-features=DisableLoadExtensionCommandLineSwitch", *sites.chromium_arguments()]
    if extension:
        switches += [f"--disable-extensions-except={extension}", f"--load-extension={extension}"]
    with tempfile.TemporaryDirectory(prefix="page-cost-", ignore_cleanup_errors=True) as profile:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=chromium, channel="chromium", headless=True, args=switches, locale="en-GB",
            viewport={"width": 1280, "height": 1400},
        )  # fmt: skip
        watchdog = threading.Timer(LONGEST_RUN_S, os.kill, (process_of(context), signal.SIGKILL))
        watchdog.start()
        try:
            context.set_default_timeout(120_000)
            yield context
        finally:
            context.close()
            watchdog.cancel()


def process_of(context: BrowserContext) -> int:
    """The number of the browser's own process."""
    assert context.browser is not None
    told = context.browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    return next(int(process["id"]) for process in told if process["type"] == "browser")


def again_if_lost(run: Callable[..., Result], *given: object) -> Result:
    """What a run gives; made anew, once, when its browser was lost: one lost browser must not lose half an hour."""
    try:
        return run(*given)
    except Error as problem:
        print(f"a run was lost and is made again: {str(problem).splitlines()[0]}", file=sys.stderr, flush=True)
        return run(*given)


def one_round(
    playwright: Playwright,
    chromium: str,
    timelines: Timelines,
    service: FakeService,
    conditions: list[Condition],
    load: Load,
) -> list[dict[str, Any]]:
    """Figures of one run of each condition, in CPU milliseconds, KiB and counts; they scroll by turns, a step of posts each."""
    with ExitStack() as stack:
        running = []
        for condition in conditions:
            context = stack.enter_context(browser_with(playwright, chromium, timelines, condition.extension))
            if condition.asks:
                make_known(context, service, load)
            running.append(begin(context, alone(context), condition, load))
        for step, posts in enumerate(range(STEP, load.posts + STEP, STEP)):
            for one in running[:: -1 if step % 2 else 1]:
                one.scroll(posts)
        return [finish(one) for one in running]


def alone(context: BrowserContext) -> Page:
    """The only page of the browser, in front: a page behind another one is drawn once a second and has a lower priority."""
    page = context.pages[0]
    for other in context.pages[1:]:
        other.close()
    page.bring_to_front()
    if page.evaluate("document.visibilityState") != "visible":
        raise RuntimeError("the page to be measured does not stand in front")
    return page


def make_known(context: BrowserContext, service: FakeService, load: Load) -> None:
    """Everybody on the timeline is looked up once, through the worker, and kept in its cache."""
    console = set_up(context, service)
    known = console.evaluate(ASK, [load.site.network, authors(load.site, load.authors)])
    if known != load.authors:
        raise RuntimeError(f"{known} of {load.authors} accounts became known before the run")
    console.wait_for_timeout(1000)  # the cache writes itself down


def set_up(context: BrowserContext, service: FakeService) -> Page:
    """A quiet page of the extension, which has opened its welcome page and is pointed at the service with all its features on."""
    worker = context.service_workers[0] if context.service_workers else context.wait_for_event("serviceworker")
    console = context.new_page()
    console.goto(worker.url.rsplit("/", 1)[0] + "/manifest.json")
    console.evaluate("(s) => chrome.storage.local.set({settings: s})", {"service": service.address, **ALL_FEATURES})
    console.wait_for_timeout(500)
    return console


ASK = """async ([network, accounts]) => { let known = 0;
  for (let i = 0; i < accounts.length; i += 50) {
    const reply = await chrome.runtime.sendMessage({type: 'look', network, handles: accounts.slice(i, i + 50)});
    known += reply.answers.filter((answer) => answer.state === 'ready').length;
  }
  return known; }"""


@dataclass
class Running:
    """A page that is being measured."""

    context: BrowserContext
    page: Page
    cdp: CDPSession
    condition: Condition
    load: Load
    problems: list[str]
    speed_ms: float = 0.0
    #: CPU ms of each part of the way: until the page stood, each step of posts, what the extension still had to do
    parts_ms: list[float] = field(default_factory=list)

    def task_ms(self) -> float:
        """CPU time of the page's main thread until now."""
        return metrics(self.cdp)["TaskDuration"] * 1000

    def scroll(self, posts: int) -> None:
        """Goes on until so many posts were shown."""
        before = self.task_ms()
        self.page.evaluate("(posts) => window.benchScroll(posts)", posts)
        self.parts_ms.append(self.task_ms() - before)

    def spin(self) -> None:
        """How long the core takes for a fixed piece of work just now."""
        before = self.task_ms()
        self.page.evaluate(SPIN)
        self.speed_ms += self.task_ms() - before


def begin(context: BrowserContext, page: Page, condition: Condition, load: Load) -> Running:
    """Opens the timeline, traced; its first posts come with the first step."""
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.add_init_script(SHIFTS)
    cdp = context.new_cdp_session(page)
    cdp.send("Performance.enable", {"timeDomain": "threadTicks"})
    assert context.browser is not None
    context.browser.start_tracing(page=page, categories=["devtools.timeline"])
    page.goto(load.url)
    page.wait_for_timeout(600)
    running = Running(context, page, cdp, condition, load, problems)
    running.parts_ms.append(running.task_ms())
    running.spin()
    return running


def finish(running: Running) -> dict[str, Any]:
    page, cdp, condition = running.page, running.cdp, running.condition
    before = running.task_ms()
    page.wait_for_timeout(1200)  # what the extension still has to do
    after = metrics(cdp)
    running.parts_ms.append(after["TaskDuration"] * 1000 - before)
    running.spin()
    assert running.context.browser is not None
    trace = running.context.browser.stop_tracing()
    shifts = page.evaluate("window.__shifts")
    heap, nodes = settled_heap(page, cdp)
    return {
        "task_ms": sum(running.parts_ms),
        "parts_ms": running.parts_ms,
        "speed_ms": running.speed_ms,
        "style_ms": after["RecalcStyleDuration"] * 1000,
        "layout_ms": after["LayoutDuration"] * 1000,
        "heap_kib": heap,
        "nodes": nodes,
        "shifts": shifts["count"],
        "shift_sum": shifts["sum"],
        "problems": running.problems[:5],
        **own_calls(trace),
        **(badges(page, condition.badge, running.load) if condition.badge else {}),
    }


def badges(page: Page, attribute: str, load: Load) -> dict[str, Any]:
    """Rows with the wrong badge or none: at the end, and in the very frames in which all rows change; frames to a row's first badge."""
    end = page.evaluate("(attribute) => window.benchCheck(attribute)", attribute)
    changed = page.evaluate("(given) => window.benchShuffle(...given)", [attribute, SHUFFLES])
    first = FIRST_PAINT.replace("ROW", json.dumps(ROW[load.page])).replace("BADGE", attribute)
    return {"end": end, "changed": changed, "frames": page.evaluate(first)}


def metrics(cdp: CDPSession) -> dict[str, float]:
    return {entry["name"]: entry["value"] for entry in cdp.send("Performance.getMetrics")["metrics"]}


def settled_heap(page: Page, cdp: CDPSession) -> tuple[float, float]:
    """(KiB, DOM nodes) after garbage collection."""
    for _ in range(2):
        cdp.send("HeapProfiler.collectGarbage")
    page.wait_for_timeout(200)
    now = metrics(cdp)
    return now["JSHeapUsedSize"] / 1024, now["Nodes"]


def own_calls(trace: bytes) -> dict[str, float]:
    """CPU ms of the outermost calls into the content script; the worker is another process and not the page's cost."""
    threads: dict[tuple[int, int], list[tuple[float, float, float]]] = {}
    for event in json.loads(trace)["traceEvents"]:
        if event.get("name") not in ("FunctionCall", "EvaluateScript"):
            continue
        url = (event.get("args", {}).get("data") or {}).get("url", "")
        if url.startswith("chrome-extension://") and not url.endswith("/background.js"):
            span = (event["ts"], -event.get("dur", 0), event.get("tdur", 0) / 1000)
            threads.setdefault((event["pid"], event["tid"]), []).append(span)
    calls: list[float] = []
    for spans in threads.values():
        end = -1.0
        for start, negative, cpu in sorted(spans):
            if start >= end:
                calls.append(cpu)
                end = start - negative
    return {"own_ms": sum(calls), "longest_ms": max(calls, default=0.0), "calls": len(calls)}
