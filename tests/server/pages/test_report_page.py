from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from server.history import Remembered, changes, points_over_time
from server.lookup import Answer, Grade
from tests.server.pages import samples
from tests.server.pages.fake_lookup import FakeLookup
from tests.server.scoring.formulas import MEASURES, scored

ALICE = "/accounts/bluesky/alice.test"


def read(client: FlaskClient, address: str) -> BeautifulSoup:
    answer = client.get(address)
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "html.parser")


@pytest.mark.parametrize(
    "activity", [samples.talkative(), samples.broadcaster()], ids=["everything seen", "much missing"]
)
def test_the_points_on_the_page_add_up_to_the_score(client: FlaskClient, lookup: FakeLookup, activity: Any) -> None:
    report = samples.report_of(activity)
    page = read(client, lookup.know(report))
    shown = [Decimal(row["data-points"]) for row in page.select("table.sum tr[data-points]")]
    subtotals = [Decimal(row.select_one(".n").text) for row in page.select("table.sum tr.pillar")]
    total = Decimal(page.select_one("#total").text)
    assert sum(shown) == sum(subtotals) == total == Decimal(str(report["score"]["exact"]))
    assert page.select_one(".score").text.endswith(str(round(float(total) + 1e-9)))


def test_every_signal_stands_on_the_report_with_its_sentence_its_reason_and_its_source(
    client: FlaskClient, alice: dict[str, Any]
) -> None:
    page = read(client, ALICE)
    for signal in alice["signals"]:
        finding = page.select_one(f"#signal-{signal['id']}").text
        assert all(signal[part] in finding for part in ("title", "sentence", "why", "source"))
    assert len(page.select("article.finding")) == len(alice["signals"]) > 20


def test_the_report_says_score_interval_verdict_and_balance(client: FlaskClient, alice: dict[str, Any]) -> None:
    text = read(client, ALICE).get_text(" ")
    score = alice["score"]
    assert f"{score['low']}–{score['high']}, 9 times in 10" in text
    assert alice["verdict"]["sentence"] in text
    assert "74 replies" in text
    assert "60 broadcasts" in text
    assert alice["coverage"]["sentence"] in text


def test_what_was_not_seen_is_said_to_be_not_counted(client: FlaskClient, lookup: FakeLookup) -> None:
    page = read(client, lookup.know(samples.report_of(samples.broadcaster())))
    followers = page.select_one("#signal-followers")
    assert "Not seen" in followers.text
    assert "its weight is shared out" in followers.text
    assert followers.select_one("svg") is None


def test_what_a_long_pause_took_is_said_above_the_sum(client: FlaskClient, lookup: FakeLookup) -> None:
    page = read(client, lookup.know(samples.report_of(samples.talkative(), now=samples.NOW + 60 * 86_400)))
    assert "No post for 60 days: 89 % of the earned points are left." in page.select_one("#faded").text
    assert read(client, lookup.know(samples.report_of(samples.talkative()))).select_one("#faded") is None


def test_where_an_account_has_moved_is_said_with_a_link_to_look_at_it_and_nothing_for_an_older_report(
    client: FlaskClient, lookup: FakeLookup
) -> None:
    activity = samples.talkative()
    moved = replace(activity, profile=replace(activity.profile, moved_to="alice@new.example"))
    notice = read(client, lookup.know(samples.report_of(moved))).select_one("#moved")
    assert notice.get_text() == "This account says that it has moved to @alice@new.example."
    assert notice.a["href"] == "/accounts/bluesky/alice@new.example"
    older = samples.report_of(activity)
    assert read(client, lookup.know(older)).select_one("#moved") is None
    del older["account"]["moved_to"]
    assert read(client, lookup.know(older)).select_one("#moved") is None


def test_a_finding_that_carries_no_points_has_no_row_in_the_sum(client: FlaskClient, alice: dict[str, Any]) -> None:
    page = read(client, ALICE)
    assert page.select_one("#signal-engaged_people") is not None
    assert not page.select(".sum a[href='#signal-engaged_people']")


def test_the_grade_stands_beside_the_score_and_only_among_enough_accounts(
    client: FlaskClient, lookup: FakeLookup, alice: dict[str, Any]
) -> None:
    assert read(client, ALICE).select_one("#grade") is None
    lookup.graded = Grade(0.84, 1312, 211)
    assert "As high as or higher than 84 % of the 1,312 Bluesky accounts scored here" in read(client, ALICE).text


def test_too_little_seen_gives_a_page_without_a_score(client: FlaskClient, lookup: FakeLookup) -> None:
    page = read(client, lookup.know(samples.report_of(samples.quiet())))
    assert "Too little to tell" in page.text
    assert page.select_one(".score") is None
    assert page.select_one("#total") is None
    assert page.h1.text == "quiet.test"


