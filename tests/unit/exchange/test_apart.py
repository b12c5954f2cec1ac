"""Foreign files are read in a process apart, which may crash, hang or swell without harm."""

from __future__ import annotations

import datetime as dt
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import shapely

from hjgis.errors import Cancelled, InputError, InputQuestion, UsageError
from hjgis.exchange import apart, parcel, reading
from hjgis.exchange.encoding import Encoding
from hjgis.exchange.foreign import ForeignLayer
from hjgis.exchange.formats import Asked
from hjgis.exchange.sources import read_layer, summaries
from hjgis.i18n import set_language
from hjgis.models.crs import parse_crs

Make = Callable[..., Path]
# Less than a file is given at most.
WELL_WITHIN_S = 0.75 * apart._SECONDS


@pytest.fixture
def warm(geojson: Make) -> Path:
    """A file that is read without trouble, and was once, by a process that is still there."""
    # One that holds much after all that it has read ends by itself.
    apart.READER.close()
    path = geojson([(shapely.Point(1, 1), {})], name="warm")
    assert len(read_layer(path)) == 1
    return path


@pytest.fixture
def endless(tmp_path: Path) -> Path:
    """A GeoPackage with a view that never comes to an end."""
    from pyogrio import raw

    path = tmp_path / "endless.gpkg"
    raw.write(
        path, shapely.to_wkb([shapely.Point(1, 2)]), [np.array([1])], ["n"],
        geometry_type="Point", crs="EPSG:4545", driver="GPKG", layer="true",
    )  # fmt: skip
    database = sqlite3.connect(path)
    database.executescript(
        """
        CREATE VIEW endless AS WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c)
        SELECT n AS fid, NULL AS geom, n FROM c WHERE n < 0;
        INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id)
        SELECT 'endless', 'features', 'endless', srs_id FROM gpkg_contents;
        INSERT INTO gpkg_geometry_columns
        SELECT 'endless', 'geom', 'POINT', srs_id, 0, 0 FROM gpkg_geometry_columns;
        """
    )
    database.close()
    return path


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


# -- the way back ------------------------------------------------------------------------


def test_a_layer_comes_back_as_it_was_read(shapefile: Make, tmp_path: Path) -> None:
    path = shapefile([{"名称": "井", "n": 1, "d": 1.5}, {"名称": "", "n": 2, "d": -0.1}])
    far, near = read_layer(path), reading.layer(path, tmp_path, None, Asked())
    assert [shape.wkt for shape in far.geometry] == [shape.wkt for shape in near.geometry]
    for name, column in near.columns.items():
        assert far.columns[name].dtype == column.dtype
        assert far.columns[name].tolist() == column.tolist()
    assert (far.crs, far.encoding, far.warnings) == (near.crs, near.encoding, near.warnings)
    assert far.crs is not None
    assert far.crs.text == "EPSG:4545"


def test_every_kind_of_value_and_shape_survives_the_way(tmp_path: Path) -> None:
    values = np.empty(9, dtype=object)
    values[:] = [
        None, "文\ud800", 10**30, 1.5, True, dt.date(2024, 2, 29), dt.time(1, 2, 3),
        dt.datetime(2024, 2, 29, 1, 2, 3, 4), dt.timedelta(days=1, microseconds=5),
    ]  # fmt: skip
    shapes = np.empty(9, dtype=object)
    shapes[:] = [
        None, shapely.Point(1, 2), shapely.Point(1, 2, 3), shapely.Point(), shapely.Polygon(),
        shapely.from_wkt("LINESTRING ZM (0 0 1 2, 1 1 3 4)"), shapely.from_wkt("POINT M (1 2 3)"),
        shapely.from_wkt("GEOMETRYCOLLECTION (POINT (1 1), MULTIPOINT (1 1, 2 2))"), None,
    ]  # fmt: skip
    dates = np.arange(9).astype("datetime64[ms]")
    layer = ForeignLayer(
        "x/y", {"a": values, "b": dates, "": np.arange(9.0)}, shapes, np.arange(9) == 8,
        parse_crs("+proj=tmerc +lon_0=107.4 +ellps=GRS80"), Encoding("gbk", "cpg", ("w",)), ("v",),
    )  # fmt: skip
    back = parcel.unpack(parcel.pack(layer, tmp_path), tmp_path)
    assert back.columns["a"].tolist() == values.tolist()
    assert back.columns["b"].dtype == dates.dtype
    assert list(back.columns) == ["a", "b", ""]
    assert [s and s.wkt for s in back.geometry] == [s and s.wkt for s in shapes]
    assert back.unreadable.tolist() == layer.unreadable.tolist()
    assert (back.crs, back.encoding, back.warnings) == (layer.crs, layer.encoding, layer.warnings)


