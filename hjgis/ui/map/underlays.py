"""What lies under the map: pictures such as tiles and orthophotos, and files of others."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QImage, QPainter

from hjgis.errors import Cancelled, HjgisError, InputQuestion
from hjgis.layers.columns import LayerColumns
from hjgis.layers.parts import Part
from hjgis.layers.project import Project
from hjgis.models.changes import Extent
from hjgis.models.crs import Crs
from hjgis.models.shapes import Dimension
from hjgis.models.styles.style import (
    FillSymbol,
    LineSymbol,
    MarkerSymbol,
    Style,
    StyleClass,
    Symbol,
)
from hjgis.render.frame import MapFrame
from hjgis.render.map_picture import MapSource
from hjgis.ui.map.blitting import blit
from hjgis.ui.map.pictures import MARGIN_PX
from hjgis.ui.map.viewport import on_device

if TYPE_CHECKING:
    from hjgis.basemap.source import Basemap
    from hjgis.exchange.underlay import UnderlayFile

_FACT: Final = "underlays"
_INK: Final = "#7d8fa3"
_SYMBOLS: Final[Mapping[Dimension, Symbol]] = {
    0: MarkerSymbol(size_mm=1.0, fill=_INK, stroke=None),
    1: LineSymbol(color=_INK, width_mm=0.2),
    2: FillSymbol(fill=_INK + "18", outline=_INK, outline_mm=0.15),
}
_KINDS: Final = {0: "marker", 1: "line", 2: "fill"}
Kind = Literal["picture", "file"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One picture or file, as it is kept in the project.

    Attributes
    ----------
    path : str
        From the project's folder where it lies in it, else from the root.
    gcj02 : bool
        Its tiles are shifted by GCJ-02.
    crs : str or None
        Where it lies if it does not say so.
    """

    path: str
    kind: Kind
    visible: bool = True
    opacity: float = 1.0
    gcj02: bool = False
    crs: str | None = None


@dataclass(frozen=True, slots=True)
class Underlay:
    """An entry and what is known of it since it was opened."""

    entry: Entry
    extent: Extent | None = None
    notes: tuple[str, ...] = ()
    sources: tuple[MapSource, ...] = field(default=(), repr=False)

    @property
    def name(self) -> str:
        """The file's."""
        return Path(self.entry.path).name


@dataclass(frozen=True, slots=True, eq=False)
class _Opened:
    extent: Extent | None
    notes: tuple[str, ...]
    sources: tuple[MapSource, ...] = ()


