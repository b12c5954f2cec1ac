"""What the checks found: by heading, rule and feature."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Final

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap, QPolygonF
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QTextBrowser,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from hjgis.checks import rules, runner
from hjgis.checks.rules import Rule
from hjgis.checks.runner import CheckReport
from hjgis.i18n import _, grouped
from hjgis.layers.project import Project
from hjgis.models.changes import Extent, FeatureKey
from hjgis.models.issues import Issue, Severity
from hjgis.models.wording import layer_label
from hjgis.progress import Progress
from hjgis.ui.bridge import Bridge
from hjgis.ui.jobs import Jobs
from hjgis.ui.selection import Selection

_COLOURS: Final = {Severity.ERROR: "#b3261e", Severity.WARNING: "#b26a00", Severity.INFO: "#1565c0"}
_ROLE: Final = Qt.ItemDataRole.UserRole
_SHOWN_PER_RULE: Final = 2000
_AROUND_M: Final = 25.0


class IssuesPanel(QWidget):
    """Runs the checks and lists what they found; a row zooms and selects."""

    zoom_requested = Signal(object)

    def __init__(
        self,
        project: Project,
        bridge: Bridge,
        selection: Selection,
        jobs: Jobs,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._project, self._selection, self._jobs = project, selection, jobs
        self._report: CheckReport | None = None
        self._run = QPushButton(_("Check project"))
        self._run.setObjectName("primary")
        self._run.clicked.connect(self.run_checks)
        self._export = QPushButton(_("Export list…"))
        self._export.clicked.connect(self._choose_file)
        self._export.setEnabled(False)
        self._said = QLabel(_("Not checked yet."))
        self._said.setWordWrap(True)
        self._tree = QTreeWidget()
        self._tree.setHeaderLabels([_("Finding"), _("Count")])
        self._tree.setUniformRowHeights(True)
        self._tree.header().setStretchLastSection(False)
        self._tree.header().setSectionResizeMode(0, self._tree.header().ResizeMode.Stretch)
        self._tree.setColumnWidth(1, 70)
        self._tree.currentItemChanged.connect(self._explain)
        self._tree.itemActivated.connect(self._go)
        self._tree.itemClicked.connect(self._go)
        self._details = QTextBrowser()
        self._lay_out()
        bridge.changed.connect(self._outdate)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self._run)
        head.addWidget(self._export)
        head.addWidget(self._said, 1)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(self._tree)
        split.addWidget(self._details)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 4)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(split, 1)

    def run_checks(self) -> None:
        """Check the whole project in the background."""
        project = self._project

        def work(progress: Progress) -> CheckReport:
            with project.reader() as reader:
                return runner.run(reader, progress=progress)

        self._said.setText(_("Checking…"))
        self._jobs.run(work, self.show_report, title=_("Check project"))

    def show_report(self, report: CheckReport) -> None:
        """List what was found."""
        self._report = report
        self._export.setEnabled(True)
        self._said.setText(self._summary(report))
        self._tree.clear()
        by_rule: dict[str, list[Issue]] = defaultdict(list)
        for issue in report.issues:
            by_rule[issue.rule].append(issue)
        for heading, words in rules.HEADINGS.items():
            found = {
                rule: issues
                for rule, issues in by_rule.items()
                if report.rule(rule).heading == heading
            }
            count = sum(map(len, found.values()))
            top = QTreeWidgetItem([_(words), grouped(count)])
            top.setTextAlignment(1, Qt.AlignmentFlag.AlignRight)
            top.addChildren(
                [self._rule_item(report.rule(rule), issues) for rule, issues in found.items()]
            )
            self._tree.addTopLevelItem(top)
            top.setExpanded(True)
        self._details.setHtml(self._completeness(report))

    def _rule_item(self, rule: Rule, issues: list[Issue]) -> QTreeWidgetItem:
        item = QTreeWidgetItem([rule.title, grouped(len(issues))])
        item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight)
        item.setIcon(0, severity_icon(rule.severity))
        item.setData(0, _ROLE, rule.id)
        for issue in issues[:_SHOWN_PER_RULE]:
            name = layer_label(issue.layer, self._project.catalogue)
            child = QTreeWidgetItem([f"{name}: {issue.message}"])
            child.setToolTip(0, issue.message)
            child.setData(0, _ROLE, issue)
            item.addChild(child)
        if len(issues) > _SHOWN_PER_RULE:
            more = _("… {count} more, in the exported list").format(
                count=len(issues) - _SHOWN_PER_RULE
            )
            item.addChild(QTreeWidgetItem([more]))
        return item

    def _summary(self, report: CheckReport) -> str:
        counts = [sum(i.severity is s for i in report.issues) for s in Severity]
        features = sum(report.checked.values())
        text = _("{features} features: {errors} errors, {warnings} warnings, {infos} notes")
        errors, warnings, infos = (grouped(count) for count in counts)
        all_of_them = grouped(features)
        return text.format(features=all_of_them, errors=errors, warnings=warnings, infos=infos)

    def _completeness(self, report: CheckReport) -> str:
        rows = []
        for layer, share in report.to_json()["completeness"].items():
            if share["features"]:
                name = layer_label(layer, self._project.catalogue)
                rows.append(
                    f"<tr><td>{name}</td><td align='right'>{grouped(share['features'])}</td>"
                    f"<td align='right'>&nbsp;&nbsp;<b>{share['overall']:.1%}</b></td></tr>"
                )
        heading = _("Completeness of required fields")
        return f"<h4>{heading}</h4><table cellpadding='2'>{''.join(rows)}</table>"

    def _explain(self, item: QTreeWidgetItem | None) -> None:
        data = item.data(0, _ROLE) if item is not None else None
        if data is None or self._report is None:
            return
        issue = data if isinstance(data, Issue) else None
        rule = self._report.rule(issue.rule if issue else data)
        basis = f"{rule.basis} [{rule.confidence}]" + (f" · {rule.ref}" if rule.ref else "")
        word = _("Basis")
        what = f"<p><b>{issue.message}</b></p>" if issue else ""
        self._details.setHtml(
            f"<h4>{rule.title}</h4>{what}<p>{rule.explanation}</p>"
            f"<p style='color:#5f6368'>{word}: {basis}<br>{rule.id}</p>"
        )

    def _go(self, item: QTreeWidgetItem) -> None:
        issue = item.data(0, _ROLE)
        if not isinstance(issue, Issue):
            return
        extent = self._select(issue)
        if issue.x is not None and issue.y is not None:
            x, y = issue.x, issue.y
            extent = (x - _AROUND_M, y - _AROUND_M, x + _AROUND_M, y + _AROUND_M)
        if extent is not None:
            self.zoom_requested.emit(extent)

    def _select(self, issue: Issue) -> Extent | None:
        if issue.uuid is None:
            return None
        key = FeatureKey(issue.layer, issue.uuid)
        try:
            feature = self._project.get(key)
        except KeyError:
            self._said.setText(_("That feature is no longer there; check again."))
            return None
        self._selection.set(issue.layer, [feature.fid or 0])
        return feature.geometry.bounds if feature.geometry is not None else None

    def _choose_file(self) -> None:
        start = str(self._project.path.with_suffix(".xlsx"))
        name, _kind = QFileDialog.getSaveFileName(
            self, _("Export list…"), start, "Excel (*.xlsx);;HTML (*.html)"
        )
        if name:
            self.export_to(Path(name))

    def export_to(self, path: Path) -> None:
        """Write the list in the background."""
        project, report = self._project, self._report
        assert report is not None

        def work(progress: Progress) -> Path:
            from hjgis.reports.inspection import write_report

            progress.check()
            with project.reader() as reader:
                write_report(reader, report, path)
            return path

        self._jobs.run(work, self._exported, title=_("Export list…"))

    def _exported(self, path: Path) -> None:
        self._said.setText(_("Written: {path}").format(path=path))

    def _outdate(self) -> None:
        if self._report is not None:
            text = _("Changed since the last check.")
            if text not in self._said.text():
                self._said.setText(f"{self._said.text()}  {text}")


def severity_icon(severity: Severity) -> QIcon:
    """Return an icon told apart by shape as well as colour: square, triangle, disc."""
    pixmap = QPixmap(28, 28)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(QColor(_COLOURS[severity]))
    painter.setPen(Qt.PenStyle.NoPen)
    if severity is Severity.ERROR:
        painter.drawRect(5, 5, 18, 18)
    elif severity is Severity.WARNING:
        painter.drawPolygon(QPolygonF([QPointF(14, 4), QPointF(25, 24), QPointF(3, 24)]))
    else:
        painter.drawEllipse(6, 6, 16, 16)
    painter.end()
    pixmap.setDevicePixelRatio(2)
    return QIcon(pixmap)
