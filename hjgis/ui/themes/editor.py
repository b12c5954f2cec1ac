"""The window of themes: which there are, what each shows, how it looks."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMessageBox,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from hjgis.errors import HjgisError
from hjgis.i18n import _, label, reason
from hjgis.layers.project import Project
from hjgis.models.changes import Announcement
from hjgis.models.own_themes import (
    all_themes,
    copied_theme,
    named_theme,
    read_themes,
    store_themes,
    theme_text,
    with_theme,
)
from hjgis.models.themes import FACT, Portrayal, Summary, Theme, theme, theme_ids, theme_of
from hjgis.ui.bridge import Bridge
from hjgis.ui.theme import flat_button
from hjgis.ui.themes.layer_rows import LayerRows
from hjgis.ui.themes.legend import LegendList
from hjgis.ui.themes.offered import begun, methods_of
from hjgis.ui.themes.portrayal_form import PortrayalForm
from hjgis.ui.themes.preview import Preview, Shown

_SIZE: Final = QSize(1290, 690)
_MAP_PX: Final = QSize(400, 300)
_LIST_PX, _LAYERS_PX, _FORM_PX = 200, 226, 390
_WAIT_MS: Final = 250
_AROUND: Final = ("boundary", "road")


class ThemeEditor(QDialog):
    """Makes and changes themes; `map_wanted` carries one for the map, `kept` one just kept."""

    map_wanted = Signal(object)
    kept = Signal(object)

    def __init__(self, project: Project, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Themes"))
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self._project = project
        self._own = read_themes(project.info(FACT))
        self._draft = self._own[0] if self._own else theme(theme_ids()[0])
        self._filling = False
        self.list, self.name = QListWidget(), QLineEdit()
        self.layers = LayerRows(project)
        self.form = PortrayalForm(project)
        self.preview = Preview(project, self)
        self.picture, self.legend, self.said = QLabel(), LegendList(), QLabel()
        self._timer = QTimer(self, singleShot=True, interval=_WAIT_MS)
        self._make_buttons()
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
        self.save = QPushButton(_("Keep"))
        self.save.setToolTip(_("Keep the theme with the project; a ready-made one becomes a copy"))
        self.on_map = QPushButton(_("Show on the map"))
        self.close_button = QPushButton(_("Close"))
        for button in (self.save, self.on_map, self.close_button):
            button.setAutoDefault(False)
        self.list.setAccessibleName(_("Themes"))
        self.name.setAccessibleName(_("Name"))
        self.said.setObjectName("muted")
        self.said.setWordWrap(True)
        self.picture.setFixedSize(_MAP_PX)
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.picture.setWordWrap(True)
        self.picture.setStyleSheet("background: #ffffff; border: 1px solid #c3c9d0")

    def _lay_out(self) -> None:
        tools: tuple[QToolButton, ...] = (
            self.new,
            self.copy,
            self.delete,
            self.load,
            self.write,
        )
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inner = QWidget()
        inner_column = QVBoxLayout(inner)
        inner_column.setContentsMargins(0, 0, 6, 0)
        inner_column.addWidget(self.form)
        inner_column.addStretch(1)
        scroll.setWidget(inner)
        row = QHBoxLayout()
        for tool in tools:
            row.addWidget(tool)
        row.addStretch(1)
        parts = QHBoxLayout()
        parts.setSpacing(12)
        parts.addLayout(_column(_LIST_PX, QLabel(_("Themes")), self.list, row))
        parts.addLayout(_column(_LAYERS_PX, QLabel(_("Name")), self.name, self.layers))
        parts.addLayout(_column(_FORM_PX, QLabel(_("How the layer is shown")), scroll))
        parts.addLayout(_column(_MAP_PX.width(), self.picture, self.legend))
        parts.addStretch(1)
        buttons = QHBoxLayout()
        buttons.addWidget(self.said, 1)
        for button in (self.save, self.on_map, self.close_button):
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.addLayout(parts, 1)
        column.addLayout(buttons)
        self.resize(_SIZE)

    def _connect(self, bridge: Bridge) -> None:
        self.list.currentRowChanged.connect(self._choose_row)
        self.name.editingFinished.connect(self._rename)
        self.layers.chosen.connect(self._show_layer)
        self.layers.ticked.connect(self._take_layers)
        self.form.changed.connect(self._take_portrayal)
        self.form.subject_changed.connect(self._take_subject)
        self.preview.painted.connect(self._show_picture)
        self.preview.failed.connect(self._show_trouble)
        self._timer.timeout.connect(self._paint)
        bridge.changed.connect(self._heard)
        for button, act in (
            (self.new, self._begin_chosen),
            (self.copy, self.copy_theme),
            (self.delete, self.delete_theme),
            (self.load, self._ask_load),
            (self.write, self._ask_write),
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
        return self._draft not in self._themes

    @property
    def _themes(self) -> tuple[Theme, ...]:
        return all_themes(self._own)

    def choose(self, about: Theme) -> None:
        """Show a theme."""
        self._draft = next((one for one in self._themes if one.id == about.id), about)
        self._fill_list()
        self._show_draft()

    def begin_layer(self, layer: str) -> None:
        """Begin a theme of a layer."""
        if not self._left():
            return
        methods = methods_of(self._project, layer)
        method = next((one for one in ("categories", "graduated") if one in methods), methods[0])
        held = self._project.map_types
        name = label(self._project.asset_type(layer).label)
        around = [one for one in _AROUND if one in held and one != layer]
        words = _("{layer}, own theme").format(layer=name)
        made = Theme(
            "",
            dict.fromkeys(("en", "zh_CN"), words),
            (*around, layer),
            (layer,),
            (begun(self._project, layer, method),),
            Summary(layer, "class"),
        )
        self._draft = copied_theme(made, self._own)
        self._fill_list()
        self._show_draft()

    # -- themes --------------------------------------------------------------------------

    def keep(self) -> bool:
        """Keep the theme with the project; return whether that was done."""
        made = self._draft
        if made.id in theme_ids():
            made = copied_theme(made, self._own)
        else:
            try:
                made = named_theme(made, self.name.text(), self._own)
            except HjgisError as error:
                self._say(str(error))
                return False
        if not self._store(with_theme(self._own, made)):
            return False
        self._draft = made
        self._fill_list()
        self._show_draft()
        self._say(_("{name} is kept with the project.").format(name=label(made.label)))
        self.kept.emit(made)
        return True

    def copy_theme(self) -> None:
        """Keep a copy of the theme, which can be changed."""
        made = copied_theme(self._draft, self._own)
        if self._store((*self._own, made)):
            self.choose(made)

    def delete_theme(self) -> None:
        """Take the theme out of the project; undo brings it back."""
        name = label(self._draft.label)
        if self._store(tuple(one for one in self._own if one.id != self._draft.id)):
            self.choose(self._themes[0])
            words = _("{name} is deleted. Undo in the main window brings it back.")
            self._say(words.format(name=name))

    def read_file(self, path: Path) -> None:
        """Take a theme from a file; what is wrong with it is said."""
        try:
            made = theme_of(tomllib.loads(path.read_text("utf-8")))
        except (OSError, ValueError) as error:
            words = _("{name} holds no theme: {reason}")
            self._say(words.format(name=path.name, reason=reason(error)))
            return
        made = copied_theme(made, self._own)
        if self._store((*self._own, made)):
            self.choose(made)

    def write_file(self, path: Path) -> None:
        """Write the theme to a file."""
        try:
            path.write_text(theme_text(self._draft), "utf-8")
        except OSError as error:
            self._say(
                _("{name} cannot be written: {reason}").format(name=path, reason=reason(error))
            )
            return
        self._say(_("Written: {name}").format(name=path))

    def _store(self, own: tuple[Theme, ...]) -> bool:
        if self._project.read_only:
            self._say(self._project.read_only_reason or "")
            return False
        change = store_themes(self._project.info(FACT), own)
        try:
            if change.facts:
                self._project.session.apply(change)
        except HjgisError as error:
            self._say(str(error))
            return False
        self._own = own
        return True

    def _heard(self, announcement: Announcement) -> None:
        if FACT in announcement.facts:
            changed = self.is_changed
            self._own = read_themes(self._project.info(FACT))
            if not changed:
                there = {one.id: one for one in self._themes}
                self._draft = there.get(self._draft.id) or self._themes[0]
                self._show_draft()
            self._fill_list()
        elif self.isVisible():
            self._timer.start()

    # -- what is shown -------------------------------------------------------------------

    def _fill_list(self) -> None:
        self._filling = True
        self.list.clear()
        themes = self._themes
        for one in themes:
            own = one.id not in theme_ids()
            item = QListWidgetItem(label(one.label))
            item.setToolTip(_("Of the project") if own else _("Ready made"))
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
        self._refresh_buttons()
        self._timer.start()

    def _refresh_buttons(self) -> None:
        own = self._draft.id in (one.id for one in self._own)
        reason = self._project.read_only_reason or ""
        self.delete.setEnabled(own and not reason)
        self.copy.setEnabled(not reason)
        self.load.setEnabled(not reason)
        self.save.setEnabled(self.is_changed and not reason)
        self.save.setToolTip(reason or self.save.toolTip())

    def _show_layer(self) -> None:
        layer, at = self.layers.current
        entry = self._draft.portrayals[at] if at is not None else None
        self.form.show_portrayal(layer, entry, subject=layer in self._draft.subject)
        self.form.show_facts(None)
        self._timer.start()

    def _say(self, words: str) -> None:
        self.said.setText(words)

    def _paint(self) -> None:
        at = self.layers.current[1]
        entry = self._draft.portrayals[at] if at is not None else None
        self._legend_words(_("Painting…"))
        self.preview.ask(self._draft, _MAP_PX, entry)

    def _legend_words(self, words: str) -> None:
        if not self.legend.count():
            self.legend.show_rows((), (words,))

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
        if self._filling or not 0 <= row < len(self._themes):
            return
        wanted = self._themes[row]
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
            self._change(named_theme(self._draft, name, self._own))
        except HjgisError as error:
            self._say(str(error))

    def _take_layers(self, layers: tuple[str, ...]) -> None:
        self._change(replace(self._draft, layers=layers))

    def _take_subject(self, on: bool) -> None:
        layer = self.layers.current[0]
        others = tuple(one for one in self._draft.subject if one != layer)
        self._change(replace(self._draft, subject=(*others, layer) if on else others))

    def _take_portrayal(self, entry: Portrayal | None) -> None:
        layer, at = self.layers.current
        portrayals = list(self._draft.portrayals)
        if entry is None and at is not None:
            del portrayals[at]
        elif entry is not None and at is not None:
            portrayals[at] = entry
        elif entry is not None:
            portrayals.append(entry)
        made = replace(self._draft, portrayals=tuple(portrayals))
        if entry is not None and at is None:
            # What is coloured is what the map is about.
            shown = (
                made.layers if not made.layers or layer in made.layers else (*made.layers, layer)
            )
            others = [one for one in made.subject if one != layer]
            made = replace(made, layers=shown, subject=(*others, layer))
        self._change(made)
        self.layers.show_theme(self._draft, layer)

    def _begin_chosen(self) -> None:
        self.begin_layer(self.layers.current[0])

    def _show_on_map(self) -> None:
        if self.is_changed and not self._project.read_only and not self.keep():
            return
        self.map_wanted.emit(self._draft)

    # -- files and the end ---------------------------------------------------------------

    def _ask_load(self) -> None:
        path = QFileDialog.getOpenFileName(self, _("Read a theme"), "", "TOML (*.toml)")[0]
        if path:
            self.read_file(Path(path))

    def _ask_write(self) -> None:
        start = f"{label(self._draft.label)}.toml"
        path = QFileDialog.getSaveFileName(self, _("Write the theme"), start, "TOML (*.toml)")[0]
        if path:
            self.write_file(Path(path))

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
        """Ask for what is not kept."""
        if not self._left():
            event.ignore()
            return
        if self.is_changed:
            self.choose(self._themes[0])
        self._timer.stop()
        event.accept()

    def finish(self) -> None:
        """Stop for good, with the project; what is not kept yet is kept."""
        if self.is_changed and not self._project.read_only:
            self.keep()
        self._timer.stop()
        self.preview.stop()
        self.hide()

    def reject(self) -> None:
        """Close on Esc, as by the button."""
        self.close()


def _column(width: int, *parts: QWidget | QHBoxLayout) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(6)
    for part in parts:
        if isinstance(part, QWidget):
            part.setMaximumWidth(width)
            part.setMinimumWidth(min(width, 60) if isinstance(part, QLabel) else width)
            column.addWidget(part)
        else:
            column.addLayout(part)
    return column
