from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

from hjgis.i18n import set_language
from hjgis.ui.flowing import Flowing, Words, beside
from hjgis.ui.main_window import MainWindow

# What a panel below the map has on a screen of 1366 × 768 at 150 %.
_SMALL_PX = 891


@pytest.fixture
def bar(qtbot) -> Callable[[list[QWidget | None], int], Flowing]:
    """A bar of parts, so many pixels wide."""
    made = []

    def show(parts: list[QWidget | None], width: int) -> Flowing:
        made.append(Flowing(parts))
        qtbot.addWidget(made[-1])
        made[-1].resize(width, 200)
        made[-1].show()
        return made[-1]

    return show


def _buttons(count: int) -> list[QPushButton]:
    return [QPushButton("a button") for _number in range(count)]


def test_parts_stand_in_one_line_where_there_is_room(bar) -> None:
    buttons = _buttons(3)
    bar([*buttons], 900)
    assert len({button.y() for button in buttons}) == 1
    assert all(b.x() > a.geometry().right() for a, b in pairwise(buttons))


def test_parts_without_room_go_into_the_next_line(bar) -> None:
    buttons = _buttons(4)
    width = 2 * buttons[0].sizeHint().width() + 20
    shown = bar([*buttons], width)
    assert buttons[0].y() == buttons[1].y() < buttons[2].y() == buttons[3].y()
    assert all(button.geometry().right() < width for button in buttons)
    assert shown.heightForWidth(width) > shown.heightForWidth(900)
    assert shown.minimumSizeHint().width() == buttons[0].sizeHint().width()


def test_what_follows_a_stretch_stands_at_the_right(bar) -> None:
    left, right = _buttons(2)
    bar([left, None, right], 600)
    assert left.x() == 0
    assert right.geometry().right() == 599


def test_a_line_to_type_into_takes_what_is_left(bar) -> None:
    line, button = QLineEdit(), QPushButton("a button")
    line.setMinimumWidth(100)
    bar([line, button], 500)
    assert line.x() == 0
    assert button.geometry().right() == 499


def test_what_is_hidden_takes_no_room(bar) -> None:
    first, hidden, last = _buttons(3)
    hidden.hide()
    bar([first, hidden, last], 600)
    assert last.x() == first.geometry().right() + 7


@pytest.mark.parametrize("text", ["61 errors, 33 warnings", "61 errors · <a href='x'>3 left</a>"])
def test_words_are_as_wide_as_their_line_and_wrap_where_there_is_no_room(bar, text: str) -> None:
    words, button = Words(text), QPushButton("a button")
    bar([button, words], 900)
    line = words.fontMetrics().lineSpacing()
    assert words.height() < 2 * line
    wide = words.sizeHint().width()
    assert words.heightForWidth(wide) < 2 * line <= words.heightForWidth(wide // 2) + 2


def test_a_box_keeps_the_words_before_it(bar) -> None:
    first, box = _buttons(2)
    together = beside("Layer", box)
    width = first.sizeHint().width() + box.sizeHint().width() + 10
    bar([first, together], width)
    assert together.x() == 0
    assert together.y() > first.y()


@pytest.fixture(params=["en", "zh_CN"])
def opened(request) -> Iterator[MainWindow]:
    """The window in a language."""
    set_language(request.param)
    yield request.getfixturevalue("window")
    set_language("en")


def test_every_panel_below_the_map_fits_a_small_screen(qtbot, opened: MainWindow) -> None:
    docks, tabs = opened.docks, opened.docks._bottom_tabs
    docks.show_issues()
    with qtbot.waitSignal(opened.jobs.finished, timeout=30_000):
        docks.run_checks()
    wide = {}
    for number in range(tabs.count()):
        tabs.setCurrentIndex(number)
        qtbot.waitUntil(lambda: not opened.jobs.busy)
        least = tabs.widget(number).minimumSizeHint().width()
        if least > _SMALL_PX:
            wide[tabs.tabText(number)] = least
    assert not wide


def test_what_is_being_collected_may_still_be_asked_for_its_size(qtbot) -> None:
    words = Words("Pipes without a flow direction")
    bar = Flowing([words, QPushButton("Mend")])
    qtbot.addWidget(bar)
    for one in (words, bar):
        # As garbage collection leaves them for a moment.
        vars(one).clear()
    assert bar.heightForWidth(100) == 0
    assert words.minimumSizeHint().width() > 0
