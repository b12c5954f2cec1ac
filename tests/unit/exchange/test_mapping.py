from __future__ import annotations

import pytest

from hjgis.errors import UsageError
from hjgis.exchange.mapping import columns_for
from hjgis.exchange.profiles import Column
from hjgis.models.catalogue_files import catalogue

MANHOLE = catalogue().type("manhole")
LAMP = catalogue().type("street_lamp")


def fields(names: list[str], told: dict[str, str] | None = None) -> dict[str, str]:
    return {k: v.field for k, v in columns_for(MANHOLE, names, told).items()}


def test_columns_are_known_by_field_short_name_label_and_names_met_elsewhere() -> None:
    assert fields(["cover_kind", "WTDH", "Map point number", "管类", "weather"]) == {
        "cover_kind": "cover_kind",
        "WTDH": "exp_no",
        "Map point number": "map_no",
        "管类": "pipe_kind",
    }


def test_every_short_name_and_label_leads_back_to_its_field() -> None:
    for asset in catalogue().types.values():
        for names in ([f.short for f in asset.fields], [f.label["zh_CN"] for f in asset.fields]):
            taken = {k: v.field for k, v in columns_for(asset, names).items()}
            assert list(taken.values()) == [f.name for f in asset.fields], asset.id


def test_what_was_told_goes_before_what_would_be_guessed() -> None:
    assert fields(["WTDH", "TSDH"], {"TSDH": "exp_no"}) == {"TSDH": "exp_no"}


def test_a_column_can_be_left_out() -> None:
    assert fields(["WTDH", "TSDH"], {"WTDH": ""}) == {"TSDH": "map_no"}


def test_unknown_column_or_field_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(UsageError, match="WTDH"):
        fields(["WTDH"], {"Nothing": "exp_no"})
    with pytest.raises(UsageError, match="cover_kind"):
        fields(["WTDH"], {"WTDH": "nothing"})


def test_two_columns_for_one_field_are_refused() -> None:
    with pytest.raises(UsageError, match="exp_no"):
        fields(["A", "B"], {"A": "exp_no", "B": "exp_no"})


def test_a_profile_is_used_when_its_signature_fits() -> None:
    pipe = catalogue().type("pipe_line")
    columns = columns_for(pipe, ["UP_MH_ID", "DN_MH_ID", "HEIGHT", "FLOW_TYPE"])
    assert (columns["HEIGHT"].field, columns["HEIGHT"].factor) == ("diameter_mm", 25.4)
    assert columns["FLOW_TYPE"].values["STORMWATER"] == "YS"
    assert "HEIGHT" not in columns_for(pipe, ["UP_MH_ID", "HEIGHT"])


def test_a_value_that_means_nothing_is_known_as_number_and_as_text() -> None:
    column = Column("HEIGHT", "diameter_mm", missing=(0, "NONE"))
    assert all(column.is_missing(value) for value in (0, 0.0, "0", "0.0", "NONE"))
    assert not any(column.is_missing(value) for value in (1, "1", "none at all", None, ""))


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("管径(mm)", "diameter_mm"),
        ("起点埋深（m）", "start_depth_m"),
        ("材质【代码】", "material"),
        ("guancai", "material"),
        ("QiDian_MaiShen", "start_depth_m"),
        ("qdms", "start_depth_m"),
    ],
)
def test_units_behind_a_name_and_pinyin_are_understood(name: str, field: str) -> None:
    assert columns_for(catalogue().type("pipe_line"), [name])[name].field == field


def test_a_name_that_is_known_goes_before_one_that_only_sounds_so() -> None:
    pipe = catalogue().type("pipe_line")
    columns = columns_for(pipe, ["guancai", "material"])
    assert {name: column.field for name, column in columns.items()} == {"material": "material"}
