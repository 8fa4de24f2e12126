"""The trader's calendar file: what it may say, and that a wrong line is named and nothing is taken."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbx_desktop.data import calendar_file
from qbx_desktop.domain.errors import UserMistake
from qbx_desktop.domain.news import NewsEvent, event_at

NFP = int(datetime(2026, 12, 4, 15, 30, tzinfo=UTC).timestamp())
XMAS = int(datetime(2026, 12, 25, tzinfo=UTC).timestamp())


def test_times_days_and_minutes() -> None:
    text = (
        "\ufefftime,currency,title,before,after\n# a remark\n2026-12-25,*,Christmas\n"
        '2026-12-04 15:30,usd,"Non-farm, payrolls",10,45\n2026-12-04 15:30,EUR,Speech\n'
    )
    found = calendar_file.parse(text.lstrip("\ufeff"))
    assert set(found) == {
        NewsEvent(NFP - 600, NFP + 2_700, "USD", "Non-farm, payrolls"),
        NewsEvent(NFP - 1_800, NFP + 1_800, "EUR", "Speech"), NewsEvent(XMAS, XMAS + 86_400, "*", "Christmas"),
    }  # fmt: skip
    assert [each.begin for each in found] == sorted(each.begin for each in found)


def test_the_edges_of_an_event() -> None:
    events = (NewsEvent(100, 200, "USD", "NFP"),)
    for moment, near in ((99, False), (100, True), (199, True), (200, False)):
        assert (event_at(events, ("EUR", "usd"), moment) is not None) is near
        assert event_at(events, ("EUR", "JPY"), moment) is None
    assert event_at((NewsEvent(0, 9, "*", "Holiday"),), (), 5) is not None


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("2026-13-04 15:30,USD,x", "not a time"), ("2026-12-04T15:30,USD,x", "not a time"), ("2026-12-04 15:30,USD", "columns"),
        ("2026-12-04 15:30,USD,", "no title"), ("2026-12-04 15:30,U$D,x", "neither a currency"),
        ("2026-12-04 15:30,USD,x,-5", "minutes"), ("2026-12-04 15:30,USD,x,5,1e9", "minutes"), ("2026-12-25,USD,x,5", "whole day"),
        ('2026-12-25,USD,"x', "Line 2"),
    ],
)  # fmt: skip
def test_a_wrong_line_is_named(line: str, why: str) -> None:
    with pytest.raises(UserMistake) as caught:
        calendar_file.parse(f"time,currency,title\n{line}\n")
    assert "Line 2" in caught.value.sentence
    assert why in caught.value.sentence


def test_no_file_is_no_event_but_an_unreadable_one_is_told(tmp_path: Path) -> None:
    assert calendar_file.read(tmp_path / "calendar.csv") == ()
    for content in (b"\xff\xfe\x00garbage", b"x" * ((4 << 20) + 1)):
        (tmp_path / "calendar.csv").write_bytes(content)
        with pytest.raises(UserMistake):
            calendar_file.read(tmp_path / "calendar.csv")
    (tmp_path / "calendar.csv").write_text(calendar_file.TEMPLATE)
    assert calendar_file.read(tmp_path / "calendar.csv") == ()


@given(st.text(max_size=200))
def test_any_text_is_events_or_one_sentence(text: str) -> None:
    try:
        events = calendar_file.parse(text)
    except UserMistake as mistake:
        said = mistake.sentence
    else:
        assert all(each.begin <= each.end for each in events)
        said = "Line "
    assert said.startswith("Line ")
