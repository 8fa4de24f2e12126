"""Equity over time: kept, thinned without losing a low, and joined with the balance that the deals tell."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from qbx_desktop.data import account_curve, deals, equity_samples, trade_excursions
from qbx_desktop.data.database import Database
from qbx_desktop.data.equity_samples import EquitySample
from qbx_desktop.domain.excursion import Excursion
from qbx_desktop.domain.mt5 import DealType
from qbx_desktop.domain.records import AccountInfo, TradeDeal
from qbx_desktop.trading.equity_sampler import EquitySampler

HOUR = 3_600
START = 1_750_000_000 // HOUR * HOUR


def put(db: Database, *samples: EquitySample, account: int = 7) -> None:
    def job(con: Any) -> None:
        for each in samples:
            equity_samples.add(con, account, "Demo", each)

    db.write(job)


def kept(db: Database, account: int = 7) -> list[EquitySample]:
    return equity_samples.samples_of(db.reader(), account, "Demo")


def test_one_sample_an_hour_is_left_and_no_low_is_lost(db: Database) -> None:
    minutes = [EquitySample(START + 60 * n, 1_000.0, 1_000.0 - n % 7, 990.0 - n % 11) for n in range(150)]
    put(db, *minutes)
    put(db, *minutes, account=8)
    gone = db.write(lambda con: equity_samples.thin(con, 7, "Demo", START + 2 * HOUR + 900))
    assert gone == 118
    left = kept(db)
    assert [each.time for each in left[:2]] == [START + HOUR - 60, START + 2 * HOUR - 60]
    assert [each.lowest for each in left[:2]] == [980.0, 980.0]
    assert left[2:] == minutes[120:]
    assert kept(db, 8) == minutes
    assert db.write(lambda con: equity_samples.thin(con, 7, "Demo", START + 2 * HOUR + 900)) == 0


def test_two_samples_of_one_moment_are_one(db: Database) -> None:
    put(db, EquitySample(START, 1.0, 2.0, 0.5), EquitySample(START, 3.0, 4.0, 0.9))
    assert kept(db) == [EquitySample(START, 3.0, 4.0, 0.5)]


def look(equity: float, balance: float = 1_000.0, login: int = 7) -> AccountInfo:
    return AccountInfo(login=login, server="Demo", balance=balance, equity=equity)


def test_a_sample_a_minute_while_something_changes(db: Database) -> None:
    sampler = EquitySampler(db)
    for second in range(600):
        sampler.take(look(1_000.0 if second < 300 else 1_000.0 + second - (50 if second == 305 else 0)), START + second)  # fmt: skip
    for second in range(600, 900):
        sampler.take(look(2_000.0), START + second)
    sampler.take(look(5.0, login=9), START + 901)
    db.write(lambda con: None)
    found = kept(db)
    assert [each.time - START for each in found] == [0, 300, 360, 420, 480, 540, 600]
    assert found[2].lowest == 1_000.0 + 305 - 50
    assert [each.equity for each in kept(db, 9)] == [5.0]


def test_a_week_of_minutes_is_thinned_by_itself(db: Database) -> None:
    sampler = EquitySampler(db)
    for minute in range(0, 9 * 24 * 60, 5):
        sampler.take(look(1_000.0 + minute), START + 60 * minute)
    db.write(lambda con: None)
    per_hour = 12
    assert len(kept(db)) < 8 * 24 * per_hour + 2 * 24


def book(db: Database, *booked: TradeDeal) -> None:
    db.write(lambda con: deals.record_deals(con, 7, "Demo", booked, lambda _: None))


def test_the_balance_is_that_of_the_deals_and_ends_at_the_sampled_one(db: Database) -> None:
    buy = int(DealType.BUY)
    book(
        db, TradeDeal(ticket=1, time=START, type=int(DealType.BALANCE), profit=1_000.0),
        TradeDeal(ticket=2, time=START + 100, type=buy, position_id=5, profit=-10.0, commission=-1.0),
        TradeDeal(ticket=3, time=START + 300, type=buy, position_id=5, profit=30.0, swap=-0.5),
    )  # fmt: skip
    curve = account_curve.curve_of(db.reader(), 7, "Demo")
    assert curve.times.tolist() == [START, START + 100, START + 300]
    assert curve.balance.tolist() == [1_000.0, 989.0, 1_018.5]
    assert np.isnan(curve.equity).all()
    # Deals before those known: the account had 500 more from the start.
    put(
        db,
        EquitySample(START + 200, 1_489.0, 1_450.0, 1_440.0),
        EquitySample(START + 400, 1_518.5, 1_518.5, 1_500.0),
    )
    curve = account_curve.curve_of(db.reader(), 7, "Demo")
    assert (curve.times - START).tolist() == [0, 100, 200, 300, 400]
    assert curve.balance.tolist() == [1_500.0, 1_489.0, 1_489.0, 1_518.5, 1_518.5]
    assert curve.equity.tolist()[2::2] == [1_450.0, 1_518.5]
    assert curve.lowest[2] == 1_440.0
    assert len(account_curve.curve_of(db.reader(), 8, "Demo").times) == 0


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(-9_999, 9_999)), min_size=1, max_size=20))
def test_the_curve_of_any_deals_ends_at_their_sum(given_deals: list[tuple[int, int]]) -> None:
    import sqlite3

    from qbx_desktop.data.connection import Connection

    con = sqlite3.connect(":memory:", factory=Connection)
    con.row_factory = sqlite3.Row
    con.execute("CREATE TABLE equity_samples (account, server, time, balance, equity, lowest)")
    con.execute(
        "CREATE TABLE deals (account, server, ticket, order_ticket, position_id, magic, bot_id, symbol, type, side, entry,"
        " reason, volume, price, profit, swap, commission, fee, time_srv_ms, comment, external_id)"
    )
    for ticket, (second, cents) in enumerate(given_deals):
        con.execute(
            "INSERT INTO deals VALUES (7, 'Demo', ?, 0, 0, 0, NULL, '', 2, 0, 0, 0, 0, 0, ?, 0, 0, 0, ?, '', '')",
            (ticket, cents / 100, (START + second) * 1000),
        )
    curve = account_curve.curve_of(con, 7, "Demo")
    con.close()
    assert round(float(curve.balance[-1]), 2) == round(sum(cents for _, cents in given_deals) / 100, 2)
    assert np.all(np.diff(curve.times) > 0)


def test_what_was_found_and_what_cannot_be_found_is_kept(db: Database) -> None:
    db.write(lambda con: trade_excursions.store(con, 7, "Demo", 5, 0, Excursion(3.0, -2.0)))
    db.write(lambda con: trade_excursions.store(con, 7, "Demo", 6, 1, None))
    assert trade_excursions.of_account(db.reader(), 7, "Demo") == {(5, 0): Excursion(3.0, -2.0), (6, 1): None}
    assert trade_excursions.of_account(db.reader(), 8, "Demo") == {}
