"""``python -m tests.seeded docs/checks.md``: what the checks find, planted and in real towns."""

from __future__ import annotations

import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.seeded.checking import outcome, table

EXAMINED: Final = Path(__file__).with_name("examined.toml")


def page(planted: str) -> str:
    """Return the page, with the table of planted faults."""
    lines = [
        "# What the checks find",
        "",
        "Made by `python -m tests.seeded docs/checks.md`; do not edit. [All checks](rules.md) with"
        " words, basis and limits stand on a page of their own.",
        "",
        "## Planted faults",
        "",
        "Three copies of the faultless sample town stand side by side; faults are planted far from"
        " each other, and what is found is compared with what must be found, check by check and"
        " feature by feature. Figures about a whole layer, such as targets, are left out. A test"
        " makes this table anew and compares it.",
        "",
        planted,
        "",
        "## Real towns",
        "",
        "Two networks that others published, a whole town's sewers and a water network, are"
        " imported and checked by a test that counts the gaps, repeated numbers and unknown nodes"
        " known of them. Of all else that was found there, these were looked at in the file and"
        " on the map, and are true.",
        "",
        *_examined(),
    ]
    return "\n".join(lines) + "\n"


def _examined() -> Iterator[str]:
    yield "| File | Feature | Check | It says | What is there |"
    yield "|---|---|---|---|---|"
    for entry in tomllib.loads(EXAMINED.read_text("utf-8"))["finding"]:
        rule, said = f"`{entry['rule']}`", entry["message_zh"]
        yield f"| {entry['file']} | {entry['feature']} | {rule} | {said} | {entry['what']} |"


def main() -> None:
    """Plant, check, and write the page."""
    with tempfile.TemporaryDirectory() as folder:
        planted = table(outcome(Path(folder) / "three.gpkg"))
    Path(sys.argv[1]).write_text(page(planted), "utf-8", newline="\n")


if __name__ == "__main__":
    main()
