from __future__ import annotations

from pathlib import Path

import pytest

from hjgis.errors import InputError, UsageError
from hjgis.exchange.mapping import Column, columns_for, read_mapping
from hjgis.models.assets import catalogue

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


def test_mapping_files_are_read_and_bad_ones_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text('[map]\n"点号" = "exp_no"\n', "utf-8")
    assert read_mapping(path) == {"点号": "exp_no"}
    path.write_text('"点号" = "exp_no"\n', "utf-8")
    assert read_mapping(path) == {"点号": "exp_no"}
    for bad in ("A = 3\n", "A = \n"):
        path.write_text(bad)
        with pytest.raises(InputError, match=r"m\.toml"):
            read_mapping(path)
    with pytest.raises(InputError):
        read_mapping(tmp_path / "missing.toml")


def test_a_value_that_means_nothing_is_known_as_number_and_as_text() -> None:
    column = Column("HEIGHT", "diameter_mm", missing=(0, "NONE"))
    assert all(column.is_missing(value) for value in (0, 0.0, "0", "0.0", "NONE"))
    assert not any(column.is_missing(value) for value in (1, "1", "none at all", None, ""))


def test_a_mapping_that_is_no_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text("map = 3\n", "utf-8")
    with pytest.raises(InputError, match=r"m\.toml"):
        read_mapping(path)
