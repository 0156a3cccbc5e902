"""What the capture on X would send: the words and marks of public posts, nothing of the person who looks."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.extension.conftest import Shown

FIXTURES = Path(__file__).parent / "fixtures" / "x"
Show = Callable[[str], Shown]
CLEAN = "(viewer) => probe.clean(document.querySelector('article'), viewer)"
PUBLIC = "() => probe.isPublic(document.querySelector('article'))"
POST = """<article data-testid="tweet" tabindex="0" aria-labelledby="id__viewer" class="css-1">
<div><a href="/{by}"><span data-testid="socialContext">{by} reposted</span></a></div>
<div data-testid="User-Name"><a href="/alice" role="link"><span>Alice</span></a>
<a href="/alice/status/19?s=20" role="link"><time datetime="2026-11-22T12:00:00.000Z">2h</time></a></div>
<div data-testid="tweetText" lang="en" dir="auto">good morning <a href="https://t.example/x" onclick="steal()">link</a></div>
<div role="group"><button data-testid="unlike" aria-label="8 Likes. Liked"><span>8</span></button>
<button data-testid="retweet"><span>3</span></button></div>
<img src="https://pictures.example/p.jpg" alt="words of the picture"><svg><path d="M0 0"></path></svg><script>secret()</script><style>p{{}}</style>
<form><input value="a draft"><textarea>another draft</textarea></form><div contenteditable="true">a third draft</div>
<a href="javascript:alert(1)">odd</a>{more}</article>"""


def cleaned(show: Show, by: str = "ben", more: str = "", viewer: str = "/me_myself") -> str:
    return show(POST.format(by=by, more=more)).evaluate(CLEAN, viewer)


def test_the_words_names_times_and_counts_stay(show: Show) -> None:
    html = cleaned(show)
    read_by_the_service = [
        'href="/alice"',
        'href="/alice/status/19"',
        'datetime="2026-11-22T12:00:00.000Z"',
        'lang="en"',
    ]
    for part in [*read_by_the_service, 'data-testid="tweetText"', "good morning", ">8<", ">3<", "ben reposted"]:
        assert part in html, part


NOT_NEEDED = [
    "aria-label",
    "Liked",
    "unlike",
    "class=",
    "tabindex",
    "onclick",
    "javascript:",
    "draft",
    "secret()",
    "<style",
    "<img",
    "<svg",
]


@pytest.mark.parametrize("part", [*NOT_NEEDED, "pictures.example", "words of the picture", "s=20"])
def test_what_is_not_needed_or_tells_of_the_viewer_goes(show: Show, part: str) -> None:
    assert part not in cleaned(show)


def test_a_repost_by_the_viewer_is_not_told(show: Show) -> None:
    html = cleaned(show, by="me_myself")
    assert "reposted" not in html
    assert "good morning" in html


def test_the_post_on_the_page_stays_as_it_was(show: Show) -> None:
    page = show(POST.format(by="ben", more=""))
    before = page.evaluate("document.body.outerHTML")
    page.evaluate(CLEAN, "/me_myself")
    assert page.evaluate("document.body.outerHTML") == before


def test_a_post_of_a_protected_account_is_never_taken(show: Show) -> None:
    assert show(POST.format(by="ben", more="")).evaluate(PUBLIC)
    assert not show(POST.format(by="ben", more='<div role="link"><svg data-testid="icon-lock"></svg></div>')).evaluate(
        PUBLIC
    )


def test_of_a_profile_header_only_its_public_parts_are_taken(show: Show) -> None:
    page = show("""<main><div data-testid="UserName"><span>Alice</span><span>@alice</span>
      <div data-testid="userFollowIndicator">Follows you</div></div><div data-testid="UserDescription">I write.</div>
      <div data-testid="UserProfileHeader_Items"><span data-testid="UserJoinDate">Joined May 2009</span></div>
      <a href="/alice/following"><span>12</span></a><a href="/alice/verified_followers"><span>90</span></a>
      <a href="/alice/followers_you_follow">Followed by Ben, a friend of yours</a><div>Not followed by anyone you follow</div></main>""")
    html = page.evaluate("probe.cleanHeader(document.querySelector('main'))")
    for part in ("@alice", "I write.", "Joined May 2009", "/alice/following", "/alice/verified_followers", ">90<"):
        assert part in html, part
    for part in ("Follows you", "friend of yours", "anyone you follow"):
        assert part not in html, part
    assert html.count("Joined May 2009") == 1
