"""Map files that other programs read: one job, written as every kind of file."""

from __future__ import annotations

from pathlib import Path

import pypdf
import pytest
from PySide6.QtGui import QImage
from PySide6.QtSvg import QSvgRenderer

from hjgis import paths
from hjgis.cartography.composition import MapJob
from hjgis.cartography.output import render_sheet
from hjgis.i18n import set_language
from hjgis.layers.project import Project

CENTER = (428_245.0, 4_528_395.0)


@pytest.fixture(scope="module")
def sample():
    with Project.open(paths.sample_data() / "town.gpkg", write=False, verify=False) as project:
        yield project


def test_the_sample_is_one_map_in_every_kind_of_file(qapp, sample, tmp_path: Path) -> None:
    set_language("zh_CN")
    job = MapJob(sample, scale=2000, center=CENTER, title="陕坝镇地下管线与街道综合图")
    made = {
        ending: render_sheet(job, tmp_path / f"街道图{ending}", dpi=100)
        for ending in (".pdf", ".svg", ".png", ".tif")
    }
    assert len({result.layers for result in made.values()}) == 1
    reader = pypdf.PdfReader(made[".pdf"].path)
    assert reader.pages[0].extract_text().count("陕坝镇地下管线与街道综合图") == 1
    groups = reader.trailer["/Root"]["/OCProperties"]["/OCGs"]  # type: ignore[index]
    names = {group.get_object()["/Name"] for group in groups}
    assert {"道路", "公园广场", "管线段", "窨井"} <= names
    assert reader.pages[0]["/VP"][0]["/Measure"]["/Subtype"] == "/GEO"  # type: ignore[index]
    assert QSvgRenderer(str(made[".svg"].path)).isValid()
    sizes = {QImage(str(made[ending].path)).size().toTuple() for ending in (".png", ".tif")}
    assert sizes == {(1654, 1169)}
    assert {path.name for path in tmp_path.iterdir()} == {
        *("街道图.pdf", "街道图.svg", "街道图.png", "街道图.tif"),
        *("街道图.pgw", "街道图.tfw", "街道图.prj"),
    }
    # Short numbers: with outlines of letters it was three times as large.
    assert made[".pdf"].path.stat().st_size < 450_000
