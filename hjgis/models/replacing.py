"""Find and replace in texts as people see them; pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from hjgis.errors import EditRefused
from hjgis.i18n import _

# One cell; a pattern that takes longer would take for ever.
_LONGEST_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class Search:
    r"""What is looked for and what it becomes.

    Attributes
    ----------
    whole : bool
        Only cells that are it, and nothing else.
    case : bool
        Whether capital and small letters differ.
    pattern : bool
        Whether `find` is a regular expression; `put` may then hold ``\1``.
    """

    find: str
    put: str
    whole: bool = False
    case: bool = False
    pattern: bool = False


def replacer(search: Search) -> Callable[[str], str | None]:
    """Return a function that gives a text with all found replaced; None where nothing is found.

    An empty `find` with `whole` finds empty cells.

    Raises
    ------
    EditRefused
        If the pattern is none, or `put` does not fit it; also from the function, if the pattern
        does not come to an end.
    """
    if not search.find and not search.whole:
        raise EditRefused(_("Write what is to be found."))
    found = _compiled(search)

    def replaced(text: str) -> str | None:
        try:
            return found(text)
        except TimeoutError:
            message = _(
                "The pattern {pattern} does not come to an end; write it more simply."
                " Nothing was changed."
            )
            raise EditRefused(message.format(pattern=search.find)) from None

    return replaced


def _compiled(search: Search) -> Callable[[str], str | None]:
    import regex

    flags = regex.V0 if search.case else regex.V0 | regex.IGNORECASE
    written = search.find if search.pattern else regex.escape(search.find, special_only=True)
    try:
        pattern: Any = regex.compile(written, flags)
        template = search.put if search.pattern else search.put.replace("\\", "\\\\")
        # Does it fit? Groups that are not there are told now and not in the middle of it.
        regex.sub(f"(?:{written})|", template, "", flags=flags, timeout=_LONGEST_S)
    except (regex.error, IndexError) as error:
        message = _("This is no pattern that can be searched with: {error}")
        raise EditRefused(message.format(error=error)) from None
    except TimeoutError:
        raise EditRefused(_("The pattern does not come to an end; write it more simply.")) from None

    def replaced(text: str) -> str | None:
        if search.whole:
            match = pattern.fullmatch(text, timeout=_LONGEST_S)
            return None if match is None else str(match.expand(template))
        new, count = pattern.subn(template, text, timeout=_LONGEST_S)
        return str(new) if count else None

    return replaced
