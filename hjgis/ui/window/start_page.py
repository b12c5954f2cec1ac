"""What is there when no project is open: recent projects and the first steps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from hjgis.i18n import _, grouped, ngettext_, reason
from hjgis.settings import Settings
from hjgis.ui import file_dialogs, glimpses
from hjgis.ui.glimpses import Glimpse
from hjgis.ui.page_parts import muted, scrolled
from hjgis.ui.window.card import Card
from hjgis.ui.window.status_bar import ElidedLabel

_COLUMNS: Final = 3
# A card narrower than this tells neither folder nor day.
_CARD_PX: Final = 340
_GAP_PX: Final = 16


class StartPage(QWidget):
    """Cards of recent projects, and new, open, sample, import."""

    open_requested = Signal(object)
    new_requested = Signal()
    sample_requested = Signal()
    import_requested = Signal()
    forget_requested = Signal(object)

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("start_page")
        column = QVBoxLayout(self)
        column.setContentsMargins(64, 48, 64, 32)
        column.setSpacing(16)
        title = QLabel(_("Town asset inventory"))
        title.setObjectName("start_title")
        subtitle = QLabel(
            _(
                "Parks, toilets, manholes, pipes, street lamps, bike stations and parking,"
                " in one file"
            )
        )
        subtitle.setObjectName("muted")
        column.addWidget(title)
        column.addWidget(subtitle)
        column.addSpacing(8)
        column.addLayout(self._steps())
        column.addSpacing(16)
        heading = QLabel(_("Recent projects"))
        heading.setObjectName("heading")
        column.addWidget(heading)
        column.addWidget(self._recent(settings), 1)

    def _steps(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(16)
        steps: tuple[tuple[str, str, Callable[[], None]], ...] = (
            (
                _("New project"),
                _("An empty inventory in a file of its own"),
                self.new_requested.emit,
            ),
            (_("Open project…"), _("A .gpkg file made by hjgis"), self._browse),
            (
                _("Open the sample town"),
                _("Invented data to try everything on"),
                self.sample_requested.emit,
            ),
            (
                _("Import data…"),
                _("Shapefiles, drawings, survey tables… into a new project"),
                self.import_requested.emit,
            ),
        )
        for number, (name, hint, act) in enumerate(steps):
            row.addWidget(_step(name, hint, act, primary=number == 0), 1)
        return row

    def _recent(self, settings: Settings) -> QWidget:
        paths = [Path(name) for name in settings.recent]
        if not paths:
            empty = muted(_("Projects that you open will be listed here."))
            empty.setAlignment(Qt.AlignmentFlag.AlignTop)
            return empty
        return scrolled(
            _Cards([self._card(one) if one.exists() else self._gone(one) for one in paths])
        )

    def _card(self, path: Path) -> QWidget:
        glimpse = glimpses.of(path)
        card = Card()
        card.make_clickable()
        card.setAccessibleName(path.stem)
        row = QHBoxLayout(card)
        row.setContentsMargins(12, 12, 16, 12)
        row.setSpacing(12)
        row.addWidget(_picture(glimpse.picture), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(_facts(path, _state(path, glimpse)), 1)
        card.clicked.connect(partial(self.open_requested.emit, path))
        return card

    def _gone(self, path: Path) -> QWidget:
        """Return the card of a project whose file is not where it was."""
        card = QFrame()
        card.setObjectName("card_gone")
        column = QVBoxLayout(card)
        column.setContentsMargins(16, 12, 16, 12)
        column.addLayout(_facts(path, [_("The file is not there any more")]))
        forget = QPushButton(_("Take off the list"))
        forget.clicked.connect(partial(self.forget_requested.emit, path))
        column.addWidget(forget, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        return card

    def _browse(self) -> None:
        name, _kind = file_dialogs.open_file(self, _("Open project…"), "", "GeoPackage (*.gpkg)")
        if name:
            self.open_requested.emit(Path(name))


class _Cards(QWidget):
    """Cards side by side, as many as have room."""

    def __init__(self, cards: Sequence[QWidget]) -> None:
        super().__init__()
        self._cards, self._columns = cards, 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(_GAP_PX)
        self._grid.setRowStretch(len(cards), 1)
        self._arrange(_COLUMNS)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = (self.width() + _GAP_PX) // (_CARD_PX + _GAP_PX)
        self._arrange(max(1, min(room, _COLUMNS)))

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for number, card in enumerate(self._cards):
            self._grid.addWidget(card, number // columns, number % columns)
        for number in range(_COLUMNS):
            self._grid.setColumnStretch(number, int(number < columns))


def _step(name: str, hint: str, act: Callable[[], None], *, primary: bool) -> QWidget:
    card = QFrame()
    card.setObjectName("card")
    column = QVBoxLayout(card)
    column.setContentsMargins(16, 16, 16, 16)
    column.setSpacing(8)
    button = QPushButton(name)
    button.setObjectName("primary" if primary else "")
    button.setMinimumHeight(36)
    button.clicked.connect(act)
    column.addWidget(button)
    column.addWidget(muted(hint))
    column.addStretch(1)
    return card


def _picture(picture: QImage | None) -> QLabel:
    """Return the map as it was last seen, or a frame of the same size."""
    made = QLabel(_("No picture"))
    made.setObjectName("glimpse")
    made.setFixedSize(glimpses.SIZE)
    made.setAlignment(Qt.AlignmentFlag.AlignCenter)
    made.setScaledContents(True)
    if picture is not None:
        made.setPixmap(QPixmap.fromImage(picture))
    return made


def _facts(path: Path, state: Sequence[str]) -> QVBoxLayout:
    """Return what is said of a project, line by line."""
    column = QVBoxLayout()
    column.setSpacing(4)
    name = ElidedLabel(look="card_title")
    name.set_text(path.stem)
    where = ElidedLabel(Qt.TextElideMode.ElideMiddle, look="muted")
    where.set_text(str(path.parent))
    column.addWidget(name)
    column.addWidget(where)
    for words in state:
        column.addWidget(muted(words))
    column.addStretch(1)
    return column


def _state(path: Path, glimpse: Glimpse) -> list[str]:
    """Say when a file was changed, how large it is and, where that is known, what it holds."""
    try:
        told = path.stat()
    except OSError as error:
        return [reason(error)]
    changed = dt.datetime.fromtimestamp(told.st_mtime, dt.UTC).astimezone()
    words = _("Changed {when}").format(when=changed.strftime("%Y-%m-%d %H:%M"))
    size = f"{told.st_size / 1e6:.1f} MB"
    if glimpse.features is None:
        return [words, size]
    count = ngettext_("{count} feature", "{count} features", glimpse.features)
    return [words, f"{count.format(count=grouped(glimpse.features))}   ·   {size}"]
