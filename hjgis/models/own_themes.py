"""Themes that the people of a project made themselves, and finding a theme by name."""

from __future__ import annotations

from collections.abc import Iterable

from hjgis.errors import UsageError
from hjgis.i18n import _
from hjgis.models.facts import read_entries
from hjgis.models.themes import Theme, theme, theme_ids, theme_of


def read_themes(text: str | None) -> tuple[Theme, ...]:
    """Read what a project keeps under `themes.FACT`; what cannot be read is left out and logged."""
    return tuple(read_entries(text, theme_of, "themes"))


def theme_named(name: str, own: Iterable[Theme] = ()) -> Theme:
    """Return a theme by its id or by what people call it, in either language.

    Parameters
    ----------
    own : iterable of Theme
        Those of the project, which go before ready-made ones of the same name.

    Raises
    ------
    UsageError
        If there is none of this name; names those there are.
    """
    known = [*own, *map(theme, theme_ids())]
    wanted = name.strip().casefold()
    for entry in known:
        if wanted in (entry.id.casefold(), *(words.casefold() for words in entry.label.values())):
            return entry
    message = _("There is no theme {name}. Known: {known}")
    raise UsageError(message.format(name=name, known=", ".join(entry.id for entry in known)))
