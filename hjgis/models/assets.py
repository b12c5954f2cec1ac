"""What the layers hold: asset types, their fields and code lists, read from ``resources/``."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal, cast

from hjgis import paths
from hjgis.errors import DictionaryError
from hjgis.i18n import label

FieldType = Literal["text", "integer", "number", "boolean", "date", "datetime", "code"]
GeometryType = Literal["Point", "LineString", "Polygon", "MultiLineString", "MultiPolygon", "None"]
Value = str | int | float | bool | None
Label = Mapping[str, str]

FIELD_TYPES: Final = ("text", "integer", "number", "boolean", "date", "datetime", "code")
# Of kinds of assets, all of which have a place; tables without geometry are records or references.
GEOMETRY_TYPES: Final = ("Point", "LineString", "Polygon", "MultiLineString", "MultiPolygon")
KINDS: Final = ("asset", "reference", "record")
# What every record says: the layer and the uuid of the asset that it belongs to.
RECORD_OF: Final = ("asset_layer", "asset_uuid")
_SECRECY: Final = ("public", "internal", "secret")


@dataclass(frozen=True, slots=True)
class Code:
    """One entry of a code list; `code` is the value that is stored.

    A `hidden` one is shown where it is stored, but not offered: a project took it off its list.

    Attributes
    ----------
    of : tuple of str
        Codes of the field that it belongs under (`Field.codes_by`), the usual one first; empty:
        any.
    """

    code: str
    label: Label
    class_17: str | None = None
    class_16: str | None = None
    aliases: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    extra: Mapping[str, object] = field(default_factory=dict)
    hidden: bool = False


@dataclass(frozen=True)
class CodeList:
    """The values that a coded field may hold.

    An `open` list accepts other values too (units come and go).
    """

    id: str
    label: Label
    codes: tuple[Code, ...]
    basis: str
    confidence: str
    open: bool = False

    @cached_property
    def _by_code(self) -> Mapping[str, Code]:
        return {entry.code: entry for entry in self.codes}

    @cached_property
    def _by_word(self) -> Mapping[str, str]:
        words: dict[str, str] = {}
        hidden = [entry for entry in self.codes if entry.hidden]
        # A code beats another entry's label, that its alias, and what is offered what is not.
        for entries in (self.offered, hidden):
            for names in (_codes_of, _labels_of, _aliases_of):
                for entry in entries:
                    for word in names(entry):
                        words.setdefault(_folded(word), entry.code)
        return words

    @property
    def offered(self) -> tuple[Code, ...]:
        """The entries to choose from."""
        return tuple(entry for entry in self.codes if not entry.hidden)

    def get(self, code: object) -> Code | None:
        """Return the entry stored as `code`, or None."""
        return self._by_code.get(code) if isinstance(code, str) else None

    def label_of(self, code: str) -> str:
        """Return the code's name in the language in use; the code itself if it is not listed."""
        entry = self.get(code)
        return label(entry.label) if entry else code

    def parse(self, text: str) -> str | None:
        """Return the code that `text` means: a code, a label or an alias; None if unknown."""
        return self._by_word.get(_folded(text))


@dataclass(frozen=True, slots=True)
class When:
    """Where a field has a meaning: another field holds one of some values, or none of them."""

    field: str
    values: tuple[Value, ...]
    negated: bool = False

    def holds(self, values: Mapping[str, Value]) -> bool:
        """Whether it does in a feature with these values."""
        return (values.get(self.field) in self.values) != self.negated


@dataclass(frozen=True, slots=True)
class Field:
    """One attribute of an asset type.

    Attributes
    ----------
    short : str
        Shapefile name: ASCII, at most 10 bytes, unique in its type.
    range : tuple of float or None
        Lowest and highest plausible value, either may be None, in `unit`.
    confidence : str
        How sure the source is: N, S, T, M-H, M-M, M-L or P.
    unique : bool
        Whether it tells a feature from all others, so that a copy must not have it.
    computed : str or None
        What the program can work out for it: a name of `edits.derived.COMPUTATIONS`.
    when : When or None
        Where it has a meaning; elsewhere it is neither shown nor required.
    codes_by : str or None
        The coded field that narrows down its codes.
    suggests : str or None
        The code list whose names a text field usually holds; renaming one offers to follow.
    suggests_code : str or None
        The field beside it that holds the social credit code of who is named.
    """

    name: str
    type: FieldType
    label: Label
    short: str
    group: str
    unit: str | None = None
    range: tuple[float | None, float | None] | None = None
    codes: str | None = None
    required: bool = False
    max_length: int | None = None
    default: Value = None
    hint: Label | None = None
    basis: str = ""
    confidence: str = ""
    was: str | None = None
    sources: tuple[str, ...] = ()
    unique: bool = False
    computed: str | None = None
    when: When | None = None
    codes_by: str | None = None
    suggests: str | None = None

    def applies(self, values: Mapping[str, Value]) -> bool:
        """Whether the field has a meaning in a feature with these values."""
        return self.when is None or self.when.holds(values)

    suggests_code: str | None = None


