"""The handbook: pages of ``docs/handbook`` as HTML in ``resources/handbook``, with their pictures.

``python -m benchmarks.handbook [pages|pictures [NAME...]]`` writes both, or one of them, or some
pictures. The Chinese words must be made before (``./dev pages``).

A page names actions as links: ``[交付…](do:deliver)`` becomes its menu, name and key,
``[交付…](name:deliver)`` its name, ``[Ctrl+E](key:deliver)`` its key. What stands in the brackets
is for those who read the source; ``tests/test_handbook.py`` compares it with the tables.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from html import escape
from itertools import groupby
from typing import Final

from markdown_it import MarkdownIt
from pypinyin import lazy_pinyin

from benchmarks.clock import ROOT
from hjgis.i18n import _, set_language
from hjgis.models.catalogue_files import catalogue
from hjgis.ui.actions.action_set import draw_specs
from hjgis.ui.actions.action_table import ACTIONS, BOOKMARK_ENTRIES, BOOKMARK_MENU, MENUS, SUBMENUS
from hjgis.ui.actions.needs import ActionSpec
from hjgis.ui.panels.table_commands import COMMANDS

SOURCES: Final = ROOT / "docs" / "handbook"
SHIPPED: Final = ROOT / "resources" / "handbook"
START: Final = "index"
TERMS: Final = "terms"
ACTION: Final = re.compile(r"\[([^\]]+)\]\((do|name|key):([\w.-]+)\)")
_TABLE: Final = "table."
_ABOVE: Final = " › "
_KEYS_HERE: Final = "<!-- keys -->"


def source(name: str) -> str:
    """Return what was written for a page."""
    return (SOURCES / f"{name}.md").read_text("utf-8")


# The first page lists the others, in their order.
NAMES: Final = (START, *re.findall(r"\]\(([\w-]+)\.md\)", source(START)))


@dataclass(frozen=True, slots=True)
class Named:
    """What the handbook can say of an action."""

    menu: str
    name: str
    key: str
    hint: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page, made."""

    name: str
    title: str
    main: str


@cache
def actions() -> Mapping[str, Named]:
    """Return menu, name and first key of every action, in Chinese."""
    set_language("zh_CN")
    where = dict(_menu_paths())
    result = {
        spec.id: Named(
            where.get(spec.id, ""), _(spec.words), _shown_keys(spec.keys[:1]), _(spec.hint)
        )
        for spec in ACTIONS
    }
    for command in COMMANDS:
        result[_TABLE + command.id] = Named(
            "", _(command.words), _shown_keys((command.keys,)), _(command.hint)
        )
    return result


def _menu_paths() -> Iterator[tuple[str, str]]:
    for title, entries in MENUS:
        for entry in entries:
            if entry in SUBMENUS:
                inner, _icon, inside = SUBMENUS[entry]
                yield from ((one, _(title) + _ABOVE + _(inner)) for one in inside)
            elif entry == BOOKMARK_MENU:
                yield from ((one, _(title) + _ABOVE + _("Bookmarks")) for one in BOOKMARK_ENTRIES)
            else:
                yield entry, _(title)


def _shown_keys(keys: tuple[str, ...]) -> str:
    return "，".join(key.replace("Return", "Enter") for key in keys if key)


# -- pages ---------------------------------------------------------------------------------


def pages() -> list[Page]:
    """Return all pages in their order; the last is the index, made of the others."""
    start, *written = [_page(name) for name in NAMES]
    more = f'<p><a href="{TERMS}.html">索引</a>：操作名称和标题，按拼音排列。</p>'
    terms = Page(TERMS, "索引", _terms(written))
    return [replace(start, main=start.main + more), *written, terms]


def _page(name: str) -> Page:
    text = ACTION.sub(_said, source(name))
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    html = re.sub(r'href="([\w-]+)\.md"', r'href="\1.html"', html)
    html = html.replace('src="../../resources/handbook/', 'src="')
    html = html.replace("<p><img ", '<p class="picture"><img ')
    html = html.replace("<blockquote>", '<table width="100%"><tr><td class="tip">')
    html = html.replace("</blockquote>", "</td></tr></table>")
    html = html.replace(_KEYS_HERE, _key_tables() if _KEYS_HERE in html else "")
    places = iter(range(1, 1000))
    html = re.sub(r"<h([23])>", lambda found: f'<h{found[1]} id="s{next(places)}">', html)
    title = re.search(r"<h1>(.*?)</h1>", html)
    assert title is not None, name
    return Page(name, title[1], html)


