"""Themes as pictures to choose from: those that are ready made and those of the project."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QListView, QListWidget, QListWidgetItem, QWidget

from hjgis.cartography.composition import compose
from hjgis.i18n import _, label
from hjgis.layers.project import Project
from hjgis.models.themes import Theme
from hjgis.progress import Progress
from hjgis.ui.latest import Latest
from hjgis.ui.mapsheet.design import Wish
from hjgis.ui.theme import large_icon
from hjgis.ui.themes.shelf import Shelf
from hjgis.ui.themes.small_map import bare_map, bare_sheet

_SIZE_PX: Final = QSize(124, 80)
_SCALE: Final = 20_000.0


class ThemeList(QListWidget):
    """Themes with a small map of each; `wanted` carries the Theme that somebody chose."""

    wanted = Signal(object)

    def __init__(self, shelf: Shelf, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shelf = shelf
        self.setObjectName("framed")
        self.setAccessibleName(_("Themes"))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setIconSize(_SIZE_PX)
        # Two lines of Chinese letters fit below the picture.
        self.setGridSize(_SIZE_PX + QSize(12, 58))
        self.setWordWrap(True)
        self.itemSelectionChanged.connect(self._tell)
        self._themes: tuple[Theme, ...] = ()
        self._pictures: dict[str, tuple[Theme, QIcon]] = {}
        self.refresh()

    @property
    def themes(self) -> tuple[Theme, ...]:
        """All that can be chosen."""
        return self._themes

    @property
    def unpainted(self) -> tuple[Theme, ...]:
        """Those that a sign stands for."""
        return tuple(one for one in self._themes if self._picture(one) is None)

    def refresh(self) -> None:
        """List the themes that there are now; none is chosen."""
        self._themes = self._shelf.themes
        self.blockSignals(True)
        self.clear()
        blank = _icon(_framed(large_icon("map", 40)))
        for one in self._themes:
            item = QListWidgetItem(self._picture(one) or blank, label(one.label))
            item.setToolTip(label(one.label))
            item.setSizeHint(_SIZE_PX + QSize(8, 54))
            self.addItem(item)
        self.blockSignals(False)

    def show_theme(self, chosen: Theme) -> None:
        """Mark a theme as the chosen one; none if it is no more."""
        row = self._themes.index(chosen) if chosen in self._themes else -1
        if self.currentRow() != row:
            self.blockSignals(True)
            self.setCurrentRow(row)
            self.blockSignals(False)

    def show_picture(self, of: Theme, image: QImage) -> None:
        """Show a theme by a map instead of a sign."""
        if of in self._themes:
            picture = _icon(_framed(QPixmap.fromImage(image)))
            self._pictures[of.id] = of, picture
            self.item(self._themes.index(of)).setIcon(picture)

    def _picture(self, of: Theme) -> QIcon | None:
        painted, picture = self._pictures.get(of.id, (None, None))
        return picture if painted == of else None

    def _tell(self) -> None:
        row = self.currentRow()
        if 0 <= row < len(self._themes) and self.selectedItems():
            self.wanted.emit(self._themes[row])


class SmallMaps(QObject):
    """Paints one theme after the other while nothing else is painted; `painted` carries both."""

    painted = Signal(object, object)

    def __init__(self, project: Project, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._latest = Latest(project, _("Preview"), self)
        # What cannot be shown keeps its sign; whoever chooses it hears why.
        self._latest.failed.connect(self._skip)
        self._waiting: list[Theme] = []
        self._center: tuple[float, float] | None = None
        self._ratio = 1.0

    @property
    def busy(self) -> bool:
        """Whether one is being painted."""
        return self._latest.busy

    def want(self, themes: tuple[Theme, ...], center: tuple[float, float], *, ratio: float) -> None:
        """Paint these around a place for a screen of so many dots a pixel, when there is time."""
        self._waiting, self._center, self._ratio = list(themes), center, ratio

    def go_on(self) -> None:
        """Paint the next one: there is time now."""
        if not self._waiting or self._latest.busy or self._center is None:
            return
        wish = Wish(self._waiting[0], bare_sheet(_SIZE_PX), scale=_SCALE, center=self._center)
        self._latest.ask(partial(_small_map, wish=wish, ratio=self._ratio), self._take)

    def pause(self) -> None:
        """Leave the time to others."""
        self._latest.give_up()

    def stop(self) -> None:
        """Stop for good."""
        self._waiting = []
        self._latest.stop()

    def _take(self, image: QImage) -> None:
        if self._waiting:
            self.painted.emit(self._waiting.pop(0), image)
        self.go_on()

    def _skip(self, _error: object) -> None:
        del self._waiting[:1]
        self.go_on()


def _small_map(project: Project, progress: Progress, *, wish: Wish, ratio: float) -> QImage:
    page = compose(wish.job(project), progress=progress)
    return bare_map(page, _SIZE_PX, ratio=ratio, progress=progress)


def _icon(picture: QPixmap) -> QIcon:
    icon = QIcon(picture)
    # A theme that is chosen keeps its colours.
    icon.addPixmap(picture, QIcon.Mode.Selected)
    return icon


def _framed(picture: QPixmap) -> QPixmap:
    """Return a picture in the middle of a frame of the list's size."""
    framed = QPixmap(_SIZE_PX * picture.devicePixelRatio())
    framed.setDevicePixelRatio(picture.devicePixelRatio())
    framed.fill(Qt.GlobalColor.white)
    painter = QPainter(framed)
    size = picture.deviceIndependentSize()
    painter.drawPixmap(
        round((_SIZE_PX.width() - size.width()) / 2),
        round((_SIZE_PX.height() - size.height()) / 2),
        picture,
    )
    painter.setPen("#c3c9d0")
    painter.drawRect(0, 0, _SIZE_PX.width() - 1, _SIZE_PX.height() - 1)
    painter.end()
    return framed