class Underlays(QObject):
    """The list of what lies under the map, lowest first; reads and paints in its own thread.

    `changed` says that another picture is there, `listed` that the list is another, `refused`
    which entry could not be opened just after it was added, and why.
    """

    changed = Signal()
    listed = Signal()
    refused = Signal(object, object)

    def __init__(self, project: Project, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project, self._folder = project, project.path.resolve().parent
        self._held = [Underlay(entry) for entry in _kept(project)]
        self._new: set[str] = set()
        # Not of Qt's pool: its threads and pyproj do not go together, see `ui.jobs`.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="underlays")
        self._worker = _Worker(project.crs, self._folder)
        self._told, queued = _Told(self), Qt.ConnectionType.QueuedConnection
        self._told.opened.connect(self._take_opened, queued)
        self._told.failed.connect(self._take_failure, queued)
        self._told.painted.connect(self._take_picture, queued)
        self._shot: tuple[QImage, MapFrame] | None = None
        self._painting = self._closed = False
        self._waiting: tuple[MapFrame, float] | None = None
        self._latest: tuple[MapFrame, float] | None = None
        for held in self._held:
            self._open(held.entry)

    # -- the list ------------------------------------------------------------------------

    @property
    def entries(self) -> tuple[Underlay, ...]:
        """What lies under the map, lowest first."""
        return tuple(self._held)

    @property
    def is_empty(self) -> bool:
        """Whether no picture is to be seen."""
        return not any(_is_picture(held.entry) for held in self._held)

    @property
    def busy(self) -> bool:
        """Whether a picture is being painted."""
        return self._painting

    def add(self, path: Path, kind: Kind, *, crs: str | None = None) -> None:
        """Lay a file under the map, above the others; `refused` is told if it cannot be read."""
        entry = Entry(self._kept_path(path), kind, crs=crs)
        self._held = [held for held in self._held if held.entry.path != entry.path]
        self._held.append(Underlay(entry))
        self._new.add(entry.path)
        self._open(entry)
        self._list_changed()

    def path_of(self, entry: Entry) -> Path:
        """Return where the file of an entry is."""
        return self._folder / entry.path

    def remove(self, path: str) -> None:
        """Take an entry away; its file stays."""
        self._held = [held for held in self._held if held.entry.path != path]
        self._list_changed()

    def alter(self, path: str, **facts: bool | float) -> None:
        """Set `visible`, `opacity` or `gcj02` of an entry."""
        for number, held in enumerate(self._held):
            if held.entry.path == path:
                entry = replace(held.entry, **facts)  # type: ignore[arg-type]
                self._held[number] = replace(held, entry=entry)
                if entry.gcj02 != held.entry.gcj02:
                    self._open(entry)
        self._list_changed()

    def sources(self) -> tuple[MapSource, ...]:
        """Return the files of others that are to be painted with the map's layers."""
        shown = (held for held in self._held if held.entry.visible)
        return tuple(
            replace(source, style=replace(source.style, opacity=held.entry.opacity))
            for held in shown
            for source in held.sources
        )

    # -- the picture ---------------------------------------------------------------------

    def request(self, frame: MapFrame, ratio: float) -> None:
        """Paint the pictures for a frame, soon; a later request takes the place of this one."""
        self._latest = (frame, ratio)
        shown = [held.entry for held in self._held if _is_picture(held.entry)]
        if not shown:
            if self._shot is not None:
                self._shot = None
                self.changed.emit()
        elif self._painting:
            self._waiting = (frame, ratio)
        elif not self._closed:
            self._painting = True
            self._worker.wanted = wanted = on_device(frame, ratio, margin_px=MARGIN_PX)
            self._thread.submit(self._worker.paint, tuple(shown), wanted, self._told)

    def paint(self, painter: QPainter, frame: MapFrame) -> None:
        """Copy the latest picture to where it belongs now."""
        if self._shot is not None:
            blit(painter, [self._shot], frame)

    def stop(self) -> None:
        """Close all files and paint no more."""
        if not self._closed:
            self._closed = self._worker.stopped = True
            self._thread.submit(self._worker.close)
            self._thread.shutdown(wait=True)

    # -- inside --------------------------------------------------------------------------

    def _open(self, entry: Entry) -> None:
        if not self._closed:
            self._thread.submit(self._worker.open, entry, self._told)

    def _take_opened(self, entry: Entry, opened: _Opened) -> None:
        self._new.discard(entry.path)
        for number, held in enumerate(self._held):
            if held.entry.path == entry.path:
                self._held[number] = Underlay(
                    held.entry, opened.extent, opened.notes, opened.sources
                )
        self._repaint()

    def _take_failure(self, entry: Entry, error: HjgisError) -> None:
        if entry.path in self._new:
            self._new.discard(entry.path)
            self.remove(entry.path)
            self.refused.emit(entry, error)
            return
        # One that was there before stays in the list: its disk may be back tomorrow.
        for number, held in enumerate(self._held):
            if held.entry.path == entry.path:
                self._held[number] = Underlay(held.entry, None, (str(error),))
        self._repaint()

    def _take_picture(self, image: QImage | None, frame: MapFrame, notes: object) -> None:
        self._painting = False
        if image is not None:
            self._shot = (image, frame)
        if isinstance(notes, dict):
            self._note(notes)
        self.changed.emit()
        if self._waiting is not None:
            request, self._waiting = self._waiting, None
            self.request(*request)

    def _note(self, notes: Mapping[str, tuple[str, ...]]) -> None:
        before = list(self._held)
        self._held = [
            replace(held, notes=notes.get(held.entry.path, held.notes)) for held in self._held
        ]
        if before != self._held:
            self.listed.emit()

    def _list_changed(self) -> None:
        if not self._project.read_only and not self._project.access.unchecked:
            entries = [asdict(held.entry) for held in self._held]
            self._project.set_info(_FACT, json.dumps(entries, ensure_ascii=False))
        self._repaint()

    def _repaint(self) -> None:
        self.listed.emit()
        if self._latest is not None:
            self.request(*self._latest)

    def _kept_path(self, path: Path) -> str:
        full = path.resolve()
        if full.is_relative_to(self._folder):
            return full.relative_to(self._folder).as_posix()
        return str(full)


class _Told(QObject):
    """Signals from the thread; lives in the GUI thread."""

    opened = Signal(object, object)
    failed = Signal(object, object)
    painted = Signal(object, object, object)


class _Worker:
    """What runs in the thread: files are opened, read and closed there."""

    def __init__(self, crs: Crs, folder: Path) -> None:
        self._crs, self._folder = crs, folder
        self._maps: dict[str, Basemap] = {}
        self.wanted: MapFrame | None = None
        self.stopped = False

    def open(self, entry: Entry, told: _Told) -> None:
        try:
            told.opened.emit(entry, self._opened(entry))
        except HjgisError as error:
            told.failed.emit(entry, error)
        except BaseException:  # noqa: BLE001 - the thread must live on, and the crash dialog hear
            sys.excepthook(*sys.exc_info())

    def paint(self, entries: tuple[Entry, ...], frame: MapFrame, told: _Told) -> None:
        image: QImage | None = None
        try:
            image = self._painted(entries, frame)
        except Cancelled:
            pass
        except BaseException:  # noqa: BLE001 - as above
            sys.excepthook(*sys.exc_info())
        notes = {path: basemap.notes for path, basemap in self._maps.items()}
        told.painted.emit(image, frame, notes)

    def close(self) -> None:
        for basemap in self._maps.values():
            basemap.close()
        self._maps.clear()

    def report(self, done: int, total: int, key: str) -> None:
        """Nobody looks at the progress of a picture."""

    def check(self) -> None:
        if self.stopped:
            raise Cancelled

    def _opened(self, entry: Entry) -> _Opened:
        # Imported here: most projects have nothing below their map.
        from hjgis.basemap.source import open_basemap
        from hjgis.exchange.underlay import read_underlay

        path = self._folder / entry.path
        if entry.kind == "file":
            read = read_underlay(path, self._crs, assumed_crs=entry.crs, progress=self)
            sources = _sources(read)
            return _Opened(_around(sources), read.notes, sources)
        old = self._maps.pop(entry.path, None)
        if old is not None:
            old.close()
        basemap = open_basemap(path, self._crs, gcj02=entry.gcj02, assumed_crs=entry.crs)
        self._maps[entry.path] = basemap
        return _Opened(basemap.extent, basemap.notes)

    def _painted(self, entries: tuple[Entry, ...], frame: MapFrame) -> QImage:
        width, height = round(frame.width_px), round(frame.height_px)
        result = QImage(width, height, QImage.Format.Format_RGBA8888_Premultiplied)
        result.fill(Qt.GlobalColor.transparent)
        painter = QPainter(result)
        try:
            for entry in entries:
                basemap = self._maps.get(entry.path)
                if basemap is not None:
                    pixels = np.ascontiguousarray(basemap.render(frame.extent, width, height, self))
                    layer = QImage(pixels.data, width, height, 4 * width, result.format())
                    painter.setOpacity(entry.opacity)
                    painter.drawImage(0, 0, layer)
        finally:
            painter.end()
        return result.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)