@dataclass(frozen=True, slots=True)
class Component:
    """How the component class of a feature is found: fixed, or by the code in a field."""

    class_17: str | None = None
    class_16: str | None = None
    codes_field: str | None = None


@dataclass(frozen=True, slots=True)
class Topology:
    """How a network hangs together, and how a line shares out what it knows when it is divided.

    Attributes
    ----------
    ends_on : tuple of str
        Layers of the nodes that a line of this type ends on.
    number : str or None
        The field that numbers a node.
    numbers : tuple of (str, str)
        Fields that repeat the number of the node at the first and at the last vertex.
    levels : tuple of (str, str)
        Fields for the first and for the last vertex; between them it is interpolated.
    shared : tuple of str
        Fields whose values add up to that of the whole line.
    """

    ends_on: tuple[str, ...] = ()
    number: str | None = None
    numbers: tuple[tuple[str, str], ...] = ()
    levels: tuple[tuple[str, str], ...] = ()
    shared: tuple[str, ...] = ()

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """All fields that say the same of the first and of the last vertex."""
        links = (("from_node", "to_node"),) if self.ends_on else ()
        return (*links, *self.numbers, *self.levels)


@dataclass(frozen=True)
class AssetType:
    """What the features of one layer are (a feature type in the sense of ISO 19109).

    Attributes
    ----------
    kind : str
        An ``asset`` has a place and somebody who answers for it; a ``reference`` lies beside it;
        a ``record`` has no place, it belongs to an asset (an inspection, a photo).
    """

    id: str
    kind: Literal["asset", "reference", "record"]
    geometry: GeometryType
    label: Label
    fields: tuple[Field, ...]
    style: str = ""
    secrecy: str = "public"
    order: int = 0
    z: Literal["none", "optional"] = "none"
    display: str | None = None
    class_field: str | None = None
    component: Component | None = None
    numbering: str | None = None
    topology: Topology = Topology()
    basis: str = ""
    confidence: str = ""

    @property
    def ends_on(self) -> tuple[str, ...]:
        """Layers of the nodes that a line of this type ends on."""
        return self.topology.ends_on

    @property
    def is_spatial(self) -> bool:
        """Whether its features have places; else it is a table without geometry."""
        return self.geometry != "None"

    @property
    def is_record(self) -> bool:
        """Whether each of its features belongs to an asset and none is on the map."""
        return self.kind == "record"

    @cached_property
    def _by_name(self) -> Mapping[str, Field]:
        return {entry.name: entry for entry in self.fields}

    @cached_property
    def field_names(self) -> tuple[str, ...]:
        """Names of all fields, in the catalogue's order."""
        return tuple(self._by_name)

    def field(self, name: str) -> Field:
        """Return the field called `name`.

        Raises
        ------
        KeyError
            If the type has no such field.
        """
        return self._by_name[name]

    def has(self, name: str) -> bool:
        """Whether the type has a field called `name`."""
        return name in self._by_name

    def empty_values(self) -> dict[str, Value]:
        """Return defaults for a new feature; None where there is none."""
        return {entry.name: entry.default for entry in self.fields}

    def without_identity(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """Return the values that a copy may have: those that tell features apart are left out."""
        unique = {entry.name for entry in self.fields if entry.unique}
        return {name: None if name in unique else value for name, value in values.items()}


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All asset types and code lists; `groups` maps group id to label in display order."""

    types: Mapping[str, AssetType]
    code_lists: Mapping[str, CodeList]
    groups: Mapping[str, Label]

    def type(self, asset: str) -> AssetType:
        """Return the asset type with this id.

        Raises
        ------
        KeyError
            If there is none.
        """
        return self.types[asset]

    def codes(self, list_id: str) -> CodeList:
        """Return the code list with this id."""
        return self.code_lists[list_id]

    @property
    def assets(self) -> tuple[AssetType, ...]:
        """The asset kinds, without reference layers and records."""
        return tuple(entry for entry in self.types.values() if entry.kind == "asset")


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
    """Read one code list."""
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
    """Read one asset type and the shared field groups that it includes."""
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
    lists = {key: tuple(_list(raw[key])) for key in ("ends_on", "shared") if key in raw}
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


def _folded(word: str) -> str:
    return word.strip().casefold()


def _codes_of(entry: Code) -> Iterable[str]:
    return (entry.code,)


def _labels_of(entry: Code) -> Iterable[str]:
    return entry.label.values()


def _aliases_of(entry: Code) -> Iterable[str]:
    return entry.aliases
