"""Reads the pages of a damaged database file without sqlite: their kinds, their children, and the records on them.

After https://www.sqlite.org/fileformat2.html. Everything read is doubted: a page that contradicts itself gives nothing.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TABLE_LEAF, TABLE_INTERIOR, INDEX_LEAF, INDEX_INTERIOR = 0x0D, 0x05, 0x0A, 0x02
Value = None | int | float | str | bytes

_HEADER = 100
_MAGIC = b"SQLite format 3\x00"
_INTEGER_SIZES = (0, 1, 2, 3, 4, 6, 8)
_MOST_OVERFLOW = 100_000


@dataclass(frozen=True)
class Record:
    """The values of one row as they are stored; `rowid` is None on the pages of a table without row numbers."""

    rowid: int | None
    values: tuple[Value, ...]


class _Contradiction(Exception):
    """The bytes are not what the format allows."""


class RawFile:
    """The pages of `path` (not empty, not written meanwhile), numbered from 1. `page_size` is taken when the file's own header cannot be read."""

    def __init__(self, path: Path, page_size: int) -> None:
        with path.open("rb") as file:
            self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        head = self._data[:_HEADER]
        self.has_header = len(head) == _HEADER and head.startswith(_MAGIC)
        reserved = 0
        if self.has_header:
            stored = int.from_bytes(head[16:18], "big")
            page_size, reserved = (65_536 if stored == 1 else stored), head[20]
            self.has_header = page_size >= 512 and page_size & (page_size - 1) == 0
        self.page_size = page_size
        self._usable = page_size - reserved
        self.count = len(self._data) // page_size

    def __enter__(self) -> RawFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._data.close()

    def kind(self, number: int) -> int:
        """The page's kind, one of the four constants, or something else for every other page."""
        return self._data[self._start(number)] if 1 <= number <= self.count else -1

    def free_pages(self) -> set[int]:
        """Pages that hold nothing any more, as far as their list reads: rows on them were deleted."""
        found: set[int] = set()
        trunk = int.from_bytes(self._data[32:36], "big") if self.has_header else 0
        while 1 <= trunk <= self.count and trunk not in found:
            found.add(trunk)
            page = self._page(trunk)
            length = min(int.from_bytes(page[4:8], "big"), self._usable // 4 - 2)
            leaves = struct.unpack_from(f">{length}I", page, 8)
            found.update(each for each in leaves if 1 <= each <= self.count)
            trunk = int.from_bytes(page[:4], "big")
        return found

    def reachable(self, root: int) -> tuple[set[int], bool]:
        """The pages of the tree at `root`, and whether every page of it is of a kind that belongs there."""
        found: set[int] = set()
        whole = True
        todo = [root]
        while todo:
            number = todo.pop()
            if number in found or not 1 <= number <= self.count:
                whole = False
                continue
            kind = self.kind(number)
            if kind in (TABLE_LEAF, INDEX_LEAF):
                whole = whole and self._looks_sound(number)
                found.add(number)
            elif kind in (TABLE_INTERIOR, INDEX_INTERIOR) and self._looks_sound(number):
                found.add(number)
                todo += self._children(number)
            else:
                whole = False
        return found, whole

    def records(self, number: int) -> Iterator[Record]:
        """The records on a page that reads; a cell that contradicts itself is left out."""
        kind = self.kind(number)
        if kind not in (TABLE_LEAF, INDEX_LEAF, INDEX_INTERIOR) or not self._looks_sound(number):
            return
        page, base = self._page(number), self._start(number) % self.page_size
        for position in self._cells(page, base):
            try:
                yield self._record(page, position, kind)
            except (_Contradiction, IndexError, UnicodeDecodeError, struct.error):
                continue

    def _start(self, number: int) -> int:
        return (number - 1) * self.page_size + (_HEADER if number == 1 else 0)

    def _page(self, number: int) -> bytes:
        return self._data[(number - 1) * self.page_size : number * self.page_size]

    def _cells(self, page: bytes, base: int) -> tuple[int, ...]:
        count = int.from_bytes(page[base + 3 : base + 5], "big")
        first = base + (12 if page[base] in (TABLE_INTERIOR, INDEX_INTERIOR) else 8)
        return struct.unpack_from(f">{count}H", page, first)

    def _looks_sound(self, number: int) -> bool:
        page, base = self._page(number), self._start(number) % self.page_size
        count = int.from_bytes(page[base + 3 : base + 5], "big")
        first = base + (12 if page[base] in (TABLE_INTERIOR, INDEX_INTERIOR) else 8) + 2 * count
        if first > self._usable:
            return False
        return all(first <= each <= self._usable - 2 for each in self._cells(page, base))

    def _children(self, number: int) -> list[int]:
        page, base = self._page(number), self._start(number) % self.page_size
        last = int.from_bytes(page[base + 8 : base + 12], "big")
        return [
            last,
            *(int.from_bytes(page[each : each + 4], "big") for each in self._cells(page, base)),
        ]

    def _record(self, page: bytes, position: int, kind: int) -> Record:
        if kind == INDEX_INTERIOR:
            position += 4
        length, position = _varint(page, position)
        rowid = None
        if kind == TABLE_LEAF:
            rowid, position = _varint(page, position)
            rowid -= (rowid >> 63) << 64
        return Record(rowid, _values(self._payload(page, position, length, kind)))

    def _payload(self, page: bytes, position: int, length: int, kind: int) -> bytes:
        usable = self._usable
        most = usable - 35 if kind == TABLE_LEAF else (usable - 12) * 64 // 255 - 23
        local = length
        if length > most:
            least = (usable - 12) * 32 // 255 - 23
            local = least + (length - least) % (usable - 4)
            local = local if local <= most else least
        if length > len(self._data) or position + local > usable:
            raise _Contradiction
        payload = page[position : position + local]
        following = int.from_bytes(page[position + local : position + local + 4], "big")
        parts, left = [payload], length - local
        for _ in range(_MOST_OVERFLOW):
            if left <= 0:
                return b"".join(parts)
            if not 1 <= following <= self.count:
                break
            overflow = self._page(following)
            part = overflow[4 : 4 + min(left, usable - 4)]
            parts.append(part)
            left -= len(part)
            following = int.from_bytes(overflow[:4], "big")
        raise _Contradiction


def _varint(data: bytes, position: int) -> tuple[int, int]:
    value = 0
    for index in range(8):
        byte = data[position + index]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, position + index + 1
    return value << 8 | data[position + 8], position + 9


def _values(payload: bytes) -> tuple[Value, ...]:
    size, position = _varint(payload, 0)
    if not 1 <= size <= len(payload):
        raise _Contradiction
    kinds = []
    while position < size:
        kind, position = _varint(payload, position)
        kinds.append(kind)
    if position != size:
        raise _Contradiction
    values: list[Value] = []
    for kind in kinds:
        value, position = _value(payload, position, kind)
        values.append(value)
    if position != len(payload):
        raise _Contradiction
    return tuple(values)


def _value(payload: bytes, position: int, kind: int) -> tuple[Value, int]:
    if kind <= 6:
        end = position + _INTEGER_SIZES[kind]
        value: Value = int.from_bytes(payload[position:end], "big", signed=True) if kind else None
    elif kind == 7:
        end = position + 8
        value = struct.unpack(">d", payload[position:end])[0]
    elif kind in (8, 9):
        end, value = position, kind - 8
    elif kind >= 12:
        end = position + (kind - 12) // 2
        raw = payload[position:end]
        value = raw.decode("utf-8") if kind % 2 else raw
    else:
        raise _Contradiction
    if end > len(payload):
        raise _Contradiction
    return value, end
