"""The real service on a real Bluesky network: what it says is what the AppView holds."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from bs4 import BeautifulSoup

from tests.networks.appview import AppView, author_in, balance, is_repost, parent_of
from tests.networks.conftest import Gathered, Seeded, Studied
from tests.networks.counting_proxy import UNAVAILABLE_SECONDS, CountingProxy
from tests.networks.rapport import ROOT, Rapport, back_end, environment, rapport, wait

# The first test waits for the network to start and to be filled.
pytestmark = [pytest.mark.networks, pytest.mark.timeout(300)]

PAGE = 100
GLANCE_CALLS, STUDY_CALLS = 2, 30
TWO_SECONDS = str(2 / 3600)
"""As hours."""


def signal(report: dict[str, Any], name: str) -> dict[str, Any]:
    return next(found for found in report["signals"] if found["id"] == name)


def test_an_account_asked_for_the_first_time_is_pending_and_then_ready(glanced: Gathered) -> None:
    assert {badge["state"] for badge in glanced.first} == {"pending"}
    assert all(1 <= badge["ask_again_after"] <= 5 for badge in glanced.first)
    states = {handle: badge["state"] for handle, badge in glanced.badges.items()}
    assert states == {
        "alice.test": "ready",
        "bob.test": "ready",
        "frank.test": "ready",
        "newsbot.test": "ready",
        "quiet.test": "too_little",
        "nobody.test": "unknown",
    }


@pytest.mark.parametrize("name", ["alice", "bob", "frank", "newsbot", "quiet"])
def test_followers_and_posts_are_those_of_the_appview(
    name: str, glanced: Gathered, bluesky: Seeded, appview: AppView
) -> None:
    profile, account = appview.profile(bluesky.dids[name]), glanced.reports[f"{name}.test"]["account"]
    assert account["id"] == f"bluesky:{profile['did']}"
    shown = {key: account[key] for key in ("handle", "display_name", "followers", "following", "posts")}
    assert shown == {
        "handle": profile["handle"],
        "display_name": profile.get("displayName", ""),
        "followers": profile["followersCount"],
        "following": profile["followsCount"],
        "posts": profile["postsCount"],
    }


@pytest.mark.parametrize("name", ["alice", "bob", "frank", "newsbot", "quiet"])
def test_replies_and_broadcasts_are_those_of_the_newest_page_of_the_timeline(
    name: str, glanced: Gathered, bluesky: Seeded, appview: AppView
) -> None:
    did, badge = bluesky.dids[name], glanced.badges[f"{name}.test"]
    newest = appview.timeline(did)[:PAGE]
    assert (badge["replies"], badge["broadcasts"]) == balance(newest, did)
    assert glanced.reports[f"{name}.test"]["coverage"]["posts_seen"] == len(newest)


def test_alice_who_answers_people_is_said_to_talk(glanced: Gathered) -> None:
    badge = glanced.badges["alice.test"]
    assert badge["verdict"] in ("some_replies", "in_conversation")
    assert badge["replies"] > 0
    assert 1 <= badge["low"] <= badge["score"] <= badge["high"] <= 100


def test_bobs_answer_to_himself_is_no_reply_to_people(glanced: Gathered, bluesky: Seeded, appview: AppView) -> None:
    did = bluesky.dids["bob"]
    own = [item["post"] for item in appview.timeline(did)[:PAGE] if not is_repost(item)]
    parents = [parent for post in own if (parent := parent_of(post))]
    to_himself = sum(author_in(parent) == did for parent in parents)
    assert to_himself == 1
    assert glanced.badges["bob.test"]["replies"] == len(parents) - to_himself


def test_franks_reposts_count_as_broadcasts_and_not_as_his_own_posts(
    glanced: Gathered, bluesky: Seeded, appview: AppView
) -> None:
    newest = appview.timeline(bluesky.dids["frank"])[:PAGE]
    reposts = [item for item in newest if is_repost(item)]
    own = [item["post"] for item in newest if not is_repost(item)]
    badge, report = glanced.badges["frank.test"], glanced.reports["frank.test"]
    assert len(reposts) > len(own)
    assert badge["broadcasts"] == len(reposts) + sum(not parent_of(post) for post in own)
    # Reposts of the posts that he passed on are their authors'.
    assert f"({len(own)} posts seen)" in signal(report, "reposts_per_post")["sentence"]


def test_newsbot_which_declares_itself_a_bot_is_called_that(glanced: Gathered) -> None:
    badge = glanced.badges["newsbot.test"]
    assert (badge["verdict"], badge["title"], badge["replies"]) == ("declared_bot", "Declared bot", 0)


def test_quiet_who_never_posted_gets_no_score(glanced: Gathered) -> None:
    badge, report = glanced.badges["quiet.test"], glanced.reports["quiet.test"]
    assert (badge["verdict"], badge["replies"], badge["broadcasts"]) == ("too_little", 0, 0)
    assert "score" not in badge
    assert report["score"] is None
    assert report["pillars"] == []


def test_nobody_is_unknown_and_has_no_report(glanced: Gathered, service: Rapport) -> None:
    assert "id" not in glanced.badges["nobody.test"]
    answer = service.ask("nobody.test")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_a_did_leads_to_the_same_account(glanced: Gathered, service: Rapport, bluesky: Seeded) -> None:
    did = bluesky.dids["alice"]
    badges = service.settled_badges(did, "alice.test")
    as_asked = {"handle": "", "ask_again_after": 0}
    assert badges[did] | as_asked == badges["alice.test"] | as_asked
    assert badges[did]["id"] == f"bluesky:{did}"


def test_a_glance_asks_the_appview_at_most_twice(glanced: Gathered, bluesky: Seeded) -> None:
    for handle in glanced.badges:
        did = bluesky.dids.get(handle.removesuffix(".test"), "")
        calls = [call for call in glanced.calls if call.about(handle, did)]
        assert 1 <= len(calls) <= GLANCE_CALLS, calls


def test_a_study_asks_the_appview_at_most_thirty_times(studied: Studied) -> None:
    glance = [c.method for c in studied.calls[:GLANCE_CALLS]]
    assert sorted(glance) == ["app.bsky.actor.getProfile", "app.bsky.feed.getAuthorFeed"]
    assert 1 <= len(studied.calls) - len(glance) <= STUDY_CALLS


def test_a_study_sees_more_than_the_glance_before_it(studied: Studied, bluesky: Seeded, appview: AppView) -> None:
    before, report, did = studied.before, studied.report, bluesky.dids["alice"]
    assert (before["depth"], report["depth"]) == ("glance", "study")
    seen = report["coverage"]["posts_seen"]
    assert seen > before["coverage"]["posts_seen"]
    assert (report["balance"]["replies"], report["balance"]["broadcasts"]) == balance(appview.timeline(did)[:seen], did)
    assert report["coverage"]["share"] >= before["coverage"]["share"]
    width, width_before = (r["score"]["high"] - r["score"]["low"] for r in (report, before))
    assert width <= width_before


def test_a_study_finds_who_wrote_to_alice_and_whom_she_answered(
    studied: Studied, bluesky: Seeded, appview: AppView
) -> None:
    did = bluesky.dids["alice"]
    threads = [c.params["uri"][0] for c in studied.calls if c.method == "app.bsky.feed.getPostThread"]
    assert threads
    received = [
        reply
        for thread in threads
        for reply in appview.replies_below(thread)
        if reply["author"]["did"] != did and author_in(parent_of(reply)) == did
    ]
    hers = [item["post"] for item in appview.timeline(did) if not is_repost(item)]
    answered = {parent_of(post) for post in hers}
    wrote = {reply["author"]["did"] for reply in received}
    got_answer = {reply["author"]["did"] for reply in received if reply["uri"] in answered}
    rate = signal(studied.report, "answer_rate")
    assert rate["sentence"] == f"Answered {len(got_answer)} of the {len(wrote)} people who wrote to it."
    assert rate["value"] == pytest.approx(len(got_answer) / len(wrote), abs=0.001)
    handles = {reply["author"]["handle"] for reply in received}
    shown = [re.search(r"/profile/([^/]+)/post/", evidence["url"]) for evidence in rate["evidence"]]
    assert shown
    assert all(found and found[1] in handles for found in shown)


def test_the_points_of_a_report_add_up_to_its_score(studied: Studied) -> None:
    score, pillars = studied.report["score"], studied.report["pillars"]
    assert sum(pillar["rounded"] for pillar in pillars) == score["value"]
    assert sum(pillar["points"] for pillar in pillars) == pytest.approx(score["exact"])


def test_the_newest_point_of_the_history_is_the_study(studied: Studied, service: Rapport) -> None:
    report, newest = studied.report, service.history("alice.test")[-1]
    assert (newest["score"], newest["verdict"]) == (report["score"]["exact"], report["verdict"]["id"])
    assert (newest["replies"], newest["broadcasts"]) == (report["balance"]["replies"], report["balance"]["broadcasts"])
    assert newest["formula_version"] == report["formula_version"]


def test_two_gatherings_hours_apart_are_two_points_of_the_history(proxy: CountingProxy, tmp_path: Path) -> None:
    with rapport(proxy.address, tmp_path, RAPPORT_REFRESH_HOURS=TWO_SECONDS) as service:
        service.settled_badges("carla.test")
        # History keeps one point an hour, and nobody waits that long here.
        service.database.rows("UPDATE report SET scored_at = scored_at - 7200")
        points = wait(lambda: (service.ask("carla.test"), service.history("carla.test"))[1], lambda now: len(now) > 1)
        page = httpx2.get(f"{service.address}/accounts/bluesky/carla.test", trust_env=False)
    assert len(points) == 2
    assert points[0]["scored_at"] < points[1]["scored_at"]
    assert points[0]["score"] == pytest.approx(points[1]["score"], abs=0.1)
    assert page.status_code == 200
    assert len(BeautifulSoup(page.text, "html.parser").select("#history tbody tr")) == 2


def test_the_command_line_prints_the_same_report(studied: Studied, proxy: CountingProxy, tmp_path: Path) -> None:
    with back_end(tmp_path) as kept:
        printed = subprocess.run(
            [sys.executable, "-m", "server", "lookup", "bluesky", "alice.test"],
            cwd=ROOT,
            env=environment(proxy.address, tmp_path, **kept.settings),
            capture_output=True,
            text=True,
            timeout=90,
        )
    assert printed.returncode == 0, printed.stderr
    assert "Alice (alice.test)" in printed.stdout
    assert studied.report["verdict"]["sentence"] in printed.stdout
    assert f"Influence {studied.report['score']['value']} of 100" in printed.stdout


@dataclass(frozen=True)
class Outage:
    """What the service said before, during and after the AppView answered nothing but 503."""

    older: dict[str, Any]
    status: int
    stale: dict[str, Any]
    badge: dict[str, Any]
    page: httpx2.Response
    never_seen: dict[str, Any]
    afterwards: dict[str, Any]


@pytest.fixture(scope="module")
def outage(proxy: CountingProxy, tmp_path_factory: pytest.TempPathFactory) -> Outage:
    with rapport(proxy.address, tmp_path_factory.mktemp("outage"), RAPPORT_REFRESH_HOURS=TWO_SECONDS) as service:
        older = wait(lambda: service.ask("alice.test"), lambda answer: answer.status_code == 200).json()
        proxy.down = True
        try:
            answer = wait(lambda: service.ask("alice.test"), lambda now: bool(now.json().get("stale_reason")))
            badge = service.badges("alice.test")[0]
            page = httpx2.get(f"{service.address}/accounts/bluesky/alice.test", trust_env=False)
            never_seen = service.settled_badges("judy.test")["judy.test"]
        finally:
            proxy.down = False
        afterwards = wait(lambda: service.ask("alice.test").json(), lambda now: now["scored_at"] > older["scored_at"])
    return Outage(older, answer.status_code, answer.json(), badge, page, never_seen, afterwards)


def test_while_the_appview_is_down_the_older_report_is_served_and_marked_stale(outage: Outage) -> None:
    stale, badge = outage.stale, outage.badge
    assert (outage.status, stale["state"], stale["stale"]) == (200, "ready", True)
    assert {key: stale[key] for key in ("score", "balance", "scored_at")} == {
        key: outage.older[key] for key in ("score", "balance", "scored_at")
    }
    assert (badge["state"], badge["stale"], badge["score"]) == ("ready", True, outage.older["score"]["value"])


def test_while_the_appview_is_down_nobody_is_told_to_ask_again_at_once(outage: Outage) -> None:
    assert outage.stale["ask_again_after"] >= UNAVAILABLE_SECONDS
    assert outage.badge["ask_again_after"] >= UNAVAILABLE_SECONDS


def test_while_the_appview_is_down_the_report_page_says_that_the_report_is_older(outage: Outage) -> None:
    assert outage.page.status_code == 200
    assert "This is an older report" in outage.page.text


def test_while_the_appview_is_down_an_account_never_seen_is_unavailable(outage: Outage) -> None:
    assert outage.never_seen["state"] == "unavailable"
    assert "score" not in outage.never_seen


def test_once_the_appview_is_back_a_new_report_is_made(outage: Outage) -> None:
    assert outage.afterwards["state"] == "ready"
    assert not outage.afterwards.get("stale_reason")
    assert outage.afterwards["account"] == outage.older["account"]
