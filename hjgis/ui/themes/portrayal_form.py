"""How one layer is shown in a theme, as a form."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final, cast

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QSpinBox,
    QWidget,
)

from hjgis.i18n import _, label
from hjgis.layers.project import Project
from hjgis.models.styles.style import is_template
from hjgis.models.themes import MOST_CLASSES, MOST_PRIORITY, Measure, Method, Portrayal, keys_of
from hjgis.ui.composing import NameLine
from hjgis.ui.page_parts import error_text, muted
from hjgis.ui.theme import ACCENT
from hjgis.ui.themes.histogram import Histogram
from hjgis.ui.themes.offered import (
    CELL_WORDS,
    MEASURE_WORDS,
    METHOD_WORDS,
    RADIUS_M,
    SCHEME_WORDS,
    SHADE_WORDS,
    begun,
    fields_of,
    methods_of,
    targets_of,
)
from hjgis.ui.themes.preview import FieldFacts
from hjgis.ui.themes.ramp_box import ColorButton, RampBox, sight_words
from hjgis.ui.themes.values import ValueTable

_AS_USUAL: Final = ""
_QUALITATIVE: Final = ("categories", "pies")
_NUMBERED: Final = ("sum", "mean", "share")
_WORDS_PX: Final = 240
_LEAST_GROWTH_MM: Final = 0.1
_FIRST_BREAKS: Final = (1.0, 5.0, 10.0)


class _NumberBox(QDoubleSpinBox):
    """Says no more decimals than there are."""

    def textFromValue(self, value: float) -> str:
        return f"{value:.10g}"


class PortrayalForm(QWidget):
    """Shows a portrayal; `changed` carries another one, or None where it looks as usual."""

    changed = Signal(object)
    subject_changed = Signal(bool)

    def __init__(self, project: Project, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._project = project
        self._layer = ""
        self._entry: Portrayal | None = None
        self._others: Sequence[Portrayal] = ()
        self._facts: FieldFacts | None = None
        self._filling = False
        self._make()
        self._lay_out()
        self._connect()

    def _make(self) -> None:
        self.method, self.field, self.scheme = _box(), _box(), _box()
        self.cells, self.measure, self.within = _box(), _box(), _box()
        self.shade, self.target = _box(), _box()
        self.color, self.ramp = ColorButton(), RampBox()
        self.sight = _muted()
        self.values, self.histogram = ValueTable(), Histogram()
        self.most, self.classes = QSpinBox(), QSpinBox()
        self.most.setRange(1, MOST_CLASSES)
        self.classes.setRange(2, MOST_CLASSES)
        self.breaks = NameLine()
        self.cell_m, self.radius_m = _number(10, 20_000, " m"), _number(1, 50_000, " m")
        self.per = _number(0.01, 1_000_000, "")
        self.smallest, self.largest = _number(0.3, 20, " mm"), _number(0.5, 60, " mm")
        self.label, self.title = NameLine(), NameLine()
        self.label.setPlaceholderText(_("As usual; - for none"))
        self.label.setAccessibleName(_("Labels"))
        self.priority = QSpinBox()
        self.priority.setAccessibleName(_("Rank of labels"))
        self.priority.setRange(0, MOST_PRIORITY)
        self.priority.setSpecialValueText(_("as usual"))
        self.priority.setToolTip(_("Labels of a higher rank are placed first"))
        self.title.setPlaceholderText(_("Layer and field"))
        self.beside_own = QCheckBox(_("Paint the layer itself as well"))
        self.subject = QCheckBox(_("Show it at every scale"))
        self.smallest.setAccessibleName(_("Smallest sign"))
        self.largest.setAccessibleName(_("Largest sign"))
        self.values.setAccessibleName(_("Colours and words of the values"))
        self.said = error_text()

    def _lay_out(self) -> None:
        sizes, labels = QHBoxLayout(), QHBoxLayout()
        sizes.addWidget(self.smallest)
        sizes.addWidget(QLabel("–"))
        sizes.addWidget(self.largest)
        self._sizes = QWidget()
        self._sizes.setLayout(sizes)
        labels.addWidget(self.label, 1)
        labels.addWidget(self.priority)
        for inner in (sizes, labels):
            inner.setContentsMargins(0, 0, 0, 0)
        self.rows = QFormLayout(self)
        self.rows.setContentsMargins(0, 0, 0, 0)
        self.rows.setVerticalSpacing(6)
        self.rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._by_key: dict[str, QWidget] = {}
        self._add_rows()
        self.rows.addRow(_("Labels"), labels)
        self.rows.addRow(_("Legend title"), self.title)
        self._add("beside_own", "", self.beside_own)
        self.rows.addRow("", self.subject)
        self.rows.addRow(self.said)

    def _add_rows(self) -> None:
        self._add("", _("Method"), self.method)
        self._add("target", _("Target"), self.target)
        self._add("shade", _("Shows"), self.shade)
        self._add("cells", _("Cells"), self.cells)
        self._add("cell_m", _("Cell size"), self.cell_m)
        self._add("measure", _("Tells"), self.measure)
        self._add("field", _("Field"), self.field)
        self._add("color", _("Colour"), self.color)
        self._add("scheme", _("Classes by"), self.scheme)
        self._add("classes", _("Classes"), self.classes)
        self._add("breaks", _("Limits"), self.breaks)
        self._add("histogram", "", self.histogram)
        self._add("ramp", _("Colours"), self.ramp)
        self._add("sight", "", self.sight)
        self._add("most", _("Values at most"), self.most)
        self._add("colors", "", self.values)
        self._add("sizes_mm", _("Sizes"), self._sizes)
        self._add("radius_m", _("Within"), self.radius_m)
        self._add("within", _("Inside of"), self.within)
        self._add("per", _("One dot for"), self.per)

    def _add(self, key: str, words: str, widget: QWidget) -> None:
        self.rows.addRow(words, widget)
        self._by_key[key] = widget

    def _connect(self) -> None:
        self.method.activated.connect(self._choose_method)
        self.field.activated.connect(self._choose_field)
        self.scheme.activated.connect(self._choose_scheme)
        self.histogram.moved.connect(self._pull_limits)
        self.breaks.editingFinished.connect(self._type_limits)
        self.ramp.ramp_chosen.connect(self._choose_ramp)
        self.values.changed.connect(self._choose_values)
        self.subject.toggled.connect(self._choose_subject)
        self.measure.activated.connect(self._choose_measure)
        self.label.editingFinished.connect(self._type_label)
        self.title.editingFinished.connect(self._type_title)
        for size in (self.smallest, self.largest):
            size.valueChanged.connect(self._choose_sizes)
        boxes = {
            "cells": self.cells,
            "within": self.within,
            "shade": self.shade,
            "target": self.target,
        }
        for key, box in boxes.items():
            box.activated.connect(partial(self._choose_entry, key, box))
        changes = {
            "color": self.color.color_chosen,
            "most": self.most.valueChanged,
            "classes": self.classes.valueChanged,
            "priority": self.priority.valueChanged,
            "cell_m": self.cell_m.valueChanged,
            "radius_m": self.radius_m.valueChanged,
            "per": self.per.valueChanged,
            "beside_own": self.beside_own.toggled,
        }
        for key, changed in changes.items():
            changed.connect(partial(self._take, key))

    # -- what is shown -------------------------------------------------------------------

    def show_portrayal(
        self,
        layer: str,
        entry: Portrayal | None,
        *,
        subject: bool,
        others: Sequence[Portrayal] = (),
    ) -> None:
        """Show how a layer is shown, besides its other portrayals."""
        self._layer, self._entry, self._others = layer, entry, others
        self.setEnabled(layer in self._project.types)
        self.label.setToolTip(_label_words(self._names()))
        self._filling = True
        try:
            self.said.clear()
            self._fill_boxes()
            if entry is not None:
                self._fill_values(entry)
            self.subject.setChecked(subject)
            self._show_rows()
        finally:
            self._filling = False

    def show_facts(self, facts: FieldFacts | None) -> None:
        """Show what the field holds."""
        self._facts = facts
        self._filling = True
        try:
            if facts is not None and self._entry is not None:
                self.histogram.show_numbers(facts.edges, facts.counts, facts.limits, facts.colors)
                self.values.show_values(facts.values)
                self.sight.setText(sight_words(facts.colors))
                if self._entry.scheme != "user":
                    self.breaks.setText(_limits_text(facts.limits))
            else:
                self.sight.clear()
        finally:
            self._filling = False
        self._show_rows()

    def _fill_boxes(self) -> None:
        project, layer, entry = self._project, self._layer, self._entry
        known = methods_of(project, layer, self._others) if layer in project.types else []
        if entry is not None and entry.method not in known:
            known.append(entry.method)
        methods = {_AS_USUAL: _("As usual")} | {one: _(METHOD_WORDS[one]) for one in known}
        _fill(self.method, methods, entry.method if entry is not None else _AS_USUAL)
        if entry is None or layer not in project.types:
            return
        _fill(self.field, self._fields(entry), entry.field)
        _fill(self.scheme, _translated(SCHEME_WORDS), entry.scheme)
        _fill(self.cells, _translated(CELL_WORDS), entry.cells)
        measures = _translated(MEASURE_WORDS)
        if entry.measure not in measures:
            measures[entry.measure] = _("Share of some values")
        _fill(self.measure, measures, entry.measure)
        areas = {
            name: label(one.label)
            for name, one in project.map_types.items()
            if one.geometry in ("Polygon", "MultiPolygon")
        }
        _fill(self.within, {"": _("anywhere")} | areas, entry.within)
        _fill(self.shade, _translated(SHADE_WORDS), entry.shade)
        _fill(self.target, targets_of(project, layer), entry.target)

    def _fields(self, entry: Portrayal) -> dict[str, str]:
        fields = fields_of(self._project.asset_type(entry.layer), entry.method)
        if entry.method in ("dots", "coverage"):
            fields = {"": _("None: each feature counts")} | fields
        if entry.field and entry.field not in fields:
            gone = _("{field} (not in the layer any more)")
            fields[entry.field] = gone.format(field=entry.field)
        return fields

    def _fill_values(self, entry: Portrayal) -> None:
        self.ramp.show_ramp(entry.ramp, qualitative=entry.method in _QUALITATIVE)
        self.color.show_color(entry.color or ACCENT)
        self.most.setValue(entry.most)
        self.classes.setValue(entry.classes)
        self.cell_m.setValue(entry.cell_m)
        self.radius_m.setValue(entry.radius_m or RADIUS_M)
        self.per.setValue(entry.per)
        self.smallest.setValue(entry.sizes_mm[0])
        self.largest.setValue(entry.sizes_mm[1])
        self.label.setText(entry.label)
        self.priority.setValue(entry.priority)
        self.title.setText(_title_of(entry))
        self.beside_own.setChecked(entry.beside_own)
        if entry.scheme == "user":
            self.breaks.setText(_limits_text(entry.breaks))

    def _show_rows(self) -> None:
        entry = self._entry
        shown = {""} | (set() if entry is None else set(keys_of(entry.method)))
        if entry is not None:
            if entry.method in ("density", "coverage", "pies", "size"):
                shown.add("beside_own")
            if entry.method == "density" and entry.measure not in _NUMBERED:
                shown.discard("field")
            if entry.method == "coverage" and entry.field:
                shown.discard("radius_m")
            if entry.cells == "grid":
                shown.discard("cell_m")
            if entry.scheme == "user":
                shown.discard("classes")
            else:
                shown.discard("breaks")
            if entry.method == "graduated":
                shown.add("histogram")
            if self._facts is not None and self.sight.text() and "ramp" in shown:
                shown.add("sight")
        for key, widget in self._by_key.items():
            self.rows.setRowVisible(widget, key in shown)
        self.rows.setRowVisible(self.title, entry is not None)
        self.label.setEnabled(entry is not None)
        self.priority.setEnabled(entry is not None)

    # -- what is chosen ------------------------------------------------------------------

    def _choose_method(self) -> None:
        method = str(self.method.currentData())
        if method == _AS_USUAL:
            self._set(None)
        elif self._entry is None or method != self._entry.method:
            made = begun(self._project, self._layer, cast("Method", method))
            if self._entry is not None:
                before = self._entry
                made = replace(made, label=before.label, priority=before.priority)
                same = before.field in fields_of(self._project.asset_type(self._layer), made.method)
                if made.field and same:
                    made = replace(made, field=before.field)
            self._set(made)

    def _choose_field(self) -> None:
        if self._entry is not None:
            # Colours and limits were those of another field.
            plain = replace(
                self._entry, field=str(self.field.currentData()), colors=None, words=None, order=()
            )
            plain = replace(plain, legend_title=None)
            if plain.scheme == "user":
                plain = replace(plain, scheme="natural", breaks=())
            if plain.method == "coverage":
                plain = replace(plain, radius_m=0.0 if plain.field else RADIUS_M)
            self._set(plain)

    def _choose_scheme(self) -> None:
        entry, scheme = self._entry, self.scheme.currentData()
        if entry is None or scheme == entry.scheme:
            return
        breaks: tuple[float, ...] = ()
        if scheme == "user":
            breaks = (self._facts.limits if self._facts is not None else ()) or _FIRST_BREAKS
        self._set(replace(entry, scheme=scheme, breaks=breaks))

    def _pull_limits(self, limits: tuple[float, ...]) -> None:
        if self._entry is not None and limits:
            self._set(replace(self._entry, scheme="user", breaks=limits))

    def _type_limits(self) -> None:
        if self._entry is None or self._entry.scheme != "user" or self._filling:
            return
        text = self.breaks.text().replace("，", ",").replace(";", ",").replace("；", ",")
        try:
            found = tuple(sorted({float(part) for part in text.split(",") if part.strip()}))
        except ValueError:
            found = ()
        if not found or not all(map(math.isfinite, found)) or len(found) >= MOST_CLASSES:
            words = _("Limits are up to {most} numbers with commas between, such as 10, 20, 50.")
            self.said.setText(words.format(most=MOST_CLASSES - 1))
        elif found != self._entry.breaks:
            self._set(replace(self._entry, breaks=found))

    def _choose_ramp(self, ramp_id: str) -> None:
        if self._entry is not None:
            self._set(replace(self._entry, ramp=ramp_id, colors=None))

    def _choose_values(self, colors: dict[str, str], words: dict[str, str]) -> None:
        if self._entry is not None:
            said = {**(self._entry.words or {}), **words}
            kept = {value: text for value, text in said.items() if text}
            chosen = {**(self._entry.colors or {}), **colors}
            self._set(replace(self._entry, colors=chosen or None, words=kept or None))

    def _choose_subject(self, on: bool) -> None:
        if not self._filling:
            self.subject_changed.emit(on)

    def _choose_measure(self) -> None:
        entry, measure = self._entry, str(self.measure.currentData())
        if entry is None:
            return
        fields = fields_of(self._project.asset_type(entry.layer), entry.method)
        field = (entry.field or next(iter(fields), "")) if measure in _NUMBERED else ""
        self._set(replace(entry, measure=cast("Measure", measure), field=field))

    def _choose_sizes(self) -> None:
        small, large = sorted((self.smallest.value(), self.largest.value()))
        self._take("sizes_mm", (small, max(large, small + _LEAST_GROWTH_MM)))

    def _type_label(self) -> None:
        text = self.label.text().strip()
        names = self._names()
        if text in ("", "-") or is_template(text, names):
            self._take("label", text)
            return
        self.said.setText(_label_words(names))

    def _names(self) -> list[str]:
        asset = self._project.types.get(self._layer)
        return [field.name for field in asset.fields] if asset is not None else []

    def _type_title(self) -> None:
        entry, title = self._entry, self.title.text().strip()
        if entry is not None and title != _title_of(entry):
            self._take("legend_title", dict.fromkeys(("en", "zh_CN"), title) if title else None)

    def _choose_entry(self, key: str, box: QComboBox, _row: int) -> None:
        self._take(key, box.currentData())

    def _take(self, key: str, value: object) -> None:
        if self._entry is not None and not self._filling:
            self._set(replace(self._entry, **{key: value}))  # type: ignore[arg-type]

    def _set(self, entry: Portrayal | None) -> None:
        if entry == self._entry:
            return
        subject, others = self.subject.isChecked(), self._others
        self.show_portrayal(self._layer, entry, subject=subject, others=others)
        self.changed.emit(entry)


def _box() -> QComboBox:
    box = QComboBox()
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(12)
    return box


def _muted() -> QLabel:
    words = muted()
    # In a form, a text that wraps is given the height that it has when it is narrow.
    words.setMinimumWidth(_WORDS_PX)
    return words


def _number(least: float, most: float, unit: str) -> QDoubleSpinBox:
    box = _NumberBox()
    # Before the range, which is rounded to it; what somebody wrote in a file is not.
    box.setDecimals(3)
    box.setRange(least, most)
    box.setSuffix(unit)
    box.setKeyboardTracking(False)
    return box


def _fill(box: QComboBox, words: Mapping[str, str], chosen: str) -> None:
    box.clear()
    for key, text in words.items():
        box.addItem(text, key)
    box.setCurrentIndex(max(box.findData(chosen), 0))


def _label_words(names: Sequence[str]) -> str:
    words = _("Labels hold text and fields in braces, such as {example}.")
    return words.format(example="{" + (names[0] if names else "") + "}")


def _title_of(entry: Portrayal) -> str:
    return label(entry.legend_title) if entry.legend_title else ""


def _translated(words: Mapping[Any, str]) -> dict[str, str]:
    return {str(key): _(text) for key, text in words.items()}


def _limits_text(limits: tuple[float, ...]) -> str:
    return ", ".join(f"{limit:.10g}" for limit in limits)
