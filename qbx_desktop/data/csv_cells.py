"""One table cell as CSV text that no spreadsheet runs as a formula, and back without loss."""

from __future__ import annotations

# What makes a spreadsheet think, the full-width forms included.
TRIGGERS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")


def to_cell(value: object, textual: bool) -> str:
    """`value` as a cell. `textual`: the column holds texts, so that a plain cell in it is a text.

    A leading apostrophe marks every text that would otherwise be read as something else: a formula, a number, no
    value at all. Numbers stay numbers, bytes are written as SQL writes them (x'00ff').
    """
    if value is None:
        return ""
    if isinstance(value, bytes):
        return f"x'{value.hex()}'"
    if not isinstance(value, str):
        return repr(value)
    if not textual or not value or value.startswith((*TRIGGERS, "'", "x'")):
        return "'" + value
    return value


def from_cell(cell: str, textual: bool) -> object:
    """The value that :func:`to_cell` wrote. Raises ValueError for a cell that is no number where one must be."""
    if cell == "":
        return None
    if cell.startswith("'"):
        return cell[1:]
    if cell.startswith("x'"):
        return bytes.fromhex(cell[2:].removesuffix("'"))
    if textual:
        return cell
    try:
        return int(cell)
    except ValueError:
        return float(cell)
