"""Points whose coordinates are known in two systems, and the parameters fitted to them."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from hjgis.errors import InputError, UsageError
from hjgis.exchange import encoding
from hjgis.exchange.foreign import unreadable
from hjgis.i18n import _
from hjgis.models.crs import geocentric, parse_crs
from hjgis.models.parameters import LOCAL, ParameterSet, write_parameters
from hjgis.models.region import region
from hjgis.models.similarity import (
    RECOMMENDED,
    WARN_RMS_M,
    Fit,
    Plane,
    Space,
    fit_plane,
    fit_space,
)

_NEEDED: Final = ("from_east", "from_north", "to_east", "to_north")
_HEIGHTS: Final = ("from_height", "to_height")


@dataclass(frozen=True, slots=True, eq=False)
class CommonPoints:
    """Points in two systems, row i of every array being the same point.

    Attributes
    ----------
    source, target : array of float, shape (n, 3)
        East, north and height; heights are 0 where the table has none.
    """

    names: tuple[str, ...]
    source: NDArray[np.float64]
    target: NDArray[np.float64]
    with_heights: bool


@dataclass(frozen=True, slots=True, eq=False)
class FittedSet:
    """A set of parameters with the points that it was fitted to."""

    parameters: ParameterSet
    fit: Fit[Plane] | Fit[Space]
    names: tuple[str, ...]
    warnings: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the fit as scripts read it, without the parameters, which are secret."""
        return {
            "name": self.parameters.name,
            "source": self.parameters.source,
            "target": self.parameters.target,
            "model": self.parameters.count,
            "rms_m": self.fit.rms_m,
            "unit_weight_m": self.fit.unit_weight_m,
            "outlier": None if self.fit.outlier is None else self.names[self.fit.outlier],
            "points": [
                {"name": name, "residuals_m": row, "distance_m": distance}
                for name, row, distance in zip(
                    self.names,
                    self.fit.residuals_m.tolist(),
                    self.fit.distances_m.tolist(),
                    strict=True,
                )
            ],
            "warnings": list(self.warnings),
        }

    @property
    def lines(self) -> tuple[str, ...]:
        """The residuals as a table, metres: each coordinate, then the distance."""
        rows = zip(self.names, self.fit.residuals_m, self.fit.distances_m, strict=True)
        return tuple(
            f"{name:<12} {'  '.join(f'{value:+9.4f}' for value in row)}  {away:8.4f}"
            for name, row, away in rows
        )

    @property
    def residual_words(self) -> str:
        """Say how well each point fits."""
        worst = ", ".join(
            f"{name} {distance:.3f}"
            for name, distance in zip(self.names, self.fit.distances_m.tolist(), strict=True)
        )
        message = _("{set}, fitted to {count} common points; off by (m): {residuals}")
        return message.format(set=self.parameters.words, count=len(self.names), residuals=worst)


