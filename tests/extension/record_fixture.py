"""Save a surface of a site as a fixture, with everything that was somebody's replaced by something invented.

    python -m tests.extension.record_fixture x repost page.html --path /home --within 'article'
    python -m tests.extension.record_fixture bluesky notification https://bsky.app/notifications --within '[role=main]'

A file is read as it is; an address is opened in a window in which you go where you want, and is saved when you press Enter here.
"""

import argparse
import html as html_
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import sync_playwright

from tests.extension.conftest import PUT, SITE_NAMES, bundle, find_chromium

FIXTURES = Path(__file__).parent / "fixtures"
FOUND = "([site, page]) => probe.found(site, page).map(({surface, handle}) => `${surface}=${handle}`)"
WITHIN = """([site, page, within]) => { const root = document.querySelector(within);
  return probe.elements(probe.sites[site]).filter(([element]) => root?.contains(element))
    .map(([element, surface]) => [surface.id, surface.account(element, page)]).filter(([, handle]) => handle); }"""
SCRUB = "([site, page, within, handles]) => probe.scrub(probe.sites[site], page, within, handles)"

Evaluate = Callable[[str, Any], Any]


class NotRecorded(Exception):
    """The text says why the saved page would not be a fixture of what the page showed."""


@dataclass(frozen=True)
class Recorded:
    html: str  # the fixture
    accounts: list[str]  # surface=handle, invented
    names: list[str]  # those of the page, which the fixture must not hold


def record(evaluate: Evaluate, site: str, path: str, domain: str, within: str = "body") -> Recorded:
    """A fixture of what the page shows now. Puts the fixture into the page to see that the same surfaces are found in it. Raises NotRecorded."""
    page = {"path": path, "domain": domain}
    shown = evaluate(WITHIN, [site, page, within])
    before = [surface for surface, _handle in shown]
    scrubbed = evaluate(SCRUB, [site, page, within, [handle for _surface, handle in shown]])
    invented = {"path": scrubbed["path"], "domain": scrubbed["domain"]}
    evaluate(PUT, f"<body>{scrubbed['html']}")
    accounts = evaluate(FOUND, [site, invented])
    if [account.split("=")[0] for account in accounts] != before:
        raise NotRecorded(f"the page showed {before}, the saved part of it {accounts}: save more around it (--within)")
    told = {"data-path": invented["path"], "data-domain": invented["domain"], "data-expect": " ".join(accounts)}
    attributes = " ".join(f'{name}="{html_.escape(value)}"' for name, value in told.items())
    text = f'<!doctype html>\n<html lang="en"><body {attributes}>\n{scrubbed["html"].strip()}\n</body></html>\n'
    return Recorded(text, accounts, scrubbed["names"])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.extension.record_fixture", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("site", choices=SITE_NAMES)
    parser.add_argument("name", help="of the fixture, in words_like_these")
    parser.add_argument("source", help="a saved HTML file, or an address")
    parser.add_argument("--path", help="of the page, when the source is a file", default="/")
    parser.add_argument("--domain", help="of the page, when the source is a file", default="saved.example")
    parser.add_argument("--within", help="selector of the part that is saved", default="body")
    chosen = parser.parse_args()
    is_address = chosen.source.startswith(("https://", "http://"))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), headless=not is_address)
        context = browser.new_context(bypass_csp=True)
        page = context.new_page()
        path, domain = chosen.path, chosen.domain
        if is_address:
            page.goto(chosen.source)
            input("Go to the page that is to be saved, then press Enter here. ")
            path, domain = urlsplit(page.url).path, urlsplit(page.url).hostname or domain
        page.evaluate(bundle(Path(folder)))
        if not is_address:
            page.evaluate(PUT, Path(chosen.source).read_text())
        domain = page.evaluate("([site, host]) => probe.sites[site].domain(document, host)", [chosen.site, domain])
        try:
            recorded = record(page.evaluate, chosen.site, path, domain, chosen.within)
        except NotRecorded as problem:
            print(problem, file=sys.stderr)
            return 1
        finally:
            browser.close()
    out = FIXTURES / chosen.site / f"{chosen.name}.html"
    out.write_text(recorded.html)
    print(f"{out}: {', '.join(recorded.accounts) or 'no account'}. Read it before you commit it.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
