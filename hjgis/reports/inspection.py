"""The inspection report (检查报告): in sections as bureaus write them, on paper or as a page."""

from __future__ import annotations

import base64
import datetime as dt
import html
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hjgis import __version__, paths
from hjgis.cartography.charts import picture
from hjgis.cartography.document import Document, write_document
from hjgis.cartography.figures import Chart
from hjgis.cartography.findings_map import findings_picture
from hjgis.checks.rules.register import CONFIDENCE, ELEMENTS, Rule
from hjgis.checks.runner import CheckReport
from hjgis.errors import HjgisError, UsageError
from hjgis.i18n import N_, _, grouped, label, language, reason
from hjgis.layers.project import Project
from hjgis.models.issues import Issue, Severity
from hjgis.models.report_form import FACT as FORM
from hjgis.models.report_form import ReportForm, form_of
from hjgis.models.scoring import FACT as SCORING
from hjgis.models.scoring import GRADES, LEVELS, Scheme, scheme_of
from hjgis.progress import SILENT, Progress
from hjgis.reports.check_report import exceptions_table, limits_of, names_of, write_workbook
from hjgis.reports.layer_results import layer_results
from hjgis.reports.tables import STYLE, Cell, Column, Table, table_html

KINDS: Final = (".xlsx", ".pdf", ".html")
# The list on paper is for the table; the whole is in the workbook.
LISTED: Final = 500
_MOST_RULES: Final = 14
_PICTURE_PX: Final = 620


def write_report(
    project: Project,
    report: CheckReport,
    path: Path,
    *,
    on: dt.date | None = None,
    progress: Progress = SILENT,
) -> None:
    """Write the report of a check: tables as ``.xlsx``, or to be read as ``.pdf`` or ``.html``.

    Raises
    ------
    UsageError
        If the file ends otherwise.
    HjgisError
        If the file cannot be written.
    Cancelled
        If `progress` says so.
    """
    kind = path.suffix.lower()
    if kind not in KINDS:
        message = _("A report is {kinds}, not {path}.")
        raise UsageError(message.format(kinds=", ".join(KINDS), path=path.name))
    if kind == ".xlsx":
        write_workbook(project, report, path)
    else:
        write_inspection(project, report, path, on=on, progress=progress)


def write_inspection(
    project: Project,
    report: CheckReport,
    path: Path,
    *,
    on: dt.date | None = None,
    progress: Progress = SILENT,
) -> None:
    """Write the report of a check as ``.pdf`` or as one ``.html`` page, pictures inside.

    Raises
    ------
    HjgisError
        If the file cannot be written.
    Cancelled
        If `progress` says so.
    """
    writing = _Writing(project, report, on or dt.date.today())
    pictures = writing.pictures(progress)
    title = writing.title
    if path.suffix.lower() == ".pdf":
        text = "".join(writing.sections({name: name for name in pictures}))
        document = Document(title, f"<style>{_PAPER}</style>{text}", pictures, project.is_sample)
        write_document(document, path, progress=progress)
        return
    inside = {
        name: f"data:image/png;base64,{base64.b64encode(data).decode()}"
        for name, data in pictures.items()
    }
    text = "".join(writing.sections(inside))
    page = (
        f'<!DOCTYPE html>\n<html lang="{language().replace("_", "-")}">\n<head>\n'
        f'<meta charset="utf-8">\n<title>{html.escape(title)}</title>\n'
        f"<style>{STYLE}</style>\n</head>\n<body>\n{text}</body>\n</html>\n"
    )
    try:
        with paths.written_whole(path) as part:
            part.write_text(page, "utf-8")
    except OSError as error:
        message = _("{path} cannot be written: {error}")
        raise HjgisError(message.format(path=path, error=reason(error))) from error


