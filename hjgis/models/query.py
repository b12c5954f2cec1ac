"""Sentences of conditions, and the SQL that they mean; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hjgis.models.assets import AssetType, Value

OPERATORS: Final = (
    "=", "!=", ">", ">=", "<", "<=", "contains", "in", "not_in", "empty", "not_empty",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Condition:
    """One part of a sentence: field, operator, value.

    Attributes
    ----------
    field : str
        A field of the asset type, or ``*`` with ``contains`` for any text field.
    operator : str
        One of `OPERATORS`.
    value : scalar or tuple
        A tuple for ``in`` and ``not_in``; not looked at for ``empty`` and ``not_empty``.
    """

    field: str
    operator: str
    value: Value | tuple[Value, ...] = None


def where_clause(asset: AssetType, conditions: Sequence[Condition]) -> tuple[str, list[Value]]:
    """Return an SQL clause over the table of `asset` that ANDs the conditions, and its values.

    Missing values meet no comparison but ``!=``, ``not_in`` and ``empty``.

    Raises
    ------
    ValueError
        If a field or operator is unknown.
    """
    values: list[Value] = []
    parts = [_part(asset, condition, values) for condition in conditions]
    return (f"WHERE {' AND '.join(parts)}" if parts else ""), values


def _part(asset: AssetType, condition: Condition, values: list[Value]) -> str:
    operator, value = condition.operator, condition.value
    if operator not in OPERATORS:
        raise ValueError(f"unknown operator {operator!r}")
    if condition.field == "*":
        names = [field.name for field in asset.fields if field.type in ("text", "code")]
        each = [_part(asset, Condition(name, operator, value), values) for name in names]
        return f"({' OR '.join(each)})" if each else "0"
    if condition.field != "uuid" and not asset.has(condition.field):
        raise ValueError(f"{asset.id} has no field {condition.field!r}")
    name = f'"{condition.field}"'
    if operator == "empty":
        return f"({name} IS NULL OR {name} = '')"
    if operator == "not_empty":
        return f"({name} IS NOT NULL AND {name} != '')"
    if operator in ("in", "not_in"):
        return _membership(name, operator, value, values)
    assert not isinstance(value, tuple)
    if operator == "contains":
        text = str(value).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        values.append(f"%{text}%")
        return f"{name} LIKE ? ESCAPE '\\'"
    values.append(value)
    return f"{name} IS NOT ?" if operator == "!=" else f"{name} {operator} ?"


def _membership(
    name: str, operator: str, value: Value | tuple[Value, ...], values: list[Value]
) -> str:
    members = value if isinstance(value, tuple) else (value,)
    values.extend(members)
    marks = ", ".join("?" * len(members))
    if operator == "in":
        return f"{name} IN ({marks})"
    return f"({name} IS NULL OR {name} NOT IN ({marks}))"
