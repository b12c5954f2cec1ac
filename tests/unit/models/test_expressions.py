from __future__ import annotations

import datetime as dt
import tracemalloc

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from hjgis.i18n import set_language
from hjgis.models.catalogue_files import catalogue
from hjgis.models.expressions import ExpressionError, parse
from hjgis.models.reading import LayerTable

WELL = catalogue().type("manhole")
ENGLISH = WELL.field("well_depth_m").label["en"]


def table(**columns: list) -> LayerTable:
    count = max(map(len, columns.values()), default=1)
    geometry = np.empty(count, object)
    geometry[:] = [shapely.Point(428_000 + row, 4_528_000) for row in range(count)]
    arrays = {name: np.array(values, object) for name, values in columns.items()}
    fids = np.arange(1, count + 1)
    return LayerTable("manhole", fids, np.array(["u"] * count, object), geometry, arrays)


def worked_out(text: str, **columns: list) -> list:
    values, troubles = parse(text, WELL, catalogue()).evaluate(table(**columns))
    assert not troubles
    return values


def trouble(text: str, **columns: list) -> str:
    values, troubles = parse(text, WELL, catalogue()).evaluate(table(**columns))
    assert values[0] is None
    return troubles[0]


def refusal(text: str) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        parse(text, WELL, catalogue())
    return caught.value


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("[井底深] * 2", 5.0),
        ("井底深*2", 5.0),
        ("well_depth_m * 2", 5.0),
        (f"[{ENGLISH}] * 2", 5.0),
        ("【井底深】 × 2", 5.0),
        ("（井底深 ＋ 1.5） ÷ 2", 2.0),
        ("2 ^ 3 + 7 % 4", 11),
        ("-井底深", -2.5),
        ("1 + 2 * 3", 7),
        ("如果（井底深 ＞ 2，“深”，“浅”）", "深"),
        ("if(well_depth_m <= 2, 1, 0)", 0),
        ("井底深 = 2.5 且 非(井底深 <> 2.5)", True),
        ("井底深 ≥ 2.5 或 1/0 > 1", True),
        ("空值", None),
        ('"a""b" & \'c\'', 'a"bc'),
        ("'反斜杠\\n'", "反斜杠\\n"),
        ('左("物探点", 2) & 右("W0012", 2)', "物探12"),
        ('中("W0012", 2, 3)', "001"),
        ('替换("a-b-c", "-", "")', "abc"),
        ('拼接("a", 空值, 1)', "a1"),
        ('去空格("  a ") & 大写("b") & 小写("C")', "aBc"),
        ("补零(7, 4)", "0007"),
        ('字数("𠮷井")', 2),
        ("四舍五入(2.675, 2)", 2.68),
        ("四舍五入(-2.5)", -3),
        ("取整(2.9) + 向上取整(2.1) + 绝对值(-1)", 6),
        ("最大(1, 井底深, 2) + 最小(3, 1)", 3.5),
        ('数值("12") + 1', 13),
        ("平方根(9)", 3.0),
        ('年("2020-02-29") + 月("2020-02-29") + 日("2020-02-29")', 2051),
        ('加天("2020-02-28", 2)', "2020-03-01"),
        ('加年("2020-02-29", 1)', "2021-02-28"),
        ('天数("2020-01-01", "2021-01-01")', 366),
        ('如空(空值, "无")', "无"),
        ("为空(空值)", True),
        ("X()", 4_528_000.0),
        ("Y ( ) - 428000", 0.0),
        ("长度()", 0.0),
    ],
)
def test_what_people_write_is_worked_out(text: str, result: object) -> None:
    assert worked_out(text, well_depth_m=[2.5]) == [result]


def test_today_is_a_date() -> None:
    assert worked_out("今天()") == [dt.date.today().isoformat()]


def test_what_is_missing_goes_through_and_is_no_trouble() -> None:
    for text in ("井底深 + 1", "1 / 井底深", "-井底深", "四舍五入(井底深, 1)", "井底深 > 2"):
        assert worked_out(text, well_depth_m=[None]) == [None]
    assert worked_out("井底深 = 空值", well_depth_m=[None, 1.0]) == [True, False]


def test_a_choice_works_out_only_what_is_chosen() -> None:
    text = "如果(井底深 = 0, 0, 1 / 井底深)"
    assert worked_out(text, well_depth_m=[0.0, 4.0]) == [0, 0.25]


def test_codes_are_known_by_name_code_and_in_both_languages() -> None:
    pipes = catalogue().type("pipe_line")
    rows = LayerTable(
        "pipe_line",
        np.array([1]),
        np.array(["u"], object),
        None,
        {"kind": np.array(["WS"], object)},
    )
    field = pipes.field("kind").label["zh_CN"]
    for language in ("en", "zh_CN"):
        set_language(language)
        for word in ("WS", "污水", "Sewage"):
            found, _ = parse(f'[{field}] = "{word}"', pipes, catalogue()).evaluate(rows)
            if word != "Sewage" or catalogue().codes("pipe_kind").parse("Sewage") == "WS":
                assert found == [True], word
    set_language("zh_CN")
    assert parse("kind", pipes, catalogue()).evaluate(rows)[0] == ["污水"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 / 井底深", "division by zero"),
        ("9 ^ 9 ^ 9", "too large"),
        ("1e300 * 1e300", "too large"),
        ("99999999999 ^ 99999999", "too large"),
        ("(0-8) ^ 0.5", "no such power"),
        ('"深" + 1', "not a number"),
        ('补零("a", 1000000000)', "number of characters"),
        ('加天("2020-02-30", 1)', "not a date"),
        ('加天("9999-12-31", 1)', "no such date"),
        ("平方根(0-1)", "no square root"),
        ("四舍五入(1, 400)", "number of decimals"),
    ],
)
def test_what_cannot_be_worked_out_is_told_for_its_row(text: str, said: str) -> None:
    assert said in trouble(text, well_depth_m=[0.0])


