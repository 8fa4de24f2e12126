"""What a strategy's text shows before it is run: does it parse, and does it ask for what it must not have."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from ...domain.messages import Message, declare
from .source import OwnSource

_SYNTAX = declare("own.syntax", "{file}, line {line}: {why}")
_FORBIDDEN = declare(
    "own.forbidden",
    "{file}, line {line}: imports {module}. A strategy gets prices and parameters; it may not reach the terminal, the "
    "database, passwords or other programs. It is not run.",
)
_NETWORK = declare(
    "own.network",
    "{file}, line {line}: imports {module}, which talks to the internet. What it learns there is not in the bars, so "
    "a backtest of it proves nothing.",
)

# Names of our own that a strategy may import; everything else of the program is closed to it.
OPEN_PACKAGES = ("qbx_desktop.strategies", "qbx_desktop.domain")
FORBIDDEN = frozenset(
    {
        "MetaTrader5", "sqlite3", "_sqlite3", "apsw", "sqlalchemy", "keyring", "ctypes", "_ctypes", "cffi", "subprocess",
        "multiprocessing", "pickle", "marshal", "shelve", "pty", "winreg", "_winapi", "win32api", "PySide6", "psutil",
    }
)  # fmt: skip
NETWORK = frozenset(
    {
        "socket", "ssl", "http", "urllib", "urllib3", "requests", "httpx", "aiohttp", "websocket", "websockets", "ftplib",
        "smtplib", "imaplib", "poplib", "telnetlib", "xmlrpc", "socketserver", "asyncio", "paramiko", "yfinance", "ccxt",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """One thing in the text. `forbidden` ones keep the file from being run, the others are warnings."""

    message: Message
    line: int
    forbidden: bool


def findings_of(source: OwnSource) -> tuple[Finding, ...]:
    """Read the source without running it."""
    try:
        tree = ast.parse(source.data, source.name)
    except SyntaxError as error:
        line = error.lineno or 1
        why = error.msg or "this is not Python"
        return (Finding(_SYNTAX(file=source.name, line=line, why=why), line, forbidden=True),)
    except (ValueError, RecursionError, MemoryError) as error:
        return (Finding(_SYNTAX(file=source.name, line=1, why=str(error)), 1, forbidden=True),)
    found = []
    for module, line in _imports(tree):
        if is_forbidden(module):
            found.append(Finding(_FORBIDDEN(file=source.name, line=line, module=module), line, True))
        elif module.partition(".")[0] in NETWORK:
            found.append(Finding(_NETWORK(file=source.name, line=line, module=module), line, False))
    return tuple(sorted(found, key=lambda each: (not each.forbidden, each.line)))


def is_forbidden(module: str) -> bool:
    """Whether a strategy must not import the module of this dotted name."""
    top = module.partition(".")[0]
    if top == "qbx_desktop":
        return module != top and not any(
            module == each or module.startswith(f"{each}.") for each in OPEN_PACKAGES
        )
    return top in FORBIDDEN


def _imports(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for each in node.names:
                yield each.name, node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            if node.module == "qbx_desktop":
                for each in node.names:
                    yield f"qbx_desktop.{each.name}", node.lineno
            else:
                yield node.module, node.lineno
        elif isinstance(node, ast.Call) and node.args:
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            first = node.args[0]
            if (
                name in ("__import__", "import_module")
                and isinstance(first, ast.Constant)
                and isinstance(first.value, str)
            ):
                yield first.value, node.lineno
