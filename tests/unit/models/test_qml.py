"""Styles written for QGIS, and styles of others read."""

from __future__ import annotations

import json
import math
import random
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from hjgis.models.assets import AssetType, Field
from hjgis.models.catalogue_files import catalogue
from hjgis.models.styles.qml_reading import StyleRead, fitted, read_style
from hjgis.models.styles.qml_writing import label_expression, qml
from hjgis.models.styles.sld_writing import sld
from hjgis.models.styles.style import (
    FillSymbol,
    LabelStyle,
    LineSymbol,
    MarkerSymbol,
    Style,
    StyleClass,
)
from hjgis.models.styles.stylefile import look_of, style_for

LAYERS = [asset.id for asset in catalogue().types.values() if asset.is_spatial]
OLD_FORM = """<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.16.3" hasScaleBasedVisibilityFlag="1" minScale="5000" maxScale="0"
 labelsEnabled="1"><renderer-v2 type="categorizedSymbol" attr="Kind"><categories>
<category symbol="0" value="1" type="long" label="First" render="true"/>
<category symbol="1" label="More" render="true"><val value="2" type="long"/>
<val value="3" type="long"/></category>
<category symbol="2" value="" label="" render="true"/></categories><symbols>
<symbol type="line" name="0" alpha="1"><layer class="SimpleLine" enabled="1">
<prop k="line_color" v="255,0,0,255"/><prop k="line_width" v="2"/>
<prop k="line_width_unit" v="Point"/></layer></symbol>
<symbol type="line" name="1" alpha="1"><layer class="SimpleLine" enabled="1">
<Option type="Map"><Option name="line_color" type="QString" value="0,0,255,128"/>
<Option name="line_width" type="QString" value="0.5"/>
<Option name="line_width_unit" type="QString" value="MM"/></Option></layer>
<layer class="ArrowLine" enabled="1"/></symbol>
<symbol type="line" name="2" alpha="1"><layer class="SimpleLine" enabled="1">
<prop k="line_color" v="1,2,3,255"/><prop k="line_width" v="0.3"/></layer></symbol>
</symbols></renderer-v2><labeling type="simple"><settings>
<text-style fieldName="Name" fontSize="3" fontSizeUnit="MM" textColor="10,20,30,255">
<text-buffer bufferDraw="1" bufferSize="0.5" bufferColor="255,255,0,255"/></text-style>
<rendering scaleVisibility="1" scaleMin="0" scaleMax="1000"/></settings></labeling></qgis>"""
GRADED = """<qgis><renderer-v2 type="graduatedSymbol" attr="depth"><ranges>
<range lower="0" upper="1.5" symbol="0" label="shallow" render="true"/>
<range lower="1.5" upper="9" symbol="1" label="deep" render="true"/></ranges><symbols>
<symbol type="fill" name="0"><layer class="SimpleFill"><prop k="color" v="255,255,255,255"/>
</layer></symbol><symbol type="fill" name="1"><layer class="SimpleFill">
<prop k="color" v="0,0,0,255"/></layer></symbol></symbols></renderer-v2></qgis>"""


def written(layer: str) -> tuple[AssetType, Style, str]:
    asset = catalogue().type(layer)
    style = style_for(asset)
    return asset, style, qml(asset, style, {}, catalogue())


@pytest.mark.parametrize("layer", LAYERS)
def test_what_is_written_reads_back_as_it_was(layer: str) -> None:
    _asset, style, text = written(layer)
    read = read_style(text, style.id).style
    assert read is not None
    assert (read.kind, read.class_field) == (style.kind, style.class_field)
    assert (read.max_denominator, read.opacity) == (style.max_denominator, style.opacity)
    assert [item.codes for item in read.classes] == [item.codes for item in style.classes]
    for mine, other in zip(style.all_classes, read.all_classes, strict=True):
        assert_alike(mine, other)


def assert_alike(mine: StyleClass, other: StyleClass) -> None:
    own, read = mine.symbol, other.symbol
    if isinstance(own, MarkerSymbol):
        assert isinstance(read, MarkerSymbol)
        assert (read.fill, read.stroke, read.glyph) == (own.fill, own.stroke, own.glyph)
        if own.shape not in ("grate", "lamp", "bicycle"):
            assert read.size_mm == pytest.approx(own.size_mm, abs=0.08)
            assert read.shape == own.shape
    elif isinstance(own, LineSymbol):
        assert isinstance(read, LineSymbol)
        assert (read.color, read.casing, read.letters) == (own.color, own.casing, own.letters)
        assert read.width_mm == pytest.approx(own.width_mm)
        assert (read.casing_mm, read.dash_mm) == (pytest.approx(own.casing_mm), own.dash_mm)
    else:
        assert isinstance(read, FillSymbol)
        assert (read.fill, read.outline, read.hatch) == (own.fill, own.outline, own.hatch)
        assert read.dash_mm == own.dash_mm


