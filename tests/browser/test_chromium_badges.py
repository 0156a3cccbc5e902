"""What a person sees beside the names on each site, in Chromium."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.browser.conftest import Console, Tab
from tests.browser.fake_service import FakeService
from tests.browser.people import BY_KEY
from tests.browser.sites import ADOPT, BLUESKY, IMPORTANT, IMPORTANT_IN_A_LAYER, PHANPY, SITES, Site, X

ALL_SITES = pytest.mark.parametrize("site", SITES, ids=lambda site: site.id)
SHOWN = {key: f"{p.badge['score']} · {p.badge['ratio']}" for key, p in BY_KEY.items() if p.badge["state"] == "ready"}
# Per row: whose it is, and whose badges stand beside the author, and beside the quoted and reposting accounts.
ROWS = """(ASIDE) => replica.rows.map((row) => {
  const seen = [...row.node.querySelectorAll('rapport-badge')].filter((b) => b.checkVisibility() && b.getBoundingClientRect().width);
  const of = (list) => list.map((b) => b.dataset.rapport.replace(/^[a-z]+:/, ''));
  return {handle: row.handle, others: [row.post.quote?.handle, row.post.repostedBy].filter(Boolean),
    own: of(seen.filter((b) => !b.closest(ASIDE))), aside: of(seen.filter((b) => b.closest(ASIDE)))};
})"""
# What the header said and which badge stood in it, once a frame, while the site navigates.
SAMPLE = """(() => { window.samples = []; const look = () => {
  for (const name of document.querySelectorAll(HEADER)) if (name.checkVisibility()) {
    const shown = [...name.querySelectorAll('rapport-badge')].filter((b) => b.checkVisibility())
      .map((b) => b.dataset.rapport.replace(/^[a-z]+:/, ''));
    samples.push({path: location.pathname, text: name.textContent, shown});
  }
  window.sampling = requestAnimationFrame(look); }; look(); })()"""
# Where everything that has an area stands: an empty box between two things is the room that a badge may take.
GEOMETRY = """() => [...document.querySelectorAll('body *:not(rapport-badge, rapport-card, script)')].filter((e) => e.checkVisibility())
  .map((e) => { const r = e.getBoundingClientRect(); return [e.tagName + '.' + (e.getAttribute('class') ?? ''), r.x, r.y, r.width, r.height]; })
  .filter(([, , , width, height]) => width && height)"""


# Badges on screen whose last pixels are cut off, by the screen's edge or by a box that hides what does not fit.
HIDDEN = """[...document.querySelectorAll('rapport-badge')].flatMap((host) => {
  const box = host.getBoundingClientRect(), y = box.y + box.height / 2;
  if (!host.checkVisibility() || !box.width || y < 0 || y > innerHeight) return [];
  return document.elementFromPoint(box.right - 3, y) === host ? [] : [[host.dataset.rapport, box.x, box.right]];
})"""


CUT_OFF = """[...document.querySelectorAll('rapport-badge')].flatMap((host) => {
  const box = host.getBoundingClientRect();
  if (!host.checkVisibility() || !box.width) return [];
  for (let node = host.parentElement; node; node = node.parentElement) {
    const around = node.getBoundingClientRect();
    if (getComputedStyle(node).overflowY !== 'visible' && (box.bottom > around.bottom + .5 || box.top < around.top - .5)) {
      return [[host.dataset.rapport, box.bottom - around.bottom, around.top - box.top]];
    }
  }
  return []; })"""


def rows(tab: Tab, site: Site) -> list[dict[str, Any]]:
    return tab.page.evaluate(ROWS, site.aside)


def wrong(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows with a badge of somebody who does not stand there."""
    return [row for row in found if set(row["own"]) - {row["handle"]} or set(row["aside"]) - set(row["others"])]


@ALL_SITES
def test_a_profile_page_shows_the_badge_beside_the_name(tab: Tab, site: Site) -> None:
    tab.page.goto(site.profile("alice"))
    badge = tab.wait_badges(1, site.header)[0]
    assert (badge["account"], badge["text"]) == (site.account("alice"), SHOWN["alice"])
    assert badge["label"] == "Influence 62, In conversation, replies to broadcasts 1 : 0.8. Show why"
    assert badge["height"] == pytest.approx(18, abs=0.5)
    assert (tab.problems, tab.refused()) == ([], [])


@pytest.mark.parametrize("site", [site for site in SITES if site.hover_card], ids=lambda site: site.id)
def test_the_sites_hover_card_shows_the_badge(tab: Tab, site: Site) -> None:
    tab.page.goto(site.home())
    tab.page.locator(f"{site.author}:visible").nth(1).hover()
    tab.page.wait_for_selector(site.hover_card)
    badge = tab.wait_badges(1, site.hover_card)[0]
    assert (badge["account"], badge["text"]) == (site.account("ben"), SHOWN["ben"])
    assert (tab.problems, tab.refused()) == ([], [])


