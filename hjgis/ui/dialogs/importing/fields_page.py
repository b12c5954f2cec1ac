"""Step 4: which column fills which field, and which code a foreign value means."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QTabWidget,
)

from hjgis.errors import HjgisError
from hjgis.exchange import mapping, profiles
from hjgis.exchange.profiles import Column, Profile
from hjgis.i18n import _, label
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType
from hjgis.ui.dialogs.importing.codes_table import CodesTable
from hjgis.ui.dialogs.importing.page import Page
from hjgis.ui.dialogs.importing.work import Found, Standing
from hjgis.ui.dialogs.naming import NameDialog
from hjgis.ui.page_parts import cell, column_of, list_of, model_of, muted, narrow

_NOT_TAKEN: Final = ""
_MOST_NAMED: Final = 8
Counts = Mapping[str, Counter[str]]


class FieldsPage(Page):
    """Two tables behind tabs, with the profile above and what is still missing below.

    `counts_wanted` carries names of columns whose values are to be counted.
    """

    counts_wanted = Signal(object)

    def __init__(self, project: Project) -> None:
        super().__init__()
        self._project = project
        self._asset: AssetType | None = None
        self._found: Found | None = None
        self._columns: dict[str, Column] = {}
        self._counts: dict[str, Counter[str]] = {}
        self.profile = QComboBox()
        self.profile_how = muted()
        self.save = QPushButton(_("Save as a profile…"))
        self.save.setAutoDefault(False)
        self.fields = list_of(
            [_("Column of the file"), _("First values"), _("Field")], [200, 0, 290]
        )
        self.fields.verticalHeader().setDefaultSectionSize(30)
        self.codes = CodesTable(project.catalogue)
        self.tabs = QTabWidget()
        self.required = QLabel()
        self.required.setWordWrap(True)
        self._lay_out()
        self.profile.activated.connect(self._profile_chosen)
        self.save.clicked.connect(self._save)
        self.codes.matched.connect(self._matched)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(QLabel(_("Profile")))
        top.addWidget(self.profile)
        top.addWidget(self.profile_how, 1)
        top.addWidget(self.save)
        self.profile.setMinimumWidth(220)
        self.tabs.addTab(self.fields, _("Columns and fields"))
        self.tabs.addTab(self.codes, _("Values and codes"))
        column = column_of(self)
        column.addLayout(top)
        column.addWidget(self.tabs, 1)
        column.addWidget(self.required)

    # -- showing -------------------------------------------------------------------------

    def show_standing(self, standing: Standing) -> None:
        choices, found = standing.choices, standing.found
        if choices is None or choices.to is None or found is None or found.layer is None:
            return
        asset = self._project.asset_type(choices.to)
        if found is self._found and asset is self._asset:
            return
        self._found, self._asset, self._counts = found, asset, {}
        self._show_profiles(asset, tuple(found.layer.columns))
        self._take(mapping.columns_for(asset, found.layer.columns, choices.mapping))

    def _show_profiles(self, asset: AssetType, names: tuple[str, ...]) -> None:
        fitting = profiles.matching(asset.id, names)
        self.profile.clear()
        self.profile.addItem(_("none: by the names"), None)
        for profile in profiles.load_all():
            if profile.asset == asset.id:
                self.profile.addItem(profile.name, profile)
        here = next((n for n in range(self.profile.count()) if self._at(n) == fitting), 0)
        self.profile.setCurrentIndex(here if fitting else 0)
        self.profile_how.setText(_("chosen, as the columns are its own") if fitting else "")

    def _at(self, row: int) -> Profile | None:
        profile: Profile | None = self.profile.itemData(row)
        return profile

    def _take(self, columns: Mapping[str, Column]) -> None:
        self._columns = dict(columns)
        self._fill()
        self._tell()

    def _fill(self) -> None:
        found, asset = self._found, self._asset
        if found is None or found.layer is None or asset is None:
            return
        summary = found.summary
        self.fields.setRowCount(0)
        self.fields.setRowCount(len(found.layer.columns))
        offered = [(_("(not taken)"), _NOT_TAKEN)]
        for field in asset.fields:
            mark = " *" if field.required else ""
            offered.append((f"{label(field.label)}{mark}   {field.name}", field.name))
        self._offered = model_of(offered)
        for row, name in enumerate(found.layer.columns):
            box = QComboBox()
            narrow(box)
            box.setModel(self._offered)
            column = self._columns.get(name)
            box.setCurrentIndex(box.findData(column.field) if column else 0)
            box.setProperty("column", name)
            box.activated.connect(self._field_chosen)
            values = [line[row] for line in summary.samples if line[row]] if summary else []
            self.fields.setItem(row, 0, cell(name))
            self.fields.setItem(row, 1, cell("   ".join(dict.fromkeys(values))))
            self.fields.setCellWidget(row, 2, box)

    def _field_chosen(self) -> None:
        box = self.sender()
        if not isinstance(box, QComboBox):
            return
        name, field = str(box.property("column")), str(box.currentData())
        # A field is filled by one column: the one chosen last.
        others = {n: c for n, c in self._columns.items() if c.field != field and n != name}
        stolen = len(others) < len(self._columns) - (name in self._columns)
        self._columns = {**others, name: Column(name, field)} if field else others
        if stolen:
            self._show_fields_of_boxes()
        self._tell()

    def _show_fields_of_boxes(self) -> None:
        for row in range(self.fields.rowCount()):
            box = self.fields.cellWidget(row, 2)
            assert isinstance(box, QComboBox)
            column = self._columns.get(str(box.property("column")))
            box.setCurrentIndex(box.findData(column.field) if column else 0)

    def _tell(self) -> None:
        """Pass the answer on and show what follows from it."""
        asset, found = self._asset, self._found
        if asset is None or found is None or found.layer is None:
            return
        left_out = dict.fromkeys((n for n in found.layer.columns if n not in self._columns), "")
        self.answered.emit({"mapping": {**self._columns, **left_out}})
        filled = {column.field for column in self._columns.values()}
        open_ = [label(f.label) for f in asset.fields if f.required and f.name not in filled]
        self.required.setText(_required(open_))
        self.required.setToolTip(_(", ").join(open_))
        self.required.setObjectName("warning" if open_ else "muted")
        self.required.style().polish(self.required)
        words = _("Columns and fields ({taken} of {total})")
        total = len(found.layer.columns)
        self.tabs.setTabText(0, words.format(taken=len(self._columns), total=total))
        self._show_codes()

    # -- codes ---------------------------------------------------------------------------

    def show_counts(self, counts: Counts) -> None:
        """Take how often each value stands in some columns."""
        self._counts |= counts
        self._show_codes()

    def _show_codes(self) -> None:
        if self._asset is None:
            return
        coded = {
            name: column
            for name, column in self._columns.items()
            if self._asset.field(column.field).codes
        }
        wanted = [name for name in coded if name not in self._counts]
        if wanted:
            self.counts_wanted.emit(wanted)
            return
        self.codes.show_values(self._asset, coded, self._counts)
        unmatched = self.codes.unmatched
        words = _("Values and codes ({count} unknown)") if unmatched else _("Values and codes")
        self.tabs.setTabText(1, words.format(count=unmatched))
        self.tabs.setTabEnabled(1, bool(coded))

    def _matched(self, name: str, value: str, code: str) -> None:
        """Note that a foreign value means a code; none: that it says nothing."""
        column = self._columns[name]
        values = {given: ours for given, ours in column.values.items() if given != value}
        missing = tuple(entry for entry in column.missing if entry != value)
        if code:
            values[value] = code
        else:
            missing = (*missing, value)
        self._columns[name] = replace(column, values=values, missing=missing)
        self._tell()

    # -- profiles ------------------------------------------------------------------------

    def _profile_chosen(self) -> None:
        asset, found = self._asset, self._found
        if asset is None or found is None or found.layer is None:
            return
        profile = self._at(self.profile.currentIndex())
        names = tuple(found.layer.columns)
        self.profile_how.setText("")
        self._take(mapping.columns_for(asset, names, profile.told if profile else None))

    def _save(self) -> None:
        asset, found = self._asset, self._found
        if asset is None or found is None or found.layer is None:
            return
        hint = _("such as that of the surveyor or the program")
        name = NameDialog(_("Save as a profile"), "", self, hint=hint).ask()
        if name:
            self.save_as(name)

    def save_as(self, name: str) -> None:
        """Keep the columns and codes under a name, for files with the same columns."""
        asset, found = self._asset, self._found
        assert asset is not None
        assert found is not None
        assert found.layer is not None
        columns = tuple(self._columns.values())
        try:
            profiles.save(Profile(name, asset.id, columns, tuple(found.layer.columns)))
        except HjgisError as error:
            self.profile_how.setText(str(error))
            return
        self._show_profiles(asset, tuple(found.layer.columns))
        self.profile_how.setText(_("saved; files with these columns use it by themselves"))


def _required(open_fields: Sequence[str]) -> str:
    """Say which required fields no column fills; they can be filled in later."""
    if not open_fields:
        return _("All required fields are filled.")
    names = _(", ").join(open_fields[:_MOST_NAMED])
    if len(open_fields) > _MOST_NAMED:
        words = _("Required, and filled by no column: {names} and {count} more")
        return words.format(names=names, count=len(open_fields) - _MOST_NAMED)
    return _("Required, and filled by no column: {names}").format(names=names)
