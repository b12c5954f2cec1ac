"""The legend of a shading in one line of rich text."""

from __future__ import annotations

import numpy as np

from hjgis.checks.shading import Shading
from hjgis.i18n import grouped, label
from hjgis.models.styles.style import FillSymbol, LineSymbol, Symbol

_NONE = "#ffffff"


def legend_text(shade: Shading) -> str:
    """Return the classes that there are, each with how many features it has."""
    entries = shade.style.all_classes
    counts = np.bincount(shade.classes, minlength=len(entries)).tolist()
    return "&nbsp;&nbsp; ".join(
        f'<span style="color:{_colour(entry.symbol)}">■</span>'
        f"&nbsp;{label(entry.label)}&nbsp;{grouped(count)}"
        for entry, count in zip(entries, counts, strict=True)
        if count
    )


def _colour(symbol: Symbol) -> str:
    if isinstance(symbol, LineSymbol):
        return symbol.color
    if isinstance(symbol, FillSymbol):
        # Without the transparency behind the six digits; what is only hatched is grey.
        return (symbol.fill or symbol.hatch_color)[:7]
    return symbol.fill or _NONE
