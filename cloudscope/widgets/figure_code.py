"""The Python that makes the file that the Figure panel makes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloudscope.display import ChannelDisplay
from cloudscope.widgets.python_code import literal

if TYPE_CHECKING:
    from cloudscope.acq_image import AcqImage

__all__ = ["figure_code"]

_DEFAULTS = {
    "channel": 0, "roi_id": 0, "width_mm": 180.0, "dpi": 300, "theme": "light", "scale": "axes",
    "quality_cutoff": 0.0, "composite": None, "frame": 0, "show_rois": True, "show_marks": True,
}  # fmt: skip


def figure_code(
    image: AcqImage,
    options: Mapping[str, Any],
    looks: Mapping[int, ChannelDisplay],
    path: Path,
) -> str:
    """Statements that make the same file again; arguments that are the defaults are left out.

    Parameters
    ----------
    image : AcqImage
    options : mapping
        Arguments of `cloudscope.figure_of`.
    looks : mapping of int to ChannelDisplay
        As drawn, contrast in numbers.
    path : Path
        Where the file goes; one that ends in ``.csv`` is the numbers.

    Examples
    --------
    >>> import numpy as np
    >>> from cloudscope.acq_image import AcqImage
    >>> image = AcqImage.from_array(np.zeros((9, 9)), name="a")
    >>> print(figure_code(image, {"roi_id": 1}, {}, Path("a.csv")))
    import cloudscope as cs
    <BLANKLINE>
    # a is an array in memory: `image` is the AcqImage made of it
    table = cs.figure_data(
        image,
        roi_id=1,
    )
    cs.write_figure_data(table, "a.csv")
    <BLANKLINE>
    """
    lines = ["import cloudscope as cs", ""]
    if image.path is None:
        lines.append(f"# {image.name} is an array in memory: `image` is the AcqImage made of it")
    else:
        lines.append(f"image = cs.AcqImage({literal(str(image.path))})")
    numbers = path.suffix == ".csv"
    of_data = ("channel", "roi_id", "time_range", "analyses", "quality_cutoff", "show_marks")
    given = {
        name: value
        for name, value in options.items()
        if not (name in _DEFAULTS and _DEFAULTS[name] == value) and (not numbers or name in of_data)
    }
    arguments = ["image", *(f"{name}={literal(value)}" for name, value in given.items())]
    if looks and not numbers:
        shown = ", ".join(f"{channel}: {_look(look)}" for channel, look in looks.items())
        arguments.append(f"display={{{shown}}}")
    target, function = ("table", "figure_data") if numbers else ("figure", "figure_of")
    lines.append(f"{target} = cs.{function}(")
    lines += [f"    {argument}," for argument in arguments]
    lines.append(")")
    write = "write_figure_data" if numbers else "save_figure"
    lines.append(f"cs.{write}({target}, {literal(str(path))})")
    return "\n".join(lines) + "\n"


def _look(look: ChannelDisplay) -> str:
    defaults = ChannelDisplay()
    given = ", ".join(
        f"{name}={literal(getattr(look, name))}"
        for name in ("lut", "contrast", "gamma", "color", "visible")
        if getattr(look, name) != getattr(defaults, name)
    )
    return f"cs.ChannelDisplay({given})"
