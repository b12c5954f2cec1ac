"""The handbook in a window of ours: contents, the page, a line to search in all pages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSize, Qt, QUrl
from PySide6.QtGui import (
    QColor,
    QDesktopServices,
    QImage,
    QKeySequence,
    QPainter,
    QShortcut,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSplitter,
    QTextBrowser,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from hjgis.i18n import _, language, ngettext_
from hjgis.paths import resources
from hjgis.ui import theme
from hjgis.ui.page_parts import frame_list, open_at

_SIZE_PX: Final = (1160, 700)
_CONTENTS_PX: Final = 210
_MARGIN_PX: Final = 48
_LINE_PX: Final = 280
_FOUND: Final = "#ffe58a"
_EDGE: Final = "#c9d0d8"
_MAIN: Final = re.compile(r"<main>(.*)</main>", re.DOTALL)
_TAG: Final = re.compile(r"<[^>]*>")
_ID: Final = Qt.ItemDataRole.UserRole


def handbook_folder() -> Path:
    """Return where the pages lie."""
    return resources() / "handbook"


class _Page(QTextBrowser):
    """Shows one page: what the browser's page has beside it, our window has in its list."""

    def __init__(self) -> None:
        super().__init__()
        self.document().setDefaultStyleSheet((handbook_folder() / "window.css").read_text("utf-8"))
        self.document().setDocumentMargin(_MARGIN_PX / 2)
        # Pictures are made to fit before it is known how long the page becomes.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setAccessibleName(_("Page of the handbook"))

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        path = Path(self.source().resolved(QUrl(name)).toLocalFile())
        if kind == QTextDocument.ResourceType.ImageResource.value:
            return self._fitting(QImage(str(path)))
        if path.suffix == ".html":
            return _main_part(path)
        return super().loadResource(kind, name)

    def _fitting(self, picture: QImage) -> QImage:
        room = self.viewport().width() - _MARGIN_PX
        if picture.width() > room:
            width = min(picture.width(), round(room * self.devicePixelRatio()))
            picture = picture.scaledToWidth(width, Qt.TransformationMode.SmoothTransformation)
        # Windows are as light as the page: a line says where one ends.
        picture = picture.convertToFormat(QImage.Format.Format_RGB32)
        painter = QPainter(picture)
        painter.setPen(QColor(_EDGE))
        painter.drawRect(picture.rect().adjusted(0, 0, -1, -1))
        painter.end()
        picture.setDevicePixelRatio(max(picture.width() / room, 1.0))
        return picture


