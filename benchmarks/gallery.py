"""Every ready theme and kind of sheet, of the sample town: ``docs/gallery.md`` and its pictures.

``python -m benchmarks.gallery [FOLDER]`` writes the page into ``docs`` and the pictures into
``docs/gallery``, or both into another folder. The Chinese words must be made before
(``./dev pages``).
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from PySide6.QtGui import QColor, QImage, QPainter

from benchmarks.clock import ROOT
from hjgis.cartography.composition import Composer, Composition, MapJob, Place
from hjgis.cartography.output import render_sheet, write_composition
from hjgis.cartography.page import Page
from hjgis.cartography.painting import paint_sheet
from hjgis.cartography.series_cut import series_places
from hjgis.cartography.series_index import series_index
from hjgis.i18n import set_language
from hjgis.layers.project import Project
from hjgis.models.sheets import sheet
from hjgis.models.themes import theme, theme_ids
from hjgis.render.fonts import ensure_application
from hjgis.render.frame import MM_PER_INCH

SAMPLE: Final = ROOT / "sample_data" / "town.gpkg"
MOST_BYTES: Final = 60_000
_GOOD_BYTES: Final = 50_000
_DPI: Final = 64.0
_COLORS: Final = (64, 48, 32, 24, 20, 16)
# The same pictures whenever they are made.
_ON: Final = date(2026, 11, 28)
_CENTER: Final = (428_100.0, 4_528_350.0)

# What each theme is for, in Chinese and in English.
THEMES: Final[dict[str, tuple[str, str]]] = {
    "bikes": ("停取点够不够密、空白在哪里", "whether stations are dense, and where they lack"),
    "completeness": ("哪些网格还要补录数据", "in which cells data are still to be completed"),
    "grids": ("每个网格有没有网格长", "whether each cell has somebody who heads it"),
    "lamps": ("各道路路灯光源与LED占比", "light sources, and the share of LED by road"),
    "manhole_state": ("病害井盖在哪里", "where faulty covers are"),
    "manhole_units": ("每个窨井由谁负责", "who answers for each manhole"),
    "manholes": ("各类窨井的分布与数量", "kinds of manholes, and how many"),
    "overview": ("全部部件一张图", "all assets on one sheet"),
    "parking": ("停车场和路内泊位的分布", "car parks and places along streets"),
    "parking_supply": ("泊位供给的疏密", "where parking spaces are many or few"),
    "parks": ("公园500 m服务范围覆盖了多少", "how much lies within 500 m of a park"),
    "pipe_age": ("老旧管线在哪里、有多长", "where old pipes lie, and how long they are"),
    "pipe_material": ("各种材质的管线与长度", "pipes by material, with their lengths"),
    "pipe_overdue": ("超过使用年限的管线", "pipes that have served beyond their years"),
    "pipes": ("地下管线综合图", "all underground pipes"),
    "renewal": ("更新改造先做哪些管线", "which pipes are to be renewed first"),
    "target_leds": ("路灯节能改造完成到哪里", "how far the lamps have become LED"),
    "target_manholes": ("还缺责任主体的窨井", "manholes that nobody answers for yet"),
    "toilets": ("公厕300 m服务范围覆盖了多少", "how much lies within 300 m of a toilet"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of sheet that is shown: its picture's name and what it is, in both languages."""

    id: str
    zh: str
    en: str


FORMS: Final = (
    Form("a4-portrait", "A4纵向：公园广场", "A4 upright: parks and squares"),
    Form("street", "A3横向1:2000街区图：地下管线", "A3 across, a street at 1:2000: pipes"),
    Form("standard", "标准图幅1:500（50×50 cm，带接合图表）",
         "Standard sheet 1:500 (50 x 50 cm, with its neighbours)"),
    Form("strip", "道路带状图1:1000", "A strip along a road at 1:1000"),
    Form("series", "图幅系列的索引图", "Index of a series of sheets"),
)  # fmt: skip


def gallery_page() -> str:
    """Return the page, which names all pictures."""
    lines = [
        "# Gallery / 图集",
        "",
        "Made by `python -m benchmarks.gallery` from the sample town; do not edit."
        " 由样例工程自动生成。",
        "",
        "## Ready themes / 现成专题",
    ]
    for name in theme_ids():
        zh, en = THEMES[name]
        words = theme(name).label
        lines += ["", f"### {words['zh_CN']} / {words['en']}", ""]
        lines += [
            f"{zh}。 Shows {en}. (`--theme {name}`)",
            "",
            f"![{name}](gallery/map-{name}.png)",
        ]
    lines += ["", "## Kinds of sheets / 图面形式"]
    for form in FORMS:
        lines += ["", f"### {form.zh} / {form.en}", "", f"![{form.id}](gallery/form-{form.id}.png)"]
    lines += ["", "## The same in QGIS / 与QGIS对照", ""]
    lines += ["Left: hjgis; right: QGIS, from the styles in the same file. 左为本软件，右为QGIS。"]
    for picture in sorted((ROOT / "docs" / "gallery").glob("qgis-*.png")):
        name = picture.stem.removeprefix("qgis-")
        lines += ["", f"`{name}`", "", f"![{name}](gallery/{picture.name})"]
    return "\n".join(lines) + "\n"


