"""What commands say: words on standard error, facts as JSON or words on standard output."""

from __future__ import annotations

import json
import sys

from hjgis import settings
from hjgis.progress import SILENT, Progress


class _Bar:
    """Progress for people at a terminal."""

    def report(self, done: int, total: int, key: str) -> None:
        """Rewrite one line."""
        sys.stderr.write(f"\r{key} {done}/{total}\x1b[K")
        if done >= total:
            sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()

    def check(self) -> None:
        """Stop is Ctrl+C here."""


def progress() -> Progress:
    """How far a command is, where somebody watches."""
    return _Bar() if sys.stderr.isatty() else SILENT


def operator() -> str:
    """Return who works here, for the journal."""
    return settings.load().operator


def say(text: str) -> None:
    """Tell people, beside what is printed for programs."""
    print(text, file=sys.stderr)


def print_json(facts: object) -> int:
    """Print facts for scripts; return the exit code."""
    print(json.dumps(facts, ensure_ascii=False, indent=2, default=str))
    return 0
