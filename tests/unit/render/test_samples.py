from __future__ import annotations

import numpy as np
import pytest

from hjgis.models.assets import AssetType
from hjgis.models.catalogue_files import catalogue
from hjgis.models.styles.style import LineSymbol, MarkerSymbol
from hjgis.models.styles.stylefile import style_for
from hjgis.render.samples import sample_image


def opaque(image) -> np.ndarray:
    pixels = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), -1)
    return pixels >> 24 > 100


@pytest.mark.parametrize("asset", catalogue().types.values(), ids=lambda asset: asset.id)
def test_no_two_classes_of_a_layer_look_alike(asset: AssetType) -> None:
    looks = {}
    for item in style_for(asset).all_classes:
        image = sample_image(item.symbol, width_px=64, height_px=32, dpi=192)
        assert opaque(image).any(), item.codes
        looks.setdefault(bytes(image.constBits()), item.codes)
    assert len(looks) == len({item.symbol for item in style_for(asset).all_classes})


def test_a_dot_is_shown_large_enough_to_know_it() -> None:
    tiny = sample_image(MarkerSymbol(size_mm=0.3, fill="#ff0000"), width_px=32, height_px=16)
    assert opaque(tiny).any(axis=0).sum() >= 8


def test_a_street_does_not_fill_the_legend() -> None:
    street = sample_image(LineSymbol(width_mm=9.0, ground_m=40.0), width_px=32, height_px=32)
    assert opaque(street).any(axis=1).sum() <= 9
