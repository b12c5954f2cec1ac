"""What others do on a day in the office: contractors, surveyors, and whatever kills the program."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import fiona
import openpyxl

from tests.returns import edited, zipped

# A piece of the town with nothing on it.
X, Y = 428_540.0, 4_528_380.0
# What the contractor measures anew.
CHANGED = ("JJ01", "JJ02", "JJ03", "JJ04", "JJ05", "JJ06")
_READ = """
import sqlite3, sys
base = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
sql = "SELECT well_depth_m FROM manhole WHERE exp_no IN (?, ?, ?, ?, ?, ?) ORDER BY exp_no"
print([row[0] for row in base.execute(sql, sys.argv[2:])])
base.close()
"""


def contractors_lamps(folder: Path) -> Path:
    """Write a shapefile as older programs do: GBK, and no .cpg to say so."""
    folder.mkdir()
    path = folder / "新装路灯.shp"
    schema = {
        "geometry": "Point",
        "properties": {"灯杆编号": "str:20", "光源": "str:20", "道路名称": "str:40", "功率": "int"},
    }
    with fiona.open(
        path, "w", driver="ESRI Shapefile", schema=schema, crs="EPSG:4545", encoding="gbk"
    ) as file:
        for number in range(12):
            file.write(
                {
                    "geometry": {"type": "Point", "coordinates": (X + 12 * number, Y + 50)},
                    "properties": {
                        "灯杆编号": f"新{number + 1:03}",
                        "光源": "LED" if number % 3 else "高压钠灯",
                        "道路名称": "迎宾路",
                        "功率": 150,
                    },
                }
            )
    path.with_suffix(".cpg").unlink()
    return path


def survey_of_pipes(folder: Path) -> Path:
    """Write a workbook of a survey whose X and Y are not what surveyors mean by them."""
    book = openpyxl.Workbook()
    points, lines = book.active, book.create_sheet("管线表")
    assert points is not None
    points.title = "管点表"
    points.append(["物探点号", "特征", "附属物", "X", "Y", "地面高程", "井底深", "道路名称"])
    lines.append(["起点点号", "终点点号", "管线类型", "起点埋深", "终点埋深", "管径", "材质"])
    for number in range(8):
        east, north = X + 18.3 * number, Y + 42 + number % 2
        name = f"YB{number + 1:02}"
        points.append([name, None, "污水井", east, north, 1041.2, 2.0 + number / 50, "迎宾路"])
        if number:
            lines.append([f"YB{number:02}", name, "WS", 1.8, 1.82, "DN300", "砼"])
    path = folder / "迎宾路管线探测.xlsx"
    book.save(path)
    return path


def contractor_changes(package: Path, folder: Path) -> Path:
    """Unpack, measure six manholes anew with another program, pack again."""
    with zipfile.ZipFile(package) as archive:
        archive.extractall(folder / "解压")
    (path,) = [one for one in (folder / "解压").rglob("*.shp") if one.stem == "manhole"]

    def measure(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        found = 0
        for record in records:
            values = record["properties"]
            if values["WTDH"] in CHANGED:
                values["JDS"] = 3.5
                found += 1
        assert found == len(CHANGED)
        return records

    edited(path, measure)
    return zipped(folder / "解压", folder / "复测成果.zip")


def depths(town: Path) -> list[float]:
    """Read with another program what is in the file while it is open."""
    done = subprocess.run(
        [sys.executable, "-c", _READ, str(town), *CHANGED],
        capture_output=True,
        check=True,
        text=True,
    )
    return list(json.loads(done.stdout))


def draw_until_killed(town: Path) -> int:
    """Let the program run in a process of its own, kill it; return how many were drawn for sure."""
    command = [
        sys.executable,
        "-m",
        "tests.acceptance.until_killed",
        str(town),
        str(X),
        str(Y + 60),
    ]
    with subprocess.Popen(
        command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        for _line in range(15):
            child.stdout.readline()
        child.send_signal(signal.SIGKILL)
        return 15 + len(child.stdout.read().splitlines())