def test_the_sheet_that_phanpy_opens_shows_the_badge(tab: Tab) -> None:
    tab.page.goto(PHANPY.home())
    tab.page.locator(f"{PHANPY.author}:visible").nth(1).click()
    badge = tab.wait_badges(1, ".sheet")[0]
    assert (badge["account"], badge["text"]) == (PHANPY.account("ben"), SHOWN["ben"])
    assert (tab.problems, tab.refused()) == ([], [])


def test_a_badge_can_be_pointed_at_in_a_quoted_post_in_which_phanpy_lets_nothing_be(tab: Tab, console: Console) -> None:
    console.change(everyone=True)
    tab.page.set_viewport_size({"width": 1200, "height": 4000})
    tab.page.goto(PHANPY.home("rows=30"))
    badge = tab.wait(lambda: tab.badges(".status-card:has(rapport-badge)"), bool)[0]
    at = [badge["x"] + badge["width"] / 2, badge["y"] + badge["height"] / 2]
    assert tab.page.evaluate("(at) => document.elementFromPoint(...at).localName", at) == "rapport-badge"


@ALL_SITES
def test_each_verdict_has_its_badge_and_nothing_is_drawn_for_other_states(
    tab: Tab, console: Console, site: Site
) -> None:
    console.change(everyone=True)
    tab.page.set_viewport_size({"width": 1200, "height": 2400})
    tab.page.goto(site.home())
    expected = {site.account(key): text for key, text in SHOWN.items()} | {site.account("quiet"): "too little to tell"}
    found = tab.wait(lambda: {b["account"]: b["text"] for b in tab.badges()}, lambda now: now.keys() == expected.keys())
    assert found == expected
    tab.settle(500)
    assert {b["account"] for b in tab.badges()} == expected.keys()
    assert wrong(rows(tab, site)) == []


@ALL_SITES
def test_a_timeline_shows_only_accounts_already_known(tab: Tab, service: FakeService, site: Site) -> None:
    tab.page.goto(site.profile("alice"))
    tab.wait_badges(1, site.header)
    tab.go(site.home_path)
    tab.wait(lambda: [r["own"] for r in rows(tab, site) if r["handle"] == site.handle("alice")], lambda now: all(now))
    assert {badge["account"] for badge in tab.badges()} == {site.account("alice")}
    assert service.asked() == [site.handle("alice")]


def test_everyone_on_screen_is_looked_up_when_asked_for_and_nobody_else(
    tab: Tab, console: Console, service: FakeService
) -> None:
    console.change(everyone=True)
    tab.page.goto(BLUESKY.home("rows=60", "authors=200"))
    tab.wait(tab.badges, lambda now: len(now) >= 5)
    tab.settle(400)
    first = len(service.asked())
    assert 5 <= first < 30
    assert len(service.badge_calls) == 1
    tab.page.mouse.wheel(0, 2500)
    tab.wait(lambda: len(service.asked()), lambda now: now > first)
    tab.settle(400)
    assert len(service.asked()) == len(set(service.asked())) < 60


def test_many_accounts_leave_as_few_requests_of_at_most_fifty(tab: Tab, console: Console, service: FakeService) -> None:
    console.change(everyone=True)
    tab.page.set_viewport_size({"width": 1200, "height": 14000})
    tab.page.goto(X.home("rows=70", "authors=200"))
    tab.wait(lambda: {h for r in rows(tab, X) if not r["own"] for h in [r["handle"]]}, lambda missing: not missing, 10)
    assert [len(call.handles) <= 50 for call in service.badge_calls] == [True] * len(service.badge_calls)
    first, *_, last = service.badge_calls
    # Names are collected for a tenth of a second: a page that takes longer to show its rows is asked about once more for each.
    assert len(service.badge_calls) <= 3 + (last.at - first.at) / 0.1
    assert len(service.asked()) == len(set(service.asked())) >= 70


@ALL_SITES
def test_recycled_rows_show_the_right_account_on_sixty_of_sixty(tab: Tab, console: Console, site: Site) -> None:
    console.change(everyone=True)
    tab.page.set_viewport_size({"width": 1200, "height": 12000})
    tab.page.goto(site.home("rows=60", "authors=40"))
    tab.wait(lambda: rows(tab, site), lambda now: all(row["own"] == [row["handle"]] for row in now), 10)
    for step in (1, 3, 17):
        at_once = tab.page.evaluate(
            f"async ([step, aside]) => {{ replica.recycle(step); await Promise.resolve(); return ({ROWS})(aside); }}",
            [step, site.aside],
        )
        assert wrong(at_once) == []
        assert [row["own"] for row in at_once] == [[row["handle"]] for row in at_once]
    tab.settle()
    assert [row["own"] for row in rows(tab, site)] == [[row["handle"]] for row in rows(tab, site)]


