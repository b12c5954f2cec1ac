"""The register of deliveries: who was given what, when, what for, and its checksum."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from hjgis.exchange.csv_files import write_csv
from hjgis.i18n import _, grouped, label, listed, reason
from hjgis.layers.project import Project
from hjgis.models.deliveries import Delivery
from hjgis.models.wording import layer_label
from hjgis.ui.dialogs.saving import ask_target
from hjgis.ui.page_parts import ROLE, cell, list_of, muted, open_at

_WIDTHS: Final = (95, 130, 230, 0, 60, 70, 60, 90)
_NUMBERS: Final = (5, 6)
_MINUTE: Final = len("2020-06-15T15:25")


class RegisterDialog(QDialog):
    """A list of deliveries, and all about the one that is chosen; nothing can be changed.

    `return_wanted` carries the delivery whose return is to be taken in.
    """

    return_wanted = Signal(object)

    def __init__(self, project: Project, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Register of deliveries"))
        self._project = project
        self.entries = project.deliveries.entries()
        self._rows = [(entry, self._cells(entry)) for entry in self.entries]
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(_("Search by recipient, purpose or kind"))
        self.filter.setClearButtonEnabled(True)
        self.table = list_of(self._headings()[:-1], _WIDTHS, right=_NUMBERS)
        words = _("Nothing has been delivered yet. Deliver writes a package and enters it here.")
        self.told, self.empty = QLabel(), muted(words)
        self.told.setWordWrap(True)
        self.told.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.take_back = QPushButton(_("Take back…"))
        self.copy = QPushButton(_("Copy the checksum"))
        self.save = QPushButton(_("Save as table…"))
        self._lay_out()
        self._connect()
        self._fill()
        open_at(self, QSize(1120, 560))

    @staticmethod
    def _headings() -> list[str]:
        return [
            _("Delivery"), _("When"), _("Recipient"), _("Purpose"), _("Secrecy"),
            _("Features"), _("km²"), _("Delivered by"), _("Package"),
        ]  # fmt: skip

    def _lay_out(self) -> None:
        close = QPushButton(_("Close"))
        close.clicked.connect(self.reject)
        row = QHBoxLayout()
        row.addWidget(self.take_back)
        row.addWidget(self.copy)
        row.addWidget(self.save)
        row.addStretch(1)
        row.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(10)
        column.addWidget(self.filter)
        column.addWidget(self.empty)
        column.addWidget(self.table, 1)
        column.addWidget(self.told)
        column.addLayout(row)

    def _connect(self) -> None:
        self.filter.textChanged.connect(self._fill)
        self.table.itemSelectionChanged.connect(self._chosen)
        self.take_back.clicked.connect(self._take_back)
        self.copy.clicked.connect(self._copy)
        self.save.clicked.connect(self._ask_save)

    # -- the list ------------------------------------------------------------------------

    def _fill(self) -> None:
        wanted = self.filter.text().strip().casefold()
        found = [row for row in self._rows if wanted in " ".join(row[1]).casefold()]
        self.empty.setVisible(not self.entries)
        self.filter.setEnabled(bool(self.entries))
        self.save.setEnabled(bool(self.entries))
        self.table.setRowCount(len(found))
        for row, (entry, texts) in enumerate(found):
            # The name of the package is long and stands below the list.
            for column, text in enumerate(texts[:-1]):
                right = column in _NUMBERS
                self.table.setItem(row, column, cell(text, right=right, data=entry))
        if found:
            self.table.selectRow(0)
        self._chosen()

    def _cells(self, entry: Delivery) -> list[str]:
        return [
            entry.name, entry.at[:_MINUTE].replace("T", " "), entry.recipient, entry.purpose,
            self._secrecy(entry), grouped(sum(entry.counts.values())), f"{entry.area_km2:.2f}",
            entry.operator, entry.package,
        ]  # fmt: skip

    def _secrecy(self, entry: Delivery) -> str:
        known = self._project.catalogue.codes("secrecy_class").get(entry.secrecy)
        return label(known.label) if known else entry.secrecy

    @property
    def chosen(self) -> Delivery | None:
        """The delivery that is selected."""
        rows = self.table.selectionModel().selectedRows()
        item = self.table.item(rows[0].row(), 0) if rows else None
        return item.data(ROLE) if item is not None else None

    def _chosen(self) -> None:
        entry = self.chosen
        self.told.setText("\n".join(self._about(entry)) if entry else "")
        for button in (self.take_back, self.copy):
            button.setEnabled(entry is not None)
            button.setToolTip("" if entry else _("Choose a delivery."))
        if entry is not None and self._project.read_only_reason:
            self.take_back.setEnabled(False)
            self.take_back.setToolTip(self._project.read_only_reason)

    def _about(self, entry: Delivery) -> Iterator[str]:
        from hjgis.ui.deliveries.files_page import FORMATS

        catalogue = self._project.catalogue
        counts = (
            f"{layer_label(layer, catalogue)} {grouped(count)}"
            for layer, count in entry.counts.items()
        )
        yield _("Features: {counts}").format(counts=listed(counts))
        names = dict(FORMATS)
        formats = listed(names.get(key, key) for key in entry.order.get("formats", ()))
        crs = entry.order.get("crs") or self._project.crs.text
        where = entry.order.get("area") or _("All of the project")
        words = _("Formats: {formats}. Coordinate system: {crs}. Area: {where}.")
        yield words.format(formats=formats, crs=crs, where=where)
        yield _("Package: {name}").format(name=entry.package)
        yield _("Checksum of the manifest (SHA-256): {sum}").format(sum=entry.sha256)

    # -- what can be done ----------------------------------------------------------------

    def _take_back(self) -> None:
        entry = self.chosen
        self.accept()
        self.return_wanted.emit(entry)

    def _copy(self) -> None:
        entry = self.chosen
        if entry is not None:
            QApplication.clipboard().setText(entry.sha256)

    def _ask_save(self) -> None:
        start = self._project.path.with_name(_("Register of deliveries") + ".csv")
        path = ask_target(self, _("Save as table…"), start, "CSV (*.csv)")
        if path is not None:
            self.save_table(path)

    def save_table(self, path: Path) -> None:
        """Write all deliveries as a table that Excel opens right."""
        headings = [*self._headings(), "SHA-256"]
        rows = [[*texts, entry.sha256] for entry, texts in self._rows]
        try:
            write_csv(path, [headings, *rows])
        except OSError as error:
            words = _("Cannot write {path}: {error}")
            self.told.setText(words.format(path=path, error=reason(error)))
