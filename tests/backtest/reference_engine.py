"""The rules a second time: naive, in exact decimals, bar by bar, sharing nothing with the program.

Slow on purpose and written from the rules' text, so that a difference between the two is a mistake in one of them.
Prices are decimals in both directions (no turned tapes), money is decimal, times are epoch seconds.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal, getcontext
from typing import Any

from .reference_input import Outcome, Setup

getcontext().prec = 60
D = Decimal
HALF, NOISE = D("0.5"), D("0.000001")
FOREX = (0, 5)


def floor(x: Decimal) -> Decimal:
    return x.to_integral_value(rounding="ROUND_FLOOR")


def rnd(x: Decimal, u: Decimal) -> Decimal:
    sign = -1 if x < 0 else 1
    return sign * floor(abs(x) / u + HALF + NOISE) * u


class Reference:
    def __init__(self, setup: Setup) -> None:
        self.s = setup
        self.spec = setup.spec
        self.point = D(setup.spec["point"])
        self.tick = D(setup.spec["tick_size"])
        self.digit = D(1).scaleb(-setup.spec["digits"])
        self.cent = D(1) if setup.currency == "JPY" else D("0.01")
        self.slip = setup.slippage * self.point
        self.out = Outcome(refused={"no atr": 0, "invalid stops": 0, "invalid volume": 0, "no money": 0})
        self.money = rnd(setup.balance, self.cent)
        self.pos: dict[str, Any] | None = None
        self.closings: list[Decimal] = []
        self.atr = self.average_true_ranges()

    # ----- quotes

    def spread(self, t: int) -> int:
        own = self.s.bars[t][5]
        return own if self.s.spread_bar and own > 0 else self.s.spread

    def ask(self, x: Decimal, t: int) -> Decimal:
        return x + self.spread(t) * self.point

    def rate(self, t: int, price: Decimal) -> Decimal:
        spec, account = self.spec, self.s.currency
        if spec["currency_profit"] == account:
            return D(1)
        if spec["currency_base"] == account and spec["calc_mode"] in FOREX:
            return 1 / price
        if self.s.constant is not None:
            return self.s.constant
        assert self.s.series is not None
        known = [close for time, close in self.s.series if time < self.s.bars[t][0]]
        return 1 / known[-1] if self.s.inverted else known[-1]

    def average_true_ranges(self) -> list[Decimal | None]:
        n, bars = self.s.atr_period, self.s.bars
        ranges: list[Decimal] = []
        out: list[Decimal | None] = []
        for t, (_, _, high, low, _, _) in enumerate(bars):
            if t:
                before = bars[t - 1][4]
                ranges.append(max(high - low, abs(high - before), abs(low - before)))
            if len(ranges) < n:
                out.append(None)
            elif len(ranges) == n:
                out.append(sum(ranges, D(0)) / n)
            else:
                last = out[-1]
                assert last is not None
                out.append((last * (n - 1) + ranges[-1]) / n)
        return out

    # ----- money

    def profit(self, direction: int, lots: Decimal, opened: Decimal, closed: Decimal, t: int) -> Decimal:
        spec = self.spec
        move = direction * (closed - opened)
        if spec["calc_mode"] in (1, 33):
            amount = move * D(spec["tick_price"]) / self.tick * lots
        else:
            amount = move * D(spec["contract_size"]) * lots
        return amount * self.rate(t, closed)

    def other_currency(self, amount: Decimal, currency: str, price: Decimal, t: int) -> Decimal:
        if currency == self.s.currency:
            return amount
        if currency == self.spec["currency_profit"]:
            return amount * self.rate(t, price)
        assert currency == self.spec["currency_base"]
        assert self.spec["calc_mode"] in FOREX
        return amount * price * self.rate(t, price)

    def margin(self, lots: Decimal, price: Decimal, t: int, per_lot: Decimal) -> Decimal:
        spec, mode = self.spec, self.spec["calc_mode"]
        size = D(spec["contract_size"])
        if per_lot:
            amount = lots * per_lot
            if mode in (0, 4):
                amount /= self.s.leverage
        elif mode == 0:
            amount = lots * size / self.s.leverage
        elif mode == 5:
            amount = lots * size
        elif mode in (2, 32):
            amount = lots * size * price
        elif mode == 4:
            amount = lots * size * price / self.s.leverage
        elif mode == 3:
            amount = lots * size * price * D(spec["tick_price"]) / self.tick
        else:
            amount = D(0)
        amount *= D(spec["margin_rate"])
        if amount == 0:
            return D(0)
        return rnd(self.other_currency(amount, spec["currency_margin"], price, t), self.cent)

    def swap(self, pos: dict[str, Any], nights: int, t: int) -> Decimal:
        spec, mode = self.spec, self.spec["swap_mode"]
        per = D(spec["swap_long"] if pos["dir"] > 0 else spec["swap_short"])
        if per == 0:
            return D(0)
        price = self.s.bars[t - 1][4]
        size, lots = D(spec["contract_size"]), pos["lots"]
        if mode in (1, 7, 8):
            amount = per * self.point * size * lots * self.rate(t, price)
        elif mode == 2:
            amount = self.other_currency(per * lots, spec["currency_base"], price, t)
        elif mode == 3:
            amount = self.other_currency(per * lots, spec["currency_margin"], price, t)
        elif mode == 4:
            amount = per * lots
        elif mode == 5:
            amount = price * size * lots * per / 100 / 360 * self.rate(t, price)
        elif mode == 6:
            amount = pos["open"] * size * lots * per / 100 / 360 * self.rate(t, price)
        else:
            amount = D(0)
        return rnd(amount * nights, self.cent)

    def floating(self, price: Decimal, t: int) -> Decimal:
        pos = self.pos
        assert pos is not None
        return rnd(self.profit(pos["dir"], pos["lots"], pos["open"], price, t), self.cent)

    def equity(self, price: Decimal, t: int) -> Decimal:
        assert self.pos is not None
        return self.money + self.pos["swap"] + self.floating(price, t)

    def stop_out_price(self, t: int) -> Decimal | None:
        """balance + swap + floating(P) = margin · level / 100, solved for P."""
        pos, level = self.pos, self.s.stop_out
        assert pos is not None
        if pos["margin"] == 0 or level == 0:
            return None
        wanted = pos["margin"] * level / 100 - self.money - pos["swap"]
        spec = self.spec
        worth = D(spec["contract_size"]) * pos["lots"]
        if spec["calc_mode"] in (1, 33):
            worth = D(spec["tick_price"]) / self.tick * pos["lots"]
        direction = pos["dir"]
        own = (
            spec["currency_profit"] != self.s.currency
            and spec["currency_base"] == self.s.currency
            and spec["calc_mode"] in FOREX
        )
        if own:
            # direction · (P - open) · worth / P = wanted
            if direction * worth - wanted == 0:
                return None
            price = direction * worth * pos["open"] / (direction * worth - wanted)
        else:
            price = pos["open"] + direction * wanted / (worth * self.rate(t, D(1)))
        if price <= 0:
            return None
        ticks = price / self.tick
        whole = floor(ticks + NOISE) if direction > 0 else -floor(-(ticks - NOISE))
        return rnd(whole * self.tick, self.digit)

    # ----- the bar

    def run(self) -> Outcome:
        last = len(self.s.bars) - 1
        for t, (_, opened, high, low, close, _) in enumerate(self.s.bars):
            self.closings = []
            worst_equity: list[Decimal] = []
            if self.pos:
                self.charge_nights(t)
                self.gap(opened, t)
            if t:
                self.signal(opened, t)
            if self.pos:
                self.out.in_market += 1
                worst_equity = self.inside(opened, high, low, t)
            if self.pos and t == last:
                self.close(close if self.pos["dir"] > 0 else self.ask(close, t), "end of data", t)
            equity = self.money
            if self.pos:
                equity = self.equity(close if self.pos["dir"] > 0 else self.ask(close, t), t)
            self.out.balance.append(self.money)
            self.out.equity.append(equity)
            self.out.equity_low.append(min([equity, *self.closings, *worst_equity]))
        return self.out

    def charge_nights(self, t: int) -> None:
        pos = self.pos
        assert pos is not None
        midnight = datetime.fromtimestamp(self.s.bars[t - 1][0], UTC)
        midnight = midnight.replace(hour=0, minute=0, second=0)
        now = datetime.fromtimestamp(self.s.bars[t][0], UTC)
        while True:
            midnight += timedelta(days=1)
            if midnight > now:
                break
            ended = (midnight - timedelta(days=1)).isoweekday() % 7
            nights = 0 if ended in (0, 6) else 1
            if ended == self.spec["swap_rollover3days"]:
                nights = 3
            if nights:
                pos["swap"] += self.swap(pos, nights, t)

    def gap(self, opened: Decimal, t: int) -> None:
        pos = self.pos
        assert pos is not None
        stop_out = self.stop_out_price(t)
        if pos["dir"] > 0:
            if pos["sl"] is not None and opened <= pos["sl"]:
                self.close(opened - self.slip, "sl", t)
            elif pos["tp"] is not None and opened >= pos["tp"]:
                self.close(pos["tp"], "tp", t)
            elif stop_out is not None and opened <= stop_out:
                self.close(opened - self.slip, "stop out", t)
        else:
            ask = self.ask(opened, t)
            if pos["sl"] is not None and ask >= pos["sl"]:
                self.close(ask + self.slip, "sl", t)
            elif pos["tp"] is not None and ask <= pos["tp"]:
                self.close(pos["tp"], "tp", t)
            elif stop_out is not None and ask >= stop_out:
                self.close(ask + self.slip, "stop out", t)

    def signal(self, opened: Decimal, t: int) -> None:
        entry, exit_long, exit_short = self.s.signals[t - 1]
        ask = self.ask(opened, t)
        if self.pos:
            direction = self.pos["dir"]
            flagged = exit_long if direction > 0 else exit_short
            opposite = entry == -direction
            if flagged or (opposite and self.s.reverse):
                price = opened - self.slip if direction > 0 else ask + self.slip
                self.close(price, "reverse" if opposite and self.s.reverse else "signal", t)
        if entry and not self.pos:
            self.enter(entry, opened, ask, t)

    def enter(self, direction: int, opened: Decimal, ask: Decimal, t: int) -> None:
        s, spec = self.s, self.spec
        fill = ask + self.slip if direction > 0 else opened - self.slip
        atr = self.atr[t - 1]
        prices: dict[str, Decimal | None] = {"sl": None, "tp": None}
        for name, (unit, value), away in (("sl", s.sl, -direction), ("tp", s.tp, direction)):
            if unit == "none" or value == 0:
                continue
            if unit == "atr" and atr is None:
                self.out.refused["no atr"] += 1
                return
            distance = value * {"pips": D(spec["pip"]), "price": D(1), "atr": atr or D(0)}[unit]
            prices[name] = rnd(rnd(fill + away * distance, self.tick), self.digit)
        least = max(spec["stops_level"], 1) * self.point
        would_close = opened if direction > 0 else ask
        sl, tp = prices["sl"], prices["tp"]
        if (sl is not None and direction * (would_close - sl) < least) or (
            tp is not None and direction * (tp - would_close) < least
        ):
            self.out.refused["invalid stops"] += 1
            return
        step = D(spec["volume_step"])
        if s.risk is not None:
            assert sl is not None
            loss = -self.profit(direction, D(1), fill, sl, t) + 2 * s.commission
            lots = floor(self.money * s.risk / 100 / loss / step + D("1e-9")) * step
        else:
            assert s.lots is not None
            lots = floor(s.lots / step + D("1e-9")) * step
        if lots < D(spec["volume_min"]):
            self.out.refused["invalid volume"] += 1
            return
        lots = min(lots, D(spec["volume_max"]))
        initial, kept = D(spec["margin_initial"]), D(spec["margin_maintenance"])
        if self.margin(lots, fill, t, initial) > self.money:
            self.out.refused["no money"] += 1
            return
        commission = -rnd(s.commission * lots, self.cent)
        self.money += commission
        self.pos = {
            "dir": direction, "lots": lots, "open": fill, "sl": sl, "tp": tp, "entered": t, "swap": D(0),
            "commission": commission, "margin": self.margin(lots, fill, t, kept or initial),
            "best": D(0), "worst": D(0),
        }  # fmt: skip

    def inside(self, opened: Decimal, high: Decimal, low: Decimal, t: int) -> list[Decimal]:
        pos = self.pos
        assert pos is not None
        stop_out = self.stop_out_price(t)
        long = pos["dir"] > 0
        if long:
            start, worst, best = opened, low, high
            hit_sl = pos["sl"] is not None and low <= pos["sl"]
            hit_out = stop_out is not None and low <= stop_out
            hit_tp = pos["tp"] is not None and high >= pos["tp"]
        else:
            start, worst, best = self.ask(opened, t), self.ask(high, t), self.ask(low, t)
            hit_sl = pos["sl"] is not None and worst >= pos["sl"]
            hit_out = stop_out is not None and worst >= stop_out
            hit_tp = pos["tp"] is not None and best <= pos["tp"]
        if hit_out:
            assert stop_out is not None
            # beyond it already at the open: met there, so no SL can be nearer
            met = min(stop_out, start) if long else max(stop_out, start)
        if hit_sl and hit_out:
            hit_out = abs(met - start) < abs(pos["sl"] - start)
        if hit_out or hit_sl:
            price = (met if hit_out else pos["sl"]) - pos["dir"] * self.slip
            self.level(self.equity(price, t))
            self.close(price, "stop out" if hit_out else "sl", t, ambiguous=hit_tp)
            return []
        deepest = self.equity(worst, t)
        self.level(deepest)
        pos["worst"] = min(pos["worst"], self.floating(worst, t))
        if hit_tp:
            self.close(pos["tp"], "tp", t)
        else:
            pos["best"] = max(pos["best"], self.floating(best, t))
        return [deepest]

    def level(self, equity: Decimal) -> None:
        assert self.pos is not None
        if self.pos["margin"]:
            level = equity / self.pos["margin"] * 100
            before = self.out.margin_level
            self.out.margin_level = level if before is None else min(before, level)

    def close(self, price: Decimal, reason: str, t: int, ambiguous: bool = False) -> None:
        pos = self.pos
        assert pos is not None
        profit = self.floating(price, t)
        leaving = -rnd(self.s.commission * pos["lots"], self.cent)
        self.money += profit + pos["swap"] + leaving
        self.closings.append(self.money)
        commission = pos["commission"] + leaving
        self.out.trades.append({
            "ticket": len(self.out.trades) + 1,
            "side": "buy" if pos["dir"] > 0 else "sell",
            "volume": pos["lots"],
            "open_time": self.s.bars[pos["entered"]][0],
            "open_price": pos["open"],
            "sl": pos["sl"] or D(0),
            "tp": pos["tp"] or D(0),
            "close_time": self.s.bars[t][0],
            "close_price": price,
            "reason": reason,
            "profit": profit,
            "swap": pos["swap"],
            "commission": commission,
            "net": profit + pos["swap"] + commission,
            "bars_held": t - pos["entered"],
            "mfe": max(pos["best"], profit),
            "mae": min(pos["worst"], profit),
            "ambiguous": ambiguous,
        })  # fmt: skip
        self.pos = None
