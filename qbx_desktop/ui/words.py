"""Every word on the screen: English text or a message's code in, the chosen language out, switched live.

A language is the files `resources/translations/<language>.json` and `<language>.<part>.json`, each
`{"words": {"English text": "…"}, "messages": {"code": "template"}}`. English needs no file: it is the source.
"""

from __future__ import annotations

import json
import weakref
from dataclasses import dataclass
from typing import Any

import shiboken6
from PySide6.QtCore import QObject, Signal

from ..domain.messages import Message, fill
from ..domain.resources import resource

LANGUAGES = {"en": "English", "id": "Bahasa Indonesia"}
# Parameters that carry words of ours ("Bought", "opposite signal"), not what the trader or the broker wrote.
_WORDY = frozenset({"did", "done", "why", "side", "allowed", "what", "found"})
# Shows every translated word in brackets, so that a test finds the ones that were forgotten.
PSEUDO = "pseudo"


@dataclass(frozen=True)
class Catalogue:
    """One language: UI words by their English text, sentences by their code."""

    words: dict[str, str]
    messages: dict[str, str]

    @classmethod
    def load(cls, language: str) -> Catalogue:
        """Read the language's files; English and the pseudo-language have none. Raises OSError, ValueError."""
        words: dict[str, str] = {}
        messages: dict[str, str] = {}
        if language in LANGUAGES:
            folder = resource("translations")
            for path in sorted([*folder.glob(f"{language}.json"), *folder.glob(f"{language}.*.json")]):
                part = json.loads(path.read_text(encoding="utf-8"))
                words.update(part.get("words", {}))
                messages.update(part.get("messages", {}))
        return cls(words, messages)


class Words(QObject):
    """The language in use. `changed` is emitted after every bound widget shows the new language."""

    changed = Signal()

    def __init__(self, language: str = "en", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bound: list[tuple[weakref.ref[Any], str, str, dict[str, object]]] = []
        self.language = "en"
        self._catalogue = Catalogue({}, {})
        self.use(language)

    def use(self, language: str) -> None:
        """Switch to `en`, `id` or the pseudo-language; an unknown one means English."""
        self.language = language if language in LANGUAGES or language == PSEUDO else "en"
        self._catalogue = Catalogue.load(self.language)
        alive = []
        for reference, setter, text, params in self._bound:
            target = reference()
            if target is not None and shiboken6.isValid(target):
                getattr(target, setter)(self.t(text, **params))
                alive.append((reference, setter, text, params))
        self._bound = alive
        self.changed.emit()

    def t(self, text: str, /, **params: object) -> str:
        """A UI word or sentence, given in English, in the chosen language, with `{name}` filled from `params`."""
        if self.language == PSEUDO:
            return f"[{fill(text, params)}]"
        found = self._catalogue.words.get(text, text)
        return fill(found, params) if params else found

    def say(self, message: Message) -> str:
        """A message (event, refusal, error, history row) in the chosen language; unknown codes keep their English."""
        if self.language == PSEUDO:
            return f"[{message.text}]"
        template = self._catalogue.messages.get(message.code)
        if template is None:
            return message.text
        return fill(template, {name: self._part(name, value) for name, value in message.params.items()})

    def _part(self, name: str, value: object) -> object:
        """A parameter that is itself a few English words of ours is translated too; a name or a number never is."""
        return self._catalogue.words.get(value, value) if name in _WORDY and isinstance(value, str) else value

    def bind(self, target: Any, text: str, *, setter: str = "setText", **params: object) -> Any:
        """Show `text` on `target` by calling `setter` now and at every change of language; returns `target`.

        `target` is held weakly and may be deleted any time.
        """
        getattr(target, setter)(self.t(text, **params))
        self._bound.append((weakref.ref(target), setter, text, params))
        return target

    def name(self, target: Any, text: str, *, tooltip: str = "") -> Any:
        """Give `target` an accessible name (and a tooltip), kept in the chosen language; returns `target`."""
        self.bind(target, text, setter="setAccessibleName")
        if tooltip:
            self.bind(target, tooltip, setter="setToolTip")
        return target
