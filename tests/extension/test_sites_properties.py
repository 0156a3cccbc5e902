"""Whatever stands in a page: a surface shows the account that its own links name, or none, and nothing ever throws."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.extension.conftest import SITE_NAMES, Shown

FIXTURES = Path(__file__).parent / "fixtures"
NAMES = [
    "alice.test",
    "ben",
    "Ben",
    "@ben",
    "@ben@social.example",
    "home",
    "search",
    "i",
    "did:plc:ewvi7nxzyoun6zhxrhs64oiz",
    "did:web:a",
    "handle.invalid",
    "%E0%A4%A",
    "%2e%2e",
    ".",
    "a%20b",
    "this_handle_is_far_too_long",
    "alice.social.example.ap.brid.gy",
    "alice.bsky.social@bsky.brid.gy",
    "ben/../eve",
    "ben?x",
    "ben#y",
    "é.test",
]
PATHS = [
    "/{}",
    "/@{}",
    "/profile/{}",
    "/profile/{}/post/3k",
    "/profile/{}/followers",
    "/{}/following",
    "/{}/status/1",
    "/@{}/109",
    "/i/user/{}",
    "{}",
    "//{}",
    "///{}",
    "https://evil.example/{}",
    "https://evil.example/profile/{}",
    "https://social.example/@{}",
    "https://social.example/users/{}/",
    "https://{}/@ben",
    "/social.example/@{}",
    "/{}/@ben",
    "javascript:{}",
    "#/{}",
    "\\{}",
]
WORDS = [
    "@carol.test",
    "@ben",
    "@alice.test",
    "@carol@evil.example",
    "@ben\u2069",
    "\u202e@ben",
    "👩‍👩‍👧 @home",
    "<b>@ben</b>",
    "@eve " * 99,
    "",
]


def vocabulary(site: str) -> dict[str, list]:
    """What pages of junk are made of: the elements of the site's saved pages one by one, the same with all that is in them, and shapes of links."""
    single: set[str] = set()
    whole: set[str] = set()
    shapes: set[str] = set()
    titles: set[str] = set()
    for path in sorted((FIXTURES / site).glob("*.html")):
        body = BeautifulSoup(path.read_text(), "html.parser").body
        assert body is not None
        shown = {pair.split("=")[1] for pair in str(body["data-expect"]).split()}
        names = shown | {name.split("@")[0] for name in shown}
        for tag in body.find_all(True):
            assert isinstance(tag, Tag)
            values = {name: " ".join(value) if isinstance(value, list) else value for name, value in tag.attrs.items()}
            single.add(json.dumps([tag.name, values]))
            whole.add(str(tag))
            shapes |= {str(values["href"]).replace(name, "{}") for name in names if name in values.get("href", "")}
            titles |= {str(values["title"]).replace(name, "{}") for name in names if name in values.get("title", "")}
    return {
        "single": [json.loads(one) for one in sorted(single)],
        "whole": sorted(whole),
        "paths": [*sorted(shapes) * 3, *PATHS],
        "titles": sorted(titles) or [""],
        "names": NAMES,
        "words": WORDS,
    }


