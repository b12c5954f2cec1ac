"""The coordinates of a foreign layer: as numbers, in words, exchanged, straightened."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.errors import InputError
from hjgis.exchange.foreign import ForeignLayer
from hjgis.exchange.symptoms import PACKED, PSEUDO, Move, Numbers, box_of
from hjgis.i18n import _
from hjgis.models.crs import Crs

# The heights of the project: 1985 国家高程基准 (EPSG:5737).
_OWN_HEIGHTS: Final = "Yellow Sea 1985 height"
# So many places tell where the others are.
_ENOUGH: Final = 2000
_DEGREES_UP_TO: Final = 1000


def exchanged(layer: ForeignLayer) -> ForeignLayer:
    """Return the layer with x and y the other way round."""
    return _moved(layer, lambda coords: np.column_stack([coords[:, 1], coords[:, 0]]))


def straightened(layer: ForeignLayer, name: str) -> ForeignLayer:
    """Return the layer in true degrees, with a warning how far they are to be trusted.

    Raises
    ------
    InputError
        If the coordinates are no degrees.
    """
    numbers = numbers_of(layer)
    if len(numbers) and (np.abs(numbers) > (180, 90)).any():
        message = _("Only degrees can be in {given}: {box}.")
        raise InputError(message.format(given=name, box=in_words(numbers)))
    words = (
        _("Degrees, minutes and seconds in one number were made decimal degrees.")
        if name == PACKED
        else _("The shift of {given} was taken away, to about a metre: no survey rests on that.")
    )
    moved = _moved(layer, PSEUDO[name])
    return replace(moved, crs=None, warnings=(*layer.warnings, words.format(given=name)))


def _moved(layer: ForeignLayer, move: Move) -> ForeignLayer:
    """Return the layer with x and y changed; Z is kept."""
    shapes = layer.geometry.copy()
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    for with_z in (False, True):
        rows = there & (shapely.has_z(shapes) == with_z)
        shapes[rows] = shapely.transform(
            shapes[rows],
            lambda coords: np.column_stack([move(coords[:, :2]), coords[:, 2:]]),
            include_z=with_z,
        )
    return replace(layer, geometry=shapes)


def heights_of(layer: ForeignLayer, system: Crs | None) -> str | None:
    """Return what is known of the datum of the heights, in words."""
    if not shapely.has_z(layer.geometry).any():
        return None
    name = system.heights if system is not None else None
    if name is None:
        return _("Heights are taken as they are: nothing says in which height datum they are.")
    if name == _OWN_HEIGHTS:
        return _("Heights are in {name}; they are taken as they are.").format(name=name)
    words = _("Heights are in {name}, not in the 1985 height datum; they are taken as they are.")
    return words.format(name=name)


def numbers_of(layer: ForeignLayer) -> Numbers:
    """Return coordinates of a layer, enough to tell where it lies; shape (n, 2)."""
    xy = shapely.get_coordinates(layer.geometry)
    xy = xy[np.isfinite(xy).all(axis=1)]
    return xy[:: max(1, len(xy) // _ENOUGH)]


def in_words(numbers: Numbers) -> str:
    """Return the range of coordinates, shape (n, 2), for people."""
    west, south, east, north = box_of(numbers)
    digits = 4 if np.abs(numbers).max() < _DEGREES_UP_TO else 0
    return f"x {west:.{digits}f} … {east:.{digits}f}, y {south:.{digits}f} … {north:.{digits}f}"


def finite(geometry: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Return where all coordinates are numbers, shape (n,)."""
    result = np.ones(len(geometry), dtype=bool)
    xy, index = shapely.get_coordinates(geometry, return_index=True)
    result[index[~np.isfinite(xy).all(axis=1)]] = False
    return result


def with_heights(stored: Any, given: Any) -> Any:
    """Return a 2D geometry with the heights of the one that it replaces; see HOUSE rule on Z.

    Vertex by vertex where there are as many; a line of another count of vertices takes them over
    along its length, and an area stays without.
    """
    if stored is None or given is None or shapely.has_z(given) or not shapely.has_z(stored):
        return given
    old, xy = shapely.get_coordinates(stored, include_z=True), shapely.get_coordinates(given)
    if len(old) == len(xy):
        heights = old[:, 2]
    elif stored.geom_type == given.geom_type == "LineString":
        heights = np.interp(_shares(xy), _shares(old[:, :2]), old[:, 2])
    else:
        return given
    return shapely.set_coordinates(shapely.force_3d(given), np.column_stack([xy, heights]))


def _shares(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far along a line each vertex is, 0 to 1."""
    steps = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    return np.asarray(steps / (steps[-1] or 1.0))
