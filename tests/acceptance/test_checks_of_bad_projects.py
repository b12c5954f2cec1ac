"""Projects as bad as can be: every check has its say, every list and paper comes out."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
import shapely
from openpyxl import load_workbook
from PySide6.QtWidgets import QApplication
from shapely.geometry.base import BaseGeometry

from hjgis.cartography.visit_sheet import write_visit_sheet
from hjgis.checks import gaps, renewal, runner, targets, visits
from hjgis.checks.rules.register import all_rules
from hjgis.checks.runner import CheckReport
from hjgis.exchange.visit_layer import write_visits
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType, Field, Value
from hjgis.models.catalogue_files import catalogue
from hjgis.models.changes import Change, ChangeSet, Feature, FeatureKey, new_uuid
from hjgis.reports import renewal as renewal_report
from hjgis.reports.inspection import write_report
from hjgis.reports.tables import write_tables
from hjgis.reports.targets import write_targets
from tests.unit.checks.examples import EXAMPLES
from tests.unit.checks.faults import BOW_TIE, X, Y, add, at, foreign_all, line

NAMES: Final = (
    "😀🚽", "𠮷野家路", "\u202eعربي\u202c", "长" * 10_000, "=cmd|' /C calc'!A0", "+1", "-1",
    "@SUM(A1)", "a\x00b\x07", "'; DROP TABLE manhole; --", "<b>&amp;{}{0}%s\\", "\t\n", "\ufeff",
)  # fmt: skip
DAYS: Final = ("0001-01-01", "9999-12-31", "2020-02-30", "2020", "-5000-01-01", "昨天", "9" * 30)
NUMBERS: Final = (0, -1, 1e308, -1e308, 5e-324, 2**53, 9_999_999)


def use_everything(project: Project, folder: Path) -> CheckReport:
    """Check, measure, list and print all that can be; no check may fail."""
    report = runner.run(project, only=[*all_rules()])
    assert not report.failed, report.failed
    json.dumps(report.to_json(), allow_nan=False).encode()
    for suffix in (".xlsx", ".html", ".pdf"):
        write_report(project, report, (folder / "report").with_suffix(suffix))
    results = targets.measure(project)
    tasks = targets.task_results(project, results)
    json.dumps(targets.to_json(results, tasks), allow_nan=False).encode()
    write_targets(project, tasks, folder / "targets.pdf")
    found = renewal.candidates(project)
    json.dumps(renewal_report.to_json(found, project.catalogue), allow_nan=False).encode()
    write_tables(folder / "renewal.xlsx", "x", renewal_report.tables(found, project.catalogue))
    for asset in project.catalogue.types.values():
        if asset.kind == "asset" and asset.id in project.types:
            held = gaps.read(project, asset.id)
            for by in (None, *held.groups):
                tally = held.tally(by)
                figures = map(tally.figures, range(len(tally)))
                assert all(0 <= gap <= asked for asked, gap in figures)
    seen = visits.find_visits(project)
    write_visit_sheet(project, seen, folder / "visits.pdf")
    for suffix in (".gpkg", ".csv"):
        write_visits(project, seen, folder / f"visits{suffix}")
    return report


POINTS: Final = (
    at(), at(), at(math.inf), at(0, -math.inf), shapely.Point(), shapely.Point(1e300, Y),
    shapely.Point(X, Y, math.nan), shapely.Point(0, 0), shapely.Point(X, Y, -1e9),
)  # fmt: skip
LINES: Final = (
    line((0, 0), (0, 0)), line((0, 0), (math.inf, 0)), shapely.LineString(),
    line((0, 0), (10, 0), (0, 0), (10, 0)), line(*((n % 7, n % 3) for n in range(400))),
    line((0, 0), (1e9, 1e9)), line((0, 0), (1e-9, 0)),
)  # fmt: skip
AREAS: Final = (
    BOW_TIE, shapely.Polygon(), shapely.box(X, Y, X, Y), shapely.box(X, Y, X + 1e9, Y + 1e9),
    shapely.Polygon([(X, Y), (X + 5, Y), (X + 10, Y), (X, Y)]),
    shapely.box(X, Y, math.inf, Y + 1),
    shapely.Polygon(
        [(X, Y), (X + 9, Y), (X, Y + 9)], [[(X + 50, Y), (X + 60, Y), (X + 50, Y + 9)]]
    ),
)  # fmt: skip


def places_for(asset: AssetType) -> list[BaseGeometry | None]:
    """Return what no layer should hold, of the layer's kind."""
    if not asset.is_spatial:
        return [None]
    kind = str(asset.geometry).removeprefix("Multi")
    shapes = {"Point": POINTS, "LineString": LINES, "Polygon": AREAS}[kind]
    if kind == asset.geometry:
        return [None, *shapes]
    many = {"LineString": shapely.MultiLineString, "Polygon": shapely.MultiPolygon}[kind]
    return [None, *(many([] if one.is_empty else [one]) for one in shapes)]


