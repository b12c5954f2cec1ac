"""Step 2: what the file holds, how it is read, and where its places lie."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import shapely
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from hjgis.errors import InputQuestion
from hjgis.exchange.placement import Placement
from hjgis.i18n import _, grouped
from hjgis.models.crs import Crs
from hjgis.models.region import region
from hjgis.ui.dialogs.importing import wording
from hjgis.ui.dialogs.importing.choices import Choices
from hjgis.ui.dialogs.importing.columns_row import CoordinateColumns
from hjgis.ui.dialogs.importing.page import Page, Question, answer_from_file
from hjgis.ui.dialogs.importing.small_map import FILE, GROUND, PROPOSED, Drawn, SmallMap
from hjgis.ui.dialogs.importing.work import Found, Ground, Rows, Standing
from hjgis.ui.page_parts import cell, column_of, heading, list_of, muted, narrow

_ENCODINGS: Final = ("gbk", "utf-8", "big5", "cp1252")
_SYSTEMS: Final = ("EPSG:4490", "EPSG:4326", "EPSG:4524", "EPSG:2381", "EPSG:2433")
_SHIFTED: Final = ("GCJ-02", "BD-09")
_ROWS: Final = 5
_WARNINGS: Final = 4
_COUNTY: Final = "#9aa3ac"
_ROADS: Final = "#c9cfd6"
_PREVIEW_PX: Final = 186


class FoundPage(Page):
    """Facts and questions at the left, the small map at the right, the first rows below."""

    def __init__(self, project_crs: Crs) -> None:
        super().__init__()
        self._project_crs = project_crs
        self._ground = Ground()
        self._placement: Placement | None = None
        self._shapes: tuple[Any, ...] = ()
        self._open_question = ""
        self.layer, self.encoding, self.crs = QComboBox(), QComboBox(), QComboBox()
        self.axes, self.whole = QComboBox(), QComboBox()
        self.whole.addItem(_("as a pipe survey: points and lines together"), True)
        self.whole.addItem(_("one table only"), False)
        self.several = QCheckBox()
        self.columns = CoordinateColumns()
        self.encoding_how, self.crs_how, self.heights = muted(), muted(), muted()
        self.warnings = muted()
        self.map, self.where = SmallMap(), muted()
        self.rows = list_of([], [])
        self._candidates = QWidget()
        self._lay_out()
        self._connect()

    # -- look ----------------------------------------------------------------------------

    def _lay_out(self) -> None:
        for box in (self.layer, self.encoding, self.crs, self.axes):
            narrow(box)
        self.crs.setEditable(True)
        self.crs.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        line = self.crs.lineEdit()
        assert line is not None
        line.setPlaceholderText(_("as the file says, or EPSG:…, a .prj file"))
        self.axes.addItem(_("East first, then north, as in the file"), False)
        self.axes.addItem(_("Exchanged: the file has north first"), True)
        self._form = QFormLayout()
        self._form.setContentsMargins(0, 0, 8, 0)
        self._form.setHorizontalSpacing(12)
        self._form.setVerticalSpacing(6)
        self._form.addRow(_("Layer"), self.layer)
        self._form.addRow("", self.several)
        self._form.addRow(_("Taken"), self.whole)
        self._form.addRow(_("Text"), _beside(self.encoding, self.encoding_how))
        self._form.addRow(_("Places"), self.columns)
        self._form.addRow(_("System"), _beside(self.crs, self.crs_how, self._parameters()))
        self._form.addRow(_("Axes"), self.axes)
        self._form.addRow(_("Heights"), self.heights)
        self._form.addRow(_("Remarks"), self.warnings)
        self._questions = QVBoxLayout()
        self._questions.setSpacing(8)
        top = QHBoxLayout()
        top.setSpacing(16)
        top.addWidget(self._facts_side(), 5)
        top.addWidget(self._place_side(), 4)
        whole = column_of(self)
        whole.addLayout(top, 1)
        whole.addWidget(self._below())

    def _facts_side(self) -> QScrollArea:
        facts = QWidget()
        left = QVBoxLayout(facts)
        left.setContentsMargins(0, 0, 4, 0)
        left.setSpacing(10)
        left.addLayout(self._questions)
        left.addLayout(self._form)
        left.addStretch(1)
        area = QScrollArea()
        area.setWidget(facts)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        return area

    def _parameters(self) -> QPushButton:
        """Return the button for local systems, whose parameters are in files."""
        button, menu = QPushButton(_("Parameters")), QMenu(self)
        button.setAutoDefault(False)
        button.setToolTip(_("For local systems, Beijing 1954 and Xi'an 1980"))
        for words, wanted in (
            (_("Parameter file…"), wording.PARAMETER_FILE),
            (_("Common points…"), wording.POINTS_FILE),
        ):
            action = menu.addAction(words)
            action.setData(wanted)
            action.triggered.connect(self._file_wanted)
        button.setMenu(menu)
        return button

    def _file_wanted(self) -> None:
        action = self.sender()
        answer = answer_from_file(self, action.data()) if isinstance(action, QAction) else None
        if answer is not None:
            self.answered.emit(answer)

    def _place_side(self) -> QWidget:
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.map, 1)
        column.addWidget(self.where)
        return side

    def _below(self) -> QStackedWidget:
        self._stack = QStackedWidget()
        self._stack.setFixedHeight(_PREVIEW_PX)
        preview = QWidget()
        column = QVBoxLayout(preview)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self._rows_title = heading(_("The first rows"))
        column.addWidget(self._rows_title)
        column.addWidget(self.rows, 1)
        self.rows.verticalHeader().setDefaultSectionSize(25)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setWidget(self._candidates)
        self._stack.addWidget(preview)
        self._stack.addWidget(area)
        return self._stack

    def _connect(self) -> None:
        self.layer.activated.connect(self._layer_chosen)
        self.encoding.activated.connect(self._encoding_chosen)
        self.crs.activated.connect(self._crs_chosen)
        line = self.crs.lineEdit()
        assert line is not None
        line.editingFinished.connect(self._crs_typed)
        self.axes.activated.connect(self._axes_chosen)
        self.whole.activated.connect(self._whole_chosen)
        self.several.clicked.connect(self._several_chosen)
        self.columns.answered.connect(self.answered)

    # -- answers -------------------------------------------------------------------------

    def _layer_chosen(self) -> None:
        self.answered.emit({"source_layer": self.layer.currentData()})

    def _encoding_chosen(self) -> None:
        self.answered.emit({"encoding": self.encoding.currentData() or None})

    def _crs_chosen(self) -> None:
        self.answered.emit({"crs": self.crs.currentData(), "common_points": None, "as_is": False})

    def _crs_typed(self) -> None:
        line = self.crs.lineEdit()
        if line is not None and line.isModified():
            line.setModified(False)
            text = line.text().strip()
            known = self.crs.findText(text)
            given = self.crs.itemData(known) if known >= 0 else text or None
            self.answered.emit({"crs": given, "common_points": None, "as_is": False})

    def _whole_chosen(self) -> None:
        self.answered.emit({"network": self.whole.currentData(), "x": None, "y": None})

    def _several_chosen(self) -> None:
        self.answered.emit({"several": self.several.isChecked()})

    def _axes_chosen(self) -> None:
        self.answered.emit({"swap": self.axes.currentData(), "as_is": False})

    # -- showing -------------------------------------------------------------------------

    def set_ground(self, ground: Ground) -> None:
        """Take what the project holds, for the small map."""
        self._ground = ground
        self._draw()

    def show_standing(self, standing: Standing) -> None:
        choices, found = standing.choices, standing.found
        if choices is None or found is None:
            return
        self._show_layers(choices, found)
        self._show_encoding(choices, found)
        self.columns.show_choices(choices, found)
        self._form.setRowVisible(self.columns, self.columns.is_needed)
        self._show_system(choices, found)
        self._show_questions(found)
        self._show_rows(found)
        self._draw()
        self.changed.emit()

    @property
    def missing(self) -> str:
        return self._open_question

    def _show_layers(self, choices: Choices, found: Found) -> None:
        self.layer.clear()
        for layer in found.layers:
            self.layer.addItem(wording.layer_line(layer), layer.name)
        if found.summary is not None:
            self.layer.setCurrentIndex(self.layer.findData(found.summary.name))
        self._form.setRowVisible(self.layer, bool(found.layers) and not found.is_survey)
        words = _("Take several of the {count} layers at once")
        self.several.setText(words.format(count=grouped(len(found.layers))))
        self.several.setChecked(choices.several)
        self._form.setRowVisible(self.several, bool(found.wanted))
        self.whole.setCurrentIndex(0 if found.is_survey else 1)
        offered = found.is_survey or choices.network is False
        self._form.setRowVisible(self.whole, offered)

    def _show_encoding(self, choices: Choices, found: Found) -> None:
        self.encoding.clear()
        self.encoding.addItem(_("as recognised"), "")
        names = dict.fromkeys((*found.previews, *_ENCODINGS, choices.encoding or "gbk"))
        for name in names:
            self.encoding.addItem(wording.encoding(name), name)
        self.encoding.setCurrentIndex(max(self.encoding.findData(choices.encoding or ""), 0))
        summary = found.summary
        how = wording.encoding_known(summary.encoding, summary.encoding_source) if summary else ""
        self.encoding_how.setText(how)
        self.encoding_how.setVisible(bool(how))

    def _show_system(self, choices: Choices, found: Found) -> None:
        self.crs.clear()
        self.crs.addItem(_("as the file says"), None)
        texts = [self._project_crs.text, *_SYSTEMS, *_SHIFTED]
        for text in dict.fromkeys([*texts, choices.crs] if choices.crs else texts):
            self.crs.addItem(wording.system(text), text)
        self.crs.setCurrentIndex(max(self.crs.findData(choices.crs), 0))
        placement = found.placement
        self.crs_how.setText(wording.system_known(placement) if placement else "")
        self.axes.setCurrentIndex(int(choices.swap))
        self.heights.setText((placement.heights if placement else None) or "")
        has_places = placement is not None and placement.layer.spatial
        self._form.setRowVisible(self._form_row(self.crs), has_places)
        # Of a table, the columns say it.
        says_which = self.columns.is_needed or found.is_survey
        self._form.setRowVisible(self.axes, has_places and not says_which)
        self._form.setRowVisible(self.heights, bool(placement and placement.heights))
        tables = [wording.table_line(layer) for layer in found.layers] if found.is_survey else []
        said = (*tables, *wording.remarks(placement)) if placement else ()
        self.warnings.setText("\n".join(said[:_WARNINGS]))
        self._form.setRowVisible(self.warnings, bool(said))

    def _form_row(self, inside: QWidget) -> QWidget:
        row = inside.parentWidget()
        assert row is not None
        return row

    def _show_questions(self, found: Found) -> None:
        while self._questions.count():
            item = self._questions.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._open_question = ""
        self._placement, self._shapes = found.placement, found.shapes
        if found.question is not None:
            self._ask(found.question, found.previews)
        elif found.layer is not None and not len(found.layer):
            self._open_question = _("{layer} holds no records.").format(layer=found.layer.name)
        elif found.placement is not None:
            self._propose(found)

    def _ask(self, question: InputQuestion, previews: Mapping[str, Rows]) -> None:
        self._open_question = _("Answer the question first.")
        buttons = [] if previews else wording.answers_to(question)
        words = str(question)
        if self.columns.is_needed:
            words = _("Which columns hold the places? Choose both below, or take it as a table.")
        elif previews:
            words = _("Which reading is right? Choose it below.")
        self._add(Question(words, buttons))
        self._show_candidates(previews)

    def _propose(self, found: Found) -> None:
        """Offer what would put the places right; a question among it must be answered."""
        placement = found.placement
        assert placement is not None
        question = placement.question or found.datum
        reasons = [wording.sentence(proposal.reason) for proposal in placement.proposals]
        offers: list[tuple[str, object]] = [
            (wording.proposal(proposal), dict(proposal.answer)) for proposal in placement.proposals
        ]
        if question is not None:
            self._open_question = _("Say what is to become of the coordinates first.")
            reasons = [str(question), *reasons]
            if not offers:
                offers = list(wording.answers_to(question))
            elif placement.crs is not None:
                offers.append((_("Leave as they are"), {"as_is": True}))
        if reasons:
            self._add(Question("\n".join(reasons), offers))

    def _add(self, question: Question) -> None:
        question.answered.connect(self.answered)
        self._questions.addWidget(question)

    def _show_rows(self, found: Found) -> None:
        self._stack.setCurrentIndex(1 if found.previews else 0)
        summary = found.table or found.summary
        names = summary.columns if summary else ()
        samples = summary.samples if summary else ()
        self.rows.setColumnCount(len(names))
        self.rows.setHorizontalHeaderLabels(list(names))
        self.rows.setRowCount(len(samples[:_ROWS]))
        for row, values in enumerate(samples[:_ROWS]):
            for column, value in enumerate(values):
                self.rows.setItem(row, column, cell(value))
        self.rows.resizeColumnsToContents()
        self.rows.setVisible(bool(names))
        self._rows_title.setVisible(bool(names))

    def _show_candidates(self, previews: Mapping[str, Rows]) -> None:
        """Put the readings side by side, to be chosen by eye."""
        old = self._candidates
        self._candidates = QWidget()
        row = QHBoxLayout(self._candidates)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        for name, rows in previews.items():
            row.addWidget(self._reading(name, rows), 1)
        area = old.parentWidget()
        scroll = area.parentWidget() if area is not None else None
        if isinstance(scroll, QScrollArea):
            scroll.setWidget(self._candidates)

    def _reading(self, name: str, rows: Rows) -> QWidget:
        box, head = QWidget(), QHBoxLayout()
        button = QPushButton(_("This reads right"))
        button.setAutoDefault(False)
        button.setProperty("answer", {"encoding": name})
        button.clicked.connect(self._reading_chosen)
        head.addWidget(heading(wording.encoding(name)), 1)
        head.addWidget(button)
        table = list_of(rows[0] if rows else (), [])
        table.verticalHeader().setDefaultSectionSize(23)
        table.setRowCount(max(len(rows) - 1, 0))
        for place, values in enumerate(rows[1:]):
            for column, value in enumerate(values):
                table.setItem(place, column, cell(value))
        table.resizeColumnsToContents()
        column_ = QVBoxLayout(box)
        column_.setContentsMargins(0, 0, 0, 0)
        column_.setSpacing(4)
        column_.addLayout(head)
        column_.addWidget(table, 1)
        return box

    def _reading_chosen(self) -> None:
        button = self.sender()
        if button is not None:
            self.answered.emit(button.property("answer"))

    # -- the map -------------------------------------------------------------------------

    def _draw(self) -> None:
        ground, placement = self._ground, self._placement
        box = (shapely.box(*ground.box),) if ground.box and not ground.boundaries else ()
        proposals = placement.proposals if placement else ()
        boxes = [shapely.box(*p.box_wgs84) for p in proposals]
        # The county only where it helps: it makes a town small.
        helps = placement is not None and placement.in_county is not None
        helps = helps and not (placement and placement.in_county and (box or ground.boundaries))
        county = (shapely.box(*region().box_deg),) if helps else ()
        drawn = [
            Drawn(county, _COUNTY, _("county"), box=True),
            Drawn(ground.boundaries or box, GROUND, _("project")),
            Drawn(ground.roads, _ROADS),
            Drawn(self._shapes, FILE, _("this file"), ringed=True),
            Drawn(boxes, PROPOSED, _("as proposed"), box=True),
        ]
        self.map.show_shapes(drawn, degrees=True)
        self.where.setText(wording.where(placement, ground.box))


def _beside(box: QWidget, words: QLabel, more: QWidget | None = None) -> QWidget:
    """Return a choice with what is known of it below, and more beside it."""
    both = QWidget()
    column = QVBoxLayout(both)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(2)
    row = QHBoxLayout()
    row.addWidget(box, 1)
    if more is not None:
        row.addWidget(more)
    column.addLayout(row)
    column.addWidget(words)
    return both
