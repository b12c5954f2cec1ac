"""Vertices set one after the other: what drawing, cutting and measuring have in common."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, Protocol

import shapely
from PySide6.QtCore import Qt, Signal
from shapely.geometry.base import BaseGeometry

from hjgis.errors import EditRefused
from hjgis.i18n import _
from hjgis.layers.snapping import Snap
from hjgis.models import linework
from hjgis.models.changes import Extent
from hjgis.models.tracing import traced
from hjgis.models.typed import Typed, azimuth_of, azimuth_words, locked, read_typed
from hjgis.ui.outside import outside_words
from hjgis.ui.tools.base import DRAG_PX, MapMouse, Place, Preview, Tool
from hjgis.ui.tools.pencil import Pencil

_ENDS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_SWITCHES: Final = {
    Qt.Key.Key_A: "arc",
    Qt.Key.Key_C: "circle",
    Qt.Key.Key_T: "trace",
    Qt.Key.Key_O: "square",
}
_TURNS_DEG: Final = {Qt.Key.Key_P: 0.0, Qt.Key.Key_V: 90.0}


class Surroundings(Protocol):
    """What is drawn already, for those who draw along it."""

    def geometry(self, layer: str, fid: int) -> BaseGeometry | None:
        """Return the form of a feature."""

    def edges(self, extent: Extent) -> list[BaseGeometry]:
        """Return the lines and areas that are seen in a box."""

    def beyond_m(self, x: float, y: float) -> float:
        """Return how far outside the project's area a place is, metres; 0 inside."""

    def degrees(self, text: str) -> Place | None:
        """Return the place that a text of longitude and latitude means; None if it is none."""