def value_for(field: Field, row: int) -> Value:
    if field.type == "boolean":
        return row % 2 == 0
    if field.type == "integer":
        return int((0, -1, 2**53, 9_999_999, -(2**62))[row % 5])
    if field.type == "number":
        return float(NUMBERS[row % len(NUMBERS)])
    if field.type == "date":
        return DAYS[row % len(DAYS)]
    return NAMES[row % len(NAMES)]


def fill(project: Project, value: Callable[[Field, int], Value]) -> None:
    """Store features without any of the program's own care, in every layer."""
    changes = []
    for asset in project.catalogue.types.values():
        if asset.id in project.types:
            for row, place in enumerate(places_for(asset)):
                values = {field.name: value(field, row) for field in asset.fields}
                if asset.id == "pipe_line":
                    values |= {"from_node": None, "to_node": None}
                changes.append(
                    Change(None, Feature(FeatureKey(asset.id, new_uuid()), place, values))
                )
    project.session.apply(ChangeSet("edit.add", tuple(changes)))


@pytest.fixture(autouse=True)
def drawing(qapp: QApplication) -> None:
    assert qapp is not None


def test_layers_without_a_single_row(project: Project, tmp_path: Path) -> None:
    report = use_everything(project, tmp_path)
    assert set(report.checked.values()) == {0}
    assert set(report.summary) <= {"target.unmet"}


def test_columns_without_a_single_value(project: Project, tmp_path: Path) -> None:
    fill(project, lambda _field, _row: None)
    report = use_everything(project, tmp_path)
    assert report.summary["geometry.empty"] > 10
    assert report.summary["geometry.invalid"] > 5
    assert report.summary["attribute.required"] > 10


def test_shapes_names_days_and_numbers_as_bad_as_can_be(project: Project, tmp_path: Path) -> None:
    fill(project, value_for)
    report = use_everything(project, tmp_path)
    assert report.summary["geometry.invalid"] > 5
    # What begins like a formula is a text in the workbook, whatever it says.
    for name in ("report.xlsx", "renewal.xlsx"):
        for sheet in load_workbook(tmp_path / name).worksheets:
            cells = [cell for row in sheet.iter_rows() for cell in row]
            assert cells
            assert not [cell.value for cell in cells if cell.data_type == "f"]
    html = (tmp_path / "report.html").read_text("utf-8")
    assert "<b>&amp;{}" not in html
    assert "𠮷野家路" in html or "😀" in html


def strip(asset: AssetType, kept: int) -> AssetType:
    """Return a kind as a catalogue had it that knew only some of its fields."""
    return replace(asset, fields=asset.fields[:: max(kept, 1)] if kept else asset.fields[:1])


@pytest.mark.parametrize("kept", [0, 2, 3])
def test_a_catalogue_that_knew_fewer_fields(tmp_path: Path, kept: int) -> None:
    now = catalogue()
    types = {asset.id: strip(asset, kept) for asset in now.types.values() if not asset.is_record}
    path = tmp_path / "old.gpkg"
    Project.create(path, catalogue=replace(now, types=types)).close()
    with Project.open(path, write=False) as project:
        use_everything(project, tmp_path)


NETWORK: Final = ("manhole", "pipe_point", "pipe_line")


@pytest.mark.parametrize("others", [(), ("toilet",), ("street_lamp", "road"), ("grid", "park")])
def test_a_catalogue_that_knew_fewer_layers(tmp_path: Path, others: tuple[str, ...]) -> None:
    now = catalogue()
    path = tmp_path / "old.gpkg"
    old = replace(now, types={name: now.types[name] for name in (*NETWORK, *others)})
    with Project.create(path, catalogue=old) as project:
        for name in old.types:
            for place in places_for(now.types[name])[:3]:
                add(project, name, place)
    before = path.read_bytes()
    with Project.open(path, write=False) as project:
        use_everything(project, tmp_path)
    assert path.read_bytes() == before


def test_types_that_no_column_should_hold(project: Project, tmp_path: Path) -> None:
    fill(project, value_for)
    odds: list[tuple[str, tuple[Value]]] = []
    for asset in project.catalogue.types.values():
        if asset.id in project.types:
            for number, field in enumerate(asset.fields):
                odd = ("x", 3.5, 7, "1e5", None)[number % 5]
                if field.name not in ("from_node", "to_node", "uuid"):
                    sql = f'UPDATE "{asset.id}" SET "{field.name}" = ? WHERE fid % 3 = 1'
                    odds.append((sql, (odd,)))
    foreign_all(project, odds)
    use_everything(project, tmp_path)


def test_a_project_that_is_only_read_has_its_report(project: Project, tmp_path: Path) -> None:
    for faulty, _faultless in [*EXAMPLES.values()][:5]:
        faulty(project)
    path = project.path
    project.close()
    before = path.read_bytes()
    path.chmod(0o444)
    with Project.open(path, write=False) as opened:
        use_everything(opened, tmp_path)
    assert path.read_bytes() == before
