"""The program as the measurements see it: all that they ask of hjgis is asked here."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from operator import is_ as _is
from pathlib import Path
from typing import Final, Protocol

# Before the application: no display is asked for unless the caller has one.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import shapely
from PySide6.QtCore import QEventLoop, QObject, QRect, QTimer
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication

from hjgis import paths
from hjgis.layers.columns import LayerColumns, read_columns
from hjgis.layers.project import Project
from hjgis.layers.texts import LabelTexts
from hjgis.models.changes import Announcement, Change, ChangeSet, FeatureKey
from hjgis.models.styles.stylefile import style_for
from hjgis.render.frame import MapFrame
from hjgis.render.map_picture import MapSource, paint_texts
from hjgis.settings import Settings
from hjgis.ui.app import start_qt
from hjgis.ui.jobs import Jobs
from hjgis.ui.main_window import MainWindow
from hjgis.ui.map.canvas import MapCanvas
from hjgis.ui.map.frame_painter import paint_frame
from hjgis.ui.map.map_layers import MapLayers
from hjgis.ui.map.map_loading import MapLoader
from hjgis.ui.map.pictures import MARGIN_PX, FrameRequest, PictureMaker
from hjgis.ui.selection import Selection
from hjgis.ui.tools.base import PICK_PX, SNAP_PX, Tool
from hjgis.ui.workspace import Workspace

WIDTH_PX: Final = 1600
HEIGHT_PX: Final = 1000
STYLES: Final = Path(__file__).resolve().parent / "styles"


def use_styles(folder: Path) -> None:
    """Let the town's layers be drawn in seven classes: the program's resources and our styles."""
    own = paths.resources()
    (folder / "styles").mkdir(parents=True, exist_ok=True)
    for source in (*own.iterdir(), *(own / "styles").glob("*.toml"), *STYLES.glob("*.toml")):
        inside = folder / "styles" if source.suffix == ".toml" and source.parent != own else folder
        target = inside / source.name
        if source.name != "styles" and not target.exists():
            target.symlink_to(source)
    paths.resources = lambda: folder  # type: ignore[assignment]


# -- pictures without a window -------------------------------------------------------------


def application() -> QApplication:
    """Return Qt, dressed as the program dresses it."""
    return start_qt(["hjgis"])


def sources(project: Project, layers: Sequence[str]) -> dict[str, MapSource]:
    """Read layers into memory."""
    result = {}
    for layer in layers:
        asset = project.asset_type(layer)
        style = style_for(asset)
        result[layer] = MapSource(read_columns(project.store, asset, style), style, asset.label)
    return result


def full_view(project: Project) -> MapFrame:
    """Return the frame that shows everything."""
    extent = project.extent()
    assert extent is not None
    return MapFrame.fitting(extent, width_px=WIDTH_PX, height_px=HEIGHT_PX)


def view(centre: tuple[float, float], width_m: float) -> MapFrame:
    """Return the frame that shows so many metres from left to right."""
    return MapFrame(*centre, width_m / WIDTH_PX, WIDTH_PX, HEIGHT_PX)


def zoomed(frame: MapFrame, factor: float) -> MapFrame:
    """Return the frame about the same middle."""
    return replace(frame, m_per_px=frame.m_per_px / factor)


def redraw(project: Project, frame: MapFrame, layers: Sequence[MapSource]) -> QImage:
    """Paint a picture without labels from nothing, with the margin that the window keeps."""
    request = FrameRequest(frame, 1.0, tuple(layers), labels=False)
    return paint_frame(request, project.reader).base.image


def redraw_labelled(texts: LabelTexts, frame: MapFrame, layers: Sequence[MapSource]) -> QImage:
    """Paint just a frame, with labels, from nothing; texts that were read before are there."""
    # The margin that the window keeps is not in it: QGIS paints none.
    inner = replace(
        frame, width_px=frame.width_px - 2 * MARGIN_PX, height_px=frame.height_px - 2 * MARGIN_PX
    )
    request = FrameRequest(inner, 1.0, tuple(layers))
    shown = list(PictureMaker(texts).pictures(request, _Patient()))[-1].flat
    assert shown is not None
    return shown.image


class _Patient:
    """Wants the whole picture."""

    superseded = False

    def report(self, done: int, total: int, key: str) -> None:
        """Show nothing."""

    def check(self) -> None:
        """Give nothing up."""


def in_view(source: MapSource, frame: MapFrame) -> int:
    """Return how many features a frame shows."""
    return len(source.columns.in_view(frame.extent))


@contextmanager
def label_writer(
    project: Project, frame: MapFrame, source: MapSource
) -> Iterator[Callable[[], int]]:
    """Give what places and draws the labels in a frame and says how many; texts are at hand."""
    texts = LabelTexts(project.reader)
    image = QImage(WIDTH_PX, HEIGHT_PX, QImage.Format.Format_ARGB32_Premultiplied)

    def write() -> int:
        image.fill(0)
        painter = QPainter(image)
        try:
            return paint_texts(painter, frame, [source], texts)
        finally:
            painter.end()

    try:
        yield write
    finally:
        texts.close()


def bytes_a_feature(columns: LayerColumns) -> float:
    """Return the memory that the arrays of a layer take, divided by its features."""
    return columns.nbytes / max(len(columns), 1)


# -- the window ------------------------------------------------------------------------------


@dataclass
class LiveMap:
    """A canvas on the screen and what belongs to it."""

    project: Project
    canvas: MapCanvas
    layers: MapLayers
    jobs: Jobs
    apply: Callable[[ChangeSet], object]
    tool: Callable[[str], Tool] | None = None

    @property
    def busy(self) -> bool:
        """Whether anything is read or painted."""
        return self.jobs.busy or self.canvas.busy

    @property
    def is_loaded(self) -> bool:
        """Whether all layers are in memory."""
        return self.layers.is_loaded

    @property
    def shows_something(self) -> bool:
        """Whether the latest picture has anything on it."""
        picture = self.canvas._picture
        if picture is None:
            return False
        return bool(pixels(picture.base.image).any())

    @property
    def is_complete(self) -> bool:
        """Whether the latest picture shows all that is to be seen now."""
        picture = self.canvas._picture
        if picture is None or not (picture.complete and self.is_loaded):
            return False
        asked, wanted = picture.request, self.layers.sources()
        same = len(asked.layers) == len(wanted) and all(map(_is, asked.layers, wanted))
        return same and asked.frame == self.canvas.frame

    def wait(self, longest_s: float = 300) -> None:
        """Let the window work until it has nothing to do."""
        started, quiet = time.monotonic(), 0
        while quiet < 5:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 10)
            time.sleep(0.005)
            quiet = 0 if self.busy or not self.is_loaded else quiet + 1
            if time.monotonic() - started > longest_s:
                raise TimeoutError("the window is still busy")

    def pick(self, x: float, y: float, m_per_px: float) -> int:
        """Return how many features are under a place."""
        frame = replace(self.canvas.frame, m_per_px=m_per_px)
        denominator = frame.scale_denominator
        return len(self.layers.pick(x, y, within=PICK_PX * m_per_px, denominator=denominator))

    def snap(self, x: float, y: float, m_per_px: float) -> bool:
        """Return whether there is something to snap to."""
        frame = replace(self.canvas.frame, m_per_px=m_per_px)
        found = self.layers.snap(
            x, y, tolerance=SNAP_PX * m_per_px, denominator=frame.scale_denominator
        )
        return found is not None

    def nudge(self, layer: str, fid: int, east_m: float) -> ChangeSet:
        """Return the edit that moves a feature."""
        uuid = str(self.project.table(layer, [], fids=[fid]).uuids[0])
        before = self.project.get(FeatureKey(layer, uuid))
        moved = shapely.transform(before.geometry, lambda xy: xy + np.array([east_m, 0.0]))
        params = {"distance_m": abs(east_m), "count": 1}
        return ChangeSet("edit.move", (Change(before, before.with_geometry(moved)),), params=params)

    def nearest(self, layer: str, x: float, y: float) -> int:
        """Return the feature that is nearest to a place."""
        found, _away = self.layers[layer].columns.near(x, y, 200.0)
        return int(found.fids[0])


def pixels(image: QImage) -> np.ndarray:
    """Return the picture's values, shape (height, width * 4); they are the image's own."""
    flat = np.frombuffer(image.constBits(), np.uint8)
    return flat.reshape(image.height(), image.bytesPerLine())


def time_paints(sink: list[float]) -> None:
    """Let every canvas write the milliseconds of its paint events down."""
    plain = MapCanvas.paintEvent

    def timed(canvas: MapCanvas, event: QPaintEvent) -> None:
        started = time.perf_counter()
        plain(canvas, event)
        sink.append((time.perf_counter() - started) * 1000)

    MapCanvas.paintEvent = timed  # type: ignore[method-assign]


def time_follow(sink: list[float]) -> None:
    """Let the layers write down when they hear of a stored change."""
    plain = MapLayers.follow

    def timed(layers: MapLayers, announcement: Announcement, reader: Project) -> None:
        sink.append(time.perf_counter())
        plain(layers, announcement, reader)

    MapLayers.follow = timed  # type: ignore[method-assign, assignment]


@contextmanager
def open_window(path: Path) -> Iterator[LiveMap]:
    """Open the main window on a project, its map 1600 x 1000 pixels, and wait for all of it."""
    project = Project.open(path)
    window = MainWindow(project, Settings())
    assert window.workspace is not None
    space = window.workspace
    window.show()
    more = (WIDTH_PX - space.canvas.width(), HEIGHT_PX - space.canvas.height())
    window.resize(window.width() + more[0], window.height() + more[1])
    tool = space.toolbox.__getitem__
    live = LiveMap(project, space.canvas, space.layers, window.jobs, space.apply, tool)
    try:
        live.wait()
        yield live
    finally:
        window.close()


@contextmanager
def open_layer(project: Project, layer: str, frame: MapFrame) -> Iterator[LiveMap]:
    """Begin to read a single layer into a canvas that shows a frame; the caller waits."""
    jobs, selection = Jobs(), Selection()
    layers = MapLayers({layer: project.asset_type(layer)})
    loader = MapLoader(project.reader, layers.show_partly)
    canvas = MapCanvas(layers, selection, project.reader)
    canvas.resize(WIDTH_PX, HEIGHT_PX)
    canvas.start_at(frame)
    canvas.show()
    live = LiveMap(project, canvas, layers, jobs, project.session.apply)  # type: ignore[arg-type]
    layers.begin([layer])
    take = partial(_take, layers, project)
    jobs.run(partial(loader.read, [layer]), take, title="")
    try:
        yield live
    finally:
        jobs.stop()
        canvas.stop()


def _take(layers: MapLayers, project: Project, columns: Mapping[str, LayerColumns]) -> None:
    layers.load(columns, project.store)


def until_drawn(live: LiveMap, wanted: Callable[[], bool], longest_s: float = 120) -> float:
    """Wait for a picture that is wanted to be on the screen; return the moment."""
    painted: list[float] = []
    plain = live.canvas.repaint

    def repaint(*area: QRect) -> None:
        plain(*area)
        painted.append(time.perf_counter())

    loop, moments = QEventLoop(), []

    def look() -> None:
        if wanted():
            # What the user sees is the window, not the picture; an edit is there already.
            if not painted:
                repaint()
            moments.append(painted[-1])
            loop.quit()
        painted.clear()

    live.canvas.repaint = repaint
    live.canvas.drawn.connect(look)
    QTimer.singleShot(int(longest_s * 1000), loop.quit)
    loop.exec()
    live.canvas.drawn.disconnect(look)
    del live.canvas.repaint
    if not moments:
        raise TimeoutError("no picture came")
    return moments[0]


class MapEars(Protocol):
    """Who wants to hear how a start goes."""

    def opened(self) -> None:
        """Hear that the project is open and its canvas made."""

    def first(self) -> None:
        """Hear that something of the map is on the screen."""

    def complete(self) -> None:
        """Hear that the whole map is on the screen."""


def listen(ears: MapEars) -> None:
    """Tell of the map of the next project that is opened; leave when it is complete."""
    plain = Workspace.__init__

    def made(space: Workspace, project: Project, jobs: Jobs, parent: QObject | None = None) -> None:
        plain(space, project, jobs, parent)
        live = LiveMap(project, space.canvas, space.layers, jobs, space.apply)
        space.canvas.drawn.connect(partial(_tell_of, live, ears))
        ears.opened()

    Workspace.__init__ = made  # type: ignore[method-assign]


def _tell_of(live: LiveMap, ears: MapEars) -> None:
    # What the user sees is the window, not the picture.
    if live.shows_something:
        live.canvas.repaint()
        ears.first()
    if live.is_complete:
        ears.complete()
        QApplication.closeAllWindows()