def test_a_recycled_row_of_an_unknown_account_is_bare_at_once(tab: Tab, console: Console) -> None:
    console.change(everyone=True)
    tab.page.goto(X.home("authors=40"))
    tab.wait(lambda: rows(tab, X), lambda now: bool(now[0]["own"]))
    tab.page.evaluate("replica.show(0, 'nobody_known')")
    assert rows(tab, X)[0]["own"] == []
    tab.settle(400)
    assert rows(tab, X)[0]["own"] == []


def sampled(tab: Tab, handle: str) -> None:
    """Wait until a frame has shown this account's badge."""
    tab.wait(lambda: tab.page.evaluate("samples.at(-1)?.shown"), lambda shown: shown == [handle])


@ALL_SITES
def test_navigation_inside_the_site_never_shows_a_wrong_account(tab: Tab, site: Site) -> None:
    tab.page.goto(site.profile("alice"))
    tab.wait_badges(1, site.header)
    tab.page.evaluate(SAMPLE.replace("HEADER", json.dumps(site.headers)))
    for key in ("ben", "gazette", "uma", "alice"):
        tab.go(site.path_of(key))
        if key == "uma":
            tab.settle(500)
        else:
            sampled(tab, site.handle(key))
    tab.page.go_back()
    tab.page.go_back()
    sampled(tab, site.handle("gazette"))
    samples = tab.page.evaluate("cancelAnimationFrame(sampling) || samples")
    assert len(samples) > 20
    assert [s for s in samples if any(site.before_handle + handle not in s["text"] for handle in s["shown"])] == []
    assert {handle for s in samples for handle in s["shown"]} == {site.handle(k) for k in ("alice", "ben", "gazette")}


def test_an_earlier_screen_that_stays_mounted_keeps_its_own_badge(tab: Tab) -> None:
    tab.page.goto(BLUESKY.profile("alice"))
    tab.wait_badges(1, BLUESKY.header)
    tab.go(BLUESKY.path_of("ben"))
    tab.wait(lambda: tab.badges(BLUESKY.header), lambda now: [b["account"] for b in now] == [BLUESKY.account("ben")])
    assert {b["account"] for b in tab.badges()} == {BLUESKY.account("ben")}
    tab.page.go_back()
    tab.wait(lambda: tab.badges(BLUESKY.header), lambda now: [b["account"] for b in now] == [BLUESKY.account("alice")])


def test_a_display_name_that_looks_like_a_handle_fools_nobody(tab: Tab, console: Console) -> None:
    console.change(everyone=True)
    tab.page.goto(X.home())
    tab.page.evaluate("replica.show(0, 'deals_247', '@alice_moreau')")
    found = tab.wait(lambda: rows(tab, X)[0], lambda row: bool(row["own"]))
    assert found["own"] == ["deals_247"]


@ALL_SITES
def test_nothing_moves_when_a_badge_appears(tab: Tab, console: Console, service: FakeService, site: Site) -> None:
    console.change(everyone=True)
    service.hold_answers()
    tab.page.goto(site.profile("alice"))
    tab.page.wait_for_selector(site.header)
    tab.settle(100)
    before = tab.page.evaluate(GEOMETRY)
    assert tab.badges() == []
    service.answer_now()
    tab.wait(lambda: len(tab.badges()), lambda count: count > 2)
    # The box around a name may reach further into the empty rest of its line; nothing may change its place or height.
    after = tab.page.evaluate(GEOMETRY)
    assert [(a, b) for a, b in zip(before, after, strict=True) if (*a[:3], a[4]) != (*b[:3], b[4])] == []
    assert tab.shifts() == []


@ALL_SITES
def test_nothing_moves_in_a_timeline_when_badges_appear(
    tab: Tab, console: Console, service: FakeService, site: Site
) -> None:
    console.change(everyone=True)
    service.hold_answers()
    tab.page.goto(site.home())
    tab.settle(100)
    before = [box for box in tab.page.evaluate(GEOMETRY) if "handle" not in box[0].lower()]
    assert tab.badges() == []
    service.answer_now()
    tab.wait(lambda: len(tab.badges()), lambda count: count > 4)
    after = [box for box in tab.page.evaluate(GEOMETRY) if "handle" not in box[0].lower()]
    # A long name may give way to the badge within its own line; no row may change its place or height.
    assert [(a, b) for a, b in zip(before, after, strict=True) if (a[2], a[4]) != (b[2], b[4])] == []
    assert tab.shifts() == []


