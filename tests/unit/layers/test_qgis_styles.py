"""QGIS itself opens a project and tells what it makes of the styles in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from benchmarks.qgis_beside import is_there
from benchmarks.style_gallery import ask
from hjgis.layers.project import Project
from hjgis.layers.sample import create_sample
from hjgis.models.styles.style import LineSymbol, MarkerSymbol, Style
from hjgis.models.styles.stylefile import style_for

pytestmark = pytest.mark.skipif(not is_there(), reason="QGIS is not installed")
_LABELLED = 50


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    path = tmp_path_factory.mktemp("qgis") / "town.gpkg"
    create_sample(path, clean=True)
    with Project.open(path) as project:
        yield project


@pytest.fixture(scope="module")
def styles(town: Project) -> dict[str, Style]:
    types = town.map_types.items()
    return {name: style_for(asset) for name, asset in types if asset.is_spatial}


@pytest.fixture(scope="module")
def told(town: Project, styles: dict[str, Style], tmp_path_factory: pytest.TempPathFactory) -> Any:
    layers = {
        name: {"fids": town.table(name, (), geometry=False).fids[:_LABELLED].tolist()}
        for name in styles
    }
    facts = ask({"project": str(town.path), "layers": layers}, tmp_path_factory.mktemp("asked"))
    return facts["layers"]


def plain(color: str | None) -> str | None:
    return None if color is None else color.lower()


def test_qgis_understands_every_layer_and_expression(told: Any) -> None:
    assert {name for name, facts in told.items() if not facts["valid"]} == set()
    assert {name: facts["broken"] for name, facts in told.items() if facts["broken"]} == {}


def test_qgis_has_our_classes_in_our_order(told: Any, styles: dict[str, Style]) -> None:
    for name, style in styles.items():
        codes = [list(item.codes) for item in style.classes]
        labels = [item.label["zh_CN"] for item in style.all_classes]
        found = told[name]["classes"]
        if style.class_field:
            assert [entry["codes"] for entry in found[:-1]] == codes, name
            assert [entry["label"] for entry in found] == labels, name
        assert len(found) == len(style.all_classes), name


def test_the_symbols_that_qgis_holds_have_our_colours(told: Any, styles: dict[str, Style]) -> None:
    for name, style in styles.items():
        for item, entry in zip(style.all_classes, told[name]["classes"], strict=True):
            parts, symbol = entry["parts"], item.symbol
            if isinstance(symbol, MarkerSymbol):
                assert symbol.fill is None or parts[0]["fill"] == plain(symbol.fill)
                assert symbol.stroke is None or parts[0]["stroke"] == plain(symbol.stroke)
                glyphs = [(p["text"], p["color"]) for p in parts if p["kind"] == "FontMarker"]
                expected = [(symbol.glyph, plain(symbol.glyph_color))] if symbol.glyph else []
                assert glyphs == expected
            elif isinstance(symbol, LineSymbol):
                lines = [part for part in parts if part["kind"] == "SimpleLine"]
                wanted = [symbol.casing, symbol.color] if symbol.casing else [symbol.color]
                assert [line["color"] for line in lines] == list(map(plain, wanted))
                assert lines[-1]["width"] == pytest.approx(symbol.width_mm)
                assert lines[-1]["dashes"] == pytest.approx(symbol.dash_mm)
            else:
                assert symbol.fill is None or parts[0]["fill"] == plain(symbol.fill)
                edges = [p.get("stroke") for p in parts[:1]] + [p["color"] for p in parts[1:]]
                assert symbol.outline is None or plain(symbol.outline) in edges
            assert entry["opacity"] == pytest.approx(style.opacity)


def test_the_pictures_that_qgis_paints_show_our_colours(
    told: Any, styles: dict[str, Style]
) -> None:
    for name, style in styles.items():
        for item, entry in zip(style.all_classes, told[name]["classes"], strict=True):
            symbol = item.symbol
            if isinstance(symbol, MarkerSymbol):
                wanted = [symbol.fill, symbol.stroke]
            elif isinstance(symbol, LineSymbol):
                wanted = [symbol.color, symbol.casing]
            else:
                wanted = [symbol.fill, symbol.outline]
            for color in wanted:
                # What one sees through is mixed with the paper.
                if color is not None and len(color) == 7 and style.opacity == 1.0:
                    assert plain(color) in entry["painted"], (name, item.label, entry["painted"])


def test_qgis_writes_our_labels(told: Any, styles: dict[str, Style], town: Project) -> None:
    for name, style in styles.items():
        label, facts = style.label, told[name]["labels"]
        assert (label is None) == (facts is None)
        if label is None:
            continue
        table = town.table(name, label.fields, geometry=False)
        ours = label.texts({field: table.columns[field][:_LABELLED] for field in label.fields})
        fids = table.fids[:_LABELLED].tolist()
        assert [facts["texts"][str(fid)] for fid in fids] == ours, name
        assert facts["color"] == plain(label.color)
        assert facts["halo"] == plain(label.halo)
        assert (facts["size"], facts["halo_mm"]) == pytest.approx((label.size_mm, label.halo_mm))


def test_layers_and_labels_show_at_the_same_scales(told: Any, styles: dict[str, Style]) -> None:
    def known(limit: float) -> float | None:
        return limit if np.isfinite(limit) else None

    for name, style in styles.items():
        assert told[name]["limit"] == known(style.max_denominator), name
        if style.label is not None:
            limit = min(style.max_denominator, style.label.max_denominator)
            assert told[name]["labels"]["limit"] == known(limit), name


def test_qgis_shows_titles_and_what_codes_mean(told: Any, town: Project) -> None:
    pipes = town.asset_type("pipe_line")
    for field in pipes.fields:
        assert told["pipe_line"]["aliases"][field.name].startswith(field.label["zh_CN"])
        if field.codes:
            codes = town.catalogue.codes(field.codes).codes
            expected = {(code.code, code.label["zh_CN"]) for code in codes}
            assert {tuple(pair) for pair in told["pipe_line"]["lists"][field.name]} == expected
