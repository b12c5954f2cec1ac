"""Which fields of a feature somebody has looked into without finding an answer.

Coded fields hold 不详 as a code of their list; numbers, dates and yes/no have no value for it, so
that the names of those fields stand together in one text field (decision 13).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from hjgis.models.assets import AssetType, Value

FIELD: Final = "unknown_fields"
_BETWEEN: Final = " "


def unknown_names(values: Mapping[str, Value]) -> frozenset[str]:
    """Return the fields of a feature that are known to be unknown."""
    text = values.get(FIELD)
    return frozenset(text.split()) if isinstance(text, str) else frozenset()


def with_unknown(asset: AssetType, values: Mapping[str, Value], name: str) -> dict[str, Value]:
    """Return the values to set where the answer to a field is 不详; none if that cannot be kept."""
    if not asset.has(FIELD) or not asset.has(name):
        return {}
    return {name: None, FIELD: named(asset, {*unknown_names(values), name})}


def without_answered(asset: AssetType, values: Mapping[str, Value]) -> dict[str, Value]:
    """Return the values to set after some fields have got values and are unknown no longer."""
    names = unknown_names(values)
    left = {name for name in names if values.get(name) is None}
    return {} if left == names else {FIELD: named(asset, left)}


def named(asset: AssetType, names: Iterable[str]) -> str | None:
    """Return the text that says that these fields are unknown."""
    wanted = set(names)
    in_order = [name for name in asset.field_names if name in wanted]
    return _BETWEEN.join([*in_order, *sorted(wanted - {*in_order})]) or None
