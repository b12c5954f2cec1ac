"""The field calculator: an expression, its fields and functions, and what comes out, live."""

from __future__ import annotations

import re
from typing import Final

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import (
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QVBoxLayout,
)

from hjgis.edits.attributes import set_each
from hjgis.edits.cells import Calculated, calculate
from hjgis.i18n import _, grouped, ngettext_
from hjgis.layers.project import Project
from hjgis.models import expression_functions as functions
from hjgis.models.assets import Field
from hjgis.models.changes import ChangeSet
from hjgis.models.expressions import Expression, ExpressionError, parse
from hjgis.models.pinyin import is_meant
from hjgis.progress import Progress
from hjgis.ui.dialogs.table.frame import (
    AT_ONCE,
    REFUSED,
    RowsChoice,
    TableDialog,
    field_box,
    preview,
    put,
)
from hjgis.ui.page_parts import error_text
from hjgis.ui.panels.table import TablePanel

_SHOWN: Final = 10
_WORDS_PX: Final = 320
_WORD_PX: Final = 26
_AFTER_MS: Final = 150
_REFUSED_LISTED: Final = 200
_ROLE: Final = Qt.ItemDataRole.UserRole
_WORD: Final = re.compile(r"[\[【]?[\w]*$")
_PLAIN_NAME: Final = re.compile(r"[^\W\d]\w*")


class CalculatorDialog(TableDialog):
    """Writes one field of many rows from what their other fields and geometries say."""

    def __init__(self, panel: TablePanel) -> None:
        super().__init__(panel, _("Field calculator"), _("Calculate and store"))
        self.rows, self.fields = RowsChoice(panel, rather_all=True), field_box(panel)
        self.text = QPlainTextEdit()
        self.known, self.functions = QListWidget(), QListWidget()
        self.error = error_text()
        self.table = preview([_("Row"), _("Is now"), _("New value")], stretch=2)
        self._composing = False
        self._soon = QTimer(self, interval=_AFTER_MS, singleShot=True)
        self._fill_words()
        self._lay_out()
        self.text.installEventFilter(self)
        self.text.textChanged.connect(self._changed)
        self.text.cursorPositionChanged.connect(self._filter_words)
        for words in (self.known, self.functions):
            words.itemActivated.connect(self._insert)
        self.rows.currentIndexChanged.connect(self._changed)
        self.fields.currentIndexChanged.connect(self._changed)
        self._soon.timeout.connect(self.refresh)
        self.ok.clicked.connect(self.calculate)
        self.refresh()

    def _lay_out(self) -> None:
        self.text.setPlaceholderText(_("such as  [Diameter] * 2  or  if([Depth] > 3, 1, 2)"))
        self.text.setFixedHeight(76)
        self.text.setTabChangesFocus(True)
        for words in (self.known, self.functions):
            words.setFixedWidth(_WORDS_PX)
            words.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            words.setObjectName("framed")
        form, left, both = QFormLayout(), QVBoxLayout(), QHBoxLayout()
        form.addRow(_("Rows"), self.rows)
        form.addRow(_("Field"), self.fields)
        hint = QLabel(_("Tab takes the first that fits, a double click any"))
        hint.setObjectName("muted")
        right = QVBoxLayout()
        right.addWidget(QLabel(_("Fields")))
        right.addWidget(self.known, 1)
        right.addWidget(QLabel(_("Functions")))
        right.addWidget(self.functions, 1)
        right.addWidget(hint)
        left.addLayout(form)
        left.addWidget(QLabel(_("Expression")))
        left.addWidget(self.text)
        left.addWidget(self.error)
        left.addWidget(self.table, 1)
        both.addLayout(left, 1)
        both.addLayout(right)
        self.body.addLayout(both, 1)
        self.table.setColumnWidth(0, 150)
        self.table.setColumnWidth(1, 130)
        self.resize(900, 560)
        self.text.setFocus()

    def _fill_words(self) -> None:
        for column in self.panel.model.columns:
            if column.field is not None:
                _add(self.known, column.heading, column.title, f"[{column.title}]")
        for function in functions.ALL:
            shown = f"{function.name}( )   {_(function.hint)}"
            _add(self.functions, shown, " ".join(function.names), f"{function.name}(")
        _add(self.functions, f"{_('empty')}   {_('nothing at all')}", "空值 null", "空值")

    # -- typing --------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.InputMethod and watched is self.text:
            self._composing = bool(event.preeditString())  # type: ignore[attr-defined]
        tab = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Tab
        if tab and event.type() == QEvent.Type.KeyPress and not self._composing:
            item = self._first_word()
            if item is not None and self._typed():
                self._insert(item)
                return True
        return super().eventFilter(watched, event)

    def _typed(self) -> str:
        """Return the word before the cursor."""
        cursor = self.text.textCursor()
        before = cursor.block().text()[: cursor.positionInBlock()]
        found = _WORD.search(before)
        return found.group() if found else ""

    def _filter_words(self) -> None:
        typed = self._typed()
        name = typed.lstrip("[【")
        fitting = [
            _filter(words, "" if name.isdigit() or skipped else name)
            for words, skipped in ((self.known, False), (self.functions, name != typed))
        ]
        if not any(fitting):
            for words in (self.known, self.functions):
                _filter(words, "")

    def _first_word(self) -> QListWidgetItem | None:
        """Return the first that fits; of functions only if no field does."""
        typed = self._typed().lstrip("[【")
        for words in (self.known, self.functions):
            for item in _items(words):
                if not item.isHidden() and is_meant(item.data(_ROLE)[0], typed):
                    return item
        return None

    def _insert(self, item: QListWidgetItem) -> None:
        cursor = self.text.textCursor()
        typed = self._typed()
        if not _PLAIN_NAME.fullmatch(typed.lstrip("[【")) and not typed.startswith(("[", "【")):
            typed = ""
        move, keep = QTextCursor.MoveOperation.Left, QTextCursor.MoveMode.KeepAnchor
        cursor.movePosition(move, keep, len(typed))
        cursor.insertText(item.data(_ROLE)[1])
        self.text.setTextCursor(cursor)
        self.text.setFocus()

    # -- what comes out ------------------------------------------------------------------

    @property
    def field(self) -> Field:
        """What is written to."""
        return self.asset.field(str(self.fields.currentData()))

    def _changed(self) -> None:
        self.ok.setEnabled(False)
        self._soon.start()

    def expression(self) -> Expression | None:
        """Return what is written, or say what cannot be understood."""
        text = self.text.toPlainText()
        self.error.setText("")
        if not text.strip():
            return None
        try:
            return parse(text, self.asset, self.project.catalogue)
        except ExpressionError as error:
            self.error.setText(str(error))
            return None

    def refresh(self) -> None:
        """Show what comes out for the first rows, and how many have a value if they are few."""
        self._soon.stop()
        if self.project.is_closed:
            return
        expression, fids = self.expression(), self.rows.fids()
        self.table.setRowCount(0)
        self.ok.setEnabled(expression is not None and len(fids) > 0)
        self.say("")
        if expression is None:
            return
        catalogue = self.project.catalogue
        if len(fids) <= AT_ONCE:
            whole = calculate(self.project, expression, self.field, fids, catalogue)
            self._show(_first(whole))
            self.say(_result_words(whole))
            self.ok.setEnabled(whole.changing > 0)
        else:
            few = fids[:_SHOWN]
            self._show(calculate(self.project, expression, self.field, few, catalogue))
            words = _("The first {count} rows are shown; all {total} are calculated at the end.")
            self.say(words.format(count=_SHOWN, total=grouped(len(fids))))

    def _show(self, found: Calculated) -> None:
        old = dict(zip(found.fids, found.old, strict=True))
        new = dict(zip(found.fids, found.new, strict=True))
        fids = sorted([*found.fids, *list(found.refused)[:_REFUSED_LISTED]])
        names = self.row_names(fids)
        self.table.setRowCount(len(fids))
        for row, fid in enumerate(fids):
            put(self.table, row, 0, names[fid])
            if fid in found.refused:
                why = _("stays: {reason}").format(reason=found.refused[fid])
                put(self.table, row, 2, why, color=REFUSED)
                continue
            put(self.table, row, 1, self.shown_value(self.field, old[fid]))
            put(self.table, row, 2, self.shown_value(self.field, new[fid]))

    def calculate(self) -> None:
        """Work all rows out and ask for them to be stored."""
        expression, fids, field = self.expression(), self.rows.fids(), self.field
        if expression is None:
            return
        catalogue = self.project.catalogue

        def work(project: Project, progress: Progress) -> Calculated:
            return calculate(project, expression, field, fids, catalogue, progress=progress)

        self.ok.setEnabled(False)
        self.run(len(fids), work, self._store)

    def _store(self, found: Calculated) -> None:
        layer, name = self.asset.id, self.field.name

        def make(project: Project) -> ChangeSet:
            return set_each(project, layer, found.fids, {name: found.new})

        if found.changing:
            self.ask(len(found.fids), make)
        only = Calculated(refused=found.refused)
        self._show(only if found.refused else Calculated())
        self.say(_result_words(found, done=True))
        if not found.refused and found.changing:
            self.accept()


