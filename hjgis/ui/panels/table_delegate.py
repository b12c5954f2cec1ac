"""The editors in the cells of a table: what does not fit stays in them, with the reason."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QStringListModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QWidget,
)

from hjgis.i18n import _, label
from hjgis.layers.project import Project
from hjgis.models.assets import Field
from hjgis.models.pinyin import is_meant
from hjgis.ui.itemmodels import FeatureTableModel

_Index = QModelIndex | QPersistentModelIndex
_FILLED: Final = "border: 1px solid #0b63c5; padding: 0 4px;"
_REFUSED: Final = "border: 2px solid #b3261e; padding: 0 4px; background: #fdecea;"


class CellDelegate(QStyledItemDelegate):
    """Makes the editors; `left` says where to go on: rows and columns from here."""

    left = Signal(int, int)
    refused = Signal(str)

    def __init__(self, project: Project, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project = project
        self._composing = False
        self._open: tuple[QWidget, QPersistentModelIndex] | None = None
        self._reason = ""

    @property
    def unstored(self) -> str:
        """What was typed and cannot be stored, with the reason; empty if there is nothing."""
        if self._open is None or not self._reason:
            return ""
        return f"{_line(self._open[0]).text()} – {self._reason}"

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: _Index) -> QWidget:
        del option
        model = index.model()
        assert isinstance(model, FeatureTableModel)
        field = model.columns[index.column()].field
        assert field is not None
        editor = make_editor(field, self._project, parent)
        editor.setStyleSheet(_FILLED)
        self._open, self._reason = (editor, QPersistentModelIndex(index)), ""
        self._composing = False
        if isinstance(editor, QComboBox):
            editor.activated.connect(self._chosen)
        return editor

    def setEditorData(self, editor: QWidget, index: _Index) -> None:
        if not self._reason:
            line = _line(editor)
            line.setText(str(index.data(Qt.ItemDataRole.EditRole) or ""))
            line.selectAll()

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: _Index) -> None:
        assert isinstance(model, FeatureTableModel)
        text = _line(editor).text()
        if text == model.shown(index.row(), index.column()):
            self._reason = ""
            return
        self._reason = model.put(index.row(), index.column(), text)
        if self._reason:
            self._tell(editor)

    def destroyEditor(self, editor: QWidget, index: _Index) -> None:
        if self._open is not None and self._open[0] is editor:
            lost, self._open, self._reason = self.unstored, None, ""
            if lost:
                self.refused.emit(_("Not stored: {what}").format(what=lost))
        super().destroyEditor(editor, index)

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: _Index
    ) -> None:
        super().updateEditorGeometry(editor, option, index)
        editor.resize(max(editor.width(), 96), editor.height())

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        if isinstance(event, QInputMethodEvent):
            self._composing = bool(event.preeditString())
        elif isinstance(event, QKeyEvent) and self._composing:
            # Enter and Esc belong to the input method as long as it composes.
            return event.key() in _ENDING
        elif event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._key(editor, event) or super().eventFilter(editor, event)
        elif event.type() == QEvent.Type.FocusOut and isinstance(editor, QWidget):
            return self._focus_lost(editor) or super().eventFilter(editor, event)
        return super().eventFilter(editor, event)

    def commit(self, editor: QWidget) -> bool:
        """Store what was typed and close the editor; what does not fit stays, with the reason."""
        self.commitData.emit(editor)
        if self._reason:
            return False
        self._close(editor)
        return True

    def _close(self, editor: QWidget) -> None:
        # Closed first: a box that loses the keyboard says once more that something was chosen.
        self._open = None
        self.closeEditor.emit(editor, QStyledItemDelegate.EndEditHint.NoHint)

    def _key(self, editor: QObject, event: QKeyEvent) -> bool:
        assert isinstance(editor, QWidget)
        step = _STEPS.get(Qt.Key(event.key()))
        if event.key() == Qt.Key.Key_Escape:
            self._reason = ""
            return False
        if step is None or event.modifiers() & ~(
            Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
        ):
            return False
        back = -1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        if event.key() == Qt.Key.Key_Backtab:
            back = 1
        if self.commit(editor):
            self.left.emit(back * step[0], back * step[1])
        return True

    def _focus_lost(self, editor: QWidget) -> bool:
        """Keep an editor open whose text does not fit."""
        if editor.isAncestorOf(_focus()) or _popup_of(editor):
            return False
        self.commitData.emit(editor)
        if not self._reason:
            self._close(editor)
        return True

    def _chosen(self) -> None:
        if self._open is not None:
            self.commit(self._open[0])

    def _tell(self, editor: QWidget) -> None:
        editor.setStyleSheet(_REFUSED)
        editor.setToolTip(self._reason)
        below = editor.mapToGlobal(QPoint(0, editor.height()))
        QToolTip.showText(below, self._reason, editor)
        self.refused.emit(self._reason)


def make_editor(field: Field, project: Project, parent: QWidget) -> QWidget:
    """Return a line for values of a field; for codes with a list to choose from."""
    if field.type not in ("code", "boolean"):
        line = QLineEdit(parent)
        if field.type in ("integer", "number"):
            line.setAlignment(Qt.AlignmentFlag.AlignRight)
        return line
    if field.type == "boolean":
        words = [_("yes"), _("no")]
    else:
        codes = project.catalogue.codes(field.codes or "").offered
        words = [label(entry.label) for entry in codes]
    return choice(words, parent)


def choice(words: list[str], parent: QWidget) -> QComboBox:
    """Return a box to type into that offers what is meant, in Chinese or by pinyin."""
    box = QComboBox(parent)
    box.setEditable(True)
    box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    box.addItems(["", *words])
    offered = QStringListModel(words, box)
    completer = QCompleter(offered, box)
    completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
    completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
    box.setCompleter(completer)
    line = box.lineEdit()
    assert line is not None

    def offer(typed: str) -> None:
        offered.setStringList([word for word in words if is_meant(word, typed)])
        if offered.rowCount():
            completer.complete()

    line.textEdited.connect(offer)
    return box


_ENDING: Final = frozenset(
    {
        Qt.Key.Key_Return,
        Qt.Key.Key_Enter,
        Qt.Key.Key_Tab,
        Qt.Key.Key_Backtab,
        Qt.Key.Key_Escape,
        Qt.Key.Key_F2,
    }
)
_STEPS: Final = {
    Qt.Key.Key_Return: (1, 0),
    Qt.Key.Key_Enter: (1, 0),
    Qt.Key.Key_Tab: (0, 1),
    Qt.Key.Key_Backtab: (0, -1),
}


def _line(editor: QWidget) -> QLineEdit:
    line = editor.lineEdit() if isinstance(editor, QComboBox) else editor
    assert isinstance(line, QLineEdit)
    return line


def _focus() -> QWidget:
    from PySide6.QtWidgets import QApplication

    return QApplication.focusWidget() or QWidget()


def _popup_of(editor: QWidget) -> bool:
    from PySide6.QtWidgets import QApplication

    return isinstance(editor, QComboBox) and QApplication.activePopupWidget() is not None