# No bold letters: made up by Qt, they stand twice in a PDF for whoever copies the text.
_PAPER: Final = """
h1 { font-size: 18pt; font-weight: 400; }
h2 { font-size: 13pt; font-weight: 400; color: #0b4a94; margin-top: 14px; }
th { font-weight: 400; }
p { margin-top: 4px; margin-bottom: 4px; }
table { font-size: 8pt; border-collapse: collapse; margin-top: 4px; margin-bottom: 8px; }
td, th { border: 1px solid #c3cad2; }
td.fact { border-style: none; }
"""
_LAYERS: Final = (
    Column(N_("Layer"), 14),
    Column(N_("Features"), 10),
    Column(N_("With faults"), 10),
    Column(N_("Share"), 8, percent=True),
    *(Column(grade, 7) for grade in GRADES),
    Column(N_("Score"), 8, decimals=1),
    Column(N_("Level"), 8),
    Column(N_("How complete"), 10, percent=True),
)
_DATA: Final = (
    Column(N_("Layer"), 14),
    Column(N_("Features"), 10),
    Column(N_("Fields"), 8),
    Column(N_("Required"), 8),
)
_DOCUMENTS: Final = (Column(N_("Standard or document"), 60), Column(N_("Checks that ran"), 10))
_ELEMENTS: Final = (
    Column(N_("Quality element"), 30),
    Column(N_("Checks that ran"), 10),
    Column(N_("Number found"), 10),
)
_FOUND: Final = (
    Column(N_("Check"), 40),
    Column(N_("Quality element"), 16),
    Column(N_("Class"), 8),
    Column(N_("Number found"), 10),
)
_METHODS: Final = (
    Column(N_("Check"), 22),
    Column(N_("Quality element"), 11),
    Column(N_("Class"), 6),
    Column(N_("Limits"), 24),
    Column(N_("Basis"), 28),
    Column(N_("How sure"), 12),
)
# Standards and papers as they stand in the bases of rules.
_PAPERS: Final = re.compile(
    r"[A-Z]{2,3}(?:/T)? [0-9]+(?:\.[0-9]+)?-[0-9]{4}"
    r"|(?:[\u4e00-\u9fff]政办|国办|建办)[发督函]〔[0-9]{4}〕[0-9]+号"
)
_LIST: Final = (
    Column(N_("No."), 6),
    Column(N_("Layer"), 12),
    Column(N_("Number or name"), 25),
    Column(N_("Place"), 22),
    Column(N_("Finding"), 38),
    Column(N_("Class"), 7),
    Column(N_("Opinion"), 11),
    Column(N_("Corrected"), 11),
    Column(N_("Verified by"), 10),
)


