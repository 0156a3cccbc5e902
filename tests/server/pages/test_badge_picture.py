from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest
from flask import Flask, render_template, render_template_string
from hypothesis import given
from hypothesis import strategies as st

from server.lookup import Answer
from server.pages.badge_picture import (
    FONT_SIZE,
    HEIGHT,
    INSTEAD,
    LONGEST_TITLE,
    WIDEST,
    BadgePicture,
    Said,
    Show,
    draw_badge,
    said_of,
    text_width,
)
from server.pages.routes import create_blueprint
from server.scoring.verdict import VerdictId
from tests.server.pages import samples

WHO = "alice.test on Bluesky"
SVG = "{http://www.w3.org/2000/svg}"


def answer(score: int | None = 62, verdict: VerdictId = VerdictId.IN_CONVERSATION, **changed: Any) -> Answer:
    numbers = None if score is None else {"value": score, "low": score - 5, "high": score + 4, "confidence": 0.9}
    report = {"kept": True, "score": numbers, "verdict": {"id": verdict.value}} | changed
    return Answer("ready" if score else "too_little", 600, report)


@pytest.mark.parametrize(
    ("show", "score", "words", "look"),
    [
        (Show.BOTH, "62", "(57–66) · In conversation", "in_conversation"),
        (Show.SCORE, "62", "(57–66)", ""),
        (Show.ENGAGEMENT, "", "In conversation", "in_conversation"),
    ],
)
def test_a_badge_says_the_score_with_its_interval_the_verdict_or_both(
    show: Show, score: str, words: str, look: str
) -> None:
    said = said_of(answer(), show, WHO)
    assert (said.score, said.words, said.look) == (score, words, look)
    assert said.title.startswith(WHO + ": ")


def test_what_is_read_out_says_how_sure_the_score_is() -> None:
    title = said_of(answer(), Show.BOTH, WHO).title
    assert title == "alice.test on Bluesky: influence score 62, 57–66 9 times in 10; In conversation"


def test_without_a_score_the_verdict_stands_alone_and_is_never_a_zero() -> None:
    talks = said_of(answer(None, VerdictId.SOME_REPLIES), Show.BOTH, WHO)
    assert (talks.score, talks.words, talks.look) == ("", "Some replies", "some_replies")
    unsure = said_of(answer(None, VerdictId.SOME_REPLIES), Show.SCORE, WHO)
    assert (unsure.score, unsure.words, unsure.look) == ("", "Too little to tell", "too_little")


@pytest.mark.parametrize("show", Show)
@pytest.mark.parametrize("changed", [{"kept": False}, {"kept": None}])
def test_an_account_that_asks_not_to_be_kept_is_shown_to_no_public(show: Show, changed: dict[str, Any]) -> None:
    said = said_of(answer(**changed), show, WHO)
    assert (said.score, said.words, said.look) == ("", "asks not to be listed", "too_little")
    assert "62" not in said.title
    assert "conversation" not in said.title


def test_a_report_that_does_not_say_whether_it_is_kept_is_not_shown() -> None:
    report = answer().report or {}
    del report["kept"]
    assert said_of(Answer("ready", 600, report), Show.BOTH, WHO).words == "asks not to be listed"


@pytest.mark.parametrize("state", INSTEAD)
def test_where_there_is_no_report_the_badge_says_so_in_neutral_words(state: str) -> None:
    said = said_of(Answer(state, 60, detail="It opted out."), Show.BOTH, WHO)
    assert (said.score, said.look) == ("", "too_little")
    assert said.title == f"{WHO}: {said.words}"


@given(score=st.integers(6, 96), verdict=st.sampled_from(VerdictId), show=st.sampled_from(Show))
def test_texts_stand_side_by_side_inside_the_badge(score: int, verdict: VerdictId, show: Show) -> None:
    badge = draw_badge(said_of(answer(score, verdict), show, WHO))
    ends = [0.0]
    for text in badge.texts:
        assert text.x > ends[-1]
        ends.append(text.x + text.width)
    assert ends[1] < badge.name_width < badge.mark_x <= badge.texts[1].x
    assert ends[-1] < badge.width <= WIDEST[show]


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_longer_text_is_never_narrower(text: str, more: str) -> None:
    assert text_width(text + more) >= text_width(text)
    assert text_width(text, bold=True) >= text_width(text)


PAGES = Flask("templates-under-test")
PAGES.register_blueprint(create_blueprint())


def drawn(badge: BadgePicture) -> ElementTree.Element:
    with PAGES.app_context():
        return ElementTree.fromstring(render_template("badge.svg", badge=badge, height=HEIGHT, font_size=FONT_SIZE))


@pytest.fixture(scope="module", autouse=True)
def template_is_read() -> None:
    """The first picture reads its template, which on a busy machine takes longer than one example may."""
    drawn(draw_badge(Said("no such handle", "")))


@given(st.text(max_size=400))
def test_whatever_its_title_holds_a_badge_is_xml_and_says_it(title: str) -> None:
    badge = draw_badge(Said("no such handle", title))
    picture = drawn(badge)
    assert picture.findtext(f"{SVG}title", "").replace("\r", "\n") == badge.title.replace("\r\n", "\n").replace(
        "\r", "\n"
    )
    assert len(badge.title) <= LONGEST_TITLE
    assert {element.tag.removeprefix(SVG) for element in picture.iter()} == {"svg", "title", "path", "g", "text"}


def test_a_badge_has_a_name_for_who_does_not_see_it_and_needs_nothing_from_elsewhere() -> None:
    picture = drawn(draw_badge(said_of(answer(), Show.BOTH, WHO)))
    assert picture.get("role") == "img"
    assert picture.get("aria-label") == picture.findtext(f"{SVG}title") == said_of(answer(), Show.BOTH, WHO).title
    for element in picture.iter():
        # Ids, too, would clash where several badges are pasted into one page.
        assert not {"id", "style", "class", "href", "onload"} & set(element.keys())


@pytest.mark.parametrize("verdict", VerdictId)
def test_each_verdict_has_the_mark_it_has_on_the_pages(verdict: VerdictId) -> None:
    with PAGES.app_context():
        mark = render_template_string("{% from 'macros.html' import mark %}{{ mark(id) }}", id=verdict.value)
    path = drawn(draw_badge(said_of(answer(verdict=verdict), Show.BOTH, WHO))).find(f"{SVG}g/{SVG}path")
    assert path is not None
    assert path.get("d", "missing") in mark


def test_the_words_of_a_real_report_are_those_of_its_page() -> None:
    report = samples.report_of(samples.talkative())
    said = said_of(Answer("ready", 600, report), Show.BOTH, WHO)
    assert said.score == str(report["score"]["value"])
    assert said.words == f"({report['score']['low']}–{report['score']['high']}) · {report['verdict']['title']}"
