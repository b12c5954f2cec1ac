"""Colours of words can be read: WCAG 2.1, 4.5 to 1; what cannot be used, 3 to 1."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from hjgis.paths import resources
from hjgis.ui import theme

ENOUGH, ENOUGH_DISABLED = 4.5, 3.0
ROLES = QPalette.ColorRole
# What is written on what.
PAIRS = (
    (ROLES.WindowText, ROLES.Window),
    (ROLES.Text, ROLES.Base),
    (ROLES.Text, ROLES.AlternateBase),
    (ROLES.ButtonText, ROLES.Button),
    (ROLES.ToolTipText, ROLES.ToolTipBase),
    (ROLES.HighlightedText, ROLES.Highlight),
    (ROLES.Link, ROLES.Window),
    (ROLES.Link, ROLES.Base),
    (ROLES.PlaceholderText, ROLES.Base),
)
UNUSABLE = PAIRS[:4]
# Where words of a rule without a ground of its own may stand.
GROUNDS = ("#ffffff", "#f7f8fa", "#f3f4f6")


@dataclass(frozen=True, slots=True)
class Words:
    """What one rule of the stylesheet makes of words."""

    selector: str
    ink: str
    ground: str

    @property
    def ratio(self) -> float:
        return contrast(QColor(self.ink), QColor(self.ground))


def luminance(color: QColor) -> float:
    def linear(share: float) -> float:
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = map(linear, (color.redF(), color.greenF(), color.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: QColor, other: QColor) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def rules() -> dict[str, dict[str, str]]:
    """Return the colours of each selector of the stylesheet, later rules over earlier ones."""
    text = (resources() / "ui" / "hjgis.qss").read_text("utf-8")
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    found: dict[str, dict[str, str]] = {}
    for selectors, body in re.findall(r"([^{}]+)\{([^}]*)\}", text):
        said = dict(re.findall(r"(?<![\w-])([\w-]+)\s*:\s*(#[0-9a-f]{6})\b", body))
        for selector in selectors.split(","):
            found.setdefault(selector.strip(), {}).update(said)
    return found


def words() -> list[Words]:
    """Return ink and ground of each rule; what it does not say comes from the rule it varies."""
    found, all_rules = [], rules()
    for selector, said in all_rules.items():
        if "::" in selector and not re.search(r"::(item|tab|section|title)", selector):
            continue
        usual = all_rules.get(re.sub(r"(?<!:):(?!:)[\w-]+", "", selector), {})
        ink = said.get("color") or usual.get("color") or theme.INK
        ground = said.get("background") or usual.get("background")
        for one in (ground,) if ground else GROUNDS:
            found.append(Words(selector, ink, one))
    return found


@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_words_of_the_palette_can_be_read(
    qapp: QApplication, ink: QPalette.ColorRole, ground: QPalette.ColorRole
) -> None:
    for group in (QPalette.ColorGroup.Active, QPalette.ColorGroup.Inactive):
        palette = qapp.palette()
        assert contrast(palette.color(group, ink), palette.color(group, ground)) >= ENOUGH


@pytest.mark.parametrize(("ink", "ground"), UNUSABLE)
def test_what_cannot_be_used_looks_so_and_can_be_read(
    qapp: QApplication, ink: QPalette.ColorRole, ground: QPalette.ColorRole
) -> None:
    palette = qapp.palette()
    grey = palette.color(QPalette.ColorGroup.Disabled, ink)
    assert grey != palette.color(QPalette.ColorGroup.Active, ink)
    assert contrast(grey, palette.color(QPalette.ColorGroup.Disabled, ground)) >= ENOUGH_DISABLED


def test_words_of_the_stylesheet_can_be_read_in_every_state() -> None:
    assert len(words()) > 60
    weak = [
        f"{one.selector}: {one.ink} on {one.ground} is {one.ratio:.2f}"
        for one in words()
        if one.ratio < (ENOUGH_DISABLED if ":disabled" in one.selector else ENOUGH)
    ]
    assert weak == []


def test_grey_words_can_be_read_on_all_grounds() -> None:
    for ground in (*GROUNDS, "#eef1f5", "#e3edf9"):
        assert contrast(QColor(theme.MUTED), QColor(ground)) >= ENOUGH
