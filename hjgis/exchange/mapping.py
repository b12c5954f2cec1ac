"""Other people's columns to our fields: by profile, by name, or as told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Final

from hjgis.errors import UsageError
from hjgis.exchange import profiles
from hjgis.exchange.profiles import Column
from hjgis.i18n import _
from hjgis.models.assets import AssetType
from hjgis.models.pinyin import spelling

# What stands behind a name in a heading: 管径(mm), 埋深（m）.
_UNIT: Final = re.compile(r"[(（\[【][^)）\]】]*[)）\]】]\s*$")
# Two initials fit too many words.
_TELLING_INITIALS: Final = 3


def columns_for(
    asset: AssetType, names: Iterable[str], told: Mapping[str, str | Column] | None = None
) -> dict[str, Column]:
    """Return how each foreign column is taken; columns that fit nothing are left out.

    What was told goes first ("" leaves a column out), then a profile whose signature fits, the
    user's own before those that ship, then names: our own, the shapefile's, labels in both
    languages and the catalogue's list of names met in the wild.

    Parameters
    ----------
    told : mapping, optional
        Foreign column to field, or to a `Column` that also says factor and values.

    Raises
    ------
    UsageError
        If a column or field that was told does not exist.
    """
    present = list(names)
    given = {
        source: column if isinstance(column, Column) else Column(source, column)
        for source, column in (told or {}).items()
        # A profile may name columns that only some of its files have.
        if not isinstance(column, Column) or source in present
    }
    _check_told(asset, present, {source: column.field for source, column in given.items()})
    result = {source: column for source, column in given.items() if column.field}
    taken = {column.field for column in result.values()}
    profile = profiles.matching(asset.id, present)
    for column in (*(profile.columns if profile else ()), *_guessed(asset, present)):
        fits = column.source in present and asset.has(column.field)
        if fits and column.source not in {*given, *result} and column.field not in taken:
            result[column.source] = column
            taken.add(column.field)
    return result


def _check_told(asset: AssetType, present: list[str], told: Mapping[str, str]) -> None:
    for source, target in told.items():
        if source not in present:
            message = _("The source has no column {column}. It has: {columns}.")
            raise UsageError(message.format(column=source, columns=", ".join(present)))
        if target and not asset.has(target):
            message = _("{layer} has no field {field}. It has: {fields}.")
            fields = ", ".join(asset.field_names)
            raise UsageError(message.format(layer=asset.id, field=target, fields=fields))
    targets = [target for target in told.values() if target]
    for target in targets:
        if targets.count(target) > 1:
            raise UsageError(_("Two columns are told to become {field}.").format(field=target))


def _guessed(asset: AssetType, present: list[str]) -> list[Column]:
    """Return the columns whose names are known, then those that sound like a Chinese name."""
    targets: dict[str, str] = {}
    for name, field in _names(asset):
        targets.setdefault(_folded(name), field)
    found: dict[str, str] = {}
    for name in present:
        for key in (_folded(name), _folded(_UNIT.sub("", name))):
            if key in targets:
                found.setdefault(name, targets[key])
    latin = [name for name in present if name not in found and _folded(name).isascii()]
    if latin:
        # Last, as a word in Latin letters may be English too.
        sounds: dict[str, str] = {}
        for name, field in _names(asset):
            for sound in _sounds(name):
                sounds.setdefault(sound, field)
        found |= {name: sounds[key] for name in latin if (key := _folded(name)) in sounds}
    return [Column(name, field) for name, field in found.items()]


def _names(asset: AssetType) -> Iterator[tuple[str, str]]:
    for entry in asset.fields:
        for name in (entry.name, entry.short, *entry.label.values(), *entry.sources):
            yield name, entry.name


@lru_cache(maxsize=4096)
def _sounds(name: str) -> tuple[str, ...]:
    """Return a Chinese name in pinyin, whole and as initials where those tell enough."""
    if name.isascii():
        return ()
    spelled = spelling(name)
    return (spelled.whole, spelled.initials)[: 1 + (len(spelled.initials) >= _TELLING_INITIALS)]


def _folded(name: str) -> str:
    return "".join(sign for sign in name.casefold() if sign.isalnum())
