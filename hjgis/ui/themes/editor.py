"""The window of themes: which there are, what each shows, how it looks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QHideEvent, QPixmap, QShowEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMessageBox,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from hjgis.errors import HjgisError
from hjgis.i18n import _, label
from hjgis.layers.project import Project
from hjgis.models.attachments import plain_name
from hjgis.models.changes import Announcement
from hjgis.models.own_themes import copied_theme, named_theme
from hjgis.models.themes import FACT, Portrayal, Theme, theme_ids
from hjgis.ui import file_dialogs
from hjgis.ui.bridge import Bridge
from hjgis.ui.composing import NameLine
from hjgis.ui.dialogs.saving import ask_target
from hjgis.ui.page_parts import open_at, scrolled
from hjgis.ui.theme import allow, flat_button
from hjgis.ui.themes.layer_rows import LayerRows
from hjgis.ui.themes.legend import LegendList
from hjgis.ui.themes.offered import begun, begun_theme, methods_of
from hjgis.ui.themes.portrayal_form import PortrayalForm
from hjgis.ui.themes.preview import Picture, Preview, Shown
from hjgis.ui.themes.shelf import Shelf

_SIZE: Final = QSize(1290, 690)
# Of each column: the width below which it is of no use, and its share of the room there is.
_LIST_PX: Final = (140, 230)
_LAYERS_PX: Final = (150, 220)
_FORM_PX: Final = (350, 384)
_PICTURE_PX: Final = (190, 392)
_WAIT_MS: Final = 250
_FILES: Final = "TOML (*.toml)"


class ThemeEditor(QDialog):
    """Makes and changes themes; `map_wanted` carries one for the map, `kept` one just kept."""

    map_wanted = Signal(object)
    kept = Signal(object)

    def __init__(self, project: Project, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Themes"))
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self._project, self.shelf = project, Shelf(project)
        self._draft = self.shelf.themes[0]
        self._filling = False
        self.list, self.name = QListWidget(), NameLine()
        self.layers = LayerRows(project)
        self.form = PortrayalForm(project)
        self.preview = Preview(project, self)
        self.picture, self.legend, self.said = Picture(), LegendList(), QLabel()
        self._timer = QTimer(self, singleShot=True, interval=_WAIT_MS)
        self._make_buttons()
        self._set_up()
        self._lay_out()
        self._connect(bridge)
        self._fill_list()
        self._show_draft()

    # -- how it is built -----------------------------------------------------------------

    def _make_buttons(self) -> None:
        self.new = flat_button("new", _("New theme of the chosen layer"))
        self.copy = flat_button("copy", _("Copy the theme"))
        self.delete = flat_button("delete", _("Delete the theme from the project"))
        self.load = flat_button("import", _("Read a theme from a file (TOML)…"))
        self.write = flat_button("export", _("Write the theme to a file (TOML)…"))
        self.add = flat_button("layer-add", _("Show the chosen layer in one more way"))
        self.remove = flat_button("take-out-layer", _("Take the chosen way of showing it away"))
        self.save = QPushButton(_("Keep"))
        self.on_map = QPushButton(_("Show on the map"))
        self.on_map.setObjectName("primary")
        self.close_button = QPushButton(_("Close"))
        for button in (self.save, self.on_map, self.close_button):
            button.setAutoDefault(False)

    def _set_up(self) -> None:
        self.list.setAccessibleName(_("Themes"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.name.setAccessibleName(_("Name"))
        self.said.setObjectName("muted")
        self.said.setWordWrap(True)
        for framed in (self.list, self.layers, self.picture):
            framed.setObjectName("framed")
        # As above, but its rows stay close.
        self.legend.setStyleSheet("QListWidget { border: 1px solid #d9dde2 }")

    def _lay_out(self) -> None:
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inner = QWidget()
        inner_column = QVBoxLayout(inner)
        inner_column.setContentsMargins(0, 0, 6, 0)
        inner_column.addWidget(self.form)
        inner_column.addStretch(1)
        scroll.setWidget(inner)
        tools = _row(self.new, self.copy, self.delete, self.load, self.write)
        ways = _row(self.add, self.remove)
        across = QWidget()
        parts = QHBoxLayout(across)
        parts.setContentsMargins(0, 0, 0, 0)
        parts.setSpacing(12)
        for (least, share), inside in (
            (_LIST_PX, (QLabel(_("Themes")), self.list, tools)),
            (_LAYERS_PX, (QLabel(_("Name")), self.name, self.layers, ways)),
            (_FORM_PX, (QLabel(_("How the layer is shown")), scroll)),
            (_PICTURE_PX, (self.picture, self.legend)),
        ):
            parts.addLayout(_column(least, *inside), share)
        buttons = QHBoxLayout()
        buttons.addWidget(self.said, 1)
        for button in (self.save, self.on_map, self.close_button):
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.addWidget(scrolled(across), 1)
        column.addLayout(buttons)
        open_at(self, _SIZE)

    def _connect(self, bridge: Bridge) -> None:
        self.list.currentRowChanged.connect(self._choose_row)
        self.name.editingFinished.connect(self._rename)
        self.layers.chosen.connect(self._show_layer)
        self.layers.ticked.connect(self._take_layers)
        self.form.changed.connect(self._take_portrayal)
        self.form.subject_changed.connect(self._take_subject)
        self.preview.painted.connect(self._show_picture)
        self.preview.failed.connect(self._show_trouble)
        self.picture.resized.connect(self._timer.start)
        self._timer.timeout.connect(self._paint)
        bridge.changed.connect(self._heard)
        for button, act in (
            (self.new, self._begin_chosen),
            (self.copy, self.copy_theme),
            (self.delete, self.delete_theme),
            (self.load, self._ask_load),
            (self.write, self._ask_write),
            (self.add, self.add_portrayal),
            (self.remove, self.remove_portrayal),
            (self.save, self.keep),
            (self.on_map, self._show_on_map),
            (self.close_button, self.close),
        ):
            button.clicked.connect(act)

    # -- what there is -------------------------------------------------------------------

    @property
    def draft(self) -> Theme:
        """The theme as it is in the window."""
        return self._draft

    @property
    def busy(self) -> bool:
        """Whether the preview is still to come."""
        return self._timer.isActive() or self.preview.busy

    @property
    def is_changed(self) -> bool:
        """Whether the theme is otherwise than it is kept."""
        return self._draft not in self.shelf.themes

    def choose(self, about: Theme) -> None:
        """Show a theme, as it is now."""
        self._draft = self.shelf.now(about) or about
        self._fill_list()
        self._show_draft()

    def begin_layer(self, layer: str) -> None:
        """Begin a theme of a layer."""
        if self._left():
            self.choose(copied_theme(begun_theme(self._project, layer), self.shelf.own))

    # -- themes --------------------------------------------------------------------------

    def keep(self) -> bool:
        """Keep the theme with the project; return whether that was done."""
        if not self._shelve(partial(self.shelf.keep, self._draft, self.name.text())):
            return False
        words = _("{name} is kept with the project.")
        self._say(words.format(name=label(self._draft.label)))
        self.kept.emit(self._draft)
        return True

    def copy_theme(self) -> None:
        """Keep a copy of the theme, which can be changed."""
        self._shelve(partial(self.shelf.copy, self._draft))

    def delete_theme(self) -> None:
        """Take the theme out of the project; undo brings it back."""
        name = label(self._draft.label)
        if self._shelve(partial(self.shelf.take_out, self._draft)):
            words = _("{name} is deleted. Undo in the main window brings it back.")
            self._say(words.format(name=name))

    def read_file(self, path: Path) -> None:
        """Take a theme from a file; what is wrong with it is said."""
        if self._left():
            self._shelve(partial(self.shelf.read_file, path))

    def write_file(self, path: Path) -> None:
        """Write the theme to a file."""
        try:
            self.shelf.write_file(self._draft, path)
        except HjgisError as error:
            self._say(str(error))
            return
        self._say(_("Written: {name}").format(name=path))

    def _shelve(self, work: Callable[[], Theme]) -> bool:
        """Do something with the themes and show the one it ends with; say what is refused."""
        try:
            made = work()
        except HjgisError as error:
            self._say(str(error))
            return False
        self.choose(made)
        return True

    def _heard(self, announcement: Announcement) -> None:
        if FACT in announcement.facts:
            changed = self.is_changed
            self.shelf.refresh()
            if not changed:
                self._draft = self.shelf.now(self._draft) or self.shelf.themes[0]
                self._show_draft()
            self._fill_list()
        else:
            self._timer.start()

    # -- what is shown -------------------------------------------------------------------

    def _fill_list(self) -> None:
        self._filling = True
        self.list.clear()
        themes = self.shelf.themes
        for one in themes:
            own, name = one.id not in theme_ids(), label(one.label)
            item = QListWidgetItem(name)
            item.setToolTip(f"{name}\n{_('Of the project') if own else _('Ready made')}")
            font = item.font()
            font.setBold(own)
            item.setFont(font)
            self.list.addItem(item)
        ids = [one.id for one in themes]
        if self._draft.id in ids:
            self.list.setCurrentRow(ids.index(self._draft.id))
        else:
            self.list.addItem(_("{name} (not kept yet)").format(name=label(self._draft.label)))
            self.list.setCurrentRow(self.list.count() - 1)
        self._filling = False

    def _show_draft(self) -> None:
        self.name.setText(label(self._draft.label))
        own = self._draft.id not in theme_ids()
        self.name.setEnabled(own)
        self.name.setToolTip("" if own else _("Ready-made themes keep their names; copy it first"))
        self.layers.show_theme(self._draft)
        self._show_layer()

    def _refresh_buttons(self) -> None:
        held = self._draft.id in (one.id for one in self.shelf.own)
        reason = self._project.read_only_reason or ""
        ready_made = "" if held else _("It is not among the themes of the project.")
        unchanged = "" if self.is_changed else _("Nothing was changed.")
        keeps = _("Keep the theme with the project; a ready-made one becomes a copy")
        layer, at = self.layers.current
        gone = "" if layer in self._project.types else _("The layer is not in the project.")
        as_usual = _("The layer looks as usual.") if at is None else ""
        self._allow(self.delete, reason or ready_made)
        self._allow(self.copy, reason)
        self._allow(self.load, reason)
        self._allow(self.new, gone)
        self._allow(self.add, gone)
        self._allow(self.remove, as_usual)
        allow(self.save, keeps, reason or unchanged)

    def _allow(self, button: QAbstractButton, reason: str) -> None:
        allow(button, button.accessibleName(), reason)

    def _portrayal(self) -> Portrayal | None:
        """Return the portrayal that the layers' cursor is on."""
        at = self.layers.current[1]
        return self._draft.portrayals[at] if at is not None else None

    def _show_layer(self) -> None:
        layer, at = self.layers.current
        others = [
            one for i, one in enumerate(self._draft.portrayals) if one.layer == layer and i != at
        ]
        subject = layer in self._draft.subject
        self.form.show_portrayal(layer, self._portrayal(), subject=subject, others=others)
        self.form.show_facts(None)
        self._refresh_buttons()
        self._timer.start()

    def _say(self, words: str) -> None:
        self.said.setText(words)

    def _paint(self) -> None:
        if not self.isVisible():
            return
        if not self.legend.count():
            self.legend.show_rows((), (_("Painting…"),))
        ratio = self.devicePixelRatioF()
        self.preview.ask(self._draft, self.picture.size(), ratio=ratio, of=self._portrayal())

    def _show_picture(self, shown: Shown) -> None:
        self.picture.setPixmap(QPixmap.fromImage(shown.image))
        self.legend.show_rows(shown.rows, shown.notes)
        self.form.show_facts(shown.facts)

    def _show_trouble(self, error: HjgisError) -> None:
        self.picture.setPixmap(QPixmap())
        self.picture.setText(str(error))
        self.legend.show_rows(())

    # -- what is changed -----------------------------------------------------------------

    def _change(self, made: Theme) -> None:
        if made != self._draft:
            self._draft = made
            self._say("")
            self._refresh_buttons()
            self._timer.start()

    def _choose_row(self, row: int) -> None:
        themes = self.shelf.themes
        if self._filling or not 0 <= row < len(themes):
            return
        wanted = themes[row]
        if wanted.id == self._draft.id:
            return
        if self._left():
            self.choose(wanted)
        else:
            self._fill_list()

    def _rename(self) -> None:
        name = self.name.text()
        if name == label(self._draft.label):
            return
        try:
            self._change(named_theme(self._draft, name, self.shelf.own))
        except HjgisError as error:
            self._say(str(error))

    def _take_layers(self, layers: tuple[str, ...]) -> None:
        self._change(replace(self._draft, layers=layers))

    def _take_subject(self, on: bool) -> None:
        layer = self.layers.current[0]
        others = tuple(one for one in self._draft.subject if one != layer)
        self._change(replace(self._draft, subject=(*others, layer) if on else others))

    def _take_portrayal(self, entry: Portrayal | None) -> None:
        if entry is None:
            self.remove_portrayal()
            return
        layer, at = self.layers.current
        self._change(self._draft.with_portrayal(entry, at))
        last = len(self._draft.portrayals) - 1
        self.layers.show_theme(self._draft, layer, last if at is None else at)
        self._refresh_buttons()

    def add_portrayal(self) -> None:
        """Show the chosen layer in one more way."""
        layer = self.layers.current[0]
        others = [one for one in self._draft.portrayals if one.layer == layer]
        methods = methods_of(self._project, layer, others)
        used = {one.method for one in others}
        method = next((one for one in methods if one not in used), methods[0])
        self._change(self._draft.with_portrayal(begun(self._project, layer, method)))
        self.layers.show_theme(self._draft, layer, len(self._draft.portrayals) - 1)
        self._show_layer()

    def remove_portrayal(self) -> None:
        """Take the chosen portrayal away."""
        layer, at = self.layers.current
        if at is not None:
            self._change(self._draft.without_portrayal(at))
            self.layers.show_theme(self._draft, layer)
            self._show_layer()

    def _begin_chosen(self) -> None:
        self.begin_layer(self.layers.current[0])

    def _show_on_map(self) -> None:
        if self.is_changed and not self._project.read_only and not self.keep():
            return
        self.map_wanted.emit(self._draft)

    # -- files and the end ---------------------------------------------------------------

    def _ask_load(self) -> None:
        start = str(self._project.path.parent)
        path = file_dialogs.open_file(self, _("Read a theme"), start, _FILES)[0]
        if path:
            self.read_file(Path(path))

    def _ask_write(self) -> None:
        name = plain_name(f"{label(self._draft.label)}.toml")
        start = self._project.path.with_name(name)
        path = ask_target(self, _("Write the theme"), start, _FILES)
        if path is not None:
            self.write_file(path)

    def _left(self) -> bool:
        """Ask what becomes of changes; return whether another theme may be shown."""
        if not self.is_changed or self._project.read_only:
            return True
        buttons = QMessageBox.StandardButton
        words = _("{name} was changed and is not kept.").format(name=label(self._draft.label))
        answer = QMessageBox.question(
            self, _("Themes"), words, buttons.Save | buttons.Discard | buttons.Cancel
        )
        if answer == buttons.Save:
            return self.keep()
        return answer == buttons.Discard

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self._left():
            event.ignore()
            return
        if self.is_changed:
            self.choose(self.shelf.themes[0])
        event.accept()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # What was edited meanwhile was not painted.
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():
            self._timer.stop()
            self.preview.give_up()

    def finish(self) -> None:
        """Stop for good, with the project; what is not kept yet is kept."""
        if self.is_changed and not self._project.read_only:
            self.keep()
        self.hide()
        self._timer.stop()
        self.preview.stop()

    def reject(self) -> None:
        """Close on Esc, as by the button."""
        self.close()


def _row(*buttons: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(2)
    for button in buttons:
        row.addWidget(button)
    row.addStretch(1)
    return row


def _column(least: int, *parts: QWidget | QHBoxLayout) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(6)
    column.addStrut(least)
    for part in parts:
        if isinstance(part, QHBoxLayout):
            column.addLayout(part)
        else:
            column.addWidget(part)
    return column
