"""Starting a Chromium that has the extension and sees nothing but the replica sites."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Playwright

from tests.browser.replicas import Replicas


class NoBrowser(Exception):
    """There is none on this machine; the text says how to get one."""


def find_browser(variable: str, names: list[str]) -> str | None:
    """An explicit path in the environment wins; then whatever is on PATH."""
    return os.environ.get(variable) or next((found for name in names if (found := shutil.which(name))), None)


def launch(
    playwright: Playwright,
    extension: Path,
    profile: Path,
    replicas: Replicas,
    *others: Path,
    headless: bool = True,
    **options: Any,
) -> BrowserContext:
    """A Chromium with the extension, any others named, and nothing but the replica sites. Raises NoBrowser."""
    binary = find_browser("E2E_CHROMIUM", ["chromium", "chromium-browser"])
    if binary is None and not Path(playwright.chromium.executable_path).exists():
        raise NoBrowser("no Chromium: tests/browser/browsers.sh install, or name one in E2E_CHROMIUM")
    extensions = ",".join(map(str, (extension, *others)))
    context = playwright.chromium.launch_persistent_context(
        str(profile),
        executable_path=binary,
        channel="chromium",  # the new headless mode, the only one that loads extensions
        headless=headless,
        locale="en-GB",
        viewport={"width": 1200, "height": 800},
        args=[
            f"--disable-extensions-except={extensions}",
            f"--load-extension={extensions}",
            "--disable-features=DisableLoadExtensionCommandLineSwitch",
            *replicas.chromium_arguments(),
        ],
        **options,
    )
    context.set_default_timeout(8_000)
    return context


def allowed(source: Path, target: Path, *more: str) -> Path:
    """A copy of a built extension that may read the pages of every site that ships, and of the addresses in ``more``.

    The browser's own question whether it may cannot be answered by a test: that the person said yes is put into the manifest.
    Everything after it is the extension's own way.
    """
    shutil.copytree(source, target)
    manifest = json.loads((target / "manifest.json").read_text())
    shipped = json.loads((target / "sites.json").read_text())
    manifest["host_permissions"] += [match for site in shipped for match in site["matches"]] + list(more)
    (target / "manifest.json").write_text(json.dumps(manifest))
    return target


def id_of_extension(context: BrowserContext) -> str:
    workers = context.service_workers
    worker = workers[0] if workers else context.wait_for_event("serviceworker", timeout=15_000)
    return worker.url.split("/")[2]
