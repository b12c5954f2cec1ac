"""Scenes of what leaves the house."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtWidgets import QWidget

from hjgis.edits.attributes import set_values
from hjgis.i18n import _
from hjgis.models.changes import FeatureKey
from hjgis.ui.deliveries import dialog as assistant_steps
from hjgis.ui.deliveries.dialog import DeliverDialog
from hjgis.ui.scenes.stage import Stage


def assistant(stage: Stage, *, at: str = assistant_steps.WHO) -> QWidget:
    """Show the assistant at a step, with some text that GBK cannot hold."""
    _write_strange_text(stage)
    delivering = stage.window.delivering
    assert delivering is not None
    dialog = delivering.deliver_dialog()
    stage.shown(dialog)
    with TemporaryDirectory() as folder:
        _answer(dialog, Path(folder))
        for _step in assistant_steps.TITLES:
            if dialog.step != at:
                dialog.go_on()
                stage.wait_while(lambda: dialog.busy)
    return dialog


def _answer(dialog: DeliverDialog, folder: Path) -> None:
    dialog.who.recipient.setText(_("Sample lighting company, Wang"))
    dialog.who.purpose.setText(_("Renewal of lamps 2020"))
    dialog.files.place.setText(str(folder))
    dialog.files.formats["dxf"].setChecked(True)
    dialog.files.formats["xlsx"].setChecked(True)


def _write_strange_text(stage: Stage) -> None:
    project = stage.space.project
    table = project.table("street_lamp", ("remarks",), geometry=False)
    texts = ("𠮷祥路口", "面积30m²", "见照片" * 50)
    old = table.columns["remarks"]
    for uuid, before, text in zip(table.uuids, old, texts, strict=False):
        if before == text:
            continue
        key = FeatureKey("street_lamp", str(uuid))
        project.session.apply(set_values(project, [key], {"remarks": text}))


def register(stage: Stage) -> QWidget:
    """Show the register after a delivery."""
    assistant(stage, at=assistant_steps.DONE).close()
    assert stage.window.delivering is not None
    return stage.shown(stage.window.delivering.register_dialog())