def write_pictures(folder: Path) -> Iterator[Path]:
    """Write all pictures into a folder, and tell each."""
    ensure_application()
    set_language("zh_CN")
    with tempfile.TemporaryDirectory() as name, Project.open(SAMPLE, write=False) as project:
        work = Path(name)
        for about in theme_ids():
            job = MapJob(project, theme=about, on=_ON)
            path = folder / f"map-{about}.png"
            for share in (1.0, 0.92, 0.85):
                render_sheet(job, work / "map.png", dpi=share * _DPI)
                if saved_small(work / "map.png", path).stat().st_size <= MOST_BYTES:
                    break
            yield path
        for form in FORMS:
            _write_form(project, form.id, work / "form.png")
            yield saved_small(work / "form.png", folder / f"form-{form.id}.png")


def _write_form(project: Project, form: str, out: Path) -> None:
    match form:
        case "a4-portrait":
            job = MapJob(project, theme="parks", sheet=form, on=_ON)
            render_sheet(job, out, dpi=1.3 * _DPI)
        case "street":
            job = MapJob(project, theme="pipes", scale=2000, center=_CENTER, on=_ON)
            render_sheet(job, out, dpi=_DPI)
        case "standard":
            job = MapJob(project, theme="pipes", sheet="standard", on=_ON)
            places = series_places(project, "sheet", sheet="standard", theme="pipes", scale=500)
            write_composition(_nearest(job, places), out, dpi=0.55 * _DPI)
        case "strip":
            job = MapJob(project, theme="pipes", sheet="strip", on=_ON)
            places = series_places(project, "road", sheet="strip", theme="pipes", scale=1000)
            along = [place for place in places if place.name.startswith("龙宝街")]
            write_composition(_nearest(job, along), out, dpi=0.6 * _DPI)
        case "series":
            job = MapJob(project, theme="pipes", on=_ON)
            places = series_places(project, "sheet", sheet="standard", theme="pipes", scale=2000)
            _write_index(job, places, out)


def _nearest(job: MapJob, places: Sequence[Place]) -> Composition:
    """Return the page of the place nearest to the town's middle."""

    def away(place: Place) -> float:
        return abs(place.center[0] - _CENTER[0]) + abs(place.center[1] - _CENTER[1])

    place = min(places, key=away)
    return Composer(job, [place]).page(place)


def _write_index(job: MapJob, places: Sequence[Place], out: Path) -> None:
    paper, px_per_mm = sheet("a3-landscape"), _DPI / MM_PER_INCH
    index = series_index(job, places, paper, title="合成样例：1:2000图幅索引图", numbered=True)
    width, height = (round(side * px_per_mm) for side in paper.paper_mm)
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.setDotsPerMeterX(round(1000 * px_per_mm))
    image.setDotsPerMeterY(round(1000 * px_per_mm))
    image.fill(QColor("#ffffff"))
    painter = QPainter(image)
    paint_sheet(painter, index.map_page, px_per_mm=px_per_mm)
    index.paint_frames(Page(painter, px_per_mm))
    painter.end()
    image.save(str(out))


def saved_small(
    picture: Path, path: Path, colors: Sequence[int] = _COLORS, good_bytes: int = _GOOD_BYTES
) -> Path:
    """Keep a picture with as many colours as its bytes allow."""
    from PIL import Image

    with Image.open(picture) as image:
        plain = image.convert("RGB")
    for count in colors:
        small = plain.quantize(
            count, Image.Quantize.MAXCOVERAGE, kmeans=3, dither=Image.Dither.NONE
        )
        small.save(path, optimize=True)
        if path.stat().st_size <= good_bytes:
            break
    return path


def main() -> None:
    """Write page and pictures."""
    docs = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs"
    folder = docs / "gallery"
    folder.mkdir(parents=True, exist_ok=True)
    for path in write_pictures(folder):
        print(path, path.stat().st_size)
    (docs / "gallery.md").write_text(gallery_page(), "utf-8")


if __name__ == "__main__":
    main()
