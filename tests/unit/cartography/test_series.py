from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pypdf
import pytest
import shapely
from shapely import LineString, MultiLineString, MultiPolygon, Point, Polygon, box

from hjgis.cartography.composition import MapJob, Place, frame_on
from hjgis.cartography.series import file_names, write_series
from hjgis.cartography.series_cut import MOST_SHEETS, series_places, series_sheet
from hjgis.errors import Cancelled, HjgisError, UsageError
from hjgis.layers.project import Project
from hjgis.models.changes import FeatureKey
from hjgis.models.sheets import sheet

X, Y = 428_245.0, 4_528_395.0
A3 = sheet("a3-landscape")


@pytest.fixture
def gridded(own_town: Project, fill) -> Project:
    """The town with three rows of four grid cells, 150 m × 120 m, and a lamp in some of them."""
    cells = [
        (
            Polygon(
                box(X + 150 * column, Y - 120 * row, X + 150 * column + 150, Y - 120 * row + 120)
            ),
            {"grid_id": f"15082610000{row}00{column}"},
        )
        for row in (2, 0, 1)
        for column in (3, 0, 2, 1)
    ]
    lamps = [
        (Point(X + 75, Y + 60), {}),
        (Point(X + 525, Y - 60), {}),
        (Point(X + 225, Y + 60), {}),
    ]
    fill(own_town, {"grid": cells, "street_lamp": lamps})
    return own_town


def shown(place: Place, paper=A3) -> shapely.Geometry:
    return shapely.box(*frame_on(paper, place).extent)


def uuids(project: Project, layer: str) -> list[FeatureKey]:
    found = project.table(layer, (), geometry=False).uuids.tolist()
    return [FeatureKey(layer, uuid) for uuid in found]


# -- grids -----------------------------------------------------------------------------------


def test_cells_that_hold_something_come_by_rows_from_the_north_west(gridded) -> None:
    places = series_places(gridded, "grid", theme="lamps")
    ends = [place.name[-4:] for place in places]
    assert ends == ["0000", "0001", "1003"]
    assert [place.number for place in places] == [place.name for place in places]


def test_every_frame_covers_its_cell_at_one_scale_that_is_the_largest_usual_one(gridded) -> None:
    places = series_places(gridded, "grid", theme="completeness")
    assert len(places) == 12
    assert {place.scale for place in places} == {1000.0}
    assert all(shown(place).covers(place.outline) for place in places)


def test_a_scale_at_which_a_cell_does_not_fit_is_refused_with_one_that_does(gridded) -> None:
    with pytest.raises(UsageError, match="1:1 000 would do"):
        series_places(gridded, "grid", theme="lamps", scale=250)
    assert series_places(gridded, "grid", theme="lamps", scale=2000)[0].scale == 2000


def test_a_series_of_an_extent_or_of_some_cells_has_only_those(gridded) -> None:
    extent = (X + 1, Y + 1, X + 20, Y + 20)
    assert len(series_places(gridded, "grid", theme="completeness", extent=extent)) == 1
    keys = uuids(gridded, "grid")[:2]
    assert len(series_places(gridded, "grid", theme="completeness", selected=keys)) == 2


def test_areas_without_a_number_are_counted_as_the_pages_lie(own_town: Project, fill) -> None:
    areas = [
        (MultiPolygon([box(X + east, Y, X + east + 50, Y + 50)]), {}) for east in (200, 0, 100)
    ]
    fill(own_town, {"park": areas})
    places = series_places(own_town, "grid", theme="parks", layer="park")
    assert [place.number for place in places] == [str(n + 1) for n in range(len(places))]


def test_two_makings_of_a_series_are_alike(gridded) -> None:
    for kind in ("grid", "road", "target"):
        first, second = (series_places(gridded, kind, theme="overview") for _again in range(2))
        assert [(p.number, p.name, p.center) for p in first] == [
            (p.number, p.name, p.center) for p in second
        ]


# -- roads -----------------------------------------------------------------------------------


