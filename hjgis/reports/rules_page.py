"""Writes ``docs/rules.md``: every check with its words, basis and limits.

``python -m hjgis.reports.rules_page docs/rules.md``
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from hjgis.checks.rules.register import CONFIDENCE, HEADINGS, Rule, Scope, all_rules
from hjgis.models.assets import AssetType
from hjgis.models.catalogue_files import catalogue

_SCOPES: Final[Mapping[Scope, str]] = {
    Scope.FEATURE: "each feature by itself",
    Scope.NEIGHBOURS: "each feature and those beside it",
    Scope.GROUP: "features that name one another or share a value",
    Scope.LAYER: "whole layers",
}
_NAMED_FIELDS: Final = 6


def rules_page() -> str:
    """Return the page, in the words of the source."""
    rules = all_rules().values()
    lines = [
        "# Checks",
        "",
        "Made from the code and `resources/rules.toml` by `python -m hjgis.reports.rules_page"
        " docs/rules.md`; do not edit.",
        "Severities, limits and whether a check runs at all may be changed in that file."
        " 参考值, 待核对标准原文 marks what was written from memory and must be compared with the"
        " printed standard.",
        "",
        "| Check | Id | Severity | Ref. |",
        "|---|---|---|---|",
    ]
    lines += [f"| {r.title_key} | `{r.id}` | {r.severity} | {r.ref} |" for r in rules]
    for heading, words in HEADINGS.items():
        here = [rule for rule in rules if rule.heading == heading]
        if here:
            lines += ["", f"## {words} (`{heading}`)"]
        for rule in here:
            lines += ["", *_section(rule)]
    return "\n".join(lines) + "\n"


def _section(rule: Rule) -> Iterator[str]:
    yield f"### {rule.title_key}"
    yield ""
    yield rule.explanation_key
    yield ""
    yield f"* Id: `{rule.id}`; {rule.severity}{'' if rule.enabled else ', switched off'}"
    yield f"* Quality element (ISO 19157): {rule.element}"
    yield f"* Basis: {rule.basis} ({CONFIDENCE[rule.confidence]}); number in the list: {rule.ref}"
    if rule.limits:
        yield f"* Limits: {'; '.join(_limit(*item) for item in rule.limits.items())}"
    read = list(_read(rule))
    if read:
        yield f"* Reads {_SCOPES[rule.reads.scope]}: {', '.join(read)}"
    says = "; ".join(f"`{template}`" for template in rule.messages.values())
    yield f"* Says: {says}"


def _limit(name: str, value: object) -> str:
    if not isinstance(value, Mapping):
        return f"`{name}` = {value}"
    entries = (f"{key} ({_entry(entry)})" for key, entry in value.items())
    return f"`{name}`: {', '.join(entries)}"


def _entry(entry: object) -> str:
    return ", ".join(map(str, entry)) if isinstance(entry, list | tuple) else str(entry)


def _read(rule: Rule) -> Iterator[str]:
    for _id, asset in sorted(catalogue().types.items()):
        names = rule.reads.columns(asset)
        if names is not None:
            yield f"{asset.id}{_fields(asset, tuple(names))}"


def _fields(asset: AssetType, names: tuple[str, ...]) -> str:
    if not names:
        return ""
    if len(names) > _NAMED_FIELDS:
        return f" ({len(names)} of {len(asset.fields)} fields)"
    return f" ({', '.join(names)})"


def main() -> None:
    """Write the page to the path given."""
    Path(sys.argv[1]).write_text(rules_page(), "utf-8", newline="\n")


if __name__ == "__main__":
    main()
