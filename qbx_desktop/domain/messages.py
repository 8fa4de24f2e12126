"""Everything said to a person: a code with parameters and one English sentence beside its definition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

_NOTHING: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True)
class Message:
    """A sentence as data, so that it can be stored, counted and said in another language later.

    `code` never changes once released; `params` are plain JSON values.
    """

    code: str
    params: Mapping[str, object] = field(default_factory=lambda: _NOTHING)

    @property
    def text(self) -> str:
        """The English sentence. An unknown code (a newer version wrote it) is shown as it is."""
        template = SENTENCES.get(self.code)
        if template is None:
            return self.code
        return fill(template, self.params)

    def __str__(self) -> str:
        return self.text


def fill(template: str, params: Mapping[str, object]) -> str:
    """Put `params` into `template`; a parameter that is missing stays visible as its name, never an exception."""
    return template.format_map(_Visible(params))


class _Visible(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return _Gap("{" + key + "}")


class _Gap(str):
    """Stands where a parameter is missing; a format that is meant for a number changes nothing about it."""

    __slots__ = ()

    def __format__(self, _spec: str) -> str:
        return str(self)


@dataclass(frozen=True)
class MessageKind:
    """A declared sentence; calling it with its parameters makes a :class:`Message`."""

    code: str
    template: str

    def __call__(self, **params: object) -> Message:
        return Message(self.code, params)


SENTENCES: dict[str, str] = {}


def declare(code: str, template: str) -> MessageKind:
    """Declare the sentence for `code`, once in the whole program.

    Raises ValueError when the code was declared before: two sentences for one code would make history lie.
    """
    if code in SENTENCES:
        raise ValueError(f"the message code {code!r} is declared twice")
    SENTENCES[code] = template
    return MessageKind(code, template)
