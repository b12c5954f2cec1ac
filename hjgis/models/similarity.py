"""Similarity transformations fitted to common points: 4 parameters in a plane, 7 in space.

Four parameters (2D Helmert): two shifts, a rotation and a scale between plane coordinates. Seven
parameters (Bursa-Wolf): three shifts, three rotations and a scale between geocentric coordinates,
in the position vector convention and with small angles, exactly as PROJ's ``helmert`` without
``+exact`` applies them (EPSG method 1033); so rotations must stay far below a degree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from hjgis.errors import InputError
from hjgis.i18n import _

Points = NDArray[np.float64]
_ARCSEC: Final = np.pi / 180 / 3600
_PPM: Final = 1e-6
# Below this the marks themselves are as uncertain as what is to be found.
_CLOSEST_M: Final = 10.0
# Seven parameters need an area: so far must points lie off the line through the others.
_OFF_LINE_M: Final = 10.0
# A point farther off than this, and than noise puts one point of a hundred such fits, is likely a
# mistake.
_FALSE_ALARM: Final = 0.01
_OUTLIER_M: Final = 0.05
# The axes of national datums differ by seconds of arc; beyond a minute points are exchanged.
_MOST_ARCSEC: Final = 60.0
_MOST_SCALE: Final = 0.01
RECOMMENDED: Final = 4
# A survey of a town is good to 5 cm (CJJ 61); what fits worse is no transformation for it.
WARN_RMS_M: Final = 0.05


@dataclass(frozen=True, slots=True)
class Plane:
    """Four parameters between planes, x east and y north.

    ``east' = east_m + k (x cos r - y sin r)``, ``north' = north_m + k (x sin r + y cos r)`` with
    ``k = 1 + scale_ppm / 1e6`` and `r` counterclockwise.
    """

    east_m: float
    north_m: float
    rotation_arcsec: float
    scale_ppm: float

    def apply(self, points: Points) -> Points:
        """Transform points, shape (n, 2), metres."""
        factor = 1 + self.scale_ppm * _PPM
        angle = self.rotation_arcsec * _ARCSEC
        a, b = factor * np.cos(angle), factor * np.sin(angle)
        x, y = points[:, 0], points[:, 1]
        return np.column_stack([self.east_m + a * x - b * y, self.north_m + b * x + a * y])


@dataclass(frozen=True, slots=True)
class Space:
    """Seven parameters between geocentric systems: position vector convention, small angles."""

    x_m: float
    y_m: float
    z_m: float
    rx_arcsec: float
    ry_arcsec: float
    rz_arcsec: float
    scale_ppm: float

    def apply(self, points: Points) -> Points:
        """Transform geocentric points, shape (n, 3), metres."""
        turned = np.array([self.rx_arcsec, self.ry_arcsec, self.rz_arcsec]) * _ARCSEC
        moved = points + np.cross(np.broadcast_to(turned, points.shape), points)
        shift = np.array([self.x_m, self.y_m, self.z_m])
        return np.asarray(shift + (1 + self.scale_ppm * _PPM) * moved)


Model = TypeVar("Model", Plane, Space)


@dataclass(frozen=True, slots=True, eq=False)
class Fit(Generic[Model]):
    """A fit and how good it is.

    Attributes
    ----------
    residuals_m : array of float, shape (n, 2 or 3)
        Transformed less given.
    rms_m : float
        Root of the mean square distance between transformed and given points.
    unit_weight_m : float or None
        Standard error of one coordinate; None without redundancy.
    outlier : int or None
        The point that fits worst, where the others promise much better.
    """

    model: Model
    residuals_m: Points
    rms_m: float
    unit_weight_m: float | None
    outlier: int | None

    @property
    def distances_m(self) -> Points:
        """Distance of each point from where it should be, shape (n,)."""
        return np.asarray(np.linalg.norm(self.residuals_m, axis=1))


def fit_plane(source: Points, target: Points) -> Fit[Plane]:
    """Fit four parameters by least squares.

    Parameters
    ----------
    source, target : array of float, shape (n, 2)
        East and north of the same points, metres; at least two.

    Raises
    ------
    InputError
        If there are too few points, they coincide or lie too close together, or no similarity
        fits them.
    """
    _check(source, target, fewest=2)
    model = _plane(source, target)
    if abs(model.scale_ppm * _PPM) > _MOST_SCALE:
        raise InputError(
            _("The scale would be {scale:.4f}: the points do not belong together.").format(
                scale=1 + model.scale_ppm * _PPM
            )
        )
    return _judged(model, source, target, _plane, parameters=4)


def fit_space(source: Points, target: Points) -> Fit[Space]:
    """Fit seven parameters by least squares.

    Parameters
    ----------
    source, target : array of float, shape (n, 3)
        Geocentric coordinates of the same points, metres; at least three that are not in a line.

    Raises
    ------
    InputError
        If there are too few points, they coincide, lie too close together or in one line, or the
        rotations are too great for small angles.
    """
    _check(source, target, fewest=3)
    spread = np.linalg.svd(source - source.mean(axis=0), compute_uv=False) / len(source) ** 0.5
    if spread[1] < _OFF_LINE_M:
        raise InputError(_("The common points lie in one line; seven parameters need an area."))
    model = _space(source, target)
    most = max(abs(model.rx_arcsec), abs(model.ry_arcsec), abs(model.rz_arcsec))
    if most > _MOST_ARCSEC:
        message = _("The rotation would be {arcsec:.0f}″: too great, or points are exchanged.")
        raise InputError(message.format(arcsec=most))
    return _judged(model, source, target, _space, parameters=7)


def _check(source: Points, target: Points, *, fewest: int) -> None:
    if len(source) < fewest:
        message = _("{count} common points are too few: at least {fewest} are needed.")
        raise InputError(message.format(count=len(source), fewest=fewest))
    if not (np.isfinite(source).all() and np.isfinite(target).all()):
        raise InputError(_("A coordinate of the common points is no number."))
    for points in (source, target):
        away = np.linalg.norm(points[:, None] - points[None, :], axis=2)
        if away.max() < _CLOSEST_M:
            message = _("The common points lie within {distance:.2f} m: too close together.")
            raise InputError(message.format(distance=away.max()))
        np.fill_diagonal(away, np.inf)
        if away.min() == 0:
            first = int(np.argmin(away.min(axis=1))) + 1
            message = _("Common point {number} is given twice.")
            raise InputError(message.format(number=first))


def _plane(source: Points, target: Points) -> Plane:
    # Around the middles, so that millions of metres do not eat the digits.
    middle, there = source.mean(axis=0), target.mean(axis=0)
    (x, y), (east, north) = (source - middle).T, (target - there).T
    square = (x * x + y * y).sum()
    a, b = (x * east + y * north).sum() / square, (x * north - y * east).sum() / square
    factor, angle = float(np.hypot(a, b)), float(np.arctan2(b, a))
    model = Plane(0.0, 0.0, angle / _ARCSEC, (factor - 1) / _PPM)
    (shift,) = there - model.apply(middle[None])
    return replace(model, east_m=float(shift[0]), north_m=float(shift[1]))


def _space(source: Points, target: Points) -> Space:
    middle, there = source.mean(axis=0), target.mean(axis=0)
    s, t = source - middle, target - there
    zero = np.zeros(len(s))
    x, y, z = s.T
    # Columns: scale, and scale times rx, ry, rz; the cross product of rotation and place.
    rows = np.stack(
        [
            np.column_stack([x, zero, z, -y]),
            np.column_stack([y, -z, zero, x]),
            np.column_stack([z, y, -x, zero]),
        ],
        axis=1,
    ).reshape(-1, 4)
    factor, *turned = np.linalg.lstsq(rows, t.reshape(-1), rcond=None)[0]
    rx, ry, rz = (float(value / factor / _ARCSEC) for value in turned)
    model = Space(0.0, 0.0, 0.0, rx, ry, rz, float((factor - 1) / _PPM))
    (shift,) = there - model.apply(middle[None])
    return replace(model, x_m=float(shift[0]), y_m=float(shift[1]), z_m=float(shift[2]))


def _judged(
    model: Model,
    source: Points,
    target: Points,
    solve: Callable[[Points, Points], Model],
    *,
    parameters: int,
) -> Fit[Model]:
    residuals = model.apply(source) - target
    square = float((residuals**2).sum())
    redundancy = residuals.size - parameters
    return Fit(
        model,
        residuals,
        (square / len(source)) ** 0.5,
        (square / redundancy) ** 0.5 if redundancy > 0 else None,
        _outlier(source, target, solve, parameters=parameters),
    )


def _outlier(
    source: Points,
    target: Points,
    solve: Callable[[Points, Points], Model],
    *,
    parameters: int,
) -> int | None:
    """Return the point that lies far from where all others put it, if they agree."""
    found: list[tuple[float, int]] = []
    # Distances of normal errors in a plane are distributed after Rayleigh.
    times = float(np.sqrt(2 * np.log(len(source) / _FALSE_ALARM)))
    for number in range(len(source)):
        others = np.arange(len(source)) != number
        redundancy = target[others].size - parameters
        if redundancy <= 0:
            return None
        model = solve(source[others], target[others])
        square = float(((model.apply(source[others]) - target[others]) ** 2).sum())
        away = float(np.linalg.norm(model.apply(source[number : number + 1]) - target[number]))
        if away > max(_OUTLIER_M, times * (square / redundancy) ** 0.5):
            found.append((square, number))
    # Without the culprit the others fit best.
    return min(found)[1] if found else None
