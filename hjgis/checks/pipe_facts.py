"""What the fields of pipes and points mean, for all rules of the network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from hjgis.checks.network import ENDS, NUMBER
from hjgis.checks.rules.register import limits_of
from hjgis.models.assets import Catalogue
from hjgis.models.reading import Coded

if TYPE_CHECKING:
    from hjgis.checks.features import Features

PLACEHOLDER: Final = "attribute.placeholder"
NAMING: Final = ("pipe_no", "start_no", "end_no")
SIZE: Final = ("diameter_mm", "width_mm", "height_mm")
GRAVITY: Final = ("kind", "is_gravity")
FLOW: Final = (*GRAVITY, "flow_dir")
DEPTHS: Final = ("start_depth_m", "end_depth_m")
# Metres: levels written in centimetres are not exact in binary.
CENTIMETRES: Final = 1e-6
ELEVATIONS: Final = ("start_elev_m", "end_elev_m")


def plausible(features: Features, name: str) -> NDArray[np.float64]:
    """Return a field of numbers, NaN where it is out of the range of its field.

    For sizes, years and counts: what is out of range is told for that. Levels are taken as they
    are measured, whatever datum they count from.
    """
    given = features.numbers(name)
    low, high = features.asset.field(name).range or (None, None)
    kept = given >= (-np.inf if low is None else low)
    kept &= given <= (np.inf if high is None else high)
    return np.where(kept, given, np.nan)


def placeholders(features: Features, name: str) -> NDArray[np.bool_]:
    """Say where a number stands for no number: -999, 9999, 0 where nothing of the kind can be.

    What is listed as a placeholder and lies within the range of its field is a value.
    """
    given = features.numbers(name)
    listed = np.isin(given, limits_of(PLACEHOLDER).get("values", ()))
    return np.asarray(listed & np.isnan(plausible(features, name)))


def measured(features: Features, name: str) -> NDArray[np.float64]:
    """Return a field of numbers, NaN where it holds nothing, infinity or a placeholder."""
    given = features.numbers(name)
    return np.where(placeholders(features, name) | ~np.isfinite(given), np.nan, given)


def levels(features: Features, names: tuple[str, str]) -> NDArray[np.float64]:
    """Return what was measured at the first and the last vertex of lines, shape (n, 2)."""
    return np.column_stack([measured(features, name) for name in names])


def with_extra(column: Coded, catalogue: Catalogue, codes: str, key: str) -> NDArray[np.bool_]:
    """Say which rows hold a code whose entry in its list says yes to a key."""
    entries = catalogue.codes(codes)

    def says(value: object) -> bool:
        entry = entries.get(value)
        return entry is not None and bool(entry.extra.get(key))

    return column.meeting(says)


def of_major(column: Coded, catalogue: Catalogue, major: str) -> NDArray[np.bool_]:
    """Say which rows hold a pipe kind of a group."""
    entries = catalogue.codes("pipe_kind")

    def belongs(value: object) -> bool:
        entry = entries.get(value)
        return entry is not None and entry.extra.get("major") == major

    return column.meeting(belongs)


def gravity(features: Features, catalogue: Catalogue) -> NDArray[np.bool_]:
    """Say which pipes run by gravity: those that say so, others by their kind."""
    said = features.numbers("is_gravity")
    by_kind = with_extra(features.texts("kind"), catalogue, "pipe_kind", "gravity")
    return np.where(np.isnan(said), by_kind, said == 1)


def flow(features: Features, catalogue: Catalogue) -> NDArray[np.int8]:
    """Return 1 where a pipe flows to its last vertex, -1 to its first, 0 where nobody knows."""
    column = features.texts("flow_dir")
    entries = catalogue.codes("flow_direction")
    known = [entries.get(value) for value in column.values]
    signs = [int(str(entry.extra.get("sign", 0))) if entry else 0 for entry in known]
    return np.array([*signs, 0], dtype=np.int8)[column.codes]


def height_m(features: Features) -> NDArray[np.float64]:
    """Return how high the inside of pipes is in metres; NaN where the size is not known."""
    height, diameter = plausible(features, "height_mm"), plausible(features, "diameter_mm")
    return np.where(np.isnan(height), diameter, height) / 1000.0


def section_m2(features: Features) -> NDArray[np.float64]:
    """Return the section of pipes in square metres; NaN where the size is not known."""
    diameter = plausible(features, "diameter_mm") / 1000.0
    width, height = (plausible(features, name) / 1000.0 for name in ("width_mm", "height_mm"))
    # For a box the diameter repeats the width.
    wide = np.where(np.isnan(width), diameter, width)
    return np.where(np.isnan(height), np.pi / 4 * diameter**2, wide * height)


def to_top(features: Features, catalogue: Catalogue) -> NDArray[np.bool_]:
    """Say whose depths and elevations count to the top: by elev_basis, or pressure pipes."""
    basis = features.texts("elev_basis")
    listed = with_extra(basis, catalogue, "elevation_basis", "top")
    bottom = basis.isin(("管内底", "沟底"))
    return np.where(listed | bottom, listed, ~gravity(features, catalogue))


def pipe_names(features: Features, rows: NDArray[Any]) -> NDArray[np.object_]:
    """Return what people call pipes: the number, or those of both ends; "-" for nothing known."""
    numbers = features.objects("pipe_no", rows)
    first, last = (features.objects(number, rows) for _node, number in ENDS)
    named = np.empty(len(numbers), dtype=object)
    for at, (number, a, b) in enumerate(zip(numbers, first, last, strict=True)):
        named[at] = str(number or ("-" if a is None and b is None else f"{a or '?'}-{b or '?'}"))
    return named


def point_names(features: Features) -> NDArray[np.object_]:
    """Return what people call all the points of a layer: the number; "-" where there is none."""
    column = features.texts(NUMBER)
    known = np.empty(len(column.values) + 1, dtype=object)
    known[:-1] = column.values
    known[-1] = "-"
    return np.asarray(known[column.codes], dtype=object)


def size_names(features: Features, rows: NDArray[Any]) -> NDArray[np.object_]:
    """Return sizes of pipes as written on maps: 300, or 600×400 for a box."""
    diameter, width, height = (features.numbers(name)[rows] for name in SIZE)
    named = np.empty(len(diameter), dtype=object)
    for at, (d, w, h) in enumerate(zip(diameter, width, height, strict=True)):
        wide = d if np.isnan(w) else w
        named[at] = f"{d:.0f}" if np.isnan(h) else f"{wide:.0f}×{h:.0f}"
    return named
