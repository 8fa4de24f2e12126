"""Who this process is to Windows: one taskbar identity, and a named mutex by which an installer sees that it runs."""

from __future__ import annotations

import sys

APP_ID = "QuantumBotX.Desktop"
# The installer looks for this name and installs nothing while it exists.
RUNNING = "QuantumBotX.Desktop.Running"


def introduce() -> None:
    """Tell Windows, before the first window; does nothing elsewhere. The mutex goes with the process."""
    if sys.platform == "win32":
        import ctypes

        # Taskbar grouping, pinning and the name on toasts.
        ctypes.windll.shell32.SetCurrentProcessExplicitAppUserModelID(APP_ID)
        ctypes.windll.kernel32.CreateMutexW(None, False, RUNNING)
