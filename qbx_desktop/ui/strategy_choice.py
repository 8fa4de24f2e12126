"""The list of strategies in a form: those of the program, then the trader's own, the ones that may not run marked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QComboBox

from ..domain.errors import QbxError
from ..domain.messages import Message
from ..strategies import registry
from ..strategies.contract import Strategy
from ..strategies.own.source import is_own

if TYPE_CHECKING:
    from .dialogs.param_form import ParamForm
    from .own_shelf import OwnShelf
    from .words import Words


def fill_strategies(box: QComboBox, words: Words, own: OwnShelf) -> None:
    """Fill `box` (text title, data key), keeping what is chosen; a file that may not run cannot be chosen anew."""
    chosen = box.currentData()
    with QSignalBlocker(box):
        box.clear()
        for strategy in registry.shipped():
            box.addItem(words.t(strategy.title), strategy.key)
        if own.files:
            box.insertSeparator(box.count())
        for file in own.files:
            if file.strategy is not None:
                box.addItem(file.strategy.title, file.key)
            else:
                box.addItem(words.t("{file} (see Tools > Strategies)", file=file.path.name), file.key)
                _disable(box, box.count() - 1)
            box.setItemData(
                box.count() - 1,
                words.say(file.why) if file.why else str(file.path),
                Qt.ItemDataRole.ToolTipRole,
            )
        choose(box, chosen)


def choose(box: QComboBox, key: Any) -> None:
    """Choose `key`; one of the trader's own that is not in the list stands there by its name, not another in its place."""
    if not isinstance(key, str):
        return
    at = box.findData(key)
    if at < 0 and is_own(key):
        box.addItem(key, key)
        at = box.count() - 1
        _disable(box, at)
    if at >= 0:
        box.setCurrentIndex(at)


def _disable(box: QComboBox, at: int) -> None:
    model = box.model()
    if isinstance(model, QStandardItemModel):
        model.item(at).setEnabled(False)


@dataclass(frozen=True)
class NoParams:
    """Stands for the parameters of a strategy that cannot be had now."""


def show_strategy(form: ParamForm, key: str, values: Mapping[str, object] | None) -> Strategy | Message:
    """Show the parameters of `key` in `form`; the strategy, or why it may not run now. Never waits for its process."""
    try:
        found = registry.get(key)
    except QbxError as error:
        form.show_strategy(NoParams)
        return error.message
    form.show_strategy(found.Params, values, found.presets, found.guidance)
    return found
