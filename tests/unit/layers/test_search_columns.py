from __future__ import annotations

import random

import numpy as np
import pytest

from hjgis.layers import search_columns
from hjgis.layers.search_columns import BEGIN, END, INSIDE, WHOLE, Part, TextColumn, grades_of

SIGNS = "人民路厕𠮷ab10"
WORDS = ("人", "民路", "𠮷", "a", "ab", "AB", "1", "10", "101", "人民路厕", "ab10", "没", "zz")


def texts(dice: random.Random, count: int, *, signs: str, even: bool) -> list[str]:
    made = set()
    while len(made) < count:
        width = 5 if even else dice.randint(1, 9)
        form = "".join(dice.choices(signs, k=width))
        other = "a1" if signs.isascii() else "a1AB"
        made.add(f"{form} {other}" if not even and dice.random() < 0.2 else form)
    return sorted(made, key=lambda _text: dice.random())


def looked_at(word: str, text: str) -> int:
    """Grade by looking at the whole text."""
    inside = f" {text} "
    if f" {word} " in inside:
        return WHOLE
    if f" {word}" in inside:
        return BEGIN
    if f"{word} " in inside:
        return END
    return INSIDE if word in inside else 0


def graded(column: TextColumn, word: str) -> list[int]:
    grades = column.grades(word)
    return [0] * column.count if grades is None else grades.tolist()


@pytest.mark.parametrize("signs", [SIGNS, "abws10"], ids=["Chinese", "ascii"])
@pytest.mark.parametrize("even", [True, False], ids=["by place", "behind each other"])
@pytest.mark.parametrize("count", [7, 2_500])
def test_texts_are_graded_as_looking_at_each_of_them_does(
    monkeypatch: pytest.MonkeyPatch, signs: str, count: int, *, even: bool
) -> None:
    monkeypatch.setattr(search_columns, "_MANY", 5 if even else 2_000)
    some = texts(random.Random(count), count, signs=signs, even=even)
    column = TextColumn.of(np.arange(count, dtype=np.int32), [some[:3], some[3:]])
    assert bool(column.width) == even
    assert [column.text_of(at) for at in (0, 3, count - 1)] == [some[0], some[3], some[-1]]
    for word in WORDS:
        wanted = [looked_at(word, text) for text in some]
        assert graded(column, word) == wanted, word


@pytest.mark.parametrize("count", [3, 40, 300, 2_500])
def test_rows_are_graded_by_their_texts_however_these_are_numbered(count: int) -> None:
    dice = random.Random(count)
    some = texts(dice, count, signs=SIGNS, even=True)
    own = TextColumn.of(np.arange(count, dtype=np.int32), [some])
    numbers = np.array(dice.choices(range(count), k=5_000), np.int32)
    shared = TextColumn.of(numbers, [some])
    for column, rows in ((own, np.arange(count)), (shared, numbers)):
        alive = np.array(dice.choices([True, True, False], k=len(rows)))
        part = Part(np.arange(len(rows)) + 10, {"name": column}, alive)
        for word in WORDS:
            wanted = [looked_at(word, some[at]) for at in rows]
            wanted = [grade + 1 if grade else 0 for grade in wanted]
            wanted = [grade if lives else 0 for grade, lives in zip(wanted, alive, strict=True)]
            (found,) = grades_of([part], [[word]], frozenset({"name"}))
            assert found.tolist() == wanted, word
            samples = part.samples("name", [[word]])
            for text, (value, of_it) in samples.items():
                mine = [at for at, here in enumerate(rows) if some[here] == text and alive[at]]
                assert len(mine) == of_it
                assert part.fid_of("name", value) == mine[0] + 10
