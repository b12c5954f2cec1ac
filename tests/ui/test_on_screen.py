from __future__ import annotations

from PySide6.QtWidgets import QDialog, QPushButton, QVBoxLayout
from pytestqt.qtbot import QtBot


def shown(qtbot: QtBot, width: int, height: int) -> QDialog:
    dialog = QDialog()
    qtbot.addWidget(dialog)
    QVBoxLayout(dialog).addWidget(QPushButton("OK"))
    dialog.resize(width, height)
    with qtbot.waitActive(dialog):
        dialog.show()
    return dialog


def test_a_dialog_larger_than_its_screen_opens_as_large_as_the_screen(qtbot: QtBot) -> None:
    dialog = shown(qtbot, 3000, 2000)
    room = dialog.screen().availableGeometry()
    qtbot.waitUntil(lambda: room.contains(dialog.frameGeometry()))


def test_a_dialog_that_its_user_has_made_larger_stays_so(qtbot: QtBot) -> None:
    dialog = shown(qtbot, 300, 200)
    assert dialog.width() == 300
    dialog.resize(3000, 200)
    dialog.findChild(QPushButton).clearFocus()
    dialog.findChild(QPushButton).setFocus()
    assert dialog.width() == 3000
