"""Scenes of what leaves the house."""

from __future__ import annotations

import csv
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtWidgets import QWidget

from hjgis.edits.attributes import set_values
from hjgis.exchange.csv_files import write_csv
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
        if at == assistant_steps.DONE:
            # What lies in the package is not seen any more.
            _only_lamps(dialog)
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
    table = project.table("street_lamp", (), geometry=False)
    texts = ("𠮷祥路口", "面积30m²", "见照片" * 50)
    for uuid, text in zip(table.uuids, texts, strict=False):
        _set(stage, str(uuid), text)


def register(stage: Stage) -> QWidget:
    """Show the register after a delivery."""
    with TemporaryDirectory() as folder:
        _deliver_lamps(stage, Path(folder))
    assert stage.window.delivering is not None
    return stage.shown(stage.window.delivering.register_dialog())


def take_back(stage: Stage) -> QWidget:
    """Show what a contractor changed in the lamps that he was given."""
    delivering = stage.window.delivering
    assert delivering is not None
    with TemporaryDirectory() as folder:
        file = _returned(stage, Path(folder))
        dialog = delivering.return_dialog()
        stage.shown(dialog)
        dialog.file.path.setText(str(file))
        dialog.go_on()
        stage.wait_while(lambda: dialog.busy)
    return dialog


def _deliver_lamps(stage: Stage, folder: Path) -> None:
    """Deliver the lamps as a table and nothing else."""
    delivering = stage.window.delivering
    assert delivering is not None
    dialog = delivering.deliver_dialog()
    stage.shown(dialog)
    _answer(dialog, folder)
    for key, box in dialog.files.formats.items():
        box.setChecked(key == "csv")
    for box in dialog.files.parts.values():
        box.setChecked(False)
    dialog.files.archive.setChecked(False)
    _only_lamps(dialog)
    for _step in assistant_steps.TITLES:
        dialog.go_on()
        stage.wait_while(lambda: dialog.busy)
    dialog.close()


def _only_lamps(dialog: DeliverDialog) -> None:
    for layer in dialog.kinds.layers:
        dialog.kinds.tick(layer, on=layer == "street_lamp")


def _returned(stage: Stage, folder: Path) -> Path:
    """Deliver the lamps as a table, change some of them in the table and one here; return it."""
    lamps = stage.space.project.table("street_lamp", ("pole_no",), geometry=False)
    _set(stage, str(lamps.uuids[0]), _("Delivered as it was"))
    _deliver_lamps(stage, folder)
    file = next(folder.rglob("street_lamp.csv"))
    with file.open(encoding="utf-8-sig", newline="") as text:
        rows = list(csv.reader(text))
    uuid, remarks, heads = (rows[0].index(name) for name in ("uuid", "remarks", "lamp_heads"))
    changed = set(map(str, lamps.uuids[:5]))
    for row in rows[1:]:
        if row[uuid] in changed:
            row[remarks], row[heads] = _("Lamp renewed"), "2"
    write_csv(file, rows)
    _set(stage, str(lamps.uuids[0]), _("Changed here"))
    return file


def _set(stage: Stage, uuid: str, remarks: str) -> None:
    project = stage.space.project
    key = FeatureKey("street_lamp", uuid)
    if project.get(key).values["remarks"] != remarks:
        project.session.apply(set_values(project, [key], {"remarks": remarks}))
