"""Print what is known of a recording: header, ROIs, results and what is stale.

Nothing is measured or written; only the file's header and its sidecar are read.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cloudscope.cli.results import add_results_argument
from cloudscope.cli.text_table import number, text_table

if TYPE_CHECKING:
    from cloudscope.acq_image import AcqImage
    from cloudscope.analysis.result import AnalysisResult
    from cloudscope.metadata import ImageHeader

SUMMARY = "header, ROIs and results of a recording"
EXAMPLES = """\
examples:
  cloudscope info my_file.tif
  cloudscope info my_file.tif --json | jq .header.line_period_s
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``cloudscope info``."""
    parser.add_argument("file", metavar="FILE", help="a recording")
    parser.add_argument(
        "--image", metavar="N", help="which image of a file that holds several, from 0, or its name"
    )
    add_results_argument(parser)
    parser.add_argument("--json", action="store_true", help="print JSON for other programs")


def run(options: argparse.Namespace) -> int:
    """Run ``cloudscope info``."""
    from cloudscope.acq_image import AcqImage

    image = AcqImage(options.file, image=_image(options.image), results_folder=options.results)
    if options.json:
        print(json.dumps(as_dict(image), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        print(as_text(image))
    return 0


def _image(text: str | None) -> int | str | None:
    return int(text) if text is not None and text.isdecimal() else text


def as_dict(image: AcqImage) -> dict[str, Any]:
    """What is known of a recording, as plain values."""
    return {
        "name": image.name,
        "accepted": image.accepted,
        "header": image.header.to_dict(),
        "file_header": image.file_header.to_dict(),
        "corrections": image.corrections.to_dict(),
        "experiment": image.experiment.to_dict(),
        "rois": [roi.to_dict() for roi in image.rois],
        "results": [_result_dict(image, result) for result in _results(image)],
        "problems": list(image.problems),
    }


def _results(image: AcqImage) -> list[AnalysisResult]:
    return [image.results[key] for key in sorted(image.results)]


def _result_dict(image: AcqImage, result: AnalysisResult) -> dict[str, Any]:
    def plain(value: Any) -> Any:
        return None if isinstance(value, float) and not abs(value) < float("inf") else value

    return {
        "analysis": result.analysis,
        "channel": result.channel,
        "roi_id": result.roi_id,
        "bounds": None if result.bounds is None else list(result.bounds),
        "parameters": dict(result.parameters),
        "summary": {name: plain(value) for name, value in result.summary.items()},
        "stale_reason": image.stale_reason(result),
        "software": result.software,
        "created_at": result.created_at,
    }


def as_text(image: AcqImage) -> str:
    """What is known of a recording, for people."""
    blocks = [image.name + "\n" + _pairs(_header_pairs(image))]
    experiment = [(name, str(value)) for name, value in image.experiment if value not in ("", None)]
    experiment += [(name, str(value)) for name, value in image.experiment.extra.items()]
    if experiment:
        blocks.append("Experiment\n" + _pairs(experiment))
    blocks.append(_rois_text(image))
    blocks.append(_results_text(image))
    if image.problems:
        blocks.append("Problems\n" + "\n".join(f"  {problem}" for problem in image.problems))
    return "\n\n".join(blocks)


def _pairs(pairs: list[tuple[str, str]]) -> str:
    return _indented(text_table(*_split(pairs)))


def _split(pairs: list[tuple[str, str]]) -> tuple[list[str], list[list[str]]]:
    first, *rest = [list(pair) for pair in pairs]
    return first, rest


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())


def _header_pairs(image: AcqImage) -> list[tuple[str, str]]:
    header = image.header
    channels = ", ".join(header.channel_title(channel) for channel in range(header.channels))
    kind = "line scan" if header.kind == "line_scan" else f"{header.frames} frames"
    bits = f", {header.bit_depth} bits" if header.bit_depth else ""
    verdict = {True: "accepted", False: "rejected", None: "not judged yet"}[image.accepted]
    period_ms = None if header.line_period_s is None else header.line_period_s * 1000
    return [
        ("format", header.format),
        ("kind", f"{kind}, time along {header.time_axis}{_source(header.time_axis_source)}"),
        ("size", f"{header.lines} lines x {header.pixels} pixels, {header.dtype}{bits}"),
        ("channels", channels),
        ("line period", _scale(period_ms, "ms", header.line_period_source)),
        ("pixel size", _scale(header.pixel_size_um, "µm", header.pixel_size_source)),
        ("duration", _scale(header.duration_s, "s", "")),
        ("width", _scale(header.width_um, "µm", "")),
        ("acquired", header.acquired_at or "unknown"),
        *_settings(header),
        ("verdict", verdict),
    ]


def _settings(header: ImageHeader) -> list[tuple[str, str]]:
    ways = {True: "both ways", False: "one way", None: ""}[header.bidirectional]
    told = [(label.lower(), text) for label, text in header.optics.rows()]
    return [*told, *([("lines scanned", ways)] if ways else [])]


def _source(source: str) -> str:
    return f" ({source})" if source else ""


def _scale(value: float | None, unit: str, source: str) -> str:
    if value is None:
        return "unknown"
    return f"{number(value, 6)} {unit}{_source(source)}"


def _rois_text(image: AcqImage) -> str:
    if not image.rois:
        return "No ROIs"
    rows = [
        [
            str(roi.roi_id), roi.name, f"{roi.row_start}:{roi.row_stop}",
            f"{roi.col_start}:{roi.col_stop}", "locked" if roi.locked else "", roi.note,
        ]
        for roi in image.rois
    ]  # fmt: skip
    return "ROIs\n" + _indented(text_table(["id", "name", "rows", "columns", "", "note"], rows))


def _results_text(image: AcqImage) -> str:
    if not image.results:
        return "No results"
    lines = ["Results"]
    for result in _results(image):
        lines += [f"  {line}" for line in _result_lines(image, result)]
    return "\n".join(lines)


def _result_lines(image: AcqImage, result: AnalysisResult) -> Iterator[str]:
    where = f"ROI {result.roi_id}" if result.roi_id else "whole recording"
    stale = image.stale_reason(result)
    yield f"{result.analysis}, channel {result.channel}, {where}" + (
        f": STALE, {stale}" if stale else ""
    )
    for name, value in result.summary.items():
        shown = number(value) if value is None or isinstance(value, float) else value
        yield f"  {name} = {shown}"
    yield "  with " + ", ".join(f"{name}={value}" for name, value in result.parameters.items())
    yield f"  by {result.software}" + (f", {result.created_at}" if result.created_at else "")
