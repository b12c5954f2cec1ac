from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hjgis import paths
from hjgis.errors import DictionaryError
from hjgis.exchange.symptoms import PSEUDO
from hjgis.models.crs import parse_crs
from hjgis.models.region import load_region, region


def test_the_town_is_in_the_county_and_its_neighbours_are_not() -> None:
    lon = np.array([107.1486, 106.567, 116.4, 107.1])
    lat = np.array([40.8872, 40.44, 39.9, 41.6])
    assert region().holds(lon, lat).tolist() == [True, True, False, False]


def test_every_system_is_one_and_is_of_the_datum_that_is_said() -> None:
    for entry in region().systems:
        if entry.crs in PSEUDO:
            continue
        crs = parse_crs(entry.crs)
        assert crs.datum == (entry.datum or crs.datum)
        assert (entry.datum is None) == (crs.datum in ("WGS 84", "CGCS2000")), entry.crs
        assert crs.is_geographic == (entry.kind == "degrees")


def test_what_is_named_like_a_system_and_is_none_is_in_the_list() -> None:
    assert {entry.crs for entry in region().systems} >= set(PSEUDO)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('kind = "usual"', 'kind = "odd"'),
        ("margin_deg = 0.1", ""),
        ('confidence = "T"', 'certainty = "T"'),
        ("\n[county]\n", "\n[county\n"),
        ("box_deg = [106.566_667, 40.433_333, 107.40, 41.216_667]", "box_deg = [1, 2, 3]"),
    ],
)
def test_a_file_of_places_that_does_not_load_is_named(tmp_path: Path, old: str, new: str) -> None:
    text = (paths.resources() / "places.toml").read_text("utf-8")
    assert old in text
    path = tmp_path / "places.toml"
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(DictionaryError, match=r"places\.toml"):
        load_region(path)
