"""Findings put into words."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from hjgis import paths
from hjgis.checks.rules.register import Rule
from hjgis.i18n import N_, _, label
from hjgis.models.assets import AssetType, Catalogue
from hjgis.models.catalogue_files import read_toml
from hjgis.models.wording import layer_label

ENDS: Final[Mapping[str, str]] = {"from_node": N_("start"), "to_node": N_("end")}
# Reasons as GEOS gives them.
INVALID: Final[Mapping[str, str]] = {
    "Self-intersection": N_("the outline crosses itself"),
    "Ring Self-intersection": N_("a ring touches itself"),
    "Hole lies outside shell": N_("a hole lies outside its outline"),
    "Holes are nested": N_("a hole lies inside another hole"),
    "Interior is disconnected": N_("holes cut the area into pieces"),
    "Nested shells": N_("a part lies inside another part"),
    "Duplicate Rings": N_("the same ring is there twice"),
    "Too few points in geometry component": N_("too few different points"),
    "Invalid Coordinate": N_("a coordinate is no number"),
    "Ring is not closed": N_("a ring is not closed"),
}
# Facts that are codes, and the list that each is of.
CODED: Final[Mapping[str, str]] = {
    "kind": "pipe_kind",
    "other_kind": "pipe_kind",
    "material": "pipe_material",
    "other_material": "pipe_material",
    "feature": "point_feature",
    "appendage": "point_appendage",
    "cover": "manhole_kind",
    "place": "lane_place",
    "lamp_type": "lamp_type",
    "main_type": "lamp_type",
    "nature": "build_nature",
    "park_class": "park_class",
    "pipe_kinds": "pipe_kind",
    "road_class": "road_class",
    "toilet_class": "toilet_class",
    "build_type": "toilet_build_type",
    "flush_type": "flush_type",
    "bay_form": "bay_form",
}


def message(rule: Rule, layer: str, facts: Mapping[str, object], catalogue: Catalogue) -> str:
    """Return what a finding in a layer says, in the language in use."""
    facts = dict(facts)
    template = rule.messages[str(facts.get("case", ""))]
    for key, words in (("end", ENDS), ("reason", INVALID)):
        if key in facts:
            facts[key] = _(words.get(str(facts[key]), str(facts[key])))
    asset = catalogue.types.get(layer)
    for key in facts.keys() & {"field", "field_after"}:
        facts[key] = _field_label(asset, facts[key])
    if isinstance(names := facts.get("fields"), tuple):
        facts["fields"] = _(", ").join(_field_label(asset, name) for name in names)
    if "layer" in facts:
        facts["layer"] = layer_label(str(facts["layer"]), catalogue)
    for key in facts.keys() & CODED.keys():
        facts[key] = _code_labels(facts[key], CODED[key], catalogue)
    return _(template).format(**facts)


def _code_labels(said: object, codes: str, catalogue: Catalogue) -> str:
    """Put a code, or several, into words; what is in no list stays as it is."""
    known = catalogue.codes(codes)
    return _(", ").join(
        known.label_of(str(c)) for c in (said if isinstance(said, tuple) else (said,))
    )


def _field_label(asset: AssetType | None, name: object) -> str:
    return label(asset.field(str(name)).label) if asset else str(name)


@cache
def _limit_words() -> Mapping[str, Mapping[str, str]]:
    words = read_toml(paths.resources() / "limits.toml")["limit"]
    assert isinstance(words, dict)
    return words


def limit_label(name: str) -> str:
    """Return what a limit of a rule is called; its name where nobody has said."""
    words = _limit_words().get(name)
    return label(words) if words else name


def limit_unit(name: str) -> str:
    """Return the unit of a limit; empty where it has none."""
    return _UNITS.get(name.rpartition("_")[2], "")


def limit_text(value: object) -> str:
    """Return a limit as it is typed: a number, words apart by commas, or a table as JSON."""
    if isinstance(value, list | tuple) and all(
        isinstance(part, str | int | float) for part in value
    ):
        return ", ".join(map(limit_text, value))
    if isinstance(value, float):
        return f"{value:.12g}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def limits_words(limits: Mapping[str, object]) -> str:
    """Return the limits of a rule in a line; a table is for the window that edits it."""
    texts = {name: limit_text(value) for name, value in limits.items()}
    return _("; ").join(
        f"{limit_label(name)} …"
        if text[:1] in ("{", "[")
        else f"{limit_label(name)} {text} {limit_unit(name)}".rstrip()
        for name, text in texts.items()
    )


def limit_typed(text: str, like: object) -> object:
    """Read a limit as `limit_text` writes it; `like` is a value of its kind.

    Raises
    ------
    ValueError
        If it cannot be read.
    """
    text = text.strip()
    if isinstance(like, bool | Mapping) or _is_nested(like):
        return json.loads(text)
    if isinstance(like, int | float):
        number = float(text.replace(",", ".").replace("。", "."))
        return int(number) if number.is_integer() and isinstance(like, int) else number
    if isinstance(like, list | tuple):
        parts = [part.strip() for part in re.split("[,，、]", text) if part.strip()]
        first = like[0] if like else ""
        return [limit_typed(part, first) for part in parts]
    return text


def _is_nested(value: object) -> bool:
    return isinstance(value, list | tuple) and any(
        isinstance(part, list | tuple | Mapping) for part in value
    )


_UNITS: Final[Mapping[str, str]] = {
    "m": "m",
    "mm": "mm",
    "m2": "m²",
    "km": "km",
    "deg": "°",
    "percent": "%",
}
