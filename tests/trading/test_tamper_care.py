"""Records changed by another program halt the desk at its start, until a person has armed it again."""

from __future__ import annotations

from qbx_desktop.data.trading_state import GLOBAL, TradingState
from qbx_desktop.domain.events import Notice
from qbx_desktop.ui.words import Catalogue

from .stage import Stage


def told(stage: Stage) -> list[Notice]:
    return [each for each in stage.events if isinstance(each, Notice) and each.message.code == "tamper.found"]


def test_changed_records_halt_the_desk_until_it_is_armed(stage: Stage) -> None:
    stage.running_bot()
    stage.until(lambda: len(stage.positions()) == 1)
    stage.close()
    stage.start()
    assert not told(stage), "an orderly restart finds nothing"
    con = stage.db.order_connection()
    con.execute("UPDATE order_journal SET volume = volume + 1 WHERE id = 1")
    con.close()
    stage.restart()
    assert len(told(stage)) == 1
    details = [
        each.message for each in stage.events if isinstance(each, Notice) and "tampered" in each.message.code
    ]
    assert [each.params["id"] for each in details] == [1]
    assert details[0].code in Catalogue.load("id").messages
    assert stage.desk.floor.states[GLOBAL][0] is TradingState.HALTED
    sent = len(stage.api.sends)
    stage.bar(20)
    opens = [each for each in stage.api.sends[sent:] if not each.get("position")]
    assert not opens
    stage.events += stage.desk.rearm()
    assert stage.desk.floor.states[GLOBAL][0] is TradingState.ACTIVE
    stage.restart()
    assert len(told(stage)) == 1, "what was accepted is not told again"
    assert stage.desk.floor.states[GLOBAL][0] is TradingState.ACTIVE
