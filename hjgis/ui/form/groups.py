"""The attribute form, made from an asset type: groups that fold, one line a field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from hjgis.i18n import label
from hjgis.models.assets import RECORD_OF, AssetType, Catalogue, Field, Value
from hjgis.models.unknown import FIELD
from hjgis.ui.form.editors import FieldEditor, Shown, field_hint, field_title
from hjgis.ui.form.place import PLACE_FIELDS, PlaceEditor
from hjgis.ui.section import Section

_OPEN_GROUPS: Final = ("identity", "responsibility", "technical")
_PLACE_GROUP: Final = "location"
_LABEL_PX: Final = 106
# Lines end under one another, whatever unit stands behind them.
_UNIT_PX: Final = 26
_HIDDEN: Final = ("from_node", "to_node", FIELD, *RECORD_OF)
_NOTHING: Final = Shown()


class AttributeForm(QWidget):
    """All fields of one asset type; editors are made when their group is opened first."""

    edited = Signal(str, object)
    moved = Signal(object)
    said_unknown = Signal(str)
    use_computed = Signal(str)
    passed = Signal(str, bool)
    escaped = Signal()
    focused = Signal(str)
    folded = Signal(str, bool)

    def __init__(
        self,
        asset: AssetType,
        catalogue: Catalogue,
        *,
        opened: Mapping[str, bool] = MappingProxyType({}),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.asset, self._catalogue = asset, catalogue
        self._editors: dict[str, FieldEditor] = {}
        self._shown: Mapping[str, Shown] = {}
        self._values: Mapping[str, Value] = {}
        self._only: frozenset[str] | None = None
        self._pinned: frozenset[str] = frozenset()
        self._editable = True
        self._groups: dict[str, tuple[Section, list[Field]]] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for group, title in catalogue.groups.items():
            fields = self._fields_of(group)
            if fields:
                is_open = opened.get(group, group in _OPEN_GROUPS)
                section = Section(label(title), FieldGrid(), opened=is_open)
                section.setObjectName(group)
                section.folded.connect(self._folded)
                self._groups[group] = (section, fields)
                column.addWidget(section)
        for group, (section, _fields) in self._groups.items():
            if section.is_open:
                self._build(group)

    # -- showing -------------------------------------------------------------------------

    def show_values(self, shown: Mapping[str, Shown], values: Mapping[str, Value]) -> None:
        """Show what is stored; `values` decide which fields have a meaning."""
        self._shown, self._values = shown, values
        for name, editor in self._editors.items():
            editor.show_value(shown.get(name, _NOTHING), values)
        self._show_rows()

    def show_only(self, names: frozenset[str] | None, pinned: Iterable[str]) -> None:
        """Show only some fields, or all; say which are pinned."""
        if (names, frozenset(pinned)) == (self._only, self._pinned):
            return
        self._only, self._pinned = names, frozenset(pinned)
        for name, editor in self._editors.items():
            _show_pin(editor, pinned=name in self._pinned)
        self._show_rows()

    def set_editable(self, *, editable: bool) -> None:
        """Allow or stop typing."""
        self._editable = editable
        for editor in self._editors.values():
            editor.set_editable(editable=editable)

    def editor(self, name: str) -> FieldEditor:
        """Return the editor of a field, made now if its group was never open."""
        if name not in self._editors:
            self._build(self._group_of(name))
        return self._editors[name]

    @property
    def names(self) -> tuple[str, ...]:
        """The fields of the form, from top to bottom."""
        return tuple(field.name for _s, fields in self._groups.values() for field in fields)

    def is_asked(self, name: str) -> bool:
        """Whether a field is shown: it has a meaning here or holds something all the same."""
        field = self._field(name)
        if field in PLACE_FIELDS:
            return name in self._shown and self._only is None
        shown = self._shown.get(name, _NOTHING)
        if field.when and self._shown.get(field.when.field, _NOTHING).different > 1:
            return self._only is None or name in self._only
        holds = shown.different > 1 or shown.value not in (None, "") or shown.unknown
        if not (field.applies(self._values) or holds):
            return False
        return self._only is None or name in self._only

    @property
    def typed_and_refused(self) -> list[FieldEditor]:
        """Editors that hold something that is not stored."""
        return [editor for editor in self._editors.values() if editor.is_typed]

    # -- moving --------------------------------------------------------------------------

    def go_to(self, name: str) -> None:
        """Put the cursor into a field, unfolding its group."""
        self._groups[self._group_of(name)][0].set_open(opened=True)
        line = self.editor(name).line
        # A widget that was never shown takes the focus when the window has laid it out.
        line.setFocus(Qt.FocusReason.TabFocusReason)

    def beside(self, name: str, *, forward: bool, without: Iterable[str] = ()) -> str | None:
        """Return the next field that is asked for, or the one before; None at the end."""
        names, left_out = self.names, frozenset(without)
        if name not in names:
            return None
        place = names.index(name)
        after = names[place + 1 :] if forward else reversed(names[:place])
        return next((one for one in after if one not in left_out and self.is_asked(one)), None)

    # -- inside --------------------------------------------------------------------------

    def _fields_of(self, group: str) -> list[Field]:
        fields = [f for f in self.asset.fields if f.group == group and f.name not in _HIDDEN]
        if group == _PLACE_GROUP and self.asset.geometry == "Point":
            return [*PLACE_FIELDS, *fields]
        return fields

    def _field(self, name: str) -> Field:
        places = {field.name: field for field in PLACE_FIELDS}
        return places[name] if name in places else self.asset.field(name)

    def _group_of(self, name: str) -> str:
        for group, (_section, fields) in self._groups.items():
            if any(field.name == name for field in fields):
                return group
        raise KeyError(name)

    def _build(self, group: str) -> None:
        section, fields = self._groups[group]
        grid = section.body
        assert isinstance(grid, FieldGrid)
        for field in fields:
            if field.name in self._editors:
                continue
            place = field in PLACE_FIELDS
            editor = (PlaceEditor if place else FieldEditor)(field, self._catalogue, self)
            grid.add(editor)
            self._hear(editor)
            self._editors[field.name] = editor
            editor.set_editable(editable=self._editable)
            _show_pin(editor, pinned=field.name in self._pinned)
            editor.show_value(self._shown.get(field.name, _NOTHING), self._values)
            editor.show_row(visible=self.is_asked(field.name))

    def _hear(self, editor: FieldEditor) -> None:
        editor.committed.connect(self.edited)
        editor.said_unknown.connect(self.said_unknown)
        editor.used_computed.connect(self.use_computed)
        editor.entered.connect(self._entered)
        editor.tabbed.connect(self.passed)
        editor.escaped.connect(self.escaped)
        editor.focused.connect(self.focused)
        if isinstance(editor, PlaceEditor):
            editor.moved.connect(self.moved)

    def _entered(self, name: str) -> None:
        self.passed.emit(name, True)

    def _show_rows(self) -> None:
        for section, fields in self._groups.values():
            asked = [field.name for field in fields if self.is_asked(field.name)]
            section.setVisible(bool(asked))
            for field in fields:
                editor = self._editors.get(field.name)
                if editor is not None:
                    editor.show_row(visible=field.name in asked)

    def _folded(self, opened: bool) -> None:
        section = self.sender()
        assert isinstance(section, QObject)
        group = section.objectName()
        if opened:
            self._build(group)
        self.folded.emit(group, opened)


class FieldGrid(QWidget):
    """Fields under one another: name, line, unit, and room for what is to be said."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.grid = QGridLayout(self)
        self.grid.setContentsMargins(8, 0, 4, 8)
        self.grid.setHorizontalSpacing(8)
        self.grid.setVerticalSpacing(4)
        self.grid.setColumnStretch(1, 1)
        self._next = 0

    def add(self, editor: FieldEditor) -> None:
        """Add one field."""
        # The row below stays free for what is to be said of the field.
        row, self._next = self._next, self._next + 2
        name = QLabel(field_title(editor.field))
        name.setWordWrap(True)
        name.setFixedWidth(_LABEL_PX)
        name.setToolTip(field_hint(editor.field))
        name.setBuddy(editor.line)
        self.grid.addWidget(name, row, 0)
        if editor.field.unit:
            unit = QLabel(editor.field.unit)
            unit.setObjectName("muted")
            unit.setMinimumWidth(_UNIT_PX)
            line = QHBoxLayout()
            line.setSpacing(4)
            line.addWidget(editor.line, 1)
            line.addWidget(unit)
            self.grid.addLayout(line, row, 1)
            editor.rows = [name, editor.line, unit]
        else:
            self.grid.addWidget(editor.line, row, 1)
            editor.rows = [name, editor.line]
        editor.set_room(self, row + 1)

    def room(self, row: int) -> QLabel:
        """Return a label for what is to be said below a line."""
        said = QLabel()
        said.setObjectName("said")
        said.setWordWrap(True)
        self.grid.addWidget(said, row, 0, 1, 2)
        return said


def _show_pin(editor: FieldEditor, *, pinned: bool) -> None:
    name = editor.rows[0]
    if bool(name.property("pinned")) != pinned:
        name.setProperty("pinned", pinned)
        name.style().polish(name)
