"""The photos and papers of exported features as files, named after their assets, with a list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from hjgis.edits.attachments import attachments_of
from hjgis.exchange.csv_files import write_csv
from hjgis.exchange.pictures import for_others
from hjgis.exchange.unfinished import cannot_write, refuse_existing
from hjgis.layers.project import Project
from hjgis.models.attachments import is_picture, plain_name
from hjgis.models.changes import Feature, FeatureKey
from hjgis.progress import Progress

FOLDER: Final = "photos"
LIST: Final = "photos.csv"
_HEADINGS: Final = (
    "文件", "图层", "部件标识", "uuid", "类别", "说明", "拍摄时间", "X(北)", "Y(东)", "拍摄方向(°)",
    "原文件名",
)  # fmt: skip
_SAID: Final = ("role", "caption", "taken_at", "y_m", "x_m", "direction_deg", "file_name")
# What a file is named after: the number on the plate, or what people call the asset.
_NUMBERS: Final = ("component_id", "exp_no", "pipe_no")


def beside(out: Path) -> Path:
    """Return the folder that goes with an export: in its folder, or beside its file."""
    if out.suffix.casefold() == ".gpkg":
        return out.with_name(f"{out.stem}_{FOLDER}")
    return out / FOLDER


def write(
    project: Project, uuids: Mapping[str, Sequence[str]], folder: Path, progress: Progress
) -> list[Path]:
    """Write all that is attached to some features; return the files, the list first.

    Parameters
    ----------
    uuids : mapping of str to sequence of str
        Identities of features, by layer.

    Raises
    ------
    InputError
        If the folder is there already or cannot be written; nothing is left of it then.
    Cancelled
        If `progress` says so; likewise.
    """
    records = [
        record
        for layer, some in uuids.items()
        for record in attachments_of(project, some)
        if record.values["asset_layer"] == layer
    ]
    if not records:
        return []
    refuse_existing(folder)
    files: list[Path] = []
    try:
        folder.mkdir(parents=True)
        rows = _write_files(project, records, folder, files, progress)
        write_csv(folder / LIST, [_HEADINGS, *rows])
    except BaseException as error:
        _remove(folder, files)
        if isinstance(error, OSError):
            raise cannot_write(folder, error) from error
        raise
    return [folder / LIST, *files]


def _write_files(
    project: Project,
    records: Sequence[Feature],
    folder: Path,
    files: list[Path],
    progress: Progress,
) -> list[list[Any]]:
    keys = {_asset(record) for record in records}
    names = {key: _name(feature) for key, feature in project.known(keys).items()}
    taken: Counter[str] = Counter()
    rows = []
    for number, record in enumerate(records):
        progress.report(number, len(records), FOLDER)
        progress.check()
        key = _asset(record)
        name = names.get(key, key.uuid)
        # Names of two assets may differ in capitals only, which is one file to some systems.
        taken[name.casefold()] += 1
        suffix = Path(plain_name(record.values["file_name"])).suffix
        path = folder / f"{name}_{taken[name.casefold()]}{suffix.casefold()}"
        project.media.save(str(record.values["sha256"]), path)
        files.append(path)
        kind = str(record.values["content_type"])
        if is_picture(kind):
            # The camera may have written its owner's name, and where he lives.
            path.write_bytes(for_others(path.read_bytes(), kind))
        said = (record.values[field] for field in _SAID)
        rows.append([path.name, key.layer, name, key.uuid, *said])
    return rows


def _asset(record: Feature) -> FeatureKey:
    return FeatureKey(str(record.values["asset_layer"]), str(record.values["asset_uuid"]))


def _name(feature: Feature) -> str:
    number = next((feature.values[f] for f in _NUMBERS if feature.values.get(f)), None)
    return plain_name(number or feature.key.uuid)


def _remove(folder: Path, files: Sequence[Path]) -> None:
    """Take away what was written; what else is in the folder is not ours."""
    for path in (*files, folder / LIST):
        path.unlink(missing_ok=True)
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
