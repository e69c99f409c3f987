"""The dashboard of a folder in a desktop window of its own, until that is closed.

It uses pywebview where it is installed, else a Chromium, Chrome or Edge of this machine.
"""

from __future__ import annotations

import argparse
import sys

from cloudscope.cli.read_blind import add_blind_arguments, begin_blind
from cloudscope.cli.results import add_results_argument

SUMMARY = "the dashboard of a folder, in a window of its own"
EXAMPLES = """\
examples:
  cloudscope desktop recordings
  cloudscope desktop recordings --software
  cloudscope desktop recordings --blind
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``cloudscope desktop``."""
    parser.add_argument("folder", metavar="FOLDER", help="folder of recordings")
    add_results_argument(parser)
    add_blind_arguments(parser)
    with_what = parser.add_mutually_exclusive_group()
    with_what.add_argument("--web-view", action="store_true", default=None, help="use pywebview")
    with_what.add_argument(
        "--browser", action="store_false", dest="web_view", help="use a browser's window"
    )
    parser.add_argument(
        "--software",
        action="store_true",
        help="draw without a graphics card, where the window stays white",
    )


def run(options: argparse.Namespace) -> int:
    """Run ``cloudscope desktop``."""
    from cloudscope.desktop import desktop

    def say(sentence: str) -> None:
        print(sentence, file=sys.stdout, flush=True)

    begin_blind(options, say)
    desktop(
        options.folder,
        results_folder=options.results,
        web_view=options.web_view,
        software=options.software,
        say=say,
    )
    return 0