def _said(found: re.Match[str]) -> str:
    _words, form, action = found.groups()
    named = actions()[action]
    key = f'<span class="key">&nbsp;{escape(named.key)}&nbsp;</span>' if named.key else ""
    if form == "key":
        return key
    above = escape(named.menu + _ABOVE) if named.menu and form == "do" else ""
    name = f'<span class="menu">{above}{escape(named.name)}</span>'
    return f"{name} {key}".rstrip() if form == "do" else name


def _key_tables() -> str:
    groups: dict[str, list[tuple[str, str, str]]] = {_(title): [] for title, _inside in MENUS}
    where = actions()
    for spec in ACTIONS:
        row = (where[spec.id].name, _shown_keys(spec.keys), where[spec.id].hint)
        groups[where[spec.id].menu.split(_ABOVE)[0]].append(row)
    groups["绘制（菜单“设施 › 绘制”）"] = [
        (spec.words, _shown_keys(spec.keys), "") for spec in _drawing() if spec.keys
    ]
    groups["属性表中"] = [(_(one.words), one.keys, _(one.hint)) for one in COMMANDS if one.keys]
    return "".join(f"<h2>{escape(title)}</h2>{_table(rows)}" for title, rows in groups.items())


def _drawing() -> list[ActionSpec]:
    return draw_specs(kind for kind in catalogue().types.values() if not kind.is_record)[::-1]


def _table(rows: list[tuple[str, str, str]]) -> str:
    head = "<tr><th>操作</th><th>快捷键</th><th>作用</th></tr>"
    lines = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in rows)
    return "<table>" + head + "".join(f"<tr>{line}</tr>" for line in lines) + "</table>"


def _terms(written: list[Page]) -> str:
    """Return headings and actions in the order of pinyin, each with where it stands."""
    found: dict[str, dict[str, str]] = {}
    for page in written:
        for level, place, title in re.findall(r'<h([23]) id="(s\d+)">(.*?)</h', page.main):
            if page.name != "keys" and int(level) > 1:
                found.setdefault(title.lstrip("0123456789 "), {})[page.title] = (
                    f"{page.name}.html#{place}"
                )
        for _words, _form, action in ACTION.findall(source(page.name)):
            term = actions()[action].name.rstrip("…")
            found.setdefault(term, {}).setdefault(page.title, f"{page.name}.html")
    lines = ["<h1>索引</h1>", "<p>操作名称和各页的标题，按拼音排列。</p>"]
    for letter, terms in groupby(sorted(found, key=_spelled), lambda term: _spelled(term)[:1]):
        lines.append(f"<h2>{letter.upper()}</h2>")
        for term in terms:
            links = "，".join(f'<a href="{to}">{title}</a>' for title, to in found[term].items())
            lines.append(f"<p>{term}：{links}</p>")
    return "\n".join(lines)


def _spelled(term: str) -> str:
    return "".join(lazy_pinyin(term)).lower().lstrip("“（")


# -- files ---------------------------------------------------------------------------------


def files() -> dict[str, str]:
    """Return all files that are made of the text, by name."""
    made = pages()
    result = {f"{page.name}.html": _document(place, made) for place, page in enumerate(made)}
    listed = [{"name": page.name, "title": "目录" if page.name == START else page.title}
              for page in made]  # fmt: skip
    result["contents.json"] = json.dumps(listed, ensure_ascii=False, indent=1) + "\n"
    return result


def _document(place: int, made: list[Page]) -> str:
    page = made[place]
    turn = []
    if place > 0:
        turn.append(f'上一页：<a href="{made[place - 1].name}.html">{made[place - 1].title}</a>')
    if place + 1 < len(made):
        turn.append(f'下一页：<a href="{made[place + 1].name}.html">{made[place + 1].title}</a>')
    listed = "\n".join(
        f'<a href="{one.name}.html"{" class=here" if one is page else ""}>{one.title}</a>'
        for one in made
    )
    return f"""<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<title>{page.title}</title>
<link rel="stylesheet" href="style.css">
</head>
<body>
<nav>
{listed}
</nav>
<main>
{page.main}
<p class="turn">{"　　".join(turn)}</p>
</main>
</body>
</html>
"""


def main() -> None:
    """Write pages, pictures or both."""
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    if wanted in ("", "pages"):
        for name, text in files().items():
            (SHIPPED / name).write_text(text, "utf-8")
    if wanted in ("", "pictures"):
        from benchmarks.handbook_pictures import write_pictures

        for path in write_pictures(SHIPPED, sys.argv[2:]):
            print(path, path.stat().st_size)


if __name__ == "__main__":
    main()
