"""The data dictionary as a page, made from the catalogue.

``python -m hjgis.reports.data_dictionary`` writes ``docs/data_dictionary.md``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hjgis.models.assets import AssetType, Catalogue, CodeList, Field
from hjgis.models.catalogue_files import catalogue

PAGE = Path("docs/data_dictionary.md")
_HEAD = """# Data dictionary 数据字典

Made from `resources/assets` and `resources/codes`; do not edit here. Sure 可信度: N the notice
itself, S a public source, T tested, M-H/M-M/M-L from memory (high, medium, low), P our proposal.
References of the kind "M" are 参考值, 待核对标准原文.
"""


def data_dictionary(words: Catalogue) -> str:
    """Return the page in Markdown: every kind with its fields, then every code list."""
    parts = [_HEAD]
    parts += ["\n".join(_asset(asset, words)) for asset in words.types.values()]
    parts.append("# Code lists 代码表\n")
    parts += ["\n".join(_codes(codes)) for codes in words.code_lists.values()]
    return "\n".join(parts)


def _asset(asset: AssetType, words: Catalogue) -> Iterator[str]:
    yield f"## {asset.id} {asset.label['zh_CN']} ({asset.label['en']})\n"
    facts = [asset.geometry, f"secrecy: {asset.secrecy}", f"basis: {asset.basis}"]
    yield f"{'; '.join(facts)} [{asset.confidence}]\n"
    yield "| field | 名称 | name | short | type | unit | range | required | group | basis | sure |"
    yield "|---|---|---|---|---|---|---|---|---|---|---|"
    for field in asset.fields:
        yield f"| {' | '.join(_cells(field, words))} |"
    yield ""


def _cells(field: Field, words: Catalogue) -> list[str]:
    kind = f"code: {field.codes}" if field.codes else field.type
    low, high = field.range or (None, None)
    limits = "" if field.range is None else f"{_number(low)} – {_number(high)}"
    return [
        f"`{field.name}`",
        field.label["zh_CN"],
        field.label["en"],
        field.short,
        f"{kind}({field.max_length})" if field.max_length else kind,
        field.unit or "",
        limits,
        _asked(field),
        words.groups[field.group]["zh_CN"],
        field.basis.replace("|", "\\|"),
        field.confidence,
    ]


def _asked(field: Field) -> str:
    """Say whether and where a field is required, and what the program does for it."""
    said = ["yes"] if field.required else []
    if field.when is not None:
        values = ", ".join(str(value) for value in field.when.values)
        which = "is not" if field.when.negated else "is"
        said.append(f"only where `{field.when.field}` {which} {values}")
    if field.codes_by is not None:
        said.append(f"by `{field.codes_by}`")
    if field.computed is not None:
        said.append("worked out 自动计算")
    return "; ".join(said)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _codes(codes: CodeList) -> Iterator[str]:
    kind = "open 可扩充" if codes.open else "closed"
    yield f"## {codes.id} {codes.label['zh_CN']} ({codes.label['en']})\n"
    yield f"{kind}; basis: {codes.basis} [{codes.confidence}]\n"
    yield "| code | 名称 | name | 17-digit class | 16-digit class | also read |"
    yield "|---|---|---|---|---|---|"
    for entry in codes.codes:
        cells = (
            f"`{entry.code}`",
            entry.label["zh_CN"],
            entry.label["en"],
            entry.class_17 or "",
            entry.class_16 or "",
            ", ".join(entry.aliases),
        )
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
    yield ""


def main() -> None:
    """Write the page."""
    PAGE.write_text(data_dictionary(catalogue()), "utf-8")


if __name__ == "__main__":
    main()
