"""What may go out, what stays here, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import shapely

from hjgis.delivery.cover import covered_km2
from hjgis.delivery.planning import Planned, plan, writing
from hjgis.errors import HjgisError, UsageError
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType, Field
from hjgis.models.changes import BulkInsert, ChangeSet
from hjgis.models.delivery_rules import delivery_rules
from hjgis.models.query import Condition, Query
from tests.unit.delivery.conftest import X, Y, order

Spread = Callable[[float, float], Project]


def numbers(project: Project, planned: Planned, layer: str = "manhole") -> list[str]:
    fids = planned.selection.rows[layer].tolist()
    return project.table(layer, ["exp_no"], fids=fids).columns["exp_no"].tolist()


# -- what stays here -----------------------------------------------------------------------


def test_secret_military_and_unknown_features_stay_here_and_are_told(stock: Project) -> None:
    planned = plan(stock, order("manhole"))
    assert numbers(stock, planned) == ["WS0", "WS1", "WS2", "WS3", "WS7"]
    told = {one.reason: one.count for one in planned.withheld if one.field is None}
    assert told == {
        "secrecy 秘密": 1, "military facility": 1, "secrecy 天知道, which is no level": 1
    }  # fmt: skip
    assert planned.counts == {"manhole": 5}


def test_layers_of_other_people_are_looked_through(stock: Project) -> None:
    titles = {"a": "名称", "b": "密级", "c": "联系电话"}
    fields = tuple(
        Field(name, "text", {"zh_CN": title, "en": title}, name.upper(), "technical")
        for name, title in titles.items()
    )
    theirs = AssetType("theirs", "reference", "Point", {"zh_CN": "底图", "en": "base"}, fields)
    rows = {
        "a": ["学校", "军事禁区", "库", "库"],
        "b": [None, None, "机密", "内部"],
        "c": ["1"] * 4,
    }
    spots = shapely.points(X + np.arange(4.0), np.full(4, Y))
    bulk = (BulkInsert("theirs", spots, rows),)
    stock.session.apply(ChangeSet("import", bulk=bulk, new_layer=theirs))
    planned = plan(stock, order("theirs"))
    assert planned.selection.rows["theirs"].tolist() == [1, 4]
    assert planned.selection.fields["theirs"] == ("a", "b")
    assert planned.secrecy == "内部"
    label = {"zh_CN": "军用管线", "en": "x"}
    more = AssetType("more", "reference", "Point", label, ())
    bulk = (BulkInsert("more", spots, {}),)
    stock.session.apply(ChangeSet("import", bulk=bulk, new_layer=more))
    with pytest.raises(HjgisError, match=r"4 features \(military facility\)"):
        plan(stock, order("more"))


def test_names_of_persons_and_files_stay_here_whoever_asks_for_them(stock: Project) -> None:
    chosen = {"manhole": ("exp_no", "surveyor", "source_file")}
    planned = plan(stock, order("manhole", fields=chosen))
    assert planned.selection.fields["manhole"] == ("exp_no",)
    told = {one.field: one.count for one in planned.withheld if one.field}
    assert told == {"surveyor": 5, "source_file": 5}


def test_a_trade_gets_the_kinds_and_fields_that_it_needs(stock: Project) -> None:
    planned = plan(stock, order(contractor="lighting"))
    assert set(planned.counts) == {"street_lamp", "road"}
    asset = stock.asset_type("street_lamp")
    groups = {asset.field(name).group for name in planned.selection.fields["street_lamp"]}
    assert groups == {"identity", "technical", "location"}


def test_records_go_out_with_their_features_only(stock: Project) -> None:
    planned = plan(stock, order("manhole", "inspection"))
    fields = planned.selection.fields["inspection"]
    assert "person" not in fields
    assert {"asset_layer", "asset_uuid"} <= set(fields)
    assert planned.counts["inspection"] == 2
    alone = plan(stock, order("inspection"))
    assert alone.counts == {"inspection": 2}


def test_the_rules_name_fields_and_kinds_that_there_are(project: Project) -> None:
    rules = delivery_rules()
    fields = {field.name for asset in project.shipped.types.values() for field in asset.fields}
    groups = set(project.shipped.groups)
    assert {name for rule in rules.fields for name in rule.names} <= fields
    assert {name for rule in rules.kinds for name in rule.fields} <= fields
    assert {*rules.area.not_counted, *rules.ask_first} <= set(project.shipped.types)
    for trade in rules.contractors:
        assert set(trade.kinds) <= set(project.shipped.types)
        assert set(trade.groups) <= groups


# -- which rows ----------------------------------------------------------------------------


def test_features_that_meet_the_area_go_out_whole(stock: Project) -> None:
    area = shapely.box(X - 10, Y - 10, X + 60, Y + 5)
    planned = plan(stock, order("manhole", "road", "inspection"), area=area)
    assert numbers(stock, planned) == ["WS0", "WS1"]
    assert planned.counts == {"road": 1, "manhole": 2, "inspection": 1}
    assert "features that meet it, whole" in planned.place
    assert planned.extent == area.bounds


def test_the_box_of_an_area_is_not_the_area(stock: Project) -> None:
    area = shapely.Polygon([(X - 10, Y - 10), (X + 500, Y - 10), (X - 10, Y + 500)])
    corner = shapely.points([[X + 450, Y + 450]])
    stock.session.apply(ChangeSet("import", bulk=(BulkInsert("toilet", corner, {}),)))
    planned = plan(stock, order("manhole", "toilet"), area=area)
    assert "toilet" not in planned.counts


def test_a_query_or_a_selection_says_which_rows(stock: Project) -> None:
    query = Query("manhole", (Condition("exp_no", "=", "WS3"),))
    assert numbers(stock, plan(stock, order("manhole", "road"), query=query)) == ["WS3"]
    rows = {"manhole": np.array([2, 5, 99], dtype=np.int64)}
    planned = plan(stock, order("manhole", "road"), rows=rows)
    assert (numbers(stock, planned), set(planned.counts)) == (["WS1"], {"manhole"})


# -- secrecy -------------------------------------------------------------------------------


def test_secrecy_is_the_highest_of_features_layers_and_project(stock: Project) -> None:
    assert plan(stock, order("road")).secrecy == "公开"
    lamps = plan(stock, order("street_lamp"))
    assert (lamps.secrecy, lamps.levels) == ("内部", {"street_lamp": "内部"})
    assert plan(stock, order("road", secrecy="机密")).secrecy == "机密"
    stock.set_info("secrecy", "秘密")
    planned = plan(stock, order("road"))
    assert planned.secrecy == "秘密"
    assert any("as the rules for that demand" in words for words in planned.warnings)


def test_secrecy_below_that_of_the_content_is_refused(stock: Project) -> None:
    with pytest.raises(UsageError, match="内部, so it cannot be delivered as 公开"):
        plan(stock, order("manhole", secrecy="公开"))


# -- what is refused -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"recipient": " "}, "who gets the data"),
        ({"purpose": ""}, "what for"),
        ({"formats": ("dwg",)}, "no format dwg"),
        ({"formats": ()}, "at least one format"),
        ({"parts": ("video",)}, "no part video"),
        ({"fields": {"manhole": ("nonsense",)}}, "manhole has no field nonsense"),
        ({"fields": {"nonsense": ()}}, "no layer nonsense"),
        ({"secrecy": "天知道"}, "no secrecy 天知道"),
        ({"contractor": "baker"}, "no trade baker"),
        ({"theme": "nonsense"}, "nonsense"),
        ({"crs": "EPSG:0"}, "EPSG:0"),
    ],
)
def test_a_wrong_order_is_refused_in_words(
    stock: Project, given: dict[str, Any], words: str
) -> None:
    with pytest.raises(HjgisError, match=words):
        plan(stock, order("manhole", **given))


def test_an_unknown_layer_is_refused_with_those_there_are(stock: Project) -> None:
    with pytest.raises(UsageError, match=r"no layer nonsense. There are: .*manhole"):
        plan(stock, order("nonsense"))


@pytest.mark.parametrize(
    "area",
    [
        shapely.Point(X, Y),
        shapely.Polygon(),
        shapely.Polygon([(X, Y), (X + 1, Y + 1), (X + 1, Y), (X, Y + 1)]),
    ],
)
def test_what_is_no_area_is_refused(stock: Project, area: shapely.Geometry) -> None:
    with pytest.raises(UsageError, match="area"):
        plan(stock, order("manhole"), area=area)


def test_nothing_to_deliver_is_told_with_what_stays_here(stock: Project) -> None:
    far = shapely.box(0, 0, 1, 1)
    with pytest.raises(HjgisError, match="no feature of the chosen layers"):
        plan(stock, order("manhole"), area=far)
    with pytest.raises(HjgisError, match=r"(?s)must stay here.*1 feature \(secrecy 秘密\)"):
        plan(stock, order("manhole"), rows={"manhole": np.array([5], dtype=np.int64)})


# -- ground --------------------------------------------------------------------------------


def test_more_than_25_km2_in_one_piece_needs_a_name(spread: Spread) -> None:
    project = spread(5400.0, 200.0)
    with pytest.raises(HjgisError, match="km² in one piece"):
        plan(project, order("street_lamp"))
    planned = plan(project, order("street_lamp", approved="赵局长"))
    assert 25 < planned.patch_km2 < 35
    assert any("approved by 赵局长" in words for words in planned.warnings)


def test_pieces_apart_are_no_continuous_cover(spread: Spread) -> None:
    planned = plan(spread(12_000.0, 500.0), order("street_lamp"))
    assert planned.area_km2 > 40
    assert planned.patch_km2 < 1


def test_boundaries_cover_nothing(project: Project) -> None:
    shape = shapely.MultiPolygon([shapely.box(X, Y, X + 9000, Y + 9000)])
    area = BulkInsert("boundary", np.array([shape], dtype=object), {})
    project.session.apply(ChangeSet("import", bulk=(area,)))
    assert plan(project, order("boundary")).area_km2 == 0


def test_cover_counts_cells_around_and_what_they_enclose() -> None:
    assert covered_km2([shapely.points([[50.0, 50.0]])], 100.0) == pytest.approx((0.09, 0.09))
    ring = np.array([shapely.box(50, 50, 2050, 2050).exterior], dtype=object)
    assert covered_km2([ring], 100.0) == pytest.approx((5.29, 5.29))
    area = np.array([shapely.box(50, 50, 2050, 2050)], dtype=object)
    assert covered_km2([area], 100.0) == pytest.approx((5.29, 5.29))
    nothing = np.array([None, shapely.Point(), shapely.Polygon()], dtype=object)
    assert covered_km2([nothing], 100.0) == (0.0, 0.0)
    far = shapely.points([[50.0, 50.0], [1050.0, 50.0]])
    assert covered_km2([far], 100.0) == pytest.approx((0.18, 0.09))


def test_a_drawing_stays_in_metres_where_the_rest_is_in_degrees(stock: Project) -> None:
    wanted = order("manhole", formats=("shp", "dxf"), crs="EPSG:4490")
    planned = plan(stock, wanted)
    assert writing(stock, wanted, "dxf").crs.text == stock.crs.text
    assert writing(stock, wanted, "shp").crs.is_geographic
    assert any("metres" in words for words in planned.warnings)
