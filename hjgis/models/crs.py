"""Coordinate reference systems: x is east and y is north everywhere in hjgis."""

from __future__ import annotations

import math
import re
import warnings
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyproj
import pyproj.datadir
import shapely
from numpy.typing import NDArray
from pyproj.exceptions import CRSError, ProjError
from pyproj.transformer import TransformerGroup

from hjgis.errors import InputError
from hjgis.i18n import N_, _, reason
from hjgis.models.health import Line
from hjgis.models.parameters import LOCAL, ParameterSet
from hjgis.models.similarity import Plane, Space

DEFAULT = "EPSG:4545"
_OWN_SRS_ID = 100_000
_HUB = "EPSG:4326"
# Datums that have a name in words.
_DATUMS = {
    "CGCS2000": N_("CGCS2000"),
    "Xian 1980": N_("Xi'an 1980"),
    "Beijing 1954": N_("Beijing 1954"),
    "WGS 84": N_("WGS 84"),
}
_DEGREES = "EPSG:4490"


@dataclass(frozen=True)
class Crs:
    """One coordinate reference system."""

    definition: pyproj.CRS

    @cached_property
    def authority(self) -> tuple[str, int] | None:
        """Authority and code, e.g. ``("EPSG", 4545)``; None for a system of one's own."""
        found = self.definition.to_authority(min_confidence=100)
        return (found[0], int(found[1])) if found and found[1].isdigit() else None

    @property
    def text(self) -> str:
        """``EPSG:4545`` where there is a code, otherwise the WKT."""
        return ":".join(map(str, self.authority)) if self.authority else self.wkt

    @property
    def public_text(self) -> str:
        """The text without transformation parameters, which are secret."""
        inner = self.definition.source_crs if self.definition.is_bound else None
        # PROJ repeats them in the name of the datum.
        return self.text if inner is None else re.sub(r' using towgs84=[^"]*', "", Crs(inner).text)

    @property
    def name(self) -> str:
        """The name that the definition gives itself."""
        return self.definition.name

    @property
    def called(self) -> str:
        """What to call it before people: as sheets here do, with datum, zone and meridian.

        A PROJ text gives itself no name.
        """
        meridian, datum = self.central_meridian_deg, _DATUMS.get(self.datum)
        if datum is not None and self.is_geographic:
            return _("{datum}, longitude and latitude").format(datum=_(datum))
        if datum is not None and meridian is not None and "Gauss-Kruger" in self.name:
            return self._zone_words(_(datum), meridian)
        if self.name != "unknown" or meridian is None:
            return self.name
        words = _("a system of its own ({ellipsoid}, central meridian {degrees:g}°)")
        ellipsoid = self.definition.ellipsoid
        return words.format(ellipsoid=ellipsoid.name if ellipsoid else "?", degrees=meridian)

    def _zone_words(self, datum: str, meridian: float) -> str:
        width = 3 if "3-degree" in self.name else 6
        _head, numbered, number = self.name.rpartition("zone ")
        words = (
            _("{datum}, {zone}° zone {number}, central meridian {meridian}°, zone before east")
            if numbered
            else _("{datum}, {zone}° zone, central meridian {meridian}°")
        )
        return words.format(datum=datum, zone=width, number=number, meridian=f"{meridian:g}")

    @property
    def srs_id(self) -> int:
        """Number in ``gpkg_spatial_ref_sys``; systems of one's own count from 100000."""
        return self.authority[1] if self.authority else _OWN_SRS_ID

    @property
    def wkt(self) -> str:
        """WKT 1 as GeoPackage 1.3 stores it; WKT 2 for what WKT 1 cannot say."""
        try:
            return str(self.definition.to_wkt("WKT1_GDAL"))
        except CRSError:
            return str(self.definition.to_wkt())

    @property
    def is_geographic(self) -> bool:
        """Whether coordinates are degrees."""
        return bool(self.definition.is_geographic)

    @property
    def in_metres(self) -> bool:
        """Whether it is projected with metre axes, as a project needs."""
        axes = self.definition.axis_info
        return bool(self.definition.is_projected) and all(
            abs(axis.unit_conversion_factor - 1.0) < 1e-12 for axis in axes[:2]
        )

    @property
    def central_meridian_deg(self) -> float | None:
        """Central meridian of a transverse Mercator system, degrees east."""
        operation = self.definition.coordinate_operation
        for parameter in operation.params if operation else ():
            if parameter.name == "Longitude of natural origin":
                return float(parameter.value)
        return None

    @property
    def datum(self) -> str:
        """Name of the datum; WGS 84 and CGCS2000 by these names, whoever wrote the definition."""
        return _datum(self)

    @property
    def horizontal(self) -> Crs:
        """The system without its heights."""
        definition = self.definition
        if definition.is_compound:
            return Crs(definition.sub_crs_list[0])
        return Crs(definition.to_2d()) if len(definition.axis_info) > 2 else self

    @property
    def heights(self) -> str | None:
        """Name of the system of heights, if it has one."""
        if self.definition.is_compound:
            return str(self.definition.sub_crs_list[1].name)
        return self.name if len(self.definition.axis_info) > 2 else None

    def esri_wkt(self) -> str:
        """WKT as ESRI programs write it into a ``.prj``; without transformation parameters.

        Raises
        ------
        InputError
            If the system cannot be said so.
        """
        try:
            wkt = str(self.definition.to_wkt("WKT1_ESRI"))
        except CRSError as error:
            message = _("{name} cannot be said in a .prj; choose another coordinate system.")
            raise InputError(message.format(name=self.called)) from error
        return re.sub(r'_using_towgs84[^"]*', "", wkt)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Crs) and (
            self.definition.equals(other.definition, ignore_axis_order=True)
        )

    def __hash__(self) -> int:
        return hash(self.name)


