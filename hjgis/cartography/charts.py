"""Charts by matplotlib, as pictures for reports and for the window.

A chart on a sheet is painted by `chart_item` instead: in millimetres of the sheet, with its
letters, as text and vectors of the same PDF, and only with the bars that have room. What both draw,
with all colours and the slices of a pie, is a `figures.Chart`.
"""

from __future__ import annotations

import io
import math
import textwrap
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from hjgis.cartography.figures import Chart
from hjgis.i18n import _
from hjgis.render.fonts import FAMILIES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

KINDS: Final = ("bar", "stacked", "pie", "line")
_INK, _FAINT = "#1f2933", "#d9dde2"
# The first face of a collection of fonts is the Japanese one; it holds the same signs.
_FAMILIES: Final = (*FAMILIES, "Noto Sans CJK JP", "SimHei", "DejaVu Sans")
_MOST_BARS: Final = 40
# More bars than this lie down: their names have no room side by side.
_UPRIGHT: Final = 8
_LONGEST: Final = 16
# More points than this of a line have no room for their numbers and days.
_MOST_SAID: Final = 10
# Percentages end here, with some room for the number above the last point.
_WHOLE: Final = 103.0
_DPI: Final = 100.0
_POINTS_PER_INCH: Final = 72.0
_SHARE: Final = 0.7
_NAMES_PT, _SMALLEST_PT = 9.0, 5.0
_LEGEND_ROW_PT: Final = 15.0


# A report in several formats, and the window beside it, show the same charts.
@lru_cache(maxsize=8)
def picture(
    chart: Chart,
    *,
    width_px: int = 900,
    height_px: int = 560,
    scale: float = 1.0,
    format: str = "png",
) -> bytes:
    """Return a chart as ``png`` or ``svg``; letters of an SVG are outlines.

    Parameters
    ----------
    width_px, height_px : int
        Size; an SVG has the same proportions.
    scale : float
        Pixels of the screen in one of its units: letters and lines are larger by it.

    Raises
    ------
    ValueError
        If the kind of chart is unknown.
    """
    import matplotlib
    from matplotlib import font_manager
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    if chart.kind not in KINDS:
        raise ValueError(f"unknown chart {chart.kind!r}")
    installed = {entry.name for entry in font_manager.fontManager.ttflist}
    families: list[Any] = [name for name in _FAMILIES if name in installed]
    look: Any = {
        "font.family": families or ["sans-serif"],
        "axes.unicode_minus": False,
        "svg.fonttype": "path",
        "svg.hashsalt": "hjgis",
        "text.color": _INK,
        "axes.labelcolor": _INK,
        "xtick.color": _INK,
        "ytick.color": _INK,
        "text.parse_math": False,
    }
    with matplotlib.rc_context(look):
        dpi = _DPI * scale
        figure = Figure(figsize=(width_px / dpi, height_px / dpi), dpi=dpi)
        FigureCanvasAgg(figure)
        _draw(figure, chart)
        out = io.BytesIO()
        metadata: dict[str, Any] = {"Date": None} if format == "svg" else {}
        figure.savefig(out, format=format, dpi=dpi, metadata=metadata)
    return out.getvalue()


def _draw(figure: Figure, chart: Chart) -> None:
    axes = figure.add_subplot()
    figure.set_layout_engine("constrained")
    if chart.title:
        axes.set_title(chart.title, fontsize=13, loc="left", pad=12)
    if chart.note:
        figure.supxlabel(chart.note, fontsize=8, color="#5b6670", x=0.01, ha="left")
    if not chart.categories or not any(map(_filled, chart.series)):
        _draw_nothing(axes)
    elif chart.kind == "pie":
        _draw_pie(axes, chart)
    elif chart.kind == "line":
        _draw_lines(axes, chart)
    else:
        _draw_bars(axes, chart, *figure.get_size_inches().tolist())


def _filled(series: tuple[str, Sequence[float]]) -> bool:
    return any(not math.isnan(value) for value in series[1])


def _draw_bars(axes: Axes, chart: Chart, width_in: float, height_in: float) -> None:
    chart = _shortened(chart)
    lying = len(chart.categories) > _UPRIGHT
    stacked = chart.kind == "stacked"
    count = 1 if stacked else len(chart.series)
    wide = 0.8 / count
    base = [0.0] * len(chart.categories)
    for number, (name, values) in enumerate(chart.series):
        plain = [0.0 if math.isnan(value) else value for value in values]
        shift = 0.0 if stacked else (number - (count - 1) / 2) * wide
        at = [place + shift for place in range(len(plain))]
        inks: Any = [chart.ink(number, place) for place in range(len(plain))]
        if lying:
            bars = axes.barh(at, plain, wide, left=base if stacked else 0, color=inks, label=name)
        else:
            bars = axes.bar(at, plain, wide, bottom=base if stacked else 0, color=inks, label=name)
        if len(chart.series) == 1:
            said = ["" if math.isnan(value) else chart.text(value) for value in values]
            axes.bar_label(bars, said, padding=3, fontsize=9)
        if stacked:
            base = [low + more for low, more in zip(base, plain, strict=True)]
    _label_axes(axes, chart, width_in, height_in, lying=lying)
    if len(chart.series) > 1:
        # A legend that is higher than the picture would press the bars together.
        rows = max(int(height_in * _POINTS_PER_INCH / _LEGEND_ROW_PT) - 1, 1)
        axes.legend(
            loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=9, frameon=False,
            ncols=math.ceil(len(chart.series) / rows),
        )  # fmt: skip


