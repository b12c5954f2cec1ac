"""Features coloured by what is reckoned of them, for the map and for sheets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hjgis import paths
from hjgis.checks import gaps, renewal
from hjgis.checks.cells import CELL_ID, CELLS
from hjgis.checks.gaps import GRID, LayerGaps
from hjgis.checks.rules.attributes import required_names
from hjgis.errors import UsageError
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models.assets import Label
from hjgis.models.styles.style import Style
from hjgis.models.styles.stylefile import load_style
from hjgis.progress import SILENT, Progress

COMPLETENESS, RENEWAL = "completeness", "renewal"


@dataclass(frozen=True, slots=True, eq=False)
class Shading:
    """The classes of the features of a layer.

    Attributes
    ----------
    fids : array of int64, shape (n,)
        Rising.
    classes : array of uint8, shape (n,)
        Index into ``style.all_classes``.
    title : label, optional
        What stands over the classes in a legend, if not the layer's name.
    """

    layer: str
    style: Style
    fids: NDArray[np.int64]
    classes: NDArray[np.uint8]
    title: Label | None = None

    def of(self, fids: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Return the classes of some features; the default's for those that are not known."""
        result = np.full(len(fids), len(self.style.classes), np.uint8)
        if len(self.fids):
            at = np.minimum(np.searchsorted(self.fids, fids), len(self.fids) - 1)
            there = self.fids[at] == fids
            result[there] = self.classes[at[there]]
        return result


def shading(
    project: Project, shade: str, *, measured: str = "", progress: Progress = SILENT
) -> Shading:
    """Reckon what features are coloured by.

    Parameters
    ----------
    shade : str
        A file of ``resources/shades``.
    measured : str
        Completeness: of which layer or, behind a dot, of which of its fields; of all layers of
        assets if empty.

    Raises
    ------
    UsageError
        If there is no such layer or required field.
    Cancelled
        If `progress` says so.
    """
    return _SHADES[shade](project, measured, progress)


@cache
def shade_style(shade: str) -> Style:
    """Return how a shading looks: its classes by index, none of them found by a field."""
    style = load_style(paths.resources() / "shades" / f"{shade}.toml")
    return replace(style, class_field=None)


def classes_of(style: Style, numbers: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return the class of each number: the last whose code is not above it; NaN: the default.

    Parameters
    ----------
    style : Style
        With one number as the code of each class, rising.
    """
    limits = [float(str(entry.codes[0])) for entry in style.classes]
    found = np.searchsorted(limits, np.nan_to_num(numbers), side="right") - 1
    return np.where(np.isnan(numbers), len(limits), np.maximum(found, 0)).astype(np.uint8)


def of_cells(
    cells: Mapping[int, str | None], held: Iterable[LayerGaps], field: str | None = None
) -> Shading:
    """Return grid cells by the completeness of what is in them.

    Parameters
    ----------
    cells : mapping of int to str
        The ids of the cells by fid, rising.
    held : iterable of LayerGaps
        The layers that count.
    field : str, optional
        Only this required field, of those that have it.
    """
    asked: Counter[object] = Counter()
    lacking: Counter[object] = Counter()
    for layer in held:
        if field is not None and field not in layer.names:
            continue
        tally = layer.tally(GRID)
        for row, cell in enumerate(tally.values):
            here = tally.figures(row, field)
            asked[cell] += here[0]
            lacking[cell] += here[1]
    style = shade_style(COMPLETENESS)
    shares = [
        100 * (asked[cell] - lacking[cell]) / asked[cell] if cell and asked[cell] else np.nan
        for cell in cells.values()
    ]
    fids = np.fromiter(cells, np.int64, len(cells))
    return Shading(CELLS, style, fids, classes_of(style, np.array(shares, np.float64)))


def cells_of(project: Project) -> dict[int, str | None]:
    """Return the ids of the grid cells by fid; none where there is no grid."""
    if CELLS not in project.types:
        return {}
    table = project.table(CELLS, [CELL_ID], geometry=False)
    ids: list[str | None] = table.columns[CELL_ID].tolist()
    return dict(zip(table.fids.tolist(), ids, strict=True))


def measured_part(project: Project, measured: str) -> tuple[list[str], str | None]:
    """Return the layers and the field that a text like ``manhole.state`` means; see `shading`.

    Raises
    ------
    UsageError
        If there is no such layer of assets, or no such required field.
    """
    layer, _dot, field = measured.partition(".")
    assets = [name for name, asset in project.types.items() if asset.kind == "asset"]
    if not layer:
        return assets, None
    if layer not in assets:
        message = _("{name} is no layer of assets. Known are: {known}.")
        raise UsageError(message.format(name=layer, known=", ".join(assets)))
    required = required_names(project.asset_type(layer))
    if field and field not in required:
        message = _("{name} is no required field. Known are: {known}.")
        raise UsageError(message.format(name=field, known=", ".join(required)))
    return [layer], field or None


def _completeness(project: Project, measured: str, progress: Progress) -> Shading:
    layers, field = measured_part(project, measured)
    held = []
    for done, layer in enumerate(layers):
        progress.report(done, len(layers), layer)
        held.append(gaps.read(project, layer, progress=progress))
    return of_cells(cells_of(project), held, field)


def _renewal(project: Project, _measured: str, progress: Progress) -> Shading:
    found = renewal.candidates(project, progress=progress)
    style = shade_style(RENEWAL)
    classes = classes_of(style, found.shade)
    return Shading(renewal.PIPES, style, found.features.fids, classes)


_SHADES: Final[Mapping[str, Callable[[Project, str, Progress], Shading]]] = {
    COMPLETENESS: _completeness,
    RENEWAL: _renewal,
}
