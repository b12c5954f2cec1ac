"""A seeded share of what `./dev soak import` does, and our own parsers under any bytes at all."""

from __future__ import annotations

import contextlib
import struct
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hjgis.errors import HjgisError, InputError
from hjgis.exchange import encoding, epanet, table_layers, tables
from hjgis.exchange.drawings import drawing
from hjgis.exchange.shapefiles import dbf
from tests.mutations import Seed, damaged, made
from tests.soak_import import run

_SHARE = 300
ANY = settings(
    max_examples=150, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip


@pytest.fixture(scope="module")
def seeds() -> Iterator[list[Seed]]:
    with tempfile.TemporaryDirectory() as folder:
        yield made(Path(folder))


def test_damaged_files_are_refused_in_words_or_taken_and_the_project_is_unharmed(
    seeds: list[Seed],
) -> None:
    tally = run(seeds, iter(range(_SHARE)), salt="tests", mark=None)
    assert not tally.faults, "\n".join(tally.faults)
    assert tally.done["imported"] > _SHARE / 10
    assert tally.done["refused"] > _SHARE / 10


def test_whole_files_of_every_format_are_imported(seeds: list[Seed], tmp_path: Path) -> None:
    from hjgis.exchange.sources import summaries

    found = {
        seed.name: sum(layer.count for layer in summaries(seed.write(tmp_path), x="X", y="Y"))
        for seed in seeds
    }
    suffixes = "shp gpkg geojson kml kmz dxf csv dat xlsx inp zip jpg nmea"
    assert {Path(name).suffix for name in found} == {f".{suffix}" for suffix in suffixes.split()}
    assert all(found.values()), found


def test_damage_is_the_same_each_time_and_is_damage(seeds: list[Seed]) -> None:
    changed = 0
    for number in range(200):
        seed = seeds[number % len(seeds)]
        assert damaged(seed, number) == damaged(seed, number)
        changed += damaged(seed, number) != seed
    assert changed > 180


# -- our own parsers ---------------------------------------------------------------------


def only_errors_of_ours(read: Callable[[], object]) -> None:
    with contextlib.suppress(HjgisError):
        read()


@ANY
@given(
    st.binary(max_size=400),
    st.integers(0, 2**32 - 1),
    st.integers(0, 65535),
    st.integers(0, 65535),
)
def test_a_table_of_any_bytes_is_read_or_refused(
    tmp_path: Path, body: bytes, rows: int, first: int, width: int
) -> None:
    path = tmp_path / "a.dbf"
    for data in (body, struct.pack("<4sIHH20x", b"\x03", rows, first, width) + body):
        path.write_bytes(data)
        try:
            table = dbf.read_dbf(path)
        except InputError:
            continue
        table.foreign_texts()
        table.first_rows(3)
        only_errors_of_ours(lambda table=table: encoding.of_dbf(table, None, None))  # type: ignore[misc]


TEXTS = st.lists(
    st.one_of(
        st.sampled_from(
            ["1,井,428000,4528000,3", "[PIPES]", "[JUNCTIONS]", "J1 1 2", "X,Y", '"', "a"]
        ),
        st.text(max_size=20),
    ),
    max_size=8,
).map("\n".join)


@ANY
@given(TEXTS, st.sampled_from(["utf-8", "gb18030", "utf-16"]))
def test_text_files_of_any_lines_are_read_or_refused(tmp_path: Path, text: str, name: str) -> None:
    data = text.encode(name, "replace")
    for file in ("a.csv", "a.dat", "a.inp"):
        (tmp_path / file).write_bytes(data)
    only_errors_of_ours(lambda: table_layers.read_text_layer(tmp_path / "a.csv", None, None))
    only_errors_of_ours(lambda: tables.preview(tmp_path / "a.csv", "gbk", 5))
    only_errors_of_ours(lambda: table_layers.read_cass(tmp_path / "a.dat", None))
    for layer in ("junctions", "tanks", "pipes", "pumps"):
        only_errors_of_ours(lambda layer=layer: epanet.read_inp(tmp_path / "a.inp", layer))  # type: ignore[misc]


HEADERS = st.lists(
    st.sampled_from(
        ["0", "SECTION", "2", "HEADER", "9", "$ACADVER", "1", "AC1015", "AC1032", "$DWGCODEPAGE",
         "3", "ANSI_936", "ANSI_9", "ENDSEC", "ENTITIES", "POINT", "10", "20", "5.5", "INSERT",
         "LWPOLYLINE", "90", "-1", "EOF", "8", "井", "\ufffd", ""]
    ),
    max_size=30,
).map("\n".join)  # fmt: skip


@ANY
@given(HEADERS, st.sampled_from(["utf-8", "gbk", "cp1252"]))
def test_drawings_of_any_tags_are_read_or_refused(tmp_path: Path, text: str, name: str) -> None:
    path = tmp_path / "a.dxf"
    path.write_bytes(text.encode(name, "replace"))
    only_errors_of_ours(lambda: drawing.layer_names(path, None))
