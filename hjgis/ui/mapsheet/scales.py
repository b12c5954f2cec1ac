"""Scales as people type them, what is odd about them, and the usual ones."""

from __future__ import annotations

import re
from typing import Final

from hjgis.cartography.composition import NICE_SCALES, scale_text
from hjgis.i18n import _

_TEXT: Final = re.compile(r"(?:1\s*[:：∶/])?\s*([\d\s,，.]+?)\s*([万千]?)")
_TIMES: Final = {"": 1.0, "千": 1000.0, "万": 10_000.0}


def read_scale(text: str) -> float | None:
    """Return the n of 1 : n that somebody typed: ``1:5 000``, ``2000``, ``1：2.5万``."""
    found = _TEXT.fullmatch(text.strip())
    if found is None:
        return None
    digits = re.sub(r"[\s,，]", "", found[1])
    try:
        scale = float(digits) * _TIMES[found[2]]
    except ValueError:
        return None
    return scale if scale >= 1 else None


def odd_scale(scale: float) -> str:
    """Say what is unusual about a scale; empty if nothing is."""
    low, high = float(NICE_SCALES[0]), float(NICE_SCALES[-1])
    if low <= scale <= high:
        return ""
    words = (
        _("{scale} is larger than any usual scale: the map shows a few metres only.")
        if scale < low
        else _("{scale} is smaller than any usual scale: the town is a dot on it.")
    )
    usual = _("Usual are {low} to {high}.")
    said = words.format(scale=scale_text(scale))
    return said + " " + usual.format(low=scale_text(low), high=scale_text(high))


def next_scale(scale: float, steps: int) -> float:
    """Return the usual scale so many steps on; positive shows more ground."""
    nice = [float(one) for one in NICE_SCALES]
    beyond = [one for one in nice if (one > scale if steps > 0 else one < scale)]
    if not beyond:
        return scale
    ordered = beyond if steps > 0 else beyond[::-1]
    return ordered[min(abs(steps), len(ordered)) - 1]
