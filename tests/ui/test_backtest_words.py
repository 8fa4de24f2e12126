"""Indonesian for the Backtest and Watchlist tabs: nothing said in English only, no parameter lost."""

from __future__ import annotations

import ast
import json
import string
from pathlib import Path

import pytest

from qbx_desktop.backtest import run as engine
from qbx_desktop.data import bar_findings, bar_report, watch_alerts
from qbx_desktop.domain import alert_json, alert_sentences, bar_values
from qbx_desktop.domain.messages import SENTENCES
from qbx_desktop.domain.resources import resource
from qbx_desktop.ui import tabs
from qbx_desktop.ui.dialogs import alert_fields
from qbx_desktop.ui.models import compare_model, report_model, trades_model, watchlist_model
from qbx_desktop.ui.tabs import backtest_entries, backtest_form, distribution_page
from qbx_desktop.workers import backtest_job, backtest_thread, bar_download

PARTS = ("backtest", "backtest_form", "watchlist", "alerts", "results")
DECLARING = (
    engine,
    alert_sentences,
    alert_json,
    backtest_form,
    backtest_entries,
    bar_findings,
    bar_report,
    bar_download,
    watch_alerts,
)
UI = Path(tabs.__file__).parent.parent
SOURCES = [
    *sorted((UI / "tabs").glob("backtest_*.py")), UI / "tabs" / "watchlist_tab.py", *sorted((UI / "charts").glob("*.py")),
    *(UI / "models" / f"{name}.py" for name in ("trades_model", "backtest_runs_model", "watchlist_model", "report_model")),
    UI / "dialogs" / "watch_dialog.py", UI / "dialogs" / "download_bars.py",
]  # fmt: skip
SPEAKERS = {
    "t",
    "bind",
    "name",
    "Column",
    "EmptyState",
    "add_button",
    "_field",
    "make",
    "_button",
    "add_page",
    "Field",
}


def catalogue() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {"words": {}, "messages": {}}
    for path in sorted(resource("translations").glob("id*.json")):
        part = json.loads(path.read_text(encoding="utf-8"))
        for kind in found:
            found[kind].update(part[kind])
    return found


def spoken(path: Path) -> set[str]:
    """The English texts a module hands to the words."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in SPEAKERS:
            texts = [each.value for each in node.args if isinstance(each, ast.Constant)]
            texts += [
                each.value
                for each in node.keywords
                if each.arg == "tooltip" and isinstance(each.value, ast.Constant)
            ]
            found |= {text for text in texts if isinstance(text, str) and (text[:1].isupper() or " " in text)}
    return found


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_every_word_has_its_indonesian(path: Path) -> None:
    assert spoken(path) - set(catalogue()["words"]) == set()


def test_words_kept_in_tables_have_theirs_too() -> None:
    words = set(catalogue()["words"])
    labels = {label for _, lines in report_model._LAYOUT for _, label, _ in lines}
    sections = {section for section, _ in report_model._LAYOUT}
    assert (labels | sections | set(trades_model.REASONS.values())) - words == set()
    assert watchlist_model.SPARK_COLUMN == 5


def test_words_of_result_pages_have_theirs_too() -> None:
    said = {*distribution_page._WEEKDAYS, *distribution_page._MONTHS, *distribution_page._VIEWS}
    said |= {"Deepest floating loss (MAE)", "Highest floating profit (MFE)", *compare_model._INPUTS.values()}
    assert said <= set(catalogue()["words"])


def test_words_of_alerts_have_theirs_too() -> None:
    said = {text for texts in alert_fields._CHOICES.values() for text in texts.values()}
    for table in (
        alert_sentences.ROSE,
        alert_sentences.CROSSED,
        alert_sentences.MOVES,
        alert_sentences.MOVED,
    ):
        said |= set(table.values())
    said |= {
        *alert_sentences.STANDS.values(),
        *alert_sentences.STOOD.values(),
        alert_sentences.OFF,
        alert_sentences.ON,
    }
    said |= {setting.label for value in bar_values.VALUES.values() for setting in value.settings}
    assert said | {"at", "by", "rose to", "fell to"} <= set(catalogue()["words"])
    declared = {code for code in SENTENCES if code.startswith(("alert.", "watch_alerts."))}
    assert declared <= set(catalogue()["messages"])


@pytest.mark.parametrize("part", PARTS)
def test_no_parameter_is_lost_or_invented(part: str) -> None:
    assert all(each.__doc__ for each in DECLARING)
    found = json.loads(resource("translations", f"id.{part}.json").read_text(encoding="utf-8"))
    for english, indonesian in found["words"].items():
        assert fields(english) == fields(indonesian), english
    for code, indonesian in found["messages"].items():
        assert code in SENTENCES, code
        assert fields(indonesian) <= fields(SENTENCES[code]), code


def test_the_sentences_of_the_thread_are_translated() -> None:
    kinds = [backtest_thread.NOT_SAVED, backtest_thread.NO_FILE, backtest_thread._LATE, backtest_job._OLD]
    kinds += [bar_download._CANCELLED, bar_download._NOTHING]
    assert {kind.code for kind in kinds} <= set(catalogue()["messages"])
