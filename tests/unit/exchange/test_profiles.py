from __future__ import annotations

from pathlib import Path

import pytest

from hjgis.errors import InputError
from hjgis.exchange import profiles
from hjgis.exchange.mapping import columns_for
from hjgis.exchange.profiles import Column, Profile, read_mapping
from hjgis.models.catalogue_files import catalogue

LAMPS = Profile(
    "北街 2024/路灯",
    "street_lamp",
    (
        Column("灯号", "pole_no"),
        Column("类型", "lamp_type", values={"白": "LED", '"黄"': "HPS"}),
        Column("高", "pole_height_m", factor=0.01, missing=(0, -9999, "无")),
    ),
    signature=("灯号", "类型"),
)


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HJGIS_CONFIG_DIR", str(tmp_path))
    return tmp_path / "mappings"


def test_a_saved_profile_is_read_as_it_was(own: Path) -> None:
    path = profiles.save(LAMPS)
    assert path.parent == own
    assert profiles.load_all()[0] == LAMPS
    assert read_mapping(path, "street_lamp") == LAMPS.told


def test_a_saved_profile_is_used_by_itself_where_its_columns_are(own: Path) -> None:
    profiles.save(LAMPS)
    lamp = catalogue().type("street_lamp")
    columns = columns_for(lamp, ["灯号", "类型", "高", "weather"])
    assert {name: column.field for name, column in columns.items()} == {
        "灯号": "pole_no",
        "类型": "lamp_type",
        "高": "pole_height_m",
    }
    assert columns["类型"].values["白"] == "LED"
    assert "灯号" not in columns_for(lamp, ["灯号", "高"])


def test_a_profile_of_the_same_name_is_replaced(own: Path) -> None:
    profiles.save(LAMPS)
    profiles.save(Profile(LAMPS.name, LAMPS.asset, LAMPS.columns[:1], LAMPS.signature))
    assert len(list(own.glob("*.toml"))) == 1
    assert len(profiles.load_all()[0].columns) == 1


def test_the_users_own_profile_goes_before_a_shipped_one(own: Path) -> None:
    mine = Profile("mine", "manhole", (Column("MANHOLE_ID", "map_no"),), ("MANHOLE_ID",))
    profiles.save(mine)
    assert profiles.matching("manhole", ["MANHOLE_ID", "YR_LAID"]) == mine


def test_a_damaged_profile_of_the_users_stops_nothing(own: Path) -> None:
    own.mkdir()
    (own / "broken.toml").write_text("[manhole\n", "utf-8")
    (own / "odd.toml").write_text('[manhole]\ncolumns = [{ of = "x" }]\n', "utf-8")
    assert all(not profile.own for profile in profiles.load_all())


@pytest.mark.parametrize("name", ["", "  ", "///"])
def test_a_profile_without_a_name_is_refused(own: Path, name: str) -> None:
    with pytest.raises(InputError):
        profiles.save(Profile(name, "manhole", ()))


def test_a_profile_for_another_kind_is_refused_with_the_kinds_it_has(own: Path) -> None:
    with pytest.raises(InputError, match="street_lamp"):
        read_mapping(profiles.save(LAMPS), "manhole")


def test_columns_that_a_profile_names_and_a_file_lacks_are_passed_over(own: Path) -> None:
    told = read_mapping(profiles.save(LAMPS), "street_lamp")
    assert list(columns_for(catalogue().type("street_lamp"), ["灯号"], told)) == ["灯号"]


def test_mapping_files_are_read_and_bad_ones_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text('[map]\n"点号" = "exp_no"\n', "utf-8")
    assert read_mapping(path, None) == {"点号": "exp_no"}
    path.write_text('"点号" = "exp_no"\n', "utf-8")
    assert read_mapping(path, None) == {"点号": "exp_no"}
    for bad in ("A = 3\n", "A = \n"):
        path.write_text(bad)
        with pytest.raises(InputError, match=r"m\.toml"):
            read_mapping(path, None)
    with pytest.raises(InputError):
        read_mapping(tmp_path / "missing.toml", None)


def test_a_mapping_that_is_no_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text("map = 3\n", "utf-8")
    with pytest.raises(InputError, match=r"m\.toml"):
        read_mapping(path, None)
