"""`export_recordings`: many recordings into a folder, one outcome each."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Literal

from cloudscope.analysis.execution import Cancel, Progress
from cloudscope.errors import AnalysisCancelled, CloudscopeError, ExportError, ParameterError
from cloudscope.export.formats import ExportFormat, export_format
from cloudscope.export.tidy import checked_images, recording_name
from cloudscope.export.writing import file_name

if TYPE_CHECKING:
    from cloudscope.acq_image import AcqImage

__all__ = ["ExportOutcome", "ExportReport", "export_recordings", "export_targets"]


@dataclass(frozen=True, slots=True)
class ExportOutcome:
    """What became of one file of an export.

    Attributes
    ----------
    name : str
        Of the recording; of all together, the title of the format.
    status : {"written", "failed", "cancelled"}
    path : Path
        Where it was to be written.
    error : str
        Why it was not.
    """

    name: str
    status: Literal["written", "failed", "cancelled"]
    path: Path
    error: str = ""


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What `export_recordings` did.

    Attributes
    ----------
    folder : Path
    outcomes : tuple of ExportOutcome
        In the order of the recordings.
    """

    folder: Path
    outcomes: tuple[ExportOutcome, ...]

    def _with(self, status: str) -> tuple[ExportOutcome, ...]:
        return tuple(outcome for outcome in self.outcomes if outcome.status == status)

    @property
    def written(self) -> tuple[ExportOutcome, ...]:
        """What was written."""
        return self._with("written")

    @property
    def failed(self) -> tuple[ExportOutcome, ...]:
        """What could not be, each with its reason."""
        return self._with("failed")

    @property
    def cancelled(self) -> tuple[ExportOutcome, ...]:
        """What was not begun or not finished when it was to stop."""
        return self._with("cancelled")

    def __repr__(self) -> str:
        words = [f"{len(self.written)} written"]
        words += [f"{len(self.failed)} failed"] if self.failed else []
        words += [f"{len(self.cancelled)} cancelled"] if self.cancelled else []
        return f"ExportReport({', '.join(words)})"


def export_recordings(
    images: Iterable[AcqImage] | AcqImage,
    to: str,
    folder: str | os.PathLike[str],
    *,
    overwrite: bool = False,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    on_outcome: Callable[[ExportOutcome], None] | None = None,
    **options: Any,
) -> ExportReport:
    """Write recordings into a folder in one of the formats of `EXPORT_FORMATS`.

    Tables and reports are one file or folder of all recordings; other formats are one file a
    recording, in sub-folders as they lie in theirs. One that cannot be written stops no other.

    Parameters
    ----------
    images : iterable of AcqImage, or AcqImage
    to : str
        ``"csv"``, ``"excel"``, ``"parquet"``, ``"plain"``, ``"nwb"``, ``"ome-zarr"``,
        ``"imagej"`` or ``"report"``.
    folder : path-like
        Made where it is not there yet. Where all recordings go into one file, it may be that
        file: ``"results.xlsx"``.
    overwrite : bool
        Whether to replace what an earlier export wrote.
    progress : callable, optional
        Called with the finished share, 0 to 1.
    cancel : object with ``is_set()``, optional
        What is finished stays.
    on_outcome : callable, optional
        Called with each outcome as it comes.
    **options
        For the writer, for example ``layout="kymflow"`` or ``version="0.4"``.

    Returns
    -------
    ExportReport

    Raises
    ------
    UnknownNameError, ParameterError
        If there is no such format, or it has no such option; nothing was written.
    ExportError
        If there is nothing to export, or a package is missing.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from cloudscope.acq_image import AcqImage
    >>> images = [AcqImage.from_array(np.ones((99, 9), "u1"), name=name) for name in "ab"]
    >>> report = export_recordings(images, "imagej", tempfile.mkdtemp())
    >>> report, [outcome.path.name for outcome in report.written]
    (ExportReport(2 written), ['a.tif', 'b.tif'])
    """
    chosen = export_format(to)
    given = checked_images(images)
    unknown = [name for name in options if name not in chosen.options]
    if unknown:
        has = ", ".join(chosen.options) or "none"
        raise ParameterError(f"{to} has no option {unknown[0]!r}; it has {has}")
    if chosen.missing:
        raise ExportError(chosen.missing)
    place = Path(os.fsdecode(folder))
    items: list[tuple[str, Any, Path]] = [
        (name, what, place / target) for name, what, target in export_targets(given, chosen)
    ]
    ending = PurePosixPath(chosen.suffix).suffix
    if chosen.together and ending and place.name.lower().endswith(ending) and not place.is_dir():
        # the file itself was named, not a folder to put it into
        items, place = [(items[0][0], items[0][1], place)], place.parent
    outcomes: list[ExportOutcome] = []
    for number, (name, what, target) in enumerate(items):

        def share(done: float, number: int = number) -> None:
            if progress is not None:
                progress((number + done) / len(items))

        outcome = _written(chosen, name, what, target, overwrite, share, cancel, options)
        outcomes.append(outcome)
        if on_outcome is not None:
            on_outcome(outcome)
    return ExportReport(place, tuple(outcomes))


def _written(
    chosen: ExportFormat,
    name: str,
    what: Any,
    target: Path,
    overwrite: bool,
    progress: Progress,
    cancel: Cancel | None,
    options: dict[str, Any],
) -> ExportOutcome:
    if cancel is not None and cancel.is_set():
        return ExportOutcome(name, "cancelled", target)
    try:
        chosen.write(
            what,
            target,
            overwrite=overwrite,
            progress=progress,
            cancel=cancel,
            **dict(chosen.fixed),
            **options,
        )
    except AnalysisCancelled:
        return ExportOutcome(name, "cancelled", target)
    except CloudscopeError as error:
        return ExportOutcome(name, "failed", target, str(error))
    finally:
        if not chosen.together:
            what.release_pixels()
    return ExportOutcome(name, "written", target)


def export_targets(
    images: Iterable[AcqImage], chosen: ExportFormat
) -> list[tuple[str, Any, PurePosixPath]]:
    """What is written: a name, the recording or all of them, and the path within the folder.

    A recording's suffix gives way to that of the format, unless two recordings would then have
    one name.
    """
    if chosen.together:
        return [(chosen.title, images, PurePosixPath(chosen.suffix))]
    named = [(PurePosixPath(recording_name(images, image)), image) for image in images]
    safe = [
        (PurePosixPath(*(file_name(part) for part in path.parts)), path, image)
        for path, image in named
    ]
    stems = Counter((path.parent, _stem(path).casefold()) for path, _, _ in safe)
    targets: list[tuple[str, Any, PurePosixPath]] = []
    taken: set[str] = set()
    for path, told, image in safe:
        stem = _stem(path)
        if stems[path.parent, stem.casefold()] > 1:
            stem = path.name
        target, number = path.with_name(f"{stem}{chosen.suffix}"), 1
        while str(target).casefold() in taken:
            number += 1
            target = path.with_name(f"{stem} {number}{chosen.suffix}")
        taken.add(str(target).casefold())
        targets.append((str(told), image, target))
    return targets


def _stem(path: PurePosixPath) -> str:
    """Name without the suffix of a recording, ``.ome.tif`` and ``.ome.zarr`` as a whole."""
    from cloudscope.loaders import supported_suffixes

    name = path.name
    for suffix in sorted((f".ome{s}" for s in supported_suffixes()), key=len, reverse=True):
        if name.lower().endswith(suffix):
            return name[: -len(suffix)] or name
    known = next((s for s in supported_suffixes() if name.lower().endswith(s)), "")
    return (name[: -len(known)] if known else name) or name
