"""The weekly mail, through a real mail server: asked for, confirmed, sent once a week, ended by one click."""

from __future__ import annotations

import email.policy
import socket
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from playwright.sync_api import Page

from server.digest import MOST_ASKED_A_DAY
from server.mail_addresses import MailServer, is_address, read_server
from server.settings import BadSetting, read_settings
from tests.server.conftest import Clock, Running
from tests.server.fake_network import FakeNetwork
from tests.server.invented import DAY, Invented
from tests.server.pages.in_a_browser import InBrowser, problems_of, served, soup, visit, words


class Box:
    """What the mail server took. ``refuses``: it takes nothing."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refuses = False
        self.unknown = ""
        """An address that it takes nothing for."""
        self.tried = 0

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address == self.unknown:
            return "550 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.tried += 1
        if self.refuses:
            return "451 not now"
        self.mails.append(message_from_bytes(envelope.content, policy=email.policy.default))  # type: ignore[arg-type]
        return "250 taken"

    def text(self, number: int = -1) -> str:
        return str(self.mails[number].get_content())


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def mail_server(box: Box) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield f"smtp://127.0.0.1:{port}"
    controller.stop()


@pytest.fixture
def network() -> FakeNetwork:
    return FakeNetwork(Invented("alice.test").replies(people=30).post(times=20), Invented("ben.test").post(times=20))


@pytest.fixture
def running(tmp_path: Path, network: FakeNetwork, clock: Clock, mail_server: str) -> Running:
    return Running(tmp_path, network, clock, mail_server=mail_server, mail_from="rapport@example.org")


@pytest.fixture
def client(running: Running) -> Any:
    client = running.client
    client.post("/tracked", data={"account": "alice.test", "network": "bluesky"})
    return client


def ask(client: Any, address: str = "me@example.org") -> Any:
    return client.post("/tracked/mail", data={"address": address})


def link_in(text: str, end: str = "") -> str:
    """The path of the address in a mail's text."""
    found = [word for word in text.split() if "/tracked/mail/" in word and word.endswith(end)]
    return found[0].removeprefix("http://127.0.0.1:8765")


def confirmed(client: Any, box: Box) -> None:
    ask(client)
    client.post(link_in(box.text()))
    box.mails.clear()


def weeks(running: Running, days: int) -> None:
    for _ in range(days * 4):
        running.clock.time += DAY / 4
        running.service.tracking.gather_due()
        running.work()
        running.service.weekly_mail.send_due()


def test_nobody_gets_mails_without_saying_yes_where_they_read_them(client: Any, running: Running, box: Box) -> None:
    assert ask(client).status_code == 303
    (question,) = box.mails
    assert (question["To"], question["From"]) == ("me@example.org", "rapport@example.org")
    assert "alice" not in box.text()
    assert "A mail is on its way to me@example.org" in words(client.get("/tracked"))
    path = link_in(box.text())
    # A program that looks into mails follows links; that confirms nothing.
    assert client.get(path).status_code == 200
    weeks(running, 8)
    assert len(box.mails) == 1
    assert "it is" in words(running.app.test_client().post(path))
    assert "each Monday to me@example.org" in words(client.get("/tracked"))


def test_each_monday_one_mail_tells_what_the_week_brought(client: Any, running: Running, box: Box) -> None:
    confirmed(client, box)
    weeks(running, 15)
    assert len(box.mails) == 2
    assert box.mails[0]["Subject"] != box.mails[1]["Subject"]
    text = box.text()
    assert "alice.test: score " in text
    assert "http://127.0.0.1:8765/history/bluesky/alice.test" in text
    assert "ben.test" not in text


def test_a_mail_that_was_not_taken_comes_later_and_once(client: Any, running: Running, box: Box) -> None:
    confirmed(client, box)
    box.refuses = True
    weeks(running, 8)
    assert box.mails == []
    box.refuses = False
    weeks(running, 1)
    assert len(box.mails) == 1


def test_one_address_that_is_refused_keeps_no_mail_from_the_others_but_a_server_that_is_down_is_not_tried_for_each(
    client: Any, running: Running, box: Box
) -> None:
    others = []
    for number in range(3):
        other = running.app.test_client()
        other.post("/tracked", data={"account": "ben.test", "network": "bluesky"})
        ask(other, f"you{number}@example.org")
        other.post(link_in(box.text()))
        others.append(other)
    box.mails.clear()
    box.unknown = "you0@example.org"
    weeks(running, 8)
    assert sorted(mail["To"] for mail in box.mails) == ["you1@example.org", "you2@example.org"]
    box.refuses, box.unknown, box.tried = True, "", 0
    running.clock.time += 7 * DAY
    running.service.weekly_mail.send_due()
    assert box.tried == 1


def test_one_click_of_a_mail_program_ends_the_mails_and_forgets_the_address(
    client: Any, running: Running, box: Box
) -> None:
    confirmed(client, box)
    weeks(running, 8)
    mail = box.mails[-1]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = mail["List-Unsubscribe"].strip().strip("<>").removeprefix("http://127.0.0.1:8765")
    assert path == link_in(box.text(), "/end")
    assert client.get(path).status_code == 200
    assert "each Monday to" in words(client.get("/tracked"))
    answer = running.app.test_client().post(path, data={"List-Unsubscribe": "One-Click"})
    assert "The address is forgotten" in words(answer)
    for file in running.settings.data_folder.glob("rapport.db"):
        assert b"me@example.org" not in file.read_bytes()
    box.mails.clear()
    weeks(running, 8)
    assert box.mails == []
    assert client.get(path).status_code == 404