class _Writing:
    """Writes the sections of one report, in the language in use."""

    def __init__(self, project: Project, report: CheckReport, on: dt.date) -> None:
        self.project, self.report, self.on = project, report, on
        self.scheme: Scheme = scheme_of(project.info(SCORING))
        self.form: ReportForm = form_of(project.info(FORM))
        self.layers = layer_results(project, report)
        self.rules = [report.rule(rule) for rule in report.rules]
        self.title = _("Check report: {title}").format(title=project.title)

    def pictures(self, progress: Progress) -> dict[str, bytes]:
        """Return map and charts by name."""
        places: dict[Severity, list[NDArray[np.float64]]] = {}
        for batch in self.report.issues.batches:
            places.setdefault(batch.rule.severity, []).append(batch.findings.xy)
        joined = {severity: np.concatenate(parts) for severity, parts in places.items()}
        found = {}
        town = findings_picture(self.project, joined, progress=progress)
        if town is not None:
            found["map.png"] = town
        charts = {"rules.png": self._rules_chart(), "layers.png": self._share_chart()}
        for name, chart in charts.items():
            progress.check()
            if chart.categories:
                found[name] = picture(chart, width_px=1100, height_px=480)
        return found

    def _rules_chart(self) -> Chart:
        summary = sorted(self._found(), key=lambda item: -item[1])[:_MOST_RULES]
        names = tuple(rule.title for rule, _count in summary)
        counts = tuple(float(count) for _rule, count in summary)
        words = _("Faults by check")
        return Chart(words, names, ((words, counts),), _("findings"))

    def _share_chart(self) -> Chart:
        known = [one for one in self.layers if one.completeness is not None]
        shares = tuple(100 * (one.completeness or 0.0) for one in known)
        words = _("Completeness of required fields")
        return Chart(words, tuple(one.title for one in known), ((words, shares),), "%", decimals=1)

    def sections(self, urls: Mapping[str, str]) -> Iterator[str]:
        """Yield the report as HTML."""
        yield f'<h1 align="center">{html.escape(self.title)}</h1>\n'
        numbered = (
            (_("Course of the check"), self._course()),
            (_("What was checked"), self._data()),
            (_("Basis of the check"), self._bases()),
            (_("Contents and methods"), self._methods()),
            (_("Faults and what becomes of them"), self._faults()),
            (_("Statistics and evaluation"), self._evaluation(urls)),
            (_("Conclusion and advice"), self._conclusion()),
        )
        for number, (heading, parts) in enumerate(numbered, 1):
            yield f"<h2>{number} {html.escape(heading)}</h2>\n"
            yield from parts
        yield from self._appendix(urls)

    def _course(self) -> Iterator[str]:
        lines = [
            (_("Checked for"), self.form.office),
            (_("Checked on"), self.on.isoformat()),
            (_("Checked by"), self.form.inspector),
            (_("Reviewed by"), self.form.reviewer),
            (_("Program"), f"hjgis {__version__}"),
            (_("Checks that ran"), str(len(self.rules))),
        ]
        yield from _facts(lines)
        for rule, why in self.report.failed.items():
            words = _(
                "The check {rule} could not run: {why}. Nothing is known of what it looks for."
            )
            yield _paragraph(words.format(rule=rule, why=why))

    def _data(self) -> Iterator[str]:
        project = self.project
        lines = [
            (_("Project"), project.title),
            (_("File"), project.path.name),
            (_("Coordinates"), project.crs.called),
            (_("Heights"), _("1985 National Height Datum")),
        ]
        extent = project.extent()
        if extent is not None:
            words = _("X(N) {south:.1f} to {north:.1f}, Y(E) {west:.1f} to {east:.1f}")
            west, south, east, north = extent
            place = words.format(west=west, south=south, east=east, north=north)
            lines.append((_("Extent"), place))
        sources = self.form.sources or (
            _("Synthetic sample, invented data") if project.is_sample else ""
        )
        yield from _facts([*lines, (_("Source"), sources)])
        rows = []
        for one in self.layers:
            asset = project.asset_type(one.layer)
            required = sum(field.required for field in asset.fields)
            rows.append((one.title, one.features, len(asset.fields), required))
        yield from table_html(Table("", _DATA, tuple(rows)))

    def _bases(self) -> Iterator[str]:
        yield _paragraph(
            _("The checks follow these standards and papers; appendix 3 says which follows which.")
        )
        papers = Counter(paper for rule in self.rules for paper in {*_PAPERS.findall(rule.basis)})
        yield from table_html(Table("", _DOCUMENTS, tuple(sorted(papers.items()))))

    def _methods(self) -> Iterator[str]:
        yield _paragraph(
            _("All features were looked at by the program; the limits stand in appendix 3.")
        )
        checks = Counter(rule.element for rule in self.rules)
        found: Counter[str] = Counter()
        for rule in self.rules:
            found[rule.element] += self.report.summary.get(rule.id, 0)
        rows = tuple((_(ELEMENTS[e]), checks[e], found[e]) for e in ELEMENTS if checks[e])
        yield from table_html(Table("", _ELEMENTS, rows))

    def _found(self) -> list[tuple[Rule, int]]:
        """Return the rules that found faults, and how many; the worst class first."""
        summary = self.report.summary
        faults = [(rule, summary.get(rule.id, 0)) for rule in self.rules if rule.grade in GRADES]
        return sorted(
            ((rule, count) for rule, count in faults if count),
            key=lambda item: (GRADES.index(item[0].grade), -item[1]),
        )

    def _faults(self) -> Iterator[str]:
        counts = self._grades()
        yield _paragraph(
            _(
                "There are {a} faults of class A, {b} of class B, {c} of class C and {d} of class"
                " D; {info} findings are for information."
            ).format(
                a=grouped(counts["A"]),
                b=grouped(counts["B"]),
                c=grouped(counts["C"]),
                d=grouped(counts["D"]),
                info=grouped(counts["I"]),
            )
        )
        rows = tuple(
            (rule.title, _(ELEMENTS[rule.element]), rule.grade, count)
            for rule, count in self._found()
        )
        if rows:
            yield from table_html(Table("", _FOUND, rows))
        if self.report.exceptions:
            yield _paragraph(_("These findings are accepted as they are:"))
            yield from table_html(exceptions_table(self.project, self.report))

    def _list(self) -> Iterator[tuple[Cell, ...]]:
        issues = [*islice(_worst_first(self.report), LISTED)]
        names = names_of(self.project, {issue.layer for issue, _rule in issues if issue.uuid})
        for number, (issue, rule) in enumerate(issues, 1):
            name, road = names.get(issue.layer, {}).get(issue.uuid or "", (None, None))
            place = road or ""
            if issue.x is not None and issue.y is not None:
                place = f"X {issue.y:.2f}  Y {issue.x:.2f}  {place}"
            title = label(self.project.asset_type(issue.layer).label)
            yield (number, title, name, place, issue.message, rule.grade, None, None, None)

    def _evaluation(self, urls: Mapping[str, str]) -> Iterator[str]:
        for one in self.layers:
            words = _(
                "The layer {layer} has {features} records, of which {faulty} do not conform:"
                " {share:.1%}."
            )
            if one.faulty:
                share = one.faulty / one.features
                figures = {"features": grouped(one.features), "faulty": grouped(one.faulty)}
                yield _paragraph(words.format(layer=one.title, share=share, **figures))
        rows = tuple(
            (
                one.title,
                one.features,
                one.faulty,
                one.faulty / one.features,
                *(one.grades.get(grade, 0) for grade in GRADES),
                one.score.points,
                _(LEVELS[one.score.level]),
                one.completeness,
            )
            for one in self.layers
        )
        yield from table_html(Table("", _LAYERS, rows))
        yield _paragraph(_scheme_words(self.scheme))
        for name in ("rules.png", "layers.png"):
            if name in urls:
                yield _image(urls[name])

    def _conclusion(self) -> Iterator[str]:
        failed = [one.title for one in self.layers if one.score.level == "fail"]
        if failed:
            words = _(
                "These layers fail: {layers}. It is advised to rework them and to submit them"
                " again."
            )
            yield _paragraph(words.format(layers=_("; ").join(failed)))
        else:
            yield _paragraph(_("All layers that were checked pass."))
        counts = self._grades()
        if counts["A"] or counts["B"]:
            yield _paragraph(
                _("Faults of classes A and B are to be corrected first, then checked again.")
            )
        for line in self.form.opinion.splitlines():
            yield _paragraph(line)
        yield from _facts([(_("Checked by"), ""), (_("Reviewed by"), ""), (_("Checked on"), "")])

    def _appendix(self, urls: Mapping[str, str]) -> Iterator[str]:
        yield _new_page(_("Appendix 1: where the findings lie"))
        if "map.png" in urls:
            yield _image(urls["map.png"])
            yield _paragraph(
                _("Red square: error; orange triangle: warning; blue disc: information.")
            )
        yield _new_page(_("Appendix 2: list of faults"))
        counts = self._grades()
        total = sum(counts[grade] for grade in GRADES)
        if total > LISTED:
            words = _("The first {listed} of {total} faults follow; the workbook lists them all.")
            yield _paragraph(words.format(listed=LISTED, total=grouped(total)))
        if counts["I"]:
            words = _("{count} findings for information are in the workbook only.")
            yield _paragraph(words.format(count=grouped(counts["I"])))
        yield from table_html(Table("", _LIST, tuple(self._list())))
        yield _new_page(_("Appendix 3: checks, limits and bases"))
        ordered = sorted(self.rules, key=lambda rule: ([*ELEMENTS].index(rule.element), rule.id))
        rows = tuple(
            (
                *(rule.title, _(ELEMENTS[rule.element]), rule.grade, limits_of(rule)),
                *(rule.basis, _(CONFIDENCE[rule.confidence])),
            )
            for rule in ordered
        )
        yield from table_html(Table("", _METHODS, rows))

    def _grades(self) -> Counter[str]:
        counts: Counter[str] = Counter()
        for batch in self.report.issues.batches:
            counts[batch.rule.grade] += len(batch.findings)
        return counts


