from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hjgis import paths
from hjgis.errors import DictionaryError
from hjgis.models.catalogue_files import catalogue, load_catalogue

KINDS = {
    "park", "toilet", "manhole", "pipe_point", "pipe_line", "street_lamp", "bike_station",
    "parking_lot", "parking_bay",
}  # fmt: skip
OPTIONAL = {
    "compound", "site", "waste_facility", "green_node", "idle_land", "pipe_facility",
    "lamp_cabinet", "pole", "cabinet", "toilet_sign", "station_house", "garbage_bin",
    "transfer_station", "lift", "hazard",
}  # fmt: skip
REFERENCES = {"road", "grid", "service_area", "boundary"}
RECORDS = {"attachment", "inspection"}


@pytest.fixture
def resources(tmp_path: Path) -> Path:
    for name in ("assets", "codes"):
        shutil.copytree(paths.resources() / name, tmp_path / name)
    return tmp_path


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_the_catalogue_has_the_kinds_of_the_mission() -> None:
    assert {asset.id for asset in catalogue().assets if not asset.optional} == KINDS
    assert {asset.id for asset in catalogue().types.values() if asset.optional} == OPTIONAL
    assert set(catalogue().types) == KINDS | OPTIONAL | REFERENCES | RECORDS


def test_every_label_is_there_in_both_languages() -> None:
    labels = [
        entry.label for asset in catalogue().types.values() for entry in (asset, *asset.fields)
    ]
    labels += [code.label for codes in catalogue().code_lists.values() for code in codes.codes]
    assert all(label.get("en") and label.get("zh_CN") for label in labels)


def test_every_field_and_list_says_its_basis_and_how_sure_it_is() -> None:
    marks = {"N", "S", "T", "M-H", "M-M", "M-L", "P"}
    entries = [field for asset in catalogue().types.values() for field in asset.fields]
    for entry in (*entries, *catalogue().code_lists.values()):
        assert entry.basis, entry
        assert entry.confidence.split()[0].split(":")[0].split(";")[0] in marks, entry


def test_an_alias_of_one_entry_never_hides_another_entrys_code() -> None:
    for codes in catalogue().code_lists.values():
        for entry in codes.codes:
            assert codes.parse(entry.code) == entry.code


def test_a_code_is_found_by_label_and_alias_and_only_in_its_own_list() -> None:
    kinds, materials = catalogue().codes("pipe_kind"), catalogue().codes("pipe_material")
    assert kinds.parse("污水") == "WS"
    assert kinds.parse("ZS") == "ZS"
    assert kinds.label_of("ZS") != materials.label_of("ZS")
    assert kinds.parse("nothing like it") is None


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("assets/toilet.toml", 'id = "toilet"', 'id = "loo"', r"toilet\.toml: id"),
        ("assets/toilet.toml", 'geometry = "Point"', 'geometry = "Dot"', r"toilet\.toml: geometry"),
        ("assets/toilet.toml", "label", "lable", r"toilet\.toml: .*lable"),
        ("assets/toilet.toml", 'codes = "flush_type"', 'codes = "flushing"', r"flushing.* no code"),
        ("assets/toilet.toml", "[[field]]", "[[field", r"toilet\.toml"),
        ("codes/state.toml", 'id = "state"', 'id = "status"', r"state\.toml: id"),
        (
            "codes/state.toml",
            'code = "破损"',
            'code = "完好"',
            r"state\.toml: code: '完好' given twice",
        ),
    ],
    ids=["id", "geometry", "key", "codes", "toml", "list id", "code twice"],
)
def test_a_file_that_does_not_load_is_named_with_its_key(
    resources: Path, file: str, old: str, new: str, said: str
) -> None:
    replace(resources / file, old, new)
    with pytest.raises(DictionaryError, match=said):
        load_catalogue(resources)


def test_a_short_name_given_twice_is_refused(resources: Path) -> None:
    toilet = catalogue().type("toilet")
    first, second = toilet.fields[-1].short, toilet.fields[-2].short
    replace(resources / "assets/toilet.toml", f'short = "{second}"', f'short = "{first}"')
    with pytest.raises(DictionaryError, match=f"short: '{first}'"):
        load_catalogue(resources)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('in = ["方"]', 'in = ["three-cornered"]', "no code of cover_shape"),
        ('field = "cover_shape", in', 'field = "cover_form", in', "'cover_form' is no field"),
        ('in = ["方"]', "in = []", "needs a list of values"),
        ('in = ["方"]', 'like = ["方"]', "when takes field and one of in, not_in"),
        ('codes_by = "pipe_kind"', 'codes_by = "exp_no"', "no field of type code"),
    ],
)
def test_a_condition_or_a_parent_that_is_not_there_is_refused(
    resources: Path, old: str, new: str, said: str
) -> None:
    replace(resources / "assets" / "manhole.toml", old, new)
    with pytest.raises(DictionaryError, match=said):
        load_catalogue(resources)


def test_a_code_under_one_that_is_not_there_is_refused(resources: Path) -> None:
    replace(resources / "codes" / "material_detail.toml", 'of = ["SM"]', 'of = ["NONE"]')
    with pytest.raises(DictionaryError, match="'NONE' is no code of material"):
        load_catalogue(resources)


def test_a_condition_holds_or_does_not() -> None:
    width = catalogue().type("manhole").field("cover_width_mm")
    assert width.applies({"cover_shape": "方"})
    assert not width.applies({"cover_shape": None})
    diameter = catalogue().type("pipe_line").field("diameter_mm")
    assert diameter.applies({"kind": None})
    assert not diameter.applies({"kind": "GD"})
    replaced = catalogue().type("street_lamp").field("replace_date")
    assert replaced.applies({"replaced_2020": True})
    assert not replaced.applies({"replaced_2020": False})
