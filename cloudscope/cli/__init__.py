"""The command line: ``cloudscope COMMAND …``, one module a command.

Each module has ``SUMMARY``, ``EXAMPLES``, ``add_arguments(parser)`` and ``run(options)``, which
returns the exit code. What a command needs is imported when it runs, so that ``--help`` is quick.

Exit codes: 0 all done; 1 something failed, and the rest is done; 2 the command was not understood;
130 stopped with Ctrl-C, and what was finished is saved.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from cloudscope import __version__
from cloudscope.errors import CloudscopeError

__all__ = ["COMMANDS", "UsageError", "main", "parser"]

COMMANDS = (
    "demo", "open", "desktop", "analyze", "info", "verify", "export", "report", "import-metadata",
    "import-past",
)  # fmt: skip
"""Modules of this package, in the order of the help; a dash stands for an underscore."""

DESCRIPTION = (
    "Blood-flow velocity and vessel diameter from microscope line scans: in the browser, in "
    "Jupyter, in Python and from here."
)
EXAMPLES = """\
examples:
  cloudscope demo                       a sample folder with known truth, measured and shown
  cloudscope open recordings            the dashboard of a folder
  cloudscope desktop recordings         the same in a window of its own
  cloudscope analyze recordings --analysis radon_velocity --workers 2
  cloudscope info recordings/my_file.tif
  cloudscope verify recordings --recompute
  cloudscope export recordings --to excel
  cloudscope report recordings --accepted-only
  cloudscope import-metadata recordings animals.xlsx --dry-run
  cloudscope import-past recordings --dry-run

'cloudscope COMMAND --help' says more of a command.
"""


class UsageError(CloudscopeError):
    """The command line does not make sense; the message says what would."""


def parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    top = argparse.ArgumentParser(
        prog="cloudscope",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"cloudscope {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for name in COMMANDS:
        module = import_module(f"cloudscope.cli.{name.replace('-', '_')}")
        command = commands.add_parser(
            name,
            help=module.SUMMARY,
            description=(module.__doc__ or "").strip(),
            epilog=module.EXAMPLES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments after the program's name; those of this process by default.

    Returns
    -------
    int
        The exit code.
    """
    top = parser()
    try:
        options = top.parse_args(argv)
    except SystemExit as exit_:  # argparse has printed the help or the error
        return exit_.code if isinstance(exit_.code, int) else 2
    if options.command is None:
        top.print_help()
        return 0
    try:
        code = int(options.run(options))
        sys.stdout.flush()
        return code
    except UsageError as error:
        print(f"cloudscope {options.command}: {error}", file=sys.stderr)
        return 2
    except CloudscopeError as error:
        print(f"cloudscope {options.command}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\ncloudscope {options.command}: stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader (`| head`) has seen enough. Python would complain again when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
