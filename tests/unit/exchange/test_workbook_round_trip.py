"""What is written as a workbook and read again is the same, but for what is told as lost."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import shapely
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from hjgis.exchange import exporting
from hjgis.exchange.exporting import foresee
from hjgis.exchange.importing import carry_out
from hjgis.exchange.matching import same_value
from hjgis.exchange.outgoing import Writing
from hjgis.exchange.workbooks.workbook_return import plan_workbook
from hjgis.layers.project import Project
from hjgis.models.assets import Catalogue, Field
from hjgis.models.catalogue_files import catalogue
from hjgis.models.changes import BulkInsert, ChangeSet
from hjgis.models.validation import BadValue, coerce
from tests.exported import choose

_LAYER = "manhole"
# Follows from other things: what is linked, where a row came from, what is unknown.
_OWN = ("source_file", "source_row", "unknown_fields")
_KNOWN = catalogue()
_TEXTS = st.text(
    alphabet=st.one_of(
        st.sampled_from("=+-@'＝\t\r\n\x07\u200b_x0041 ￾😀𠮷井1E.5,;\"<&>"),
        st.characters(codec="utf-8"),
    ),
    max_size=30,
)
_DAYS = st.dates().map(lambda day: day.isoformat())
_NUMBERS = st.floats(allow_nan=False, allow_infinity=False, width=64)


def values_of(field: Field, known: Catalogue) -> st.SearchStrategy[Any]:
    """Return values as they can be stored, drafts of all kinds among them."""
    if field.type == "code":
        codes = [entry.code for entry in known.codes(field.codes or "").codes]
        return st.one_of(st.none(), st.sampled_from(codes), _TEXTS)
    of_type = {
        "text": _TEXTS,
        "integer": st.integers(-(2**63), 2**63 - 1),
        "number": _NUMBERS,
        "boolean": st.booleans(),
        "date": st.one_of(_DAYS, _TEXTS),
        "datetime": st.datetimes().map(lambda moment: moment.isoformat()),
    }
    return st.one_of(st.none(), of_type[field.type])


@st.composite
def wells(draw: st.DrawFn) -> dict[str, list[Any]]:
    count = draw(st.integers(1, 4))
    fields = [field for field in _KNOWN.type(_LAYER).fields if field.name not in _OWN]
    chosen = draw(st.lists(st.sampled_from(fields), min_size=4, max_size=12, unique_by=id))
    return {
        field.name: draw(st.lists(values_of(field, _KNOWN), min_size=count, max_size=count))
        for field in chosen
    }


def places(count: int) -> np.ndarray[Any, Any]:
    x = 428_000 + np.arange(count) * 1.1 + 1 / 3
    return np.array(
        [shapely.Point(a, 4_528_000 + 1 / 7, 1_040.1 if n % 2 else 0.5) for n, a in enumerate(x)],
        dtype=object,
    )


@settings(
    max_examples=15, deadline=None, suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)  # fmt: skip
@given(wells())
def test_what_is_written_comes_back_but_for_what_is_told(columns: dict[str, list[Any]]) -> None:
    count = len(next(iter(columns.values())))
    with TemporaryDirectory() as folder:
        home = Path(folder)
        with Project.create(home / "a.gpkg") as one:
            bulk = BulkInsert(_LAYER, places(count), columns)
            one.session.apply(ChangeSet("import", bulk=(bulk,), params={"layer": _LAYER}))
            writing = Writing("xlsx", one.crs)
            report = exporting.write(one, home / "b.xlsx", choose(one, [_LAYER]), writing)
            assert foresee(one, choose(one, [_LAYER]), writing) == list(report.layers)
            again = plan_workbook(one, home / "b.xlsx")
            assert [dict(entry.values) for entry in again.update.differences] == []
            stored = one.table(_LAYER, None)
        with Project.create(home / "c.gpkg") as other:
            carry_out(other, plan_workbook(other, home / "b.xlsx"))
            found = other.table(_LAYER, None)
    assert found.uuids.tolist() == stored.uuids.tolist()
    assert found.geometry is not None
    assert shapely.equals_identical(found.geometry, stored.geometry).all()
    lost = {(loss.field, loss.uuid) for loss in report.layers[0].losses}
    for name in columns:
        field = _KNOWN.type(_LAYER).field(name)
        pairs = zip(stored.columns[name].tolist(), found.columns[name].tolist(), strict=True)
        for uuid, (ours, theirs) in zip(stored.uuids.tolist(), pairs, strict=True):
            if (name, uuid) not in lost:
                assert same_value(read_by_anybody(field, ours), theirs), (name, ours, theirs)


def read_by_anybody(field: Field, value: Any) -> Any:
    """Return what becomes of a value that comes in by any door: what is no value is left out."""
    try:
        return coerce(field, value, _KNOWN)
    except BadValue:
        text = value.strip() if isinstance(value, str) else value
        cut = field.type == "text" and field.max_length and len(str(value)) > field.max_length
        return text[: field.max_length] if cut else None
