"""Write a folder of synthetic recordings whose truth is known, measure velocity and diameter in it,
print the results beside the truth, and serve the dashboard on it until Ctrl-C.
"""

from __future__ import annotations

import argparse

from cloudscope.cli.open import add_serving_arguments

SUMMARY = "a sample folder with known truth, measured and shown"
EXAMPLES = """\
examples:
  cloudscope demo
  cloudscope demo --folder sample --no-browser
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``cloudscope demo``."""
    parser.add_argument(
        "--folder",
        default="cloudscope-sample",
        metavar="DIR",
        help="where the sample goes (default: cloudscope-sample here); may exist from before",
    )
    add_serving_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Run ``cloudscope demo``."""
    raise NotImplementedError
