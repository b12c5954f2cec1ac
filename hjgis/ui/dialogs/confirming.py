"""Windows that wait for an answer: whether something is to be done, and dialogs of any kind."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QMessageBox, QWidget

from hjgis.i18n import _

_BUTTON = QMessageBox.StandardButton


def accepted(dialog: QDialog) -> bool:
    """Show a dialog until it is answered; return whether with yes.

    It goes with the next turn of the event loop: its parent would keep it to the end of the window.
    """
    answer = dialog.exec()
    dialog.deleteLater()
    return answer == QDialog.DialogCode.Accepted


def agreed(
    parent: QWidget | None, title: str, words: str, verb: str, *, final: bool = False
) -> bool:
    """Return whether somebody wants it done.

    Parameters
    ----------
    verb : str
        What the button does, such as ``Delete 3 × Manhole``: nobody reads the question.
    final : bool
        Whether no undo brings back what goes; then Enter does not do it.
    """
    box = question(parent, title, words, verb, final=final)
    answer = box.exec()
    box.deleteLater()
    return answer == _BUTTON.Yes


def question(
    parent: QWidget | None, title: str, words: str, verb: str, *, final: bool = False
) -> QMessageBox:
    """Return the box that `agreed` shows."""
    box = QMessageBox(QMessageBox.Icon.Question, title, words, _BUTTON.Yes | _BUTTON.Cancel, parent)
    box.setEscapeButton(_BUTTON.Cancel)
    box.setDefaultButton(_BUTTON.Cancel if final else _BUTTON.Yes)
    does = box.button(_BUTTON.Yes)
    does.setText(verb)
    does.setObjectName("final" if final else "primary")
    # The box has dressed its buttons already.
    does.style().unpolish(does)
    does.style().polish(does)
    box.button(_BUTTON.Cancel).setText(_("Cancel"))
    return box
