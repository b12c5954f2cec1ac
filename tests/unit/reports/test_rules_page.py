from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from hjgis.checks.rules.register import all_rules
from hjgis.i18n import set_language
from hjgis.reports.rules_page import rules_page

PAGE = Path(__file__).parents[3] / "docs" / "rules.md"


def test_the_page_in_docs_is_fresh() -> None:
    assert PAGE.read_text("utf-8") == rules_page()


def test_the_page_is_the_same_in_every_language() -> None:
    set_language("zh_CN")
    assert rules_page() == PAGE.read_text("utf-8")


def test_every_rule_is_on_the_page_with_words_basis_and_limits() -> None:
    text = rules_page()
    for rule in all_rules().values():
        assert f"### {rule.title_key}\n\n{rule.explanation_key}\n" in text
        assert f"* Id: `{rule.id}`; {rule.severity}" in text
        assert rule.basis in text
        assert all(f"`{limit}`" in text for limit in rule.limits)
        assert all(f"`{template}`" in text for template in rule.messages.values())


def test_the_page_is_written_where_it_is_wanted(tmp_path: Path) -> None:
    path = tmp_path / "rules.md"
    subprocess.run([sys.executable, "-m", "hjgis.reports.rules_page", str(path)], check=True)
    assert path.read_text("utf-8") == rules_page()