def _worst_first(report: CheckReport) -> Iterator[tuple[Issue, Rule]]:
    """Yield faults by grade, A first, with their rules; notes are none."""
    for grade in GRADES:
        for batch in report.issues.batches:
            if batch.rule.grade == grade:
                for row in range(len(batch.findings)):
                    yield report.issues.issue(batch, row), batch.rule


def _scheme_words(scheme: Scheme) -> str:
    costs = _(", ").join(f"{grade} {scheme.points[grade]:g}" for grade in GRADES)
    levels = _(", ").join(f"{_(LEVELS[name])} ≥ {low:g}" for name, low in scheme.levels.items())
    words = _(
        "Score: 100 less the points of each fault ({costs}), for each {count} features of a layer;"
        " {levels}. One fault of class {fails} fails the layer. Basis: {basis}"
    )
    return words.format(
        costs=costs,
        count=scheme.per_features,
        levels=levels,
        fails=_(", ").join(scheme.fails) or "-",
        basis=scheme.basis,
    )


def _facts(lines: list[tuple[str, str]]) -> Iterator[str]:
    yield '<table border="0" cellspacing="0" cellpadding="2">\n'
    cell = '<td class="fact">'
    for name, value in lines:
        shown = html.escape(value) or "________________"
        yield f"<tr>{cell}{html.escape(name)}&nbsp;&nbsp;</td>{cell}{shown}</td></tr>\n"
    yield "</table>\n"


def _paragraph(words: str) -> str:
    return f"<p>{html.escape(words)}</p>\n"


def _new_page(heading: str) -> str:
    return f'<h2 style="page-break-before: always">{html.escape(heading)}</h2>\n'


def _image(url: str) -> str:
    return f'<p><img src="{url}" width="{_PICTURE_PX}"></p>\n'
