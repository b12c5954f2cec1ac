"""The same map is the same file, whoever makes it; and every file of it says how secret it is."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pypdf
import pytest
from PySide6.QtWidgets import QApplication

from hjgis.cartography.composition import MapJob, compose
from hjgis.cartography.output import render_sheet
from hjgis.i18n import set_language
from hjgis.layers.project import Project
from hjgis.models.changes import ChangeSet, FactChange
from tests.acceptance import map_town
from tests.acceptance.map_town import CENTER

ENDINGS = (".pdf", ".svg", ".png", ".tif")
DATES = re.compile(rb"D(?::|\\072)\d{14}Z|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
IDS = re.compile(rb"/ID \[.*?\]", re.DOTALL)
MAKE = """
import sys
from hjgis.cli import commands
from tests.test_cli import Faces
for out in sys.argv[2:]:
    options = ["--scale", "2000", "--center", "428245,4528395", "--dpi", "60"]
    assert commands.main(["map", sys.argv[1], out, *options], Faces()) == 0
    assert commands.main(["map", sys.argv[1], "again" + out, *options], Faces()) == 0
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return map_town.build(tmp_path_factory.mktemp("same") / "陕坝镇.gpkg")


@pytest.fixture(autouse=True)
def chinese(qapp: QApplication, english: None) -> Iterator[None]:
    assert qapp is not None
    set_language("zh_CN")
    yield
    set_language("en")


def test_the_same_map_is_the_same_bytes_in_every_kind_of_file_and_in_two_processes(
    file: Path, tmp_path: Path
) -> None:
    names = [f"m{ending}" for ending in ENDINGS]
    for seed in ("1", "2"):
        folder = tmp_path / seed
        folder.mkdir()
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "PYTHONHASHSEED": seed,
            "HJGIS_LANGUAGE": "zh_CN",
        }
        subprocess.run(
            [sys.executable, "-c", MAKE, file, *names], cwd=folder, check=True, env=environment
        )
    for name in names:
        made = [
            IDS.sub(b"", DATES.sub(b"", (tmp_path / seed / f"{again}{name}").read_bytes()))
            for seed in ("1", "2")
            for again in ("", "again")
        ]
        assert len(made[0]) > 10_000
        assert made.count(made[0]) == 4, name


def test_a_map_of_pipes_is_never_public_whatever_the_project_says(
    file: Path, tmp_path: Path
) -> None:
    path = tmp_path / "town.gpkg"
    path.write_bytes(file.read_bytes())
    levels = {"公开": "内部", "内部": "内部", "秘密": "秘密", "机密": "机密", "": "内部"}
    with Project.open(path) as project:
        parks = MapJob(project, theme="parks", scale=2000, center=CENTER)
        pipes = MapJob(project, theme="pipes", scale=2000, center=CENTER)
        for stated, told in levels.items():
            change = FactChange("secrecy", project.info("secrecy"), stated or None)
            if stated != (project.info("secrecy") or ""):
                project.session.apply(ChangeSet("secrecy", facts=(change,), params={"count": 1}))
            out = render_sheet(pipes, tmp_path / "m.pdf").path
            assert f"密级：{told}" in pypdf.PdfReader(out).pages[0].extract_text()
            # What is shown of parks is public; then the project's own level stands.
            assert compose(parks).secrecy == (stated or "公开")
            noted = any(told in note for note in compose(pipes).notes)
            assert noted == (told in ("秘密", "机密"))


def test_drawings_and_pictures_say_how_secret_they_are_too(file: Path, tmp_path: Path) -> None:
    with Project.open(file, write=False, verify=False) as project:
        job = MapJob(project, theme="pipes", scale=2000, center=CENTER)
        page = compose(job)
        (item,) = [item for item in page.items if item.kind == "secrecy"]
        drawing = render_sheet(job, tmp_path / "m.svg").path.read_text("utf-8")
        assert "密级：内部" in re.sub(r"<[^>]*>|\s", "", drawing)
        from PIL import Image

        made = render_sheet(job, tmp_path / "m.png", dpi=100).path
        with Image.open(made) as picture:
            k = 100 / 25.4
            box = item.box
            part = picture.convert("L").crop(
                tuple(round(v * k) for v in (box.x, box.y, box.right, box.bottom))
            )
            # Black letters stand where the sheet has its level.
            assert part.getextrema()[0] < 60
