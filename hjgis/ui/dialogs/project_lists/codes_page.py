"""The code lists of a project: what is in them, and what uses it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication, QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSplitter, QVBoxLayout, QWidget

from hjgis.edits.recode import Usage, Use, usage
from hjgis.errors import EditRefused, HjgisError
from hjgis.i18n import _, grouped, label, ngettext_
from hjgis.layers.project import Project
from hjgis.models.assets import Code
from hjgis.models.changes import ChangeSet
from hjgis.models.own_lists import FACT, OwnCode, OwnLists, store_lists
from hjgis.models.pinyin import spelling
from hjgis.progress import Progress
from hjgis.ui.dialogs.confirming import accepted
from hjgis.ui.dialogs.project_lists.code_dialog import (
    UNITS,
    CodeDialog,
    MergeDialog,
    place_words,
    where_words,
)
from hjgis.ui.dialogs.project_lists.searched import Row, SearchedTable, allow, button, row_of
from hjgis.ui.jobs import Jobs

_LISTS_PX: Final = 230
_SHOWN_LINES: Final = 3
_NO_USAGE: Final = Usage()


class CodesPage(QWidget):
    """All lists at the left, the codes of one at the right; with one list only its codes.

    `wanted` carries what makes an edit, `said` what is refused, `selected` layer and rows.
    """

    wanted = Signal(object)
    said = Signal(str)
    selected = Signal(str, object)

    def __init__(self, project: Project, jobs: Jobs, *, only: str | None = None) -> None:
        super().__init__()
        self._project, self._jobs, self._only = project, jobs, only
        self._usage: dict[str, Usage] = {}
        self._counting: set[str] = set()
        self.lists = SearchedTable([_("List"), _("Own")], [0, 56], right=[1])
        self._credit = [_("Social credit code")] if only == UNITS else []
        headings = [
            _("Name"),
            _("Stored as"),
            _("Other words"),
            *self._credit,
            _("Used"),
            _("State"),
        ]
        self._used_at = len(headings) - 2
        widths = [140, 100, 0, *([150] if self._credit else []), 56, 80]
        self.codes = SearchedTable(headings, widths, right=[self._used_at])
        self.add = button(_("Add…"), "Ins", self)
        self.change = button(_("Change…"), "F2", self)
        self.merge = button(_("Merge…"), "", self)
        self.hide_it = button(_("Stop offering"), "", self)
        self.delete = button(_("Delete"), "Del", self)
        self.paste = button(_("Paste lines"), "Ctrl+V", self)
        self.show_users = button(_("Select what uses it"), "", self)
        self._menu = QMenu(self)
        self.show_users.setMenu(self._menu)
        self._build()
        self._connect()

    def _build(self) -> None:
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.codes, 1)
        buttons = (self.add, self.change, self.merge, self.hide_it, self.delete)
        column.addLayout(row_of((*buttons, self.paste, self.show_users)))
        split = QSplitter()
        split.addWidget(self.lists)
        split.addWidget(right)
        split.setSizes([_LISTS_PX, 3 * _LISTS_PX])
        split.setStretchFactor(1, 1)
        split.setChildrenCollapsible(False)
        self.lists.setVisible(self._only is None)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 8, 0, 0)
        row.addWidget(split)

    def _connect(self) -> None:
        self.lists.chosen.connect(self._show_list)
        self.codes.chosen.connect(self._refresh_buttons)
        self.codes.opened.connect(self._open)
        self.add.clicked.connect(self._add)
        self.change.clicked.connect(self._change)
        self.merge.clicked.connect(self._merge)
        self.hide_it.clicked.connect(self._hide)
        self.delete.clicked.connect(self._delete)
        self.paste.clicked.connect(self._paste)
        self._menu.aboutToShow.connect(self._fill_menu)

    # -- what is shown -------------------------------------------------------------------

    @property
    def list_id(self) -> str | None:
        """The list whose codes are shown."""
        return self._only or self.lists.key

    @property
    def used(self) -> Usage:
        """What uses the list, as far as it is counted."""
        return self._usage.get(self.list_id or "", _NO_USAGE)

    def _all_used(self, list_id: str) -> Usage:
        """Return what uses a list, counted here where that is not done yet."""
        found = self._usage.get(list_id)
        return found or usage(self._project, self._project.catalogue.codes(list_id))

    def refresh(self) -> None:
        """Show lists and codes as they are now, and count anew."""
        self._usage.clear()
        if self._only is None:
            entries = self._project.own_lists.entries
            lists = sorted(
                self._project.catalogue.code_lists.values(),
                key=lambda one: spelling(label(one.label)).whole,
            )
            self.lists.show_rows(
                [
                    Row(one.id, (label(one.label), str(len(entries.get(one.id, ())) or "")))
                    for one in lists
                    if one.id != UNITS
                ]
            )
        self._show_list()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._counting.clear()

    def _show_list(self) -> None:
        list_id = self.list_id
        if list_id is None:
            self.codes.show_rows([])
            return
        codes, lists = self._project.catalogue.codes(list_id), self._project.own_lists
        rows = []
        for value, uses in self.used.unlisted.items():
            count = grouped(sum(use.count for use in uses))
            blank = ("",) * len(self._credit)
            texts = (value, value, where_words(self._project, uses), *blank, count)
            rows.append(Row(value, (*texts, _("not in the list")), "odd"))
        rows += [self._row(lists, list_id, code) for code in codes.codes]
        self.codes.show_rows(rows)
        self._count(list_id)

    def _row(self, lists: OwnLists, list_id: str, code: Code) -> Row:
        said = lists.said_of(list_id, code.code)
        if code.hidden:
            state = _("not offered")
        elif not lists.is_shipped(list_id, code.code):
            state = _("own")
        else:
            state = "" if said.is_empty else _("changed")
        count = grouped(self.used.count(code.code)) if list_id in self._usage else "…"
        credit = (said.credit_code or "",) if self._credit else ()
        texts = (label(code.label), code.code, "、".join(code.aliases), *credit, count, state)
        return Row(code.code, texts, "muted" if code.hidden else "")

    def _count(self, list_id: str) -> None:
        """Count in the background what uses a list."""
        if list_id in self._usage or list_id in self._counting or not self.isVisible():
            return
        self._counting.add(list_id)
        project = self._project

        def work(progress: Progress) -> Usage:
            progress.check()
            with project.reader() as reader:
                return usage(reader, reader.catalogue.codes(list_id))

        self._jobs.run(
            work,
            partial(self._counted, list_id),
            title=_("Counting values"),
            on_error=self._not_counted,
        )

    def _counted(self, list_id: str, found: Usage) -> None:
        self._counting.discard(list_id)
        self._usage[list_id] = found
        if list_id == self.list_id:
            self._show_list()

    def _not_counted(self, error: HjgisError) -> None:
        self._counting.clear()
        self.said.emit(str(error))

    # -- what can be done ----------------------------------------------------------------

    @property
    def _code(self) -> Code | None:
        list_id, key = self.list_id, self.codes.key
        return self._project.catalogue.codes(list_id).get(key) if list_id else None

    def _refresh_buttons(self) -> None:
        reason, code, key = self._project.read_only_reason or "", self._code, self.codes.key
        unlisted = key is not None and code is None
        nothing = "" if key is not None else _("Choose a row first.")
        listed = nothing or (_("Add it to the list first.") if unlisted else "")
        self.add.setText(_("Add to the list") if unlisted else _("Add…"))
        allow(self.add, reason or ("" if self.list_id else nothing))
        allow(self.paste, reason)
        if not reason:
            hint = _(
                "Add each copied row of a spreadsheet: name, stored value, other words (Ctrl+V)"
            )
            self.paste.setToolTip(hint)
        allow(self.change, reason or listed)
        allow(self.merge, reason or nothing)
        self.hide_it.setText(_("Offer again") if code and code.hidden else _("Stop offering"))
        allow(self.hide_it, reason or listed)
        allow(self.delete, reason or listed)
        uses = self._uses()
        allow(self.show_users, nothing or ("" if uses else _("Nothing uses it.")))

    def _uses(self) -> list[Use]:
        key = self.codes.key or ""
        return [*self.used.by_code.get(key, ()), *self.used.unlisted.get(key, ())]

    def _open(self) -> None:
        (self.change if self._code is not None else self.add).click()

    def _add(self) -> None:
        list_id, key = self.list_id, self.codes.key
        if list_id is None:
            return
        if key is not None and self._code is None:
            self._say_or_want(lambda lists: lists.added(list_id, OwnCode(key)))
            return
        dialog = CodeDialog(self._project, list_id, None, self.used, self)
        if accepted(dialog):
            self.codes.search.clear()
            self.wanted.emit(dialog.make)

    def _change(self) -> None:
        if self.list_id is None or self._code is None:
            return
        used = self._all_used(self.list_id)
        dialog = CodeDialog(self._project, self.list_id, self._code.code, used, self)
        if accepted(dialog):
            self.wanted.emit(dialog.make)

    def _merge(self) -> None:
        if self.list_id is None or self.codes.key is None:
            return
        used = self._all_used(self.list_id)
        dialog = MergeDialog(self._project, self.list_id, self.codes.key, used, self)
        if accepted(dialog):
            self.wanted.emit(dialog.make)

    def _hide(self) -> None:
        list_id, code = self.list_id, self._code
        if list_id is not None and code is not None:
            name, hidden = code.code, not code.hidden
            self._say_or_want(lambda lists: lists.with_hidden(list_id, name, hidden=hidden))

    def _delete(self) -> None:
        list_id, code = self.list_id, self._code
        if list_id is None or code is None:
            return
        # Counted now: a number of before must not decide that nothing uses it.
        used = usage(self._project, self._project.catalogue.codes(list_id)).coded(code.code)
        name = code.code
        self._say_or_want(lambda lists: lists.without(list_id, name, uses=used))

    def _paste(self) -> None:
        list_id, text = self.list_id, QGuiApplication.clipboard().text()
        if list_id is None:
            return
        lists, refused = self._project.own_lists.with_lines(list_id, text)
        added = len(lists.entries.get(list_id, ())) - len(
            self._project.own_lists.entries.get(list_id, ())
        )
        if added:
            self._say_or_want(lambda now: now.with_lines(list_id, text)[0])
        words = ngettext_("{count} line added", "{count} lines added", added).format(count=added)
        if refused or not added:
            more = _("; ").join(refused[:_SHOWN_LINES]) + (
                "…" if len(refused) > _SHOWN_LINES else ""
            )
            self.said.emit(f"{words}. {more}" if more else words)

    def _say_or_want(self, edit: Callable[[OwnLists], OwnLists]) -> None:
        project = self._project

        def make() -> ChangeSet:
            return store_lists(project.info(FACT), edit(project.own_lists))

        try:
            make()
        except EditRefused as error:
            self.said.emit(str(error))
        else:
            self.wanted.emit(make)

    def _fill_menu(self) -> None:
        self._menu.clear()
        for use in self._uses():
            action = self._menu.addAction(f"{place_words(self._project, use)}  {use.count}")
            action.triggered.connect(partial(self._select, use))

    def _select(self, use: Use) -> None:
        self.selected.emit(use.layer, self._project.fids_with(use.layer, use.field, use.value))
