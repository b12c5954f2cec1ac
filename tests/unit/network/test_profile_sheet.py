"""A profile on paper: true to scale, nothing invented, as PDF and as DXF that others read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import ezdxf
import numpy as np
import pyogrio
import pypdf
import pytest
from PySide6.QtWidgets import QApplication

from hjgis.cartography.drawing_page import drawing_pdf
from hjgis.errors import HjgisError, InputError
from hjgis.exchange.drawings.line_drawing_file import write_drawing
from hjgis.i18n import set_language
from hjgis.models.line_drawing import Area, LineDrawing, Stroke, Words
from hjgis.network.crossings import Crossing
from hjgis.network.profile import Profile, Reach, Station
from hjgis.network.profile_sheet import (
    ACROSS,
    Scales,
    fitting,
    left_out,
    metres_at,
    offered,
    profile_sheet,
    unnamed,
)

NAN = float("nan")


def station(name: str, at_m: float, ground: float = 100.0, bottom: float = NAN) -> Station:
    return Station("manhole", 1, name, at_m, ground, bottom)


def reach(from_m: float, to_m: float, invert: tuple[float, float], **more: object) -> Reach:
    given = {
        "fid": 1, "name": "", "kind": "污水", "size": "400", "material": "PVC", "flow": 1,
        "gravity": True, "rises": False, "top_m": tuple(level + 0.4 for level in invert),
        "cover_m": tuple(100.0 - level - 0.4 for level in invert),
    }  # fmt: skip
    return Reach(from_m=from_m, to_m=to_m, invert_m=invert, **{**given, **more})  # type: ignore[arg-type]


def two(**second: object) -> Profile:
    return Profile(
        (station("A", 0), station("B", 40, 100.2, 97.4), station("C", 100, 100.0)),
        (reach(0, 40, (98.0, 97.8)), replace(reach(40, 100, (97.6, 97.3)), **second)),  # type: ignore[arg-type]
    )


@pytest.fixture(autouse=True)
def letters(qapp: QApplication) -> None:
    """Pages are written with the letters of one application."""
    assert qapp is not None


def sheet(profile: Profile, scales: Scales | None = None) -> LineDrawing:
    return profile_sheet(profile, scales or Scales(500, 50), title="Profile A – C")


def strokes(drawing: LineDrawing, layer: str) -> list[Stroke]:
    return [one for one in drawing.items if isinstance(one, Stroke) and one.layer == layer]


def words(drawing: LineDrawing) -> list[str]:
    return [one.text for one in drawing.items if isinstance(one, Words)]


def test_lengths_and_levels_are_true_to_their_scales() -> None:
    drawing = sheet(two())
    inverts = [one for one in strokes(drawing, "Pipes") if one.width_mm == 0.5]
    (x0, y0), (x1, y1) = inverts[0].places
    assert (x1 - x0) * 500 / 1000 == pytest.approx(40.0)
    assert (y1 - y0) * 50 / 1000 == pytest.approx(0.2)
    assert metres_at(Scales(500, 50), x0) == pytest.approx(0.0)
    assert metres_at(Scales(500, 50), x1) == pytest.approx(40.0)


def test_the_band_says_what_is_known_at_nodes_and_along_pipes() -> None:
    said = words(sheet(two()))
    for text in ("100.20", "98.00", "97.80", "97.60", "5.0", "40.0", "DN400 PVC", "A", "B", "C"):
        assert text in said
    # Both pipes say the same of size and material: one cell.
    assert said.count("DN400 PVC") == 1


def test_a_pipe_that_rises_is_red() -> None:
    drawing = sheet(two(rises=True))
    assert not strokes(sheet(two()), "Rising pipes")
    rising = strokes(drawing, "Rising pipes")
    assert rising
    assert {one.ink for one in rising} == {"#c62828"}


def test_what_is_not_known_is_drawn_as_unknown_and_not_as_a_line() -> None:
    unknown = (NAN, NAN)
    drawing = sheet(two(invert_m=unknown, top_m=unknown, cover_m=unknown))
    assert [one for one in strokes(drawing, "Levels unknown") if one.dashed]
    assert len([one for one in strokes(drawing, "Pipes") if one.width_mm == 0.5]) == 1
    for one in drawing.items:
        places = [one.at] if isinstance(one, Words) else one.places
        assert np.isfinite(places).all()


def test_nothing_is_known_at_all_and_it_is_drawn_still() -> None:
    unknown = (NAN, NAN)
    bare = reach(0, 40, unknown, top_m=unknown, cover_m=unknown, size="", material="", flow=0)
    profile = Profile((station("A", 0, NAN), station("B", 40, NAN)), (bare,))
    assert "A" in words(sheet(profile, fitting(profile)))


def test_the_largest_scales_that_fit_are_taken() -> None:
    scales = fitting(two())
    assert scales.across == next(one for one in ACROSS if 100 * 1000 / one <= 342)
    assert sheet(two(), scales).paper_mm == (420.0, 297.0)
    longer = sheet(two(), Scales(100, 50))
    assert longer.paper_mm[0] > 1000


def test_figures_of_crowded_nodes_do_not_lie_on_one_another() -> None:
    stations = tuple(station(f"N{i}", i * 1.0) for i in range(101))
    reaches = tuple(reach(i, i + 1, (98.0, 98.0)) for i in range(100))
    crowded = Profile(stations, reaches)
    drawing = sheet(crowded)
    numbers = [one for one in drawing.items if isinstance(one, Words) and one.text[0] == "N"]
    assert numbers[0].text == "N0"
    assert numbers[-1].text == "N100"
    apart = np.diff([one.at[0] for one in numbers])
    assert (apart >= 4.4).all()
    assert left_out(crowded, Scales(500, 50)) == 101 - len(numbers)
    assert left_out(two(), Scales(500, 50)) == 0


def test_two_figures_at_neighbouring_nodes_do_not_lie_on_one_another() -> None:
    stations = tuple(station(f"N{i}", i * 2.3) for i in range(11))
    reaches = tuple(reach(i * 2.3, i * 2.3 + 2.3, (98.2 - i, 97.9 - i)) for i in range(10))
    drawing = sheet(Profile(stations, reaches))
    upright = [one for one in drawing.items if isinstance(one, Words) and one.upright]
    for y in {one.at[1] for one in upright}:
        apart = np.diff(sorted(one.at[0] for one in upright if one.at[1] == y))
        assert (apart > 3.3).all()


def test_short_pipes_have_their_figures_upright() -> None:
    profile = Profile((station("A", 0), station("B", 2.5)), (reach(0, 2.5, (98.0, 97.9)),))
    said = {one.text: one for one in sheet(profile).items if isinstance(one, Words)}
    assert said["2.5"].upright
    assert not any(text.startswith("DN") for text in said)


def test_where_there_is_no_room_for_size_and_material_the_size_is_told() -> None:
    profile = Profile((station("A", 0), station("B", 5.0)), (reach(0, 5.0, (98.0, 97.9)),))
    assert "DN400" in words(sheet(profile))
    assert "DN400 PVC" not in words(sheet(profile))


def test_a_duct_is_drawn_by_its_top_and_its_tops_have_a_row() -> None:
    top = {"top_m": (99.3, 99.2), "gravity": False, "size": ""}
    profile = Profile((station("A", 0), station("B", 40)), (reach(0, 40, (NAN, NAN), **top),))
    drawing = sheet(profile)
    assert not strokes(drawing, "Levels unknown")
    assert len([one for one in strokes(drawing, "Pipes") if one.width_mm == 0.5]) == 1
    assert {"Top of pipe elevation (m)", "99.30", "2.5"} <= set(words(drawing))
    assert "Top of pipe elevation (m)" not in words(sheet(two()))


def test_a_level_pipe_has_no_negative_slope() -> None:
    said = words(sheet(two(invert_m=(97.6, 97.601))))
    assert "0.0" in said
    assert "-0.0" not in said


def test_scales_at_which_it_does_not_fit_are_not_offered() -> None:
    long = Profile((station("A", 0), station("B", 9000)), (reach(0, 9000, (98.0, 97.0)),))
    across, up = offered(long)
    assert sheet(long, Scales(across[0], up[0])).paper_mm[0] <= 5000
    assert across[0] == 2000
    assert offered(two())[0] == ACROSS


@pytest.mark.parametrize("level", [1.2, 103_864.0, 1e12], ids=["depth", "centimetres", "nonsense"])
def test_a_wrong_level_is_seen_on_the_paper(level: float) -> None:
    profile = two(invert_m=(level, 97.3), top_m=(level + 0.4, 97.7))
    drawing = sheet(profile, fitting(profile))
    for one in drawing.items:
        for _x, y in [one.at] if isinstance(one, Words) else one.places:
            assert 0 <= y <= 297
    assert f"{level:.2f}" in words(drawing)


def test_the_pdf_has_the_size_and_the_words_of_the_sheet(tmp_path: Path) -> None:
    set_language("zh_CN")
    drawing = sheet(two())
    drawing_pdf(drawing, tmp_path / "断面.pdf")
    page = pypdf.PdfReader(tmp_path / "断面.pdf").pages[0]
    mm = [float(side) * 25.4 / 72 for side in page.mediabox[2:]]
    assert mm == pytest.approx(drawing.paper_mm, abs=0.5)
    assert "管内底高程" in page.extract_text()


def test_the_drawing_is_read_back_with_its_layers_words_and_lengths(tmp_path: Path) -> None:
    set_language("zh_CN")
    drawing = sheet(two())
    path = tmp_path / "断面.dxf"
    write_drawing(drawing, path)
    document = ezdxf.readfile(path)
    assert not document.audit().errors
    assert document.dxfversion == "AC1018"
    assert {"管线", "地面", "数据栏"} <= {layer.dxf.name for layer in document.layers}
    texts = {text.dxf.text for text in document.modelspace().query("TEXT")}
    assert {"管内底高程 (m)", "DN400 PVC", "98.00"} <= texts
    ours = [one for one in drawing.items if isinstance(one, Stroke) and one.layer == "管线"]
    theirs = document.modelspace().query('LWPOLYLINE[layer=="管线"]')
    assert len(theirs) == len(ours)
    height = drawing.paper_mm[1]
    for mine, read in zip(ours, theirs, strict=True):
        assert [(x, height - y) for x, y, *_ in read.get_points()] == pytest.approx(
            np.array(mine.places)
        )
    table = pyogrio.read_dataframe(path)
    assert "管线" in set(table["Layer"])


def test_an_area_is_a_filled_hatch(tmp_path: Path) -> None:
    write_drawing(sheet(two()), tmp_path / "a.dxf")
    hatches = ezdxf.readfile(tmp_path / "a.dxf").modelspace().query("HATCH")
    assert len(hatches) == sum(isinstance(one, Area) for one in sheet(two()).items) == 2


def test_what_looks_as_its_layer_goes_by_it_and_black_is_white_on_a_black_screen(
    tmp_path: Path,
) -> None:
    write_drawing(sheet(two()), tmp_path / "a.dxf")
    document = ezdxf.readfile(tmp_path / "a.dxf")
    layer = document.layers.get("Pipes")
    assert layer.rgb == (0x0B, 0x6E, 0x99)
    for line in document.modelspace().query('LWPOLYLINE[layer=="Pipes"]'):
        assert line.dxf.color == 256
        assert not line.dxf.hasattr("true_color")
    figures = document.layers.get("Figures")
    assert (figures.color, figures.rgb) == (7, None)


def test_long_words_are_narrowed_to_their_room(tmp_path: Path) -> None:
    drawing = LineDrawing(
        "t",
        (100.0, 100.0),
        tuple(
            Words((50, y), "DN400 PVC", "L", "#1a1a1a", 2.7, room)
            for y, room in enumerate((40.0, 9.0, 3.0))
        ),
    )
    write_drawing(drawing, tmp_path / "a.dxf")
    roomy, narrow, tiny = ezdxf.readfile(tmp_path / "a.dxf").modelspace().query("TEXT")
    assert roomy.dxf.width == 1.0
    assert narrow.dxf.width == pytest.approx(9.0 / (9 * 0.5 * 2.7))
    assert narrow.dxf.height == roomy.dxf.height
    assert tiny.dxf.width == 0.5
    assert tiny.dxf.height < roomy.dxf.height


def test_signs_that_gbk_lacks_are_escaped_as_autocad_does(tmp_path: Path) -> None:
    drawing = profile_sheet(two(), Scales(500, 50), title="𠮷 m²")
    write_drawing(drawing, tmp_path / "a.dxf")
    assert rb"\U+D842\U+DFB7 m\U+00B2" in (tmp_path / "a.dxf").read_bytes()


def test_where_nothing_can_be_written_what_was_there_stays(tmp_path: Path) -> None:
    blocked = tmp_path / "no" / "a"
    with pytest.raises(InputError, match=r"a\.dxf"):
        write_drawing(sheet(two()), blocked.with_suffix(".dxf"))
    with pytest.raises(HjgisError):
        drawing_pdf(sheet(two()), blocked.with_suffix(".pdf"))


MAIN = Crossing(7, "JP", "1000", 20.0, 98.6, 99.6, 0.4, 1.0, False, 0.35, False)


def crossed(*crossings: Crossing) -> Profile:
    return replace(two(), crossings=crossings)


def test_a_pipe_that_crosses_is_an_ellipse_true_to_both_scales() -> None:
    drawing = sheet(crossed(MAIN), Scales(100, 50))
    around = next(one for one in strokes(drawing, "Crossing pipes") if len(one.places) > 2)
    xs, ys = zip(*around.places, strict=True)
    assert max(xs) - min(xs) == pytest.approx(10.0)
    assert max(ys) - min(ys) == pytest.approx(20.0)
    assert metres_at(Scales(100, 50), (max(xs) + min(xs)) / 2) == pytest.approx(20.0)
    inverts = [one for one in strokes(drawing, "Pipes") if one.width_mm == 0.5]
    level_of_first = inverts[0].places[0][1]
    assert (level_of_first - max(ys)) * 50 / 1000 == pytest.approx(98.6 - 98.0)
    assert {"JP DN1000 invert 98.60", "cover 0.40 m  clearance 0.35 m"} < {*words(drawing)}


def test_a_culvert_that_crosses_is_a_box_and_one_of_no_size_is_still_seen() -> None:
    box = replace(MAIN, size="2000×1000", wide_m=2.0, box=True)
    thin = replace(MAIN, at_m=60.0, size="", wide_m=NAN, invert_m=NAN, clearance_m=NAN)
    drawing = sheet(crossed(box, thin), Scales(100, 50))
    shapes = [one for one in strokes(drawing, "Crossing pipes") if len(one.places) > 2]
    assert [len(one.places) for one in shapes] == [5, 25]
    assert {"JP 2000×1000 invert 98.60", "JP top 99.60"} < {*words(drawing)}


def test_what_comes_too_close_is_red_and_what_has_no_level_is_told_so() -> None:
    close = replace(MAIN, clearance_m=-0.2, close=True)
    unknown = replace(MAIN, at_m=60.0, invert_m=NAN, top_m=NAN, cover_m=NAN, clearance_m=NAN)
    drawing = sheet(crossed(close, unknown))
    red = [one for one in drawing.items if one.layer == "Crossing pipes" and one.ink == "#c62828"]
    assert len(red) == 4
    assert "JP DN1000 levels unknown" in words(drawing)
    assert any(one.dashed for one in strokes(drawing, "Crossing pipes"))


def test_crossings_that_have_no_room_for_words_are_counted_the_close_ones_told_first() -> None:
    beside = [replace(MAIN, at_m=20.0 + i / 2) for i in range(3)]
    made = crossed(*beside[:2], replace(beside[2], close=True))
    assert unnamed(made, Scales(500, 50)) == 2
    said = strokes(sheet(made), "Crossing pipes")
    leaders = [one for one in said if len(one.places) == 2]
    assert [one.ink for one in leaders] == ["#c62828"]
    assert unnamed(made, Scales(20, 50)) == 0


def test_crossings_leave_room_above_the_ground_and_are_in_both_files(tmp_path: Path) -> None:
    made = crossed(MAIN)
    scales = fitting(made)
    drawing = sheet(made, scales)
    told = [one for one in drawing.items if isinstance(one, Words) and one.upright]
    (what,) = (one for one in told if one.text.startswith("JP"))
    assert what.room_mm >= 30.0
    drawing_pdf(drawing, tmp_path / "p.pdf")
    text = pypdf.PdfReader(tmp_path / "p.pdf").pages[0].extract_text()
    assert "JP" in text
    write_drawing(drawing, tmp_path / "p.dxf")
    space = ezdxf.readfile(tmp_path / "p.dxf").modelspace()
    on_layer = {one.dxftype() for one in space.query('*[layer=="Crossing pipes"]')}
    assert on_layer == {"HATCH", "LWPOLYLINE", "TEXT"}