def test_strips_cover_every_road_from_end_to_end(own_town: Project, fill) -> None:
    bent = MultiLineString(
        [[(X - 450, Y - 400), (X, Y - 90), (X + 10, Y + 480), (X - 300, Y + 470)]]
    )
    apart = MultiLineString(
        [[(X - 480, Y + 20), (X - 470, Y + 20)], [(X + 400, Y + 9), (X + 480, Y)]]
    )
    fill(own_town, {"road": [(bent, {"road_name": "弯路"}), (apart, {"road_name": "断路"})]})
    places = series_places(own_town, "road", scale=500)
    table = own_town.table("road", ("road_name",))
    for name, shape in zip(table.columns["road_name"], table.geometry, strict=True):
        frames = [shown(place) for place in places if place.name.partition(" (")[0] == name]
        # Two centimetres of paper less: a road does not end in the frame.
        assert shapely.covers(shapely.buffer(shapely.union_all(frames), -4.9), shape), name


@pytest.mark.parametrize(("down", "form"), [(True, "tallstrip"), (False, "strip")])
def test_a_road_is_on_few_strips_of_the_form_that_runs_with_it(
    own_town: Project, fill, down: bool, form: str
) -> None:
    way = [(X + 2000, Y), (X + 2000, Y + 2600)] if down else [(X + 2000, Y), (X + 4600, Y)]
    fill(own_town, {"road": [(MultiLineString([way]), {"road_name": "长路"})]})
    sheets = {
        name: [one for one in series_places(own_town, "road", sheet=name) if "长路" in one.name]
        for name in ("strip", "tallstrip")
    }
    assert len(sheets[form]) == 4
    assert min(map(len, sheets.values())) == 4
    assert max(map(len, sheets.values())) > 10


def test_strips_are_numbered_along_their_road_and_name_who_is_before_and_after(town) -> None:
    places = series_places(town, "road", scale=500)
    first = [place for place in places if place.name.startswith("中山路")]
    count = len(first)
    assert count > 5
    assert [place.name for place in first] == [f"中山路 ({i + 1}/{count})" for i in range(count)]
    assert [place.number for place in places] == [str(i + 1) for i in range(len(places))]
    assert [place.center[0] for place in first] == sorted(place.center[0] for place in first)
    assert first[1].neighbours == ("", "", "", "1", "2", "3", "", "", "")
    symmetric(places)


def symmetric(places: Sequence[Place]) -> None:
    around = {place.number: {*place.neighbours} - {"", place.number} for place in places}
    for number, others in around.items():
        for other in others:
            assert number in around[other]


# -- standard sheets -------------------------------------------------------------------------


def test_standard_sheets_are_those_with_something_of_the_theme_each_at_its_number(town) -> None:
    paper = series_sheet("sheet")
    assert (paper.map_mm.width, paper.map_mm.height) == (500, 500)
    places = series_places(town, "sheet", sheet=paper, scale=500, theme="toilets")
    (only,) = places
    assert only.number == "4528.25-428.25"
    # The point of the worked example lies in the sheet west of the toilet's.
    places = series_places(town, "sheet", sheet=paper, scale=500, theme="pipes")
    assert "4528.25-428.00" in [place.number for place in places]
    for place in places:
        north, east = (float(part) * 1000 for part in place.number.split("-"))
        extent = frame_on(paper, place).extent
        assert extent == pytest.approx((east, north, east + 250, north + 250))


def test_neighbours_of_standard_sheets_name_one_another(town) -> None:
    places = series_places(town, "sheet", sheet=series_sheet("sheet"), scale=500)
    assert len(places) == 6
    assert all(place.neighbours[4] == place.number for place in places)
    assert [place.center for place in places] == sorted(
        (place.center for place in places), key=lambda at: (-at[1], at[0])
    )
    symmetric(places)


def test_an_area_that_only_touches_a_sheet_makes_none(own_town: Project, fill) -> None:
    park = MultiPolygon([box(428_000, 4_528_000, 428_250, 4_528_250)])
    fill(own_town, {"parking_lot": [(park, {})]})
    places = series_places(
        own_town, "sheet", sheet=series_sheet("sheet"), scale=500, theme="parking"
    )
    assert [place.number for place in places] == ["4528.00-428.00"]


# -- features and targets --------------------------------------------------------------------


def test_each_selected_feature_has_a_sheet_named_after_it(town) -> None:
    keys = [*uuids(town, "park"), *uuids(town, "manhole")]
    places = series_places(town, "selected", selected=keys)
    assert [place.number for place in places] == ["1", "2", "3"]
    assert places[0].name == "体育公园"
    assert all(place.name for place in places)
    assert places[1].scale == 500
    assert all(shown(place).covers(place.outline) for place in places)


