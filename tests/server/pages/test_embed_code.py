"""What the report page offers to copy."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from server.pages.embed_code import Embed
from tests.server.pages import samples
from tests.server.pages.fake_lookup import FakeLookup

ALICE = "/accounts/bluesky/alice.test"


def copied(client: FlaskClient, path: str = ALICE) -> dict[str, str]:
    page = BeautifulSoup(client.get(path).text, "html.parser")
    return {part["aria-label"]: part.text for part in page.select("#embed pre")}


def test_the_report_offers_html_markdown_and_the_address(client: FlaskClient, alice: dict[str, Any]) -> None:
    page, badge = "http://localhost/accounts/bluesky/alice.test", "http://localhost/badge/bluesky/alice.test.svg"
    assert copied(client) == {
        "HTML": f'<a href="{page}"><img src="{badge}" alt="alice.test on Rapport" height="20"></a>',
        "Markdown": f"[![alice.test on Rapport]({badge})]({page})",
        "Address of the picture": badge,
    }


def test_the_place_for_embedding_is_folded_away(client: FlaskClient, alice: dict[str, Any]) -> None:
    embed = BeautifulSoup(client.get(ALICE).text, "html.parser").select_one("details#embed")
    assert not embed.has_attr("open")
    assert embed.img["loading"] == "lazy"


def test_it_says_whether_pages_of_others_may_show_the_badge(
    client: FlaskClient, app: Flask, alice: dict[str, Any]
) -> None:
    def told() -> str:
        return BeautifulSoup(client.get(ALICE).text, "html.parser").select_one("#embed p").text

    assert "RAPPORT_EMBEDS_AT" in told()
    service = app.extensions["rapport"]
    service.settings = service.settings.model_copy(update={"embeds_at": "https://rapport.example"})
    assert "fetch it from here" in told()
    assert copied(client)["Address of the picture"] == "https://rapport.example/badge/bluesky/alice.test.svg"


def test_an_account_that_asks_not_to_be_kept_is_not_offered_for_embedding(
    client: FlaskClient, lookup: FakeLookup
) -> None:
    path = lookup.know(samples.report_of(samples.talkative(), kept=False))
    page = BeautifulSoup(client.get(path).text, "html.parser")
    assert page.select("#embed, link[rel=alternate]") == []


@pytest.mark.parametrize("alt", ['"><script>alert(1)</script>', "a_b_ and [c](d) *e*"])
def test_hostile_words_stay_words_in_what_is_copied(alt: str) -> None:
    embed = Embed('https://rapport.example/"><b>', "https://rapport.example/badge", alt)
    html = BeautifulSoup(embed.html, "html.parser")
    assert [tag.name for tag in html.find_all(True)] == ["a", "img"]
    assert html.img["alt"] == alt
    assert embed.markdown.startswith("[![" + "".join("\\" + c if c in "\\`*_[]<>" else c for c in alt) + "](")


def test_brackets_in_an_address_do_not_end_it_in_markdown() -> None:
    embed = Embed("https://rapport.example/a)b", "https://rapport.example/(c).svg", "c")
    assert embed.markdown == "[![c](https://rapport.example/%28c%29.svg)](https://rapport.example/a%29b)"
