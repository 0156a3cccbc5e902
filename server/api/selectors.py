"""What may stand as a CSS selector in data: something to find elements by, and nothing else."""

from __future__ import annotations

import re

LONGEST = 500
_FORBIDDEN = ("{", "}", "<", ";", "@import", "url(", "/*")
_OUTSIDE_STRINGS = re.compile(r"[\w\-.#*\[\]()=~^$|:+>, \\]")
"""Letters of any script, what selectors are written with, and the backslash by which odd names are."""
_CLOSES = {"]": "[", ")": "("}
_JOINS = (",", ">", "+", "~")


def checked_selector(text: str) -> str:
    """The selector itself. Raises ValueError with what is wrong for a text that can be none."""
    if not 1 <= len(text) <= LONGEST:
        raise ValueError(f"a selector has 1 to {LONGEST} characters")
    found = next((part for part in _FORBIDDEN if part in text.lower()), None)
    if found is not None:
        raise ValueError(f"“{found}” stands in no selector")
    if any(not c.isprintable() for c in text):
        raise ValueError("a selector holds no control characters and no line breaks")
    _check_brackets(text)
    bare = text.strip()
    if not bare or bare.startswith(",") or bare.endswith(_JOINS):
        raise ValueError("it begins or ends where something is missing")
    return text


def _check_brackets(text: str) -> None:
    """Every bracket and quotation mark closed, and outside of quotation marks only what selectors are written with."""
    open_brackets: list[str] = []
    quote = ""
    for character in text:
        if quote:
            if character == "\\":
                raise ValueError("inside quotation marks a selector needs no backslash")
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif not _OUTSIDE_STRINGS.fullmatch(character):
            raise ValueError(f"“{character}” stands in no selector outside of quotation marks")
        elif character in "[(":
            open_brackets.append(character)
        elif character in _CLOSES and (not open_brackets or open_brackets.pop() != _CLOSES[character]):
            raise ValueError(f"“{character}” closes nothing")
    if quote or open_brackets:
        raise ValueError(f"“{quote or open_brackets[-1]}” is never closed")
