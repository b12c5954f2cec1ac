"""How often assets are inspected."""

from __future__ import annotations

from pathlib import Path

import pytest

from hjgis.errors import DictionaryError
from hjgis.models.catalogue_files import catalogue
from hjgis.models.records import (
    cycles_text,
    findings_for,
    inspected_kinds,
    load_cycles,
    read_cycles,
    usual_cycles,
)


def test_every_kind_that_is_inspected_has_a_cycle() -> None:
    cycles = usual_cycles()
    for asset in inspected_kinds(catalogue().types):
        assert cycles.days(asset.id, {}), asset.id


def test_every_cycle_says_where_it_comes_from() -> None:
    assert all(entry.basis and entry.confidence for entry in usual_cycles().entries)


def test_conditions_are_asked_in_order_and_what_the_asset_says_goes_first() -> None:
    cycles = usual_cycles()
    assert cycles.days("manhole", {"state": "完好"}) == 30
    assert cycles.days("manhole", {"state": "破损"}) == 7
    assert cycles.days("manhole", {"state": "破损", "inspect_cycle_days": 3}) == 3
    assert cycles.days("nothing", {}) is None


def test_a_project_keeps_only_what_is_not_usual() -> None:
    cycles = usual_cycles()
    assert cycles_text(cycles) is None
    changed = cycles.with_days({"manhole": 14})
    assert cycles_text(changed) == '{"manhole":14}'
    assert read_cycles('{"manhole":14}') == changed


@pytest.mark.parametrize("text", [None, "", "[]", "{", '{"manhole": "x"}', '{"manhole": -1}'])
def test_cycles_that_cannot_be_read_are_the_usual_ones(text: str | None) -> None:
    assert read_cycles(text) == usual_cycles()


@pytest.mark.parametrize(
    "wrong",
    ['asset = "ship"', "when = { color = ['red'] }", "days = 0"],
)
def test_a_cycle_that_fits_no_kind_is_refused_with_its_name(tmp_path: Path, wrong: str) -> None:
    given = {
        "id": 'id = "x"',
        "asset": 'asset = "park"',
        "label": "label = { en = 'x', zh_CN = 'x' }",
        "days": "days = 3",
        "basis": 'basis = "-"\nconfidence = "P"',
    }
    given[wrong.split(" ")[0]] = wrong
    path = tmp_path / "inspection.toml"
    path.write_text(
        "soon_days = 1\nnot_inspected = []\n[[cycle]]\n" + "\n".join(given.values()), "utf-8"
    )
    with pytest.raises(DictionaryError, match=r"inspection\.toml: x"):
        load_cycles(path, catalogue())


def test_findings_of_a_kind_come_before_those_of_all() -> None:
    names = [code.code for code in findings_for("street_lamp", catalogue())]
    assert names[0] == "无异常"
    assert names.index("灯不亮") < names.index("设施损坏")
    assert "井盖缺失" not in names


def test_defects_and_states_that_findings_name_are_in_their_lists() -> None:
    known = catalogue()
    for code in known.codes("finding").codes:
        for key, codes in (("defect", "cover_defect"), ("state", "state")):
            named = code.extra.get(key)
            assert named is None or known.codes(codes).get(named), code.code
        assert set(code.extra.get("assets", ())) <= set(known.types), code.code


def test_a_cycle_without_end_is_none() -> None:
    assert read_cycles('{"manhole.smart": Infinity}') == usual_cycles()