def test_each_target_that_counts_something_has_a_sheet(town) -> None:
    places = series_places(town, "target")
    assert "TG-05-NAMES" in [place.number for place in places]
    assert len({place.number for place in places}) == len(places)


# -- what cannot be --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "more", "error", "said"),
    [
        ("grid", {}, HjgisError, "no unit grids"),
        ("grid", {"layer": "road"}, UsageError, "no areas"),
        ("road", {"layer": "park"}, UsageError, "no lines"),
        ("road", {"layer": "nonsense"}, UsageError, "nonsense"),
        ("road", {"extent": (0, 0, 1, 1)}, HjgisError, "no roads"),
        ("road", {"scale": 0.5}, UsageError, "from 100 to 1,000,000"),
        ("sheet", {"scale": 500}, UsageError, "500 × 500"),
        ("sheet", {"scale": 5000}, UsageError, "1:2000"),
        (
            "sheet",
            {"sheet": series_sheet("sheet"), "theme": "lamps"},
            HjgisError,
            "nothing to show",
        ),
        ("selected", {}, UsageError, "Nothing is selected"),
        ("selected", {"selected": [FeatureKey("x", "y")]}, UsageError, "no layer x"),
        ("selected", {"selected": [FeatureKey("park", "y")]}, HjgisError, "has a place"),
        ("target", {"extent": (0, 0, 1, 1)}, HjgisError, "No target"),
        ("nonsense", {}, UsageError, "grid, road, sheet, selected, target"),
        ("road", {"theme": "nonsense"}, UsageError, "no theme"),
        ("road", {"sheet": "nonsense"}, UsageError, "no sheet"),
    ],
)
def test_what_cannot_be_a_series_is_said_in_words(town, kind, more, error, said) -> None:
    with pytest.raises(error, match=said):
        series_places(town, kind, **more)


def test_cells_in_which_nothing_of_the_theme_lies_are_said(gridded) -> None:
    with pytest.raises(HjgisError, match="any grid cell"):
        series_places(gridded, "grid", theme="bikes")


# -- writing ---------------------------------------------------------------------------------


def test_a_document_has_an_index_its_sheets_and_a_bookmark_for_each(gridded, tmp_path) -> None:
    places = series_places(gridded, "grid", theme="lamps")
    out = tmp_path / "路灯.pdf"
    made = write_series(MapJob(gridded, theme="lamps"), places, out)
    reader = pypdf.PdfReader(out)
    assert (made.files, made.sheets, made.pages) == ((out,), 3, 4)
    assert len(reader.pages) == 4
    marks = [str(entry.title) for entry in reader.outline]  # type: ignore[union-attr]
    assert marks[0] == "Index of sheets"
    assert [places[0].number in mark for mark in marks[1:]] == [True, False, False]
    words = " ".join(reader.pages[0].extract_text().split())
    assert "index of sheets" in words
    assert all(place.number in words for place in places)
    assert places[2].name in reader.pages[3].extract_text()
    assert not list(tmp_path.glob("*.part*"))


@pytest.mark.parametrize("name", ["a3-landscape", "a4-portrait", "standard"])
def test_the_list_of_an_index_covers_nothing_else(town, name: str) -> None:
    from hjgis.cartography.series_index import list_room, series_index

    paper = sheet(name)
    places = series_places(town, "road", sheet=paper, scale=500)
    page = series_index(MapJob(town), places, paper, title="x").map_page
    room = list_room(page)
    assert room is not None
    for item in page.items:
        if item.kind not in ("map", "column"):
            apart = item.box.x >= room.right or item.box.right <= room.x
            assert apart or item.box.y >= room.bottom or item.box.bottom <= room.y


def test_a_series_without_an_index_begins_with_its_first_sheet(town, tmp_path) -> None:
    places = series_places(town, "road", scale=2000)
    made = write_series(MapJob(town), places, tmp_path / "a.pdf", index=False)
    assert made.pages == len(pypdf.PdfReader(tmp_path / "a.pdf").pages) == len(places)


