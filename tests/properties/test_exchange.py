from __future__ import annotations

import datetime as dt
import math
import tempfile
from pathlib import Path

import numpy as np
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hjgis.exchange.exporting import foresee, target_crs, write
from hjgis.exchange.importing import carry_out, plan_import
from hjgis.exchange.outgoing import Encoding, Format, Substitute, Writing
from hjgis.layers.project import Project
from hjgis.models.assets import Field, Value
from hjgis.models.catalogue_files import catalogue
from hjgis.models.changes import BulkInsert, ChangeSet, new_uuids
from tests.exported import choose

KIND = catalogue().type("street_lamp")
# Filled by the import itself where they are blank.
OWN = ("source_file", "source_row")
CSV = {"x": "Y(东)", "y": "X(北)", "crs": "EPSG:4545"}
# What some format or other cannot hold as it is.
AWKWARD = ("", "30m²", "𠮷祥路12号", "井" * 127 + "盖", "=1+1", "-5号", 'a,b;"c"', "上\n下", "é№😀")
BLANK = {"", "null", "none", "nan", "n/a", "<null>", "-", "—", "/"}


def words(limit: int) -> st.SearchStrategy[str]:
    signs = st.sampled_from("路灯井盖窨胜利示例五街東橋Aa1-_·（）é№")
    text = st.text(signs, min_size=1, max_size=min(limit, 60)).map(str.strip)
    plain = text.filter(lambda word: word.casefold() not in BLANK)
    awkward = [word for word in AWKWARD if len(word) <= limit]
    return plain | st.sampled_from(awkward)


def values_of(field: Field) -> st.SearchStrategy[Value]:
    low, high = field.range or (0, 1000)
    if field.type == "code":
        return st.sampled_from([code.code for code in catalogue().codes(field.codes or "").codes])
    if field.type == "date":
        return st.dates(dt.date(1950, 1, 1), dt.date(2030, 1, 1)).map(dt.date.isoformat)
    if field.type == "boolean":
        return st.booleans()
    if field.type == "integer":
        return st.integers(int(low or 0), int(high or 10**9))
    if field.type == "number":
        rounded = st.floats(low or 0, high or 1e6).map(lambda number: round(number, 6))
        return rounded | st.floats(low or 0, high or 1e6)
    return words(field.max_length or 60)


ROW = st.fixed_dictionaries({
    field.name: st.none() | values_of(field)
    for field in KIND.fields
    if field.name not in OWN and field.type != "datetime"
})  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(ROW, min_size=1, max_size=4),
    st.sampled_from(["gbk", "utf-8"]),
    st.sampled_from(["mark", "transliterate"]),
    st.floats(370_000, 480_000),
    st.sampled_from(["shp", "gpkg", "geojson", "csv"]),
)
def test_what_was_exported_comes_back_equal(
    rows: list[dict[str, Value]],
    encoding: Encoding,
    substitute: Substitute,
    east: float,
    format_: Format,
) -> None:
    with tempfile.TemporaryDirectory() as folder, _lamps(Path(folder), rows, east) as project:
        out = Path(folder) / ("out.gpkg" if format_ == "gpkg" else "out")
        chosen = choose(project)
        system = target_crs(project, format_, None)
        writing = Writing(format_, system, encoding, substitute=substitute)
        foreseen = foresee(project, chosen, writing)
        report = write(project, out, chosen, writing)
        losses = report.layers[0].losses
        assert list(report.layers) == foreseen
        source = out if format_ == "gpkg" else out / f"{KIND.id}.{format_}"
        with Project.create(Path(folder) / "back.gpkg") as back:
            told = CSV if format_ == "csv" else {}
            carry_out(back, plan_import(back, source, to=KIND.id, **told))
            first, second = project.table(KIND.id), back.table(KIND.id)
        assert second.uuids.tolist() == first.uuids.tolist()
        assert first.geometry is not None
        assert second.geometry is not None
        # Degrees of GeoJSON have nine decimals.
        exact = 1e-3 if format_ == "geojson" else 0
        assert shapely.equals_exact(first.geometry, second.geometry, exact).all()
        lossy = {(loss.field, loss.uuid) for loss in losses}
        for name in rows[0]:
            for uuid, a, b in zip(
                first.uuids, first.columns[name], second.columns[name], strict=True
            ):
                # An import takes empty text for nothing, whatever the file says.
                fits = _alike(a, b) or (a, b) == ("", None)
                assert fits or (name, uuid) in lossy, (name, a, b)


def _alike(one: Value, other: Value) -> bool:
    """Whether two values are the same; what lies beyond twelve digits was never measured."""
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=5e-12)
    return one == other


def _lamps(folder: Path, rows: list[dict[str, Value]], east: float) -> Project:
    project = Project.create(folder / "there.gpkg")
    places = shapely.points(np.full(len(rows), east), 4_500_000.25 + np.arange(len(rows)))
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    bulk = BulkInsert(KIND.id, np.asarray(places), columns, new_uuids(len(rows)))
    project.session.apply(ChangeSet("import", bulk=(bulk,)))
    return project
