"""Fragments of X pages as the extension sends them, with invented names."""

from __future__ import annotations

import html


def name_block(handle: str, name: str = "", lock: bool = False, linked: bool = True) -> str:
    shown = html.escape(name or handle.capitalize())
    lock_mark = '<svg data-testid="icon-lock"></svg>' if lock else ""
    if not linked:
        return f'<div data-testid="User-Name"><span>{shown}</span>{lock_mark}<span>@{handle}</span></div>'
    return (
        f'<div data-testid="User-Name"><a href="/{handle}" role="link"><span>{shown}</span>{lock_mark}</a>'
        f'<a href="/{handle}" role="link" tabindex="-1"><span>@{handle}</span></a></div>'
    )


def tweet(
    number: int | str,
    handle: str = "Alice",
    text: str = "Some words that are long enough",
    *,
    name: str = "",
    answers: str = "",
    context: str = "",
    quote: str = "",
    counts: tuple[str, str, str] = ("1", "2", "3"),
    when: str = "2026-11-20T12:00:00.000Z",
    lock: bool = False,
    more: str = "",
) -> str:
    answering = f'<div>Antwort an <a href="/{answers}" role="link"><span>@{answers}</span></a></div>' if answers else ""
    quoted = f'<div role="link" tabindex="0">{quote}</div>' if quote else ""
    buttons = "".join(
        f'<button data-testid="{button}"><span>{count}</span></button>'
        for button, count in zip(("reply", "retweet", "like"), counts, strict=True)
    )
    return (
        f'<article data-testid="tweet">{context}{name_block(handle, name, lock)}'
        f'<a href="/{handle}/status/{number}" role="link"><time datetime="{when}">1h</time></a>'
        f'{answering}<div data-testid="tweetText"><span>{text}</span></div>{quoted}{more}<div role="group">{buttons}</div></article>'
    )


def passed_on(handle: str, words: str = "reposted") -> str:
    return f'<a href="/{handle}" role="link"><span data-testid="socialContext"><span>{handle}</span> {words}</span></a>'


def header(handle: str = "Alice", name: str = "Alice", bio: str = "Tea.", lock: bool = False) -> str:
    lock_mark = '<svg data-testid="icon-lock"></svg>' if lock else ""
    return (
        f'<div><div data-testid="UserName"><span>{html.escape(name)}</span>{lock_mark}<span>@{handle}</span></div>'
        f'<div data-testid="UserDescription"><span>{bio}</span></div>'
        f'<span data-testid="UserJoinDate">Joined March 2009</span>'
        f'<a href="/{handle}/following"><span>1,204</span> Following</a>'
        f'<a href="/{handle}/verified_followers"><span>12.3K</span> Followers</a></div>'
    )
