from __future__ import annotations

import uuid

import numpy as np
import pytest
import shapely

from hjgis.models.changes import BulkInsert, Change, ChangeSet, Feature, FeatureKey, new_uuids


def test_new_identities_are_valid_ascending_and_different() -> None:
    made = new_uuids(10_000)
    assert len(set(made)) == 10_000
    assert made == sorted(made)
    assert {uuid.UUID(text).version for text in made} == {7}
    assert {uuid.UUID(text).variant for text in made} == {uuid.RFC_4122}


def test_inverting_a_change_twice_gives_it_back() -> None:
    feature = Feature(FeatureKey("manhole", "u"), shapely.Point(1, 2), {"exp_no": "A"})
    change = ChangeSet(
        "t", (Change(None, feature), Change(feature, feature.with_values(exp_no="B")))
    )
    assert ~~change == change
    assert (~change).changes[0].after == feature


def test_a_bulk_change_is_not_inverted_as_a_value() -> None:
    bulk = BulkInsert("manhole", np.array([None], dtype=object), {})
    with pytest.raises(ValueError, match="journal"):
        ~ChangeSet("t", bulk=(bulk,))
