from __future__ import annotations

import numpy as np
import pytest

from hjgis.models.assets import AssetType
from hjgis.models.styles.style import (
    FillSymbol,
    LabelStyle,
    LineSymbol,
    MarkerSymbol,
    Style,
    StyleClass,
    default_style,
)


def style(**given: object) -> Style:
    classes = (
        StyleClass(("JS", "ZS"), {"en": "Water", "zh_CN": "给水"}, LineSymbol("#00ffff")),
        StyleClass((1, True), {"en": "One", "zh_CN": "一"}, LineSymbol("#ff0000")),
    )
    default = StyleClass((), {"en": "Other", "zh_CN": "其他"}, LineSymbol())
    return Style("pipe", "line", default, class_field="kind", classes=classes, **given)  # type: ignore[arg-type]


def test_each_value_gets_the_class_that_names_it_and_all_others_the_default() -> None:
    values = np.array(["ZS", None, "JS", "nothing", 1, ""], dtype=object)
    found = style().classify(values)
    assert found.dtype == np.uint8
    assert found.tolist() == [0, 2, 0, 2, 1, 2]


def test_a_layer_without_features_has_no_classes() -> None:
    assert style().classify([]).tolist() == []


def test_legend_holds_what_is_present_with_both_languages_and_the_default_last() -> None:
    labels = [entry.label["zh_CN"] for entry in style().legend_entries({2, 0})]
    assert labels == ["给水", "其他"]
    assert len(style().legend_entries()) == 3


@pytest.mark.parametrize(
    ("denominator", "shown"),
    [(500, True), (6000, True), (6001, False), (25_000, False)],
)
def test_a_layer_shows_down_to_its_scale(denominator: float, shown: bool) -> None:
    assert style(max_denominator=6000.0).visible_at(denominator) is shown


def test_labels_hide_with_their_layer_and_before_it() -> None:
    labelled = style(max_denominator=2000.0, label=LabelStyle("{kind}", max_denominator=5000.0))
    assert labelled.labels_at(2000)
    assert not labelled.labels_at(4000)
    assert not style().labels_at(1)


def test_symbol_sizes_go_evenly_from_scale_to_scale_and_stay_beyond() -> None:
    sized = style(sizes=((500.0, 1.0), (50_000.0, 0.5)))
    assert sized.size_factor(100) == 1.0
    assert sized.size_factor(5000) == pytest.approx(0.75)
    assert sized.size_factor(1e6) == 0.5
    assert style().size_factor(777) == 1.0


def test_painting_needs_the_class_field_and_the_label_fields_once() -> None:
    label = LabelStyle("{kind} DN{diameter_mm} {material}")
    assert style(label=label).columns == ("kind", "diameter_mm", "material")


def test_a_label_leaves_out_the_words_whose_field_is_unknown() -> None:
    label = LabelStyle("{kind} DN{diameter_mm} {material}")
    columns = {
        "kind": ["WS", "WS", None],
        "diameter_mm": [400.0, None, None],
        "material": ["T", "T", None],
    }
    assert label.texts(columns) == ["WS DN400 T", "WS T", ""]


def test_numbers_in_labels_are_plain() -> None:
    assert LabelStyle("{x}").texts({"x": [400.0, 0.25, 1_234_567.0, 3]}) == [
        "400",
        "0.25",
        "1234567",
        "3",
    ]


@pytest.mark.parametrize(
    ("geometry", "symbol"),
    [("Point", MarkerSymbol), ("MultiLineString", LineSymbol), ("Polygon", FillSymbol)],
)
def test_a_layer_without_a_style_gets_one_for_its_geometry(
    geometry: str, symbol: type[object]
) -> None:
    asset = AssetType("survey_2024", "reference", geometry, {"en": "Survey"}, (), "")  # type: ignore[arg-type]
    made = default_style(asset)
    assert isinstance(made.default.symbol, symbol)
    assert made == default_style(asset)
    assert made.classify(["a", None]).tolist() == [0, 0]


def test_layers_of_other_names_get_other_colours() -> None:
    names = [f"layer_{i}" for i in range(40)]
    assets = [AssetType(name, "reference", "LineString", {}, (), "") for name in names]
    colors = {default_style(asset).default.symbol.color for asset in assets}  # type: ignore[union-attr]
    assert len(colors) > 4
