"""The calendar guard at the desk: entries wait for the news to pass, exits do not, a broken list forbids entries."""

from __future__ import annotations

from collections.abc import Callable

from qbx_desktop.data import decisions
from qbx_desktop.data.bots import get_bot
from qbx_desktop.domain.clock import server_text
from qbx_desktop.trading.desk import Desk
from qbx_desktop.trading.preflight import Check, check_bot

from .stage import Stage

Make = Callable[..., Stage]


def with_calendar(make_stage: Make) -> Stage:
    stage = make_stage()
    stage.desk_class = lambda *a, **k: Desk(*a, calendar_path=stage.folder / "calendar.csv", **k)
    stage.start()
    return stage


def write(stage: Stage, text: str) -> None:
    (stage.folder / "calendar.csv").write_text(text, encoding="utf-8")
    stage.clock.advance(3)


def today(stage: Stage) -> str:
    return server_text(stage.desk.floor.view.server_time)[:10]


def verdicts(stage: Stage, bot_id: int) -> list[str]:
    return [each.verdict for each in decisions.page(stage.db.reader(), bot_id)][::-1]


def test_an_event_of_the_symbols_currency_forbids_entries_only(make_stage: Make) -> None:
    stage = with_calendar(make_stage)
    bot_id = stage.running_bot()
    stage.until(lambda: len(stage.positions()) == 1)
    write(stage, f"{today(stage)},USD,Big day\n")
    stage.until(lambda: not stage.positions())
    stage.bar(12)
    assert not stage.positions()
    assert verdicts(stage, bot_id)[-1] == "guard.calendar"
    assert any("Big day is near" in text for text in stage.details("GAGAL BUKA POSISI"))
    (stage.folder / "calendar.csv").unlink()
    stage.clock.advance(3)
    stage.until(lambda: len(stage.positions()) == 1)


def test_another_currencys_event_does_not_matter(make_stage: Make) -> None:
    stage = with_calendar(make_stage)
    write(stage, "\n".join(f"2025-06-{day:02},JPY,Far away" for day in range(1, 31)))
    stage.running_bot()
    stage.until(lambda: len(stage.positions()) == 1)


def test_a_broken_list_forbids_entries_until_it_is_right(make_stage: Make) -> None:
    stage = with_calendar(make_stage)
    bot_id = stage.running_bot()
    write(stage, "tomorrow,USD,x\n")
    stage.bar(20)
    assert not stage.positions()
    assert "guard.calendar_file" in verdicts(stage, bot_id)
    assert any("Line 1" in text for text in stage.details("GAGAL BUKA POSISI"))
    write(stage, "2030-01-01,USD,x\n")
    stage.until(lambda: len(stage.positions()) == 1)


def test_the_preflight_says_until_when_entries_wait(make_stage: Make) -> None:
    stage = with_calendar(make_stage)
    bot_id = stage.new_bot()
    bot = get_bot(stage.db.reader(), bot_id)
    assert bot is not None

    def lines() -> list[Check]:
        floor = stage.desk.floor
        return [each for each in check_bot(floor, bot, stage.desk.strategy_of(bot.strategy)) if not each.ok]

    assert lines() == []
    tomorrow = server_text(stage.desk.floor.view.server_time + 86_400)[:10]
    write(stage, f"{today(stage)},USD,Big day\n{tomorrow},EUR,Bigger day\n{today(stage)},JPY,Far away\n")
    (line,) = lines()
    after = server_text(stage.desk.floor.view.server_time + 2 * 86_400)[:10]
    assert line.message.text == f"News calendar: no new position until {after} 00:00 server time (Big day)"
    assert not line.blocks
    write(stage, "nonsense\n")
    (line,) = lines()
    assert "Line 1 of the calendar file is wrong" in line.message.text
    assert "Tools > News calendar" in line.remedy.text
