"""Maps of bad projects, places and themes: told in words, and nothing half written."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pypdf
import pytest
from PySide6.QtWidgets import QApplication

from hjgis.cartography.composition import MapJob, Place
from hjgis.cartography.legend import Row, laid_out
from hjgis.cartography.output import MapResult, render_sheet
from hjgis.cartography.series import write_series
from hjgis.cli import commands
from hjgis.errors import Cancelled, HjgisError, UsageError
from hjgis.i18n import set_language
from hjgis.layers.project import Project
from hjgis.models.changes import ChangeSet, FactChange
from hjgis.models.facts import fact_text
from hjgis.models.sheets import Box
from hjgis.models.styles.style import MarkerSymbol
from hjgis.models.themes import FACT, Theme, theme_of
from tests.acceptance import map_town
from tests.acceptance.map_town import CENTER
from tests.test_cli import Faces

SMALL = "a4-landscape"
MATERIALS = len(map_town.MATERIALS)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small town with themes that somebody has kept in it."""
    path = map_town.build(tmp_path_factory.mktemp("bad") / "陕坝镇.gpkg")
    with Project.open(path) as project:
        kept = [made.to_json() for made in THEMES.values()]
        change = FactChange(FACT, project.info(FACT), fact_text(kept))
        project.session.apply(ChangeSet(FACT, facts=(change,), params={"count": 1}))
    return path


@pytest.fixture(scope="module")
def town(file: Path) -> Iterator[Project]:
    with Project.open(file, write=False, verify=False) as project:
        yield project


@pytest.fixture(autouse=True)
def chinese(qapp: QApplication, english: None) -> Iterator[None]:
    assert qapp is not None
    set_language("zh_CN")
    yield
    set_language("en")


def own(name: str, **portrayal: object) -> Theme:
    return theme_of(
        {
            "id": name,
            "label": {"en": name, "zh_CN": name},
            "layers": ["boundary", "road", "pipe_line", "park"],
            "subject": ["pipe_line"],
            "portrayal": [{"layer": "pipe_line", **portrayal}],
        }
    )


THEMES = {
    made.id: made
    for made in (
        own("材质", method="categories", field="material", most=12),
        own("两类", method="categories", field="material", most=2),
        own("管径", method="graduated", field="diameter_mm", classes=4),
        own(
            "区间", method="graduated", field="diameter_mm", scheme="user", breaks=[150, 7777, 8888]
        ),
        own("粗细", method="size", field="diameter_mm"),
        own("负数", method="size", field="start_elev_m"),
        own("空值", method="graduated", field="wall_mm"),
        own("删字段", method="categories", field="no_longer_there"),
    )
}


