"""In which languages an account writes, as its posts are marked: by their author, the program that they were written with, or the network."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from server.activity import Activity, PostKind

FEWEST_MARKED = 10
"""With fewer marked posts no language is told."""
LEAST_MARKED = 0.5
"""Nor when a smaller share of its own posts is marked."""
LEAST_SHARE = 0.2
"""A language in a smaller share of the marked posts is not named."""
MOSTLY = 0.8

NAMES = {
    "af": "Afrikaans", "ar": "Arabic", "bg": "Bulgarian", "bn": "Bengali", "br": "Breton", "ca": "Catalan", "cs": "Czech", "cy": "Welsh",
    "da": "Danish", "de": "German", "el": "Greek", "en": "English", "eo": "Esperanto", "es": "Spanish", "et": "Estonian", "eu": "Basque",
    "fa": "Persian", "fi": "Finnish", "fr": "French", "ga": "Irish", "gd": "Scottish Gaelic", "gl": "Galician", "he": "Hebrew",
    "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian", "hy": "Armenian", "id": "Indonesian", "is": "Icelandic", "it": "Italian",
    "ja": "Japanese", "ka": "Georgian", "kk": "Kazakh", "ko": "Korean", "la": "Latin", "lt": "Lithuanian", "lv": "Latvian",
    "mk": "Macedonian", "ml": "Malayalam", "ms": "Malay", "nb": "Norwegian", "nl": "Dutch", "nn": "Norwegian (Nynorsk)",
    "no": "Norwegian", "oc": "Occitan", "pa": "Punjabi", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian",
    "sk": "Slovak", "sl": "Slovene", "sq": "Albanian", "sr": "Serbian", "sv": "Swedish", "sw": "Swahili", "ta": "Tamil",
    "te": "Telugu", "th": "Thai", "tl": "Tagalog", "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese",
    "yi": "Yiddish", "zh": "Chinese",
}  # fmt: skip
"""English names of languages (ISO 639-1); another one is called by its mark."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A language by its mark, and its share of the marked posts."""

    language: str
    share: float

    @property
    def name(self) -> str:
        """In English."""
        return NAMES.get(self.language, self.language)


def languages_of(activity: Activity) -> tuple[Spoken, ...]:
    """The languages of an account's own posts, the most used first; empty when too few are marked."""
    posts = activity.posts
    own = [
        language
        for language, kind, in_timeline in zip(
            posts.language, posts.kind.tolist(), posts.timeline.tolist(), strict=True
        )
        if in_timeline and kind != PostKind.REPOST
    ]
    used = Counter(own)
    marked = len(own) - used.pop("", 0)
    if marked < FEWEST_MARKED or marked < LEAST_MARKED * len(own):
        return ()
    often = [Spoken(language, number / marked) for language, number in used.items() if number >= LEAST_SHARE * marked]
    return tuple(sorted(often, key=lambda spoken: (-spoken.share, spoken.language)))


def in_words(spoken: tuple[Spoken, ...]) -> str:
    """``mostly in German``, ``in English and Spanish``; empty for none."""
    if not spoken:
        return ""
    first = spoken[0]
    if first.share >= MOSTLY:
        return f"mostly in {first.name}"
    if len(spoken) == 1:
        return f"more in {first.name} than in any other language"
    return f"in {', '.join(one.name for one in spoken[:-1])} and {spoken[-1].name}"
