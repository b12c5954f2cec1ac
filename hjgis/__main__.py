"""The program's entry: no argument opens the window, a command runs without one."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

from hjgis import cli
from hjgis.models.changes import Extent


class _QtFaces:
    """The faces that need Qt, imported when they are asked for."""

    def window(self, project: Path | None) -> int:
        # To look through what is being imported takes a tenth of a second; the window has its own
        # collector, which leaves that out.
        gc.disable()
        from hjgis.ui import app

        app.hear_qt()
        return app.run(project, sys.argv)

    def screenshot(
        self, project: Path, out: Path, *, size: tuple[int, int], show: str, extent: Extent | None
    ) -> None:
        from hjgis.ui import app, screenshot

        app.hear_qt()
        screenshot.take(project, out, size=size, show=show, extent=extent)


def main() -> int:
    """Run hjgis with the process's arguments."""
    return cli.main(sys.argv[1:], _QtFaces())


if __name__ == "__main__":
    sys.exit(main())
