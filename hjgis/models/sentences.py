"""Queries said in words: 「窨井: 井盖尺寸 大于 600 毫米 且 材质 为空」."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, cast

from hjgis import paths
from hjgis.errors import DictionaryError
from hjgis.i18n import _, label, ngettext_
from hjgis.models import catalogue_files
from hjgis.models.assets import AssetType, Catalogue, Field, Label, Value
from hjgis.models.query import (
    MEASURES,
    OPERATORS,
    RELATIONS,
    WAYS,
    WITHOUT_VALUE,
    Condition,
    Group,
    Location,
    Part,
    Query,
    operators_of,
)
from hjgis.models.validation import display

_HECTARE_M2: Final = 10_000.0
# Signs after which a value would read as something else.
_NEEDS_QUOTES: Final = frozenset(' \t()（）、，,;；"“”「」&|')
_MOST_LISTED: Final = 12


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a sentence: how it is said, and what else may be typed for it."""

    label: Label
    aliases: tuple[str, ...] = ()
    dates: Label | None = None
    sentence: Label | None = None
    unit: str | None = None

    @property
    def typed(self) -> tuple[str, ...]:
        """All that stands for it, in any language."""
        return (*self.label.values(), *(self.dates or {}).values(), *self.aliases)


@dataclass(frozen=True, slots=True)
class Words:
    """The words of ``sentences.toml`` by id."""

    joins: Mapping[str, Word]
    operators: Mapping[str, Word]
    relations: Mapping[str, Word]
    measures: Mapping[str, Word]
    units: Mapping[str, Label]
    layers: Mapping[str, tuple[str, ...]]
    filler: tuple[str, ...]