@pytest.mark.parametrize("layer", LAYERS)
def test_sld_reads_back_with_colours_codes_and_limits(layer: str) -> None:
    asset = catalogue().type(layer)
    style = style_for(asset)
    read = read_style(sld(asset, style), style.id).style
    assert read is not None
    assert (read.kind, read.max_denominator) == (style.kind, style.max_denominator)
    assert [item.codes for item in read.classes] == [
        tuple(map(str, item.codes)) for item in style.classes
    ]
    if style.opacity == 1.0:
        for mine, other in zip(style.all_classes, read.all_classes, strict=True):
            names = ("fill", "stroke", "color", "casing", "outline")
            for name in names:
                assert getattr(other.symbol, name, None) == getattr(mine.symbol, name, None)


def test_a_word_with_a_quote_or_without_a_field_is_written_as_such() -> None:
    text = label_expression(LabelStyle("it's DN{size}m {kind}"))
    assert text == (
        "array_to_string(array_filter(array('it''s','DN'||to_string(\"size\")||'m',"
        "to_string(\"kind\")),@element IS NOT NULL),' ')"
    )


def test_names_with_signs_of_xml_are_kept() -> None:
    asset, style, _text = written("park")
    odd = replace(style.classes[0], codes=('a<"&', "b"), label={"zh_CN": '<&"'})
    text = qml(asset, replace(style, classes=(odd,)), {"x": 'a "b" <c>'}, catalogue())
    root = ElementTree.fromstring(text)
    assert root.find("aliases/alias").get("name") == 'a "b" <c>'  # type: ignore[union-attr]
    read = read_style(text).style
    assert read is not None
    assert (read.classes[0].codes, read.classes[0].label["zh_CN"]) == (('a<"&', "b"), '<&"')


def test_a_style_of_an_older_qgis_is_read_and_what_is_strange_is_named() -> None:
    read = read_style(OLD_FORM, "lines")
    assert read.style is not None
    first, more = read.style.classes
    assert (first.codes, more.codes) == ((1,), (2, 3))
    assert first.symbol == LineSymbol("#ff0000", pytest.approx(2 * 25.4 / 72))
    assert more.symbol == LineSymbol("#0000ff80", 0.5)
    assert read.style.default.symbol == LineSymbol("#010203", 0.3)
    label = LabelStyle("{Name}", 3.0, "#0a141e", "#ffff00", 0.5, 1000.0)
    assert (read.style.label, read.style.max_denominator) == (label, 5000.0)
    assert len(read.left_out) == 1
    assert "ArrowLine" in read.left_out[0]


def test_ranges_of_numbers_become_classes_and_the_ends_belong_to_the_first() -> None:
    style = read_style(GRADED).style
    assert style is not None
    found = style.classify([0, 1.5, 1.6, 9, 9.1, None, "x", math.nan])
    assert found.tolist() == [0, 0, 1, 1, 2, 2, 2, 2]
    asset = catalogue().type("park")
    for text in (qml(asset, style, {}, catalogue()), sld(asset, style)):
        again = read_style(text).style
        assert again is not None
        assert again.spans == style.spans


@pytest.mark.parametrize("text", ["", "no xml", "<a/>", "<qgis/>", "<qgis><renderer-v2/></qgis>"])
def test_what_is_no_style_gives_none_and_says_why(text: str) -> None:
    read = read_style(text)
    assert read.style is None
    assert read.left_out


def test_rules_and_expressions_are_named_as_left_out() -> None:
    rules = GRADED.replace("graduatedSymbol", "RuleRenderer")
    assert "RuleRenderer" in read_style(rules).left_out[0]
    expression = read_style(GRADED.replace('attr="depth"', 'attr="depth * 2"'))
    assert expression.style is not None
    assert not expression.style.classes
    assert "depth * 2" in expression.left_out[0]


def test_codes_and_names_follow_the_fields_of_the_layer() -> None:
    fields = {
        "Kind": Field("kind", "text", {"en": "Kind"}, "kind", "technical"),
        "Name": Field("field_1", "text", {"en": "Name"}, "field_1", "technical"),
    }
    style = fitted(read_style(OLD_FORM), fields, {"Kind": {"1": "one"}}).style
    assert style is not None
    assert style.label is not None
    assert [item.codes for item in style.classes] == [("one",), ("2", "3")]
    assert (style.class_field, style.label.text) == ("kind", "{field_1}")
    without = fitted(read_style(OLD_FORM), {}, {})
    assert without.style is not None
    assert (without.style.classes, without.style.label) == ((), None)
    assert len(without.left_out) == 3


