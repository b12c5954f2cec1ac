"""Asks whether something is to be done; the button says what."""

from __future__ import annotations

from PySide6.QtWidgets import QMessageBox, QWidget

from hjgis.i18n import _

_BUTTON = QMessageBox.StandardButton


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
    return question(parent, title, words, verb, final=final).exec() == _BUTTON.Yes


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
