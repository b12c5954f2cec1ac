"""Lists and windows fit the screen they are on: at 150 % a laptop has 911 × 470 for a window."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from PySide6.QtWidgets import QApplication, QLineEdit, QTableWidget, QVBoxLayout, QWidget

from hjgis.layers.project import Project
from hjgis.ui.dialogs.check_report import CheckReportDialog
from hjgis.ui.dialogs.check_rules import CheckRulesDialog
from hjgis.ui.dialogs.cycles import CyclesDialog
from hjgis.ui.dialogs.record import RecordDialog, new_record
from hjgis.ui.dialogs.renewal import RenewalDialog
from hjgis.ui.page_parts import Scrolled, cell, list_of

_SMALL = (911, 430)
_LONG = "Old residential compound"
_VERY_LONG = "It was checked on site and is as it is stored, whatever the rule says about it"


@pytest.fixture
def listed(qtbot) -> Callable[[Sequence[int], Sequence[str], int], QTableWidget]:
    """A list of one row, so many pixels wide, its columns fitted."""
    made = []

    def show(widths: Sequence[int], texts: Sequence[str], width: int) -> QTableWidget:
        table = list_of(["Head"] * len(widths), widths)
        made.append(table)
        qtbot.addWidget(table)
        table.resize(width, 120)
        table.show()
        table.setRowCount(1)
        for column, text in enumerate(texts):
            table.setItem(0, column, cell(text))
        QApplication.processEvents()
        return table

    return show


def test_a_column_is_wide_enough_for_its_words_where_there_is_room(listed) -> None:
    table = listed([120, 0], [_LONG, "x"], 800)
    assert table.columnWidth(0) >= table.sizeHintForColumn(0) > 120


def test_a_column_gives_up_what_its_words_do_not_need(listed) -> None:
    table = listed([300, 120, 0], ["x", _LONG, _VERY_LONG], 700)
    assert table.columnWidth(0) < 300
    assert table.columnWidth(1) >= table.sizeHintForColumn(1)


def test_the_column_that_takes_the_rest_is_never_squeezed_away(qtbot, listed) -> None:
    table = listed([240, 240, 240, 0], [_LONG * 3, _LONG * 3, _LONG * 3, _VERY_LONG], 600)
    assert table.columnWidth(3) >= 120
    qtbot.waitUntil(lambda: table.horizontalScrollBar().maximum() == 0)


def test_a_column_that_somebody_drew_stays_as_it_is(listed) -> None:
    table = listed([120, 0], [_LONG, "x"], 800)
    table.horizontalHeader().resizeSection(0, 70)
    table.resize(700, 120)
    QApplication.processEvents()
    assert table.columnWidth(0) == 70


@pytest.mark.parametrize(
    "make",
    [
        CheckReportDialog,
        CheckRulesDialog,
        CyclesDialog,
        RenewalDialog,
        lambda project: RecordDialog(
            project, about="1", asset="manhole", values=new_record(project)
        ),
    ],
)
def test_a_window_can_be_made_as_small_as_a_small_screen(qtbot, project: Project, make) -> None:
    dialog = make(project)
    qtbot.addWidget(dialog)
    dialog.show()
    least = dialog.minimumSizeHint()
    assert (least.width() <= _SMALL[0], least.height() <= _SMALL[1]) == (True, True), least


def test_what_scrolls_follows_the_keyboard(qtbot) -> None:
    content = QWidget()
    column = QVBoxLayout(content)
    lines = [QLineEdit() for _number in range(20)]
    for line in lines:
        column.addWidget(line)
    area = Scrolled(content)
    qtbot.addWidget(area)
    area.resize(300, 200)
    area.show()
    area.activateWindow()
    qtbot.waitUntil(area.isActiveWindow)
    lines[-1].setFocus()
    qtbot.waitUntil(lambda: not lines[-1].visibleRegion().isEmpty())
    assert area.sizeHint().height() == content.sizeHint().height()
