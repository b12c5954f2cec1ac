"""Named sets of values for new features of a kind, such as "雨水井 Ø700 铸铁"."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from hjgis.errors import EditRefused
from hjgis.i18n import _
from hjgis.models.assets import AssetType, Value
from hjgis.models.changes import ChangeSet, FactChange
from hjgis.models.facts import fact_text, read_entries
from hjgis.models.own_lists import clean_name
from hjgis.models.unknown import FIELD

FACT: Final = "templates"
_KEPT_BY_US: Final = ("from_node", "to_node", FIELD)


@dataclass(frozen=True, slots=True)
class Template:
    """What new features of one kind may start with.

    Attributes
    ----------
    layer : str
        The kind of asset; names are unique in it.
    values : mapping of str to scalar
        Stored values, as in a feature.
    """

    name: str
    layer: str
    values: Mapping[str, Value]


def read_templates(text: str | None) -> list[Template]:
    """Read what `templates_text` wrote; what cannot be read is left out and logged."""
    return read_entries(text, _read, "templates")


def _read(row: Mapping[str, Any]) -> Template:
    values = {str(name): value for name, value in row["values"].items()}
    if not all(value is None or isinstance(value, str | int | float) for value in values.values()):
        raise ValueError("values are texts, numbers and truths")
    return Template(str(row["name"]), str(row["layer"]), values)


def templates_text(templates: Iterable[Template]) -> str:
    """Return templates as the project keeps them."""
    rows = [{"name": one.name, "layer": one.layer, "values": dict(one.values)} for one in templates]
    return fact_text(rows)


def set_templates(stored: str | None, templates: Sequence[Template]) -> ChangeSet:
    """Return the edit that makes these the templates of a project.

    Parameters
    ----------
    stored : str or None
        The fact `FACT` as the project has it.

    Raises
    ------
    EditRefused
        If two of one kind have the same name, or one has none or a very long one.
    """
    templates = [replace(one, name=clean_name(one.name)) for one in templates]
    names = Counter((one.layer, one.name) for one in templates)
    for (_layer, name), count in names.items():
        if count > 1:
            raise EditRefused(_("{name} is in the list already.").format(name=name))
    text = templates_text(templates) if templates else None
    facts = (FactChange(FACT, stored, text),) if text != stored else ()
    return ChangeSet(FACT, facts=facts, params={"count": len(templates)})


def with_template(templates: Sequence[Template], new: Template) -> list[Template]:
    """Return templates with one more; one of the same name and kind gives way to it."""
    others = [one for one in templates if (one.layer, one.name) != (new.layer, new.name)]
    return [*others, new]


def repeatable(asset: AssetType, values: Mapping[str, Value]) -> dict[str, Value]:
    """Return the values of a feature that another one may have too.

    Left out are those that tell features apart, that the program works out, and missing ones.
    """
    return {
        field.name: values[field.name]
        for field in asset.fields
        if values.get(field.name) is not None
        and not (field.unique or field.computed or field.name in _KEPT_BY_US)
    }


def usual(asset: AssetType, values: Mapping[str, Value]) -> dict[str, Value]:
    """Return the values that a template mostly holds: not levels, depths, years and days.

    What is measured at each feature would be wrong at the next one.
    """
    names = repeatable(asset, values)
    kinds = {field.name: field for field in asset.fields}
    return {
        name: value
        for name, value in names.items()
        if kinds[name].type in ("code", "boolean", "text")
        or (kinds[name].type == "integer" and kinds[name].unit == "mm")
    }