def test_a_list_that_is_deleted_or_stopped_sends_no_more(client: Any, running: Running, box: Box) -> None:
    confirmed(client, box)
    client.post("/tracked/mail/stop")
    weeks(running, 8)
    assert box.mails == []
    running.clock.time += DAY
    confirmed(client, box)
    client.post("/tracked/delete")
    weeks(running, 8)
    assert box.mails == []


@pytest.mark.parametrize(
    "address", ["", "me", "a b@c.d", "me@example.org\nBcc: you@example.org", "@x", "x" * 300 + "@y.z"]
)
def test_what_is_no_address_gets_nothing_and_stays_in_the_field(client: Any, box: Box, address: str) -> None:
    answer = ask(client, address)
    assert answer.status_code == 400
    assert "That is no e-mail address" in words(answer)
    assert box.mails == []


def test_nobody_fills_other_peoples_boxes(
    client: Any, running: Running, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(client)
    again = ask(client, "you@example.org")
    assert "try again in ten minutes" in words(again)
    client.post("/tracked/mail/stop")
    assert "try again in ten minutes" in words(ask(client, "you@example.org"))
    assert len(box.mails) == 1
    monkeypatch.setattr("server.digest.MOST_ASKED_A_DAY", 1)
    other = running.app.test_client()
    other.post("/tracked", data={"account": "ben.test", "network": "bluesky"})
    assert "Try again tomorrow" in words(ask(other))
    assert MOST_ASKED_A_DAY == 50


def test_a_mail_server_that_takes_nothing_is_said_so(client: Any, box: Box) -> None:
    box.refuses = True
    answer = ask(client)
    assert "The mail server did not take the mail" in words(answer)
    assert "on its way" not in words(client.get("/tracked"))


def test_without_a_mail_server_no_mail_is_offered(start: Any, tmp_path: Path) -> None:
    running = start(tmp_path / "other")
    running.client.post("/tracked", data={"account": "alice.test", "network": "bluesky"})
    assert soup(running.client.get("/tracked")).select_one("#mail") is None
    assert "sends no mail" in words(ask(running.client))
    assert running.service.weekly_mail.send_due() == 0


@pytest.mark.parametrize("token", ["x", "a" * 32, "%00"])
def test_an_address_nobody_asked_for_confirms_nothing(client: Any, token: str) -> None:
    for path in (f"/tracked/mail/{token}", f"/tracked/mail/{token}/end"):
        assert client.get(path).status_code == 404
    assert client.post(f"/tracked/mail/{token}").status_code == 404


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_the_pages_that_mails_lead_to_are_accessible_and_fit_a_phone(
    in_browser: InBrowser, client: Any, running: Running, box: Box, pictures: Path, scheme: str, width: int
) -> None:
    ask(client)
    path = link_in(box.text())

    def look(page: Page) -> list[Any]:
        def take(name: str) -> list[Any]:
            page.screenshot(path=str(pictures / f"mail-{name}-{scheme}-{width}.png"))
            return problems_of(page)

        page.goto(address + path)
        found = take("confirm")
        page.get_by_role("button", name="Yes, send it").click()
        page.get_by_role("heading", name="it is").wait_for()
        found += take("confirmed")
        page.goto(f"{address}{path}/end")
        found += take("end")
        page.get_by_role("button", name="End the mails").click()
        page.get_by_role("heading", name="No further mails").wait_for()
        found += take("ended")
        page.goto(address + path)
        return found + take("none")

    with served(running.app) as address:
        assert visit(in_browser, look, color_scheme=scheme, viewport={"width": width, "height": 800}) == []


def test_a_mail_server_is_read_from_its_address() -> None:
    assert read_server("smtp://a%40b:p%2Fw@mail.example") == MailServer("mail.example", 587, False, "a@b", "p/w")
    assert read_server("smtps://mail.example:1465") == MailServer("mail.example", 1465, True, "", "")
    for wrong in ("mail.example", "http://mail.example", "smtp://", "smtp://host/path", "smtp://host:x"):
        with pytest.raises(ValueError, match=r"smtp|port|Port"):
            read_server(wrong)
    assert is_address("a.b+c@mail.example.org")


def test_a_wrong_mail_setting_stops_the_start_with_a_sentence_and_without_the_password() -> None:
    for given, said in (
        ({"RAPPORT_MAIL_SERVER": "smtp://u:secret@h"}, "set together"),
        ({"RAPPORT_MAIL_FROM": "a@b.example"}, "set together"),
        ({"RAPPORT_MAIL_SERVER": "ftp://u:secret@h", "RAPPORT_MAIL_FROM": "a@b.example"}, "it is written as smtp://"),
        ({"RAPPORT_MAIL_SERVER": "smtp://h", "RAPPORT_MAIL_FROM": "nobody"}, "no e-mail address"),
    ):
        with pytest.raises(BadSetting, match=said) as raised:
            read_settings(given)
        assert "secret" not in str(raised.value)