def parse_crs(text: str) -> Crs:
    """Read ``EPSG:n``, a WKT or PROJ string, or the path of a file that holds one.

    Raises
    ------
    InputError
        If no system can be made of it.
    """
    source = text.strip()
    if len(source) < 1000 and "\n" not in source and source.casefold().endswith((".prj", ".wkt")):
        try:
            source = Path(source).read_text("utf-8-sig").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(
                _("Cannot read {path}: {error}").format(path=text, error=reason(error))
            ) from error
    try:
        return Crs(pyproj.CRS.from_user_input(source))
    except CRSError as error:
        message = _(
            "{text} is not a coordinate system. Give EPSG:n, WKT, PROJ text or a .prj file."
        )
        raise InputError(message.format(text=text[:80])) from error


def parse_project_crs(text: str) -> Crs:
    """Read the CRS of a project: projected, in metres.

    Raises
    ------
    InputError
        If it is not.
    """
    crs = parse_crs(text)
    if crs.definition.is_bound:
        message = _(
            "Transformation parameters are secret and stay out of projects: give no +towgs84."
        )
        raise InputError(message)
    if not crs.in_metres:
        message = _("{name} is not a projected coordinate system in metres; a project needs one.")
        raise InputError(message.format(name=crs.called))
    return crs


# To find the way between two systems takes PROJ a twentieth of a second, and an import asks often.
@lru_cache(maxsize=64)
def _transformer(source: pyproj.CRS, target: pyproj.CRS) -> pyproj.Transformer:
    try:
        return pyproj.Transformer.from_crs(source, target, always_xy=True)
    except ProjError as error:
        message = _(
            "From {source} to {target} no way can be found ({error}). The definition is damaged:"
            " name the system with --crs."
        )
        text = message.format(source=source.name, target=target.name, error=str(error)[:200])
        raise InputError(text) from error


