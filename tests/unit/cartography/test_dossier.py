"""Files of assets on paper, read back by another reader."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path

import pypdf
import pytest
import shapely

from hjgis.cartography.dossier import dossier
from hjgis.cartography.dossier_output import write_dossiers
from hjgis.cartography.dossier_pages import wrapped
from hjgis.cartography.location import sketch_scale
from hjgis.cartography.page import Page
from hjgis.cartography.well import well_section
from hjgis.edits.add import add_feature
from hjgis.edits.attachments import attach
from hjgis.edits.attributes import set_unknown
from hjgis.edits.records import add_records
from hjgis.errors import Cancelled, HjgisError, UsageError
from hjgis.i18n import set_language
from hjgis.layers.project import Project
from hjgis.models.attachments import Content, Paper
from hjgis.models.changes import FeatureKey
from hjgis.models.sheets import Box

X, Y = 428_200.0, 4_528_400.0
DAY = dt.date(2026, 6, 1)


def text_of(path: Path, *pages: int) -> str:
    """Return the text without white space: a PDF has none between Chinese letters."""
    reader = pypdf.PdfReader(path)
    chosen = [reader.pages[page] for page in pages] if pages else reader.pages
    return "".join("".join(page.extract_text().split()) for page in chosen)


def add(project: Project, layer: str, place: shapely.Geometry, **values: object) -> FeatureKey:
    change = add_feature(project, layer, place, values)
    project.session.apply(change)
    return change.changes[0].key


@pytest.fixture
def well(own_town: Project) -> FeatureKey:
    """A sewer manhole with a pipe in and a pipe out."""
    key = add(
        own_town,
        "manhole",
        shapely.Point(X, Y),
        component_id="15082601002900001",
        component_name="污水井盖",
        cover_kind="污水井盖",
        exp_no="WS2",
        ground_elev_m=1038.64,
        well_depth_m=1.6,
        load_class="D400",
        road_name="中山路",
        state="完好",
        risk_level="不详",
    )
    for number, dx in (("WS1", -30), ("WS3", 30)):
        add(own_town, "manhole", shapely.Point(X + dx, Y), exp_no=number)
    pipe = {"kind": "WS", "diameter_mm": 300, "material": "T", "flow_dir": "顺向"}
    add(
        own_town,
        "pipe_line",
        shapely.LineString([(X - 30, Y), (X, Y)]),
        **pipe,
        end_elev_m=1037.10,
        elev_basis="管内底",
    )
    add(
        own_town,
        "pipe_line",
        shapely.LineString([(X, Y), (X + 30, Y)]),
        **pipe,
        start_elev_m=1037.34,
        elev_basis="管顶",
    )
    return key


def test_the_file_of_a_manhole_tells_what_is_known_of_it(
    own_town: Project, well: FeatureKey, tmp_path: Path
) -> None:
    set_language("zh_CN")
    record = {
        "date": "2026-05-04",
        "person": "张三",
        "finding": "井盖破损",
        "due_date": "2026-05-20",
    }
    own_town.session.apply(add_records(own_town, [well], record))
    out = tmp_path / "档案.pdf"
    result = write_dossiers(own_town, [well], out, on=DAY)
    text = text_of(out)
    assert result.pages == len(pypdf.PdfReader(out).pages) == 2
    for words in (
        "15082601002900001",
        "1508260102900001",
        "污水井盖",
        "中山路",
        "D400",
        "1038.64m",
        "4528400.000m",
        "428200.000m",
        "不详",
        "1:500",
        "2026-06-01",
        "2026-05-04",
        "井盖破损",
        "张三",
        "2026-05-20",
        "WS1",
        "WS3",
    ):
        assert words in text, words
    assert [path.name for path in tmp_path.iterdir() if "part" in path.name] == []


def test_all_fonts_are_inside(own_town: Project, well: FeatureKey, tmp_path: Path) -> None:
    out = tmp_path / "one.pdf"
    write_dossiers(own_town, [well], out)
    for page in pypdf.PdfReader(out).pages:
        for font in page["/Resources"]["/Font"].values():
            inner = font.get_object()["/DescendantFonts"][0].get_object()
            assert any("FontFile" in key for key in inner["/FontDescriptor"].get_object())


def test_a_section_shows_inverts_whatever_the_levels_refer_to(
    own_town: Project, well: FeatureKey
) -> None:
    section = well_section(own_town, own_town.get(well))
    assert section is not None
    assert section.bottom_m == pytest.approx(1037.04)
    ends = {end.other: (round(end.level_m, 2), end.comes_in) for end in section.pipes}
    assert ends == {"WS1": (1037.10, True), "WS3": (1037.04, False)}


def test_without_a_ground_level_there_is_no_section(own_town: Project) -> None:
    key = add(own_town, "manhole", shapely.Point(X, Y), well_depth_m=1.6)
    assert well_section(own_town, own_town.get(key)) is None


def test_several_assets_have_contents_and_bookmarks(
    own_town: Project, well: FeatureKey, tmp_path: Path
) -> None:
    keys = [well]
    for layer in ("park", "road", "pipe_line", "toilet"):
        table = own_town.table(layer, (), geometry=False)
        keys.append(FeatureKey(layer, str(table.uuids[0])))
    out = tmp_path / "many.pdf"
    result = write_dossiers(own_town, keys, out)
    # Strict: the bookmarks are added behind Qt's back and must not break the file.
    reader = pypdf.PdfReader(out, strict=True)
    assert len(reader.pages) == result.pages
    starts = [reader.get_destination_page_number(entry) for entry in reader.outline]
    assert len(starts) == len(keys)
    assert starts == sorted(set(starts))
    assert starts[0] == 1
    assert "15082601002900001" in reader.outline[0].title
    contents = text_of(out, 0)
    assert "体育公园" in contents
    for entry, start in zip(reader.outline, starts, strict=True):
        assert "".join(entry.title.split("  ")[0].split()) in text_of(out, start)


def test_an_asset_without_a_place_has_a_file_too(own_town: Project, tmp_path: Path) -> None:
    change = add_feature(own_town, "toilet", shapely.Point(X, Y), {"component_name": "公厕"})
    feature = change.changes[0].after
    assert feature is not None
    from hjgis.models.changes import Change, ChangeSet

    own_town.session.apply(ChangeSet("t", (Change(None, feature.with_geometry(None)),)))
    out = tmp_path / "one.pdf"
    write_dossiers(own_town, [feature.key], out)
    assert "1:500" not in text_of(out)
    assert "公厕" in text_of(out)


def test_photos_stand_in_the_file_and_broken_ones_say_so(
    own_town: Project, well: FeatureKey, tmp_path: Path
) -> None:
    from PIL import Image

    content = io.BytesIO()
    Image.new("RGB", (400, 300), (10, 120, 200)).save(content, "JPEG")
    papers = [
        Paper("好.jpg", Content.of(content.getvalue(), "image/jpeg")),
        Paper("bad.jpg", Content.of(b"no picture", "image/jpeg")),
        Paper("plan.pdf", Content.of(b"%PDF-1.4", "application/pdf")),
    ]
    own_town.session.apply(attach(own_town, [(well, paper) for paper in papers]))
    out = tmp_path / "one.pdf"
    write_dossiers(own_town, [well], out)
    text = text_of(out)
    assert "好.jpg" in text
    assert "Thispicturecannotberead" in text
    assert "plan.pdf" not in text
    images = [image for page in pypdf.PdfReader(out).pages for image in page.images]
    assert (400, 300) in {image.image.size for image in images}


def test_a_long_text_is_wrapped_and_nothing_of_it_lost(
    own_town: Project, well: FeatureKey, tmp_path: Path
) -> None:
    words = "".join(f"第{number}次更换井盖，" for number in range(120))
    key = add(own_town, "toilet", shapely.Point(X, Y), remarks=words)
    out = tmp_path / "one.pdf"
    write_dossiers(own_town, [key], out)
    assert words in text_of(out)


def test_wrapped_lines_fit_and_keep_words_whole(qapp: object) -> None:
    from PySide6.QtGui import QImage, QPainter

    image = QImage(100, 100, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    page = Page(painter, 10)
    text = "the second cover was replaced in 2019 窨井位于路口东侧第三块铺装石旁边"
    lines = wrapped(page, text, 30, 2.7)
    assert all(page.text_width(line, 2.7) <= 30 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert not any(line.endswith("replac") for line in lines)
    assert wrapped(page, "a\n\nb", 30, 2.7) == ["a", "", "b"]
    painter.end()


def test_a_large_asset_fits_its_sketch() -> None:
    box = Box(0, 0, 100, 80)
    assert sketch_scale((0, 0, 0, 0), box) == 500
    assert sketch_scale((0, 0, 400, 10), box) == 5000


def test_what_cannot_be_written_is_said_and_nothing_is_left(
    own_town: Project, well: FeatureKey, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="asset files are written as"):
        write_dossiers(own_town, [well], tmp_path / "one.docx")
    with pytest.raises(UsageError, match="there is none"):
        write_dossiers(own_town, [], tmp_path / "one.pdf")
    with pytest.raises(UsageError, match="no feature manhole/x"):
        write_dossiers(own_town, [FeatureKey("manhole", "x")], tmp_path / "one.pdf")
    with pytest.raises(HjgisError, match="no such folder"):
        write_dossiers(own_town, [well], tmp_path / "nowhere" / "one.pdf")


def test_a_job_that_is_stopped_leaves_no_file(
    own_town: Project, well: FeatureKey, tmp_path: Path
) -> None:
    class Stop:
        def report(self, done: int, total: int, key: str) -> None: ...

        def check(self) -> None:
            raise Cancelled

    before = set(tmp_path.iterdir())
    with pytest.raises(Cancelled):
        write_dossiers(own_town, [well], tmp_path / "one.pdf", progress=Stop())
    assert set(tmp_path.iterdir()) == before


def test_changes_of_the_asset_are_told_latest_first(own_town: Project, well: FeatureKey) -> None:
    own_town.session.apply(add_records(own_town, [well], {"date": "2026-05-04", "finding": "其他"}))
    content = dossier(own_town, well, on=DAY)
    assert len(content.history) == 2
    assert "Record of Manhole" in content.history[0]
    assert "Add Manhole" in content.history[1]


def test_what_was_looked_for_and_is_not_known_is_said_where_the_value_would_stand(
    own_town: Project, well: FeatureKey
) -> None:
    own_town.session.apply(set_unknown(own_town, [well], "water_depth_m"))
    cells = {
        cell.name: cell for group in dossier(own_town, well, on=DAY).groups for cell in group.cells
    }
    assert cells["Depth of water"].value == "unknown"
    assert cells["Depth of water"].known
    assert not any("water_depth_m" in cell.value for cell in cells.values())
