"""Themes that the people of a project made themselves, and finding a theme by name."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from hjgis.errors import EditRefused, UsageError
from hjgis.i18n import _, label
from hjgis.models.changes import ChangeSet, FactChange
from hjgis.models.facts import fact_text, read_entries
from hjgis.models.own_lists import clean_name, free_name
from hjgis.models.themes import FACT, Theme, theme, theme_ids, theme_of


def read_themes(text: str | None) -> tuple[Theme, ...]:
    """Read what a project keeps under `themes.FACT`; what cannot be read is left out and logged."""
    return tuple(read_entries(text, theme_of, "themes"))


def all_themes(own: Iterable[Theme] = ()) -> tuple[Theme, ...]:
    """Return the themes that a project can be shown by: its own, then those that are ready made."""
    return (*own, *map(theme, theme_ids()))


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
    known = all_themes(own)
    wanted = name.strip().casefold()
    for entry in known:
        if wanted in (entry.id.casefold(), *(words.casefold() for words in entry.label.values())):
            return entry
    message = _("There is no theme {name}. Known: {known}")
    raise UsageError(message.format(name=name, known=", ".join(entry.id for entry in known)))


def store_themes(stored: str | None, own: Sequence[Theme]) -> ChangeSet:
    """Return the edit that makes these the themes of a project; none if they are already.

    Parameters
    ----------
    stored : str or None
        The fact `themes.FACT` as the project has it.
    """
    text = fact_text([one.to_json() for one in own]) if own else None
    facts = (FactChange(FACT, stored, text),) if text != stored else ()
    return ChangeSet(FACT, facts=facts, params={"count": len(own)})


def with_theme(own: Sequence[Theme], made: Theme) -> tuple[Theme, ...]:
    """Return the themes and one more; it takes the place of the one of its id."""
    if made.id in (one.id for one in own):
        return tuple(made if one.id == made.id else one for one in own)
    return (*own, made)


def named_theme(made: Theme, name: str, own: Sequence[Theme]) -> Theme:
    """Return a theme under a name of its own; what has an id that is taken gets another.

    Raises
    ------
    EditRefused
        If the name is none, too long, or that of another theme.
    """
    name = clean_name(name)
    others = [one for one in own if one.id != made.id]
    taken = {label(one.label).casefold() for one in all_themes(others)}
    if name.casefold() in taken:
        raise EditRefused(_("{name} is in the list already.").format(name=name))
    return replace(made, label=dict.fromkeys(("en", "zh_CN"), name))


def copied_theme(made: Theme, own: Sequence[Theme]) -> Theme:
    """Return a theme as one of the project: with an id and a name that nothing has."""
    everything = all_themes(own)
    ids = {one.id for one in everything}
    number = next(n for n in range(1, len(ids) + 2) if f"own-{n}" not in ids)
    name = free_name(label(made.label), (label(one.label) for one in everything))
    return replace(made, id=f"own-{number}", label=dict.fromkeys(("en", "zh_CN"), name))


def theme_text(made: Theme) -> str:
    """Return a theme as a TOML file, which `themes.theme_of` reads."""
    raw = made.to_json()
    lines = _lines({key: raw[key] for key in ("id", "label", "layers", "subject", "basis")})
    for entry in raw["portrayal"]:
        lines += ["", "[[portrayal]]", *_lines(entry)]
    if raw["summary"]:
        lines += ["", "[summary]", *_lines(raw["summary"])]
    return "\n".join(lines) + "\n"


def _lines(table: Mapping[str, Any]) -> list[str]:
    return [f"{key} = {_toml(value)}" for key, value in table.items()]


def _toml(value: object) -> str:
    """Write a value; a text of JSON is one of TOML, but for one control character."""
    if isinstance(value, Mapping):
        inner = (f"{_toml(str(key))} = {_toml(one)}" for key, one in value.items())
        return "{ " + ", ".join(inner) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
