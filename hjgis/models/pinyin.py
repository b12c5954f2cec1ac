"""Chinese words as they are typed in Latin letters: spelled out, or by initials."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, lru_cache
from threading import Thread


@dataclass(frozen=True, slots=True)
class Spelling:
    """A text in small Latin letters; what is neither letter nor digit is left out.

    Attributes
    ----------
    whole : str
        污水井 is ``wushuijing``.
    initials : str
        污水井 is ``wsj``; letters and digits of other scripts stay as they are.
    syllables : tuple of str
        污水井 is ``wu``, ``shui``, ``jing``; what stands between Chinese signs is one.
    """

    whole: str
    initials: str
    syllables: tuple[str, ...] = field(default=(), compare=False)


@lru_cache(maxsize=65_536)
def spelling(text: str) -> Spelling:
    """Return how a text is typed in pinyin without tones, heteronyms as in its words."""
    plain = "".join(sign for sign in text.casefold() if sign.isalnum())
    if plain.isascii():
        return Spelling(plain, plain, (plain,))
    # Imported here: its dictionaries take half a second.
    from pypinyin import Style, lazy_pinyin

    syllables = tuple(lazy_pinyin(plain))
    initials = "".join(lazy_pinyin(plain, style=Style.FIRST_LETTER))
    return Spelling("".join(syllables), initials, syllables)


@cache
def learn() -> None:
    """Read the dictionaries aside, before the first letter is typed: half a second of work."""
    Thread(target=spelling, args=("井",), daemon=True).start()


def is_meant(text: str, typed: str) -> bool:
    """Whether `typed` is a part of a text, or of how it is typed in pinyin.

    Initials and syllables count from any sign on: ``js`` finds 给水井.
    """
    asked = typed.casefold().strip()
    if asked in text.casefold():
        return True
    if not asked.isascii() or not asked.isalnum():
        return False
    spelled = spelling(text)
    return asked in spelled.initials or asked in spelled.whole
