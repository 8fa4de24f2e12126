"""The entry point: decides between command line and window, and imports neither before it knows."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `qbx`. A subcommand or a flag goes to the command line, nothing opens the window. Returns the exit code."""
    multiprocessing.freeze_support()
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given and not given[0].startswith("--window"):
        from . import cli

        return cli.run(given)
    from . import app

    return app.run(given)


if __name__ == "__main__":
    sys.exit(main())
