from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from shapely import LineString, Point

from hjgis.cartography.composition import MapJob, compose
from hjgis.cartography.portraying import Themed, themed
from hjgis.cartography.summaries import summary
from hjgis.errors import HjgisError, UsageError
from hjgis.layers.project import Project
from hjgis.models.themes import Theme, theme, theme_of
from hjgis.reports.theme_figures import write_figures

X, Y = 428_245.0, 4_528_395.0


def telling(layer: str, **said: Any) -> Theme:
    return theme_of(
        {
            "id": "own",
            "label": {"en": "Own", "zh_CN": "自定义"},
            "layers": [layer],
            "subject": [layer],
            "summary": {"layer": layer, **said},
        }
    )


@pytest.fixture
def lamps(own_town, fill) -> Project:
    rows = [("中山路", "LED")] * 3 + [("中山路", "高压钠灯"), ("龙宝街", "高压钠灯"), (None, None)]
    fill(
        own_town,
        {
            "street_lamp": [
                (Point(X + 100 * i, Y), {"road_name": road, "lamp_type": kind})
                for i, (road, kind) in enumerate(rows)
            ]
        },
    )
    return own_town


LEDS = {"rows": "road_name", "columns": "lamp_type", "share": ["LED"], "chart": "stacked"}


def test_rows_columns_totals_and_shares(lamps) -> None:
    found = summary(lamps, Themed(telling("street_lamp", **LEDS)))
    assert found is not None
    assert found.header[1:] == ("LED", "Others", "Total", "LED (%)")
    assert found.rows == (
        ("中山路", 3, 1, 4, 75.0),
        ("龙宝街", 0, 1, 1, 0.0),
        ("No data", 0, 1, 1, 0.0),
    )
    assert found.total == ("Total", 3, 3, 6, 50.0)
    assert found.chart is not None
    assert found.chart.series[0] == ("LED", (3.0, 0.0, 0.0))


def test_only_what_lies_on_the_sheet_counts_and_that_is_said(lamps) -> None:
    extent = (X - 10, Y - 10, X + 250, Y + 10)
    found = summary(lamps, Themed(telling("street_lamp", **LEDS)), extent)
    assert found is not None
    assert found.total == ("Total", 3, 3, 100.0)
    assert "this sheet" in found.note
    elsewhere = summary(lamps, Themed(telling("street_lamp", **LEDS)), (0.0, 0.0, 1.0, 1.0))
    assert elsewhere is not None
    assert elsewhere.rows == ()


def test_lengths_are_cut_at_the_edge_of_the_sheet(own_town, fill) -> None:
    line = LineString([(X, Y - 300), (X + 1000, Y - 300)])
    fill(own_town, {"pipe_line": [(line, {"kind": "YS"})]})
    telling_km = telling("pipe_line", rows="kind", measure="length_km")
    whole = summary(own_town, Themed(telling_km))
    part = summary(own_town, Themed(telling_km), (X + 250, Y - 400, X + 900, Y - 200))
    assert whole is not None
    assert part is not None
    assert whole.rows[0] == ("Storm water", 1.0)
    assert part.rows == (("Storm water", 0.65),)


def test_classes_of_the_map_are_rows_with_its_colours(own_town, fill) -> None:
    line = LineString([(X, Y), (X + 1000, Y)])
    fill(own_town, {"pipe_line": [(line, {"kind": "YS", "laid_year": dt.date.today().year - 12})]})
    ages = theme("pipe_age")
    reckoned = themed(own_town, ages)
    found = summary(own_town, reckoned)
    assert found is not None
    assert [row[0] for row in found.rows] == ["10–20 years", "No data"]
    assert found.chart is not None
    assert len(found.chart.colours) == len(found.rows)
    assert len(set(found.chart.colours)) == 2


def test_a_layer_or_field_that_is_no_more_tells_nothing(town) -> None:
    assert summary(town, Themed(telling("street_lamp", rows="gone"))) is None
    assert summary(town, Themed(telling("gone", rows="kind"))) is None
    assert summary(town, Themed(theme("overview"))) is None


def test_how_much_is_covered_is_told_under_the_table(town) -> None:
    toilets = theme("toilets")
    found = summary(town, themed(town, toilets))
    assert found is not None
    assert "covers 0.28 km²" in found.note


def test_the_figures_are_on_the_page(lamps) -> None:
    made = compose(MapJob(lamps, theme="lamps"))
    assert made.figures is not None
    assert made.figures.total[-2] == 6


def test_figures_are_written_as_workbook_and_pictures(lamps, tmp_path: Path) -> None:
    found = summary(lamps, Themed(telling("street_lamp", **LEDS)))
    assert found is not None
    write_figures(lamps, found, tmp_path / "表.xlsx")
    sheet = load_workbook(tmp_path / "表.xlsx").active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3, max_row=7)]
    assert rows[1] == ["中山路", 3, 1, 4, 75]
    assert rows[4][-1] == 50
    write_figures(lamps, found, tmp_path / "图.svg")
    assert b"<svg" in (tmp_path / "图.svg").read_bytes()
    write_figures(lamps, found, tmp_path / "图.png")
    assert (tmp_path / "图.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(UsageError):
        write_figures(lamps, found, tmp_path / "图.txt")
    with pytest.raises(HjgisError):
        write_figures(lamps, found, tmp_path / "none" / "表.xlsx")


@pytest.mark.parametrize("name", ["manholes", "pipes", "toilets", "completeness", "grids"])
def test_shipped_themes_tell_something_of_an_almost_empty_town(town, name: str) -> None:
    compose(MapJob(town, theme=name, center=(X, Y), scale=5000))
