"""Asks as which file something is written."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtWidgets import QWidget

from hjgis.i18n import _
from hjgis.ui import file_dialogs
from hjgis.ui.dialogs import confirming


def ask_target(
    parent: QWidget, title: str, start: Path, kinds: str, *, replaces: bool = True
) -> Path | None:
    """Return the file that is chosen, with the ending of one of the kinds; None: none.

    Parameters
    ----------
    kinds : str
        As Qt wants them: ``PDF files (*.pdf);;Workbooks (*.xlsx)``. A name without the ending of
        any gets that of the kind that was chosen.
    replaces : bool
        Whether a file that is there may go; if it never does, nobody is asked.
    """
    chosen, kind = file_dialogs.save_file(parent, title, str(start), kinds, confirm=replaces)
    if not chosen:
        return None
    path, known = Path(chosen), re.findall(r"\*(\.\w+)", kinds)
    if path.suffix.casefold() in known:
        return path
    ending = (re.findall(r"\*(\.\w+)", kind) or known)[0]
    # A date or a sheet number ends in something with a point, too.
    path = path.with_name(path.name + ending)
    asked = replaces and path.exists()
    return path if not asked or _may_go(parent, title, path) else None


def _may_go(parent: QWidget, title: str, path: Path) -> bool:
    """Ask whether a file may be replaced that the file dialog did not know of."""
    words = _("{name} exists already. Replace it?").format(name=path.name)
    return confirming.agreed(parent, title, words, _("Replace"), final=True)
