from __future__ import annotations

from pathlib import Path

import pytest

from hjgis import paths
from hjgis.errors import DictionaryError
from hjgis.models.assets import AssetType
from hjgis.models.catalogue_files import catalogue
from hjgis.models.styles.style import FillSymbol, LineSymbol, MarkerSymbol
from hjgis.models.styles.stylefile import load_style, style_for

HEAD = 'id = "x"\nkind = "marker"\n'
DEFAULT = '[default]\nlabel = { en = "Other", zh_CN = "其他" }\n'
CLASS = '[[class]]\ncodes = ["A"]\nlabel = { en = "A", zh_CN = "甲" }\n'


def write(folder: Path, text: str) -> Path:
    path = folder / "x.toml"
    path.write_text(text, "utf-8")
    return path


MAPPED = [asset for asset in catalogue().types.values() if not asset.is_record]


@pytest.mark.parametrize("asset", MAPPED, ids=lambda asset: asset.id)
def test_every_layer_of_the_catalogue_has_a_style_file_that_fits(asset: AssetType) -> None:
    assert (paths.resources() / "styles" / f"{asset.style}.toml").is_file()
    style = style_for(asset)
    if style.class_field:
        codes = catalogue().codes(asset.field(style.class_field).codes or "")
        named = {code for item in style.classes for code in item.codes}
        assert {code for code in named if codes.get(code) is None} == set()


def test_no_style_file_is_left_without_a_layer() -> None:
    used = {asset.style for asset in MAPPED}
    assert {path.stem for path in (paths.resources() / "styles").glob("*.toml")} == used


def test_pipes_have_the_colours_of_cjj_61_and_pale_ones_are_cased() -> None:
    style = style_for(catalogue().type("pipe_line"))
    for code in catalogue().codes("pipe_kind").codes:
        (index,) = style.classify([code.code])
        symbol = style.all_classes[index].symbol
        assert isinstance(symbol, LineSymbol)
        assert symbol.color == str(code.extra["color"]).lower(), code.code
        if symbol.color in ("#00ffff", "#00ff00"):
            assert symbol.casing is not None


def test_rain_sewage_and_combined_differ_in_pattern_and_letters() -> None:
    style = style_for(catalogue().type("pipe_line"))
    looks = set()
    for index in style.classify(["YS", "WS", "HS"]).tolist():
        symbol = style.all_classes[index].symbol
        assert isinstance(symbol, LineSymbol)
        looks.add((symbol.dash_mm, symbol.letters))
    assert len({dash for dash, _ in looks}) == len({text for _, text in looks}) == 3


def test_point_layers_that_show_together_have_shapes_of_their_own() -> None:
    shapes = {}
    for name in ("manhole", "street_lamp", "bike_station", "toilet"):
        symbol = style_for(catalogue().type(name)).default.symbol
        assert isinstance(symbol, MarkerSymbol)
        shapes[symbol.shape] = name
    assert len(shapes) == 4


@pytest.mark.parametrize("name", ["manhole", "pipe_point", "parking_bay", "pipe_line"])
def test_small_things_hide_in_a_view_of_the_whole_town(name: str) -> None:
    style = style_for(catalogue().type(name))
    assert not style.visible_at(27_000)
    assert style.visible_at(2000)


def test_a_class_says_only_how_it_differs_from_the_default(tmp_path: Path) -> None:
    text = HEAD + 'class_field = "k"\n' + DEFAULT + 'shape = "square"\nfill = "#123456"\n'
    style = load_style(write(tmp_path, text + CLASS + 'fill = "none"\n'))
    assert style.default.symbol == MarkerSymbol(shape="square", fill="#123456")
    assert style.classes[0].symbol == MarkerSymbol(shape="square", fill=None)


def test_an_area_has_fill_hatch_and_dashes(tmp_path: Path) -> None:
    text = 'id = "x"\nkind = "fill"\n' + DEFAULT + 'hatch = "cross"\ndash_mm = [2, 1]\n'
    symbol = load_style(write(tmp_path, text)).default.symbol
    assert symbol == FillSymbol(hatch="cross", dash_mm=(2.0, 1.0))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("id = ", "x.toml"),
        (DEFAULT, "id: missing"),
        (HEAD, "default: missing"),
        ('id = "y"\nkind = "marker"\n' + DEFAULT, "id: 'y'"),
        ('id = "x"\nkind = "area"\n' + DEFAULT, "kind: 'area'"),
        (HEAD + DEFAULT + 'color = "#000000"\n', "color: unknown key"),
        (HEAD + "zoom = 3\n" + DEFAULT, "zoom: unknown key"),
        (HEAD + DEFAULT + 'fill = "red"\n', "fill: 'red'"),
        (HEAD + DEFAULT + 'shape = "blob"\n', "shape: 'blob'"),
        (HEAD + DEFAULT + "size_mm = -1\n", "size_mm: -1"),
        (HEAD + DEFAULT + 'size_mm = "big"\n', "size_mm: 'big'"),
        (HEAD + DEFAULT + "level = 1.5\n", "level: 1.5"),
        (HEAD + '[default]\nlabel = { en = "Other" }\n', "label: "),
        (HEAD + "opacity = 2\n" + DEFAULT, "opacity: 2"),
        (HEAD + "sizes = [[500, 1], [200, 1]]\n" + DEFAULT, "sizes: "),
        (HEAD + 'class_field = "k"\n' + DEFAULT, "class_field: "),
        (HEAD + DEFAULT + CLASS, "class_field: "),
        (HEAD + 'class_field = "k"\n' + DEFAULT + CLASS + CLASS, "'A' is in two classes"),
        (HEAD + 'class_field = "k"\n' + DEFAULT + "[[class]]\ncodes = [1.5]\n", "codes: "),
        (HEAD + DEFAULT + "[label]\nsize_mm = 2\n", "label: text: missing"),
        (HEAD + DEFAULT + '[label]\ntext = "{name"\n', "label: text: "),
        (HEAD + DEFAULT + '[label]\ntext = "{name}"\nbold = 1\n', "label: bold: 1"),
    ],
)
def test_a_wrong_style_file_is_refused_naming_file_and_key(
    tmp_path: Path, text: str, named: str
) -> None:
    with pytest.raises(DictionaryError) as refusal:
        load_style(write(tmp_path, text))
    assert str(refusal.value).startswith("x.toml")
    assert named in str(refusal.value)


def test_a_style_for_another_geometry_is_refused() -> None:
    lamp = AssetType("lamp", "asset", "LineString", {}, (), "street_lamp")
    with pytest.raises(DictionaryError, match=r"street_lamp\.toml: kind"):
        style_for(lamp)


def test_a_style_that_names_a_missing_field_is_refused() -> None:
    lamp = AssetType("lamp", "asset", "Point", {}, (), "street_lamp")
    with pytest.raises(
        DictionaryError, match=r"street_lamp\.toml: 'lamp_type' is no field of lamp"
    ):
        style_for(lamp)