@cache
def words() -> Words:
    """Return the words that sentences are made of.

    Raises
    ------
    DictionaryError
        If the file is not TOML or does not name all operators and relations once.
    """
    path = paths.resources() / "sentences.toml"
    raw = cast("dict[str, Any]", catalogue_files.read_toml(path))
    try:
        result = Words(
            joins={key: _word(entry) for key, entry in raw["join"].items()},
            operators={entry["id"]: _word(entry) for entry in raw["operator"]},
            relations={entry["id"]: _word(entry) for entry in raw["relation"]},
            measures={key: _word(entry) for key, entry in raw["measure"].items()},
            units=raw["unit"],
            layers={key: tuple(names) for key, names in raw["layer"].items()},
            filler=tuple(raw["filler"]["words"]),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise DictionaryError(f"{path.name}: {error!r}") from error
    for found, known in (
        (result.operators, OPERATORS),
        (result.relations, RELATIONS),
        (result.measures, MEASURES),
        (result.joins, (*WAYS, "pair", "list")),
    ):
        if set(found) != set(known):
            wrong = ", ".join(sorted(set(found) ^ set(known)))
            raise DictionaryError(f"{path.name}: missing or unknown: {wrong}")
    return result


def _word(raw: Mapping[str, Any]) -> Word:
    aliases = tuple(raw.get("aliases", raw.get("before", ())))
    return Word(raw["label"], aliases, raw.get("dates"), raw.get("sentence"), raw.get("unit"))


# -- saying ------------------------------------------------------------------------------


def sentence(query: Query, types: Mapping[str, AssetType], catalogue: Catalogue) -> str:
    """Return what a query asks for, in the language in use, its layer first.

    What a sentence names that is not there stands in it as it is called in the query.
    """
    asset = types.get(query.layer)
    name = label(asset.label) if asset else query.layer
    said = _Speaker(types, catalogue).query(query)
    return f"{name}: {said}" if said else name


def phrase(
    parts: tuple[Part, ...],
    asset: AssetType,
    types: Mapping[str, AssetType],
    catalogue: Catalogue,
) -> str:
    """Return what conditions ask of features of a layer, in the language in use."""
    return _Speaker(types, catalogue).query(Query(asset.id, parts))


class _Speaker:
    def __init__(self, types: Mapping[str, AssetType], catalogue: Catalogue) -> None:
        self._types, self._catalogue = types, catalogue

    def query(self, query: Query) -> str:
        asset = self._types.get(query.layer)
        how = "any" if query.any else "all"
        return self._joined(query.conditions, how, asset, outside=True)

    def _joined(
        self, parts: tuple[Part, ...], how: str, asset: AssetType | None, *, outside: bool = False
    ) -> str:
        said = [self._part(part, asset) for part in parts]
        text = f" {label(words().joins[how].label)} ".join(said)
        return text if outside or len(said) == 1 else f"({text})"

    def _part(self, part: Part, asset: AssetType | None) -> str:
        if isinstance(part, Group):
            if part.how != "none":
                return self._joined(part.parts, part.how, asset)
            inner = self._joined(part.parts, "any", asset, outside=True)
            return f"{label(words().joins['none'].label)} ({inner})"
        if isinstance(part, Location):
            return self._location(part)
        return self._condition(part, asset)

    def _location(self, part: Location) -> str:
        word = words().relations.get(part.relation)
        template = label(word.sentence or {}) if word else f"{part.relation} {{other}}"
        return template.format(other=self._other(part.other), distance=f"{part.distance_m:g}")

    def _other(self, other: object) -> str:
        if isinstance(other, Query):
            asset = self._types.get(other.layer)
            name = label(asset.label) if asset else other.layer
            inner = self.query(other)
            return f"{name} ({inner})" if inner else name
        area = float(getattr(other, "area", 0.0)) / _HECTARE_M2
        return _("a fixed area ({area:.2f} ha)").format(area=area)

    def _condition(self, part: Condition, asset: AssetType | None) -> str:
        if part.field == "uuid":
            count = len(part.value) if isinstance(part.value, tuple) else 1
            chosen = ngettext_("{count} chosen feature", "{count} chosen features", count)
            return chosen.format(count=count)
        name = field_words(part.field, asset)
        field = asset.field(part.field) if asset and asset.has(part.field) else None
        operator = operator_words(part.operator, field.type if field else "")
        if part.operator in WITHOUT_VALUE:
            return f"{name} {operator}"
        unit = unit_words(part, field)
        value = self._value(part, field)
        return f"{name} {operator} {value}{unit and ' '}{unit}"

    def _value(self, part: Condition, field: Field | None) -> str:
        values = part.value if isinstance(part.value, tuple) else (part.value,)
        said = [self._one(value, field) for value in values]
        if part.operator == "between":
            return f" {label(words().joins['pair'].label)} ".join(said)
        more = len(said) - _MOST_LISTED
        said = said[:_MOST_LISTED] + ([f"… (+{more})"] if more > 0 else [])
        return label(words().joins["list"].label).join(said)

    def _one(self, value: Value, field: Field | None) -> str:
        if field is not None and (field.type == "code" or isinstance(value, bool)):
            text = display(field, value, self._catalogue)
        elif isinstance(value, float):
            text = f"{value:.15g}"
        else:
            text = "" if value is None else str(value)
        if text and not _NEEDS_QUOTES & set(text):
            return text
        return '"' + text.replace('"', '""') + '"'


def field_words(name: str, asset: AssetType | None) -> str:
    """Return what a field or measure is called; the name itself if it is not there."""
    if name == "*":
        return _("any text")
    if name in words().measures:
        return label(words().measures[name].label)
    return label(asset.field(name).label) if asset and asset.has(name) else name


def operator_words(operator: str, field_type: str) -> str:
    """Return what an operator is called for fields of a type."""
    word = words().operators.get(operator)
    if word is None:
        return operator
    dated = word.dates if field_type in ("date", "datetime") else None
    return label(dated or word.label)


def unit_words(part: Condition, field: Field | None) -> str:
    """Return the unit of a condition's value; nothing if it has none."""
    units = words().units
    if part.operator == "last_days":
        return label(units["d"])
    unit = field.unit if field else None
    if part.field in words().measures:
        unit = words().measures[part.field].unit
    if not unit or part.operator not in _WITH_UNIT:
        return ""
    return label(units.get(unit, {"en": unit}))


_WITH_UNIT: Final = frozenset(("=", "!=", ">", ">=", "<", "<=", "between"))


# -- what is wrong ---------------------------------------------------------------------------


def problems(query: Query, types: Mapping[str, AssetType]) -> list[str]:
    """Say why a query cannot be asked any more, or of this project; nothing if it can.

    Fields and layers come and go; the query is kept, and asks again when they are back.
    """
    asset = types.get(query.layer)
    if asset is None:
        return [_("There is no layer {name}.").format(name=query.layer)]
    return list(dict.fromkeys(_problems(query.conditions, asset, types)))


def _problems(
    parts: tuple[Part, ...], asset: AssetType, types: Mapping[str, AssetType]
) -> Iterator[str]:
    for part in parts:
        if isinstance(part, Group):
            if part.how not in WAYS:
                yield _("A group can be all, any or none, not {name}.").format(name=part.how)
            yield from _problems(part.parts, asset, types)
        elif isinstance(part, Location):
            if part.relation not in RELATIONS:
                yield _("There is no relation {name}.").format(name=part.relation)
            if not asset.is_spatial:
                yield _no_place(asset)
            if isinstance(part.other, Query):
                other = types.get(part.other.layer)
                if other is not None and not other.is_spatial:
                    yield _no_place(other)
                yield from problems(part.other, types)
        else:
            yield from _problem(part, asset)


def _problem(part: Condition, asset: AssetType) -> Iterator[str]:
    known = part.field in ("*", "uuid", *MEASURES) or asset.has(part.field)
    if not known:
        text = _("{layer} has no field {field}.")
        yield text.format(layer=label(asset.label), field=part.field)
    if part.operator not in OPERATORS:
        yield _("There is no comparison {name}.").format(name=part.operator)
        return
    if part.field in MEASURES and part.operator not in operators_of("measure"):
        text = _("{field} cannot be asked for with “{operator}”.")
        said = operator_words(part.operator, "")
        yield text.format(field=field_words(part.field, asset), operator=said)
    said = operator_words(part.operator, "")
    values = part.value if isinstance(part.value, tuple) else None
    if part.operator == "between" and (values is None or len(values) != 2):
        yield _("“{operator}” needs two values.").format(operator=said)
    elif values is not None and part.operator not in ("between", "in", "not_in"):
        yield _("“{operator}” takes one value.").format(operator=said)
    numeric = part.field in MEASURES or part.operator in ("in_year", "last_days")
    listed = values if values is not None else (part.value,)
    if numeric and not all(isinstance(value, int | float) for value in listed):
        yield _("“{operator}” needs a number.").format(operator=said)
    if part.field in MEASURES and not asset.is_spatial:
        yield _no_place(asset)


def _no_place(asset: AssetType) -> str:
    return _("{layer} is a table without geometry.").format(layer=label(asset.label))
