"""``--results FOLDER``: an argument of every command that opens folders."""

from __future__ import annotations

import argparse

__all__ = ["add_results_argument"]


def add_results_argument(parser: argparse.ArgumentParser) -> None:
    """Declare ``--results``."""
    parser.add_argument(
        "--results",
        metavar="FOLDER",
        help="keep sidecars in this folder instead of beside the recordings, under the same "
        "relative paths: for folders that cannot be written to",
    )
