"""What a map tool is: a state, mouse events in map coordinates, at most one ChangeSet out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import shapely
from PySide6.QtCore import QObject, Qt, Signal
from shapely.geometry.base import BaseGeometry

from hjgis.layers.snapping import Snap
from hjgis.models.changes import Extent

# How near a click must be to a feature, and how far a press must travel to be a drag.
PICK_PX = 8
DRAG_PX = 4
SNAP_PX = 10

Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class MapMouse:
    """Where the mouse is on the map.

    Attributes
    ----------
    x, y : float
        Project CRS, metres; at the snapped place if there is one.
    px : tuple of float
        Window pixels of the mouse itself.
    m_per_px, denominator : float
        Of the view.
    free : tuple of float or None
        Where the mouse would be without snapping; None says where it is.
    middle : tuple of float or None
        The middle of what is seen.
    """

    x: float
    y: float
    px: Place
    m_per_px: float
    denominator: float
    button: Qt.MouseButton = Qt.MouseButton.LeftButton
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    snap: Snap | None = None
    free: Place | None = None
    middle: Place | None = None

    @property
    def at(self) -> shapely.Point:
        """The place as a point."""
        return shapely.Point(self.x, self.y)

    def has(self, modifier: Qt.KeyboardModifier) -> bool:
        """Whether a modifier key is held."""
        return bool(self.modifiers & modifier)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a tool wants to be seen above the map; nothing of it is stored.

    Attributes
    ----------
    shapes : tuple of shapely geometries
        In the project CRS.
    box : Extent or None
        A rectangle being pulled open.
    text : str
        Beside the mouse, e.g. a measured length.
    handles, chosen : sequence of places
        Vertices that can be taken hold of, and those that have been.
    """

    shapes: tuple[BaseGeometry, ...] = ()
    box: Extent | None = None
    text: str = ""
    handles: Sequence[Place] = ()
    chosen: Sequence[Place] = ()


class Tool(QObject):
    """One way to use the mouse on the map; the canvas calls, the tool answers by signals.

    `edited` carries a ChangeSet, `refused` the words why there is none.
    """

    edited = Signal(object)
    refused = Signal(str)
    preview_changed = Signal()
    hint_changed = Signal()

    cursor = Qt.CursorShape.CrossCursor
    snaps = False
    hovers = False
    pans = False
    # Typed angles are azimuths, clockwise from north.
    azimuths = False

    def press(self, mouse: MapMouse) -> None:
        """Hear that a button went down."""

    def move(self, mouse: MapMouse) -> None:
        """Hear that the mouse moved, button down or not."""

    def release(self, mouse: MapMouse) -> None:
        """Hear that the left button went up."""

    def double_click(self, mouse: MapMouse) -> None:
        """Hear the second press of a double click."""

    def key(self, key: int) -> bool:
        """Use a key; return whether it was one of this tool's."""
        del key
        return False

    def wants(self, key: int) -> bool:
        """Whether a key is this tool's although it is a shortcut."""
        del key
        return False

    @property
    def takes_places(self) -> bool:
        """Whether the next place may be typed."""
        return False

    def typed(self, text: str) -> None:
        """Use what was typed as the next place.

        Raises
        ------
        EditRefused
            If it cannot be read.
        """

    def read_back(self, text: str) -> str:
        """Say how a text that is being typed is understood, or why it is not."""
        del text
        return ""

    def stored(self) -> None:
        """Hear that features were changed in the project."""

    @property
    def undo_words(self) -> str:
        """Which step `undo` takes back; nothing if there is none."""
        return ""

    @property
    def redo_words(self) -> str:
        """Which step `redo` does again; nothing if there is none."""
        return ""

    def undo(self) -> bool:
        """Take the latest step back that is not stored yet; return whether there was one."""
        return False

    def redo(self) -> bool:
        """Do the step again that was taken back last; return whether there was one."""
        return False

    @property
    def origin(self) -> Place | None:
        """From where a line is being drawn."""
        return None

    @property
    def latest(self) -> Place | None:
        """The place that was set last: from it the next one may be measured."""
        return self.origin

    def look_at(self, middle: Place) -> None:
        """Hear where the middle of the map is, as the mouse may never have been there."""

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to be given up."""
        preview = self.preview()
        return not (preview.shapes or preview.box or preview.chosen)

    def cancel(self) -> None:
        """Give up what is under way; nothing is to be undone, as nothing was done."""

    def preview(self) -> Preview:
        """Return what is to be seen above the map."""
        return Preview()

    def hint(self) -> str:
        """Say what the next click does."""
        return ""

    def not_snapped_to(self) -> Collection[tuple[str, int]]:
        """Return layer and row number of the features that must not attract the mouse."""
        return ()

    def edited_layers(self) -> Collection[str]:
        """Return the layers that are being worked on."""
        return {layer for layer, _fid in self.not_snapped_to()}
