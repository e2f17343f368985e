"""Plots as inline SVG that follow the page: its font, and its colours by light and dark.

matplotlib draws with placeholder colours, which are then replaced by the page's CSS variables.
Nothing in the output depends on the time or the machine, so equal data gives equal bytes.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, MUTED, GRID = "#010101", "#020202", "#030303"
SERIES = ("#0a0101", "#0a0202", "#0a0303", "#0a0404")
_VARIABLES = {
    INK: "--ink",
    MUTED: "--muted",
    GRID: "--line",
    **{color: f"--series-{i + 1}" for i, color in enumerate(SERIES)},
}
DASHES = ("-", (0, (5, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2)))
MARKERS = ("o", "s", "^", "D")
_STYLE: Any = {
    "svg.fonttype": "none",
    "text.parse_math": False,
    "font.family": ["sans-serif"],
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9.5,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": MUTED,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "text.color": INK,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "lines.linewidth": 1.8,
    "lines.markersize": 4,
    "figure.constrained_layout.use": True,
}


@dataclass(frozen=True, slots=True)
class Plot:
    """An SVG with what it shows, in words: ``title`` above it, ``told`` as its text alternative."""

    title: str
    told: str
    svg: Markup


@contextmanager
def _canvas(name: str, height: float) -> Iterator[tuple[Axes, io.StringIO]]:
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    out = io.StringIO()
    with mpl.rc_context(), warnings.catch_warnings():
        # The page's own font draws what matplotlib's measuring font has no glyph for.
        warnings.filterwarnings("ignore", "Glyph .* missing from")
        mpl.rcdefaults()
        mpl.rcParams.update({**_STYLE, "svg.hashsalt": name})
        figure = Figure(figsize=(4.7, height))
        FigureCanvasSVG(figure)
        yield figure.add_subplot(), out
        empty = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(out, format="svg", transparent=True, metadata=empty)


def _inline(svg: str, name: str, told: str) -> Markup:
    """The bare ``<svg>`` element, with ids of its own and the page's colours."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg, flags=re.S)
    svg = re.sub(r'\bid="', f'id="{name}-', svg)
    svg = re.sub(r"url\(#", f"url(#{name}-", svg)
    svg = re.sub(r'xlink:href="#', f'href="#{name}-', svg)
    svg = re.sub(r"font: ([\d.]+px) [^;\"]*", r"font-size: \1", svg)
    for color, variable in _VARIABLES.items():
        svg = svg.replace(color, f"var({variable})")
    size = re.search(r'viewBox="[^"]*"', svg)
    head = f'<svg role="img" aria-label="{escape(told)}" {size[0] if size else ""}>'
    return Markup(head + svg[svg.index(">") + 1 :])  # noqa: S704 - matplotlib escapes all text


@dataclass(frozen=True, slots=True)
class Line:
    """One curve: x and y of the same length."""

    name: str
    x: Sequence[float]
    y: Sequence[float]


@dataclass(frozen=True, slots=True)
class Axis:
    """The words on a plot's axes, and how they are scaled."""

    x: str
    y: str
    log: bool = False
    share: bool = False


def lines(name: str, title: str, told: str, curves: Sequence[Line], axis: Axis) -> Plot:
    """Curves told apart by dash and marker as well as by colour."""
    with _canvas(name, 3.0) as (axes, out):
        for i, curve in enumerate(curves):
            look = i % len(SERIES)
            axes.plot(
                curve.x,
                curve.y,
                label=curve.name,
                color=SERIES[look],
                linestyle=DASHES[look],
                marker=MARKERS[look],
            )
        if axis.log:
            axes.set_xscale("log")
            axes.set_yscale("log")
            _plain_ticks(axes)
        if axis.share:
            axes.set_ylim(-0.03, 1.05)
        axes.set_xlabel(axis.x)
        axes.set_ylabel(axis.y)
        if len(curves) > 1:
            axes.legend(loc="best")
    return Plot(title, told, _inline(out.getvalue(), name, told))


def _plain_ticks(axes: Axes) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    for side, steps in ((axes.xaxis, (1.0,)), (axes.yaxis, (1.0, 2.0, 5.0))):
        side.set_major_locator(LogLocator(subs=steps))
        side.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        side.set_minor_formatter(NullFormatter())


def histogram(
    name: str, title: str, told: str, counts: Sequence[tuple[float, float, int]], x: str
) -> Plot:
    """Bars from (left edge, width, count)."""
    with _canvas(name, 3.0) as (axes, out):
        left, width, count = zip(*counts, strict=True)
        axes.bar(left, count, width=width, align="edge", color=SERIES[0], linewidth=0)
        axes.grid(visible=False, axis="x")
        axes.set_xlabel(x)
        axes.set_ylabel("texts")
    return Plot(title, told, _inline(out.getvalue(), name, told))


def bars(name: str, title: str, told: str, counts: Sequence[tuple[str, int]]) -> Plot:
    """Horizontal bars, the first on top, each with its count at its end."""
    with _canvas(name, 0.25 + 0.26 * len(counts)) as (axes, out):
        names, values = zip(*reversed(counts), strict=True)
        places = range(len(counts))
        axes.barh(places, values, height=0.66, color=SERIES[0], linewidth=0)
        for place, value in zip(places, values, strict=True):
            axes.annotate(
                f"{value:,}",
                (value, place),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                fontsize=8.5,
                color=MUTED,
            )
        axes.set_yticks(list(places), [_short(n) for n in names])
        axes.tick_params(axis="y", length=0, labelcolor=INK)
        axes.set_xticks([])
        axes.set_xlim(0, max(values) * 1.16)
        axes.set_ylim(-0.6, len(counts) - 0.4)
        axes.grid(visible=False)
        axes.spines["bottom"].set_visible(False)
        axes.spines["left"].set_visible(False)
    return Plot(title, told, _inline(out.getvalue(), name, told))


def _short(name: str, limit: int = 30) -> str:
    return name if len(name) <= limit else name[: limit - 1] + "…"
