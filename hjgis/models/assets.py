"""What the layers hold: asset types, their fields and code lists."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Literal

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
    suggests_code: str | None = None

    def applies(self, values: Mapping[str, Value]) -> bool:
        """Whether the field has a meaning in a feature with these values."""
        return self.when is None or self.when.holds(values)


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
    flow : tuple of (str, str) or None
        The field that says which way a line flows, and what it says of one that flows to its last
        vertex.
    gravity : str or None
        The field that says whether it flows by its levels; where that has no meaning it does not.
    """

    ends_on: tuple[str, ...] = ()
    number: str | None = None
    numbers: tuple[tuple[str, str], ...] = ()
    levels: tuple[tuple[str, str], ...] = ()
    shared: tuple[str, ...] = ()
    flow: tuple[str, str] | None = None
    gravity: str | None = None

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
    optional : bool
        Whether a project has the layer only once somebody wants it.
    look : str
        A style of its own, as `models.styles.stylefile.look_of` writes it; empty: that of `style`.
    snapped : bool
        Whether drawing is drawn to it, unless somebody chooses otherwise.
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
    optional: bool = False
    # Not of the catalogue, whose digest must not know it.
    look: str = field(default="", repr=False)
    snapped: bool = field(default=True, repr=False)

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


@dataclass(frozen=True)
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

    @cached_property
    def digest(self) -> str:
        """What changes with any field, label or code; worked out once, as it takes its time."""
        parts = (dict(self.types), dict(self.code_lists), dict(self.groups))
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    @property
    def assets(self) -> tuple[AssetType, ...]:
        """The asset kinds, without reference layers and records."""
        return tuple(entry for entry in self.types.values() if entry.kind == "asset")


def _folded(word: str) -> str:
    return word.strip().casefold()


def _codes_of(entry: Code) -> Iterable[str]:
    return (entry.code,)


def _labels_of(entry: Code) -> Iterable[str]:
    return entry.label.values()


def _aliases_of(entry: Code) -> Iterable[str]:
    return entry.aliases
