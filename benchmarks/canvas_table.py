"""What was measured as tables: targets, figures and those of QGIS beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.clock import Facts

LAYERS: Final = {"well": "points", "pipe": "lines", "bay": "polygons", "all": "all three"}
VIEWS: Final = {"full": "full extent", "mid": "2 km", "street": "500 m"}
NOT_LIKE_FOR_LIKE: Final = (
    "Not like for like: ours keeps geometry in memory, thins and does not antialias when dense, and"
    " paints a margin of 96 px around the window; QGIS reads the file at each redraw, draws every"
    " symbol and antialiases at all scales."
)
_NOTES: Final = f"""## How it is measured

* Data: an invented town (`benchmarks/town.py`, seeded), three layers of the given number each:
  wells (points), pipes (lines of 2 to 6 vertices) and parking bays (polygons of 5), seven classes
  each. A larger size is a larger town, not a denser one. EPSG:4545.
* {NOT_LIKE_FOR_LIKE}
* Redraw: from nothing, 1600 x 1000 px, device pixel ratio 1, seven classes, in the main thread,
  medians after one run that is not counted. QGIS: `QgsMapRendererSequentialJob` or
  `QgsMapRendererParallelJob`, whichever was the quicker, categorised in the same classes, symbols
  of the same size, 96 dpi. Its labels have no halo; ours have one.
* Any zoom: twelve steps from the full extent into the middle of the town, up to 160 times.
* Pan and zoom: the main window on Qt's offscreen platform, its map 1600 x 1000 px, all three
  layers, 60 steps 16 ms apart, three times over. A gap is the time between two steps.
* Edit: a point moves by half a metre. The redraw begins when the map hears of the stored change and
  ends with the window's paint event; storing it is in the longer figure.
* Load: one layer into a canvas, a fresh process each time, from the start of the reading to the
  first picture with a feature on it, and to the picture of all of them.
* Start: from the start of the process to the window's paint event, of ``python -m hjgis PROJECT``
  with ears on the canvas; file cache warm, modules compiled. QGIS: the desktop under Xvfb until
  `mapCanvasRefreshed`, the project being the same three layers; the sample stands beside QGIS with
  10k a layer. QGIS shows parts of its map before that, as ours does between first and whole map.
