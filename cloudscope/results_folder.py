"""Sidecars kept in a folder of their own, and what ties them to the file they belong to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cloudscope.errors import LoadError, ParameterError
from cloudscope.metadata import ImageHeader

__all__ = ["mirrored", "origin_of", "other_origin"]


def mirrored(path: Path, results_folder: Path, folder: Path | None = None) -> Path:
    """Where in a results folder a file's sidecars stand: under its path relative to `folder`.

    Parameters
    ----------
    path : Path
    results_folder : Path
    folder : Path, optional
        The folder whose layout is mirrored; that of the file by default.

    Raises
    ------
    ParameterError
        If the file does not lie in `folder`.

    Examples
    --------
    >>> mirrored(Path("/data/day 1/a.tif"), Path("/results"), Path("/data")).as_posix()
    '/results/day 1/a.tif'
    """
    if folder is None:
        return results_folder / path.name
    whole, root = path.absolute(), folder.absolute()
    if not whole.is_relative_to(root) or ".." in whole.relative_to(root).parts:
        raise ParameterError(
            f"folder={str(folder)!r} is not allowed: {path} does not lie in it, so its place in "
            "the results folder is not known"
        )
    return results_folder / whole.relative_to(root)


def origin_of(path: Path | None, header: ImageHeader, elsewhere: bool) -> dict[str, dict[str, Any]]:
    """What a sidecar says of its origin: the image of a file, and the file where it is elsewhere.

    Raises
    ------
    LoadError
        If the file cannot be read any more.
    """
    origin: dict[str, dict[str, Any]] = {}
    if header.image_count > 1:
        origin["image"] = {"index": header.image_index, "name": header.image_name}
    if path is not None and elsewhere:
        from cloudscope.loaders.fingerprint import fingerprint

        origin["source"] = {"name": path.name, "fingerprint": fingerprint(path)}
    return origin


def other_origin(raw: Mapping[str, Any], path: Path, header: ImageHeader) -> str:
    """Why a sidecar is not that of an image of a file, or ``""``."""
    image = raw.get("image")
    if isinstance(image, dict) and isinstance(image.get("name"), str):
        now = header.image_name if header.image_count > 1 else image["name"]
        if image["name"] != now:
            return (
                f"it belongs to the image {image['name']!r}, and image {header.image_index} of "
                f"the file is {now!r} now"
            )
    source = raw.get("source")
    if isinstance(source, dict) and isinstance(source.get("fingerprint"), str):
        from cloudscope.loaders.fingerprint import fingerprint

        try:
            now = fingerprint(path)
        except LoadError:
            return ""  # whoever reads the pixels says so
        if now != source["fingerprint"]:
            return "it belongs to another file of this name, or the file was changed since"
    return ""
