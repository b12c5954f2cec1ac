from __future__ import annotations

from pathlib import Path

import pytest
import shapely

from hjgis.edits.add import add_feature
from hjgis.edits.attachments import attach, attachments_of, detach, distance_m, propose
from hjgis.edits.copying import change_kind
from hjgis.edits.delete import delete_features
from hjgis.edits.restore import restore
from hjgis.layers.project import Project
from hjgis.models.attachments import LAYER, Content, Paper
from hjgis.models.changes import FeatureKey
from tests import network

A, B = network.PLACES["A"], network.PLACES["B"]


@pytest.fixture
def keys(project: Project) -> dict[str, FeatureKey]:
    return network.build(project)


def paper(
    name: str = "a.jpg", place: tuple[float, float] | None = A, taken: str | None = None
) -> Paper:
    content = Content.of(name.encode(), "image/jpeg", b"small")
    return Paper(name, content, taken, place, 87.5, "Model 7", 640, 480)


def test_a_photo_is_attached_with_all_it_says_and_undone_in_one_step(
    project: Project, keys: dict[str, FeatureKey]
) -> None:
    start = project.content_sha256()
    photo = paper(taken="2026-06-15T10:03:04+08:00")
    project.session.apply(attach(project, [(keys["A"], photo)], photographer="李"))
    (stored,) = attachments_of(project, [keys["A"].uuid])
    assert dict(stored.values) == {
        **project.asset_type(LAYER).empty_values(),
        "asset_layer": "manhole",
        "asset_uuid": keys["A"].uuid,
        "sha256": photo.content.sha256,
        "file_name": "a.jpg",
        "content_type": "image/jpeg",
        "role": "照片",
        "taken_at": "2026-06-15T10:03:04+08:00",
        "x_m": A[0],
        "y_m": A[1],
        "direction_deg": 87.5,
        "photographer": "李",
        "width_px": 640,
        "height_px": 480,
        "size_bytes": 5,
    }
    project.session.undo()
    assert project.content_sha256() == start


def test_what_an_asset_has_already_is_not_attached_again(
    project: Project, keys: dict[str, FeatureKey]
) -> None:
    project.session.apply(attach(project, [(keys["A"], paper())]))
    assert not attach(project, [(keys["A"], paper())])
    twice = attach(project, [(keys["B"], paper()), (keys["B"], paper()), (keys["A"], paper())])
    assert [c.after.values["asset_uuid"] for c in twice.changes if c.after] == [keys["B"].uuid]
    # As another thing it may be there again.
    assert attach(project, [(keys["A"], paper())], role="整改前")


def test_taken_off_photos_come_back_by_undo(project: Project, keys: dict[str, FeatureKey]) -> None:
    project.session.apply(attach(project, [(keys["A"], paper()), (keys["A"], paper("b.jpg"))]))
    start = project.content_sha256()
    first, second = attachments_of(project, [keys["A"].uuid])
    project.session.apply(detach(project, [first.key]))
    assert attachments_of(project, [keys["A"].uuid]) == [second]
    project.session.undo()
    assert project.content_sha256() == start


def test_a_deleted_asset_takes_its_photos_along_and_undo_brings_both(
    project: Project, keys: dict[str, FeatureKey]
) -> None:
    project.session.apply(attach(project, [(keys["A"], paper()), (keys["B"], paper())]))
    start = project.content_sha256()
    project.session.apply(delete_features(project, [keys["A"]]))
    assert project.count(LAYER) == 1
    project.session.undo()
    assert project.content_sha256() == start
    assert project.media.read(paper().content.sha256) == b"a.jpg"


def test_an_asset_that_goes_by_restoring_takes_its_photos_along(
    project: Project, keys: dict[str, FeatureKey]
) -> None:
    project.session.apply(attach(project, [(keys["A"], paper()), (keys["B"], paper())]))
    start = project.content_sha256()
    project.session.apply(restore(project, {keys["A"]: None}))
    assert project.known([keys["A"]]) == {}
    assert [r.values["asset_uuid"] for r in project.store.features(LAYER, [1, 2])] == [
        keys["B"].uuid
    ]
    project.session.undo()
    assert project.content_sha256() == start
    # As another kind of asset it keeps them.
    point = change_kind(project, [keys["A"]], "pipe_point")
    (after,) = [c.after for c in point.changes if c.after and c.after.key.layer == "pipe_point"]
    project.session.apply(restore(project, {keys["A"]: None, after.key: after}))
    assert project.count(LAYER) == 2


def test_how_far_away_a_photo_was_taken_is_known(
    project: Project, keys: dict[str, FeatureKey]
) -> None:
    feature = project.get(keys["A"])
    assert distance_m(feature, paper(place=(A[0] + 300, A[1] + 400))) == 500
    assert distance_m(feature, paper(place=None)) is None


def test_photos_find_the_nearest_asset_and_say_how_sure_that_is(
    project: Project, keys: dict[str, FeatureKey]
) -> None:
    photos = [
        paper("at A.jpg", (A[0] + 3, A[1] + 4)),
        paper("between.jpg", (A[0] + 14, A[1])),
        paper("far.jpg", (A[0] - 100, A[1])),
        paper("nowhere.jpg", None),
    ]
    found = propose(project, photos, ["manhole"])
    assert [(p.key, p.distance_m, p.sure) for p in found] == [
        (keys["A"], 5.0, True),
        (keys["A"], 14.0, False),
        (None, None, False),
        (None, None, False),
    ]
    # The pipes that end at a manhole do not make it doubtful.
    every = propose(project, photos[:1], ["pipe_line", "manhole"])[0]
    assert (every.key, every.sure) == (keys["A"], True)
    # Only the kinds that are asked for.
    assert propose(project, photos[:1], ["toilet"])[0].key is None


def test_a_doubtful_photo_follows_the_one_taken_just_before(
    project: Project, keys: dict[str, FeatureKey]
) -> None:
    sure = paper("sure.jpg", (B[0], B[1] + 1), "2026-06-15T10:00:00")
    doubtful = paper("doubtful.jpg", (B[0] - 16, B[1]), "2026-06-15T10:00:40")
    later = paper("later.jpg", (B[0] - 16, B[1]), "2026-06-15T10:20:00")
    found = propose(project, [sure, doubtful, later], ["manhole"])
    assert [(p.key, p.sure) for p in found] == [
        (keys["B"], True),
        (keys["B"], True),
        (keys["A"], False),
    ]


def test_a_line_is_as_near_as_its_nearest_point(project: Project, tmp_path: Path) -> None:
    change = add_feature(project, "road", shapely.MultiLineString([[A, (A[0] + 500, A[1])]]))
    project.session.apply(change)
    (found,) = propose(project, [paper("x.jpg", (A[0] + 250, A[1] + 8))], ["road"])
    assert (found.distance_m, found.sure) == (8.0, True)
