from __future__ import annotations

import json

import pytest

from hjgis.checks.figures import figures_of
from hjgis.errors import UsageError
from hjgis.models.catalogue_files import catalogue
from hjgis.models.styles.ramps import ramps
from hjgis.models.styles.stylefile import style_for
from hjgis.models.themes import MOST_PRIORITY, portrayal_of, theme, theme_ids, theme_of


@pytest.mark.parametrize("theme_id", theme_ids())
def test_a_theme_survives_being_kept_in_a_project(theme_id: str) -> None:
    shipped = theme(theme_id)
    again = theme_of(json.loads(json.dumps(shipped.to_json())))
    assert again.to_json() == shipped.to_json()
    assert again.portrayals == shipped.portrayals


@pytest.mark.parametrize("theme_id", theme_ids())
def test_a_theme_names_layers_fields_and_ramps_that_are(theme_id: str) -> None:
    shipped, known = theme(theme_id), {"", *(entry.id for entry in ramps())}
    for layer in (*shipped.layers, *shipped.subject):
        assert layer in catalogue().types
    for entry in shipped.portrayals:
        asset = catalogue().type(entry.layer)
        assert entry.ramp in known
        assert not entry.field or asset.has(entry.field) or entry.field in figures_of(asset)
        assert not shipped.layers or entry.layer in shipped.layers
    if shipped.summary:
        asset = catalogue().type(shipped.summary.layer)
        for name in (shipped.summary.rows, shipped.summary.columns):
            assert name in ("", "class") or asset.has(name)


def test_there_are_at_least_twelve_themes_that_tell_figures() -> None:
    assert len([name for name in theme_ids() if theme(name).summary]) >= 12
    assert theme_ids()[0] == "overview"


def test_a_theme_that_is_none_names_those_there_are() -> None:
    with pytest.raises(UsageError, match="lamps"):
        theme("gone")


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ({"method": "graduated"}, "field: missing"),
        ({"method": "graduated", "field": "a", "classes": 99}, "classes"),
        ({"method": "graduated", "field": "a", "scheme": "user"}, "breaks: missing"),
        ({"method": "graduated", "field": "a", "breaks": [3, 1]}, "rising"),
        ({"method": "coverage"}, "radius_m: missing"),
        ({"method": "coverage", "radius_m": -5}, "above 0"),
        ({"method": "density", "cells": "round"}, "none of"),
        ({"method": "single", "ramp": "blues"}, "unknown key"),
        ({"method": "painted"}, "method"),
        ({"method": "single", "color": "red"}, "color: 'red'"),
        ({"method": "categories", "field": "a", "colors": {"x": "#12"}}, "colors"),
        ({"method": "categories", "field": "a", "words": {"x": 3}}, "words"),
        ({"method": "density", "cells": "square", "cell_m": 1e-9}, "cell_m"),
        ({"method": "graduated", "field": "a", "breaks": list(range(12))}, "more than 11"),
        ({"method": "single", "priority": 101}, "priority"),
    ],
)
def test_a_portrayal_that_makes_no_sense_is_refused_by_its_key(raw, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        portrayal_of({"layer": "park", **raw})


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"portrayal": {"layer": "park", "method": "single"}}, "portrayal: .* no table"),
        ({"portrayal": ["park"]}, "portrayal: .* no table"),
        ({"summary": "park"}, "summary: .* no table"),
        ({"summary": {"layer": "park", "rows": 5}}, "summary: rows"),
        ({"summary": {"layer": "park", "rows": "a", "columns": ["b"]}}, "summary: columns"),
        ({"id": 5}, "id"),
        ({"label": {"en": "a", "zh_CN": None}}, "label"),
    ],
)
def test_a_file_that_holds_something_else_is_told_by_its_key(more, said: str) -> None:
    words = {"en": "a", "zh_CN": "甲"}
    with pytest.raises(ValueError, match=said):
        theme_of({"id": "own", "label": words, "layers": [], "subject": [], **more})


def test_labels_of_a_theme_can_rank_above_those_of_all_styles() -> None:
    entry = portrayal_of({"layer": "park", "method": "single", "priority": MOST_PRIORITY})
    layers = catalogue().types.values()
    ranks = [style.label.priority for style in map(style_for, layers) if style.label]
    assert entry.priority > max(ranks) > 12
