"""Other people's columns to our fields: by profile, by name, or as told."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hjgis import paths
from hjgis.errors import DictionaryError, InputError, UsageError
from hjgis.i18n import _
from hjgis.models.assets import AssetType, read_toml


@dataclass(frozen=True, slots=True)
class Column:
    """How one foreign column becomes a field.

    Attributes
    ----------
    factor : float
        Multiplies numbers, e.g. 25.4 for inches to millimetres.
    missing : tuple
        Values that mean "not known".
    values : mapping
        Foreign value to ours, before codes are looked up.
    """

    source: str
    field: str
    factor: float = 1.0
    missing: tuple[object, ...] = ()
    values: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def is_missing(self, value: object) -> bool:
        """Whether a value is one that means "not known"; ``"0.0"`` of a text column is 0."""
        if value in self.missing:
            return True
        try:
            return isinstance(value, str) and float(value) in self.missing
        except ValueError:
            return False


def read_mapping(path: Path) -> dict[str, str]:
    """Read a file of ``SOURCE = "field"`` lines (TOML), optionally under ``[map]``.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(_("{path}: {error}").format(path=path, error=error)) from error
    table = raw.get("map", raw)
    if not isinstance(table, dict) or not all(isinstance(value, str) for value in table.values()):
        raise InputError(_('{path}: each line must be SOURCE = "field"').format(path=path))
    return dict(table)


def columns_for(
    asset: AssetType, names: Iterable[str], told: Mapping[str, str] | None = None
) -> dict[str, Column]:
    """Return how each foreign column is taken; columns that fit nothing are left out.

    What was told goes first ("" leaves a column out), then a profile whose signature fits, then
    names: our own, the shapefile's, labels in both languages and the catalogue's list of names
    met in the wild.

    Raises
    ------
    UsageError
        If a column or field that was told does not exist.
    """
    present = list(names)
    told = told or {}
    _check_told(asset, present, told)
    result = {source: Column(source, target) for source, target in told.items() if target}
    taken = {column.field for column in result.values()}
    for column in (*_profile(asset, present), *_guessed(asset, present)):
        if column.source not in {*told, *result} and column.field not in taken:
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


def _profile(asset: AssetType, present: list[str]) -> list[Column]:
    for path in sorted((paths.resources() / "mappings").glob("*.toml")):
        part: Any = read_toml(path).get(asset.id)
        if part and set(part["signature"]) <= set(present):
            columns = [_column(path, entry) for entry in part["columns"]]
            return [column for column in columns if column.source in present]
    return []


def _column(path: Path, raw: dict[str, Any]) -> Column:
    try:
        return Column(**{**raw, "missing": tuple(raw.get("missing", ()))})
    except TypeError as error:
        raise DictionaryError(f"{path.name}: {error}") from error


def _guessed(asset: AssetType, present: list[str]) -> list[Column]:
    targets: dict[str, str] = {}
    for entry in asset.fields:
        for name in (entry.name, entry.short, *entry.label.values(), *entry.sources):
            targets.setdefault(_folded(name), entry.name)
    return [Column(name, targets[_folded(name)]) for name in present if _folded(name) in targets]


def _folded(name: str) -> str:
    return "".join(sign for sign in name.casefold() if sign.isalnum())
