"""Take over what older programs (acqstore, CloudScope, KymFlow) left beside recordings.

Verdict, metadata, ROIs, velocities, diameters and events are read, each is reported with what
became of it, and the recordings are saved. What a recording has already stays. The older files
are never changed; one that stands where cloudscope's own sidecar belongs gets another name.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from cloudscope.cli.results import add_results_argument
from cloudscope.cli.text_table import text_table
from cloudscope.errors import CloudscopeError

if TYPE_CHECKING:
    from cloudscope.acq_image import AcqImage
    from cloudscope.past import ImportItem

SUMMARY = "take over what older programs left beside recordings"
EXAMPLES = """\
examples:
  cloudscope import-past recordings --dry-run
  cloudscope import-past recordings
  cloudscope import-past recordings/my_file.tif --from old/flow-analysis
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``cloudscope import-past``."""
    parser.add_argument("paths", nargs="+", metavar="PATH", help="folders and recordings")
    parser.add_argument(
        "--from", dest="place", metavar="FOLDER", help="where the older files are, if not beside"
    )
    add_results_argument(parser)
    parser.add_argument("--dry-run", action="store_true", help="only say what would be taken over")
    parser.add_argument(
        "--recursive",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="whether to look into sub-folders (default: yes)",
    )


def run(options: argparse.Namespace) -> int:
    """Run ``cloudscope import-past``."""
    from cloudscope.cli.analyze import named, opened

    folder = opened(options.paths, options.recursive, options.results)
    failures = [f"{failure.path}: {failure.reason}" for failure in folder.failures]
    rows: list[list[str]] = []
    recordings = 0
    for image in folder.images:
        name = folder.relative_path(image)
        try:
            found = taken_over(image, options.place, save=not options.dry_run)
        except CloudscopeError as error:
            failures.append(named(name, str(error)))
            continue
        recordings += bool(found)
        rows += [[name, program, i.what, i.outcome, i.sentence] for program, i in found]
    if rows:
        print(text_table(["recording", "from", "what", "", ""], rows))
    for failure in failures:
        print(f"cloudscope import-past: {failure}", file=sys.stderr)
    did = "would be taken over" if options.dry_run else "taken over and saved"
    print(f"{recordings} of {len(folder.images)} recordings: {did}")
    if folder.images and not rows and not failures:
        where = f"in {options.place}" if options.place else "beside them"
        otherwise = "" if options.place else "; --from FOLDER says where it is"
        print(f"nothing that an older program named after one of them is {where}{otherwise}")
    return 1 if failures else 0


def taken_over(image: AcqImage, place: str | None, *, save: bool) -> list[tuple[str, ImportItem]]:
    """Import everything there is for a recording; what became of it, with the program's name.

    Raises
    ------
    CloudscopeError
        If an older file cannot be read or the recording cannot be saved.
    """
    from cloudscope.past import find_past, import_past

    assert image.path is not None
    if image.image_index:
        return []  # older programs knew one image a file
    records = find_past(image.path, None if place is None else Path(place))
    found = [(record.program, item) for record in records for item in import_past(image, record)]
    if records and save:
        if image.sidecar_unreadable:
            image.set_aside_sidecar()
        image.save()
    image.release_pixels()
    return found