def test_hostile_names_stay_text_and_hostile_addresses_are_no_links(client: FlaskClient, lookup: FakeLookup) -> None:
    hostile = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'
    report = samples.report_of(samples.talkative(hostile, "javascript:alert({!r})"))
    report["account"]["url"] = "javascript:alert(3)"
    page = read(client, lookup.know(report))
    assert page.h1.text == hostile
    assert not page.select("main script, main img:not(#embed img), [onerror]")
    assert not [a["href"] for a in page.select("a[href]") if "javascript" in a["href"]]
    assert "javascript:alert" in page.select_one("#signal-reply_share .evidence").text


def test_links_to_evidence_tell_the_other_site_nothing(client: FlaskClient, alice: dict[str, Any]) -> None:
    links = read(client, ALICE).select(".evidence a")
    assert len(links) > 10
    assert all(set(a["rel"]) >= {"noopener", "noreferrer", "nofollow"} and a["target"] == "_blank" for a in links)


def test_links_of_one_finding_can_be_told_apart_by_their_words(client: FlaskClient, alice: dict[str, Any]) -> None:
    for listed in read(client, ALICE).select(".evidence"):
        words = [a.text for a in listed.select("a")]
        assert len(words) == len(set(words))


def test_reports_are_not_for_search_engines(client: FlaskClient, alice: dict[str, Any]) -> None:
    assert read(client, ALICE).select_one("meta[name=robots]")["content"] == "noindex"


def test_one_point_in_time_draws_no_history(client: FlaskClient, lookup: FakeLookup, alice: dict[str, Any]) -> None:
    lookup.histories["bluesky", "alice.test"] = samples.history(1)
    assert read(client, ALICE).select_one("#history") is None


def test_the_history_marks_where_the_formula_changed_and_leaves_unscored_times_empty(
    client: FlaskClient, lookup: FakeLookup, alice: dict[str, Any]
) -> None:
    lookup.histories["bluesky", "alice.test"] = samples.history()
    rows = read(client, ALICE).select("#history tbody tr")
    assert [row.time["datetime"] for row in rows] == [p["scored_at"] for p in reversed(samples.history())]
    assert ["new formula" in row.text for row in rows] == [False, True, False, False, False, False]
    assert [row.select("td")[1].text for row in rows] == ["60", "56", "52", "48", "–", "40"]


def test_what_another_version_made_of_a_time_stands_beside_it(
    client: FlaskClient, lookup: FakeLookup, alice: dict[str, Any]
) -> None:
    lookup.histories["bluesky", "alice.test"] = samples.history()
    rows = read(client, ALICE).select("#history tbody tr")
    assert ["by 1: 38.5" in row.text for row in rows] == [True, False, False, False, False, False]


def test_a_time_without_a_score_draws_no_line_of_a_new_formula(
    client: FlaskClient, lookup: FakeLookup, alice: dict[str, Any]
) -> None:
    points = samples.history()
    points[4] |= {"score": None, "low": None, "high": None}
    lookup.histories["bluesky", "alice.test"] = points
    rows = read(client, ALICE).select("#history tbody tr")
    assert ["new formula" in row.text for row in rows] == [True, False, False, False, False, False]


def test_each_change_is_a_list_that_adds_up_to_the_difference(
    client: FlaskClient, lookup: FakeLookup, alice: dict[str, Any]
) -> None:
    lookup.histories["bluesky", "alice.test"] = samples.history()
    lookup.changed["bluesky", "alice.test"] = samples.changes()
    page = read(client, ALICE)
    assert page.select_one("#changed").text == "Why did it change?"
    for change in samples.changes():
        shown = page.select_one(f"#change-{change['against']}")
        assert change["sentence"] in shown.text
        then, now = (Decimal(score) for score in shown.h3.text.split(": ")[1].split(" → "))
        if change["difference"] is not None:
            assert sum(Decimal(li["data-points"]) for li in shown.select("li[data-points]")) == now - then
            together = shown.select_one(".together").text.removeprefix("Together: ")
            assert Decimal(together.replace("−", "-")) == now - then
    assert "cannot be compared: version 0 of the formula is not known here" in page.select_one("#change-week").text
    assert "Its newest post is 29 days old." in page.select_one("#change-month .events").text


def test_a_change_within_the_noise_says_so(client: FlaskClient, lookup: FakeLookup, alice: dict[str, Any]) -> None:
    before, after = (replace(scored(MEASURES | {"followers": f}), scored_at=t) for f, t in ((300.0, 1), (330.0, 2)))
    lookup.histories["bluesky", "alice.test"] = samples.history()
    lookup.changed["bluesky", "alice.test"] = changes(
        points_over_time([Remembered(s, "broadcasts", 1, 2) for s in (before, after)], "1"), []
    )
    assert "Unchanged within the noise: +0." in read(client, ALICE).select_one("#change-previous").text