def _draw_lines(axes: Axes, chart: Chart) -> None:
    """Draw lines over the categories in their order, with the numbers where there are few."""
    places = range(len(chart.categories))
    for number, (name, values) in enumerate(chart.series):
        ink = chart.ink(number)
        axes.plot(places, values, marker="o", markersize=4, color=ink, label=name)
        if len(chart.series) == 1 and len(values) <= _MOST_SAID:
            for at, value in zip(places, values, strict=True):
                if not math.isnan(value):
                    axes.annotate(
                        chart.text(value), (at, value), (0, 6),
                        textcoords="offset points", ha="center", fontsize=9,
                    )  # fmt: skip
    step = 1 + (len(chart.categories) - 1) // _MOST_SAID
    shown = places[::step]
    axes.set_xticks(shown, [_short(chart.categories[at]) for at in shown], fontsize=_NAMES_PT)
    axes.set_ylabel(chart.unit)
    axes.margins(x=0.06, y=0.2)
    if chart.unit == "%":
        low, top = axes.get_ylim()
        axes.set_ylim(low, min(top, _WHOLE))
        # Nothing is more than whole.
        axes.set_yticks([tick for tick in axes.get_yticks() if low <= tick <= 100.0])
    axes.grid(axis="y", color=_FAINT, linewidth=0.8)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    if len(chart.series) > 1:
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=9, frameon=False)


def _label_axes(
    axes: Axes, chart: Chart, width_in: float, height_in: float, *, lying: bool
) -> None:
    from matplotlib.ticker import MaxNLocator

    names = [_short(name) for name in chart.categories]
    places = range(len(names))
    if lying:
        # So much height has each name, in points, without title and axis.
        room = height_in * _POINTS_PER_INCH * _SHARE / len(names)
        axes.set_yticks(places, names, fontsize=min(max(room, _SMALLEST_PT), _NAMES_PT))
        axes.invert_yaxis()
        axes.set_xlabel(chart.unit)
        axes.margins(x=0.12)
    else:
        room = width_in * _POINTS_PER_INCH * _SHARE / len(names)
        names = [_in_two_lines(name, room / _NAMES_PT) for name in chart.categories]
        axes.set_xticks(places, names, fontsize=_NAMES_PT)
        axes.set_ylabel(chart.unit)
        axes.margins(y=0.12)
    values = [value for _name, series in chart.series for value in series]
    if all(math.isnan(value) or value == round(value) for value in values):
        # Things are counted one by one: no half of one stands at the axis.
        along = axes.xaxis if lying else axes.yaxis
        along.set_major_locator(MaxNLocator("auto", steps=[1, 2, 5, 10], integer=True))
    axes.grid(axis="x" if lying else "y", color=_FAINT, linewidth=0.8)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left" if not lying else "bottom"):
        axes.spines[side].set_visible(False)


def _draw_pie(axes: Axes, chart: Chart) -> None:
    slices = chart.slices()
    whole = sum(part.value for part in slices)
    if not whole:
        _draw_nothing(axes)
        return
    wedges = axes.pie(
        [part.value for part in slices],
        colors=[part.ink for part in slices],
        startangle=90,
        counterclock=False,
        wedgeprops={"linewidth": 1, "edgecolor": "white"},
    )[0]
    said = [
        f"{_short(part.name)}  {chart.text(part.value)}  {part.value / whole:.1%}"
        for part in slices
    ]
    axes.legend(
        wedges, said, loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=10, frameon=False,
        title=chart.unit,
    )  # fmt: skip


def _draw_nothing(axes: Axes) -> None:
    axes.set_axis_off()
    axes.text(0.5, 0.5, _("Nothing to show"), ha="center", va="center", fontsize=12)


def _shortened(chart: Chart) -> Chart:
    """Leave out what has no room, and say so."""
    more = len(chart.categories) - _MOST_BARS
    if more <= 0:
        return chart
    series = tuple((name, values[:_MOST_BARS]) for name, values in chart.series)
    return replace(chart, categories=chart.categories[:_MOST_BARS], series=series)


def left_out(chart: Chart) -> int:
    """Return how many categories a chart of bars has no room for."""
    return 0 if chart.kind in ("pie", "line") else max(len(chart.categories) - _MOST_BARS, 0)


def _in_two_lines(name: str, room_em: float) -> str:
    """Return a name in so much room; a Chinese letter takes all of an em, others half of it."""
    wide = any(unicodedata.east_asian_width(letter) in "WF" for letter in name)
    letters = max(int(room_em if wide else 2 * room_em), 4)
    return "\n".join(textwrap.wrap(name, letters, max_lines=2, placeholder="…")) or name


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