class SketchTool(Tool):
    """Click adds a vertex, Backspace takes the last one back, right click or Enter finishes.

    `vertices_changed` is emitted whenever the vertices are others; `given_up` when they are
    thrown away, which `undo` takes back.
    """

    vertices_changed = Signal()
    given_up = Signal()

    cursor = Qt.CursorShape.CrossCursor
    snaps = True

    def __init__(self, *, around: Surroundings | None = None) -> None:
        super().__init__()
        self.pencil = Pencil()
        self._around = around
        self._past: list[tuple[Place, ...]] = []
        self._future: list[tuple[Place, ...]] = []
        self._mouse: MapMouse | None = None
        self._middle: Place = (0.0, 0.0)
        self._last_px: Place | None = None
        self._last_snap: Snap | None = None
        self._why_not = self._insisted = ""

    @property
    def vertices(self) -> list[Place]:
        """What is set so far, project CRS."""
        return self.pencil.vertices

    # -- the hand ------------------------------------------------------------------------

    def press(self, mouse: MapMouse) -> None:
        if mouse.button == Qt.MouseButton.RightButton:
            self.finish()
        elif mouse.button == Qt.MouseButton.LeftButton:
            self._click(mouse)

    def move(self, mouse: MapMouse) -> None:
        self._mouse, self._why_not = mouse, ""
        if self.vertices or self.pencil.curve:
            self.preview_changed.emit()

    def double_click(self, mouse: MapMouse) -> None:
        # The first press of the pair has set the last vertex already.
        if mouse.button == Qt.MouseButton.LeftButton:
            self.finish()

    def key(self, key: int) -> bool:
        if key in _ENDS:
            self.finish()
        elif key == Qt.Key.Key_Backspace and self.vertices:
            self._remember()
            self.pencil.take_back()
            self._last_px = self._last_snap = None
            self._say()
        elif key in _SWITCHES and self.has_course:
            self.pencil.switch(_SWITCHES[Qt.Key(key)])
            self._say()
        elif key in _TURNS_DEG:
            self._turn_like_edge(_TURNS_DEG[Qt.Key(key)])
        else:
            return False
        return True

    @property
    def has_course(self) -> bool:
        """Whether what is drawn runs from place to place, so that it may run in curves."""
        return True

    @property
    def is_idle(self) -> bool:
        return not (self.vertices or self.pencil.curve)

    def cancel(self) -> None:
        if self.vertices:
            self._remember()
            self._clear()
            self.given_up.emit()
        else:
            self._clear()

    @property
    def undo_words(self) -> str:
        if not self._past:
            return ""
        return _("last point") if self.vertices else _("giving up the sketch")

    @property
    def redo_words(self) -> str:
        return _("last point") if self._future else ""

    def wants(self, key: int) -> bool:
        return bool(self.vertices) and key in (Qt.Key.Key_Backspace, *_SWITCHES, *_TURNS_DEG)

    def undo(self) -> bool:
        return self._step(self._past, self._future)

    def redo(self) -> bool:
        return self._step(self._future, self._past)

    def take_up(self, vertices: Sequence[Place]) -> None:
        """Go on with vertices that were set before."""
        self._remember()
        self.pencil.vertices[:] = vertices
        self._say()

    # -- the keyboard --------------------------------------------------------------------

    @property
    def takes_places(self) -> bool:
        return True

    @property
    def origin(self) -> Place | None:
        return self.vertices[-1] if self.vertices else None

    def look_at(self, middle: Place) -> None:
        self._middle = middle

    def typed(self, text: str) -> None:
        meant = self._understood(text)
        if meant.place is not None:
            self._refuse_outside(text, meant.place)
            self.take(meant.place)
            return
        self.pencil.lock(meant.length_m, meant.angle_deg)
        self._say()

    def take(self, place: Place) -> None:
        """Set a place that was measured, as if it had been typed."""
        self._last_px = self._last_snap = None
        self._add(place)

    def _refuse_outside(self, text: str, place: Place) -> None:
        """Ask for a second Enter where a typed place is outside: a digit may be missing."""
        words = outside_words(self._around.beyond_m(*place)) if self._around else ""
        if words and text != self._insisted:
            self._insisted = text
            raise EditRefused(_("{words}; Enter again takes it all the same").format(words=words))

    def read_back(self, text: str) -> str:
        try:
            meant = self._understood(text)
        except EditRefused as error:
            return str(error)
        if meant.place is None:
            return _("Holds for the next point")
        if self.origin is not None:
            return _step_words(self.origin, meant.place)
        x, y = meant.place[1], meant.place[0]
        words = _("X (north) {x:.3f}, Y (east) {y:.3f}").format(x=x, y=y)
        if meant.height_m is None:
            return words
        return _("{place}, ground {height:.3f} m").format(place=words, height=meant.height_m)

    def _understood(self, text: str) -> Typed:
        last, mouse, angle = self.latest, self._mouse, self.pencil.angle_deg
        towards = self._bound(mouse) if mouse else (last or self._middle)
        if last and angle is not None:
            towards = locked(towards, last, 1.0, angle)
        seen = mouse.middle if mouse and mouse.middle else self._middle
        meant = read_typed(
            text,
            last=last,
            towards=towards,
            seen=seen,
            azimuths=self.azimuths,
            degrees=self._around.degrees if self._around else None,
        )
        if meant.height_m is not None and not self.takes_height:
            raise EditRefused(_("No ground elevation is kept of what is drawn: type x,y."))
        return meant

    @property
    def takes_height(self) -> bool:
        """Whether a typed place may have a height."""
        return False

    # -- what is seen --------------------------------------------------------------------

    def preview(self) -> Preview:
        shape = self.sketch()
        switches = self.pencil.words(azimuths=self.azimuths)
        parts = (self.text(), switches, self._outside())
        words = self._why_not or "  ".join(filter(None, parts))
        return Preview((shape,) if shape is not None else (), text=words, handles=self.vertices)

    def _outside(self) -> str:
        """Say that the mouse is where the project has no features."""
        if self._around is None or self._mouse is None:
            return ""
        return outside_words(self._around.beyond_m(self._mouse.x, self._mouse.y))

    def sketch(self) -> BaseGeometry | None:
        """Return the line through the vertices and on to the mouse."""
        places = self.places()
        return shapely.LineString(places) if len(places) > 1 else None

    def places(self) -> list[Place]:
        """Return the vertices, those included that a click here would add."""
        if self._mouse is None:
            return list(self.vertices)
        return self.pencil.with_next(self._bound(self._mouse))

    def text(self) -> str:
        """Return what stands beside the mouse."""
        return ""

    # -- what comes of it ----------------------------------------------------------------

    def finish(self) -> None:
        """Make something of the vertices."""

    def vertex_added(self) -> None:
        """Hear that there is one vertex more."""

    def refuse(self, words: str) -> None:
        """Say beside the mouse why something cannot be; what is drawn stays."""
        self._why_not = words
        self.refused.emit(words)
        self.preview_changed.emit()

    def done(self) -> None:
        """Forget the vertices: something was made of them."""
        self._past.clear()
        self._future.clear()
        self._clear()

    def _click(self, mouse: MapMouse) -> None:
        if self._last_px is not None and math.dist(self._last_px, mouse.px) < DRAG_PX / 2:
            return
        self._last_px, self._mouse = mouse.px, mouse
        path = self._traced(mouse.snap)
        self._last_snap = mouse.snap
        self._add(self._bound(mouse), path or ())
        if path is None:
            self.refuse(_("No line that is seen leads there: the straight way was taken."))

    def _add(self, place: Place, path: Sequence[Place] = ()) -> None:
        before = tuple(self.vertices)
        try:
            self.pencil.add(place, path)
        except EditRefused as error:
            self.refuse(str(error))
            return
        if tuple(self.vertices) != before:
            self._past.append(before)
            self._future.clear()
            self.vertex_added()
        self._say()

    def _bound(self, mouse: MapMouse) -> Place:
        """Return where a click sets the vertex, locks obeyed."""
        place, last = (mouse.x, mouse.y), self.latest
        if last is None:
            return place
        pencil = self.pencil
        # A place that was snapped to is meant, whatever the right angles say.
        angle = pencil.angle_deg
        if angle is None and pencil.square and mouse.snap is None:
            angle = pencil.square_to(place)
        return locked(place, last, pencil.length_m, angle)

    def _traced(self, snap: Snap | None) -> list[Place] | None:
        """Return the vertices between the last place and this one along what is drawn already.

        None where tracing is wanted and no way is found.
        """
        before = self._last_snap
        if not (self.pencil.trace and snap and before and self._around and self.vertices):
            return []
        start, end = self.vertices[-1], (snap.x, snap.y)
        found = None
        if (snap.layer, snap.fid) == (before.layer, before.fid):
            along = self._around.geometry(snap.layer, snap.fid)
            found = traced([along], start, end) if along else None
        if found is None:
            found = traced(self._around.edges(_box_of_way(start, end)), start, end)
        return found

    def _turn_like_edge(self, more_deg: float) -> None:
        """Lock the direction to that of the edge under the mouse, or square to it."""
        snap = self._mouse.snap if self._mouse else None
        along = self._around.geometry(snap.layer, snap.fid) if snap and self._around else None
        angle = linework.direction_at(along, (snap.x, snap.y)) if snap and along else None
        if angle is None:
            self.refuse(_("Point at the edge that gives the direction."))
            return
        self.pencil.lock(self.pencil.length_m, angle + more_deg)
        self._say()

    def _step(self, back: list[tuple[Place, ...]], forth: list[tuple[Place, ...]]) -> bool:
        if not back:
            return False
        forth.append(tuple(self.vertices))
        self.pencil.vertices[:] = back.pop()
        self._last_px = self._last_snap = None
        self._say()
        return True

    def _remember(self) -> None:
        self._past.append(tuple(self.vertices))
        self._future.clear()

    def _clear(self) -> None:
        self.pencil.clear()
        self._last_px = self._last_snap = None
        self._why_not = ""
        self._say()

    def _say(self) -> None:
        self.vertices_changed.emit()
        self.preview_changed.emit()
        self.hint_changed.emit()


def _step_words(start: Place, end: Place) -> str:
    east, north = end[0] - start[0], end[1] - start[1]
    words = _("north {north:.3f} m, east {east:.3f} m; {length:.3f} m at azimuth {azimuth}")
    azimuth = azimuth_words(azimuth_of((east, north)))
    length = math.hypot(east, north)
    return words.format(north=north, east=east, length=length, azimuth=azimuth)


def _box_of_way(start: Place, end: Place) -> Extent:
    """Return the box in which a way from one place to the other may run."""
    (x0, y0), (x1, y1) = start, end
    room = math.dist(start, end) / 2
    return min(x0, x1) - room, min(y0, y1) - room, max(x0, x1) + room, max(y0, y1) + room