def test_a_long_list_goes_on_on_pages_of_its_own(town, tmp_path) -> None:
    place = series_places(town, "road", scale=2000)[0]
    places = [Place(place.center, 2000.0, f"name {i}", f"N{i}") for i in range(130)]
    from hjgis.cartography.series_index import series_index

    made = series_index(MapJob(town), places, A3, title="x")
    listed = [row for page in made.lists for row in page]
    assert listed == list(range(130))
    assert made.pages == 1 + len(made.lists)


@pytest.mark.parametrize("ending", ["pdf", "svg", "png"])
def test_many_files_are_named_by_number_and_name(town, tmp_path: Path, ending: str) -> None:
    places = series_places(town, "road", scale=2000)[:2]
    out = tmp_path / f"图.{ending}"
    made = write_series(MapJob(town), places, out, mode="many", dpi=40)
    assert [path.name for path in made.files] == [
        "图 index.pdf",
        *(f"图 {place.number} {place.name}.{ending}".replace("/", "-") for place in places),
    ]
    assert all(path.stat().st_size > 1000 for path in made.files)
    assert {*made.files} <= {*tmp_path.iterdir()}
    assert not [path for path in tmp_path.iterdir() if path.is_dir()]


def test_names_of_files_are_safe_and_no_two_alike() -> None:
    at = (0.0, 0.0)
    named = [("", "a/b:c*?"), ("", "A/B:C*?"), ("", ""), ("1", "1"), ("", "长" * 300)]
    places = [Place(at, 500, name, number) for number, name in named]
    found = file_names(places, Path("m.png"))
    assert found[:4] == ("m a-b_c__.png", "m A-B_C__ (2).png", "m.png", "m 1.png")
    assert len(found[4]) < 100


class _Stops:
    """Asks to stop after so many sheets."""

    def __init__(self, after: int) -> None:
        self.after, self.heard = after, []

    def report(self, done: int, total: int, key: str) -> None:
        if key == "draw":
            self.heard.append((done, total))

    def check(self) -> None:
        if self.heard and self.heard[-1][0] >= self.after:
            raise Cancelled


@pytest.mark.parametrize("mode", ["one", "many"])
def test_a_series_that_is_stopped_leaves_nothing_and_what_was_there(town, tmp_path, mode) -> None:
    places = series_places(town, "road", scale=2000)
    out = tmp_path / "m.pdf"
    out.write_bytes(b"older")
    stops = _Stops(2)
    with pytest.raises(Cancelled):
        write_series(MapJob(town), places, out, mode=mode, progress=stops)
    assert stops.heard == [(0, len(places)), (1, len(places)), (2, len(places))]
    assert [path.name for path in tmp_path.iterdir()] == ["m.pdf"]
    assert out.read_bytes() == b"older"


@pytest.mark.parametrize(
    ("name", "mode", "error", "said"),
    [
        ("m.png", "one", UsageError, "one file is written as .pdf"),
        ("m.doc", "many", UsageError, "written as one of"),
        ("none/m.pdf", "one", HjgisError, "no such folder"),
    ],
)
def test_what_cannot_be_written_is_said(town, tmp_path, name, mode, error, said) -> None:
    places = series_places(town, "road", scale=2000)
    with pytest.raises(error, match=said):
        write_series(MapJob(town), places, tmp_path / name, mode=mode)
    with pytest.raises(UsageError, match="no sheets"):
        write_series(MapJob(town), (), tmp_path / name, mode=mode)
    with pytest.raises(UsageError, match=str(MOST_SHEETS)):
        write_series(MapJob(town), places[:1] * (MOST_SHEETS + 1), tmp_path / name, mode=mode)


def test_what_a_sheet_is_about_is_outlined_on_it(town, tmp_path) -> None:
    (key,) = uuids(town, "park")
    (place,) = series_places(town, "selected", selected=[key])
    x, y = place.center
    shapes = (place.outline, LineString([(x, y), (x + 9, y)]), Point(x, y))
    for index, shape in enumerate(shapes):
        out = tmp_path / f"{index}.pdf"
        own = Place(place.center, place.scale, "a", "1", outline=shape)
        write_series(MapJob(town), [own], out, index=False)
        contents = pypdf.PdfReader(out).pages[0].get_contents()
        assert contents is not None
        # The outline's ink, #c2185b.
        assert re.search(rb"0\.7607\d* 0\.0941\d* 0\.3568\d* SCN", contents.get_data(), re.I)