def test_a_single_stored_score_has_no_change_to_explain(client: FlaskClient, alice: dict[str, Any]) -> None:
    assert read(client, ALICE).select_one("#changed") is None


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (
            {"stale": True, "stale_reason": "Bluesky did not answer."},
            "the network could not be asked. Bluesky did not answer.",
        ),
        ({"kept": False}, "asks not to be indexed"),
        ({"refreshing": True}, "Looking deeper"),
        ({"refreshing": True, "stale": True}, "a new one is being made"),
    ],
)
def test_what_is_special_about_a_report_is_said(
    client: FlaskClient, lookup: FakeLookup, changed: dict[str, Any], sentence: str
) -> None:
    page = read(client, lookup.know(samples.report_of(samples.talkative(), **changed)))
    assert sentence in " ".join(n.text for n in page.select(".notice"))


def test_an_ordinary_report_has_no_notice_and_does_not_reload(client: FlaskClient, alice: dict[str, Any]) -> None:
    page = read(client, ALICE)
    assert not page.select(".notice, meta[http-equiv], [data-wait]")


def test_a_pending_account_reloads_without_a_script_and_says_when(client: FlaskClient, lookup: FakeLookup) -> None:
    lookup.answers["bluesky", "new.test"] = Answer("pending", 2, detail="Its public posts are being read.")
    answer = client.get("/accounts/bluesky/new.test")
    page = BeautifulSoup(answer.text, "html.parser")
    assert answer.status_code == 202
    assert answer.headers["Retry-After"] == "2"
    assert page.select_one("noscript meta[http-equiv=refresh]")["content"] == "2"
    assert "Its public posts are being read." in page.text


@pytest.mark.parametrize(("state", "status"), [("unknown", 404), ("refused", 403), ("unavailable", 503)])
def test_an_account_without_a_report_gets_a_sentence_and_the_form(
    client: FlaskClient, lookup: FakeLookup, state: str, status: int
) -> None:
    lookup.answers["bluesky", "other.test"] = Answer(state, 40, detail="It is <so>.")
    answer = client.get("/accounts/bluesky/other.test")
    page = BeautifulSoup(answer.text, "html.parser")
    assert answer.status_code == status
    assert page.select_one(".lead").text == "It is <so>."
    assert page.select_one("input[name=account]")["value"] == "other.test"


def test_a_handle_that_cannot_be_one_is_a_bad_request_with_the_form(client: FlaskClient) -> None:
    answer = client.get("/accounts/bluesky/not a handle")
    assert answer.status_code == 400
    assert BeautifulSoup(answer.text, "html.parser").select_one("input[name=account]")["value"] == "not a handle"


def test_a_network_not_served_is_not_found(client: FlaskClient) -> None:
    assert client.get("/accounts/myspace/tom").status_code == 404


def test_the_way_out_is_filled_in(client: FlaskClient, alice: dict[str, Any]) -> None:
    link = read(client, ALICE).select_one("#wrong a[href*=privacy]")["href"]
    page = BeautifulSoup(client.get(link.split("#")[0]).text, "html.parser")
    assert page.select_one("#opt-out-account")["value"] == "alice.test"
    assert page.select_one("#opt-out-network option[selected]")["value"] == "bluesky"


def facts_on(page: BeautifulSoup) -> dict[str, str]:
    return {row.dt.text: " ".join(row.dd.text.split()) for row in page.select("#facts > div")}


def topic(tag: str, **other: Any) -> dict[str, Any]:
    told = {
        "tag": tag,
        "posts": 5,
        "days": 4,
        "share": 0.12,
        "name": None,
        "within": [],
        "evidence": [],
        "answered": None,
    }
    return told | other


def talking_about(lookup: FakeLookup, *topics: dict[str, Any]) -> str:
    report = samples.report_of(samples.talkative())
    report["facts"]["talks_about"] = list(topics)
    return lookup.know(report)


def test_a_topic_is_shown_with_what_it_is_part_of_its_posts_and_whether_people_answer_on_it(
    client: FlaskClient, lookup: FakeLookup
) -> None:
    answered = {
        "per_post": 9.1,
        "others": 3.2,
        "low": 1.5,
        "high": 14.0,
        "sentence": "People answer more on these posts.",
    }
    posts = [{"url": f"https://bsky.app/post/{i}", "text": f"Post of {i} Nov 2026, 20:00"} for i in (3, 2)]
    told = topic("postgresql", name="PostgreSQL", within=["Databases", "Technology"], evidence=posts, answered=answered)
    page = read(client, talking_about(lookup, told))
    assert facts_on(page)["Talks about"] == (
        "#postgresql (5 posts on 4 days, 12 % of its posts) Filed under PostgreSQL, part of Databases, Technology "
        "People answer more on these posts. (the difference is 1.5 to 14, 9 times in 10) "
        "Post of 3 Nov 2026, 20:00 Post of 2 Nov 2026, 20:00"
    )
    assert [a["href"] for a in page.select("#facts .evidence a")] == [post["url"] for post in posts]


