"""Pictures made from the one before: they must be what painting all of it would give."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from hjgis.edits.add import add_feature
from hjgis.edits.delete import delete_features
from hjgis.edits.move import move_node
from hjgis.errors import Cancelled
from hjgis.layers.columns import read_columns
from hjgis.layers.project import Project
from hjgis.layers.texts import LabelTexts
from hjgis.models.changes import BulkInsert, ChangeSet, FeatureKey
from hjgis.models.styles.stylefile import style_for
from hjgis.render.frame import MapFrame
from hjgis.render.map_picture import MapSource
from hjgis.ui.map.map_layers import MapLayers
from hjgis.ui.map.pictures import FrameRequest, Picture, PictureMaker, Shot
from hjgis.ui.map.viewport import panned

CENTER = (428_050.0, 4_528_050.0)
FRAME = MapFrame.at_scale(CENTER, 500, width_px=400, height_px=300)


class Patient:
    superseded = False

    def report(self, done: int, total: int, key: str) -> None: ...

    def check(self) -> None: ...


@pytest.fixture
def layers(project: Project, keys: dict[str, FeatureKey]) -> MapLayers:
    del keys
    rng = np.random.default_rng(4)
    places = rng.uniform((427_980, 4_527_980), (428_120, 4_528_120), (300, 2))
    wells = BulkInsert("manhole", shapely.points(places), {"cover_kind": ["污水井盖"] * 300})
    lines = shapely.linestrings(np.stack([places, places + rng.normal(0, 20, (300, 2))], axis=1))
    pipes = BulkInsert("pipe_line", lines, {"kind": ["YS"] * 300})
    bays = BulkInsert("parking_bay", shapely.buffer(shapely.points(places + 3), 2), {})
    project.session.apply(ChangeSet("import", bulk=(wells, pipes, bays), params={}))
    held = MapLayers(project.types)
    held.load(
        {
            layer: read_columns(project.store, asset, style_for(asset))
            for layer, asset in project.types.items()
        },
        project,
    )
    return held


@pytest.fixture
def maker(project: Project) -> Iterator[PictureMaker]:
    made = PictureMaker(LabelTexts(project.reader))
    yield made
    made.close()


def last_of(maker: PictureMaker, request: FrameRequest) -> Picture:
    return list(maker.pictures(request, Patient()))[-1]


def pixels(shot: Shot | None) -> NDArray[np.int16]:
    assert shot is not None
    image: QImage = shot.image
    flat = np.frombuffer(image.constBits(), np.uint8)
    return flat.reshape(image.height(), image.width(), 4).astype(np.int16)


def assert_same(picture: Picture, request: FrameRequest, project: Project) -> None:
    """Compare with a picture that owes nothing to an earlier one, at the same pixels."""
    frame, base = request.frame, picture.base.frame
    exact = replace(frame, center_x=base.center_x, center_y=base.center_y)
    fresh = PictureMaker(LabelTexts(project.reader))
    whole = last_of(fresh, replace(request, frame=exact))
    fresh.close()
    apart = np.abs(pixels(picture.base) - pixels(whole.base)).max(axis=2)
    # Antialiased edges that pieces share may differ by a shade.
    assert np.count_nonzero(apart > 24) == 0
    if whole.labels is not None:
        assert np.array_equal(pixels(picture.labels), pixels(whole.labels))


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_a_moved_map_is_what_painting_all_of_it_would_give(
    project: Project, layers: MapLayers, maker: PictureMaker, ratio: float
) -> None:
    dice, frame = random.Random(1), FRAME
    for _step in range(12):
        request = FrameRequest(frame, ratio, layers.sources())
        assert_same(last_of(maker, request), request, project)
        frame = panned(frame, dice.randint(-60, 60), dice.randint(-60, 60))


def test_an_edit_repaints_what_it_touched(
    project: Project, layers: MapLayers, maker: PictureMaker
) -> None:
    dice, frame = random.Random(2), FRAME
    project.session.listen(lambda told: layers.follow(told, project.store))
    for step in range(15):
        wells = [feature.key for feature in project.store.features("manhole", range(1, 60))]
        spot = shapely.Point(CENTER[0] + dice.uniform(-40, 40), CENTER[1] + dice.uniform(-30, 30))
        edits = (
            lambda spot=spot, wells=wells: move_node(project, dice.choice(wells), spot),
            lambda spot=spot: add_feature(project, "manhole", spot, {"exp_no": "新"}),
            lambda wells=wells: delete_features(project, [dice.choice(wells[5:])]),
        )
        project.session.apply(edits[step % 3]())
        if step % 5 == 4:
            project.session.undo()
            frame = panned(frame, 15, -7)
        request = FrameRequest(frame, 1.0, layers.sources())
        assert_same(last_of(maker, request), request, project)


def test_nothing_is_painted_where_nothing_has_changed(
    layers: MapLayers, maker: PictureMaker
) -> None:
    request = FrameRequest(FRAME, 1.0, layers.sources())
    first = last_of(maker, request)
    again = last_of(maker, replace(request))
    assert again.base.image is first.base.image
    assert again.labels is first.labels


def test_the_map_comes_first_and_its_labels_follow(layers: MapLayers, maker: PictureMaker) -> None:
    request = FrameRequest(FRAME, 1.0, layers.sources())
    last_of(maker, request)
    moved = replace(request, frame=panned(FRAME, 30, 0))
    early, late = maker.pictures(moved, Patient())
    assert (early.complete, late.complete) == (False, True)
    assert early.labels is not None
    assert early.labels.frame != early.base.frame
    assert late.labels is not None
    assert late.labels.frame == late.base.frame


def test_labels_of_another_scale_are_not_shown(layers: MapLayers, maker: PictureMaker) -> None:
    request = FrameRequest(FRAME, 1.0, layers.sources())
    last_of(maker, request)
    nearer = replace(request, frame=replace(FRAME, m_per_px=FRAME.m_per_px / 2))
    early, late = maker.pictures(nearer, Patient())
    assert early.labels is None
    assert early.flat is early.base
    assert late.labels is not None


def test_labels_of_a_size_for_paper_are_large_enough_to_be_read_on_the_screen(
    layers: MapLayers, maker: PictureMaker
) -> None:
    def written(size_mm: float) -> NDArray[np.int16]:
        sources = []
        for source in layers.sources():
            label = source.style.label
            sized = replace(label, size_mm=size_mm) if label is not None else None
            sources.append(replace(source, style=replace(source.style, label=sized)))
        return pixels(last_of(maker, FrameRequest(FRAME, 1.0, tuple(sources))).labels)

    fine, readable, large = written(1.5), written(2.4), written(3.0)
    assert readable.any()
    assert np.array_equal(fine, readable)
    assert not np.array_equal(readable, large)


def test_what_is_selected_lies_apart_and_leaves_the_map_alone(
    layers: MapLayers, maker: PictureMaker
) -> None:
    sources = layers.sources()
    first = last_of(maker, FrameRequest(FRAME, 1.0, sources))
    wells = next(item for item in sources if item.columns.layer == "manhole")
    chosen = last_of(maker, FrameRequest(FRAME, 1.0, sources, wells, np.arange(1, 40)))
    assert chosen.base.image is first.base.image
    assert pixels(chosen.selection)[..., 3].any()
    none = last_of(maker, FrameRequest(FRAME, 1.0, sources))
    assert none.selection is None


def test_very_many_selected_features_have_halos_too(
    project: Project, layers: MapLayers, maker: PictureMaker
) -> None:
    places = np.random.default_rng(1).uniform(CENTER, np.add(CENTER, 60), (5_000, 2))
    many = BulkInsert("manhole", shapely.points(places), {})
    told = project.session.apply(ChangeSet("import", bulk=(many,), params={}))
    wells = layers["manhole"]
    columns = wells.columns.updated(told.layers["manhole"], project.store, wells.style)
    source = MapSource(columns, wells.style, wells.asset.label)
    fids = project.store.fids("manhole")
    picture = last_of(maker, FrameRequest(FRAME, 1.0, (source,), source, fids))
    assert pixels(picture.selection)[..., 3].any()


def test_a_picture_that_is_given_up_leaves_the_last_one(
    layers: MapLayers, maker: PictureMaker
) -> None:
    class Gone(Patient):
        def check(self) -> None:
            raise Cancelled

    request = FrameRequest(FRAME, 1.0, layers.sources())
    first = last_of(maker, request)
    far = replace(request, frame=panned(FRAME, 5000, 0))
    with pytest.raises(Cancelled):
        list(maker.pictures(far, Gone()))
    assert last_of(maker, request).base.image is first.base.image
