from __future__ import annotations

from hjgis.exchange.report import Problems


def test_the_same_trouble_is_one_entry_with_its_first_row_and_a_count() -> None:
    problems = Problems()
    problems.add(4, "A", "bad-value", "wrong")
    problems.add(9, "A", "bad-value", "wrong")
    problems.add(2, "B", "bad-value", "wrong")
    problems.add(None, "C", "unmapped", "not taken", count=7)
    found = [(p.row, p.field, p.count) for p in problems.listed()]
    assert found == [(None, "C", 7), (2, "B", 1), (4, "A", 2)]
