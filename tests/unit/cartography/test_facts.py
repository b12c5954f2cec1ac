from __future__ import annotations

import pytest

from hjgis.cartography.facts import convergence_deg, degrees_text, secrecy_text
from hjgis.models.catalogue_files import catalogue
from hjgis.models.crs import parse_crs


def test_convergence_of_the_town_is_that_of_the_domain_facts() -> None:
    angle = convergence_deg(parse_crs("EPSG:4545"), 428_244.94, 4_528_395.52)
    assert angle == pytest.approx(-0.557, abs=0.001)
    assert degrees_text(angle) == "−0°33′"


def test_there_is_no_convergence_on_the_central_meridian() -> None:
    assert convergence_deg(parse_crs("EPSG:4545"), 500_000, 4_528_395) == pytest.approx(0, abs=1e-6)
    assert degrees_text(-0.001) == "0°00′"


@pytest.mark.parametrize(
    ("stated", "levels", "word"),
    [
        (None, [], "Public"),
        (None, ["public", "secret", "internal"], "Secret"),
        ("内部", ["public"], "Internal"),
        ("公开", ["secret"], "Secret"),
    ],
)
def test_a_sheet_is_as_secret_as_the_most_secret_on_it(
    stated: str | None, levels: list[str], word: str
) -> None:
    assert secrecy_text(catalogue(), stated, levels) == word
