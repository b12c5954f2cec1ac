"""One layer of somebody else's file, whatever the file is."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hjgis.errors import InputError
from hjgis.exchange.encoding import Encoding
from hjgis.exchange.report import Problem, from_ranges, in_ranges
from hjgis.i18n import _, reason
from hjgis.models.crs import Crs

_FULL: Final = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True, slots=True)
class ForeignLayer:
    """One layer of a foreign file, row i of every array being the same record.

    Attributes
    ----------
    geometry : array of shapely geometries, shape (n,)
        As in the file; None where missing or not readable.
    unreadable : array of bool, shape (n,)
        Where there are bytes that are no geometry.
    crs : Crs or None
        As the file says.
    problems : tuple of Problem
        What is odd in single rows, e.g. text that was spoilt before.
    spatial : bool
        Whether its records are meant to have places; a table without geometry has none.
    words : mapping of str to mapping of str to str
        Of coded columns: what the file says that each code means.
    measured : bool
        Whether a satellite receiver gave the places, so that they are true degrees.
    """

    name: str
    columns: dict[str, NDArray[Any]]
    geometry: NDArray[np.object_]
    unreadable: NDArray[np.bool_]
    crs: Crs | None
    encoding: Encoding
    warnings: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    spatial: bool = True
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    measured: bool = False

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self.geometry)


def without_places(layer: ForeignLayer, *said: str) -> ForeignLayer:
    """Return a layer as a table without geometry; `said` is why."""
    nothing = np.full(len(layer), None, dtype=object)
    return replace(
        layer,
        geometry=nothing,
        unreadable=np.zeros(len(layer), dtype=bool),
        crs=None,
        warnings=(*layer.warnings, *said),
        spatial=False,
    )


def joined(layers: Sequence[ForeignLayer]) -> ForeignLayer:
    """Return the records of several layers one behind the other; columns that one lacks are None.

    Rows in the problems of the second layer and of later ones are counted on.
    """
    first = layers[0]
    names = dict.fromkeys(name for layer in layers for name in layer.columns)
    columns = {
        name: np.concatenate(
            [
                layer.columns.get(name, np.full(len(layer), None, dtype=object)).astype(object)
                for layer in layers
            ]
        )
        for name in names
    }
    return replace(
        first,
        columns=columns,
        geometry=np.concatenate([layer.geometry for layer in layers]),
        unreadable=np.concatenate([layer.unreadable for layer in layers]),
        warnings=tuple(dict.fromkeys(words for layer in layers for words in layer.warnings)),
        problems=tuple(_counted_on(layers)),
    )


def _counted_on(layers: Sequence[ForeignLayer]) -> Iterator[Problem]:
    before = 0
    for layer in layers:
        for problem in layer.problems:
            runs = [range(low, high + 1) for low, high in from_ranges(problem.rows)]
            rows = [before + row for run in runs for row in run]
            first = None if problem.row is None else before + problem.row
            yield replace(problem, row=first, rows=in_ranges(rows))
        before += len(layer)


def unique(names: Iterable[str]) -> list[str]:
    """Return the names, those met before with a number, so that no column hides another."""
    result: list[str] = []
    for name in names:
        number, free = 2, name
        while free in result:
            free, number = f"{name}_{number}", number + 1
        result.append(free)
    return result


def is_null(value: object) -> bool:
    """Whether a value of a foreign column says nothing: None, NaN, NaT or no text."""
    return value is None or value != value or str(value) in ("NaT", "")


def unreadable(path: Path, error: object) -> InputError:
    """Return the error that names the file, and says what to do where the system refused it."""
    if isinstance(error, FileNotFoundError):
        return InputError(_("There is no file {path}.").format(path=path))
    if isinstance(error, PermissionError):
        message = _("{path} may not be read: close it in other programs, or ask whose it is.")
        return InputError(message.format(path=path.name))
    if isinstance(error, OSError) and error.errno in _FULL:
        message = _("No room for temporary files to read {path}: free some space on the disk.")
        return InputError(message.format(path=path.name))
    message = _("{path} cannot be read: {error}")
    return InputError(message.format(path=path.name, error=reason(error)[:300]))


def beside(path: Path, suffix: str) -> Path | None:
    """Return the file of the same stem with this suffix in whatever case, if there is one."""
    for candidate in (path.with_suffix(suffix), path.with_suffix(suffix.upper())):
        if candidate.exists():
            return candidate
    return None
