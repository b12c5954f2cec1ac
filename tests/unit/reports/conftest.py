"""Qt for what is put on paper."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication


@pytest.fixture(autouse=True)
def drawing(qapp: QApplication) -> None:
    """Fonts need a running Qt; the suite's one application will do."""
    assert qapp is not None