def _add(words: QListWidget, shown: str, meant: str, inserted: str) -> None:
    item = QListWidgetItem(shown)
    item.setData(_ROLE, (meant, inserted))
    item.setToolTip(shown)
    # No wider than the list: what does not fit ends in an ellipsis.
    item.setSizeHint(QSize(0, _WORD_PX))
    words.addItem(item)


def _items(words: QListWidget) -> list[QListWidgetItem]:
    return [words.item(row) for row in range(words.count())]


def _filter(words: QListWidget, typed: str) -> bool:
    """Show what is meant; return whether anything is."""
    for item in _items(words):
        item.setHidden(bool(typed) and not is_meant(item.data(_ROLE)[0], typed))
    return any(not item.isHidden() for item in _items(words))


def _first(found: Calculated) -> Calculated:
    """Return the first rows that change or have no result; where there is none, the first."""
    rows = list(zip(found.fids, found.old, found.new, strict=True))
    changed = [row for row in rows if row[1] != row[2]]
    if not changed and not found.refused:
        changed = rows
    last = sorted([*(row[0] for row in changed), *found.refused])[:_SHOWN]
    shown = [row for row in changed if last and row[0] <= last[-1]]
    refused = {fid: why for fid, why in found.refused.items() if fid <= last[-1]}
    return Calculated(
        [row[0] for row in shown], [row[1] for row in shown], [row[2] for row in shown], refused
    )


def _result_words(found: Calculated, *, done: bool = False) -> str:
    changing = found.changing
    if done:
        words = ngettext_("{count} row was changed", "{count} rows were changed", changing)
    else:
        words = ngettext_("{count} row changes", "{count} rows change", changing)
    text = words.format(count=grouped(changing))
    same = len(found.fids) - changing
    if same:
        text += _("; {count} have that value already").format(count=grouped(same))
    if found.refused:
        left = _("; {count} have no result and stay as they are")
        text += left.format(count=grouped(len(found.refused)))
    if found.doubts:
        text += _("; {count} are stored as drafts: out of range").format(
            count=grouped(found.doubts)
        )
    return text