def _kept(project: Project) -> list[Entry]:
    """Return what the project keeps; what does not fit is left out."""
    try:
        kept = json.loads(project.info(_FACT) or "[]")
        return [Entry(**facts) for facts in kept]
    except (ValueError, TypeError):
        return []


def _is_picture(entry: Entry) -> bool:
    return entry.kind == "picture" and entry.visible


def _sources(read: UnderlayFile) -> tuple[MapSource, ...]:
    result = []
    for shapes in read.shapes:
        dimension = shapes.dimension
        default = StyleClass((), {"en": read.name}, _SYMBOLS[dimension])
        style = Style(read.name, _KINDS[dimension], default)  # type: ignore[arg-type]
        name = os.fspath(f"underlay:{read.name}:{dimension}")
        columns = LayerColumns(name, dimension, (Part.of(shapes),))
        result.append(MapSource(columns, style, {"en": read.name}))
    return tuple(result)


def _around(sources: tuple[MapSource, ...]) -> Extent | None:
    boxes = [box for source in sources if (box := source.columns.extent())]
    if not boxes:
        return None
    low, high = np.array(boxes)[:, :2].min(axis=0), np.array(boxes)[:, 2:].max(axis=0)
    return (float(low[0]), float(low[1]), float(high[0]), float(high[1]))


def question_of(error: HjgisError) -> tuple[str, ...]:
    """Return the coordinate systems to choose from, if that is what is asked."""
    if isinstance(error, InputQuestion) and error.option == "--crs":
        return error.candidates or ("EPSG:4545",)
    return ()
