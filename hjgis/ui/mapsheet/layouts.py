"""The menu of layouts: keep, rename, delete, start with, back to the form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from hjgis.errors import HjgisError
from hjgis.i18n import _, label
from hjgis.models.sheets import Sheet
from hjgis.ui.dialogs.naming import NameDialog
from hjgis.ui.mapsheet.design import Design
from hjgis.ui.mapsheet.keeping import Keeping
from hjgis.ui.theme import allow


class Layouts(QObject):
    """Keeps layouts by name; `changed` when others are kept now, `told` carries what to say."""

    changed = Signal()
    told = Signal(str)

    def __init__(self, keeping: Keeping, design: Design, parent: QWidget) -> None:
        super().__init__(parent)
        self._keeping, self._design, self._window = keeping, design, parent
        self.menu = QMenu(parent)
        self.menu.setToolTipsVisible(True)
        self.save = self._entry(_("Keep as…"), self._ask_name)
        self.rename = self._entry(_("Rename…"), self._ask_new_name)
        self.delete = self._entry(_("Delete"), self._delete)
        self.usual = self._entry(_("Start with this layout"), self._toggle_usual)
        self.usual.setCheckable(True)
        self.menu.addSeparator()
        self.reset = self._entry(_("Back to the form"), self.back_to_form)
        self.menu.aboutToShow.connect(self.refresh)

    def _entry(self, words: str, act: Callable[[], None]) -> QAction:
        entry = self.menu.addAction(words)
        entry.triggered.connect(act)
        return entry

    def refresh(self) -> None:
        """Offer what can be done with the sheet of now."""
        name, own = self._design.wish.sheet.id, self._keeping.own
        reason = self._keeping.read_only_reason
        ready_made = "" if name in own.names else _("It is no layout of one's own.")
        allow(self.save, "", reason)
        for entry in (self.rename, self.delete, self.usual):
            allow(entry, "", reason or ready_made)
        self.usual.setChecked(own.usual == name)
        sheet = self._design.wish.sheet
        unchanged = self._keeping.form(sheet) == sheet
        allow(self.reset, "", _("Everything is as the form has it.") if unchanged else "")

    def keep_changes(self) -> None:
        """Keep the sheet if something on it was changed; say under which name."""
        made = self._design.wish.sheet
        if self._keeping.is_changed(made):
            self.keep_as("")

    def keep_as(self, name: str) -> None:
        """Keep the sheet under a name, or under the one it has."""
        made = self._said(partial(self._keeping.keep, self._design.wish.sheet, name))
        if made is not None:
            self._show(made)
            self.told.emit(_("The layout is kept as {name}.").format(name=made.id))

    def rename_to(self, name: str) -> None:
        """Give the layout of now another name."""
        made = self._said(partial(self._keeping.rename, self._design.wish.sheet, name))
        if made is not None:
            self._show(made)

    def back_to_form(self) -> None:
        """Put everything where the form has it."""
        wish = self._design.wish
        self._design.change(replace(wish, sheet=self._keeping.form(wish.sheet)))

    def name_dialog(self) -> NameDialog:
        """Return what asks under which name the sheet is to be kept."""
        wanted = _("{form}, own").format(form=label(self._design.wish.sheet.label))
        return NameDialog(_("Keep the layout"), wanted, self._window)

    def _ask_name(self) -> None:
        name = self.name_dialog().ask()
        if name:
            self.keep_as(name)

    def _ask_new_name(self) -> None:
        old = self._design.wish.sheet.id
        name = NameDialog(_("Rename the layout"), old, self._window).ask()
        if name and name != old:
            self.rename_to(name)

    def _delete(self) -> None:
        gone = self._design.wish.sheet
        made = self._said(partial(self._keeping.delete, gone))
        if made is not None:
            self._show(made)
            words = _("The layout {name} is deleted. Undo in the main window brings it back.")
            self.told.emit(words.format(name=gone.id))

    def _toggle_usual(self) -> None:
        if self._said(partial(self._keeping.toggle_usual, self._design.wish.sheet)) is not None:
            self.changed.emit()

    def _said(self, work: Callable[[], Sheet]) -> Sheet | None:
        """Return what some work makes of a sheet; say what is refused."""
        try:
            return work()
        except HjgisError as error:
            self.told.emit(str(error))
            return None

    def _show(self, made: Sheet) -> None:
        self._design.change(replace(self._design.wish, sheet=made))
        self.changed.emit()
