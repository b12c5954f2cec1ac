"""What a printed map says is true: measured on the page as somebody with a ruler would."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyproj
import pytest
import shapely
from PySide6.QtWidgets import QApplication

from hjgis.cartography.composition import MapJob, Place
from hjgis.cartography.output import render_sheet
from hjgis.cartography.series import write_series
from hjgis.cli import commands
from hjgis.i18n import set_language
from hjgis.layers.project import Project
from hjgis.models.sheets import sheet
from tests.acceptance import map_town
from tests.acceptance.map_town import CENTER
from tests.acceptance.paper import Paper, embedded, paper_of, turned_deg
from tests.test_cli import Faces

PAPERS = {
    "a4": (297, 210),
    "a3": (420, 297),
    "a2": (594, 420),
    "a1": (841, 594),
    "a0": (1189, 841),
}
SCALES = (500, 1000, 2000, 10_000)
# As true as a ruler tells.
EXACT_MM = 0.1


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    path = map_town.build(tmp_path_factory.mktemp("truth") / "陕坝镇.gpkg")
    with Project.open(path, write=False, verify=False, operator="张三") as project:
        yield project


@pytest.fixture(autouse=True)
def chinese(qapp: QApplication, english: None) -> Iterator[None]:
    assert qapp is not None
    set_language("zh_CN")
    yield
    set_language("en")


@pytest.fixture(scope="module")
def pages(
    town: Project, qapp: QApplication, tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, int], Paper]:
    """The same place on every paper at every scale."""
    set_language("zh_CN")
    folder = tmp_path_factory.mktemp("papers")
    found = {}
    for paper in PAPERS:
        places = [Place(CENTER, scale) for scale in SCALES]
        job = MapJob(town, sheet=f"{paper}-landscape", theme="pipes")
        write_series(job, places, folder / f"{paper}.pdf", index=False)
        for number, scale in enumerate(SCALES):
            found[paper, scale] = paper_of(folder / f"{paper}.pdf", number)
    return found


EVERY = [(paper, scale) for paper in PAPERS for scale in SCALES]


def on_paper(page: Paper, scale: int, point: tuple[float, float]) -> tuple[float, float]:
    """Return where a point of the town is on a page whose middle is that of the town."""
    assert page.neat_mm is not None
    left, top, right, bottom = page.neat_mm
    return (
        (left + right) / 2 + (point[0] - CENTER[0]) * 1000 / scale,
        (top + bottom) / 2 - (point[1] - CENTER[1]) * 1000 / scale,
    )


@pytest.mark.parametrize(("paper", "scale"), EVERY)
def test_what_is_measured_on_paper_is_what_was_measured_in_the_town(
    pages: dict[tuple[str, int], Paper], paper: str, scale: int
) -> None:
    page = pages[paper, scale]
    assert (page.width_mm, page.height_mm) == pytest.approx(PAPERS[paper], abs=0.05)
    start = on_paper(page, scale, CENTER)
    lines = [
        stroke
        for stroke in page.on("管线段")
        if len(stroke.points) == 2
        and np.hypot(*(stroke.points[0] - start)) < EXACT_MM
        and abs(turned_deg(stroke) - map_town.GAS_DEG) < 0.3
    ]
    # On paper where all of it has room.
    assert page.neat_mm is not None
    end = on_paper(page, scale, map_town.gas_end())
    left, top, right, bottom = page.neat_mm
    whole = left < end[0] < right and top < end[1] < bottom
    assert whole or (scale == 500 and paper in ("a4", "a3"))
    (line,) = lines
    if whole:
        assert line.length_mm == pytest.approx(map_town.GAS_M * 1000 / scale, abs=EXACT_MM)
        assert np.hypot(*(line.points[1] - end)) < EXACT_MM


@pytest.mark.parametrize(("paper", "scale"), EVERY)
def test_the_scale_bar_is_as_long_as_it_says(
    pages: dict[tuple[str, int], Paper], paper: str, scale: int
) -> None:
    page = pages[paper, scale]
    assert f"1:{scale:,}".replace(",", " ") in page.text
    (told,) = (
        found
        for words in page.words
        if (found := re.fullmatch(r"([\d.]+) (km|m)", words.text)) is not None
    )
    metres = float(told[1]) * {"km": 1000, "m": 1}[told[2]]
    boxes = [s for s in page.strokes if abs(s.height_mm - 1.3) < 0.01 and s.painted == "B"]
    length = max(s.points[:, 0].max() for s in boxes) - min(s.points[:, 0].min() for s in boxes)
    assert len(boxes) == 4
    assert length == pytest.approx(metres * 1000 / scale, abs=EXACT_MM)


@pytest.mark.parametrize(("paper", "scale"), EVERY)
def test_the_numbers_of_the_grid_stand_at_their_ticks_and_corners(
    pages: dict[tuple[str, int], Paper], paper: str, scale: int
) -> None:
    page = pages[paper, scale]
    assert page.neat_mm is not None
    left, top, right, bottom = page.neat_mm
    west = CENTER[0] - (right - left) / 2 * scale / 1000
    south = CENTER[1] - (bottom - top) / 2 * scale / 1000
    east, north = west + (right - left) * scale / 1000, south + (bottom - top) * scale / 1000
    ticks = [stroke for stroke in page.on("坐标格网") if len(stroke.points) == 2]
    corners = {"X": [south, north], "Y": [west, east]}
    at_ticks = 0
    for words in page.words:
        if (found := re.fullmatch(r"([XY]) ([\d.]+)", words.text)) is None:
            continue
        axis, metres = found[1], float(found[2]) * 1000
        half = 0.5 * 1000 / 10 ** len(found[2].partition(".")[2]) + 1e-6
        if min(abs(metres - corner) for corner in corners[axis]) <= half:
            continue
        # Numbers are centred on their ticks: they begin some millimetres before.
        if axis == "Y":
            place = left + (metres - west) * 1000 / scale
            near = [s for s in ticks if s.width_mm < 0.01 and s.height_mm < 9]
            begins, apart = words.x_mm, [abs(s.points[0, 0] - place) for s in near]
            assert 0 < place - begins < 12
        else:
            place = bottom - (metres - south) * 1000 / scale
            near = [s for s in ticks if s.height_mm < 0.01 and s.width_mm < 9]
            begins, apart = words.y_mm, [abs(s.points[0, 1] - place) for s in near]
            assert -0.1 < begins - place < 12
        assert min(apart) < EXACT_MM
        at_ticks += 1
    assert at_ticks >= 4
    for axis, values in corners.items():
        told = [float(w.text[2:]) * 1000 for w in page.starting(f"{axis} ")]
        for value in values:
            # As exact as 0.2 mm on the paper.
            near_it = [number for number in told if abs(number - value) <= 0.2 * scale / 1000]
            assert len(near_it) >= 2


def test_the_convergence_is_that_of_the_projection(pages: dict[tuple[str, int], Paper]) -> None:
    crs = pyproj.CRS("EPSG:4545")
    lon, lat = pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True).transform(*CENTER)
    angle = pyproj.Proj(crs).get_factors(lon, lat).meridian_convergence
    minutes = round(abs(angle) * 60)
    words = f"{minutes // 60}°{minutes % 60:02d}′"
    text = pages["a3", 1000].text
    # West of the central meridian true north is to the east of the grid's.
    assert angle < 0
    assert f"子午线收敛角 −{words}" in text
    assert f"真北：偏东 {words}" in text


@pytest.mark.parametrize("paper", PAPERS)
def test_chinese_words_can_be_read_out_and_their_fonts_are_in_the_file(
    town: Project, tmp_path: Path, paper: str
) -> None:
    title = "陕坝镇地下管线综合图样张"
    wanted = sheet(f"{paper}-landscape")
    made = render_sheet(
        MapJob(town, sheet=wanted, theme="pipes", title=title, scale=2000, center=CENTER),
        tmp_path / "图.pdf",
    )
    page = paper_of(made.path)
    assert page.fonts
    assert all(embedded(font) for font in page.fonts)
    readers = [page.text]
    if (program := shutil.which("pdftotext")) is not None:
        done = subprocess.run(
            [program, "-layout", made.path, "-"], capture_output=True, check=True, text=True
        )
        readers.append(done.stdout)
    for text in readers:
        plain = re.sub(r"\s", "", text)
        words = [title, "图例", "燃气", "污水", "2000国家大地坐标系，3°带，中央经线108°", "1:2000"]
        # The table has no room on A4.
        words += ["合计"] if paper != "a4" else []
        for said in words:
            assert said in plain, said


def test_standard_sheets_have_the_numbers_and_neighbours_of_the_division(
    town: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for scale, digits, side in ((500, 2, 250), (1000, 1, 500)):
        out = tmp_path / f"{scale}.pdf"
        code = commands.main(
            [
                *("map", str(town.path), str(out), "--series", "sheet", "--scale", str(scale)),
                *("--theme", "pipes", "--no-index", "--json"),
            ],
            Faces(),
        )
        assert code == 0
        facts = json.loads(capsys.readouterr().out)["sheets"]
        numbers = [made["number"] for made in facts]
        # The sheet of the middle, DOMAIN 6.1: N 4 528 395, E 428 245.
        assert {500: "4528.25-428.00", 1000: "4528.0-428.0"}[scale] in numbers
        assert len({*numbers}) == len(numbers)
        pipes = town.table("pipe_line", ()).geometry
        assert pipes is not None
        for made in facts:
            north, east = (float(part) * 1000 for part in made["number"].split("-"))
            assert made["extent"] == pytest.approx([east, north, east + side, north + side])
        whole = facts[numbers.index({500: "4528.25-428.00", 1000: "4528.0-428.0"}[scale])]
        north, east = (float(part) * 1000 for part in whole["number"].split("-"))
        page = paper_of(out, whole["page"] - 1)
        told = {w.text for w in page.words if re.fullmatch(r"\d{4}\.\d+-\d{3}\.\d+", w.text)}
        around = {
            f"{(north + up * side) / 1000:.{digits}f}-{(east + right * side) / 1000:.{digits}f}"
            for up in (-1, 0, 1)
            for right in (-1, 0, 1)
        }
        assert told == around & {*numbers}
        assert len(told) > 3


def test_numbers_in_the_legend_count_what_the_frame_meets(town: Project, tmp_path: Path) -> None:
    paper = sheet("a3-landscape")
    (legend,) = paper.of_kind("legend")
    paper = paper.with_item(replace(legend, text="counts"))
    # Within the ring of the park, so that only the box of it meets the frame.
    center = (CENTER[0] - 300, CENTER[1] + 200)
    job = MapJob(town, sheet=paper, scale=500, center=center)
    text = paper_of(render_sheet(job, tmp_path / "m.pdf").path).text
    assert "公园" not in text.partition("图 例")[2]
    center = (CENTER[0] - 200, CENTER[1] - 200)
    made = render_sheet(
        MapJob(town, sheet=paper, scale=1000, center=center, theme="pipes"), tmp_path / "n.pdf"
    )
    frame = shapely.box(*made.extent)
    table = town.table("pipe_line", ("kind",))
    assert table.geometry is not None
    met = shapely.length(shapely.intersection(table.geometry, frame)) > 0
    names = {"TR": "燃气", "JP": "给水", "WS": "污水", "YS": "雨水"}
    text = paper_of(made.path).text
    kinds = np.array(table.columns["kind"])
    for kind, name in names.items():
        count = int((met & (kinds == kind)).sum())
        found = re.search(rf"{name} ?\((\d+)\)", text)
        assert (int(found[1]) if found else 0) == count
