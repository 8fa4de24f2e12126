"""The rules of the house that a machine can check: small files, honest names, one place for each dangerous thing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "qbx_desktop"
SOURCES = sorted(PACKAGE.rglob("*.py"))
MOST_LINES = 400
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}
WALL_CLOCK = {
    ("time", "time"),
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
}


def _relative(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def findings(source: str, where: str) -> list[str]:
    """What the house forbids in one module's text."""
    found: list[str] = []
    for node in ast.walk(ast.parse(source)):
        found.extend(f"{where}:{node.lineno} {what}" for what in _of_node(node, where))  # type: ignore[attr-defined]
    return found


def _of_node(node: ast.AST, where: str) -> Iterator[str]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        names = [each.name for each in node.names] if isinstance(node, ast.Import) else [node.module or ""]
        for name in names:
            if name.split(".")[0] == "MetaTrader5" and where != "broker/mt5_module.py":
                yield "imports MetaTrader5"
            if name.split(".")[0] in {"pickle", "marshal", "shelve"}:
                yield f"imports {name}"
    if isinstance(node, ast.ExceptHandler) and node.type is None:
        yield "has a bare except"
    if not isinstance(node, ast.Call):
        return
    function = node.func
    if isinstance(function, ast.Name) and function.id in {"eval", "exec"}:
        yield f"calls {function.id}"
    if isinstance(function, ast.Attribute):
        owner = function.value.id if isinstance(function.value, ast.Name) else ""
        if (owner, function.attr) in WALL_CLOCK and where != "domain/clock.py":
            yield f"reads the wall clock by {owner}.{function.attr}"
        if function.attr == "executescript":
            yield "calls executescript, which commits the open transaction first"
        if owner == "mt5" and function.attr in {"Buy", "Sell", "Close"}:
            yield f"calls mt5.{function.attr}, which retries blindly"
    if any(
        word.arg == "shell" and isinstance(word.value, ast.Constant) and word.value.value
        for word in node.keywords
    ):
        yield "runs a shell"


@pytest.mark.parametrize("path", SOURCES, ids=_relative)
def test_each_module_keeps_the_rules(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert findings(source, _relative(path)) == []
    assert len(source.splitlines()) <= MOST_LINES, "one file, one idea: split it"
    assert path.stem not in EMPTY_NAMES, "a name that says nothing: find the idea's name"
    assert ast.get_docstring(ast.parse(source)) or not source.strip(), (
        "the first line says the module's one idea"
    )


@pytest.mark.parametrize(
    ("sample", "word"),
    [
        ("import MetaTrader5", "MetaTrader5"),
        ("import pickle", "pickle"),
        ("try:\n    pass\nexcept:\n    pass", "bare except"),
        ("import time\ntime.time()", "wall clock"),
        ("from datetime import datetime\ndatetime.now()", "wall clock"),
        ("con.executescript('x')", "executescript"),
        ("mt5.Buy('EURUSD', 1.0)", "mt5.Buy"),
        ("eval('1')", "eval"),
        ("import subprocess\nsubprocess.run('x', shell=True)", "shell"),
    ],
)
def test_each_rule_can_fail(sample: str, word: str) -> None:
    assert any(word in finding for finding in findings(sample, "trading/sample.py"))