def read_common_points(path: Path) -> CommonPoints:
    """Read a CSV with a heading: name, from_east, from_north, to_east, to_north, heights if any.

    The Chinese headings are listed in ``resources/places.toml``; bare X and Y are not among them,
    for X is north in surveys and east in maps.

    Raises
    ------
    InputError
        If it cannot be read, a column is missing or a cell is no number; names row and column.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error
    decided = encoding.of_text(data, None)
    rows = [row for row in csv.reader(io.StringIO(data.decode(decided.name))) if any(row)]
    places = _columns(path, rows[0] if rows else [])
    body = rows[1:]
    with_heights = all(name in places for name in _HEIGHTS)

    def three(side: str) -> NDArray[np.float64]:
        wanted = [f"{side}_east", f"{side}_north", *([f"{side}_height"] if with_heights else [])]
        numbers = [
            [_number(path, line, row, places[name], rows[0]) for name in wanted]
            for line, row in enumerate(body, 2)
        ]
        found = np.array(numbers, dtype=float).reshape(-1, len(wanted))
        return found if with_heights else np.column_stack([found, np.zeros(len(found))])

    names = tuple(
        (row[places["name"]].strip() if "name" in places else "") or str(number)
        for number, row in enumerate(body, 1)
    )
    return CommonPoints(names, three("from"), three("to"), with_heights)


def fit(
    points: CommonPoints, *, name: str, source: str, target: str, model: Literal[4, 7] = 4
) -> FittedSet:
    """Fit parameters from one system to another.

    Parameters
    ----------
    source : str
        System of the first coordinates; ``local`` for a plane without a name (four parameters).
    target : str
        System of the second ones.

    Raises
    ------
    InputError
        If the points do not determine the parameters.
    UsageError
        If the model does not go with the systems.
    """
    warnings = []
    found: Fit[Plane] | Fit[Space]
    if model == 4:
        _need_planes(source, target)
        found = fit_plane(points.source[:, :2], points.target[:, :2])
    else:
        if source == LOCAL:
            raise UsageError(_("Seven parameters need the datum: say --from SYSTEM."))
        sides = ((source, points.source), (target, points.target))
        found = fit_space(*(geocentric(parse_crs(text), *side.T) for text, side in sides))
        if not points.with_heights:
            warnings.append(_("The points have no heights: ellipsoidal heights of 0 were taken."))
    parameters = ParameterSet(name, source, target, found.model, len(points.names), found.rms_m)
    warnings += _doubts(found, points.names)
    return FittedSet(parameters, found, points.names, tuple(warnings))


def fit_file(
    path: Path, out: Path, *, source: str, target: str, model: Literal[4, 7], name: str | None
) -> FittedSet:
    """Fit the points of a file and write the set into a new file; see `fit`."""
    chosen = name or out.stem
    result = fit(read_common_points(path), name=chosen, source=source, target=target, model=model)
    write_parameters(out, result.parameters)
    return result


def _doubts(found: Fit[Plane] | Fit[Space], names: Sequence[str]) -> list[str]:
    doubts = []
    if len(names) < RECOMMENDED:
        message = _("{count} common points: {needed} or more are recommended.")
        doubts.append(message.format(count=len(names), needed=RECOMMENDED))
    if found.unit_weight_m is None:
        doubts.append(_("No point is left over, so nothing shows whether one is mistaken."))
    if found.rms_m > WARN_RMS_M:
        message = _("RMS {rms:.3f} m is worse than {limit:.2f} m.")
        doubts.append(message.format(rms=found.rms_m, limit=WARN_RMS_M))
    if found.outlier is not None:
        message = _("Point {name} fits much worse than the others promise; look at it.")
        doubts.append(message.format(name=names[found.outlier]))
    return doubts


def _need_planes(source: str, target: str) -> None:
    for text in (source, target):
        if text != LOCAL and not parse_crs(text).in_metres:
            message = _("Four parameters lead from plane to plane in metres; {crs} is none.")
            raise UsageError(message.format(crs=text))
    if target == LOCAL:
        raise UsageError(_("Parameters must lead to a system with a name: say --to SYSTEM."))


def _columns(path: Path, heading: Sequence[str]) -> Mapping[str, int]:
    folded = [_folded(cell) for cell in heading]
    known = region().common_points
    places = {
        key: next(place for place, title in enumerate(folded) if title in names)
        for key, names in known.items()
        if any(title in names for title in folded)
    }
    missing = [key for key in _NEEDED if key not in places]
    if missing:
        message = _("{path} lacks the columns {names}; a heading is e.g. {example}.")
        example = (
            "name,from_east,from_north,to_east,to_north / 点名,原X(北),原Y(东),新X(北),新Y(东)"
        )
        raise InputError(message.format(path=path.name, names=", ".join(missing), example=example))
    return places


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold().lstrip("\ufeff")


def _number(path: Path, line: int, row: Sequence[str], place: int, heading: Sequence[str]) -> float:
    text = row[place] if place < len(row) else ""
    try:
        return float(text)
    except ValueError as error:
        message = _("{path}, row {row}, {column}: {text} is no number.")
        text = message.format(path=path.name, row=line, column=heading[place], text=text or "-")
        raise InputError(text) from error
