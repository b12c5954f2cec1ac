"""What people call a feature: its number or name, not its identity. The one place that decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hjgis.i18n import label
from hjgis.models.assets import AssetType, Catalogue, Value
from hjgis.models.validation import display

# Before and after the field that the catalogue shows a kind by. Who works outdoors reads the
# number of the survey, not the id of the component, though that is what the kind is shown by.
_FIRST: Final = "exp_no"
_LAST: Final = ("component_name", "component_id")


def name_fields(asset: AssetType) -> tuple[str, ...]:
    """Return the fields that hold what people call a feature, the best one first."""
    usual = (_FIRST, asset.display or "", *_LAST)
    return tuple(dict.fromkeys(name for name in usual if asset.has(name)))


def number_of(asset: AssetType, values: Mapping[str, Value], catalogue: Catalogue) -> str:
    """Return number or name of a feature, of a pipe without one those of its ends; else nothing."""
    for name in name_fields(asset):
        value = values.get(name)
        if value not in (None, ""):
            return display(asset.field(name), value, catalogue)
    ends = [values.get(name) for pair in asset.topology.numbers[:1] for name in pair]
    return "–".join(str(end or "?") for end in ends) if any(ends) else ""


def called(asset: AssetType, values: Mapping[str, Value], catalogue: Catalogue) -> str:
    """Return what people call a feature: its kind, and its number or name if it has one."""
    return f"{label(asset.label)} {number_of(asset, values, catalogue)}".strip()
