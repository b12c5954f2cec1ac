"""What a technician calls each of many features."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from hjgis.checks.features import Features
from hjgis.models.naming import name_fields

_SHORT: Final = 8


def names(features: Features, rows: NDArray[np.intp], *, without: str = "") -> NDArray[np.object_]:
    """Return what some features are called; the beginning of the uuid where nothing is known.

    Parameters
    ----------
    without : str
        A field that would name nothing, since several have the same in it.
    """
    if not len(rows):
        # Fields of a million rows are not taken apart to name none of them.
        return np.empty(0, dtype=object)
    result = features.uuids_of(rows).astype(f"U{_SHORT}").astype(object)
    for field in reversed([name for name in name_fields(features.asset) if name != without]):
        said = features.objects(field, rows)
        known = np.array([value is not None for value in said.tolist()], dtype=bool)
        result[known] = said[known].astype(str)
    return result
