"""How much memory another process holds, asked from outside: the second net, should the system's own limit not hold."""

from __future__ import annotations

import sys

if sys.platform != "win32":
    import os
    from pathlib import Path

    def held_bytes(pid: int) -> int:
        """Resident memory of the process in bytes; 0 when it cannot be told."""
        try:
            pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
        except (OSError, ValueError, IndexError):
            return 0
        return pages * os.sysconf("SC_PAGE_SIZE")


if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    from .memory_limit import Counters

    _QUERY_LIMITED = 0x1000

    def held_bytes(pid: int) -> int:
        """Committed memory of the process in bytes; 0 when it cannot be told."""
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.OpenProcess.restype = wintypes.HANDLE
        kernel.OpenProcess.argtypes = (wintypes.DWORD, wintypes.BOOL, wintypes.DWORD)
        kernel.K32GetProcessMemoryInfo.argtypes = (wintypes.HANDLE, ctypes.c_void_p, wintypes.DWORD)
        kernel.CloseHandle.argtypes = (wintypes.HANDLE,)
        process = kernel.OpenProcess(_QUERY_LIMITED, False, pid)
        if not process:
            return 0
        try:
            counters = Counters()
            counters.cb = ctypes.sizeof(counters)
            if not kernel.K32GetProcessMemoryInfo(process, ctypes.byref(counters), counters.cb):
                return 0
            return max(int(counters.PagefileUsage), int(counters.WorkingSetSize))
        finally:
            kernel.CloseHandle(process)