class Transform:
    """From one system to another, both x east and y north.

    Raises
    ------
    InputError
        If a definition is such that no way leads from one to the other.
    """

    def __init__(self, source: Crs, target: Crs) -> None:
        self.source, self.target = source, target
        self.identity = source == target
        # Parameters in a definition lead to WGS 84. PROJ knows no way on to CGCS2000 and leaves
        # them out without a word, so that step is taken by itself.
        self._over = {source.datum, target.datum} > {"CGCS2000"} and (
            source.definition.is_bound or target.definition.is_bound
        )
        stages = (source, parse_crs(_HUB), target) if self._over else (source, target)
        self._transformers = [
            _transformer(one.definition, other.definition) for one, other in pairwise(stages)
        ]

    @cached_property
    def ballpark(self) -> bool:
        """Whether no real transformation is known and the datums are merely set equal.

        WGS 84 and CGCS2000 are the same ellipsoid within 0.1 mm and count as equal
        to some centimetres; that pair is named in `description` but is no ballpark.
        """
        return not self.identity and not self._over and _is_ballpark(self.source, self.target)

    @property
    def description(self) -> str:
        """What is done, for the import's report."""
        if self.identity:
            return "none"
        steps = " + ".join(one.description for one in self._transformers)
        return f"{self.source.name} -> {self.target.name}: {steps}"

    def points(
        self, x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Transform coordinate arrays of shape (n,); what cannot be becomes infinite."""
        if self.identity:
            return x, y
        for transformer in self._transformers:
            x, y = transformer.transform(x, y)
        return np.asarray(x, float), np.asarray(y, float)

    def geometry(self, geometry: NDArray[np.object_]) -> NDArray[np.object_]:
        """Transform geometries, shape (n,); Z is kept as it is, None stays None.

        Raises
        ------
        InputError
            If a coordinate cannot be transformed.
        """
        if self.identity:
            return geometry

        def move(coords: NDArray[np.float64]) -> NDArray[np.float64]:
            x, y = self.finite_points(coords[:, 0], coords[:, 1])
            return np.column_stack([x, y, *coords.T[2:]])

        # Without Z first: shapely would turn missing Z into NaN for the whole array.
        has_z = shapely.has_z(geometry)
        result = np.array(geometry, dtype=object)
        result[~has_z] = shapely.transform(geometry[~has_z], move)
        result[has_z] = shapely.transform(geometry[has_z], move, include_z=True)
        return result

    def finite_points(
        self, x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Transform coordinate arrays of shape (n,).

        Raises
        ------
        InputError
            If a coordinate cannot be transformed.
        """
        message = _("Coordinates do not fit {crs}: {error}")
        try:
            x, y = self.points(x, y)
        except ProjError as error:
            raise InputError(message.format(crs=self.source.called, error=error)) from error
        if not (np.isfinite(x).all() and np.isfinite(y).all()):
            outside = "coordinates outside the area of use"
            raise InputError(message.format(crs=self.source.called, error=outside))
        return x, y


class FittedTransform(Transform):
    """From one system to another by a set of parameters.

    Four parameters act between planes. Seven act between the geocentric systems of two datums,
    carried out by PROJ, with ellipsoidal heights of zero, as 2D transformations do: the heights of
    surveys are no ellipsoidal ones. What they leave in the plane is below a centimetre a kilometre
    of height.

    Parameters
    ----------
    source : Crs or None
        System of the coordinates; None for the plane that the set starts from.

    Raises
    ------
    InputError
        If the systems are not those of the set.
    """

    def __init__(self, source: Crs | None, target: Crs, parameters: ParameterSet) -> None:
        end = parse_crs(parameters.target)
        local = parameters.source == LOCAL
        begin = end if local else parse_crs(parameters.source)
        self.source, self.target = source or begin, target
        self.identity = False
        self._words = parameters.words
        self._there = None if source is None or local else Transform(source, begin)
        self._on = Transform(end, target)
        if self._on.ballpark or (self._there is not None and self._there.ballpark):
            message = _("{set} leads from {begin} to {end}, which is not what is needed here.")
            raise InputError(
                message.format(set=parameters.words, begin=parameters.source, end=end.called)
            )
        self._step = (
            partial(_in_plane, parameters.model)
            if isinstance(parameters.model, Plane)
            else _DatumShift(begin, end, parameters.model).points
        )

    @cached_property
    def ballpark(self) -> bool:
        """No: that is what the parameters are for."""
        return False

    @property
    def description(self) -> str:
        """What is done, for the import's report; without the numbers, which are secret."""
        return self._words

    def points(
        self, x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Transform coordinate arrays of shape (n,)."""
        if self._there is not None:
            x, y = self._there.points(x, y)
        return self._on.points(*self._step(x, y))


def _in_plane(
    model: Plane, x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    with np.errstate(invalid="ignore"):  # what had no place before has none after
        moved = model.apply(np.column_stack([x, y]))
    return moved[:, 0], moved[:, 1]


class _DatumShift:
    """Seven parameters between two systems, x east and y north, through their datums."""

    def __init__(self, begin: Crs, end: Crs, model: Space) -> None:
        first, last = begin.definition.geodetic_crs, end.definition.geodetic_crs
        assert first is not None
        assert last is not None
        self._down = pyproj.Transformer.from_crs(begin.definition, first, always_xy=True)
        self._up = pyproj.Transformer.from_crs(last, end.definition, always_xy=True)
        rotations = f"+rx={model.rx_arcsec!r} +ry={model.ry_arcsec!r} +rz={model.rz_arcsec!r}"
        self._across = pyproj.Transformer.from_pipeline(
            "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad"
            f" +step +proj=cart {_ellipsoid(first)}"
            f" +step +proj=helmert +x={model.x_m!r} +y={model.y_m!r} +z={model.z_m!r} {rotations}"
            f" +s={model.scale_ppm!r} +convention=position_vector"
            f" +step +inv +proj=cart {_ellipsoid(last)}"
            " +step +proj=unitconvert +xy_in=rad +xy_out=deg"
        )

    def points(
        self, x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        lon, lat = self._down.transform(x, y)
        lon, lat, _height = self._across.transform(lon, lat, np.zeros(len(lon)))
        east, north = self._up.transform(lon, lat)
        return np.asarray(east, float), np.asarray(north, float)


def geocentric(
    crs: Crs, x: NDArray[np.float64], y: NDArray[np.float64], height_m: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return geocentric coordinates in the datum of a system, shape (n, 3), metres.

    Parameters
    ----------
    x, y, height_m : array of float, shape (n,)
        East and north (or longitude and latitude) in `crs`, ellipsoidal heights.

    Raises
    ------
    InputError
        If the system has no datum.
    """
    geodetic = crs.definition.geodetic_crs
    if geodetic is None:
        raise InputError(_("{name} has no datum.").format(name=crs.called))
    down = pyproj.Transformer.from_crs(crs.definition, geodetic, always_xy=True)
    lon, lat = down.transform(x, y)
    cart = pyproj.Transformer.from_pipeline(
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad"
        f" +step +proj=cart {_ellipsoid(geodetic)}"
    )
    return np.column_stack(cart.transform(lon, lat, height_m))


def _ellipsoid(crs: pyproj.CRS) -> str:
    shape = crs.ellipsoid
    assert shape is not None
    return f"+a={shape.semi_major_metre!r} +rf={shape.inverse_flattening!r}"


def _is_ballpark(source: Crs, target: Crs) -> bool:
    if {_datum(source), _datum(target)} == {"WGS 84", "CGCS2000"}:
        return False
    with warnings.catch_warnings():
        # That a grid would do better is no news: the program has none and fetches none.
        warnings.simplefilter("ignore", UserWarning)
        group = TransformerGroup(source.definition, target.definition, always_xy=True)
    operations = group.transformers
    return bool(operations) and "allpark" in operations[0].description


def _datum(crs: Crs) -> str:
    geodetic = crs.definition.geodetic_crs
    name = geodetic.datum.name if geodetic and geodetic.datum else ""
    if "World Geodetic System 1984" in name or "WGS" in name:
        return "WGS 84"
    if "China 2000" in name or "CGCS" in name.upper() or "China_2000" in name:
        return "CGCS2000"
    return name


def proj_version() -> str:
    """Return the version of PROJ in use."""
    return str(pyproj.proj_version_str)


def proj_lines() -> list[Line]:
    """Look at PROJ: its data are found, and the usual system comes back from degrees."""
    again = _("Install hjgis anew: a part of it is missing or damaged.")
    said = f"PROJ {proj_version()}"
    try:
        found = (Path(pyproj.datadir.get_data_dir()) / "proj.db").is_file()
        there = pyproj.Transformer.from_crs(DEFAULT, _DEGREES, always_xy=True)
        x, y = there.transform(500_000.0, 4_000_000.0)
    except (CRSError, ProjError):
        found, x, y = False, math.inf, math.inf
    # The middle meridian of the zone; 4 000 km along it is a little over 36 degrees north.
    if not found or abs(x - 108.0) > 1e-6 or not 36.0 < y < 36.2:
        return [Line("proj", "fault", _("{version} does not find its data").format(version=said),
                     again)]  # fmt: skip
    return [Line("proj", "ok", _("{version}; EPSG:4545 becomes EPSG:4490").format(version=said))]