def test_a_topic_that_its_words_name_is_shown_by_its_name(client: FlaskClient, lookup: FakeLookup) -> None:
    named = topic("machinelearning", name="Machine Learning", within=["Technology"])
    named |= {"label": "Machine Learning", "is_hashtag": False}
    alone = topic("philosophy", name="Philosophy", label="Philosophy", is_hashtag=False)
    shown = facts_on(read(client, talking_about(lookup, named, alone)))
    assert shown["Talks about"] == (
        "Machine Learning (5 posts on 4 days, 12 % of its posts) Named in its words, part of Technology "
        "Philosophy (5 posts on 4 days, 12 % of its posts)"
    )


def test_where_no_difference_is_found_nothing_is_said_of_answers(client: FlaskClient, lookup: FakeLookup) -> None:
    answered = {"per_post": 4.1, "others": 3.2, "low": -1.5, "high": 4.0, "sentence": ""}
    shown = facts_on(read(client, talking_about(lookup, topic("trams", answered=answered))))
    assert shown["Talks about"] == "#trams (5 posts on 4 days, 12 % of its posts)"


@pytest.mark.parametrize("tag", ["<script>alert(1)</script>", '"><img src=x>', "\u202egnp.exe", "w" * 500, "{{7*7}}"])
def test_hostile_hashtags_are_shown_as_they_are(client: FlaskClient, lookup: FakeLookup, tag: str) -> None:
    hostile = topic(tag, evidence=[{"url": "javascript:alert(1)", "text": tag}], name=tag, within=[tag])
    page = read(client, talking_about(lookup, hostile))
    assert page.select_one("#facts bdi").text == f"#{tag}"
    assert page.select("#facts script, #facts img, #facts a:not([href^='/places/'])") == []


def test_topics_told_by_a_version_that_knew_only_their_number_are_still_shown(
    client: FlaskClient, lookup: FakeLookup
) -> None:
    page = read(client, talking_about(lookup, {"tag": "trams", "posts": 5}))
    assert facts_on(page)["Talks about"] == "#trams (5 posts)"


def test_whether_it_is_worth_following_is_told_in_four_facts(client: FlaskClient, lookup: FakeLookup) -> None:
    topics = [topic("trams"), topic("<b>planning", posts=3, share=0.08)]
    told = {
        "last_post": "2026-11-22T19:00:00Z",
        "posts_per_week": 4.2,
        "talks_about": topics,
        "answers_strangers": {"answered": 7, "of": 12},
    }
    page = read(client, lookup.know(samples.report_of(samples.talkative(), facts=told)))
    shown = facts_on(page)
    assert page.select_one("#facts time")["datetime"] == "2026-11-22T19:00:00Z"
    assert shown["Posts a week"] == "4.2, reposts left out"
    assert shown["Talks about"] == (
        "#trams (5 posts on 4 days, 12 % of its posts) #<b>planning (3 posts on 4 days, 8 % of its posts)"
    )
    assert shown["Answers strangers"] == "7 of 12 who wrote to it first"
    assert [name.text for name in page.select("#facts b")] == ["#trams", "#<b>planning"]


def test_facts_that_are_not_known_say_so(client: FlaskClient, lookup: FakeLookup) -> None:
    nothing = {"last_post": None, "posts_per_week": None, "talks_about": [], "answers_strangers": None}
    shown = facts_on(read(client, lookup.know(samples.report_of(samples.quiet(), facts=nothing))))
    shown.pop("People who react", None)  # where a gazetteer is installed
    assert shown.keys() == {"Last post", "Posts a week", "Talks about", "Answers strangers"}
    assert all(words.startswith("not known") for words in shown.values())


def test_the_language_is_told_where_posts_are_marked(client: FlaskClient, lookup: FakeLookup) -> None:
    report = samples.report_of(samples.talkative())
    report["facts"]["written"] = "mostly in German"
    assert facts_on(read(client, lookup.know(report)))["Written"] == "mostly in German, as its posts are marked"


def test_a_report_stored_before_facts_were_told_has_no_such_list(client: FlaskClient, lookup: FakeLookup) -> None:
    older = samples.report_of(samples.talkative())
    del older["facts"]
    assert facts_on(read(client, lookup.know(older))) == {}


def test_the_facts_of_a_real_report_are_shown(client: FlaskClient, alice: dict[str, Any]) -> None:
    strangers = alice["facts"]["answers_strangers"]
    shown = facts_on(read(client, ALICE))
    assert shown["Answers strangers"] == f"{strangers['answered']} of {strangers['of']} who wrote to it first"
    assert not shown["Posts a week"].startswith("not known")
