"""Serve the dashboard of a folder in the browser, until Ctrl-C.

It listens on this machine only, unless --host says otherwise, and only who has the address with
its token gets in.
"""

from __future__ import annotations

import argparse
import sys

from cloudscope.cli.read_blind import add_blind_arguments, begin_blind
from cloudscope.cli.results import add_results_argument

SUMMARY = "the dashboard of a folder, in the browser"
EXAMPLES = """\
examples:
  cloudscope open recordings
  cloudscope open recordings --no-browser --port 8866
  cloudscope open recordings --blind --seed 7
"""


def add_serving_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of every command that serves the dashboard."""
    parser.add_argument(
        "--no-browser", action="store_true", help="print the address, open no browser"
    )
    parser.add_argument(
        "--port", type=port_number, metavar="N", help="port to listen on (default: a free one)"
    )
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        metavar="ADDRESS",
        help="address to listen on (default: this machine only); any other is not encrypted",
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``cloudscope open``."""
    parser.add_argument("folder", metavar="FOLDER", help="folder of recordings")
    add_results_argument(parser)
    parser.add_argument(
        "--watch", action="store_true", help="let recordings that come into the folder join"
    )
    add_blind_arguments(parser)
    add_serving_arguments(parser)


def port_number(text: str) -> int:
    """A port from the command line."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if not 1 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: give a number from 1 to 65535")
    return number


def run(options: argparse.Namespace) -> int:
    """Run ``cloudscope open``."""
    import os

    from cloudscope.serve import serve

    if getattr(options, "watch", False):
        os.environ["CLOUDSCOPE_WATCH"] = "1"  # the app that is served looks there

    def say(sentence: str) -> None:
        print(sentence, file=sys.stdout, flush=True)

    if hasattr(options, "blind"):
        begin_blind(options, say)
    serve(
        options.folder,
        results_folder=getattr(options, "results", None),
        port=options.port,
        host=options.host,
        open_browser=not options.no_browser,
        say=say,
    )
    return 0
