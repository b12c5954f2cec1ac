from __future__ import annotations

import numpy as np

from hjgis.exchange.columns import typed
from hjgis.models.catalogue_files import catalogue

LAMP = catalogue().type("street_lamp")


def column(*values: object) -> np.ndarray:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def test_missing_numbers_are_nan() -> None:
    data, mask = typed(LAMP.field("power_w"), column(1.5, None))
    assert (data[0], np.isnan(data[1]), mask) == (1.5, True, None)


def test_missing_whole_numbers_and_answers_are_masked_and_keep_their_type() -> None:
    data, mask = typed(LAMP.field("lamp_heads"), column(2**40, None))
    assert (data.dtype, data[0]) == (np.int64, 2**40)
    assert mask is not None
    assert mask.tolist() == [False, True]
    data, mask = typed(LAMP.field("lit_ok"), column(True, None, False))
    assert (data.dtype, data.tolist()) == (np.bool_, [True, False, False])
    assert mask is not None
    assert mask.tolist() == [False, True, False]


def test_dates_are_days_and_missing_ones_not_a_time() -> None:
    data, _mask = typed(LAMP.field("replace_date"), column("2020-06-15", None))
    assert data.dtype == np.dtype("datetime64[D]")
    assert [str(value) for value in data] == ["2020-06-15", "NaT"]
