"""Text that was spoilt before it was saved: found where it is, and nowhere else."""

from __future__ import annotations

import re
import time
from pathlib import Path

import numpy as np
import pytest

from hjgis import paths
from hjgis.exchange import mojibake
from hjgis.exchange.encoding import Encoding
from hjgis.exchange.foreign import ForeignLayer
from hjgis.exchange.importing import plan_import
from hjgis.exchange.report import Problem
from hjgis.layers.project import Project


def layer(columns: dict[str, list[object]], name: str = "theirs") -> ForeignLayer:
    arrays = {}
    for heading, values in columns.items():
        arrays[heading] = np.empty(len(values), dtype=object)
        arrays[heading][:] = values
    count = len(next(iter(columns.values())))
    nothing = np.full(count, None, dtype=object)
    unreadable = np.zeros(count, dtype=bool)
    return ForeignLayer(name, arrays, nothing, unreadable, None, Encoding("utf-8", "format"))


def told(columns: dict[str, list[object]]) -> list[Problem]:
    return list(mojibake.noted(layer(columns)).problems)


def spoilt(text: str, truth: str, taken: str) -> str:
    return text.encode(truth).decode(taken, "replace")


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("ÉÂ°ÓÕò", "陕坝镇"),
        ("ÈûÉÏ¶«½Ö12ºÅ", "塞上东街12号"),
        (spoilt("三道桥镇污水井", "utf-8", "latin-1"), "三道桥镇污水井"),
        (spoilt("胜利路", "utf-8", "cp1252"), "胜利路"),
        (spoilt("忠孝東路北側", "big5", "latin-1"), "忠孝東路北側"),
        (spoilt("冲水", "utf-8", "gbk"), "冲水"),
        (spoilt("Müller", "utf-8", "latin-1"), "Müller"),
    ],
)
def test_what_can_be_undone_is_told_with_what_it_should_read(text: str, right: str) -> None:
    (problem,) = told({"名称": ["好", text, None, text]})
    assert (problem.kind, problem.row, problem.field, problem.count) == ("mojibake", 2, "名称", 2)
    assert f"should read {right}:" in problem.message
    assert problem.rows == "2, 4"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("闄曞潩闀?", "陕坝?"),
        ("闄曞潩闀\ufffd", "陕坝?"),
        ("é™•å??é•‡", "陕?镇"),
    ],
)
def test_where_bytes_are_lost_the_rest_is_told(text: str, shown: str) -> None:
    (problem,) = told({"名称": [text]})
    assert f"should read {shown}:" in problem.message


@pytest.mark.parametrize("text", ["锟斤拷路", "胜利\ufffd\ufffd街", "鍏?鍥?"])
def test_what_is_lost_is_told(text: str) -> None:
    (problem,) = told({"名称": [text]})
    assert "signs were lost" in problem.message


def test_question_marks_alone_are_told() -> None:
    assert "only question marks" in told({"名称": ["????"]})[0].message
    assert told({"备注": ["深度?", "好吗??", "Wo??", "?"]}) == []


def test_short_and_rare_words_count_where_others_prove_it() -> None:
    assert told({"kind": [spoilt("是", "gbk", "latin-1")]}) == []
    texts = ["胜利路东侧", "是", "泡沫", "镀锌管"]
    found = told({"kind": [spoilt(text, "gbk", "latin-1") for text in texts]})
    assert [text for text in texts if any(text in problem.message for problem in found)] == texts


def test_names_of_columns_and_of_the_layer_are_looked_at() -> None:
    name = spoilt("路灯名称", "gbk", "latin-1")
    noted = mojibake.noted(layer({name: [1]}, name=spoilt("污水管线", "utf-8", "gbk")))
    assert [(problem.row, problem.field) for problem in noted.problems] == [
        (None, None),
        (None, name),
    ]
    assert "污水管" in noted.problems[0].message
    assert "路灯名称" in noted.problems[1].message


def test_values_are_left_as_they_are(tmp_path: Path, project: Project) -> None:
    path = tmp_path / "t.csv"
    path.write_text("单位,电话\nÉÂ°ÓÕò,0478\n市政维护站,0478\n", "utf-8-sig")
    plan = plan_import(project, path, as_reference="t")
    (problem,) = (p for p in plan.report.problems if p.kind == "mojibake")
    assert (problem.row, problem.field) == (1, "单位")
    assert next(iter(plan.changes.bulk[0].columns.values()))[0] == "ÉÂ°ÓÕò"


def test_of_many_spoilt_texts_some_are_told_and_the_rest_counted() -> None:
    found = told({"名称": [spoilt(f"胜利路{n}号", "gbk", "latin-1") for n in range(100)]})
    assert len(found) == 31
    assert sum(problem.count for problem in found) == 100


def test_no_word_of_the_program_raises_an_alarm() -> None:
    files = [*paths.resources().rglob("*.toml"), *paths.resources().rglob("*.po")]
    words = {w for file in files for w in re.findall(r'"([^"\n]+)"', file.read_text("utf-8"))}
    assert len(words) > 3000
    assert told({"words": sorted(words)}) == []


def test_western_names_raise_no_alarm() -> None:
    names = [
        *("Königsstraße", "Größe", "Hněvošický háj", "São João", "Ærøskøbing", "Ōraka"),
        *("CRÉÉE", "Þingvellir", "Łódź", "Çağlayan", "naïve façade", "½ × ¼ °C ±2 µm", "Ñandú"),
        *("Ekkachai เอกชัย", "Номер", "さいたま市", "서울", "国语國語", "朝陽門内大街", "亍彳龠"),
    ]
    assert told({"name": names}) == []


def test_the_words_of_the_catalogue_are_found_when_they_are_spoilt() -> None:
    files = paths.resources().rglob("*.toml")
    words = sorted(
        {
            word
            for file in files
            for word in re.findall(r'"([^"\n]+)"', file.read_text("utf-8"))
            if re.fullmatch("[\u4e00-\u9fff]{2,20}", word)
        }
    )
    for truth, taken in (("gbk", "latin-1"), ("utf-8", "cp1252"), ("utf-8", "gbk")):
        texts = [spoilt(word, truth, taken).replace("\ufffd", "?") for word in words]
        found = sum(problem.count for problem in told({"名称": texts}))
        assert found >= 0.97 * len(words), (truth, taken, found, len(words))


def test_large_columns_cost_little() -> None:
    texts: list[object] = [f"胜利路{n % 5000}号井" for n in range(500_000)]
    big = layer({"名称": texts})
    before = time.process_time()
    assert mojibake.noted(big) is big
    assert time.process_time() - before < 2
