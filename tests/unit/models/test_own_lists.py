from __future__ import annotations

import json

import pytest

from hjgis.errors import EditRefused
from hjgis.models.assets import Field
from hjgis.models.catalogue_files import catalogue
from hjgis.models.own_lists import FACT, OwnCode, OwnLists, store_lists
from hjgis.models.validation import coerce, display

UNIT = "unit"
FIELD = Field("unit", "code", {"en": "Unit"}, "DW", "identity", codes=UNIT)


def lists(text: str | None = None) -> OwnLists:
    return OwnLists.read(text, catalogue())


def test_an_added_code_is_offered_last_and_read_back() -> None:
    changed = lists().added(UNIT, OwnCode("", "  陕坝 供水所 ", credit_code="12150826MB0X12345K"))
    again = lists(changed.text())
    assert again == changed
    codes = again.catalogue().codes(UNIT)
    assert codes.offered[-1].code == "陕坝 供水所"
    assert codes.offered[-1].extra["credit_code"] == "12150826MB0X12345K"
    assert len(codes.codes) == len(catalogue().codes(UNIT).codes) + 1
    assert catalogue().codes(UNIT).get("陕坝 供水所") is None


def test_another_name_leaves_what_is_stored_and_the_old_name_still_means_it() -> None:
    changed = lists().renamed(UNIT, "住建局", "住房城乡建设局").catalogue()
    assert display(FIELD, "住建局", changed) == "住房城乡建设局"
    for word in ("住房城乡建设局", "住建局", "旗住建局"):
        assert coerce(FIELD, word, changed) == "住建局"


def test_a_name_can_go_from_one_code_to_another() -> None:
    changed = lists().renamed(UNIT, "住建局", "建设局")
    # The shipped name is a code of its own, which goes before all names.
    with pytest.raises(EditRefused, match="means"):
        changed.renamed(UNIT, "公安局", "住建局")
    changed = changed.renamed(UNIT, "住建局", "城建局").renamed(UNIT, "公安局", "建设局")
    assert changed.catalogue().codes(UNIT).parse("建设局") == "公安局"


def test_the_shipped_name_given_again_leaves_nothing_behind() -> None:
    changed = lists().renamed(UNIT, "住建局", "建设局").renamed(UNIT, "住建局", "住建局")
    assert changed.text() is None
    assert changed.catalogue().codes(UNIT) == catalogue().codes(UNIT)


def test_a_hidden_code_is_shown_but_not_offered() -> None:
    changed = lists().with_hidden(UNIT, "司法局", hidden=True)
    codes = changed.catalogue().codes(UNIT)
    assert "司法局" not in [code.code for code in codes.offered]
    assert codes.label_of("司法局") == "司法局" or codes.get("司法局") is not None
    assert codes.parse("司法局") == "司法局"
    with pytest.raises(EditRefused, match="not offered"):
        changed.added(UNIT, OwnCode("司法局"))
    assert changed.with_hidden(UNIT, "司法局", hidden=False).text() is None


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (OwnCode("  \n"), "needed"),
        (OwnCode("住建局"), "means"),
        (OwnCode("X", "旗住建局"), "means"),
        (OwnCode("字" * 10_000), "10000"),
        (OwnCode("X", class_17="12"), "5 digits"),
        (OwnCode("X", credit_code="12"), "18 letters"),
    ],
    ids=["empty", "double", "double-alias", "long", "class", "credit"],
)
def test_what_cannot_be_a_code_is_refused_in_words(entry: OwnCode, words: str) -> None:
    with pytest.raises(EditRefused, match=words):
        lists().added(UNIT, entry)


def test_an_unknown_list_is_refused_in_words() -> None:
    with pytest.raises(EditRefused, match="no list x"):
        lists().added("x", OwnCode("1"))


def test_only_own_codes_that_nothing_uses_are_deleted() -> None:
    changed = lists().added(UNIT, OwnCode("供水所"))
    with pytest.raises(EditRefused, match="3 times"):
        changed.without(UNIT, "供水所", uses=3)
    assert changed.without(UNIT, "供水所").text() is None
    with pytest.raises(EditRefused, match="comes with the program"):
        changed.without(UNIT, "住建局")


def test_pasted_lines_are_added_and_those_that_cannot_be_are_told() -> None:
    text = "供水所\n\n热力公司\tRL\t热力、供热站\n住建局\n供水所\n\t供电所\n"
    changed, refused = lists().with_lines(UNIT, text)
    codes = changed.catalogue().codes(UNIT)
    assert [code.code for code in codes.codes[-3:]] == ["供水所", "RL", "供电所"]
    assert codes.parse("供热站") == "RL"
    assert [line.split(":")[0] for line in refused] == ["line 4", "line 5"]


def test_merging_keeps_the_words_of_both() -> None:
    changed = lists().added(UNIT, OwnCode("供水所", aliases=("水厂",)))
    codes = changed.recoded(UNIT, "供水所", "住建局").catalogue().codes(UNIT)
    assert {codes.parse(word) for word in ("供水所", "水厂", "旗住建局")} == {"住建局"}
    codes = changed.recoded(UNIT, "住建局", "供水所").catalogue().codes(UNIT)
    assert {codes.parse(word) for word in ("住建局", "水厂", "旗住建局")} == {"供水所"}
    assert codes.get("住建局") is not None


def test_a_code_that_is_stored_otherwise_keeps_what_belongs_to_it() -> None:
    kind = catalogue().codes("manhole_kind").codes[0]
    changed = lists().recoded("manhole_kind", kind.code, "own_kind")
    changed = changed.recoded("manhole_kind", "own_kind", "其他")
    made = lists(changed.text()).catalogue().codes("manhole_kind").get("其他")
    assert made is not None
    assert (made.class_17, made.extra) == (kind.class_17, kind.extra)
    assert changed.catalogue().codes("manhole_kind").parse(kind.label["zh_CN"]) == "其他"
    sewer = catalogue().codes("pipe_kind").get("WS")
    assert sewer is not None
    made = lists().recoded("pipe_kind", "WS", "W1").catalogue().codes("pipe_kind").get("W1")
    assert made is not None
    assert made.label["en"] == sewer.label["en"]


@pytest.mark.parametrize("text", ["{", "3", "[]", '{"unit": 3}', '{"unit": [3, null, {}]}'])
def test_what_cannot_be_read_is_left_out(text: str) -> None:
    assert lists(text).text() is None
    good = json.dumps({"unit": [3, {"code": "供水所"}], "gone": [{"code": "x"}]})
    assert lists(good).catalogue().codes(UNIT).get("供水所") is not None
    assert "gone" in (lists(good).text() or "")


def test_the_edit_says_what_was_and_what_is() -> None:
    changed = lists().added(UNIT, OwnCode("供水所"))
    (fact,) = store_lists(None, changed).facts
    assert (fact.key, fact.before, fact.after) == (FACT, None, changed.text())
    assert not store_lists(changed.text(), changed)
