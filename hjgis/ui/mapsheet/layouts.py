"""The menu of layouts: keep, rename, delete, start with, back to the form."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QInputDialog, QMenu, QWidget

from hjgis.errors import HjgisError
from hjgis.i18n import _, label
from hjgis.ui.mapsheet.design import Design
from hjgis.ui.mapsheet.keeping import Keeping, ready_made


class Layouts(QObject):
    """Keeps layouts by name; `changed` when others are kept now, `told` carries what to say."""

    changed = Signal()
    told = Signal(str)

    def __init__(self, keeping: Keeping, design: Design, parent: QWidget) -> None:
        super().__init__(parent)
        self._keeping, self._design, self._window = keeping, design, parent
        self.menu = QMenu(parent)
        self.save = self._entry(_("Keep as…"), self._ask_name)
        self.rename = self._entry(_("Rename…"), self._ask_new_name)
        self.delete = self._entry(_("Delete"), self._delete)
        self.usual = self._entry(_("Start with this layout"), self._toggle_usual)
        self.usual.setCheckable(True)
        self.menu.addSeparator()
        self.reset = self._entry(_("Back to the form"), self.back_to_form)
        self.menu.aboutToShow.connect(self.refresh)

    def _entry(self, words: str, act: object) -> QAction:
        entry = self.menu.addAction(words)
        entry.triggered.connect(act)
        return entry

    def refresh(self) -> None:
        """Offer what can be done with the sheet of now."""
        name, own = self._design.wish.sheet.id, self._keeping.own
        for entry in (self.rename, self.delete, self.usual):
            entry.setEnabled(name in own.names)
        self.usual.setChecked(own.usual == name)

    def keep_changes(self) -> None:
        """Keep the sheet if something on it was changed; say under which name."""
        made = self._design.wish.sheet
        if self._keeping.is_changed(made):
            self.keep_as("")

    def keep_as(self, name: str) -> None:
        """Keep the sheet under a name, or under the one it has."""
        try:
            made = self._keeping.keep(self._design.wish.sheet, name)
        except HjgisError as error:
            self.told.emit(str(error))
            return
        self._design.change(replace(self._design.wish, sheet=made))
        self.changed.emit()
        self.told.emit(_("The layout is kept as {name}.").format(name=made.id))

    def rename_to(self, name: str) -> None:
        """Give the layout of now another name."""
        wish, own = self._design.wish, self._keeping.own
        old = wish.sheet.id
        try:
            renamed = own.renamed(old, name)
            self._keeping.store(renamed)
        except HjgisError as error:
            self.told.emit(str(error))
            return
        new = next(iter(set(renamed.names) - set(own.names)), old)
        words = dict.fromkeys(wish.sheet.label, new)
        self._design.change(replace(wish, sheet=replace(wish.sheet, id=new, label=words)))
        self.changed.emit()

    def back_to_form(self) -> None:
        """Put everything where the form has it."""
        wish = self._design.wish
        self._design.change(replace(wish, sheet=self._keeping.form(wish.sheet)))

    def _ask_name(self) -> None:
        wanted = _("{form}, own").format(form=label(self._design.wish.sheet.label))
        name, said = QInputDialog.getText(
            self._window, _("Keep the layout"), _("Name"), text=wanted
        )
        if said:
            self.keep_as(name)

    def _ask_new_name(self) -> None:
        old = self._design.wish.sheet.id
        name, said = QInputDialog.getText(self._window, _("Rename the layout"), _("Name"), text=old)
        if said and name != old:
            self.rename_to(name)

    def _delete(self) -> None:
        wish = self._design.wish
        name = wish.sheet.id
        try:
            self._keeping.store(self._keeping.own.without(name))
        except HjgisError as error:
            self.told.emit(str(error))
            return
        self._design.change(replace(wish, sheet=ready_made(wish.sheet.paper_mm)))
        self.changed.emit()
        words = _("The layout {name} is deleted. Undo in the main window brings it back.")
        self.told.emit(words.format(name=name))

    def _toggle_usual(self) -> None:
        name, own = self._design.wish.sheet.id, self._keeping.own
        try:
            self._keeping.store(own.starting_with("" if own.usual == name else name))
        except HjgisError as error:
            self.told.emit(str(error))
            return
        self.changed.emit()
