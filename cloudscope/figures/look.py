"""How figures look: sizes in mm, one typeface, light or dark; no global state of matplotlib."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from cloudscope.errors import ParameterError
from cloudscope.export.writing import needed
from cloudscope.pool.colors import DARK, LIGHT

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["DASHES", "Look", "Theme", "mm", "new_figure"]

Theme = Literal["light", "dark"]

DASHES = (0, (4, 3))


@dataclass(frozen=True, slots=True)
class Look:
    """Colours of a figure.

    Attributes
    ----------
    ink, faint, background : str
    groups : tuple of str
        Colours of groups, channels' traces and ROIs.
    """

    ink: str
    faint: str
    background: str
    groups: tuple[str, ...]

    @classmethod
    def of(cls, theme: str) -> Look:
        """The look of a theme.

        Raises
        ------
        ParameterError
            If there is no such theme.
        """
        if theme == "light":
            return cls("#1c2128", "#7b858f", "#ffffff", LIGHT)
        if theme == "dark":
            return cls("#e6e9ec", "#8a949e", "#16191d", DARK)
        raise ParameterError(f"theme={theme!r} is not allowed: give 'light' or 'dark'")


def mm(millimetres: float) -> float:
    """Millimetres in inches, which matplotlib counts in.

    Examples
    --------
    >>> mm(25.4)
    1.0
    """
    return millimetres / 25.4


def new_figure(width_mm: float, height_mm: float, dpi: float, look: Look) -> Figure:
    """An empty figure with a canvas of its own.

    Raises
    ------
    ParameterError
        If a size is not allowed.
    ExportError
        If matplotlib is not installed.
    """
    needed("matplotlib", "figures", "a figure")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    for name, value, low, high in (
        ("width_mm", width_mm, 20.0, 1000.0),
        ("height_mm", height_mm, 15.0, 1000.0),
        ("dpi", dpi, 30.0, 2400.0),
    ):
        if not low <= value <= high:
            raise ParameterError(f"{name}={value!r} is not allowed: give {low:g} to {high:g}")
    figure = Figure(figsize=(mm(width_mm), mm(height_mm)), dpi=dpi, facecolor=look.background)
    FigureCanvasAgg(figure)
    return figure


def style(axes: Axes, look: Look, size: float = 7.0) -> None:
    """Colours and sizes of an axes with its ticks and labels."""
    axes.set_facecolor("none")
    axes.tick_params(
        colors=look.ink, labelsize=size, width=0.6, length=2.5, which="both", direction="out"
    )
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(look.ink)
        spine.set_linewidth(0.6)
    for label in (axes.xaxis.label, axes.yaxis.label, axes.title):
        label.set_color(look.ink)
        label.set_fontsize(size)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(_true_minus)


def _true_minus(value: float, _place: Any = None) -> str:
    """A tick's number with a true minus and no more digits than it needs."""
    text = f"{value:,.6g}" if abs(value) < 1e6 else f"{value:.3g}"
    return "0" if float(value) == 0 else text.replace("-", "\N{MINUS SIGN}")