@ALL_SITES
def test_no_badge_is_cut_off_above_or_below(tab: Tab, console: Console, site: Site) -> None:
    console.change(everyone=True)
    tab.page.set_viewport_size({"width": 1200, "height": 3000})
    for url in (site.profile("alice"), site.home()):
        tab.page.goto(url)
        tab.wait(tab.badges, bool)
        tab.settle(300)
        assert tab.page.evaluate(CUT_OFF) == []


@ALL_SITES
def test_a_narrow_screen_is_not_made_wider(tab: Tab, console: Console, site: Site) -> None:
    console.change(everyone=True)
    tab.page.set_viewport_size({"width": 360, "height": 740})
    for url, fewest in ((site.profile("alice"), 1), (site.home(), 4)):
        tab.page.goto(url)
        tab.wait(tab.badges, lambda badges, fewest=fewest: len(badges) >= fewest)
        tab.settle(300)
        assert tab.inside(HIDDEN) == []
        assert tab.page.evaluate("document.documentElement.scrollWidth") <= 360


BACKGROUND = "getComputedStyle(root(document.querySelector('rapport-badge')).querySelector('button')).backgroundColor"


def lightness(colour: str) -> int:
    """Sum of red, green and blue in rgb(…)."""
    return sum(int(part) for part in colour[4:-1].split(",")[:3])


@ALL_SITES
def test_the_badge_follows_the_sites_own_dark_mode(tab: Tab, site: Site) -> None:
    of_theme = {}
    for theme in ("light", "dark"):
        tab.page.goto(site.profile("alice", f"theme={theme}"))
        tab.wait_badges(1, site.header)
        of_theme[theme] = lightness(tab.inside(BACKGROUND))
    assert of_theme["dark"] < 250 < 550 < of_theme["light"]


def test_badge_and_open_card_follow_a_page_that_turns_dark(tab: Tab) -> None:
    tab.page.goto(BLUESKY.profile("alice", "theme=light"))
    badge = tab.wait_badges(1, BLUESKY.header)[0]
    tab.page.mouse.move(badge["x"] + 9, badge["y"] + 9)
    card = "(card => card ? getComputedStyle(card).backgroundColor : '')(root(document.querySelector('rapport-card'))?.querySelector('.card'))"
    tab.wait(lambda: tab.inside(card), bool)
    assert min(lightness(tab.inside(BACKGROUND)), lightness(tab.inside(card))) > 550
    tab.page.evaluate("document.body.style.background = '#101418'")
    tab.wait(lambda: tab.inside(BACKGROUND), lambda colour: lightness(colour) < 250)
    tab.wait(lambda: tab.inside(card), lambda colour: lightness(colour) < 250)


def test_no_rule_of_a_page_is_important_enough_to_hide_a_badge(tab: Tab) -> None:
    tab.page.goto(BLUESKY.profile("alice"))
    before = tab.wait_badges(1, BLUESKY.header)[0]
    tab.page.evaluate(ADOPT, IMPORTANT_IN_A_LAYER + IMPORTANT)
    tab.settle(200)
    assert tab.badges(BLUESKY.header) == [before]


@ALL_SITES
def test_a_known_accounts_badge_is_painted_within_two_frames(tab: Tab, console: Console, site: Site) -> None:
    console.change(everyone=True)
    tab.page.goto(site.home("authors=20", "rows=20"))
    tab.page.set_viewport_size({"width": 1200, "height": 3000})
    tab.wait(lambda: rows(tab, site), lambda now: all(row["own"] for row in now))
    frames = tab.page.evaluate(
        """async () => { const frame = () => new Promise(requestAnimationFrame), counts = [];
        for (const row of replica.rows) {
          const parent = row.node.parentNode, copy = row.node.cloneNode(true);
          copy.querySelectorAll('rapport-badge').forEach((b) => b.remove());
          await frame(); parent.prepend(copy);
          let count = 0;
          do { await frame(); count++; } while (!copy.querySelector('rapport-badge')?.getBoundingClientRect().width && count < 30);
          counts.push(count); copy.remove();
        }
        return counts; }"""
    )
    assert len(frames) == 20
    assert max(frames) <= 2


def test_the_page_cannot_look_into_the_badge(tab: Tab) -> None:
    tab.page.goto(BLUESKY.profile("alice"))
    tab.wait_badges(1, BLUESKY.header)
    assert tab.page.evaluate("document.querySelector('rapport-badge').shadowRoot") is None
    assert tab.page.evaluate("document.querySelector('rapport-badge').innerHTML") == ""


def test_a_site_that_was_not_enabled_is_left_alone(tab: Tab, service: FakeService) -> None:
    tab.page.goto("https://mastodon.example/@alice")
    tab.settle(400)
    assert not tab.has_content_script()
    assert service.calls == []
