"""Profiles: how one surveyor's or one program's columns become ours, kept for the next time.

A profile is a TOML file: one table a kind, with the columns that mark such files (`signature`)
and what each becomes. Those that ship lie in ``resources/mappings``, the user's own in the folder
of the settings; ``--mapping FILE`` names one for a single import.
"""

from __future__ import annotations

import dataclasses
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from hjgis import paths
from hjgis.errors import DictionaryError, HjgisError, InputError
from hjgis.exchange.foreign import unreadable
from hjgis.i18n import _, label, reason
from hjgis.models.catalogue_files import read_toml

_FOLDER: Final = "mappings"
_NOT_IN_FILE_NAMES: Final = re.compile(r"[^\w-]+")


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


@dataclass(frozen=True, slots=True)
class Profile:
    """How the columns of one sort of file become the fields of one kind.

    Attributes
    ----------
    asset : str
        The kind that the records become.
    signature : tuple of str
        Columns that a file must have for the profile to be used by itself; empty: never.
    own : bool
        Made by the user, not shipped.
    """

    name: str
    asset: str
    columns: tuple[Column, ...]
    signature: tuple[str, ...] = ()
    own: bool = True

    @property
    def told(self) -> dict[str, Column]:
        """The columns by their name in the file, as `mapping.columns_for` takes them."""
        return {column.source: column for column in self.columns}


def own_folder() -> Path:
    """Return where the user's own profiles are."""
    return paths.config_file().parent / _FOLDER


def load_all() -> tuple[Profile, ...]:
    """Return all profiles, the user's own first; one of those that is damaged is left out."""
    return (*_own(), *_shipped())


def matching(asset: str, columns: Iterable[str]) -> Profile | None:
    """Return the profile of a kind whose signature a file with these columns has."""
    present = set(columns)
    fitting = (
        profile
        for profile in load_all()
        if profile.asset == asset and profile.signature and present.issuperset(profile.signature)
    )
    # The more columns must be there, the surer it is.
    return max(fitting, key=lambda p: (p.own, len(p.signature)), default=None)


def save(profile: Profile) -> Path:
    """Keep a profile among the user's own; one of the same name and kind is replaced.

    Raises
    ------
    InputError
        If the name holds no letter or digit, or the folder cannot be written.
    """
    stem = _NOT_IN_FILE_NAMES.sub("_", profile.name).strip("_")
    if not stem:
        raise InputError(_("A profile needs a name."))
    path = own_folder() / f"{stem}-{profile.asset}.toml"
    draft = path.with_suffix(".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text("\n".join(_lines(profile)) + "\n", "utf-8")
        draft.replace(path)
    except OSError as error:
        raise InputError(_("{path}: {error}").format(path=path, error=reason(error))) from error
    return path


def read_mapping(path: Path, asset: str | None) -> dict[str, str | Column]:
    """Read what ``--mapping`` names: a profile, or ``SOURCE = "field"`` lines.

    Parameters
    ----------
    asset : str or None
        The kind whose part of a profile is wanted.

    Raises
    ------
    InputError
        If it cannot be read, or has no part for the kind.
    """
    try:
        raw = tomllib.loads(path.read_text("utf-8-sig"))
        found = {profile.asset: profile for profile in _read(path, raw, own=True)}
    except OSError as error:
        raise unreadable(path, error) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, DictionaryError) as error:
        raise InputError(_("{path}: {error}").format(path=path, error=reason(error))) from error
    if found:
        if asset not in found:
            message = _("{path} has nothing for {asset}; it has {names}.")
            raise InputError(message.format(path=path, asset=asset, names=", ".join(found)))
        return dict(found[asset].told)
    table = raw.get("map", raw)
    if not isinstance(table, dict) or not all(isinstance(value, str) for value in table.values()):
        raise InputError(_('{path}: each line must be SOURCE = "field"').format(path=path))
    return dict(table)


def _own() -> Iterator[Profile]:
    for path in sorted(own_folder().glob("*.toml")):
        try:
            yield from _read(path, read_toml(path), own=True)
        except HjgisError:
            # A damaged file of the user's must not stand in the way of every import.
            continue


def _shipped() -> Iterator[Profile]:
    for path in sorted((paths.resources() / _FOLDER).glob("*.toml")):
        yield from _read(path, read_toml(path), own=False)


def _read(path: Path, raw: Mapping[str, Any], *, own: bool) -> Iterator[Profile]:
    words = raw.get("label")
    name = label(words) if isinstance(words, dict) else str(raw.get("name", path.stem))
    for asset, part in raw.items():
        if isinstance(part, dict) and "columns" in part:
            entries = cast("list[dict[str, Any]]", part["columns"])
            columns = tuple(_column(path, entry) for entry in entries)
            yield Profile(name, asset, columns, tuple(part.get("signature", ())), own)


def _column(path: Path, raw: Mapping[str, Any]) -> Column:
    try:
        return Column(**{**raw, "missing": tuple(raw.get("missing", ()))})
    except TypeError as error:
        raise DictionaryError(f"{path.name}: {error}") from error


def _lines(profile: Profile) -> Iterator[str]:
    # JSON strings, numbers and arrays are valid TOML values.
    yield f"name = {_json(profile.name)}"
    yield ""
    yield f"[{profile.asset}]"
    yield f"signature = {_json(list(profile.signature))}"
    yield "columns = ["
    for column in profile.columns:
        parts = [f"source = {_json(column.source)}", f"field = {_json(column.field)}"]
        if column.factor != 1.0:
            parts.append(f"factor = {_json(column.factor)}")
        if column.missing:
            parts.append(f"missing = {_json(list(column.missing))}")
        if column.values:
            pairs = ", ".join(f"{_json(k)} = {_json(v)}" for k, v in column.values.items())
            parts.append(f"values = {{ {pairs} }}")
        yield f"    {{ {', '.join(parts)} }},"
    yield "]"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
