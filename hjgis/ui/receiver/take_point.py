"""Make a point where the receiver stands, or the next vertex of what is being drawn."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject, Signal

from hjgis.edits.measured import Origin, add_measured
from hjgis.errors import EditRefused
from hjgis.i18n import _, label
from hjgis.models.positions import Average, receiver_rules
from hjgis.ui.actions.action_table import DRAW
from hjgis.ui.outside import outside_words
from hjgis.ui.tools.draw import DrawTool
from hjgis.ui.tools.sketch import SketchTool
from hjgis.ui.workspace import Workspace

# A second press counts for so long; later it may be an accident.
_SECOND_S: Final = 10.0
# From the mean, this far one has walked on without taking it.
_MOVED_M: Final = 5.0


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a place had better not be taken."""

    kind: str
    words: str


class TakePoint(QObject):
    """Takes points through the one door for edits; what is doubtful asks for a second press.

    `told` carries what is asked, nothing where nothing is any more; `layer_changed` the layer of
    the points, `taken` is emitted when one is stored.
    """

    told = Signal(str)
    taken = Signal()
    layer_changed = Signal(str)

    def __init__(
        self,
        workspace: Workspace,
        parent: QObject | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        self._space, self._clock = workspace, clock
        self._positioning = workspace.positioning
        self._asked: frozenset[str] = frozenset()
        self._asked_at = -math.inf
        self.layers = [
            layer for layer, asset in workspace.project.types.items() if asset.geometry == "Point"
        ]
        self._layer = self.layers[-1] if self.layers else ""
        workspace.tool_changed.connect(self._follow_tool)
        self._positioning.changed.connect(self._look_again)

    @property
    def layer(self) -> str:
        """What kind of points is taken."""
        return self._layer

    def set_layer(self, layer: str) -> None:
        """Take points of another kind."""
        if layer != self._layer:
            self._layer = layer
            self.layer_changed.emit(layer)

    @property
    def sketch(self) -> SketchTool | None:
        """What is being drawn vertex by vertex, if anything is."""
        tool = self._space.canvas.tool
        points = isinstance(tool, DrawTool) and tool.asset.geometry == "Point"
        return tool if isinstance(tool, SketchTool) and not points else None

    def doubts(self, place: Average) -> list[Doubt]:
        """Return all that speaks against a place."""
        limits, found = receiver_rules().limits, []
        if place.quality.asks:
            words = _("The quality is only: {quality}")
            found.append(Doubt("quality", words.format(quality=label(place.quality.label))))
        if place.hdop is not None and place.hdop > limits.hdop:
            words = _("HDOP {hdop:.1f} is above {limit:.1f}")
            found.append(Doubt("hdop", words.format(hdop=place.hdop, limit=limits.hdop)))
        found += self._time_doubts(place)
        outside = outside_words(self._space.toolbox.area.beyond_m(place.x, place.y))
        if outside:
            found.append(Doubt("outside", outside))
        if self._positioning.is_ballpark:
            words = _("From WGS 84 to {crs} no real transformation is known: tens of metres off")
            found.append(Doubt("ballpark", words.format(crs=self._space.project.crs.called)))
        return found

    def _time_doubts(self, place: Average) -> list[Doubt]:
        now = self._positioning.placed
        if self._positioning.average is None:
            if not self._positioning.is_old:
                return []
            words = _("The place is {age:.0f} s old")
            return [Doubt("age", words.format(age=self._positioning.age_s))]
        away = math.hypot(now.x - place.x, now.y - place.y) if now is not None else 0.0
        if away <= _MOVED_M:
            return []
        words = _("The mean lies {away:.0f} m from where the receiver is now")
        return [Doubt("moved", words.format(away=away))]

    def take(self) -> None:
        """Take the mean, or the latest place; ask first where it is doubtful."""
        place, sketch = self._positioning.measured, self.sketch
        if place is None:
            self._say(_("The receiver has no position yet."))
            return
        if sketch is None and self._space.layers[self._layer].locked:
            self._say(_("The layer is locked in the layer list."))
            return
        if self._asks(self.doubts(place)):
            return
        self.told.emit("")
        if sketch is not None:
            sketch.take((place.x, place.y))
        elif not self._store(place):
            return
        self._positioning.forget_average()

    def _asks(self, doubts: list[Doubt]) -> bool:
        """Ask about doubts that were not asked about just now."""
        kinds, now = frozenset(doubt.kind for doubt in doubts), self._clock()
        if kinds <= self._asked and now - self._asked_at < _SECOND_S:
            self._asked = frozenset()
            return False
        self._asked, self._asked_at = kinds, now
        if doubts:
            said = _("; ").join(doubt.words for doubt in doubts)
            self._say(_("{doubts}. Press again to take it all the same.").format(doubts=said))
        return bool(doubts)

    def _look_again(self) -> None:
        """Ask no more when what was doubtful is not so any more, or nobody answers."""
        place = self._positioning.measured
        late = self._clock() - self._asked_at >= _SECOND_S
        if self._asked and (place is None or late or not self.doubts(place)):
            self._asked = frozenset()
            self.told.emit("")

    def _store(self, place: Average) -> bool:
        project = self._space.project
        origin = Origin(project.session.operator, self._positioning.replayed)
        try:
            change = add_measured(
                project, self._layer, place, catalogue=project.catalogue, origin=origin
            )
        except EditRefused as error:
            self._say(str(error))
            return False
        if not self._space.apply(change):
            return False
        message = self._space.canvas.message
        if not message.isVisible():
            words = _("{layer} taken: {quality}")
            name = label(project.asset_type(self._layer).label)
            quality = label(place.quality.label)
            message.say(words.format(layer=name, quality=quality), _("Undo"), self._space.undo)
        self.taken.emit()
        return True

    def _say(self, words: str) -> None:
        self._space.canvas.message.say(words)
        self.told.emit(words)

    def _follow_tool(self, name: str) -> None:
        if name.startswith(DRAW) and name.removeprefix(DRAW) in self.layers:
            self.set_layer(name.removeprefix(DRAW))
