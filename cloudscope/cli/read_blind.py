"""``--blind``: an argument of every command that shows a folder."""

from __future__ import annotations

import argparse
from collections.abc import Callable

__all__ = ["add_blind_arguments", "begin_blind"]


def add_blind_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare ``--blind``, ``--seed`` and ``--reader``."""
    parser.add_argument(
        "--blind",
        action="store_true",
        help="hide names, groups and order of the recordings until the reading is ended in the app",
    )
    parser.add_argument(
        "--seed",
        type=_seed,
        metavar="N",
        help="with --blind: seed of codes and order (default: drawn by chance, and kept)",
    )
    parser.add_argument(
        "--reader", metavar="NAME", help="with --blind: who reads (default: this account)"
    )


def begin_blind(options: argparse.Namespace, say: Callable[[str], object]) -> None:
    """Start a blinded reading of the folder, unless it is read blind already, and say so.

    Raises
    ------
    UsageError
        If ``--seed`` or ``--reader`` is given without a reading that starts now.
    CloudscopeError
        If the folder cannot be opened, or the blinding not be written: nothing is shown then.
    """
    from cloudscope.acq_image_list import AcqImageList
    from cloudscope.cli import UsageError
    from cloudscope.errors import BlindingError
    from cloudscope.metadata import Stamp
    from cloudscope.widgets.wording import counted

    extra = [name for name in ("seed", "reader") if getattr(options, name) is not None]
    if not options.blind:
        if extra:
            raise UsageError(f"--{extra[0]} tells of a blinded reading: add --blind")
        return
    folder = AcqImageList.from_folder(options.folder, results_folder=options.results)
    running = folder.blinding
    if folder.blinded and running is not None:
        if extra:
            raise UsageError(
                f"--{extra[0]}: the folder is read blind already, by {running.reader} since "
                f"{running.started_at[:10]}: leave it away, or end that reading first"
            )
        say(f"Read blind by {running.reader} since {running.started_at[:10]}: it goes on.")
        return
    if not folder.images:
        raise BlindingError(f"{options.folder}: there is no recording to read blind")
    reader = options.reader if options.reader is not None else folder.settings.user
    started = folder.start_blinding(reader or Stamp.now("reader").by, seed=options.seed)
    say(
        f"{counted(len(folder.images), 'recordings')} are read blind by {started.reader} from now "
        f"on, with seed {started.seed}. 'Blind' in the app ends it."
    )


def _seed(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no seed: give a whole number")
    return int(text)
