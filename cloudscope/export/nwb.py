"""`write_nwb`: a recording and its results in Neurodata Without Borders (NWB 2)."""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloudscope.analysis.execution import Cancel, Progress, checkpoint
from cloudscope.export.nwb_pixels import add_pixels
from cloudscope.export.nwb_subject import NwbSession, session_of
from cloudscope.export.writing import needed, new_file, target_path

if TYPE_CHECKING:
    from cloudscope.acq_image import AcqImage

__all__ = ["write_nwb"]


def write_nwb(
    image: AcqImage,
    path: str | os.PathLike[str],
    *,
    pixels: bool = True,
    session_start_time: datetime | str | None = None,
    subject: Mapping[str, str] | None = None,
    location: str | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Path:
    """Write a recording, its ROIs and its results as an NWB file.

    Subject, device, imaging plane and optical channels come from the experimental metadata and
    the header. The kymograph of each channel is a ``TimeSeries`` with the line rate; frames are a
    ``TwoPhotonSeries``, or, fewer than their pixels, ``Images`` with an ``IndexSeries`` of their
    times. ROIs are a ``PlaneSegmentation``; each result is a table with units in
    the module ``ophys``, its course a ``TimeSeries`` beside it, and the tables ``results``,
    ``result_parameters`` and ``result_summaries`` say how each came about.

    Parameters
    ----------
    image : AcqImage
    path : path-like
        A new file, ``.nwb``.
    pixels : bool
        Whether the pixels go along.
    session_start_time : datetime or str, optional
        When the recording began, instead of what the file says. Without an offset it is taken as
        local time of this computer.
    subject : mapping of str to str, optional
        ``subject_id``, ``species``, ``sex``, ``age``, ``strain``, ``genotype`` and
        ``description``, instead of what the experimental metadata says.
    location : str, optional
        Where in the body, instead of the region of the experimental metadata. For a mouse the
        inspector wants a term of the Allen brain atlas; the usual regions are translated.
    overwrite : bool
        Whether to replace a file that is there already.
    progress : callable, optional
        Called with the finished share, 0 to 1.
    cancel : object with ``is_set()``, optional

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    ExportError
        If something that NWB asks for is missing (named, all at once), there is a file already,
        it cannot be written, or pynwb is not installed.
    LoadError
        If the pixels cannot be read.
    AnalysisCancelled
        If `cancel` was set; nothing is left.
    """
    target = target_path(path, [".nwb"])
    pynwb = needed("pynwb", "nwb", "writing NWB")
    session = session_of(image, session_start_time, subject, location)
    with new_file(target, [image], overwrite=overwrite) as temporary:
        checkpoint(0.0, progress, cancel)
        file = _file(pynwb, image, session)
        plane = _imaging_plane(image, file, session)
        if pixels:
            add_pixels(
                image, file, plane, lambda share: checkpoint(0.1 + 0.8 * share, progress, cancel)
            )
        from cloudscope.export.nwb_results import add_results

        add_results(image, file, plane)
        checkpoint(0.1, progress, cancel)
        import h5py

        with (
            h5py.File(temporary, "w") as handle,
            pynwb.NWBHDF5IO(file=handle, mode="w") as writer,
        ):
            writer.write(file)
        checkpoint(1.0, progress, cancel)
    return target


def _file(pynwb: Any, image: AcqImage, session: NwbSession) -> Any:
    from cloudscope import __version__

    experiment, header = image.experiment, image.header
    known = [(name, str(value)) for name, value in experiment if value not in ("", None)]
    known += [(name, str(value)) for name, value in experiment.extra.items()]
    notes = "\n".join(f"{name}: {value}" for name, value in known)
    what = "Line scan" if header.kind == "line_scan" else "Frames"
    words = (experiment.condition, experiment.treatment, experiment.region, experiment.vessel_type)
    told = ", ".join(word for word in words if word)
    optional = {
        "experimenter": [experiment.experimenter] if experiment.experimenter else None,
        "pharmacology": experiment.treatment,
        "notes": notes,
    }
    # the same recording in the same state is the same session, however often it is written
    state = f"{image.name} {image.fingerprint()} {session.start.isoformat()} {notes}"
    return pynwb.NWBFile(
        session_description=f"{what} {image.name}, as read and measured by cloudscope",
        identifier=str(uuid.uuid5(uuid.NAMESPACE_OID, state)),
        session_start_time=session.start,
        session_id=image.name.replace("/", "_"),
        experiment_description=told or "Blood flow in a vessel, scanned along a line",
        keywords=["line scan", "kymograph", "blood flow"],
        was_generated_by=[["cloudscope", __version__]],
        subject=pynwb.file.Subject(**session.subject),
        **{name: text for name, text in optional.items() if text},
    )


def _imaging_plane(image: AcqImage, file: Any, session: NwbSession) -> Any:
    from pynwb.ophys import OpticalChannel

    header, experiment = image.header, image.experiment
    optics = header.optics
    settings = "; ".join(f"{name}: {text}" for name, text in optics.rows())
    device = file.create_device(
        name="microscope",
        description=f"Microscope that wrote the file, read as {header.format}"
        + (f". {settings}" if settings else ""),
    )
    lines = {laser.wavelength_nm for laser in optics.lasers} - {None}
    channels, seen = [], set()
    for channel in range(header.channels):
        own = header.channel_names[channel] if channel < len(header.channel_names) else ""
        name = own.replace("/", "_").replace(":", "_").strip() or f"channel_{channel}"
        name = f"{name}_{channel}" if name in seen else name
        seen.add(name)
        channels.append(
            OpticalChannel(
                name=name,
                description=f"Detection channel {channel} of the file",
                emission_lambda=float("nan"),
            )
        )
    spacing: dict[str, Any] = {}
    if header.pixel_size_um is not None:
        across = header.row_size_um if header.kind == "frames" else None
        in_m = [header.pixel_size_um * 1e-6, (across or header.pixel_size_um) * 1e-6]
        spacing = {"grid_spacing": in_m, "grid_spacing_unit": "meters"}
    period_s = header.line_period_s if header.kind == "line_scan" else header.frame_period_s
    if period_s is not None:
        spacing["imaging_rate"] = 1.0 / period_s
    told = (
        "One line, scanned over and over; the grid spacing is that along the line"
        if header.kind == "line_scan"
        else "Field of view of the frames"
    )
    if experiment.region and experiment.region != session.location:
        told += f"; in: {experiment.region}"
    return file.create_imaging_plane(
        name="imaging_plane",
        optical_channel=channels,
        description=told,
        device=device,
        excitation_lambda=lines.pop() if len(lines) == 1 else float("nan"),
        indicator=", ".join(n for n in header.channel_names if n) or "unknown",
        location=session.location,
        **spacing,
    )
