"""Other people's files, all of them: read, or refused in words; no record is lost silently."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.real_files import Outcome, import_all, page


@pytest.fixture(scope="module")
def outcomes(real_data: Path) -> dict[tuple[str, str], Outcome]:
    return {(o.file, o.layer): o for o in import_all(real_data)}


@pytest.mark.parametrize(
    ("file", "layer", "read", "imported", "encoding"),
    [
        ("nasty/shp/deleted/archsites.shp", "", 21, 21, "utf-8 (detected)"),
        ("nasty/shp/no-shx/nz_pa_points_topo_150k.shp", "", 2143, 2143, "cp1252 (ldid)"),
        ("nasty/shp/null-shapes/LGA_2013_AUST.shp", "", 13, 1, "utf-8 (cpg)"),
        ("nasty/shp/chinese_poly/chinese_poly.shp", "", 1, 1, "gbk (detected)"),
        ("nasty/shp/cpg-ansi1250/codepage.shp", "", 2, 2, "cp1250 (cpg)"),
        ("nasty/dxf/utf-8.dxf", "", 1, 1, "utf-8 (detected)"),
        ("streetlights-dc/streetlights.csv", "", 3963, 3963, "utf-8-sig (format)"),
        ("town-bangor/sanitaryManhole.geojson", "", 3146, 3146, "utf-8 (format)"),
        ("town-bangor/sanitaryPipe.geojson", "", 5100, 5100, "utf-8 (format)"),
        ("water-net3/Net3.inp", "pipes", 117, 117, "utf-8 (detected)"),
    ],
)
def test_counts_and_encodings_are_those_that_the_files_have(
    outcomes: dict[tuple[str, str], Outcome],
    file: str,
    layer: str,
    read: int,
    imported: int,
    encoding: str,
) -> None:
    found = outcomes[file, layer]
    assert (found.read, found.imported, found.encoding) == (read, imported, encoding)


def test_what_is_refused_names_the_file_and_nothing_else_goes_wrong(
    outcomes: dict[tuple[str, str], Outcome],
) -> None:
    refused = [o for o in outcomes.values() if o.refused]
    for outcome in refused:
        known = ("columns", "Latitude", "no geometry", Path(outcome.file).stem)
        assert any(words in outcome.refused for words in known), outcome.refused
    assert len(refused) < len(outcomes) / 3
    assert page(list(outcomes.values())).count("\n| ") == len(outcomes) + 1


def test_no_file_is_said_to_be_spoilt_but_the_one_that_is(
    outcomes: dict[tuple[str, str], Outcome],
) -> None:
    alarms = {
        outcome.file: words
        for outcome in outcomes.values()
        for words in outcome.said
        if "should read" in words or "before the file was saved" in words
    }
    assert list(alarms) == ["nasty/shp/cpg-ansi1250/codepage.shp"]
    assert "??: only question marks" in alarms.popitem()[1]
