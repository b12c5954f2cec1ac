"""Sixty shapefiles as they are sent: declared rightly, wrongly or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import product
from pathlib import Path

from hjgis.errors import InputQuestion
from hjgis.exchange.sources import read_layer

Make = Callable[..., Path]

# What is delivered: a few records, many, and next to nothing.
SIMPLIFIED = (
    [{"名称": "胜利路东侧污水井", "类型": "井盖", "权属": "住房和城乡建设局"}],
    [{"name": f"示例{n}号路灯", "road": "塞上东街", "no": n} for n in range(40)],
    [{"kind": "雨水井", "unit": "市政维护站"}, {"kind": "检查井", "unit": "环卫局"}],
    [{"RDNAME": "中山路", "LEN": 12.5}],
)
TRADITIONAL = (
    [{"名稱": "忠孝東路北側路燈", "類型": "公廁"}],
    [{"name": f"臺北市第{n}號公園", "road": "仁愛路四段"} for n in range(40)],
)
RIGHT = {"GBK": "936", "UTF-8": "UTF-8", "BIG5": "950"}
WRONG = {"GBK": "UTF-8", "UTF-8": "936", "BIG5": "UTF-8"}


def test_nearly_all_are_read_right_and_the_rest_are_asked_about(shapefile: Make) -> None:
    written = [
        *product(("GBK", "UTF-8"), SIMPLIFIED),
        *product(("BIG5",), TRADITIONAL),
    ]
    cases = list(product(written, ("right", None, "wrong"), (0, 0x4D)))
    assert len(cases) == 60
    results: Counter[str] = Counter()
    for number, ((encoding, rows), cpg, language_byte) in enumerate(cases):
        declared = {"right": RIGHT, "wrong": WRONG}.get(cpg or "", {}).get(encoding)
        path = shapefile(
            rows, encoding=encoding, language_byte=language_byte, cpg=declared, name=f"s{number}"
        )
        try:
            layer = read_layer(path)
        except InputQuestion as question:
            results[question.option] += 1
            continue
        columns = {name: column.tolist() for name, column in layer.columns.items()}
        right = columns == {name: [row[name] for row in rows] for name in rows[0]}
        results["right" if right else f"wrong: {encoding} {cpg} {language_byte:#x}"] += 1
    # All sixty, and none that reads as something else without a word.
    assert results == {"right": 60}
