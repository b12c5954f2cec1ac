"""Records belong to assets: they go with them and come back with them."""

from __future__ import annotations

from hjgis.edits.delete import delete_features
from hjgis.layers.project import Project
from hjgis.models.changes import Change, ChangeSet, Feature, FeatureKey, new_uuid
from tests.network import build


def record_of(project: Project, key: FeatureKey, layer: str = "inspection") -> Feature:
    values = project.asset_type(layer).empty_values()
    values |= {"asset_layer": key.layer, "asset_uuid": key.uuid}
    record = Feature(FeatureKey(layer, new_uuid()), None, values)
    project.session.apply(ChangeSet("edit.add", (Change(None, record),)))
    return project.get(record.key)


def test_the_records_of_an_asset_are_found_by_its_identity(project: Project) -> None:
    keys = build(project)
    first, second = list(keys.values())[:2]
    records = [record_of(project, first, layer) for layer in ("inspection", "attachment")]
    record_of(project, second)
    found = project.records_of([first.uuid])
    assert sorted(map(str, (f.key for f in found))) == sorted(map(str, (r.key for r in records)))
    assert project.records_of([]) == ()


def test_an_asset_takes_its_records_along_and_undo_brings_both_back(project: Project) -> None:
    key = next(iter(build(project).values()))
    record = record_of(project, key)
    before = project.content_sha256()
    project.session.apply(delete_features(project, [key]))
    assert project.known([key, record.key]) == {}
    project.session.undo()
    assert project.content_sha256() == before


def test_a_record_that_is_deleted_with_its_asset_is_deleted_once(project: Project) -> None:
    key = next(iter(build(project).values()))
    record = record_of(project, key)
    project.session.apply(delete_features(project, [key, record.key]))
    assert project.count("inspection") == 0
