"""The command line."""

from hjgis.cli.commands import BUG, Faces, main

__all__ = ["BUG", "Faces", "main"]
