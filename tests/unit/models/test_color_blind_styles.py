"""People who see no red or no green tell the classes of the shipped styles apart."""

from __future__ import annotations

import dataclasses
from itertools import combinations

import pytest

from hjgis.models.assets import AssetType
from hjgis.models.catalogue_files import catalogue
from hjgis.models.styles.color_sight import apart_for_all
from hjgis.models.styles.style import Style, Symbol
from hjgis.models.styles.stylefile import style_for

COLORS = ("color", "casing", "fill", "stroke", "outline", "hatch_color")


def colors(symbol: Symbol) -> list[str | None]:
    return [getattr(symbol, name) for name in COLORS if hasattr(symbol, name)]


def form(symbol: Symbol) -> tuple[object, ...]:
    """Return all of a symbol that is no colour: shape, pattern, letters, widths."""
    said = dataclasses.asdict(symbol)
    return tuple(
        (name, value is not None if name in COLORS else str(value))
        for name, value in said.items()
        if name != "glyph_color"
    )


def alike(style: Style) -> list[str]:
    """Return the pairs of classes that differ in colour alone, and not enough."""
    return [
        f"{one.label['en']} / {other.label['en']}"
        for one, other in combinations(style.all_classes, 2)
        # What is not known may be painted like the usual kind.
        if one.symbol != other.symbol
        and form(one.symbol) == form(other.symbol)
        and not any(
            a != b and a is not None and b is not None and apart_for_all((a, b))
            for a, b in zip(colors(one.symbol), colors(other.symbol), strict=True)
        )
    ]


@pytest.mark.parametrize("asset", catalogue().types.values(), ids=lambda asset: asset.id)
def test_classes_differ_in_form_or_in_colours_that_all_people_tell_apart(
    asset: AssetType,
) -> None:
    assert alike(style_for(asset)) == []