# Builds a page from each number, and gives what no surface may give: by a second reading of who is named, with nothing of the site files in it.
CHECK = """([site, { single, whole, paths, titles, names, words }, numbers, odd]) => {
  const { network } = probe.sites[site], DOMAIN = "fixture.test", all = [...words, ...odd];
  let state = 0;
  const below = (count) => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return Math.floor(state / 2 ** 32 * count); };
  const one = (list) => list[below(list.length)];
  const address = () => one(paths).replace("{}", below(4) ? one(names) : one(all));
  const read = (html) => document.importNode(new DOMParser().parseFromString(html, "text/html").body, true).firstElementChild;
  const build = (depth) => {
    if (!below(5)) return document.createTextNode(one(all));
    if (depth > 3 || below(2)) return read(one(whole)) ?? "";
    const [tag, attributes] = one(single), made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    for (let i = below(4); i > 0; i--) made.append(build(depth + 1));
    return made;
  };
  const decoded = (text) => { try { return decodeURIComponent(text); } catch { return ""; } };
  // Elk writes the server before a bare name; Phanpy links to the server itself.
  const namesIn = (address) => /^\\/(?!\\/)/.test(address) ? address.replace(/[?#].*/, "").split("/").map(decoded).flatMap((name, i, parts) => {
    const bare = name.replace(/^@/, ""), at = site === "elk" && parts[i - 1] ? parts[i - 1] : DOMAIN;
    return network === "mastodon" && name.startsWith("@") ? [bare, `${bare}@${at}`] : [bare]; }).map((name) => name.toLowerCase()) : [];
  const parts = (handle) => [handle.split("@")[0], handle.split("@").at(-1)];
  const isAway = (address, [user, domain]) => {
    if (site !== "phanpy" || !/^https:\\/\\//.test(address) || !URL.canParse(address)) return false;
    const { host, pathname, search, hash } = new URL(address), last = pathname.replace(/\\/$/, "").split("/").pop().replace(/^@/, "");
    const ends = (one, other) => `.${one}`.endsWith(`.${other}`);
    return last.toLowerCase() === user && !search && !hash && (ends(host, domain) || ends(domain, host));
  };
  const plain = (text) => text.replace(/[\\u200b-\\u200f\\u202a-\\u202e\\u2060\\u2066-\\u2069\\ufeff]/g, "").toLowerCase();
  const problems = [];
  for (const number of numbers) {
    state = number;
    const body = document.createElement("body");
    for (let i = below(4); i >= 0; i--) body.append(build(0));
    document.body.replaceWith(body);
    for (const link of body.querySelectorAll("a")) if (!below(4)) link.setAttribute("href", address());
    for (const link of body.querySelectorAll("[title]")) if (!below(4)) link.setAttribute("title", one(titles).replace("{}", one(names)));
    for (const leaf of body.querySelectorAll(":not(:has(*))")) if (!below(8)) leaf.textContent = one(all);
    const path = address();
    const page = { path, domain: DOMAIN };
    for (const [element, surface] of probe.elements(probe.sites[site])) {
      const tell = (what, handle) => problems.push([what, surface.id, handle, path, element.outerHTML.slice(0, 600)]);
      let handle, place;
      try {
        handle = surface.account(element, page);
        place = handle && surface.place(element, handle);
      } catch (error) {
        tell(String(error));
        continue;
      }
      if (handle === null) continue;
      if (!probe.isAccount(network, handle)) tell("no account", handle);
      const own = [element, ...element.querySelectorAll("[href], [data-testid], [aria-label]")];
      const naming = surface.kind === "profile" ? [...document.links] : own;
      const address = (e) => e.getAttribute("href") ?? "";
      const isLinked = naming.some((e) => namesIn(address(e)).includes(handle.toLowerCase()) || isAway(address(e), parts(handle)));
      const isTested = own.some((e) => (e.getAttribute("data-testid") ?? "").toLowerCase().endsWith("-" + handle.toLowerCase()));
      const root = surface.kind === "profile" ? document.body : element, said = plain(root.textContent);
      const isSaid = said.includes(`@${handle.split("@")[0]}`);
      const isLabelled = isSaid && (element.getAttribute("aria-label") ?? "").toLowerCase().endsWith(" " + handle);
      const isAddressed = isSaid && surface.kind === "profile" && namesIn(path).includes(handle.toLowerCase());
      const isReadAlone = isSaid && Boolean(surface.readsText) && !own.some((e) => e.matches("a[href]"));
      if (!isLinked && !isTested && !isLabelled && !isAddressed && !isReadAlone) tell("named by nothing of its own", handle);
      if (place && surface.kind === "timeline" && !(element.parentElement ?? element).contains(place)) tell("place outside", handle);
      if (place) place[surface.where === "inside" ? "append" : "after"](document.createElement("i"));
    }
  }
  return problems;
}"""


@pytest.mark.parametrize("site", SITE_NAMES)
def test_a_surface_shows_who_its_own_links_name_or_nobody(show: Callable[[str], Shown], site: str) -> None:
    page, made_of = show("<body>"), vocabulary(site)
    numbers = st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=80)

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)
    @given(numbers, st.lists(st.text(max_size=20), max_size=5))
    def holds(several: list[int], odd: list[str]) -> None:
        assert page.evaluate(CHECK, [site, made_of, several, odd]) == []

    holds()
