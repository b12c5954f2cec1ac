"""Words for places where the project has no features."""

from __future__ import annotations

from typing import Final

from hjgis.i18n import _

_KM: Final = 1000.0


def outside_words(beyond_m: float) -> str:
    """Say how far outside a place is; nothing where it is inside."""
    if not beyond_m:
        return ""
    if beyond_m < _KM:
        return _("{metres:.0f} m outside the project area").format(metres=beyond_m)
    return _("{km:.1f} km outside the project area").format(km=beyond_m / _KM)
