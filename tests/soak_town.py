"""The project that long runs of the checks start from."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hjgis.layers.project import Project
from tests.unit.checks.examples import EXAMPLES


@contextmanager
def soaked(town: Path | None) -> Iterator[Project]:
    """Open a copy of a town, or a project with what is faulty in the examples of all rules."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "town.gpkg"
        if town:
            shutil.copyfile(town, path)
        else:
            Project.create(path).close()
        with Project.open(path, operator="soak") as project:
            for faulty, _faultless in () if town else EXAMPLES.values():
                faulty(project)
            yield project