def test_only_the_row_with_the_trouble_is_without_value() -> None:
    found = parse("1 / 井底深", WELL, catalogue()).evaluate(table(well_depth_m=[2.0, 0.0, 4.0]))
    assert found == ([0.5, None, 0.25], {1: "division by zero"})


def test_text_does_not_grow_without_end() -> None:
    text = "替换(" * 6 + '"aaaaaaaaaa"' + ', "a", "aaaaaaaaaaaaaaaaaaaa")' * 6
    assert "longer than" in trouble(text)


@pytest.mark.parametrize(
    ("text", "position", "said"),
    [
        ("", 0, "nothing is written"),
        ("井深 * 2", 0, "no field 井深"),
        ("1 + [井深]", 4, "no field 井深"),
        ("(1 + 2", 0, "not closed"),
        ("1 + 2)", 5, "not opened"),
        ("1 + ", 3, "missing at the end"),
        ("1 + * 2", 4, "missing or too much"),
        ("井底深 井底深", 4, "missing or too much"),
        ('左("a")', 0, "takes 2 values"),
        ('1 + 左("a")', 4, "takes 2 values"),
        ("长度(1)", 0, "takes nothing"),
        ("foo(1)", 0, "no function foo"),
        ("'abc", 0, "not closed"),
        ("1 ~ 2", 2, "~ means nothing"),
        ("1.2.3", 0, "not a number"),
        ("1e999", 0, "too large"),
        ("井底深.real", 3, "not a number"),
        ("__import__('os')", 0, "no function __import__"),
        ("().__class__", 2, "not a number"),
        ("[井底深].__class__", 5, "not a number"),
        ("'a'.format", 3, "not a number"),
        ("lambda: 1", 0, "no field lambda"),
        ("f0(1)", 0, "no function f0"),
        ("n0", 0, "no field n0"),
        ("{1}", 0, "{ means nothing"),
        ("(1, 2)", 0, "missing or too much"),
        ("(" * 200 + ")" * 200, 60, "too many brackets"),
        ("1 +" * 1000, 2999, "longer than"),
        ("\0", 0, "means nothing"),
    ],
)
def test_what_is_not_understood_is_told_with_its_place(text: str, position: int, said: str) -> None:
    error = refusal(text)
    assert said in str(error)
    assert error.position == position


@given(st.text(alphabet="()[]+-*/^%=<>,.'\"1a如果左井底深X （），“”\n_", max_size=40))
def test_whatever_is_typed_is_understood_or_told(text: str) -> None:
    try:
        expression = parse(text, WELL, catalogue())
    except ExpressionError as caught:
        place = caught.position
        expression = None
    if expression is None:
        assert 0 <= place <= max(len(text) - 1, 0)
        return
    values, troubles = expression.evaluate(table(well_depth_m=[1.5, None]))
    assert len(values) == 2
    assert set(troubles) <= {0, 1}


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("四舍五入(38512345.12345, 4)", 38512345.1235),
        ("四舍五入(38512345.12345, 5)", 38512345.12345),
        ("四舍五入(123456789012.345, 2)", 123456789012.35),
        ("四舍五入(-38512345.12345, 4)", -38512345.1235),
        ("四舍五入(1e300, 2)", 1e300),
        ("四舍五入(9007199254740993, 2)", 9007199254740993),
        ("四舍五入(1 > 0, 1)", 1.0),
    ],
)
def test_long_coordinates_are_rounded_as_they_are_written(text: str, result: float) -> None:
    (value,) = worked_out(text)
    assert value == pytest.approx(result, rel=0, abs=0)


@pytest.mark.parametrize("text", ["7 // 2", "7／／2", "1 << 9", "1 >> 9", "7 / / 2", "1 < < 2"])
def test_signs_that_the_grammar_knows_and_people_do_not_mean_are_refused(text: str) -> None:
    assert refusal(text).position > 0


def test_a_text_that_would_be_absurdly_long_is_never_made() -> None:
    tracemalloc.start()
    assert "10000" in trouble('替换(补零("0", 10000), "0", 补零("0", 10000))')
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10_000_000
    assert worked_out('替换(补零("0", 10000), "0", "1")') == ["1" * 10_000]


def test_a_coordinate_made_text_keeps_its_millimetres() -> None:
    assert worked_out("文本(38512345.123)") == ["38512345.123"]
    assert worked_out('拼接(0.1 + 0.2, "m")') == ["0.3m"]
