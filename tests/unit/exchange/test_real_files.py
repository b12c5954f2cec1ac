"""Other people's files, all of them: read, or refused in words; no record is lost silently."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.real_files import Outcome, import_all, networks, page


@pytest.fixture(scope="module")
def outcomes(real_data: Path) -> dict[tuple[str, str], Outcome]:
    return {(o.file, o.layer): o for o in import_all(real_data)}


@pytest.mark.parametrize(
    ("file", "layer", "read", "imported", "encoding"),
    [
        ("nasty/shp/deleted/archsites.shp", "", 21, 21, "utf-8 (detected)"),
        ("nasty/shp/no-shx/nz_pa_points_topo_150k.shp", "", 2143, 2143, "cp1252 (ldid)"),
        ("nasty/shp/null-shapes/LGA_2013_AUST.shp", "", 13, 1, "utf-8 (cpg)"),
        ("nasty/shp/chinese_poly/chinese_poly.shp", "", 1, 1, "gbk (detected)"),
        ("nasty/shp/cpg-ansi1250/codepage.shp", "", 2, 2, "cp1250 (cpg)"),
        ("nasty/dxf/utf-8.dxf", "", 1, 1, "utf-8 (detected)"),
        ("nasty/shp/prj-bom/prjwithutf8bom.shp", "", 1, 1, "cp1252 (ldid)"),
        ("nasty/shp/zm/pointzm_with_one_valid_m.shp", "", 2, 2, "utf-8 (format)"),
        ("nasty/shp/hole-outside-shell/multipolygon_as_invalid_polygon.shp", "", 2, 1, None),
        ("nasty/dbf/gdal-chinese.dbf", "", 1, 1, "gbk (ldid)"),
        ("nasty/dbf/mapshaper-gbk.dbf", "", 1, 1, "gbk (detected)"),
        ("nasty/dbf/mapshaper-utf8.dbf", "", 1, 1, "utf-8 (detected)"),
        ("nasty/gpkg/stringpk.gpkg", "", 3, 3, "utf-8 (format)"),
        ("taipei-open-data/臺北市親子友善廁所點位資訊.csv", "", 393, 393, "big5 (detected)"),
        ("taipei-open-data/樹籍資料匯出-202603201657.csv", "", 3874, 3874, "utf-8-sig (format)"),
        ("bikes-chiba/parking.geojson", "", 51, 51, "utf-8 (format)"),
        ("parking-burlington/parking_lots.geojson", "", 30, 30, "utf-8 (format)"),
        ("parking-burlington/parking_meters.geojson", "", 204, 204, "utf-8 (format)"),
        ("toilets-norwich-osm/toilets-amenity.geojson", "", 47, 47, "utf-8 (format)"),
        ("toilets-norwich-osm/parkingSpaces.geojson", "", 654, 654, "utf-8 (format)"),
        ("parks-mecklenburg/parks.geojson", "", 190, 190, "utf-8 (format)"),
        ("parks-mecklenburg/greenways.geojson", "", 307, 307, "utf-8 (format)"),
        ("water-ky4/ky4_junctions.geojson", "", 959, 959, "utf-8 (format)"),
        ("water-ky4/ky4_pipes.geojson", "", 1156, 1156, "utf-8 (format)"),
        ("town-bangor/roads.geojson", "", 2099, 2099, "utf-8 (format)"),
        ("town-bangor/sanitaryCatchbasin.geojson", "", 783, 783, "utf-8 (format)"),
        ("boundary-china/杭锦后旗.json", "", 1, 1, "utf-8 (format)"),
        ("streetlights-dc/streetlights.csv", "", 3963, 3963, "utf-8-sig (format)"),
        ("town-bangor/sanitaryManhole.geojson", "", 3146, 3146, "utf-8 (format)"),
        ("town-bangor/sanitaryPipe.geojson", "", 5100, 5100, "utf-8 (format)"),
        ("water-net3/Net3.inp", "pipes", 117, 117, "utf-8 (detected)"),
    ],
)
def test_counts_and_encodings_are_those_that_the_files_have(
    outcomes: dict[tuple[str, str], Outcome],
    file: str,
    layer: str,
    read: int,
    imported: int,
    encoding: str | None,
) -> None:
    found = outcomes[file, layer]
    assert (found.read, found.imported) == (read, imported)
    assert encoding in (found.encoding, None)


def test_the_sewers_of_a_town_become_a_network_and_every_loose_end_is_told(real_data: Path) -> None:
    town, ours = networks(real_data)
    assert (town.nodes, town.pipes, town.ends) == (3146, 5100, 10_200)
    # What the tables hold: 12 and 16 blank, 1107 and 1620 NO MH, 996 and 257 others unknown, and
    # 12 ends that name one of the five numbers given twice.
    assert town.dangling == {
        "is blank": 28,
        "says NO MH": 2727,
        "names no node": 1253,
        "names a repeated number": 12,
    }
    assert town.connected == 6180
    assert (ours.nodes, ours.pipes, ours.connected, ours.ends) == (12, 11, 22, 22)


def test_what_is_refused_names_the_file_and_nothing_else_goes_wrong(
    outcomes: dict[tuple[str, str], Outcome],
) -> None:
    refused = [o for o in outcomes.values() if o.refused]
    for outcome in refused:
        known = ("columns", "Latitude", "no geometry", Path(outcome.file).stem)
        assert any(words in outcome.refused for words in known), outcome.refused
    assert len(refused) < len(outcomes) / 3
    assert page(list(outcomes.values())).count("\n| ") == len(outcomes) + 2


def test_no_file_is_said_to_be_spoilt_but_the_one_that_is(
    outcomes: dict[tuple[str, str], Outcome],
) -> None:
    alarms = {
        outcome.file: words
        for outcome in outcomes.values()
        for words in outcome.said
        if "should read" in words or "before the file was saved" in words
    }
    assert list(alarms) == ["nasty/shp/cpg-ansi1250/codepage.shp"]
    assert "??: only question marks" in alarms.popitem()[1]


def test_the_page_of_the_documentation_is_what_comes_of_them(
    outcomes: dict[tuple[str, str], Outcome], real_data: Path
) -> None:
    told = (Path(__file__).parents[3] / "docs" / "exchange.md").read_text("utf-8")
    assert page(list(outcomes.values()), networks(real_data)) == told
