"""``python -m cloudscope …``: the command line, also straight from a clone.

In a clone whose requirements are not installed it first makes an environment of its own; see
`cloudscope.bootstrap`. Only the standard library is imported before that.
"""

from __future__ import annotations

import sys


def only_asks() -> bool:
    """Whether the command line only wants to know something, which needs no environment."""
    return len(sys.argv) == 1 or not {"-h", "--help", "--version"}.isdisjoint(sys.argv[1:])


def main() -> int:
    """Run the command line in an environment that has what it needs."""
    from cloudscope import bootstrap

    try:
        bootstrap.check_python()
        if not only_asks() and bootstrap.missing_requirements("app"):
            return bootstrap.run_in_environment("app", ["-m", "cloudscope", *sys.argv[1:]])
    except bootstrap.BootstrapError as error:
        print(f"cloudscope: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\ncloudscope: stopped; run it again to go on", file=sys.stderr)
        return 130
    from cloudscope.cli import main as cli

    return cli()


if __name__ == "__main__":
    sys.exit(main())
