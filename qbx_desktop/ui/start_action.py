"""The menu entry *Start with Windows*, where there is a Windows to start with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QAction

from ..domain.errors import UserMistake
from ..domain.messages import declare
from .start_with_windows import StartWithWindows, of_this_program

if TYPE_CHECKING:
    from .context import AppContext
    from .menus import Actions

_REFUSED = declare(
    "start_with_windows.refused",
    "Windows did not allow that change ({why}). The program starts as before; bots and positions are not affected.",
)


def with_windows_action(
    make: Actions, context: AppContext, entry: StartWithWindows | None = None
) -> list[QAction | None]:
    """A separator and the entry; nothing where the program cannot start with the system."""
    found = entry or of_this_program()
    if found is None:
        return []

    def switch(on: bool) -> None:
        try:
            found.switch(on)
        except OSError as error:
            context.answers.problem.emit(UserMistake(_REFUSED(why=error.strerror or str(error))))
        action.setChecked(found.on)

    action = make.make("Start with Windows", switch)
    action.setCheckable(True)
    action.setChecked(found.on)
    return [None, action]
