"""`afterstrike forecast question|issue|resolve|correct|scores|ledger`."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from afterstrike.cli import main
from afterstrike.containment import ForecastLedger, forecast, reference_class, yes_no

ASKED = datetime(2020, 2, 14, tzinfo=UTC)


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ForecastLedger:
    """A ledger in the working folder with a question and a forecast of counts of years ago."""
    monkeypatch.chdir(tmp_path)
    table = pd.DataFrame({"period": ["2017", "2018", "2019"], "outcome": ["yes", "no", "yes"], "source": "S"})
    question = yes_no(
        "Is there one in March 2020?", area=["Somewhere"], counts="One is announced.", opens="2020-02-13",
        starts="2020-03-01", ends="2020-03-31", reference=reference_class(table, words="years"),
    )  # fmt: skip
    ledger = ForecastLedger(tmp_path / "forecasts.jsonl")
    ledger.issue(question, now=ASKED)
    rows = [(unit, f"2019-{m:02d}", m % 4) for unit in "ab" for m in range(1, 13)]
    made = forecast(
        pd.DataFrame(rows, columns=["unit", "time", "value"]),
        horizons=[3],
        draws=20,
        model="last",
        vintage="v0",
    )
    ledger.issue_forecast(
        made.save(tmp_path / "draws.parquet"), rule="Deaths a month.", resolves="2020-05-01", now=ASKED
    )
    return ledger


def test_a_question_is_printed_answered_and_issued(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The example, its answer in words and JSON, and a line in a new ledger."""
    monkeypatch.chdir(tmp_path)
    assert main(["forecast", "question", "--example"]) == 0
    text = (
        capsys.readouterr()
        .out.replace("2026-11-01", "2026-02-14")
        .replace("2027", "2126")
        .replace("2028", "2127")
    )
    Path("question.toml").write_text(text, encoding="utf-8")
    assert main(["forecast", "question", "question.toml"]) == 0
    assert "8 in 8 years" in capsys.readouterr().out
    assert main(["forecast", "question", "question.toml", "--json"]) == 0
    key = json.loads(capsys.readouterr().out)["key"]
    Path("question.toml").write_text(text.replace("2026-02-14", "2020-01-01"), encoding="utf-8")
    assert main(["forecast", "issue", "question.toml", "--model", "article", "--probability", "0.99"]) == 0
    said = capsys.readouterr()
    assert "as line 1 of forecasts.jsonl" in said.out and "head of the ledger" in said.err
    (entry,) = ForecastLedger(Path("forecasts.jsonl")).entries()
    assert (entry.body["key"], entry.body["probability"], entry.body["model"]) == (key, 0.99, "article")


def test_from_outcome_to_scores(book: ForecastLedger, capsys: pytest.CaptureFixture[str]) -> None:
    """Resolve both, correct one, list them, score them."""
    question, counts = book.entries()
    assert main(["forecast", "resolve", question.id, "yes", "--source", "a release"]) == 0
    Path("seen.csv").write_text("unit,time,value\na,2020-03,4\nb,2020-03,\n")
    arguments = ["forecast", "resolve", counts.id[:6], "seen.csv", "--source", "UCDP", "--vintage", "21.1"]
    assert main(arguments) == 0
    outcome = book.entries()[2].id
    assert main(["forecast", "correct", outcome, "--set", "outcome=no", "--because", "retracted"]) == 0
    capsys.readouterr()
    assert main(["forecast", "scores", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    asked, counted = told["scores"]
    assert asked["outcome"] == "no" and asked["brier"] == pytest.approx(question.body["probability"] ** 2)
    assert (counted["vintage"], counted["rows"], counted["missing"]) == ("21.1", 1, 1)
    assert told["calibration"] is None and told["open"] == 0
    assert main(["forecast", "scores"]) == 0
    assert "too few to judge calibration" in capsys.readouterr().out
    assert main(["forecast", "ledger", "--head", book.entries()[-1].hash]) == 0
    assert "5 lines, every hash fits" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["resolve", "feedfeed", "yes", "--source", "S"], "is no id here"),
        (["resolve", "QUESTION", "perhaps", "--source", "S"], "allowed yes, no, void"),
        (["resolve", "COUNTS", "absent.csv", "--source", "S"], "need --vintage"),
        (["resolve", "COUNTS", "absent.csv", "--source", "S", "--vintage", "v"], "cannot be read"),
        (["resolve", "QUESTION", "yes", "--source", "S", "--vintage", "v"], "belong to outcomes of counts"),
        (["correct", "QUESTION", "--set", "text", "--because", "x"], "allowed as outcome=no"),
        (["correct", "QUESTION", "--set", "probability=1", "--because", "x"], "issue it anew"),
        (["issue", "absent.toml"], "cannot be read as TOML"),
        (["issue", "draws.parquet"], "need --rule"),
        (["issue", "draws.parquet", "--rule", "r", "--resolves", "2020-05-01"], "is no forecast"),
        (["issue", "draws.parquet", "--rule", "r", "--resolves", "soon"], "YYYY-MM-DD"),
        (["issue", "draws.parquet", "--probability", "0.5"], "belongs to questions"),
        (["scores", "--ledger", "absent.jsonl"], "absent.jsonl"),
        (["ledger", "--head", "0123456789abcdef"], "taken away or written anew"),
        (["question"], "no FILE"),
    ],
)
def test_bad_input_is_told_and_nothing_is_written(
    book: ForecastLedger, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    """Exit 2 and one line; the ledger as it was."""
    question, counts = book.entries()
    before = book.path.read_bytes()
    filled = [{"QUESTION": question.id, "COUNTS": counts.id}.get(one, one) for one in arguments]
    assert main(["forecast", *filled]) == 2
    said = capsys.readouterr().err
    assert words in said and "Traceback" not in said
    assert book.path.read_bytes() == before
    assert not Path("absent.jsonl").exists()


def test_a_changed_line_is_told(book: ForecastLedger, capsys: pytest.CaptureFixture[str]) -> None:
    """Which line, and that nothing was written."""
    book.path.write_bytes(book.path.read_bytes().replace(b"One is announced", b"Two is announced"))
    assert main(["forecast", "ledger"]) == 2
    assert "line 1 was changed after it was written" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [["backtest"], ["forecast", "issue"], ["forecast", "question"], ["forecast", "scores"]]
)
def test_help_imports_nothing_heavy(words: list[str]) -> None:
    """Help answers at once: no pandas, NumPy or DuckDB is loaded for it."""
    code = (
        "import sys; from afterstrike.cli import main; main(sys.argv[1:]); "
        "sys.exit(bool({'pandas', 'numpy', 'duckdb', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words, "--help"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 and "Usage" in done.stdout, done.stdout + done.stderr