@pytest.fixture(params=["command", "job"])
def make(
    request: pytest.FixtureRequest,
    file: Path,
    town: Project,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[..., str]:
    """Make a map by the command or by what the print window asks; returns all that is said."""

    monkeypatch.setenv("HJGIS_LANGUAGE", "zh_CN")

    def by_command(out: Path, **more: object) -> str:
        arguments = [
            text for key, value in more.items() for text in (f"--{key}", as_text(value)) if value
        ]
        try:
            done = commands.main(["map", str(file), str(out), *arguments], Faces())
        except SystemExit as stopped:
            # A value that is none is the parser's to refuse.
            if stopped.code != 2:
                raise
            raise UsageError(capsys.readouterr().err) from stopped
        said = capsys.readouterr()
        assert not said.out
        assert "Traceback" not in said.err
        if done:
            error = {2: UsageError, 3: HjgisError, 4: Cancelled}[done]
            raise error(said.err)
        return str(said.err)

    def by_job(out: Path, **more: Any) -> str:
        if isinstance(more.get("theme"), str):
            more["theme"] = THEMES.get(more["theme"], more["theme"])
        dpi = more.pop("dpi", 200)
        made: MapResult = render_sheet(MapJob(town, **more), out, dpi=dpi)
        return "\n".join(made.notes)

    return by_command if request.param == "command" else by_job


def as_text(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def text_of(path: Path) -> str:
    return pypdf.PdfReader(path).pages[0].extract_text().replace("\t", " ")


@pytest.mark.parametrize("scale", [50.0, 5_000_000.0, 1e-9, float("nan"), float("inf"), -5.0])
def test_a_scale_that_is_none_is_refused(make: Any, tmp_path: Path, scale: float) -> None:
    out = tmp_path / "m.pdf"
    with pytest.raises(UsageError):
        make(out, sheet=SMALL, scale=scale)
    assert not list(tmp_path.iterdir())


def test_a_scale_of_nothing_is_refused_by_the_job_too(town: Project, tmp_path: Path) -> None:
    for center in (None, CENTER):
        with pytest.raises(UsageError):
            render_sheet(MapJob(town, scale=0.0, center=center), tmp_path / "m.pdf")
    with pytest.raises(SystemExit):
        commands.main(["map", str(town.path), "m.pdf", "--scale", "0"], Faces())


@pytest.mark.parametrize(
    "where",
    [
        {"extent": (float("nan"), 0.0, 1.0, 1.0)},
        {"extent": (0.0, 0.0, float("inf"), 1.0)},
        {"extent": (2.0, 2.0, 1.0, 1.0)},
        {"center": (float("inf"), 0.0)},
        {"center": (float("nan"), 0.0), "scale": 1000.0},
        {"center": (1e300, 0.0), "scale": 1000.0},
    ],
    ids=str,
)
def test_a_place_that_is_none_is_refused(
    make: Any, tmp_path: Path, where: dict[str, object]
) -> None:
    with pytest.raises(UsageError):
        make(tmp_path / "m.pdf", sheet=SMALL, **where)
    assert not list(tmp_path.iterdir())


def test_a_map_of_where_nothing_lies_says_so(make: Any, tmp_path: Path) -> None:
    far = (CENTER[0] + 20_000, CENTER[1], CENTER[0] + 20_100, CENTER[1] + 100)
    said = make(tmp_path / "m.pdf", sheet=SMALL, extent=far)
    assert "Nothing of this map's layers" in said or "没有" in said
    assert "密级" in text_of(tmp_path / "m.pdf")


def test_an_empty_layer_leaves_the_rest_of_the_map(make: Any, tmp_path: Path) -> None:
    # The theme of toilets, in a town that has none.
    make(tmp_path / "m.pdf", sheet=SMALL, theme="toilets")
    assert "公厕" not in text_of(tmp_path / "m.pdf").partition("图 例")[2].partition("密")[0]


def test_an_empty_project_has_nothing_to_show(tmp_path: Path, blank: Path, capsys: Any) -> None:
    with Project.open(blank, write=False) as empty, pytest.raises(HjgisError) as refused:
        render_sheet(MapJob(empty), tmp_path / "m.pdf")
    assert commands.main(["map", str(blank), str(tmp_path / "m.pdf")], Faces()) == 3
    assert str(refused.value)
    assert "nothing to show" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_values_without_colours_of_their_own_are_one_class_and_nothing_known_is_another(
    make: Any, tmp_path: Path
) -> None:
    said = make(tmp_path / "m.pdf", theme="两类")
    assert str(MATERIALS - 2) in said
    text = text_of(tmp_path / "m.pdf")
    assert "其他" in text
    assert "无数据" in text
    make(tmp_path / "n.pdf", theme="材质")
    text = text_of(tmp_path / "n.pdf")
    assert "无数据" in text
    assert "其他" not in text.partition("图 例")[2]


def test_a_class_with_no_features_is_not_in_the_legend(make: Any, tmp_path: Path) -> None:
    make(tmp_path / "m.pdf", theme="区间")
    text = text_of(tmp_path / "m.pdf").replace(" ", "").replace(",", "")
    assert "150" in text
    assert "7777" not in text


def test_a_field_that_is_no_more_is_told_and_the_layer_is_as_usual(
    make: Any, tmp_path: Path
) -> None:
    said = make(tmp_path / "m.pdf", theme="删字段")
    assert "no_longer_there" in said
    assert "燃气" in text_of(tmp_path / "m.pdf")


def test_a_field_without_any_number_is_told(make: Any, tmp_path: Path) -> None:
    assert make(tmp_path / "m.pdf", theme="空值").strip()
    assert "燃气" in text_of(tmp_path / "m.pdf")


def test_negative_numbers_have_signs_of_their_own(tmp_path: Path, file: Path) -> None:
    path = tmp_path / "town.gpkg"
    path.write_bytes(file.read_bytes())
    x, y = CENTER
    with Project.open(path) as project:
        rows: list[map_town.Row] = [
            (map_town.LineString([(x, y + i), (x + 50, y + i)]), {"start_elev_m": number})
            for i, number in enumerate((-8.0, 4.0, 0.0))
        ]
        map_town.store(project, {"pipe_line": rows})
        render_sheet(MapJob(project, theme=THEMES["负数"]), tmp_path / "m.pdf")
    text = text_of(tmp_path / "m.pdf")
    assert "负" in text
    assert "无数据" in text


def test_a_title_of_two_hundred_letters_is_cut_and_told(make: Any, tmp_path: Path) -> None:
    said = make(tmp_path / "m.pdf", sheet=SMALL, title="杭锦后旗陕坝镇" * 28 + "管线")
    assert "图名" in said or "title" in said
    assert "杭锦后旗" in text_of(tmp_path / "m.pdf")


def test_ten_times_the_legend_takes_about_ten_times_as_long() -> None:
    def spent(count: int) -> float:
        rows = [Row(f"图例 {i}", MarkerSymbol("circle", 2.0)) for i in range(count)]
        before = time.process_time()
        for _again in range(3):
            layout = laid_out(rows, Box(0, 0, 72, 150))
        shown = sum(map(len, layout.columns))
        assert shown + layout.left_out == count
        return time.process_time() - before

    spent(300)
    assert spent(3000) < 40 * spent(300)


# -- targets that cannot be written ------------------------------------------------------

_ENDINGS = (".pdf", ".svg", ".png", ".tif")
_FULL_DISK = """
import resource, sys
from pathlib import Path
from hjgis.cartography.composition import MapJob, Place
from hjgis.cartography.output import render_sheet
from hjgis.cartography.series import write_series
from hjgis.errors import HjgisError
from hjgis.layers.project import Project
with Project.open(Path(sys.argv[1]), write=False, verify=False) as project:
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
    job = MapJob(project, sheet="a4-landscape", scale=2000, center=(428245.0, 4528395.0))
    for name in sys.argv[2:]:
        try:
            if name.startswith("series"):
                places = [Place((428245.0, 4528395.0), 2000.0, number=str(i)) for i in range(2)]
                mode = "many" if "many" in name else "one"
                write_series(job, places, Path(name), mode=mode, dpi=60)
            else:
                render_sheet(job, Path(name), dpi=60)
        except HjgisError as error:
            print(error)
        else:
            print("written", name)
"""


def test_a_full_disk_leaves_the_old_map_and_nothing_half_written(
    file: Path, tmp_path: Path
) -> None:
    names = [f"old{ending}" for ending in _ENDINGS] + ["series.pdf", "series many.png"]
    for name in names:
        (tmp_path / name).write_text(f"old {name}")
    done = subprocess.run(
        [sys.executable, "-c", _FULL_DISK, file, *names],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    told = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    assert len(told) == len(names)
    for name, words in zip(names, told, strict=True):
        assert words.startswith(f"{name} cannot be written"), words
        assert (tmp_path / name).read_text() == f"old {name}"
    assert {path.name for path in tmp_path.iterdir()} == {*names}


@pytest.mark.parametrize("ending", _ENDINGS)
def test_what_is_no_file_to_write_stays_as_it_is(make: Any, tmp_path: Path, ending: str) -> None:
    taken = tmp_path / f"taken{ending}"
    taken.mkdir()
    (taken / "kept").write_text("kept")
    for out in (taken, tmp_path / "none" / f"m{ending}"):
        with pytest.raises(HjgisError, match=out.name.partition(".")[0]):
            make(out, sheet=SMALL, dpi=60)
    assert [path.name for path in tmp_path.rglob("*")] == [taken.name, "kept"]


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="a folder in which nobody may write")
@pytest.mark.parametrize("ending", _ENDINGS)
def test_a_folder_of_the_system_is_told(make: Any, ending: str) -> None:
    with pytest.raises(HjgisError, match="/proc/m"):
        make(Path(f"/proc/m{ending}"), sheet=SMALL, dpi=60)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_is_read_only_is_told(make: Any, tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    with pytest.raises(HjgisError):
        make(tmp_path / "m.pdf", sheet=SMALL)
    tmp_path.chmod(0o755)
    assert not list(tmp_path.iterdir())


def test_one_of_many_files_that_cannot_take_its_place_leaves_all_as_it_was(
    town: Project, tmp_path: Path
) -> None:
    places = [Place(CENTER, 2000.0, number=str(i)) for i in range(3)]
    (tmp_path / "m 0.pdf").write_text("old")
    (tmp_path / "m 2.pdf").mkdir()
    with pytest.raises(HjgisError, match="m"):
        write_series(
            MapJob(town, sheet=SMALL), places, tmp_path / "m.pdf", mode="many", index=False
        )
    assert (tmp_path / "m 0.pdf").read_text() == "old"
    assert {path.name for path in tmp_path.iterdir()} == {"m 0.pdf", "m 2.pdf"}


# -- fonts -------------------------------------------------------------------------------

_NO_FONT = """
import sys
from hjgis.cli import commands
from tests.test_cli import Faces
sys.exit(commands.main(sys.argv[1:], Faces()))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="fonts of fontconfig")
def test_without_a_chinese_font_nothing_is_printed_and_the_font_is_named(
    file: Path, tmp_path: Path
) -> None:
    fonts = tmp_path / "fonts"
    fonts.mkdir()
    (fonts / "fonts.conf").write_text(
        f'<?xml version="1.0"?><fontconfig><dir>{fonts}</dir>'
        f"<cachedir>{fonts}/cache</cachedir></fontconfig>"
    )
    out = tmp_path / "out"
    out.mkdir()
    for name in ("m.pdf", "m.png"):
        done = subprocess.run(
            [sys.executable, "-c", _NO_FONT, "map", file, out / name, "--sheet", SMALL],
            capture_output=True,
            text=True,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(sys.path),
                "FONTCONFIG_FILE": str(fonts / "fonts.conf"),
                "QT_QPA_FONTDIR": str(fonts),
            },
        )
        assert done.returncode == 3, done.stderr
        assert "WenQuanYi Micro Hei" in done.stderr
        assert not list(out.iterdir())


# -- other projects ----------------------------------------------------------------------


def test_a_town_without_boundary_roads_and_grid_is_mapped(
    tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HJGIS_LANGUAGE", "zh_CN")
    path = map_town.build(tmp_path / "town.gpkg", leave_out=("boundary", "road", "park"))
    out = tmp_path / "m.pdf"
    assert commands.main(["map", str(path), str(out)], Faces()) == 0
    assert "燃气" in text_of(out)
    capsys.readouterr()
    for kind in ("grid", "road"):
        code = commands.main(["map", str(path), str(tmp_path / "s.pdf"), "--series", kind], Faces())
        assert code == 3
        assert capsys.readouterr().err.strip()
    code = commands.main(
        ["map", str(path), str(tmp_path / "t.pdf"), "--series", "sheet", "--theme", "pipes"],
        Faces(),
    )
    assert code == 0
    assert not (tmp_path / "s.pdf").exists()


def test_eastings_with_the_zone_before_them_are_printed_as_they_are(tmp_path: Path) -> None:
    # Six degrees wide, zone 18: 105 degrees, the zone's number before the east.
    center = (18_685_000.0, 4_529_000.0)
    path = map_town.build(tmp_path / "town.gpkg", crs="EPSG:4496", center=center)
    with Project.open(path, write=False, verify=False) as project:
        made = render_sheet(MapJob(project, scale=2000, center=center), tmp_path / "m.pdf")
    text = text_of(made.path)
    assert "18685.0" in text
    assert "105°" in text
    assert "6°" in text


# -- stopped -----------------------------------------------------------------------------


class StopsAt:
    """Stops at the n-th time that it is asked."""

    def __init__(self, at: int) -> None:
        self.at, self.asked = at, 0

    def report(self, done: int, total: int, key: str) -> None:
        assert 0 <= done <= total, key

    def check(self) -> None:
        self.asked += 1
        if self.asked > self.at:
            raise Cancelled("stopped")


@pytest.mark.parametrize("mode", ["one", "many"])
def test_a_series_stopped_anywhere_leaves_no_file(town: Project, tmp_path: Path, mode: Any) -> None:
    places = [Place(CENTER, 5000.0, number=str(i)) for i in range(2)]
    job = MapJob(town, sheet=SMALL, theme="parks")
    counter = StopsAt(10**9)
    write_series(job, places, tmp_path / "all.pdf", mode=mode, progress=counter)
    made = {path.name for path in tmp_path.iterdir()}
    steps = sorted({*range(6), *range(6, counter.asked, max(counter.asked // 8, 1))})
    for at in [step for step in steps if step < counter.asked]:
        with pytest.raises(Cancelled):
            write_series(job, places, tmp_path / "m.pdf", mode=mode, progress=StopsAt(at))
        assert {path.name for path in tmp_path.iterdir()} == made


def test_a_single_map_stopped_anywhere_leaves_no_file(town: Project, tmp_path: Path) -> None:
    counter = StopsAt(10**9)
    job = MapJob(town, sheet=SMALL)
    render_sheet(job, tmp_path / "all.pdf", progress=counter)
    for at in range(0, counter.asked, max(counter.asked // 8, 1)):
        with pytest.raises(Cancelled):
            render_sheet(job, tmp_path / "m.pdf", progress=StopsAt(at))
    assert [path.name for path in tmp_path.iterdir()] == ["all.pdf"]
