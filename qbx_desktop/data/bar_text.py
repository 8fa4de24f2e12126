"""A file of prices as blocks of whole lines: unpacked, decoded, line ends made equal, never all in memory."""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from ..domain.errors import UserMistake
from ..domain.messages import declare

BLOCK_BYTES = 512 * 1024
LONGEST_LINE = 64 * 1024

_MISSING = declare("bars.file.missing", "There is no file {path}. Nothing was read.")
_UNREADABLE = declare(
    "bars.file.unreadable", "The file {path} cannot be opened ({reason}). Nothing was read."
)
_DAMAGED = declare(
    "bars.file.damaged",
    "The compressed file {path} is damaged or incomplete ({reason}). Nothing was read; download or export it again.",
)
_PACKED = declare(
    "bars.file.packed",
    "{path} is a ZIP archive or an Excel workbook. Nothing was read; unpack it, or save it as CSV.",
)
_ENCODING = declare(
    "bars.file.encoding", "{path} is not readable as {encoding} text. Nothing was read; export it again."
)
_LINE = declare(
    "bars.file.line",
    "{path} has a line of more than {longest} characters, so it is not a file of bars. Nothing was read.",
)

_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def line_blocks(path: Path, block_bytes: int = BLOCK_BYTES) -> Iterator[bytes]:
    """Blocks of whole lines of `path`, each line ended by `\\n`, in an encoding whose digits are ASCII.

    Gzip is known by its first bytes, whatever the name; UTF-16 by its byte order mark or its zero bytes (MetaTrader
    writes it). Raises UserMistake when the file is missing, unreadable, damaged, or no text in lines.
    """
    try:
        with _open(path) as stream:
            yield from _lines(path, stream, block_bytes)
    except FileNotFoundError:
        raise not_found(path) from None
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise UserMistake(_DAMAGED(path=path.name, reason=str(error))) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UserMistake(_UNREADABLE(path=str(path), reason=reason)) from None


def not_found(path: Path) -> UserMistake:
    """The error for a file that does not exist."""
    return UserMistake(_MISSING(path=str(path)))


def _open(path: Path) -> BinaryIO:
    stream = path.open("rb")
    try:
        first = stream.read(4)
        stream.seek(0)
    except OSError:
        stream.close()
        raise
    if first.startswith(_ZIP):
        stream.close()
        raise UserMistake(_PACKED(path=path.name))
    if not first.startswith(_GZIP):
        return stream
    stream.close()
    return cast(BinaryIO, gzip.open(path, "rb"))


def _lines(path: Path, stream: BinaryIO, block_bytes: int) -> Iterator[bytes]:
    first = stream.read(block_bytes)
    encoding, bom = _encoding(first)
    decoder = codecs.getincrementaldecoder(encoding)() if encoding.startswith("utf-16") else None
    block = first[bom:]
    only_cr: bool | None = None
    rest = b""
    while block or rest:
        ended = not block
        if decoder is not None:
            try:
                block = decoder.decode(block, final=ended).encode("utf-8")
            except UnicodeError:
                raise UserMistake(_ENCODING(path=path.name, encoding="UTF-16")) from None
        if only_cr is None:
            only_cr = b"\r" in block and b"\n" not in block
        text = rest + (block.replace(b"\r", b"\n") if only_cr else block)
        cut = len(text) if ended else text.rfind(b"\n") + 1
        rest = text[cut:]
        if len(rest) > LONGEST_LINE:
            raise UserMistake(_LINE(path=path.name, longest=LONGEST_LINE))
        text = text[:cut]
        if b"\r" in text:
            text = text.replace(b"\r\n", b"\n")
        if text:
            yield text if text.endswith(b"\n") else text + b"\n"
        if ended:
            return
        block = stream.read(block_bytes)


def _encoding(first: bytes) -> tuple[str, int]:
    """The encoding and the length of its byte order mark."""
    for bom, name in _BOMS:
        if first.startswith(bom):
            return name, len(bom)
    if len(first) >= 4 and first[1] == 0 and first[3] == 0:
        return "utf-16-le", 0
    if len(first) >= 4 and first[0] == 0 and first[2] == 0:
        return "utf-16-be", 0
    return "utf-8", 0
