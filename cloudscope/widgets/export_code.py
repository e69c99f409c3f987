"""Python that exports what the Export panel would."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cloudscope.acq_image import AcqImage
from cloudscope.acq_image_list import AcqImageList
from cloudscope.widgets.python_code import literal

__all__ = ["export_code"]


def export_code(
    images: Sequence[AcqImage],
    folder: AcqImageList | None,
    to: str,
    target: Path,
    *,
    overwrite: bool = False,
    options: Mapping[str, Any] | None = None,
) -> str:
    """Python that writes these recordings in this format.

    Parameters
    ----------
    images : sequence of AcqImage
    folder : AcqImageList or None
        Where they are from.
    to : str
        Name of the format.
    target : Path
    overwrite : bool
    options : mapping, optional
        Of the format.

    Returns
    -------
    str
        Complete statements; where there are unsaved edits a comment says that it needs them saved.
    """
    lines = ["import cloudscope as cs", ""]
    if any(image.dirty for image in images):
        lines.append("# save first: this reads what is on the disk")
    whole = folder is not None and folder.folder is not None
    if len(images) == 1 and images[0].path is not None:
        lines.append(f"recordings = cs.AcqImage({literal(str(images[0].path))})")
    elif whole and folder is not None:
        lines.append(f"recordings = cs.AcqImageList.from_folder({literal(str(folder.folder))})")
        if len(images) < len(folder):
            lines += _chosen(images, folder)
    else:
        lines.append("# `recordings` are the AcqImages made in memory")
    arguments = ["recordings", literal(to), literal(str(target))]
    arguments += ["overwrite=True"] if overwrite else []
    arguments += [f"{name}={literal(value)}" for name, value in (options or {}).items()]
    lines.append("report = cs.export_recordings(")
    lines += [f"    {argument}," for argument in arguments]
    lines += [")", "report.failed"]
    return "\n".join(lines) + "\n"


def _chosen(images: Sequence[AcqImage], folder: AcqImageList) -> list[str]:
    accepted = [image for image in folder if image.accepted]
    if len(accepted) == len(images) and all(a is b for a, b in zip(accepted, images, strict=True)):
        return [
            "recordings = cs.AcqImageList(",
            "    [image for image in recordings if image.accepted], folder=recordings.folder",
            ")",
        ]
    names = [literal(folder.relative_path(image)) for image in images]
    told = [f"    {name}," for name in names]
    return [
        "names = [",
        *told,
        "]",
        "recordings = cs.AcqImageList([recordings[name] for name in names], "
        "folder=recordings.folder)",
    ]
