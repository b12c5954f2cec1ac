"""How fast features are found while one types, and what the search costs.

``python -m benchmarks.search [FOLDER] [--rows N]`` makes a project of N manholes with all the texts
that an inventory has, once, and measures on it: the first reading, what is kept and how large it
is, the next start, an edit, and what each letter costs.
"""

from __future__ import annotations

import argparse
import os
import shutil
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import shapely

from benchmarks.clock import ROOT, Facts, peak_mb, tell
from hjgis.edits.attributes import set_values
from hjgis.layers.project import Project
from hjgis.layers.search import SearchIndex
from hjgis.models.catalogue_files import catalogue
from hjgis.models.changes import BulkInsert, ChangeSet, FeatureKey
from hjgis.models.search import search_words

VERSION: Final = 1
# One sign, two signs, pinyin, digits, numbers, ids, several words, nothing.
TYPED: Final = (
    *("人", "路", "w", "1"),
    *("人民", "污水", "公厕", "东侧", "北街"),
    *("rm", "ws", "rml", "wushui", "renminlu", "zhzf"),
    *("12", "0012", "000123", "15082601", "900123", "WS-12345", "ws1234"),
    *("15082601002000123", "1508 2601 0020 00123", "人民路 污水", "rml ws", "解放 井盖 破损"),
    *("城管执法", "综合执法", "路口东侧12", "没有的词", "zzzz"),
)
_ROWS_AT_ONCE: Final = 100_000
_ROADS: Final = tuple(
    f"{name}{side}{kind}"
    for name in ("人民", "解放", "建设", "胜利", "团结", "新华", "河套", "兴隆", "中山", "环城")
    for side in ("", "东", "西", "南", "北")
    for kind in ("路", "街")
)
_UNITS: Final = ("住建局", "综合执法局", "城管执法大队", "供排水公司", "市政养护中心", "水务局")
_MOST_HITS: Final = 4
_TIMES: Final = 5


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    folder = ROOT / "build" / "bench" / "search"
    parser.add_argument("folder", type=Path, nargs="?", default=folder)
    parser.add_argument("--rows", type=int, default=1_000_000)
    given = parser.parse_args()
    path = _town(given.folder, given.rows)
    cache = given.folder / "search-cache"
    shutil.rmtree(cache, ignore_errors=True)
    facts: Facts = {"rows": given.rows, "project_mb": round(path.stat().st_size / 1e6, 1)}
    with Project.open(path, verify=False) as project:
        before = peak_mb()
        index, facts["build_cpu_s"] = _built(project, cache)
        kept = next((cache / "search").glob("*.idx"))
        facts |= {"kept_mb": round(kept.stat().st_size / 1e6, 1), "peak_before_mb": before}
        facts |= {"peak_mb": peak_mb()} | _typed(index)
        facts["edit_ms"] = _edited(project, index)
        _again, facts["next_start_cpu_s"] = _built(project, cache)
    tell(facts)


def _built(project: Project, cache: Path) -> tuple[SearchIndex, float]:
    index = SearchIndex(project, cache)
    started = time.process_time()
    index.build()
    return index, round(time.process_time() - started, 2)


def _typed(index: SearchIndex) -> Facts:
    words = search_words()

    def ask(text: str) -> None:
        index.groups(text, _MOST_HITS)
        index.values((*words.roads, *words.units), text, _MOST_HITS)

    # The best of some: others may be working on the machine.
    box = [_cost(partial(ask, text)) for text in TYPED]
    table = [_cost(partial(index.fids, "manhole", text)) for text in TYPED]
    slowest = sorted(zip(box, TYPED, strict=True), reverse=True)[:4]
    facts: Facts = {}
    for name, costs in (("box", box), ("table", table)):
        for what, values in zip(("ms", "cpu_ms"), zip(*costs, strict=True), strict=True):
            for share in (50, 95):
                found = float(np.percentile(values, share))
                facts[f"{name}_p{share}_{what}"] = round(found, 1)
    facts["load"] = round(os.getloadavg()[0], 1)
    facts["slowest"] = [f"{text} {took:.0f} ms" for (took, _cpu), text in slowest]
    return facts


def _cost(work: Callable[[], object]) -> tuple[float, float]:
    """Return the milliseconds that pass and those of all threads, the least of some times."""
    work()
    walls, cpus = [], []
    for _time in range(_TIMES):
        started, cpu = time.perf_counter(), time.process_time()
        work()
        walls.append((time.perf_counter() - started) * 1000)
        cpus.append((time.process_time() - cpu) * 1000)
    return min(walls), min(cpus)


def _edited(project: Project, index: SearchIndex) -> float:
    key = FeatureKey("manhole", str(project.table("manhole", [], fids=[1]).uuids[0]))
    change = project.session.apply(set_values(project, [key], {"remarks": f"冒溢{time.time_ns()}"}))
    started = time.perf_counter()
    index.follow(change)
    return round((time.perf_counter() - started) * 1000, 2)


def _town(folder: Path, rows: int) -> Path:
    """Return the project, made if it is not there."""
    path = folder / f"manholes-{rows}-v{VERSION}.gpkg"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f"unfinished-{path.name}")
        unfinished.unlink(missing_ok=True)
        with Project.create(unfinished, title="benchmark") as project:
            for first in range(0, rows, _ROWS_AT_ONCE):
                some = range(first, min(first + _ROWS_AT_ONCE, rows))
                project.session.apply(ChangeSet("import", bulk=(_manholes(some),)))
        unfinished.rename(path)
    return path


def _manholes(rows: range) -> BulkInsert:
    dice = np.random.default_rng(rows.start)
    field = catalogue().type("manhole").field("cover_kind")
    kinds = [code.code for code in catalogue().codes(field.codes or "").codes]
    roads = dice.integers(0, len(_ROADS), (len(rows), 2))
    units = dice.integers(0, len(_UNITS), (len(rows), 2))
    metres = dice.integers(1, 100, len(rows))
    sides = [("东侧", "西侧", "南侧", "北侧")[at] for at in dice.integers(0, 4, len(rows))]
    x, y = (
        428_000 + dice.uniform(0, 4_000, len(rows)),
        4_528_000 + dice.uniform(0, 4_000, len(rows)),
    )
    columns = {
        "component_id": [f"15082601002{number % 1_000_000:06d}" for number in rows],
        "component_name": ["污水井盖" if number % 3 else "雨水井盖" for number in rows],
        "cover_kind": [kinds[number % len(kinds)] for number in rows],
        "exp_no": [f"WS-{number}" for number in rows],
        "road_name": [_ROADS[at] for at in roads[:, 0].tolist()],
        "location_desc": [
            f"{_ROADS[one]}与{_ROADS[other]}路口{side}{far}米"
            for (one, other), side, far in zip(roads.tolist(), sides, metres.tolist(), strict=True)
        ],
        "owner_name": [_UNITS[at] for at in units[:, 0].tolist()],
        "maintainer_name": [_UNITS[at] for at in units[:, 1].tolist()],
        "grid_id": [f"15082610{number % 1520:07d}" for number in rows],
        "remarks": ["井盖破损" if number % 50 == 0 else None for number in rows],
    }
    return BulkInsert("manhole", shapely.points(x, y), columns)


if __name__ == "__main__":
    main()