def test_errors_come_back_as_themselves_in_the_language_of_the_window(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("名称,经度,纬度\n井,107.1,40.9\n", "gbk")
    with pytest.raises(InputQuestion) as asked:
        read_layer(tmp_path / "a.csv")
    assert (asked.value.option, asked.value.candidates[0]) == ("--x / --y", "经度")
    (tmp_path / "a.dwg").write_bytes(b"AC1015")
    with pytest.raises(UsageError, match="ask for DXF"):
        summaries(tmp_path / "a.dwg")
    set_language("zh_CN")
    with pytest.raises(UsageError, match="DXF") as in_chinese:
        summaries(tmp_path / "a.dwg")
    assert not str(in_chinese.value).isascii()


# -- one process -------------------------------------------------------------------------


def test_one_process_serves_many_questions_and_many_threads(geojson: Make) -> None:
    files = [geojson([(shapely.Point(i, i), {"n": i})], name=f"f{i}") for i in range(12)]
    read_layer(files[0])
    pid = apart.READER.pid
    with ThreadPoolExecutor(4) as pool:
        layers = list(pool.map(read_layer, files))
    assert [layer.columns["n"].tolist() for layer in layers] == [[i] for i in range(12)]
    assert apart.READER.pid == pid


def test_no_process_and_no_file_is_left_behind(geojson: Make, tmp_path: Path) -> None:
    path = geojson([(shapely.Point(1, 1), {})])
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    script = (
        "import sys; from pathlib import Path; from hjgis.exchange import apart, sources\n"
        "print(len(sources.read_layer(Path(sys.argv[1]))), apart.READER.pid)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)],
        env={**os.environ, "TMPDIR": str(scratch), "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    count, pid = map(int, done.stdout.split())
    assert count == 1
    assert not done.stderr
    assert not is_running(pid)
    assert not list(scratch.iterdir())


def test_modules_in_the_users_folder_are_not_run(
    geojson: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("json", "numpy", "hjgis"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('run')")
    path = geojson([(shapely.Point(1, 1), {})])
    monkeypatch.chdir(tmp_path)
    apart.READER.close()
    assert len(read_layer(path)) == 1


# -- trouble -----------------------------------------------------------------------------


def worked_s(pid: int) -> float:
    """Return the processor time that a process has had."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


@pytest.fixture
def busy(endless: Path, warm: Path) -> Iterator[threading.Thread]:
    """A thread that waits for a file that is never read to its end."""
    said: list[BaseException] = []

    def read() -> None:
        try:
            read_layer(endless, layer="endless")
        except InputError as error:
            said.append(error)

    thread = threading.Thread(target=read)
    thread.said = said  # type: ignore[attr-defined]
    pid = apart.READER.pid
    assert pid is not None
    before = worked_s(pid)
    thread.start()
    while worked_s(pid) < before + 0.3:
        thread.join(0.01)
        assert thread.is_alive()
    yield thread
    thread.join()


@pytest.mark.parametrize("how", [signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL])
def test_a_crash_is_told_with_the_file_and_the_next_file_is_read(
    busy: threading.Thread, warm: Path, how: signal.Signals
) -> None:
    assert apart.READER.pid is not None
    os.kill(apart.READER.pid, how)
    busy.join()
    (error,) = busy.said  # type: ignore[attr-defined]
    assert "endless.gpkg cannot be read" in str(error)
    assert how.name in str(error)
    assert len(read_layer(warm)) == 1


def test_what_takes_too_long_is_ended_and_told(
    endless: Path, warm: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pid = apart.READER.pid
    assert pid is not None
    start = time.monotonic()
    with monkeypatch.context() as patched:
        patched.setattr(apart, "_SECONDS", 0.5)
        with pytest.raises(InputError, match=r"endless\.gpkg cannot be read: .* not finished"):
            read_layer(endless, layer="endless")
    assert time.monotonic() - start < WELL_WITHIN_S
    assert not is_running(pid)
    assert len(read_layer(warm)) == 1


def test_a_cancelled_job_ends_the_reading(endless: Path, warm: Path) -> None:
    class Impatient:
        def __init__(self) -> None:
            self.end = time.monotonic() + 0.5

        def report(self, done: int, total: int, key: str) -> None: ...

        def check(self) -> None:
            if time.monotonic() > self.end:
                raise Cancelled("enough")

    pid = apart.READER.pid
    assert pid is not None
    with pytest.raises(Cancelled):
        read_layer(endless, layer="endless", progress=Impatient())
    assert not is_running(pid)


def test_a_workbook_that_claims_a_vast_table_takes_no_vast_memory(tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    book.active["A1"], book.active["B1"] = "X", "Y"
    book.active["XFD1048576"] = 1
    book.save(tmp_path / "vast.xlsx")
    start = time.monotonic()
    with pytest.raises(InputError, match=r"vast\.xlsx"):
        read_layer(tmp_path / "vast.xlsx", x="X", y="Y")
    assert time.monotonic() - start < WELL_WITHIN_S


def test_a_device_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(InputError, match=r"pipe\.csv is no file"):
        read_layer(tmp_path / "pipe.csv")


@pytest.mark.parametrize(
    "stem", ["1#泵站", "a!b", "a!b.zip!c", "a [1] ?x=1", "http:__a", "井；%20"]
)
def test_any_name_will_do(shapefile: Make, tmp_path: Path, stem: str) -> None:
    path = shapefile([{"A": "x"}], name="plain")
    folder = tmp_path / stem
    folder.mkdir()
    for part in tmp_path.glob("plain.*"):
        part.rename(folder / f"{stem}{part.suffix}")
    path = folder / f"{stem}.shp"
    assert read_layer(path).columns["A"].tolist() == ["x"]
    with zipfile.ZipFile(tmp_path / f"{stem}.zip", "w") as archive:
        for part in folder.iterdir():
            archive.write(part, f"{stem}/{part.name}")
    assert read_layer(tmp_path / f"{stem}.zip").columns["A"].tolist() == ["x"]


def test_what_was_let_go_of_does_not_count_as_held() -> None:
    work = (
        "from hjgis.exchange import reading_child as child\n"
        "child._SWOLLEN_BYTES = 300 * 1024**2\n"
        "much = bytearray(b'x') * (400 * 1024**2)\n"
        "held = child._is_swollen()\n"
        "del much\n"
        "print(held, child._is_swollen())\n"
    )
    done = subprocess.run([sys.executable, "-c", work], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]
