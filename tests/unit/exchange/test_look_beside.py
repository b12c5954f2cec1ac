"""Shapefiles that QGIS shows as they are shown here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from benchmarks.qgis_beside import is_there
from benchmarks.style_gallery import ask
from hjgis.exchange import exporting
from hjgis.exchange.outgoing import Writing
from hjgis.layers.project import Project
from hjgis.models.styles.style import Style
from hjgis.models.styles.stylefile import style_for
from tests.exported import choose
from tests.unit.checks.faults import add, at, line

PIPE = {"kind": "WS", "diameter_mm": 300, "material": "砼"}


def written(project: Project, out: Path, *fields: str, symbols: bool = True) -> Path:
    """Write pipes and manholes with some fields of pipes, all if none is named."""
    selection = replace(
        choose(project, ("manhole", "pipe_line")),
        fields={"pipe_line": fields} if fields else {},
    )
    writing = Writing("shp", project.crs, symbols=symbols)
    exporting.write(project, out, selection, writing)
    return out


@pytest.fixture
def town(project: Project) -> Project:
    add(project, "manhole", at(0, 0), exp_no="WS1", cover_kind="污水")
    add(project, "pipe_line", line((0, 0), (30, 0)), **PIPE)
    return project


def test_symbols_lie_beside_shapefiles_only_when_they_are_wanted(
    town: Project, tmp_path: Path
) -> None:
    assert not [*written(town, tmp_path / "a", symbols=False).glob("*.qml")]
    found = sorted(path.name for path in written(town, tmp_path / "b").glob("*.qml"))
    assert found == ["manhole.qml", "pipe_line.qml"]


def test_the_look_names_the_columns_of_the_table_and_nothing_that_stays_here(
    town: Project, tmp_path: Path
) -> None:
    out = written(town, tmp_path / "a", "kind", "diameter_mm")
    root = ElementTree.parse(out / "pipe_line.qml").getroot()
    renderer = root.find("renderer-v2")
    assert renderer is not None
    short = {name: town.asset_type("pipe_line").field(name).short for name in PIPE}
    assert renderer.get("attr") == short["kind"]
    (style,) = root.iter("text-style")
    assert short["diameter_mm"] in str(style.get("fieldName"))
    assert short["material"] not in str(style.get("fieldName"))
    assert {one.get("field") for one in root.iter("alias")} == {short["kind"], short["diameter_mm"]}


def test_without_the_field_of_its_classes_a_layer_has_one_sign(
    town: Project, tmp_path: Path
) -> None:
    out = written(town, tmp_path / "a", "diameter_mm")
    renderer = ElementTree.parse(out / "pipe_line.qml").getroot().find("renderer-v2")
    assert renderer is not None
    assert renderer.get("type") == "singleSymbol"


@pytest.mark.skipif(not is_there(), reason="QGIS is not installed")
def test_qgis_takes_the_look_by_itself(town: Project, tmp_path: Path) -> None:
    out = written(town, tmp_path / "a")
    told: dict[str, Any] = {}
    for name in ("manhole", "pipe_line"):
        asked = {"project": str(out / f"{name}.shp"), "layers": {name: {"fids": [0]}}}
        (tmp_path / name).mkdir()
        told |= ask(asked, tmp_path / name)["layers"]
    for name, facts in told.items():
        asset = town.asset_type(name)
        style: Style = style_for(asset)
        assert facts["valid"]
        assert facts["broken"] == []
        labels = [item.label["zh_CN"] for item in style.all_classes]
        assert [entry["label"] for entry in facts["classes"]] == labels
        kind = asset.field(str(style.class_field))
        assert facts["aliases"][kind.short] == kind.label["zh_CN"]
        assert facts["lists"][kind.short]
    assert told["pipe_line"]["labels"]["texts"]["0"] == "WS DN300 砼"
