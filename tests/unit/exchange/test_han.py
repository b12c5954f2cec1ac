from __future__ import annotations

import pytest

from hjgis.exchange.han import share
from hjgis.models.catalogue_files import catalogue


@pytest.mark.parametrize(
    "text", ["陕坝镇胜利路污水井", "臺北市忠孝東路公廁", "黑龙江省", "北街12号"]
)
def test_everyday_chinese_is_far_above_the_same_bytes_read_wrongly(text: str) -> None:
    for right, wrong in (("gbk", "big5"), ("big5", "gbk"), ("utf-8", "gbk")):
        data = text.encode(right, "ignore")
        assert share(text) - share(data.decode(wrong, "ignore")) > 0.3


def test_our_own_words_read_as_chinese() -> None:
    words = "".join(asset.label["zh_CN"] for asset in catalogue().types.values())
    assert share(words) > 0.6


def test_ascii_and_western_text_is_no_chinese() -> None:
    assert share("manhole 12") == 0.0
    assert share("Café Ärzte") == 0.0
