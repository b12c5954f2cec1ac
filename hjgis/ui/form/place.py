"""Where a point feature lies, as coordinates that can be typed."""

from __future__ import annotations

import math
import re
from typing import Final

from PySide6.QtCore import Signal

from hjgis.i18n import _
from hjgis.models.assets import Field, Value
from hjgis.models.written import BadValue
from hjgis.ui.form.editors import FieldEditor

NORTH: Final = "@north"
EAST: Final = "@east"
PLACE_FIELDS: Final = (
    Field(NORTH, "number", {"en": "X (north)", "zh_CN": "X（北）"}, "", "location", unit="m"),
    Field(EAST, "number", {"en": "Y (east)", "zh_CN": "Y（东）"}, "", "location", unit="m"),
)
_NUMBER: Final = r"[-+]?\d+(?:\.\d+)?"
_PAIR: Final = re.compile(
    rf"X?\s*({_NUMBER})\s*°?\s*[,，;；\s]\s*Y?\s*({_NUMBER})\s*°?", re.IGNORECASE
)


class PlaceEditor(FieldEditor):
    """One coordinate; a pair may be typed too, X first, or degrees of longitude and latitude.

    `moved` carries the typed pair: (north, east) in metres, or degrees in either order.
    """

    moved = Signal(object)

    def _text(self) -> str:
        value = self._shown.value
        if self.is_mixed or not isinstance(value, int | float):
            return ""
        return f"{value:.3f}"

    def commit(self) -> bool:
        found = _PAIR.fullmatch(self.line.text().strip())
        if found is None or not self.line.isModified():
            return super().commit()
        self.line.setModified(False)
        self.moved.emit((float(found[1]), float(found[2])))
        return True

    def read(self, text: str) -> Value:
        value = super().read(text)
        if value is None:
            raise BadValue(_("a point lies somewhere: type a coordinate, or delete the feature"))
        return value


def degrees_of(pair: tuple[float, float]) -> tuple[float, float] | None:
    """Return longitude and latitude where a pair can only be degrees; China lies in 73–136° E."""
    for lon, lat in (pair, pair[::-1]):
        if 70 <= lon <= 140 and 0 <= lat <= 60 and all(map(math.isfinite, pair)):
            return lon, lat
    return None
