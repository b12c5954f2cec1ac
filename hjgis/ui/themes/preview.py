"""A small map of a theme that is being made, with its legend and what is to be known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QImage, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from hjgis.cartography.classed import categorised
from hjgis.cartography.composition import Composer, MapJob, hidden_text
from hjgis.cartography.legend import Row, legend_rows
from hjgis.cartography.portrayed import NO_DATA_COLOR, numbers, read
from hjgis.checks.figures import figures_of
from hjgis.i18n import _, label
from hjgis.layers.project import Project
from hjgis.models.classification import classify, histogram
from hjgis.models.styles.ramps import ramp
from hjgis.models.themes import Portrayal, Theme
from hjgis.progress import Progress
from hjgis.ui.latest import Latest
from hjgis.ui.themes.small_map import bare_frame, bare_map, bare_sheet

_LEAST_PX: Final = QSize(190, 140)


@dataclass(frozen=True, slots=True)
class ValueClass:
    """A value that has a class of its own."""

    value: str
    words: str
    color: str
    count: int


@dataclass(frozen=True, slots=True, eq=False)
class FieldFacts:
    """What the field of a portrayal holds.

    Attributes
    ----------
    edges, counts : array
        Of the histogram; see `classification.histogram`.
    limits : tuple of float
        Between the classes.
    colors : tuple of str
        Of the classes.
    values : tuple of ValueClass
        Of categories.
    """

    edges: NDArray[np.float64]
    counts: NDArray[np.int64]
    limits: tuple[float, ...] = ()
    colors: tuple[str, ...] = ()
    values: tuple[ValueClass, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A theme as it looks."""

    image: QImage
    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    facts: FieldFacts | None


class Picture(QLabel):
    """Where the map is shown; `resized` when it has room for another one."""

    resized = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setWordWrap(True)
        self.setStyleSheet("background: #ffffff")

    def sizeHint(self) -> QSize:
        """Return the least size: it can become smaller than the picture it has."""
        return _LEAST_PX

    minimumSizeHint = sizeHint

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()


class Preview(QObject):
    """Paints what is asked for last; `painted` carries a Shown, `failed` what went wrong."""

    painted = Signal(object)
    failed = Signal(object)

    def __init__(self, project: Project, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._latest = Latest(project, _("Preview"), self)
        self._latest.failed.connect(self.failed)

    @property
    def busy(self) -> bool:
        """Whether a picture is still to come."""
        return self._latest.busy

    def ask(self, about: Theme, size: QSize, *, ratio: float, of: Portrayal | None) -> None:
        """Paint a theme, and tell of one of its portrayals what its field holds."""
        work = partial(_shown, about=about, size=size, ratio=ratio, of=of)
        self._latest.ask(work, self.painted.emit)

    def give_up(self) -> None:
        """Leave what was asked for."""
        self._latest.give_up()

    def stop(self) -> None:
        """Stop for good."""
        self._latest.stop()


def _shown(
    project: Project,
    progress: Progress,
    *,
    about: Theme,
    size: QSize,
    ratio: float,
    of: Portrayal | None,
) -> Shown:
    composer = Composer(MapJob(project, sheet=bare_sheet(size), theme=about), progress=progress)
    page = composer.page(composer.place())
    image = bare_map(page, size, ratio=ratio, progress=progress)
    notes = list(composer.themed.notes)
    if page.hidden:
        notes.append(hidden_text(page.hidden, project.types))
    rows = tuple(legend_rows(page.layers, bare_frame(page), counts=True))
    facts = None if of is None else _facts(project, of, progress)
    return Shown(image, rows, tuple(notes), facts)


def _facts(project: Project, of: Portrayal, progress: Progress) -> FieldFacts | None:
    if of.layer not in project.types or not of.field:
        return None
    asset = project.asset_type(of.layer)
    if not asset.has(of.field) and of.field not in figures_of(asset):
        # Deleted after the theme was made; the theme's notes say so.
        return None
    features = read(project, of, progress, geometry=False) if asset.has(of.field) else None
    if of.method in ("categories", "pies") and features is not None:
        found, _notes = categorised(project, of, features, progress)
        counts = np.bincount(found.of[found.of >= 0], minlength=len(found.legend)).tolist()
        values = [
            ValueClass(value, label(words), color, count)
            for value, (words, color), count in zip(
                found.values, found.legend, counts, strict=False
            )
        ]
        nothing = histogram(np.zeros(0))
        return FieldFacts(*nothing, colors=_of(found.legend), values=tuple(values))
    if of.method != "graduated":
        return None
    features = features or read(project, of, progress, geometry=False)
    given = numbers(project, of, features, progress)
    if given is None:
        return FieldFacts(*histogram(np.zeros(0)))
    classes = classify(given, of.scheme, of.classes, breaks=of.breaks)
    colors = ramp(of.ramp).colors(len(classes)) if len(classes) else ()
    return FieldFacts(*histogram(given), classes.limits[:-1], colors)


def _of(legend: Sequence[tuple[object, str]]) -> tuple[str, ...]:
    return tuple(color for _words, color in legend) or (NO_DATA_COLOR,)
