from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QMenu, QWidget
from pytestqt.qtbot import QtBot

from hjgis.ui.dialogs.confirming import accepted, agreed
from hjgis.ui.main_window import MainWindow

Answer = QDialog.DialogCode


def press(answer: Answer) -> None:
    shown = QApplication.activeModalWidget()
    assert isinstance(shown, QDialog)
    shown.done(answer)


@pytest.mark.parametrize("answer", [Answer.Accepted, Answer.Rejected], ids=["yes", "no"])
def test_a_dialog_goes_when_it_is_answered_not_with_its_window(
    qtbot: QtBot, answer: Answer
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    QTimer.singleShot(0, lambda: press(answer))
    assert accepted(QDialog(window)) == (answer == Answer.Accepted)
    QTimer.singleShot(0, lambda: press(Answer.Rejected))
    assert not agreed(window, "Delete", "Is it to go?", "Delete")
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert window.findChildren(QDialog) == []


@pytest.mark.parametrize("action", ["renumber", "checkpoints", "archive", "inspection-cycles"])
def test_what_was_asked_once_does_not_stay_in_the_window(
    qtbot: QtBot, window: MainWindow, action: str
) -> None:
    assert window.workspace is not None
    before = len(window.findChildren(QDialog))
    for _again in range(3):
        QTimer.singleShot(0, lambda: press(Answer.Rejected))
        window.actions_by_id[action].trigger()
        qtbot.waitUntil(lambda: QApplication.activeModalWidget() is None)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert len(window.findChildren(QDialog)) == before


def test_the_menu_of_a_layer_goes_when_it_is_closed(window: MainWindow) -> None:
    assert window.layer_list is not None
    before = len(window.findChildren(QMenu))

    def close() -> None:
        shown = QApplication.activePopupWidget()
        assert shown is not None
        shown.close()

    for _again in range(3):
        QTimer.singleShot(0, close)
        window.layer_list._open_menu(QPoint(10, 10))
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert len(window.findChildren(QMenu)) == before
