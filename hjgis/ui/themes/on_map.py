"""A theme on the map: reckoned in the background, anew after edits, with its legend."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from hjgis.errors import HjgisError
from hjgis.i18n import _, label
from hjgis.layers.project import Project
from hjgis.models.changes import Announcement
from hjgis.models.own_themes import read_themes
from hjgis.models.styles.style import Style
from hjgis.models.themes import FACT, Theme
from hjgis.progress import Progress
from hjgis.ui.latest import Latest
from hjgis.ui.map.map_layers import MapLayers
from hjgis.ui.map.map_look import USUAL_LOOK, MapLook, look_of
from hjgis.ui.theme import flat_button
from hjgis.ui.themes.legend import LegendList, themed_rows
from hjgis.ui.workspace import Workspace

if TYPE_CHECKING:
    from hjgis.cartography.portraying import Themed

# Edits come in bursts; the theme follows when there is a pause.
_IDLE_MS: Final = 600
_LEGEND_PX: Final = 230
_MOST_HEIGHT: Final = 0.6
_ROW_PX: Final = 22
_EDGE_PX: Final = 8
_CLOSE_PX: Final = 28
# The scale bar is below.
_ABOVE_PX: Final = 46


class ThemeOnMap(QObject):
    """Shows one theme on the map of a workspace, or none.

    `changed` when another one is shown; `reckoned` when it is on the map; `said` carries words.
    """

    changed = Signal()
    reckoned = Signal()
    said = Signal(str)

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._space, self._project = workspace, workspace.project
        self._latest = Latest(workspace.project, _("Theme of the map"), self)
        self._latest.failed.connect(self._fail)
        self._theme: Theme | None = None
        self._found: Themed | None = None
        self._idle = QTimer(self, singleShot=True, interval=_IDLE_MS)
        self._idle.timeout.connect(self._reckon)
        workspace.bridge.changed.connect(self._heard)
        workspace.closing.connect(self._latest.stop)

    @property
    def theme(self) -> Theme | None:
        """What is shown."""
        return self._theme

    @property
    def found(self) -> Themed | None:
        """The theme as it is on the map; None while there is none, or it is still reckoned."""
        return self._found

    @property
    def layers(self) -> MapLayers:
        """The layers of the map."""
        return self._space.layers

    @property
    def busy(self) -> bool:
        """Whether the map is behind the theme."""
        return self._latest.busy or self._idle.isActive()

    def show(self, about: Theme | None) -> None:
        """Show a theme, or the map as usual."""
        if about == self._theme:
            return
        self._theme = about
        self._idle.stop()
        if about is None:
            self._latest.give_up()
            self._found = None
            self._space.layers.set_look(USUAL_LOOK)
            self.reckoned.emit()
        else:
            self._reckon()
        self.changed.emit()

    def _reckon(self) -> None:
        if self._theme is not None:
            styles = {held.asset.id: held.style for held in self._space.layers}
            work = partial(_reckoned, about=self._theme, styles=styles)
            self._latest.ask(work, self._take)

    def _take(self, made: tuple[Themed, MapLook]) -> None:
        self._found, look = made
        self._space.layers.set_look(look)
        self.reckoned.emit()

    def _fail(self, error: HjgisError) -> None:
        self.show(None)
        self.said.emit(str(error))

    def _heard(self, announcement: Announcement) -> None:
        if self._theme is None:
            return
        if FACT in announcement.facts:
            own = read_themes(self._project.info(FACT))
            now = next((one for one in own if one.id == self._theme.id), None)
            if now is not None or self._theme.id.startswith("own-"):
                # Changed, or deleted: the map says so.
                self.show(now)
        self._idle.start()


def _reckoned(
    project: Project, progress: Progress, *, about: Theme, styles: Mapping[str, Style]
) -> tuple[Themed, MapLook]:
    from hjgis.cartography.portraying import themed

    found = themed(project, about, progress=progress)
    # Here, because areas of many corners take longer than the window may wait.
    return found, look_of(found, styles)


class MapLegend(QFrame):
    """Lies over the lower right corner of the map while a theme is shown there."""

    folded = Signal()

    def __init__(self, on_map: ThemeOnMap, canvas: QWidget) -> None:
        super().__init__(canvas)
        self.setObjectName("mapLegend")
        self.setStyleSheet(
            "#mapLegend { background: #ffffff; border: 1px solid #9aa4ae; }"
            "#mapLegend QListWidget { border: none; }"
        )
        self._on_map, self._canvas, self._wanted = on_map, canvas, True
        self.title = QLabel()
        self.title.setStyleSheet("font-weight: bold; padding-left: 4px")
        close = flat_button("close", _("Hide the legend"), 14)
        close.clicked.connect(self.folded)
        self.list = LegendList()
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(2, 2, 2, 2)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.list)
        on_map.changed.connect(self.refresh)
        on_map.reckoned.connect(self.refresh)
        canvas.installEventFilter(self)
        self.hide()

    @property
    def wanted(self) -> bool:
        """Whether it is to be seen while there is a theme."""
        return self._wanted

    def set_wanted(self, wanted: bool) -> None:
        """Show it, or fold it away."""
        self._wanted = wanted
        self.refresh()

    def refresh(self) -> None:
        """Show the legend of what is on the map now."""
        about, found = self._on_map.theme, self._on_map.found
        self.setVisible(about is not None and self._wanted)
        if about is None:
            return
        self.title.setText(label(about.label))
        if found is None or found.theme != about:
            self.list.show_rows((), (_("Reckoning…"),))
        else:
            names = {one.asset.id: label(one.asset.label) for one in self._on_map.layers}
            rows = themed_rows(found, names)
            none = () if rows else (_("The layers look as usual; see the layer list."),)
            self.list.show_rows(rows, (*none, *found.notes))
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the size of the map."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show):
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        area = self._canvas.rect()
        rows = self.list.count()
        inner = sum(self.list.sizeHintForRow(row) for row in range(rows)) or rows * _ROW_PX
        height = min(inner + 36, round(area.height() * _MOST_HEIGHT))
        # No wider than its words: what is beneath it is wanted too.
        words = max(self.list.words_px, self.title.sizeHint().width() + _CLOSE_PX)
        width = min(words + 2 * _EDGE_PX, _LEGEND_PX)
        left = area.right() - width - _EDGE_PX
        self.setGeometry(left, area.bottom() - height - _ABOVE_PX, width, height)
