from __future__ import annotations

import numpy as np
import pytest

from hjgis.models.styles.ramps import lab, ramp, ramps

# Machado, Oliveira, Fernandes 2009, severity 1.0, on linear sRGB.
PROTANOPIA = [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
]
DEUTERANOPIA = [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.011820, 0.042940, 0.968881],
]
RAMPS = ramps()


def seen(hexes, matrix) -> list[str]:
    rgb = np.array([[int(color[i : i + 2], 16) for i in (1, 3, 5)] for color in hexes]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    light = np.clip(linear @ np.array(matrix).T, 0, 1)
    levels = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return ["#" + "".join(f"{round(255 * part):02x}" for part in color) for color in levels]


def test_lightness_of_known_colours() -> None:
    assert lab(["#ffffff", "#000000", "#777777"])[:, 0] == pytest.approx([100, 0, 50], abs=0.5)


@pytest.mark.parametrize("entry", RAMPS, ids=lambda entry: entry.id)
def test_ends_stay_and_there_are_as_many_colours_as_wanted(entry) -> None:
    for count in range(2, (entry.most or 12) + 1):
        colors = entry.colors(count)
        assert len(set(colors)) == count
        if entry.kind != "qualitative":
            assert (colors[0], colors[-1]) == (entry.hexes[0], entry.hexes[-1])
    assert len(entry.colors(1)) == 1


@pytest.mark.parametrize(
    "entry", [r for r in RAMPS if r.kind == "sequential"], ids=lambda entry: entry.id
)
def test_sequential_ramps_are_ordered_in_grey_print(entry) -> None:
    steps = -np.diff(lab(entry.colors(7))[:, 0])
    assert steps.min() > 5
    assert lab(entry.hexes)[0, 0] < 94, "lost on white paper"


@pytest.mark.parametrize(
    "entry", [r for r in RAMPS if r.kind == "diverging"], ids=lambda entry: entry.id
)
def test_diverging_ramps_are_lightest_in_the_middle(entry) -> None:
    light = lab(entry.colors(7))[:, 0]
    assert light.argmax() == 3
    for matrix in (PROTANOPIA, DEUTERANOPIA):
        ends = lab(seen([entry.hexes[0], entry.hexes[-1]], matrix))
        assert np.linalg.norm(ends[0] - ends[1]) > 25


@pytest.mark.parametrize(
    "entry", [r for r in RAMPS if r.kind == "qualitative"], ids=lambda entry: entry.id
)
@pytest.mark.parametrize("matrix", [np.eye(3), PROTANOPIA, DEUTERANOPIA])
def test_kinds_are_told_apart_by_people_who_see_no_red_or_green(entry, matrix) -> None:
    colors = lab(seen(entry.hexes, matrix))
    apart = np.linalg.norm(colors[:, None] - colors[None], axis=2)
    assert apart[~np.eye(len(colors), dtype=bool)].min() > 14


def test_a_ramp_that_is_none_is_the_usual_one() -> None:
    assert ramp("").id == "blues"
    assert ramp("gone", "qualitative").id == "kinds"
