"""Result objects that behave like CPython's struct sequences, as the MetaTrader5 module returns them.

A struct sequence is a tuple with named read-only fields, built from one sequence. It is not a namedtuple: it has no
`_fields`, `_replace` or `_make`, and it cannot be pickled.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any


class StructSequence(tuple[Any, ...]):
    """Base of the record types; made by :func:`struct_type` only."""

    __slots__ = ()
    __match_args__: tuple[str, ...] = ()
    n_fields = 0
    n_sequence_fields = 0
    n_unnamed_fields = 0

    def __new__(cls, *arguments: object, **keywords: object) -> StructSequence:
        if len(arguments) > 2 or (keywords and set(keywords) - {"sequence", "dict"}):
            raise TypeError(f"structseq() takes at most 2 arguments ({len(arguments) + len(keywords)} given)")
        values = arguments[0] if arguments else keywords.get("sequence")
        if not isinstance(values, Iterable):
            raise TypeError("constructor requires a sequence")
        made = tuple(values)
        if len(made) != cls.n_fields:
            raise TypeError(f"{cls.__name__}() takes a {cls.n_fields}-sequence ({len(made)}-sequence given)")
        return tuple.__new__(cls, made)

    def __repr__(self) -> str:
        pairs = zip(self.__match_args__, self, strict=True)
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in pairs)})"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (tuple(self), {})

    def __setattr__(self, name: str, value: object) -> None:
        self._refuse(name)

    def __delattr__(self, name: str) -> None:
        self._refuse(name)

    def _refuse(self, name: str) -> None:
        if name in self.__match_args__:
            raise AttributeError("readonly attribute")
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def _asdict(self) -> dict[str, Any]:
        return dict(zip(self.__match_args__, self, strict=True))


def struct_type(name: str, fields: Sequence[str], doc: str) -> type[StructSequence]:
    """A record type called `name` with `fields` in order.

    Its module is `builtins`, where pickle looks for it in vain: results must be converted before they cross a process.
    """
    namespace: dict[str, Any] = {
        "__slots__": (),
        "__module__": "builtins",
        "__qualname__": name,
        "__doc__": doc,
        "__match_args__": tuple(fields),
        "n_fields": len(fields),
        "n_sequence_fields": len(fields),
    }
    for index, field in enumerate(fields):
        namespace[field] = property(itemgetter(index))
    return type(name, (StructSequence,), namespace)
