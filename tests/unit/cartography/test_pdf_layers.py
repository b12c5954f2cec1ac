from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pypdf
import pytest
import shapely

from hjgis.cartography import painting
from hjgis.cartography.composition import Composer, MapJob, Place, compose
from hjgis.cartography.output import print_pages, render_sheet
from hjgis.cartography.pdf_file import pdf_writer, sheets_pdf
from hjgis.errors import HjgisError
from hjgis.i18n import set_language
from hjgis.layers.project import Project
from hjgis.models.changes import BulkInsert, ChangeSet
from hjgis.models.crs import Transform, parse_crs
from hjgis.models.sheets import sheet

CENTER = (428_245.0, 4_528_395.0)
MM_PER_POINT = 25.4 / 72
_NUMBER = r"(-?[\d.]+)"
# pypdf writes the colon as such or as a number.
_DATES = re.compile(rb"D(?::|\\072)\d{14}Z|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def pages_of(path: Path) -> list[Any]:
    return list(pypdf.PdfReader(path).pages)


def contents_of(page: Any, layer: str) -> str:
    """Return what a page draws between the marks of a layer."""
    names = {
        mark: group.get_object()["/Name"]
        for mark, group in page["/Resources"]["/Properties"].items()
    }
    mark = next(mark for mark, name in names.items() if name == layer)
    text = "\n".join(part.get_object().get_data().decode("latin1") for part in page["/Contents"])
    found = re.search(rf"/OC {mark} BDC(.*?)\nEMC", text, re.S)
    assert found is not None
    return found[1]


def symbols_mm(page: Any, layer: str) -> np.ndarray:
    """Return where the point symbols of a layer stand, mm from the page's lower left corner."""
    text = contents_of(page, layer)
    shift = float(re.search(rf"q 1 0 0 1 0 {_NUMBER} cm", text)[1])  # type: ignore[index]
    found = re.search(rf"{_NUMBER} 0 0 -{_NUMBER} 0 {_NUMBER} cm", text)
    assert found is not None
    unit, _unit, top = map(float, found.groups())
    places = np.array(re.findall(rf"q\n1 0 0 1 {_NUMBER} {_NUMBER} cm", text), float)
    flat = np.stack([places[:, 0] * unit, top - places[:, 1] * unit + shift], axis=1)
    return flat * MM_PER_POINT


@pytest.fixture(scope="module")
def scattered(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Sixty toilets at random places, a few of them on every sheet."""
    rng = np.random.default_rng(7)
    reach = np.repeat([40.0, 300.0, 1500.0], 20)[:, None]
    points = np.array(CENTER) + rng.uniform(-1, 1, (60, 2)) * reach
    path = tmp_path_factory.mktemp("scattered") / "点.gpkg"
    with Project.create(path, title="点") as project:
        columns = {"toilet_class": ["二类"] * len(points)}
        bulk = BulkInsert("toilet", shapely.points(points), columns)
        project.session.apply(ChangeSet("import", bulk=(bulk,)))
    with Project.open(path, write=False, verify=False) as project:
        yield project, points


@pytest.mark.parametrize("scale", [500, 1000, 2000, 10_000])
@pytest.mark.parametrize("paper", ["a0", "a1", "a2", "a3", "a4"])
def test_random_points_lie_on_paper_where_the_scale_says(
    scattered, tmp_path: Path, paper: str, scale: int
) -> None:
    project, points = scattered
    job = MapJob(project, sheet=f"{paper}-landscape", scale=scale, center=CENTER, theme="overview")
    page = pages_of(render_sheet(job, tmp_path / "map.pdf").path)[0]
    drawn = symbols_mm(page, "Public toilet")
    form = sheet(f"{paper}-landscape")
    box, height = form.map_mm, form.paper_mm[1]
    middle = (box.x + box.width / 2, height - box.y - box.height / 2)
    wanted = (points - CENTER) * 1000 / scale + middle
    seen = (np.abs(wanted - middle) < np.array([box.width, box.height]) / 2 - 0.1).all(axis=1)
    assert seen.sum() >= 3
    away = np.hypot(*(wanted[seen][:, None] - drawn[None]).transpose(2, 0, 1)).min(axis=1)
    assert away.max() < 0.02
    sides = [float(side) * MM_PER_POINT for side in (page.mediabox.width, page.mediabox.height)]
    assert sides == pytest.approx(form.paper_mm, abs=0.001)


def test_every_layer_of_the_map_can_be_switched_off_by_its_chinese_name(
    town, tmp_path: Path
) -> None:
    set_language("zh_CN")
    made = render_sheet(MapJob(town, scale=2000, center=CENTER), tmp_path / "map.pdf")
    reader = pypdf.PdfReader(made.path)
    said: Any = reader.trailer["/Root"]["/OCProperties"]  # type: ignore[index]
    names = [group.get_object()["/Name"] for group in said["/OCGs"]]
    assert names[:3] == ["界线", "道路", "公园广场"]
    assert len(names) == len(made.layers) + 3
    assert [group.get_object()["/Name"] for group in said["/D"]["/Order"]] == names[::-1]
    assert " m\n" in contents_of(reader.pages[0], "道路")
    assert b"\xfe\xff" in made.path.read_bytes()


def test_every_mark_that_begins_ends(town, tmp_path: Path) -> None:
    made = render_sheet(MapJob(town, scale=2000, center=CENTER), tmp_path / "map.pdf")
    data = pages_of(made.path)[0].get_contents().get_data().decode("latin1")
    assert data.count("BDC") == data.count("EMC") > 5
    words = data.split()
    assert words.count("q") == words.count("Q")


def test_the_file_tells_its_title_and_nothing_of_who_made_it(town, tmp_path: Path) -> None:
    job = MapJob(town, scale=2000, center=CENTER, title="管线 <1> & 图")
    reader = pypdf.PdfReader(render_sheet(job, tmp_path / "map.pdf").path)
    assert reader.metadata is not None
    assert set(reader.metadata) == {"/Title", "/Creator", "/Producer", "/CreationDate", "/ModDate"}
    assert reader.metadata.title == "管线 <1> & 图"
    assert (reader.metadata.creator, reader.metadata.producer) == ("hjgis", "hjgis")
    assert reader.xmp_metadata is not None
    assert reader.xmp_metadata.dc_title == {"x-default": "管线 <1> & 图"}


def test_the_map_knows_its_place_on_the_earth(town, tmp_path: Path) -> None:
    job = MapJob(town, scale=2000, center=CENTER)
    page = pages_of(render_sheet(job, tmp_path / "map.pdf").path)[0]
    (place,) = page["/VP"]
    box, form = sheet("a3-landscape").map_mm, sheet("a3-landscape")
    height = form.paper_mm[1]
    wanted = [box.x, height - box.bottom, box.right, height - box.y]
    assert [float(side) * MM_PER_POINT for side in place["/BBox"]] == pytest.approx(wanted)
    measure = place["/Measure"]
    assert (measure["/Subtype"], measure["/GCS"]["/EPSG"]) == ("/GEO", 4545)
    assert measure["/GCS"]["/WKT"].startswith('PROJCS["CGCS2000')
    lat, lon = np.array([float(side) for side in measure["/GPTS"]]).reshape(4, 2).T
    east, north = Transform(parse_crs("EPSG:4490"), town.crs).points(lon, lat)
    x_min, y_min, x_max, y_max = compose(job).frame(1.0).extent
    assert [float(side) for side in measure["/LPTS"]] == [0, 0, 0, 1, 1, 1, 1, 0]
    assert east == pytest.approx([x_min, x_min, x_max, x_max], abs=0.001)
    assert north == pytest.approx([y_min, y_max, y_max, y_min], abs=0.001)


@pytest.mark.skipif(shutil.which("gdalinfo") is None, reason="gdalinfo is not installed")
def test_gdal_places_the_sheet_where_it_lies(town, tmp_path: Path) -> None:
    made = render_sheet(MapJob(town, scale=2000, center=CENTER), tmp_path / "map.pdf")
    told = subprocess.run(
        ["gdalinfo", "-json", made.path], capture_output=True, check=True, text=True
    )
    facts = json.loads(told.stdout)
    if facts["driverShortName"] != "PDF":
        pytest.skip("this GDAL reads no PDF")
    assert "4545" in facts["coordinateSystem"]["wkt"][-40:]
    corners = np.array(
        re.findall(r"(\d+\.\d+) (\d+\.\d+)", facts["metadata"][""]["NEATLINE"]), float
    )
    x_min, y_min, x_max, y_max = made.extent
    assert corners.min(axis=0) == pytest.approx([x_min, y_min], abs=0.1)
    assert corners.max(axis=0) == pytest.approx([x_max, y_max], abs=0.1)


@pytest.mark.parametrize("ending", [".pdf", ".svg", ".png", ".tif"])
def test_the_same_job_gives_the_same_bytes(town, tmp_path: Path, ending: str) -> None:
    files = []
    for name in ("one", "two"):
        job = MapJob(town, scale=2000, center=CENTER)
        files.append(render_sheet(job, tmp_path / f"{name}{ending}", dpi=72).path.read_bytes())
    assert _DATES.sub(b"", files[0]) == _DATES.sub(b"", files[1])


def test_a_series_is_one_file_with_a_line_of_contents_for_each_sheet(town, tmp_path: Path) -> None:
    places = [
        Place((CENTER[0] + i * 200, CENTER[1]), 1000, name=f"中山路 {i}", number=str(i))
        for i in range(3)
    ]
    composer = Composer(MapJob(town, scale=1000, center=CENTER), places)
    out = tmp_path / "series.pdf"
    with sheets_pdf(out, (210, 297), "分幅图") as pdf:
        pdf.add_page((210, 297), lambda page: page.line((0, 0), (9, 9), mm=1), bookmark="索引图")
        for place in places:
            pdf.add(composer.page(place))
    reader = pypdf.PdfReader(out)
    assert [line["/Title"] for line in reader.outline] == ["索引图"] + [  # type: ignore[index]
        f"{i} 中山路 {i}" for i in range(3)
    ]
    widths = [round(float(page.mediabox.width) * MM_PER_POINT) for page in reader.pages]
    assert widths == [210, 420, 420, 420]
    fonts = {
        font.indirect_reference.idnum
        for page in pages_of(out)[1:]
        for font in page["/Resources"]["/Font"].values()
        if font.get_object()
    }
    assert len(fonts) == 1


def test_a_series_that_breaks_off_leaves_no_file(town, tmp_path: Path) -> None:
    composition = compose(MapJob(town, scale=2000, center=CENTER))

    def broken() -> None:
        with sheets_pdf(tmp_path / "series.pdf", (420, 297), "图") as pdf:
            pdf.add(composition)
            raise HjgisError("enough")

    with pytest.raises(HjgisError, match="enough"):
        broken()
    assert list(tmp_path.iterdir()) == []


def test_a_layer_of_very_many_symbols_becomes_a_picture_and_says_so(
    town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(painting, "DENSE_FROM", 1)
    job = MapJob(town, scale=2000, center=CENTER)
    kept = render_sheet(job, tmp_path / "vector.pdf", dense="vector")
    made = render_sheet(job, tmp_path / "picture.pdf")
    assert kept.notes == ()
    assert len(made.notes) == 1
    assert made.notes[0].startswith("Road: more than 1 symbols")
    assert "600 dpi" in made.notes[0]
    assert "/XObject" not in pages_of(kept.path)[0]["/Resources"]
    assert pages_of(made.path)[0].images


def test_letters_that_no_font_has_are_named_and_nothing_is_written(town, tmp_path: Path) -> None:
    job = MapJob(town, scale=2000, center=CENTER, title="图\ue123")
    with pytest.raises(HjgisError, match=r"U\+E123"):
        render_sheet(job, tmp_path / "map.pdf")
    assert list(tmp_path.iterdir()) == []


def test_a_printed_sheet_is_as_large_as_the_paper(scattered, tmp_path: Path) -> None:
    project, points = scattered
    printer = pdf_writer(tmp_path / "printed.pdf", (100, 100), "图")
    printer.setResolution(300)
    job = MapJob(project, scale=500, center=CENTER, theme="overview")
    print_pages([compose(job)], printer)
    del printer
    page = pages_of(tmp_path / "printed.pdf")[0]
    assert float(page.mediabox.width) * MM_PER_POINT == pytest.approx(420, abs=0.2)
    text = page.get_contents().get_data().decode("latin1")
    unit = float(re.search(rf"{_NUMBER} 0 0 -{_NUMBER} 0", text)[1])  # type: ignore[index]
    assert unit == pytest.approx(72 / 300)
    drawn = np.array(re.findall(rf"q\n1 0 0 1 {_NUMBER} {_NUMBER} cm", text), float) * 25.4 / 300
    box = sheet("a3-landscape").map_mm
    near = points[np.abs(points - CENTER).max(axis=1) < 40]
    wanted = (near - CENTER) * [1, -1] * 2 + [box.x + box.width / 2, box.y + box.height / 2]
    away = np.hypot(*(wanted[:, None] - drawn[None]).transpose(2, 0, 1)).min(axis=1)
    assert away.max() < 0.1
