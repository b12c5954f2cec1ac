from __future__ import annotations

import random
import sqlite3

import pytest
import shapely

from hjgis.checks import completeness, gaps, runner
from hjgis.layers.project import Project
from hjgis.models.changes import Change, ChangeSet, Feature, FeatureKey, new_uuid
from tests.unit.checks.faults import X, Y, add, at


def scatter(project: Project, count: int) -> None:
    """Toilets and lamps in which any field may be null, empty or unknown."""
    chance = random.Random(83)
    for layer in ("toilet", "street_lamp"):
        asset = project.asset_type(layer)
        changes = []
        for number in range(count):
            values = {
                field.name: chance.choice([None, "", "不详", field.name])
                if field.type in ("text", "code")
                else chance.choice([None, 1])
                for field in asset.fields
            }
            feature = Feature(FeatureKey(layer, new_uuid()), at(number), values)
            changes.append(Change(None, feature))
        project.session.apply(ChangeSet("edit.add", tuple(changes)))


def sql_shares(project: Project, layer: str) -> dict[str, float | None]:
    connection = sqlite3.connect(project.path)
    required = [field.name for field in project.asset_type(layer).fields if field.required]
    shares = {
        name: connection.execute(f"SELECT avg(coalesce({name}, '') != '') FROM {layer}").fetchone()[
            0
        ]
        for name in required
    }
    connection.close()
    return shares


def test_the_share_of_several_layers_is_that_of_all_their_values(project: Project) -> None:
    scatter(project, 30)
    found = runner.run(project).completeness
    asked = {layer: 30 * len(found[layer].fields) for layer in ("toilet", "street_lamp")}
    assert {layer: found[layer].asked for layer in asked} == asked
    filled = sum((found[layer].overall or 0.0) * count for layer, count in asked.items())
    share = completeness.of_all(found.values())
    assert share == pytest.approx(filled / sum(asked.values()))
    assert completeness.of_all([]) is None


def test_shares_are_those_of_an_sql_count(project: Project) -> None:
    scatter(project, 60)
    found = runner.run(project).completeness
    for layer in ("toilet", "street_lamp"):
        expected = sql_shares(project, layer)
        assert found[layer].features == 60
        assert found[layer].fields == expected
        filled = sum(round(share * 60) for share in expected.values() if share is not None)
        assert found[layer].overall == filled / (60 * len(expected))
        assert 0.3 < found[layer].overall < 0.7


def test_every_asset_kind_is_measured_and_no_reference_layer(project: Project) -> None:
    kinds = {asset.id for asset in project.catalogue.assets if asset.id in project.types}
    assert runner.run(project).completeness.keys() == kinds


def test_a_layer_without_features_has_no_share(project: Project) -> None:
    entry = runner.run(project).completeness["toilet"]
    assert (entry.features, entry.overall) == (0, None)
    assert set(entry.fields.values()) == {None}


def test_an_extent_counts_the_features_in_it(project: Project) -> None:
    scatter(project, 10)
    report = runner.run(project, extent=(X - 0.5, Y - 1, X + 2.5, Y + 1))
    assert report.completeness["toilet"].features == 3
    assert report.checked["toilet"] == 3


def test_classes_are_measured_apart_and_add_up(project: Project) -> None:
    add(project, "street_lamp", at(), lamp_type="LED", pole_no="1", lamp_heads=2)
    add(project, "street_lamp", at(1), lamp_type="LED", pole_no="2")
    add(project, "street_lamp", at(2), lamp_type="高压钠灯")
    add(project, "street_lamp", at(3))
    classes = gaps.read(project, "street_lamp").tally("class")
    assert sorted(map(str, classes.values)) == ["LED", "None", "高压钠灯"]
    led, unknown = classes.values.index("LED"), classes.values.index(None)
    assert classes.features[led] == 2
    assert gaps.share(*classes.figures(led, "pole_no")) == 1.0
    assert gaps.share(*classes.figures(led, "lamp_heads")) == 0.5
    assert gaps.share(*classes.figures(unknown)) == 0.0


def test_the_features_that_lack_a_field_can_be_selected(project: Project) -> None:
    add(project, "toilet", at(), component_name="一号")
    for name in (None, ""):
        add(project, "toilet", at(5), component_name=name)
    fids = gaps.read(project, "toilet").fids_lacking("component_name")
    named = project.table("toilet", ["component_name"], fids=fids.tolist()).columns
    assert named["component_name"].tolist() == [None, ""]


def test_a_field_counts_only_where_it_has_a_meaning_and_unknown_is_an_answer(
    project: Project,
) -> None:
    line = shapely.LineString([(X, Y), (X + 10, Y)])
    rows = [
        {"kind": "WS"},
        {"kind": "WS", "unknown_fields": "diameter_mm laid_year"},
        {"kind": "WS", "diameter_mm": 300},
        {"kind": "GD"},
    ]
    changes = [
        Change(None, Feature(FeatureKey("pipe_line", new_uuid()), line, values)) for values in rows
    ]
    project.session.apply(ChangeSet("edit.add", tuple(changes)))
    found = runner.run(project, only=["attribute.required"]).completeness["pipe_line"]
    assert found.fields["diameter_mm"] == 2 / 3, "a cable has none; one is known to be unknown"
    assert found.fields["laid_year"] == 1 / 4
    lacking = gaps.read(project, "pipe_line").fids_lacking("diameter_mm")
    assert lacking.tolist() == [1]
    assert gaps.read(project, "pipe_line").fids_lacking("laid_year").tolist() == [1, 3, 4]
