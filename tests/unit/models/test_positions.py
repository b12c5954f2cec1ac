from __future__ import annotations

from pathlib import Path

import pytest

from hjgis import paths
from hjgis.errors import DictionaryError
from hjgis.models.positions import Fix, Placed, average, best_of, load_rules, receiver_rules

FILE = paths.resources() / "receiver.toml"


def placed(x: float, y: float, quality: str = "single", **said: object) -> Placed:
    return Placed(Fix(receiver_rules().quality(quality), 107.0, 41.0, **said), x, y)  # type: ignore[arg-type]


def test_the_average_is_the_mean_and_says_how_far_the_places_lie_apart() -> None:
    base_x, base_y = 428_244.0, 4_528_395.0
    corners = [(0.0, 0.0), (0.06, 0.0), (0.06, 0.08), (0.0, 0.08)]
    mean = average([placed(base_x + x, base_y + y, height_m=1039 + x) for x, y in corners])
    assert (mean.x, mean.y) == pytest.approx((base_x + 0.03, base_y + 0.04), abs=1e-9)
    assert mean.count == 4
    assert mean.rms_m == pytest.approx(0.05, abs=1e-9)
    assert mean.spread_m == pytest.approx(0.05, abs=1e-9)
    assert mean.height_m == pytest.approx(1039.03)


def test_the_average_tells_the_worst_of_what_it_rests_on() -> None:
    mean = average([placed(0, 0, satellites=9, hdop=0.9), placed(0, 0, satellites=14, hdop=1.6)])
    assert (mean.satellites, mean.hdop, mean.height_m) == (9, 1.6, None)


def test_of_nothing_there_is_no_average() -> None:
    with pytest.raises(ValueError, match="nothing"):
        average([])


def test_only_the_places_of_the_best_quality_count() -> None:
    samples = [placed(0, 0), placed(1, 1, "rtk_fixed"), placed(2, 2, "rtk_float")]
    assert [sample.x for sample in best_of(samples)] == [1]


def test_what_the_receiver_states_goes_before_what_is_usual() -> None:
    assert placed(0, 0, "rtk_fixed", stated_m=0.35, hdop=0.8).fix.error_m == 0.35
    assert placed(0, 0, "rtk_fixed", hdop=3.0).fix.error_m == 0.02
    assert placed(0, 0, "single", hdop=2.0).fix.error_m == 8.0
    assert placed(0, 0, "simulated").fix.error_m is None


def test_every_number_and_letter_belongs_to_one_quality() -> None:
    qualities = receiver_rules().qualities
    numbers = [number for quality in qualities for number in quality.gga]
    letters = [letter for quality in qualities for letter in quality.mode]
    assert sorted(numbers) == list(range(10))
    assert sorted(letters) == sorted("NSMEADPFR")
    assert len({quality.rank for quality in qualities}) == len(qualities)
    assert all(set(quality.label) == {"en", "zh_CN"} for quality in qualities)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('shape = "diamond"', 'shape = "star"', "rtk_float: shape"),
        ("rank = 8\n", "", "rtk_fixed: .*rank"),
        ("hdop = 2.5", "hdob = 2.5", "hdob"),
        ("[[quality]]", "[[qualities]]", "quality"),
    ],
)
def test_a_wrong_file_is_refused_by_name(tmp_path: Path, old: str, new: str, named: str) -> None:
    path = tmp_path / "receiver.toml"
    path.write_text(FILE.read_text("utf-8").replace(old, new), "utf-8")
    with pytest.raises(DictionaryError, match=rf"^receiver\.toml: .*{named}"):
        load_rules(path)