def test_a_look_is_data_that_becomes_the_same_style_again() -> None:
    fields = (Field("Kind", "integer", {"en": "Kind"}, "kind", "technical"),)
    read: StyleRead = read_style(OLD_FORM, "lines")
    assert read.style is not None
    style = replace(read.style, label=None)
    look = look_of(style)
    assert json.loads(look)["class_field"] == "Kind"
    asset = AssetType("lines", "reference", "LineString", {"en": "l"}, fields, "lines", look=look)
    assert style_for(asset) == style


def test_codes_that_mean_the_same_word_are_in_the_first_class_only() -> None:
    fields = {"Kind": Field("kind", "text", {"en": "Kind"}, "kind", "technical")}
    style = fitted(read_style(OLD_FORM), fields, {"Kind": {"1": "a", "2": "a", "3": "b"}}).style
    assert style is not None
    assert [item.codes for item in style.classes] == [("a",), ("b",)]


@pytest.mark.parametrize("seed", range(8))
def test_spoilt_documents_give_a_usable_style_or_none(seed: int) -> None:
    dice = random.Random(seed)
    asset, _style, ours = written("manhole")
    documents = [OLD_FORM, GRADED, ours, sld(asset, style_for(asset))]
    odd = ("", "NaN", "-1", "1e999", "x", "NULL", "Pixel", "no", "255,0", "&#1234;", "0")
    for _turn in range(40):
        text = dice.choice(documents)
        values = list(re.finditer(r'(?:v|value|lower|upper|label|symbol|alpha)="([^"]*)"', text))
        found = dice.choice(values) if values else re.search(r">(\d+)<", text)
        assert found is not None
        text = text[: found.start(1)] + dice.choice(odd) + text[found.end(1) :]
        style = read_style(text, "s").style
        if style is None:
            continue
        names = (style.class_field, *(style.label.fields if style.label else ()))
        fields = {n: Field("f", "text", {"en": n}, "f", "technical") for n in names if n}
        fit = fitted(StyleRead(style, ()), fields, {}).style
        assert fit is not None
        shape = {"marker": "Point", "line": "LineString", "fill": "Polygon"}[fit.kind]
        given = tuple(fields.values())[:1]
        layer = AssetType(
            "s",
            "reference",
            shape,
            {"en": "s"},
            given,
            "s",
            look=look_of(fit),  # type: ignore[arg-type]
        )
        assert style_for(layer) == fit


def _props(**said: str) -> str:
    return "".join(f'<prop k="{key}" v="{value}"/>' for key, value in said.items())


def _single(kind: str, layer: str, props: str) -> str:
    return (
        '<qgis labelsEnabled="1"><renderer-v2 type="singleSymbol"><symbols>'
        f'<symbol name="0" type="{kind}"><layer class="{layer}">{props}</layer></symbol>'
        "</symbols></renderer-v2><labeling><settings>"
        '<text-style fieldName="a" fontSize="-5"><text-buffer bufferDraw="1" bufferSize="-3"/>'
        "</text-style></settings></labeling></qgis>"
    )


_SLD = (
    '<StyledLayerDescriptor xmlns="http://www.opengis.net/sld"><Rule><PointSymbolizer><Mark>'
    "<WellKnownName>circle</WellKnownName></Mark><Size>{size}</Size></PointSymbolizer>"
    "<TextSymbolizer><Label><PropertyName>a</PropertyName></Label>"
    '<CssParameter name="font-size">{size}</CssParameter><Halo><Radius>-2</Radius></Halo>'
    "</TextSymbolizer></Rule></StyledLayerDescriptor>"
)


@pytest.mark.parametrize(
    "text",
    [
        *(
            _single("marker", "SimpleMarker", _props(name="circle", size=size, color="1,2,3"))
            for size in ("0", "-4", "1e300", "nan")
        ),
        _single("marker", "FontMarker", _props(chr="A", size="0", color="1,2,3")),
        *(_SLD.format(size=size) for size in ("0", "-4", "1e300", "nan")),
    ],
)
def test_sizes_that_cannot_be_drawn_become_some_that_can(text: str) -> None:
    style = read_style(text, "own").style
    assert style is not None
    assert style.label is not None
    assert isinstance(style.default.symbol, MarkerSymbol)
    assert 0 < style.default.symbol.size_mm <= 1000
    assert 0 < style.label.size_mm <= 1000
    assert style.label.halo_mm >= 0
    asset = catalogue().types["manhole"]
    label = replace(style.label, text="{exp_no}")
    look = look_of(replace(style, id="own", label=label))
    assert style_for(replace(asset, style="own", look=look)).default.symbol == style.default.symbol
