"""The entry point: decides between command line and window, and imports neither before it knows."""

from __future__ import annotations

import gc
import io
import multiprocessing
import os
import platform
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `qbx`. A subcommand or a flag goes to the command line, nothing opens the window. Returns the exit code."""
    multiprocessing.freeze_support()
    _speak_on_any_console()
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given and not given[0].startswith("--window"):
        from . import cli

        return cli.run(given)
    return _window(given)


def _speak_on_any_console() -> None:
    """A console whose code page lacks a sign (cp1252 on Windows) shows another in its place instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _window(given: Sequence[str]) -> int:
    why = _no_screen()
    if why:
        return _complain(why)
    # Hundreds of modules come now, and none of them is garbage; the window collects by itself (ui/garbage.py).
    gc.disable()
    try:
        from . import app
    except ImportError as error:
        if error.name is not None and error.name.split(".")[0] == "qbx_desktop":
            raise
        return _complain(
            f"the window cannot be drawn here ({error}). Nothing was started. Install the program again, and on Linux "
            "the libraries that the README names; the commands work without them ('qbx --help')."
        )
    return app.run(given)


def _no_screen() -> str:
    system = platform.system()
    if system != "Linux" or any(
        os.environ.get(name) for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY")
    ):
        return ""
    return "there is no screen to open a window on. Nothing was started. The commands work without one ('qbx --help')."


def _complain(sentence: str) -> int:
    sys.stderr.write(f"qbx: {sentence}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