* Peak memory: the process that had the window open, moved, picked and edited.
"""


@dataclass(frozen=True)
class Row:
    """One target; `measured` None where it could not be measured."""

    what: str
    limit: float
    measured: float | None
    unit: str = "ms"
    at_least: bool = False
    peer: float | None = None

    @property
    def met(self) -> str:
        """Say whether the target is met."""
        if self.measured is None:
            return "not measured"
        good = self.measured >= self.limit if self.at_least else self.measured <= self.limit
        return "met" if good else "**not met**"

    @property
    def cells(self) -> tuple[str, ...]:
        """Return the row as text."""
        sign = ">=" if self.at_least else "<="
        peer = self.peer if self.peer is not None and self.measured else None
        return (
            self.what,
            f"{sign} {self.limit:g} {self.unit}".rstrip(),
            "-" if self.measured is None else f"{_short(self.measured)} {self.unit}".rstrip(),
            self.met,
            "" if peer is None else f"{_short(peer)} {self.unit}",
            "" if peer is None else f"{peer / (self.measured or 1):.1f}x",
        )


def rows(results: Facts, size: str) -> Iterator[Row]:
    """Yield the targets at a size; they hold for 1M."""
    facts = results["sizes"][size]
    # A ratio to QGIS is a target for a million; with few features there is little to gain.
    for row in _redraw_rows(facts):
        if size == "1M" or row.unit != "x":
            yield row
    yield from _window_rows(facts.get("window", {}))
    yield from _load_rows(facts)
    yield from _label_rows(facts)
    yield from _start_rows(results, size)


def _redraw_rows(facts: Facts) -> Iterator[Row]:
    redraw = facts["redraw"].get("redraw", {})
    for layer, limit in (("well", 120), ("pipe", 250), ("bay", 100)):
        ours = _at(redraw, layer, "full")
        peer = _at(facts, "qgis", "redraw", "categorised", layer, "full", "ms")
        yield Row(f"full redraw, {LAYERS[layer]}", limit, ours, peer=peer)
        if peer is not None and ours:
            yield Row(f"full redraw, {LAYERS[layer]}, QGIS / ours", 40, peer / ours, "x", True)
    zooms = facts["redraw"].get("zooms", {})
    one = [layer for layer in LAYERS if layer != "all"]
    yield Row("any zoom, one layer (worst)", 400, _worst(_each(zooms, one)))
    yield Row("street, one layer (worst)", 25, _worst(_at(redraw, x, "street") for x in one))


def _window_rows(window: Facts) -> Iterator[Row]:
    for move in ("pan", "zoom"):
        named = ((f"{move}: paint p95", 10, "paint_p95"), (f"{move}: GUI gap p95", 35, "gap_p95"))
        for what, limit, key in (*named, (f"{move}: GUI gap max", 100, "gap_max")):
            yield Row(what, limit, _worst(_at(window, move, view, key) for view in VIEWS))
    for what, limit in (("pick", 5), ("snap", 10)):
        worst = _worst(_at(window, what, view, "p95") for view in VIEWS)
        yield Row(f"{what} under the cursor, p95", limit, worst)
    worst = _worst(_at(window, "edit", view, "redraw_ms") for view in VIEWS)
    yield Row("redraw after one edit", 20, worst)


def _load_rows(facts: Facts) -> Iterator[Row]:
    for layer, most in (("well", 32), ("pipe", 160), ("bay", 190)):
        name, load = LAYERS[layer], facts["load"].get(layer, {})
        yield Row(f"load {name}: first picture", 300, load.get("first_ms"))
        yield Row(f"load {name}: complete", 3000, load.get("complete_ms"))
        held = _at(facts, "redraw", "bytes", layer)
        yield Row(f"geometry memory, {name}", most, held, "bytes/feature")


def _label_rows(facts: Facts) -> Iterator[Row]:
    yield Row("2 000 label candidates", 40, _at(facts, "redraw", "labels", "ms"))
    ours = facts["redraw"].get("labelled_mid")
    peer = _at(facts, "qgis", "redraw", "labelled_mid", "ms")
    if peer is not None and ours:
        yield Row("2 km view with labels, QGIS / ours", 15, peer / ours, "x", True)


def _start_rows(results: Facts, size: str) -> Iterator[Row]:
    starts = ((results["sample"], "10k", "sample", 1500, 0.6), (None, size, size, 3000, 0.3))
    for own, beside, name, limit, ratio in starts:
        facts = results["sizes"].get(beside, {})
        start = (own or facts).get("start", {})
        yield Row(f"start to first map, {name}", limit, _at(start, "offscreen", "first_map_ms"))
        ours = _at(start, "xvfb", "first_map_ms") or _at(start, "offscreen", "first_map_ms")
        peer = _at(facts, "qgis", "desktop", "first_full_map_ms")
        if ours and peer:
            yield Row(f"start to first map, {name}, ours / QGIS", ratio, ours / peer, "x")
        not_wanted = _at(start, "offscreen", "not_wanted")
        count = None if not_wanted is None else len(not_wanted)
        yield Row(f"start, {name}: pandas, geopandas, matplotlib loaded", 0, count, "")


# -- tables ------------------------------------------------------------------------------------


def summary(results: Facts) -> str:
    """Return the table of targets at the largest size that was measured."""
    size = list(results["sizes"])[-1]
    head = ("", "target", "measured", "", "QGIS", "QGIS / ours")
    targets = [row.cells for row in rows(results, size)]
    held = "" if size == "1M" else f" (targets hold for 1M a layer; this is {size})"
    troubles = "".join(f"\nnot measured: {words}" for words in _troubles(results))
    return f"{_table(head, targets)}\n\n{NOT_LIKE_FOR_LIKE}{held}{troubles}"


def page(results: Facts) -> str:
    """Return the page of all figures."""
    machine = results["machine"]
    sizes = results["sizes"]
    version = next((x for f in sizes.values() if (x := _at(f, "qgis", "desktop", "version"))), "-")
    parts = [
        "# Measurements of the map\n\nMade by `python -m benchmarks.canvas --markdown"
        " docs/benchmarks-canvas.md`; do not edit.\n",
        f"{results['date']}; {machine['cores']} cores of {machine['cpu']},"
        f" {machine['memory_gb']} GB, no GPU; {machine['system']}; Python {machine['python']},"
        f" PySide6 {machine['PySide6-Essentials']}, numpy {machine['numpy']},"
        f" shapely {machine['shapely']}, SQLite {machine['sqlite']}; QGIS {version}.\n",
        f"## Targets\n\n{summary(results)}\n",
        f"## Redraw, ms\n\n{_table(*_redraw_table(sizes))}\n",
        f"## Worst zoom from x1 to x160, ms\n\n{_table(*_zoom_table(sizes))}\n",
        f"## The window\n\n{_table(*_window_table(sizes))}\n",
        f"## Load, memory, start\n\n{_table(*_start_table(results))}\n",
        _NOTES,
    ]
    return "\n".join(parts)


def _redraw_table(sizes: Facts) -> tuple[Sequence[str], list[Sequence[str]]]:
    head = ["", "view"]
    for size in sizes:
        head += [f"{size}: ours", "QGIS", "ratio"]
    body: list[Sequence[str]] = []
    for layer, name in LAYERS.items():
        for view, words in VIEWS.items():
            cells = [name, words]
            for facts in sizes.values():
                ours = _at(facts, "redraw", "redraw", layer, view)
                peer = _at(facts, "qgis", "redraw", "categorised", layer, view, "ms")
                cells += _beside(ours, peer)
            body.append(cells)
    cells = ["all three with labels", VIEWS["mid"]]
    for facts in sizes.values():
        peer = _at(facts, "qgis", "redraw", "labelled_mid", "ms")
        cells += _beside(_at(facts, "redraw", "labelled_mid"), peer)
    first = ["the same, label texts still to be read", VIEWS["mid"]]
    for facts in sizes.values():
        first += _beside(_at(facts, "redraw", "labelled_mid_first"), None)
    return head, [*body, cells, first]


def _zoom_table(sizes: Facts) -> tuple[Sequence[str], list[Sequence[str]]]:
    body = []
    for layer, name in LAYERS.items():
        cells = [name]
        for facts in sizes.values():
            zooms = _at(facts, "redraw", "zooms", layer) or {}
            worst = max(zooms, key=zooms.__getitem__, default="")
            cells.append(f"{_short(zooms[worst])} ({worst})" if worst else "-")
        body.append(cells)
    return ["", *sizes], body


def _window_table(sizes: Facts) -> tuple[Sequence[str], list[Sequence[str]]]:
    body = []
    for move in ("pan", "zoom"):
        for view, words in VIEWS.items():
            cells = [f"{move}, {words}: paint p95 / max; gap p95 / max; pictures; sharp after, ms"]
            for facts in sizes.values():
                got = _at(facts, "window", move, view) or {}
                keys = ("paint_p95", "paint_max", "gap_p95", "gap_max", "pictures", "sharp_ms")
                one = [_short(got.get(key)) for key in keys]
                cells.append("{} / {}; {} / {}; {}; {}".format(*one))
            body.append(cells)
    for what, words in (("pick", "pick"), ("snap", "snap")):
        cells = [f"{words}: median / p95, worst view, ms"]
        for facts in sizes.values():
            both = (_worst(_at(facts, "window", what, v, k) for v in VIEWS) for k in ("ms", "p95"))
            cells.append(" / ".join(map(_short, both)))
        body.append(cells)
    cells = ["edit: redraw / with storing it, worst view, ms"]
    for facts in sizes.values():
        keys = ("redraw_ms", "whole_ms")
        both = (_worst(_at(facts, "window", "edit", view, key) for view in VIEWS) for key in keys)
        cells.append(" / ".join(map(_short, both)))
    return ["", *sizes], [*body, cells]


def _start_table(results: Facts) -> tuple[Sequence[str], list[Sequence[str]]]:
    sizes: Facts = {"sample": results["sample"], **results["sizes"]}
    lines: list[tuple[str, tuple[str, ...]]] = [
        *((f"load {LAYERS[x]}: first picture, ms", ("load", x, "first_ms")) for x in _ONE),
        *((f"load {LAYERS[x]}: complete, ms", ("load", x, "complete_ms")) for x in _ONE),
        *((f"bytes a feature, {LAYERS[x]}", ("redraw", "bytes", x)) for x in _ONE),
        ("peak memory with the window open, MB", ("window", "peak_mb")),
        ("file, MB", ("megabytes",)),
        *((f"share of time some task waited for a core: {x}", ("waiting", x)) for x in _STEPS),
        *(
            (f"start to {words}, {where}, ms", ("start", where, key))
            for where in ("offscreen", "xvfb")
            for words, key in (
                ("imports done", "imported_ms"),
                ("project open", "opened_ms"),
                ("first map", "first_map_ms"),
                ("whole map", "whole_map_ms"),
            )
        ),
        ("the first start of the day, which backs the file up, ms", _FIRST_START),
        ("QGIS desktop, start to first full map, ms", ("qgis", "desktop", "first_full_map_ms")),
        ("QGIS library, open and draw in a new process, ms", ("qgis", "first", _OPEN)),
    ]
    body = [
        [words, *(_short(_at(facts, *keys)) for facts in sizes.values())] for words, keys in lines
    ]
    return ["", *sizes], body


_STEPS: Final = ("redraw", "window", "load", "start", "qgis")
_ONE: Final = ("well", "pipe", "bay")
_OPEN: Final = "open_and_draw_ms"
_FIRST_START: Final = ("start", "first", "whole_map_ms")


def _table(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    """Return a table that is Markdown and can be read as it is."""
    lines = [head, *body]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    texts = [
        "| "
        + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        + " |"
        for line in lines
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([texts[0], rule, *texts[1:]])


def _beside(ours: float | None, peer: float | None) -> list[str]:
    ratio = f"{peer / ours:.1f}x" if ours and peer else "-"
    return [_short(ours), _short(peer), ratio]


def _each(zooms: Facts, layers: Sequence[str]) -> Iterator[float]:
    for layer in layers:
        yield from zooms.get(layer, {}).values()


def _worst(values: Iterator[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return max(known) if known else None


def _at(facts: Facts, *keys: str) -> float | None:
    """Return what stands under keys; None where any of them is missing."""
    found = facts
    for key in keys:
        if not isinstance(found, dict) or key not in found:
            return None
        found = found[key]
    return found  # type: ignore[return-value]


def _short(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _troubles(results: Facts, path: str = "") -> Iterator[str]:
    """Yield what failed, with where."""
    for key, value in results.items():
        if key == "error":
            yield f"{path}: {value}"
        elif isinstance(value, dict):
            yield from _troubles(value, f"{path} {key}".strip())
