"""The handbook opens at the page about what one works in."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QImage
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QLabel,
    QMainWindow,
    QMessageBox,
    QPushButton,
    QWidget,
)  # fmt: skip
from pytestqt.qtbot import QtBot

import hjgis.ui
from hjgis.ui.handbook.places import FIRST, PAGE_OF, page_about
from hjgis.ui.handbook.window import HandbookWindow, contents
from hjgis.ui.main_window import MainWindow

# What stands for others, or opens over a window whose page is meant.
_OF_OTHERS = {"StepDialog", "NameDialog", "StoringDialog", "HandbookWindow"}


def _below(kind: type[QWidget]) -> Iterator[type[QWidget]]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)


def _ours() -> set[type[QWidget]]:
    for module in pkgutil.walk_packages(hjgis.ui.__path__, "hjgis.ui."):
        importlib.import_module(module.name)
    return {one for one in _below(QWidget) if one.__module__.startswith("hjgis.")}


def test_every_window_dialog_and_panel_has_a_page() -> None:
    wanted = {
        one
        for one in _ours()
        if issubclass(one, QDialog | QMainWindow) or one.__name__.endswith("Panel")
    }
    own = {one for one in wanted if {base.__name__ for base in one.__mro__} & set(PAGE_OF)}
    # A panel inside a window has the page of that window.
    inside = {one for one in wanted if "mapsheet" in one.__module__}
    missing = {one.__name__ for one in wanted - own - inside} - _OF_OTHERS
    assert missing == set()


def test_the_table_of_pages_names_no_window_that_is_gone() -> None:
    names = {one.__name__ for one in _ours()} | {QMessageBox.__name__}
    assert set(PAGE_OF) <= names


@pytest.mark.parametrize(
    ("panel", "page"),
    [("issues", "checks"), ("visits", "checks"), ("targets", "targets"), ("overdue", "photos"),
     ("table", "forms"), ("attributes", "forms"), ("history", "projects"), ("layer_tree", "map")],
)  # fmt: skip
def test_a_part_of_a_panel_has_the_panels_page(window: MainWindow, panel: str, page: str) -> None:
    shown: QWidget = getattr(window.docks, panel)
    inner = next((one for one in shown.findChildren(QWidget)), shown)
    assert page_about(inner) == page
    assert page_about(window) == page_about(None) == FIRST


def test_f1_opens_the_page_of_the_panel_in_focus(qtbot: QtBot, window: MainWindow) -> None:
    assert window.docks is not None
    window.docks.open_table("manhole")
    _focus_inside(qtbot, window.docks.table)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_F1)
    book = window.findChild(HandbookWindow)
    assert book is not None
    assert book.shown == "forms"


def test_f1_in_a_dialog_that_holds_the_window_back_opens_a_handbook_that_can_be_used(
    qtbot: QtBot, window: MainWindow
) -> None:
    outer = window.handbook.open()
    dialog = window.import_dialog()
    dialog.setModal(True)
    dialog.show()
    _focus_inside(qtbot, dialog)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_F1)
    book = dialog.findChild(HandbookWindow)
    assert book is not None
    assert book.shown == "import"
    assert not outer.isVisible()
    dialog.close()


def _focus_inside(qtbot: QtBot, shown: QWidget) -> None:
    shown.activateWindow()
    inner = next(
        one
        for one in shown.findChildren(QWidget)
        if one.focusPolicy() & Qt.FocusPolicy.TabFocus and one.isVisible() and one.isEnabled()
    )
    inner.setFocus()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is inner)


@pytest.fixture
def book(qtbot: QtBot) -> HandbookWindow:
    """The handbook by itself."""
    shown = HandbookWindow()
    shown.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    qtbot.addWidget(shown)
    shown.show()
    shown.open_page(FIRST)
    return shown


def test_every_page_is_shown_with_its_pictures(book: HandbookWindow) -> None:
    for row, (name, title) in enumerate(contents()):
        book.contents.setCurrentRow(row)
        assert book.shown == name
        text = book.page.toPlainText()
        assert title in text or name == "index"
        # What the browser has beside its page is not repeated in the page of our window.
        assert text.count("索引") <= 3 or name == "index"


def test_a_picture_is_made_to_fit_the_page(book: HandbookWindow) -> None:
    picture = book.page.loadResource(2, QUrl("main.png"))
    assert isinstance(picture, QImage)
    assert 0 < picture.width() <= book.page.viewport().width()


def test_a_picture_has_an_edge_where_the_window_in_it_is_as_light_as_the_page(
    book: HandbookWindow,
) -> None:
    picture = book.page.loadResource(2, QUrl("fix.png"))
    assert isinstance(picture, QImage)
    corners = [(0, 0), (picture.width() - 1, picture.height() - 1)]
    assert {picture.pixelColor(*at).name() for at in corners} == {"#c9d0d8"}


def test_where_no_browser_is_the_window_says_where_the_page_lies(
    qtbot: QtBot, book: HandbookWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _url: False)
    button = next(b for b in book.findChildren(QPushButton) if "browser" in b.text())
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert any(label.text().endswith("first-hour.html.") for label in book.findChildren(QLabel))


def test_the_list_follows_a_link(qtbot: QtBot, book: HandbookWindow) -> None:
    book.page.setSource(book.page.source().resolved(QUrl("import.html")))
    assert book.contents.currentItem().text() == "导入"
    assert book.shown == "import"


def test_search_leaves_the_pages_that_hold_the_words_and_goes_from_place_to_place(
    qtbot: QtBot, book: HandbookWindow
) -> None:
    qtbot.keyClick(book, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    book.line.setText("锟斤拷")
    left = [
        book.contents.item(row).text()
        for row in range(book.contents.count())
        if not book.contents.item(row).isHidden()
    ]
    assert left == ["导入"]
    assert book.shown == "import"
    assert book.page.textCursor().selectedText() == "锟斤拷"
    assert len(book.page.extraSelections()) == 1
    book.line.clear()
    assert book.page.extraSelections() == []
    assert not any(book.contents.item(row).isHidden() for row in range(book.contents.count()))


def test_search_goes_over_the_end_of_a_page_and_round(qtbot: QtBot, book: HandbookWindow) -> None:
    book.line.setText("gbk")
    seen = {book.shown}
    for _ in range(60):
        qtbot.keyClick(book.line, Qt.Key.Key_Return)
        seen.add(book.shown)
    assert {"first-hour", "import", "deliver"} <= seen
    assert book.isVisible()
