"""What foreign files cannot make the reading process do, whatever is in them."""

from __future__ import annotations

import hashlib
import json
import os
import re
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import shapely

from hjgis.errors import HjgisError, InputError
from hjgis.exchange import apart, confinement
from hjgis.exchange.sources import read_layer, summaries

Make = Callable[..., Path]


@pytest.fixture
def server() -> Iterator[tuple[str, list[object]]]:
    """An address on this machine, and who has called it."""
    calls: list[object] = []
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, caller = listening.accept()
            except OSError:
                return
            calls.append(caller)
            connection.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}", calls
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join()


def in_child(script: str) -> str:
    """Run a script where GDAL and the kernel are held back."""
    start = "from hjgis.exchange import confinement, vector\nassert confinement.seal()\n"
    done = subprocess.run(
        [sys.executable, "-c", start + script],
        env=confinement.environment() | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's filter is Linux's")
def test_no_socket_and_no_program_but_files_and_threads() -> None:
    script = """
import os, socket, subprocess, threading
forbidden = (socket.socket, lambda: subprocess.run(["true"]), lambda: os.execv("/bin/true", ("t",)))
for try_it in forbidden:
    try:
        try_it()
    except PermissionError:
        print("refused")
thread = threading.Thread(target=print, args=("thread",)); thread.start(); thread.join()
print(open("/proc/self/stat").read()[0].isdigit())
"""
    assert in_child(script).split() == ["refused"] * 3 + ["thread", "True"]


@pytest.mark.parametrize("library", ["pyogrio", "fiona"])
def test_gdal_is_left_with_the_drivers_of_our_formats(library: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("WKT,n\nPOINT(1 2),1\n")
    script = {
        "pyogrio": "import pyogrio; print(*pyogrio.list_drivers(), sep='|'); "
        "from pyogrio.raw import read as opened",
        "fiona": "from fiona import open as opened",
    }[library]
    tried = f"try: opened({str(tmp_path / 'a.csv')!r})\nexcept Exception as error: print(error)"
    said = in_child(f"{script}\n{tried}")
    assert re.search("not recognized|Failed to open", said)
    if library == "pyogrio":
        assert set(said.splitlines()[0].split("|")) <= confinement.DRIVERS


def test_a_driver_that_our_list_does_not_know_is_left_out_all_the_same(
    monkeypatch: pytest.MonkeyPatch, geojson: Make, tmp_path: Path
) -> None:
    from hjgis.exchange import apart

    short = ",".join(name for name in confinement._SKIPPED if name != "CSV")
    monkeypatch.setitem(confinement._ENVIRONMENT, "GDAL_SKIP", short)
    apart.READER.close()
    assert len(read_layer(geojson([(shapely.Point(1, 2), {})]))) == 1
    pid = apart.READER.pid
    skipped = Path(f"/proc/{pid}/environ").read_bytes()
    assert b",CSV," in skipped or b"=CSV," in skipped
    apart.READER.close()


VRT = """<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>{source}</SrcDataSource>
<SrcLayer>{layer}</SrcLayer></OGRVRTLayer></OGRVRTDataSource>"""


@pytest.mark.parametrize("name", ["a.shp", "a.geojson", "a.json", "a.kml", "a.gpkg", "a.gdb"])
def test_a_list_of_other_files_under_another_name_opens_none_of_them(
    tmp_path: Path, geojson: Make, server: tuple[str, list[object]], name: str
) -> None:
    address, calls = server
    secret = geojson([(shapely.Point(1, 2), {"secret": "s3cret"})], name="secret")
    for source in (str(secret), f"/vsicurl/{address}/a.geojson", f"{address}/a.geojson"):
        (tmp_path / name).write_text(VRT.format(source=source, layer="secret"))
        with pytest.raises(InputError, match=name):
            summaries(tmp_path / name)
    assert not calls


@pytest.mark.parametrize(
    "inside", ["{address}/a.geojson", "GPKG:{folder}/b.gpkg", "/vsicurl/{address}/x"]
)
def test_an_address_in_a_file_is_not_followed(
    tmp_path: Path, server: tuple[str, list[object]], inside: str
) -> None:
    address, calls = server
    (tmp_path / "a.geojson").write_text(inside.format(address=address, folder=tmp_path))
    with pytest.raises(InputError, match=r"a\.geojson does not begin like"):
        read_layer(tmp_path / "a.geojson")
    assert not calls


def test_a_geopackage_under_another_name_is_not_opened(tmp_path: Path) -> None:
    from pyogrio import raw

    raw.write(
        tmp_path / "b.gpkg", shapely.to_wkb([shapely.Point(1, 2)]), [], [],
        geometry_type="Point", crs="EPSG:4545", driver="GPKG",
    )  # fmt: skip
    (tmp_path / "b.gpkg").rename(tmp_path / "b.geojson")
    with pytest.raises(InputError, match=r"b\.geojson does not begin like"):
        read_layer(tmp_path / "b.geojson")


def test_links_in_kml_and_geojson_are_not_followed(
    tmp_path: Path, server: tuple[str, list[object]]
) -> None:
    address, calls = server
    point = {"type": "Point", "coordinates": [107, 40]}
    collection = {
        "type": "FeatureCollection",
        "crs": {"type": "link", "properties": {"href": f"{address}/crs", "type": "proj4"}},
        "features": [{"type": "Feature", "properties": {}, "geometry": point}],
    }
    (tmp_path / "a.geojson").write_text(json.dumps(collection))
    (tmp_path / "a.kml").write_text(
        '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><NetworkLink><Link>'
        f"<href>{address}/b.kml</href></Link></NetworkLink><Placemark><styleUrl>{address}/s.kml#a"
        "</styleUrl><Point><coordinates>107,40</coordinates></Point></Placemark>"
        f'<Schema name="s"><SimpleField type="string" name="{address}/x"/></Schema>'
        "</Document></kml>"
    )
    assert len(read_layer(tmp_path / "a.geojson")) == 1
    assert [layer.count for layer in summaries(tmp_path / "a.kml")] == [1]
    assert not calls


# -- entities ----------------------------------------------------------------------------


LAUGHS = "".join(
    f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(12)
)  # 2 * 10 ** 11 characters


@pytest.mark.parametrize("entities", [LAUGHS, '<!ENTITY l11 SYSTEM "file://{secret}">'])
@pytest.mark.parametrize("kind", ["kml", "xlsx"])
def test_entities_neither_grow_nor_read_files(tmp_path: Path, kind: str, entities: str) -> None:
    import time
    import zipfile

    from openpyxl import Workbook

    secret = tmp_path / "secret.txt"
    secret.write_text("s3cret")
    doctype = f"<!DOCTYPE k [{entities.replace('{secret}', str(secret))}]>"
    path = tmp_path / f"a.{kind}"
    if kind == "kml":
        path.write_text(
            f'<?xml version="1.0"?>{doctype}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
            "<Placemark><name>&l11;</name><Point><coordinates>107,40</coordinates></Point>"
            "</Placemark></Document></kml>"
        )
    else:
        book = Workbook()
        for row in (("X", "Y", "n"), (107, 40, "mark")):
            book.active.append(row)
        book.save(tmp_path / "plain.xlsx")
        with zipfile.ZipFile(tmp_path / "plain.xlsx") as plain, zipfile.ZipFile(path, "w") as evil:
            for name in plain.namelist():
                text = plain.read(name).decode()
                if "mark" in text:
                    head, _sep, body = text.rpartition("?>")
                    text = head + "?>"[: 2 * bool(head)] + doctype + body.replace("mark", "&l11;")
                evil.writestr(name, text)
    start = time.monotonic()
    try:
        said = str(read_layer(path, x="X", y="Y").columns)
    except HjgisError as error:
        said = str(error)
        assert path.name in said
    # It was not ended because it took too long.
    assert time.monotonic() - start < 0.75 * apart._SECONDS
    assert "s3cret" not in said
    assert "haha" not in said


# -- databases ---------------------------------------------------------------------------


@pytest.fixture
def database(tmp_path: Path) -> Path:
    from pyogrio import raw

    path = tmp_path / "theirs.gpkg"
    raw.write(
        path, shapely.to_wkb([shapely.Point(1, 2), shapely.Point(3, 4)]), [np.array([1, 2])], ["n"],
        geometry_type="Point", crs="EPSG:4545", driver="GPKG", layer="wells",
    )  # fmt: skip
    return path


def register(path: Path, name: str, select: str, *, more: str = "") -> None:
    connection = sqlite3.connect(path)
    connection.executescript(
        f"""
        CREATE VIEW "{name}" AS {select};
        INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id)
        SELECT '{name}', 'features', '{name}', srs_id FROM gpkg_contents WHERE table_name = 'wells';
        INSERT INTO gpkg_geometry_columns SELECT '{name}', 'geom', 'POINT', srs_id, 0, 0
        FROM gpkg_geometry_columns WHERE table_name = 'wells';
        {more}
        """
    )
    connection.close()


def digests(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir()}


def test_a_view_that_is_a_layer_is_read(database: Path) -> None:
    register(database, "deep", "SELECT fid, geom, n * 10 AS tenfold FROM wells WHERE n > 1")
    assert read_layer(database, layer="deep").columns["tenfold"].tolist() == ["20"]


@pytest.mark.parametrize(
    "call",
    ["load_extension('{library}')", "gdal_get_pixel_value('{library}', 1, 'georef', 0, 0)",
     "fts3_tokenizer('simple', x'0000000000000000')", "edit('x')", "writefile('{out}', 'x')"],
)  # fmt: skip
def test_a_view_cannot_call_what_does_something(database: Path, tmp_path: Path, call: str) -> None:
    call = call.format(library=tmp_path / "evil.so", out=tmp_path / "out")
    register(database, "evil", f"SELECT fid, geom, {call} AS n FROM wells")
    before = digests(tmp_path)
    try:
        values = read_layer(database, layer="evil").columns["n"].tolist()
    except InputError:
        values = []
    assert not any(values)
    assert digests(tmp_path) == before
    assert len(read_layer(database, layer="wells")) == 2


def test_triggers_do_nothing_and_no_byte_of_the_original_changes(
    database: Path, tmp_path: Path
) -> None:
    trigger = """
    CREATE TABLE noted (what TEXT);
    CREATE TRIGGER on_view INSTEAD OF UPDATE ON "seen" BEGIN INSERT INTO noted VALUES ('seen'); END;
    CREATE TRIGGER on_wells AFTER UPDATE ON wells BEGIN DELETE FROM wells; END;
    CREATE TRIGGER on_contents AFTER UPDATE ON gpkg_contents BEGIN DELETE FROM wells; END;
    """
    register(database, "seen", "SELECT fid, geom, n FROM wells", more=trigger)
    before = digests(tmp_path)
    counts = {layer.name: layer.count for layer in summaries(database)}
    assert counts == {"wells": 2, "seen": 2, "noted": 0}
    assert digests(tmp_path) == before


def test_what_is_still_in_the_write_ahead_log_is_read_and_the_log_left_alone(
    database: Path, tmp_path: Path
) -> None:
    script = (
        "import os, sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "c.execute('PRAGMA journal_mode = WAL'); c.execute('PRAGMA wal_autocheckpoint = 0')\n"
        "c.execute('DROP TRIGGER IF EXISTS rtree_wells_geom_update2')\n"
        "c.execute('UPDATE wells SET n = n + 100'); os._exit(0)"
    )
    connection = sqlite3.connect(database)
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
        connection.execute(f'DROP TRIGGER "{name}"')
    connection.commit()
    connection.close()
    subprocess.run([sys.executable, "-c", script, str(database)], check=True)
    before = digests(tmp_path)
    assert before.keys() >= {"theirs.gpkg", "theirs.gpkg-wal"}
    assert read_layer(database, layer="wells").columns["n"].tolist() == [101, 102]
    assert digests(tmp_path) == before
