"""Reads the catalogue from ``resources/``: a file that does not fit is named with its key."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final, cast

from hjgis import paths
from hjgis.errors import DictionaryError
from hjgis.models.assets import (
    FIELD_TYPES,
    GEOMETRY_TYPES,
    KINDS,
    RECORD_OF,
    AssetType,
    Catalogue,
    Code,
    CodeList,
    Component,
    Field,
    Label,
    Topology,
    When,
)

_SECRECY: Final = ("public", "internal", "secret")


@cache
def catalogue() -> Catalogue:
    """Return the catalogue that ships with the program."""
    return load_catalogue(paths.resources())


def load_catalogue(root: Path) -> Catalogue:
    """Read ``assets/*.toml`` and ``codes/*.toml`` under `root`.

    Raises
    ------
    DictionaryError
        If a file is not TOML, a key is missing, unknown or contradicts another file.
    """
    lists = {entry.id: entry for entry in map(load_codes, sorted((root / "codes").glob("*.toml")))}
    groups = _load_groups(root / "assets" / "common" / "groups.toml")
    files = sorted((root / "assets").glob("*.toml"))
    types = sorted((load_asset_type(path) for path in files), key=lambda entry: entry.order)
    for entry in types:
        _check_references(entry, lists, groups)
    return Catalogue(
        MappingProxyType({entry.id: entry for entry in types}),
        MappingProxyType(lists),
        MappingProxyType(groups),
    )


def load_codes(path: Path) -> CodeList:
    """Read one code list.

    Raises
    ------
    DictionaryError
        If the file is not TOML, or a key is missing, unknown or given twice.
    """
    raw = read_toml(path)
    try:
        entries = tuple(_code(entry) for entry in cast("list[dict[str, object]]", raw.pop("code")))
        result = CodeList(codes=entries, **raw)  # type: ignore[arg-type]
    except (KeyError, TypeError) as error:
        raise DictionaryError(f"{path.name}: {error}") from error
    names = [entry.code for entry in entries]
    _refuse(path, "code", {name for name in names if names.count(name) > 1}, "given twice")
    _refuse(path, "id", {result.id} - {path.stem}, "is not the file's name")
    return result


def load_asset_type(path: Path) -> AssetType:
    """Read one asset type and the shared field groups that it includes.

    Raises
    ------
    DictionaryError
        If the file is not TOML, or a key or value does not fit.
    """
    raw = read_toml(path)
    try:
        shared = [path.parent / "common" / f"{name}.toml" for name in _list(raw.pop("include", []))]
        own = _fields(path, raw.pop("field", []), raw)
        included = [entry for file in shared for entry in _shared_fields(file)]
        taken = {entry.name for entry in own}
        component = raw.pop("component", None)
        result = AssetType(
            # A kind may sharpen a shared field by giving one of the same name.
            fields=(*(entry for entry in included if entry.name not in taken), *own),
            component=Component(**component) if isinstance(component, dict) else None,
            numbering=cast("str | None", _sub(raw, "numbering", "pattern")),
            topology=_topology(raw.pop("topology", {})),
            **raw,  # type: ignore[arg-type]
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DictionaryError(f"{path.name}: {error}") from error
    _check_type(path, result)
    return result


def read_toml(path: Path) -> dict[str, object]:
    """Read a TOML file of ours.

    Raises
    ------
    DictionaryError
        If the file is missing or is not TOML; names the file.
    """
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DictionaryError(f"{path.name}: {error}") from error


def _sub(raw: dict[str, object], table: str, key: str) -> object:
    inner = raw.pop(table, None)
    if inner is None:
        return None
    if not isinstance(inner, dict) or set(inner) != {key}:
        raise ValueError(f"[{table}] must hold just {key!r}")
    return inner[key]


def _list(value: object) -> list[str]:
    if not isinstance(value, list):
        raise TypeError(f"a list is needed, not {value!r}")
    return [str(entry) for entry in value]


def _topology(raw: object) -> Topology:
    if not isinstance(raw, dict):
        raise TypeError(f"a table is needed, not {raw!r}")
    lists = {key: tuple(_list(raw[key])) for key in ("ends_on", "shared", "flow") if key in raw}
    pairs = {
        key: tuple((str(start), str(end)) for start, end in raw[key])
        for key in ("numbers", "levels")
        if key in raw
    }
    return Topology(**{**raw, **lists, **pairs})


def _code(raw: dict[str, object]) -> Code:
    known, lists = ("code", "label", "class_17", "class_16"), ("aliases", "of")
    extra = {key: value for key, value in raw.items() if key not in (*known, *lists)}
    given = {key: raw[key] for key in known if key in raw}
    more = {key: tuple(_list(raw.get(key, []))) for key in lists}
    return Code(extra=extra, **given, **more)  # type: ignore[arg-type]


def _when(raw: object) -> When:
    known = isinstance(raw, dict) and {*raw} in ({"field", "in"}, {"field", "not_in"})
    if not isinstance(raw, dict) or not known:
        raise ValueError("when takes field and one of in, not_in")
    values = raw.get("in", raw.get("not_in"))
    if not isinstance(values, list) or not values:
        raise ValueError("when needs a list of values")
    return When(str(raw["field"]), tuple(values), negated="not_in" in raw)


def _shared_fields(path: Path) -> list[Field]:
    raw = read_toml(path)
    return _fields(path, raw.get("field", []), raw)


def _fields(path: Path, entries: object, file: Mapping[str, object]) -> list[Field]:
    result = []
    for raw in cast("list[dict[str, object]]", entries):
        try:
            result.append(_field(raw, file))
        except (KeyError, TypeError, ValueError) as error:
            raise DictionaryError(f"{path.name}: {raw.get('name', '?')}: {error}") from error
    return result


def _field(raw: dict[str, object], file: Mapping[str, object]) -> Field:
    given = dict(raw)
    limits = given.pop("range", None)
    if limits is not None:
        if not isinstance(limits, dict) or not set(limits) <= {"min", "max"}:
            raise ValueError("range takes min and max")
        given["range"] = (limits.get("min"), limits.get("max"))
    if "when" in given:
        given["when"] = _when(given["when"])
    given["sources"] = tuple(_list(given.pop("sources", [])))
    for key in ("basis", "confidence"):
        given.setdefault(key, file.get(key, ""))
    result = Field(**given)  # type: ignore[arg-type]
    if result.type not in FIELD_TYPES:
        raise ValueError(f"unknown type {result.type!r}")
    if (result.type == "code") != (result.codes is not None):
        raise ValueError("codes belongs to a field of type code, and only there")
    if result.codes_by is not None and result.type != "code":
        raise ValueError("codes_by belongs to a field of type code, and only there")
    return result


def _check_type(path: Path, entry: AssetType) -> None:
    names, shorts = entry.field_names, [item.short for item in entry.fields]
    _refuse(path, "field", {name for name in names if len(names) != len(entry.fields)}, "twice")
    _refuse(path, "short", {name for name in shorts if shorts.count(name) > 1}, "given twice")
    bad = {name for name in shorts if not name.isascii() or not 0 < len(name) <= 10}
    _refuse(path, "short", bad, "is not 1 to 10 ASCII characters")
    _refuse(path, "id", {entry.id} - {path.stem}, "is not the file's name")
    placed = set(GEOMETRY_TYPES) if entry.kind != "record" else {"None"}
    _refuse(path, "geometry", {entry.geometry} - placed, f"is none of a {entry.kind}")
    _refuse(path, "kind", {entry.kind} - set(KINDS), "is unknown")
    of = set(RECORD_OF) if entry.kind == "record" else set()
    _refuse(path, "field", of - set(names), "is missing: a record belongs to an asset")
    _refuse(path, "secrecy", {entry.secrecy} - set(_SECRECY), "is unknown")
    beside = {item.suggests_code for item in entry.fields} - {None, *names}
    _refuse(path, "suggests_code", beside, "is no field")
    for key in ("display", "class_field"):
        _refuse(path, key, {getattr(entry, key)} - {None, *names}, "is no field")
    asked = {item.when.field for item in entry.fields if item.when}
    _refuse(path, "when", asked - set(names), "is no field")
    above = {item.codes_by for item in entry.fields} - {None}
    coded = {item.name for item in entry.fields if item.type == "code"}
    _refuse(path, "codes_by", above - coded, "is no field of type code")


def _check_references(
    entry: AssetType, lists: Mapping[str, CodeList], groups: Mapping[str, Label]
) -> None:
    path = Path(f"{entry.id}.toml")
    used = {name for item in entry.fields for name in (item.codes, item.suggests) if name}
    _refuse(path, "codes", used - set(lists), "is no code list")
    _refuse(path, "group", {item.group for item in entry.fields} - set(groups), "is no group")
    for item in entry.fields:
        parent = entry.field(item.codes_by) if item.codes_by else None
        if parent is not None:
            known = {code.code for code in lists[parent.codes or ""].codes}
            named = {name for code in lists[item.codes or ""].codes for name in code.of}
            _refuse(path, item.name, named - known, f"is no code of {parent.name}")
        asked = item.when and entry.field(item.when.field)
        if asked and asked.codes and not lists[asked.codes].open and item.when:
            known = {code.code for code in lists[asked.codes].codes}
            _refuse(path, item.name, set(item.when.values) - known, f"is no code of {asked.name}")


def _load_groups(path: Path) -> dict[str, Label]:
    raw = read_toml(path)
    try:
        entries = cast("list[dict[str, object]]", raw["group"])
        return {str(entry["id"]): cast("Label", entry["label"]) for entry in entries}
    except (KeyError, TypeError) as error:
        raise DictionaryError(f"{path.name}: {error}") from error


def _refuse(path: Path, key: str, wrong: Iterable[object], why: str) -> None:
    names = ", ".join(sorted(repr(name) for name in wrong))
    if names:
        raise DictionaryError(f"{path.name}: {key}: {names} {why}")
