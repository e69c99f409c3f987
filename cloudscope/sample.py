"""The sample folder: synthetic recordings on disk, as microscopes write them, with their truth.

`cloudscope demo` measures it, the guide and the notebooks start from it, and anyone can check an
analysis against it without any recording of their own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cloudscope.errors import CloudscopeError
from cloudscope.metadata import ExperimentMetadata

__all__ = [
    "TRUTH_NAME",
    "SampleFolder",
    "SampleRecording",
    "SampleRoi",
    "SampleTruth",
    "read_sample_folder",
    "write_sample_folder",
]

TRUTH_NAME = "truth.json"
_FORMAT = "cloudscope sample"


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRoi:
    """A region of a sample recording that shows one vessel; its id is its place, from 1.

    Attributes
    ----------
    name, note : str
    row_start, row_stop, col_start, col_stop : int
        Half-open bounds in pixels.
    """

    name: str
    row_start: int
    row_stop: int
    col_start: int
    col_stop: int
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleTruth:
    """One number that an analysis should find.

    Attributes
    ----------
    analysis : str
        Name of the analysis, for example ``"radon_velocity"``.
    channel, roi_id : int
        Where it holds.
    quantity : str
        Key of the analysis' summary, for example ``"velocity_median_um_per_s"``.
    value : float
        The truth. Velocities are the median over windows of 64 lines every 16 lines.
    """

    analysis: str
    channel: int
    roi_id: int
    quantity: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRecording:
    """A sample file: what is known of it and what should be found in it.

    Attributes
    ----------
    file : str
        Name within the folder.
    line_period_s, pixel_size_um : float
        As the file itself says.
    experiment : ExperimentMetadata
    rois : tuple of SampleRoi
    truths : tuple of SampleTruth
    """

    file: str
    line_period_s: float
    pixel_size_um: float
    experiment: ExperimentMetadata = field(default_factory=ExperimentMetadata)
    rois: tuple[SampleRoi, ...] = ()
    truths: tuple[SampleTruth, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "file": self.file,
            "line_period_s": self.line_period_s,
            "pixel_size_um": self.pixel_size_um,
            "experiment": {
                k: v for k, v in self.experiment.to_dict().items() if v not in ("", None, {})
            },
            "rois": [asdict(roi) for roi in self.rois],
            "truths": [asdict(truth) for truth in self.truths],
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> SampleRecording:
        """From `to_dict`."""
        return cls(
            file=values["file"],
            line_period_s=values["line_period_s"],
            pixel_size_um=values["pixel_size_um"],
            experiment=ExperimentMetadata.from_dict(values["experiment"]),
            rois=tuple(SampleRoi(**roi) for roi in values["rois"]),
            truths=tuple(SampleTruth(**truth) for truth in values["truths"]),
        )


@dataclass(frozen=True, slots=True)
class SampleFolder:
    """A sample folder on disk.

    Attributes
    ----------
    path : Path
    recordings : tuple of SampleRecording
    """

    path: Path
    recordings: tuple[SampleRecording, ...]


def write_sample_folder(path: str | Path, *, overwrite: bool = False) -> SampleFolder:
    """Write the sample recordings and their truth, and say what they are.

    Six recordings of 12 bits, about 8 MB: a pulsatile capillary, two vessels on one line, a line
    along and across a vessel in two channels, a narrow line with weak signal, slow flow in a
    venule, and the beating, dilating cross-section of an arteriole. They come as ImageJ TIFF,
    OME-TIFF and plain TIFF with the text header of Olympus software, so that the calibration is
    read from the files. What should be found stands in ``truth.json``.

    Parameters
    ----------
    path : str or Path
        The folder; made where there is none.
    overwrite : bool
        Replace files of these names that hold something else. Files that are already as they
        should be are left alone in any case.

    Returns
    -------
    SampleFolder

    Raises
    ------
    CloudscopeError
        If the folder holds a file of one of these names with other content, or cannot be
        written. Nothing has been written then that was there before.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     sample = write_sample_folder(folder)
    ...     [recording.file for recording in sample.recordings][:2]
    ['01_capillary.tif', '02_two_vessels.tif']
    """
    from cloudscope.sample_recordings import sample_files

    folder = Path(path)
    recordings, files = sample_files()
    document = {
        "format": _FORMAT,
        "version": 1,
        "recordings": [recording.to_dict() for recording in recordings],
    }
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    contents = {**files, TRUTH_NAME: text.encode()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        present = {name for name in contents if (folder / name).exists()}
        other = [name for name in present if (folder / name).read_bytes() != contents[name]]
        if other and not overwrite:
            names = ", ".join(sorted(other))
            raise CloudscopeError(
                f"{folder} already holds other files of these names: {names}; "
                "choose another folder, or pass overwrite=True to replace them"
            )
        for name, content in contents.items():
            if name not in present or name in other:
                (folder / name).write_bytes(content)
    except OSError as error:
        raise CloudscopeError(
            f"the sample cannot be written to {folder}: {error.strerror or error}; "
            "choose a folder you may write to"
        ) from error
    return SampleFolder(folder, recordings)


def read_sample_folder(path: str | Path) -> SampleFolder:
    """What a folder that `write_sample_folder` wrote before says of itself.

    Raises
    ------
    CloudscopeError
        If there is no readable ``truth.json`` in it.
    """
    file = Path(path) / TRUTH_NAME
    try:
        document = json.loads(file.read_bytes())
        if document["format"] != _FORMAT or document["version"] != 1:
            raise ValueError(f"format {document['format']!r}, version {document['version']!r}")
        recordings = tuple(SampleRecording.from_dict(r) for r in document["recordings"])
    except OSError as error:
        raise CloudscopeError(
            f"{file} cannot be read: {error.strerror or error}; write the sample first"
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CloudscopeError(
            f"{file} is not the truth of a sample folder ({error}); write the sample again"
        ) from error
    return SampleFolder(Path(path), recordings)