class HandbookWindow(QDialog):
    """Stays open beside the work."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("Handbook"))
        self.line, self.contents, self.page = QLineEdit(), QListWidget(), _Page()
        self._count = QLabel()
        self._about = "" if language() == "zh_CN" else _("The pages are written in Chinese.")
        self._texts = {name: _plain(name) for name, _title in contents()}
        self._build()
        self.line.textChanged.connect(self._search)
        self.line.returnPressed.connect(self.go_on)
        self.contents.currentItemChanged.connect(self._chosen)
        self.page.historyChanged.connect(self._show_where)
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        find.activated.connect(self._begin_search)

    def _build(self) -> None:
        self.contents.setAccessibleName(_("Contents"))
        frame_list(self.contents)
        for name, title in contents():
            item = QListWidgetItem(title, self.contents)
            item.setToolTip(title)
            item.setData(_ID, name)
        both = QSplitter(Qt.Orientation.Horizontal)
        both.addWidget(self.contents)
        both.addWidget(self.page)
        both.setSizes([_CONTENTS_PX, _SIZE_PX[0] - _CONTENTS_PX])
        both.setStretchFactor(1, 1)
        column = QVBoxLayout(self)
        column.addLayout(self._top_row())
        column.addWidget(both, 1)
        open_at(self, QSize(*_SIZE_PX))
        self.page.setFocus()

    def _top_row(self) -> QHBoxLayout:
        row, page = QHBoxLayout(), self.page
        back = theme.flat_button("previous", _("Page seen before"))
        forward = theme.flat_button("next", _("Page seen after"))
        for button, go, possible in (
            (back, page.backward, page.backwardAvailable),
            (forward, page.forward, page.forwardAvailable),
        ):
            button.setEnabled(False)
            button.clicked.connect(go)
            possible.connect(button.setEnabled)
            row.addWidget(button)
        self.line.setPlaceholderText(_("Search the handbook (Ctrl+F)"))
        self.line.setAccessibleName(_("Search the handbook (Ctrl+F)"))
        self.line.setClearButtonEnabled(True)
        self.line.setFixedWidth(_LINE_PX)
        self._count.setObjectName("muted")
        self._count.setText(self._about)
        outside = QPushButton(_("Open in the browser, to print"))
        outside.setAutoDefault(False)
        outside.clicked.connect(self._open_outside)
        row.addWidget(self.line)
        row.addWidget(self._count)
        row.addStretch(1)
        row.addWidget(outside)
        return row

    # -- pages -----------------------------------------------------------------------------

    def open_page(self, name: str) -> None:
        """Show a page by its name."""
        self.page.setSource(QUrl.fromLocalFile(str(handbook_folder() / f"{name}.html")))

    @property
    def shown(self) -> str:
        """The name of the page that is seen."""
        return Path(self.page.source().toLocalFile()).stem

    def _chosen(self, item: QListWidgetItem | None) -> None:
        if item is not None and item.data(_ID) != self.shown:
            self.open_page(item.data(_ID))

    def _show_where(self) -> None:
        """Let the list follow a link, and mark what is searched for on the new page."""
        for row in range(self.contents.count()):
            if self.contents.item(row).data(_ID) == self.shown:
                self.contents.setCurrentRow(row)
        self._mark()

    def _open_outside(self) -> None:
        if not QDesktopServices.openUrl(self.page.source()):
            words = _("There is no browser here; the page is {path}.")
            self._count.setText(words.format(path=self.page.source().toLocalFile()))

    # -- search ----------------------------------------------------------------------------

    def _begin_search(self) -> None:
        self.line.setFocus()
        self.line.selectAll()

    def _search(self) -> None:
        """Leave the pages in the list that hold what is typed, and go to its first place."""
        wanted = self._wanted
        for item in self._items():
            item.setHidden(wanted not in self._texts[item.data(_ID)])
        left = [item for item in self._items() if not item.isHidden()]
        words = ngettext_("in {number} page", "in {number} pages", len(left))
        self._count.setText(words.format(number=len(left)) if wanted else self._about)
        self.page.moveCursor(QTextCursor.MoveOperation.Start)
        self._mark()
        if wanted and left:
            self.go_on()

    def go_on(self) -> None:
        """Go to the next place of what is searched for, over the end of the page."""
        if not self._wanted or self.page.find(self._wanted):
            return
        names = [item.data(_ID) for item in self._items() if not item.isHidden()]
        if names:
            after = names.index(self.shown) + 1 if self.shown in names else 0
            self.open_page(names[after % len(names)])
            self.page.moveCursor(QTextCursor.MoveOperation.Start)
            self.page.find(self._wanted)

    @property
    def _wanted(self) -> str:
        return self.line.text().strip().lower()

    def _items(self) -> Iterator[QListWidgetItem]:
        return (self.contents.item(row) for row in range(self.contents.count()))

    def _mark(self) -> None:
        """Colour all places of what is searched for."""
        marks = []
        cursor = self.page.document().find(self._wanted) if self._wanted else QTextCursor()
        while not cursor.isNull():
            mark = QTextEdit.ExtraSelection()
            mark.cursor = cursor
            mark.format.setBackground(QColor(_FOUND))
            marks.append(mark)
            cursor = self.page.document().find(self._wanted, cursor)
        self.page.setExtraSelections(marks)


def contents() -> list[tuple[str, str]]:
    """Return names and titles of all pages, in their order."""
    pages = json.loads((handbook_folder() / "contents.json").read_text("utf-8"))
    return [(page["name"], page["title"]) for page in pages]


def _main_part(path: Path) -> str:
    found = _MAIN.search(path.read_text("utf-8"))
    assert found is not None
    return found[1]


def _plain(name: str) -> str:
    return unescape(_TAG.sub("", _main_part(handbook_folder() / f"{name}.html"))).lower()
