"""Where foreign coordinates belong: which system they are in, and whether X and Y are exchanged."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.errors import InputError, InputQuestion
from hjgis.exchange.foreign import ForeignLayer
from hjgis.i18n import _
from hjgis.models.crs import Crs, Transform, parse_crs
from hjgis.models.gcj02 import from_bd09, from_gcj02

# The county's box in EPSG:4545 with a margin: 106°34'-107°24' E, 40°26'-41°13' N.
_EAST_M: Final = (370_000.0, 480_000.0)
_NORTH_M: Final = (4_400_000.0, 4_600_000.0)
_ZONE: Final = 36_000_000.0
# The 3-degree systems of the county without and with the zone's number before X (DOMAIN 5.1).
_PREFIXED: Final = {
    "EPSG:4545": "EPSG:4524",
    "EPSG:2381": "EPSG:2360",
    "EPSG:2433": "EPSG:2412",
}
_COUNTY: Final = "EPSG:4545"
# What data of the county are delivered in: 3 degrees (CM 105, 108, 111, with zone numbers), 6
# degrees (CM 105, zone 18), degrees (DOMAIN 5.1).
_LIKELY: Final = (
    "EPSG:4545", "EPSG:4544", "EPSG:4546", "EPSG:4524", "EPSG:4523", "EPSG:4525", "EPSG:4507",
    "EPSG:4496", "EPSG:4490",
)  # fmt: skip
Box = tuple[float, float, float, float]
# Degrees that map services have shifted; no system of coordinates, so no code of EPSG.
SHIFTED: Final = {"GCJ-02": from_gcj02, "BD-09": from_bd09}
_TRUE_DEGREES: Final = "EPSG:4490"


def unshifted(layer: ForeignLayer, given: str | None) -> tuple[ForeignLayer, str | None]:
    """Take the shift of a map service away where the user says that there is one.

    Returns
    -------
    layer : ForeignLayer
        In true degrees, with a warning how far they are to be trusted.
    given : str or None
        The system that the layer is in now.

    Raises
    ------
    InputError
        If the coordinates are no degrees.
    """
    away = SHIFTED.get(str(given).upper())
    if away is None:
        return layer, given
    box = _box(layer)
    if box is not None and (
        max(abs(box[0]), abs(box[2])) > 180 or max(abs(box[1]), abs(box[3])) > 90
    ):
        message = _("Only degrees can be in {given}: {box}.")
        raise InputError(message.format(given=given, box=_in_words(box)))

    def moved(coords: NDArray[np.float64]) -> NDArray[np.float64]:
        lon, lat = away(coords[:, 0], coords[:, 1])
        return np.column_stack([lon, lat, coords[:, 2:]])

    shapes = layer.geometry.copy()
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    shapes[there] = shapely.transform(
        shapes[there], moved, include_z=bool(shapely.has_z(shapes).any())
    )
    words = _("The shift of {given} was taken away, to about a metre: no survey rests on that.")
    warnings = (*layer.warnings, words.format(given=str(given).upper()))
    return replace(layer, geometry=shapes, crs=None, warnings=warnings), _TRUE_DEGREES


def source_crs(layer: ForeignLayer, given: str | None, project: Crs) -> tuple[Crs | None, str]:
    """Return the system of a layer and how it is known: given, file, assumed or unknown.

    Raises
    ------
    InputQuestion
        If it must be asked: nothing says it and the numbers do not tell, or X and Y look
        exchanged.
    """
    box = _box(layer)
    if given is not None:
        crs: Crs | None = project if given == project.text else parse_crs(given)
        how = "given"
    else:
        crs, how = layer.crs, "file" if layer.crs else "unknown"
    if box is None:
        return crs, how
    _ask_about_axes(box, crs)
    _ask_about_zone(box, crs)
    if crs is not None:
        return crs, how
    if _near(box, _EAST_M, _NORTH_M) and project.text == "EPSG:4545":
        return project, "assumed"
    raise InputQuestion(
        _("Nothing says which coordinate system the coordinates are in ({box}).").format(
            box=_in_words(box)
        ),
        "--crs",
        _candidates(box, project),
    )


def astray_words(layer: ForeignLayer, system: Crs, project: Crs) -> str | None:
    """Say that a layer lies outside the county, and in which system it would not.

    Only where the project is in a system of the county; None where all is well.
    """
    box = _box(layer)
    if box is None or (project.text not in _PREFIXED and project.text not in _PREFIXED.values()):
        return None
    middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    if _in_county(middle, system):
        return None
    inside = [
        text for text in _LIKELY if text != system.text and _in_county(middle, parse_crs(text))
    ]
    turned = _in_county(middle[::-1], system)
    words = _("The places lie outside the county ({box} in {crs}).")
    said = [words.format(box=_in_words(box), crs=system.name)]
    if inside:
        said.append(_("They would be inside it in {systems}.").format(systems=", ".join(inside)))
    if turned:
        said.append(_("They would be inside it with x and y exchanged."))
    return " ".join(said)


def _in_county(place: tuple[float, float], system: Crs) -> bool:
    """Whether a place is in the county if its coordinates are in a system."""
    transform = Transform(system, parse_crs(_COUNTY))
    x, y = transform.points(np.array([place[0]]), np.array([place[1]]))
    return bool(_EAST_M[0] <= x[0] <= _EAST_M[1] and _NORTH_M[0] <= y[0] <= _NORTH_M[1])


def transform_to(project: Crs, source: Crs, how: str) -> Transform:
    """Return the transform, after asking about one that merely sets two datums equal.

    Raises
    ------
    InputQuestion
        If no real transformation is known and the user has not named the system.
    """
    transform = Transform(source, project)
    if transform.ballpark and how != "given":
        message = _(
            "From {source} to {target} no real transformation is known: places would be off by tens"
            " of metres. Give --crs {source_text} to accept that, or a PROJ string with parameters."
        )
        text = message.format(source=source.name, target=project.name, source_text=source.text)
        raise InputQuestion(text, "--crs", (source.text, project.text))
    return transform


def _box(layer: ForeignLayer) -> Box | None:
    xy = shapely.get_coordinates(layer.geometry)
    xy = xy[np.isfinite(xy).all(axis=1)]
    if not len(xy):
        return None
    # The bulk of the data counts: one stray point must not decide.
    low, high = np.percentile(xy, 5, axis=0), np.percentile(xy, 95, axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def _ask_about_axes(box: Box, crs: Crs | None) -> None:
    metric = crs is None or not crs.is_geographic
    if metric and _near((box[1], box[0], box[3], box[2]), _EAST_M, _NORTH_M):
        raise InputQuestion(
            _("The first coordinate looks like X (north), the second like Y (east): {box}. Exchange"
              " the columns.").format(box=_in_words(box)),
            "--x / --y",
            (),
        )  # fmt: skip
    degrees = crs is not None and crs.is_geographic
    if degrees and (abs(box[1]) > 90 or abs(box[3]) > 90) and abs(box[0]) <= 90:
        raise InputQuestion(
            _("Latitude seems to come first: {box}. Exchange the columns.").format(
                box=_in_words(box)
            ),
            "--x / --y",
            (),
        )


def _ask_about_zone(box: Box, crs: Crs | None) -> None:
    if crs is None or crs.text not in _PREFIXED or not _has_zone_prefix(box):
        return
    message = _("East begins with the zone number 36, which {crs} has not: {box}.")
    prefixed = _PREFIXED[crs.text]
    raise InputQuestion(message.format(crs=crs.name, box=_in_words(box)), "--crs", (prefixed,))


def _has_zone_prefix(box: Box) -> bool:
    return _near((box[0] - _ZONE, box[1], box[2] - _ZONE, box[3]), _EAST_M, _NORTH_M)


def _candidates(box: Box, project: Crs) -> tuple[str, ...]:
    if max(map(abs, box)) <= 180:
        return ("EPSG:4490", "EPSG:4326", *SHIFTED)
    if _has_zone_prefix(box):
        return ("EPSG:4524",)
    return (project.text, "EPSG:4524", "EPSG:2381", "EPSG:2433")


def _near(box: Box, east: tuple[float, float], north: tuple[float, float]) -> bool:
    return east[0] <= box[0] and box[2] <= east[1] and north[0] <= box[1] and box[3] <= north[1]


def _in_words(box: Box) -> str:
    return f"x {box[0]:.6g} … {box[2]:.6g}, y {box[1]:.6g} … {box[3]:.6g}"


def finite(geometry: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Return where all coordinates are numbers, shape (n,)."""
    result = np.ones(len(geometry), dtype=bool)
    xy, index = shapely.get_coordinates(geometry, return_index=True)
    result[index[~np.isfinite(xy).all(axis=1)]] = False
    return result
