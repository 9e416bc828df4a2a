"""The ledger: lines are added, chained and checked; outcomes, corrections and scores."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from afterstrike.containment import ForecastLedger, YesNo, forecast, reference_class, yes_no
from afterstrike.containment._forecast._ledger_lines import parse_entries
from afterstrike.containment._forecast._scores import crps
from afterstrike.errors import EstimateRefused, RecordError, SourceError, UsageError

ASKED = datetime(2026, 2, 14, 9, 30, tzinfo=UTC)
LATER = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


def question(text: str = "Is there one in March?") -> YesNo:
    """Four years, three of them yes; asked for March 2026."""
    table = pd.DataFrame(
        {"period": ["2020", "2021", "2022", "2023"], "outcome": ["yes", "no", "yes", "yes"], "source": "S"}
    )
    return yes_no(
        text, area=["Somewhere"], counts="One is announced.", opens="2026-02-13", starts="2026-03-01",
        ends="2026-03-31", reference=reference_class(table, words="years"),
    )  # fmt: skip


@pytest.fixture
def ledger(tmp_path: Path) -> ForecastLedger:
    """A ledger with one question, issued in February."""
    book = ForecastLedger(tmp_path / "ledger.jsonl")
    book.issue(question(), now=ASKED)
    return book


def test_what_is_issued_is_read_back(ledger: ForecastLedger) -> None:
    """Time, model, vintage, probability and the whole question."""
    (entry,) = ledger.entries()
    assert (entry.number, entry.kind, entry.at) == (1, "question", ASKED)
    assert entry.body["question"] == orjson.loads(orjson.dumps(question().to_dict()))
    assert entry.body["probability"] == question().probability
    assert entry.body["question"]["counts"] == "One is announced."


def test_brier_and_log_score_by_hand(ledger: ForecastLedger) -> None:
    """Two issues of one question, one of them another's probability, resolved by one line."""
    ledger.issue(question(), model="article", probability=0.9, now=ASKED)
    ledger.resolve(question().key, "yes", source="a release", now=LATER)
    table = ledger.scores().to_frame().set_index("model")
    assert table.loc["article", "brier"] == pytest.approx(0.01)
    assert table.loc["article", "log_score"] == pytest.approx(-np.log(0.9))
    assert table.loc["reference class", "brier"] == pytest.approx((1 - question().probability) ** 2)
    assert table.loc["article", "lead_days"] == 45


def test_a_wrong_certainty_costs_everything(ledger: ForecastLedger) -> None:
    """Probability 1 for what did not happen: Brier 1, log score without end."""
    ledger.issue(question(), model="sure", probability=1.0, now=ASKED)
    ledger.resolve(question().key, "no", source="nobody announced one", now=LATER)
    row = ledger.scores().to_frame().set_index("model").loc["sure"]
    assert row["brier"] == 1.0 and row["log_score"] == np.inf


def test_the_same_outcome_twice_adds_nothing_and_another_is_refused(ledger: ForecastLedger) -> None:
    """The first line is given again; a different outcome names it and adds nothing."""
    first = ledger.resolve(ledger.entries()[0].id, "yes", source="a release", now=LATER)
    assert ledger.resolve(ledger.entries()[0].id, "yes", source="another", now=LATER) == first
    before = ledger.path.read_bytes()
    with pytest.raises(RecordError, match=f"resolved yes by {first.id}, now no"):
        ledger.resolve(ledger.entries()[0].id, "no", source="another", now=LATER)
    assert ledger.path.read_bytes() == before


def test_a_correction_names_the_old_line_and_moves_the_scores(ledger: ForecastLedger) -> None:
    """The old line stays; the question counts as resolved the other way, and can be resolved so again."""
    old = ledger.resolve(ledger.entries()[0].id, "yes", source="a release", now=LATER)
    before = ledger.path.read_bytes()
    new = ledger.correct(old.id, {"outcome": "no"}, because="it was retracted", now=LATER)
    assert ledger.path.read_bytes().startswith(before)
    assert new.body["corrects"] == old.id
    assert ledger.scores().to_frame()["outcome"].tolist() == ["no"]
    assert ledger.resolve(ledger.entries()[0].id, "no", source="a release", now=LATER) == old
    ledger.correct(old.id, {"outcome": "void"}, because="the rule does not apply", now=LATER)
    assert (len(ledger.scores().to_frame()), ledger.scores().void) == (0, 1)


@pytest.mark.parametrize(
    "changes", [{"probability": "0.9"}, {"model": "x"}, {"ends": "2030-01-01"}, {}, {"text": " "}]
)
def test_what_was_forecast_cannot_be_corrected(ledger: ForecastLedger, changes: dict[str, str]) -> None:
    """Words can; the probability and dates cannot."""
    with pytest.raises(UsageError, match="can be corrected: text, counts"):
        ledger.correct(ledger.entries()[0].id, changes, because="hindsight", now=LATER)
    ledger.correct(ledger.entries()[0].id, {"text": "Is there one at all?"}, because="words", now=LATER)
    ledger.resolve(question().key, "yes", source="a release", now=LATER)
    assert ledger.scores().to_frame()["text"].tolist() == ["Is there one at all?"]


def test_bad_calls_add_nothing(ledger: ForecastLedger) -> None:
    """Each with its words; the file stays as it is."""
    known, before = ledger.entries()[0].id, ledger.path.read_bytes()
    calls: list[tuple[Any, type[Exception], str]] = [
        (lambda: ledger.resolve("feedfeed", "yes", source="S", now=LATER), UsageError, f"the latest are {known}"),
        (lambda: ledger.resolve("", "yes", source="S", now=LATER), UsageError, "at least 4 digits"),
        (lambda: ledger.resolve(known, "yes", source="S", now=datetime(2026, 3, 30, tzinfo=UTC)), RecordError, "no outcome"),
        (lambda: ledger.resolve(known, "maybe", source="S", now=LATER), UsageError, "allowed yes, no, void"),
        (lambda: ledger.resolve(known, "yes", source=" ", now=LATER), UsageError, "source is empty"),
        (lambda: ledger.issue(question(), now=LATER), RecordError, "is over is no forecast"),
        (lambda: ledger.issue(question(), now=datetime(2026, 2, 12, tzinfo=UTC)), RecordError, "opens on|clock"),
        (lambda: ledger.issue(question(), probability=1.2, model="x", now=ASKED), UsageError, "0 to 1"),
        (lambda: ledger.issue(question(), probability=float("nan"), model="x", now=ASKED), UsageError, "0 to 1"),
        (lambda: ledger.issue(question(), probability=0.5, now=ASKED), UsageError, "needs a name"),
        (lambda: ledger.issue(question(), now=datetime(2026, 2, 15)), UsageError, "no time zone"),
        (lambda: ledger.issue(question(), now=datetime(2026, 2, 13, 1, tzinfo=UTC)), RecordError, "set the clock right"),
        (lambda: ledger.correct(known, {"text": "x"}, because="", now=LATER), UsageError, "because is empty"),
        (lambda: ledger.resolve_forecast(known, "x.csv", source="S", vintage="v", now=LATER), UsageError, "is a question"),
    ]  # fmt: skip
    for call, error, words in calls:
        with pytest.raises(error, match=words):
            call()
    assert ledger.path.read_bytes() == before


def test_nothing_is_begun_by_an_outcome(tmp_path: Path) -> None:
    """Resolving, correcting or reading a ledger that is not there makes no file."""
    book = ForecastLedger(tmp_path / "none.jsonl")
    for call in (lambda: book.resolve("abcd", "yes", source="S"), lambda: book.correct("abcd", {"text": "x"}, because="y"),
                 book.entries):  # fmt: skip
        with pytest.raises(SourceError, match=r"afterstrike forecast issue"):
            call()
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def three_lines(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The content of a ledger of three lines."""
    book = ForecastLedger(tmp_path_factory.mktemp("ledger") / "ledger.jsonl")
    book.issue(question(), now=ASKED)
    book.issue(question("Another?"), now=ASKED)
    book.resolve(question().key, "yes", source="a release", now=LATER)
    return book.path.read_bytes()


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_any_changed_byte_is_noticed(three_lines: bytes, data: st.DataObject) -> None:
    """One byte replaced, put in or taken out, anywhere."""
    at = data.draw(st.integers(0, len(three_lines) - 1))
    new = data.draw(st.binary(min_size=0, max_size=2))
    changed = three_lines[:at] + new + three_lines[at + 1 :]
    if changed == three_lines:
        return
    with pytest.raises(SourceError):
        parse_entries(changed, "ledger.jsonl")


def test_lines_moved_or_taken_out_are_noticed(three_lines: bytes, tmp_path: Path) -> None:
    """Swapped, doubled, one of the middle gone; lines gone at the end show only against a hash kept elsewhere."""
    one, two, three = three_lines.splitlines(keepends=True)
    for wrong in (two + one + three, one + three, one + one + two + three, two + three):
        with pytest.raises(SourceError, match=r"line \d"):
            parse_entries(wrong, "ledger.jsonl")
    path = tmp_path / "short.jsonl"
    path.write_bytes(one + two)
    head = parse_entries(three_lines, "x")[-1].hash
    assert len(ForecastLedger(path).entries()) == 2
    with pytest.raises(SourceError, match="taken away or written anew"):
        ForecastLedger(path).entries(head=head)
    path.write_bytes(three_lines)
    assert len(ForecastLedger(path).entries(head=head[:12])) == 3


def test_a_rehashed_line_breaks_the_chain(three_lines: bytes) -> None:
    """Who changes a line and mends its own hash is caught by the next line."""
    import hashlib

    first, rest = three_lines.split(b"\n", 1)
    told = orjson.loads(first)
    told["body"]["probability"] = 0.99
    del told["hash"]
    option = orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    told["hash"] = hashlib.sha256(orjson.dumps(told, option=option)).hexdigest()
    with pytest.raises(SourceError, match="line 2 does not follow"):
        parse_entries(orjson.dumps(told, option=option) + rest, "ledger.jsonl")


def test_a_broken_file_is_not_written_to(three_lines: bytes, tmp_path: Path) -> None:
    """A line cut off by a full disk is told, and nothing is lost."""
    path = tmp_path / "ledger.jsonl"
    path.write_bytes(three_lines[:-20])
    with pytest.raises(SourceError, match="line 3 is cut off"):
        ForecastLedger(path).issue(question(), now=ASKED)
    with pytest.raises(SourceError, match="line 3 is cut off"):
        ForecastLedger(path).scores()
    assert path.read_bytes() == three_lines[:-20]


def test_a_full_disk_leaves_no_half_line(ledger: ForecastLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was there before is there after."""
    before = ledger.path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RecordError, match="No space left"):
        ledger.issue(question(), now=ASKED)
    assert ledger.path.read_bytes() == before


def test_many_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    """Forty issues from eight threads: forty lines, one chain."""
    book = ForecastLedger(tmp_path / "ledger.jsonl")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda k: book.issue(question(), note=str(k), now=ASKED), range(40)))
    entries = book.entries()
    assert sorted(int(entry.body["note"]) for entry in entries) == list(range(40))


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(note=st.text(), model=st.text(min_size=1), p=st.floats(0, 1))
def test_any_words_survive_the_file(tmp_path: Path, note: str, model: str, p: float) -> None:
    """Line ends, quotes, any script; what JSON cannot hold is refused and leaves the file whole."""
    book = ForecastLedger(tmp_path / "any.jsonl")
    try:
        entry = book.issue(question(), model=model, probability=p, note=note, now=ASKED)
    except UsageError:
        assert any(0xD800 <= ord(one) < 0xE000 for one in note + model) or model == "reference class"
    else:
        assert book.entries()[-1] == entry
        assert (entry.body["note"], entry.body["model"], entry.body["probability"]) == (note, model, p)


def test_calibration_waits_for_enough(tmp_path: Path) -> None:
    """Twenty questions: nineteen are too few; at twenty the table counts by bin."""
    book = ForecastLedger(tmp_path / "ledger.jsonl")
    for k in range(20):
        asked = question(f"Number {k}?")
        book.issue(asked, model="m", probability=0.2 if k < 10 else 0.8, now=ASKED)
    for k in range(19):
        book.resolve(question(f"Number {k}?").key, "yes" if k % 5 == 0 else "no", source="S", now=LATER)
    with pytest.raises(EstimateRefused, match="19 questions are resolved"):
        book.scores().calibration()
    assert "too few to judge calibration" in book.scores().summary()
    book.resolve(question("Number 19?").key, "yes", source="S", now=LATER)
    table = book.scores().calibration()
    assert table[["low", "high", "issued", "share_yes"]].values.tolist() == [
        [0.1, 0.3, 10, 0.2],
        [0.7, 0.9, 10, 0.3],
    ]


@pytest.fixture
def draws(tmp_path: Path) -> Path:
    """A forecast of three units, two steps ahead, as `Forecast.save` writes it."""
    rng = np.random.default_rng(0)
    rows = [(unit, f"2024-{m:02d}", int(rng.poisson(5))) for unit in "abc" for m in range(1, 13)]
    table = pd.DataFrame(rows, columns=["unit", "time", "value"])
    made = forecast(
        table, origin="2024-12", horizons=[1, 2], draws=50, model="negative_binomial", vintage="v0"
    )
    return made.save(tmp_path / "draws.parquet")


RULE = {"rule": "Deaths a month by unit, as UCDP counts them.", "resolves": "2026-04-01"}


def test_a_forecast_of_counts_is_scored_against_its_own_draws(tmp_path: Path, draws: Path) -> None:
    """The mean CRPS is that of the draws; a row without an outcome is missing, not zero; vintages stay apart."""
    book = ForecastLedger(tmp_path / "ledger.jsonl")
    issued = book.issue_forecast(draws, **RULE, now=ASKED)
    assert (issued.body["model"], issued.body["origin"], issued.body["vintage"]) == (
        "negative_binomial",
        "2024-12",
        "v0",
    )
    assert issued.body["draws"]["units"] == 3 and issued.body["data_sha256"]
    outcomes = pd.DataFrame(
        {
            "unit": list("aabbc"),
            "time": ["2025-01", "2025-02"] * 2 + ["2025-01"],
            "value": [3, 4, 5, 6, np.nan],
        }
    )
    book.resolve_forecast(issued.id, outcomes, source="UCDP", vintage="25.1", now=LATER)
    row = book.scores().to_frame().iloc[0]
    frame = _read(draws)
    expected = [
        crps(
            frame.loc[(frame["unit"] == unit) & (frame["time"] == time), "value"].to_numpy()[None, :], [value]
        )[0]
        for unit, time, value in outcomes.dropna().itertuples(index=False)
    ]
    assert row["crps"] == pytest.approx(np.mean(expected)) and (row["rows"], row["missing"]) == (4, 2)
    more = outcomes.assign(value=outcomes["value"].fillna(9) + 1)
    book.resolve_forecast(issued.id, more, source="UCDP", vintage="26.1", now=LATER)
    assert book.scores().by_model()["vintage"].tolist() == ["25.1", "26.1"]
    with pytest.raises(RecordError, match="with other outcomes"):
        book.resolve_forecast(issued.id, outcomes, source="UCDP", vintage="26.1", now=LATER)
    assert book.resolve_forecast(issued.id, more, source="UCDP", vintage="26.1", now=LATER).number == 3


def _read(path: Path) -> pd.DataFrame:
    import duckdb

    with duckdb.connect() as connection:
        return connection.read_parquet(str(path)).df()


def test_changed_draws_and_bad_outcomes_are_refused(tmp_path: Path, draws: Path) -> None:
    """Another file under the name, no fitting row, doubled rows, too early."""
    book = ForecastLedger(tmp_path / "ledger.jsonl")
    issued = book.issue_forecast(draws, **RULE, now=ASKED)
    good = pd.DataFrame({"unit": ["a"], "time": ["2025-01"], "value": [3]})
    early = datetime(2026, 3, 1, tzinfo=UTC)
    for table, when, error, words in (
        (good, early, RecordError, "resolves on 2026-04-01"),
        (good.assign(unit="z"), LATER, UsageError, "no outcome fits"),
        (pd.concat([good, good]), LATER, UsageError, "twice"),
        (good.assign(value=-1), LATER, UsageError, "0 or more"),
        (good.assign(value="many"), LATER, UsageError, "no number"),
        (good.drop(columns="value"), LATER, UsageError, "take unit, time, value"),
        (tmp_path / "absent.csv", LATER, SourceError, "cannot be read"),
    ):
        with pytest.raises(error, match=words):
            book.resolve_forecast(issued.id, table, source="S", vintage="v", now=when)
    with pytest.raises(UsageError, match="is a forecast of counts"):
        book.resolve(issued.id, "yes", source="S", now=LATER)
    draws.write_bytes(draws.read_bytes() + b"x")
    with pytest.raises(RecordError, match="it is another file"):
        book.resolve_forecast(issued.id, good, source="S", vintage="v", now=LATER)
    assert len(book.entries()) == 1


def test_draws_that_are_none_are_refused(tmp_path: Path) -> None:
    """No Parquet, other columns, ragged draws, no metadata and no model named."""
    import duckdb

    book = ForecastLedger(tmp_path / "ledger.jsonl")
    text = tmp_path / "text.parquet"
    text.write_text("no")
    with pytest.raises(SourceError, match="cannot be read as Parquet"):
        book.issue_forecast(text, **RULE, now=ASKED)
    for name, sql, words in (
        ("columns", "SELECT 1 AS unit", "it takes unit, time, draw, value"),
        (
            "ragged",
            "SELECT * FROM (VALUES (1,1,0,2.0),(1,1,1,2.0),(2,1,0,2.0)) t(unit,time,draw,value)",
            "1 to 2 draws",
        ),
        (
            "nameless",
            "SELECT * FROM (VALUES (1,1,0,2.0),(1,1,1,2.0)) t(unit,time,draw,value)",
            "model is empty",
        ),
    ):
        path = tmp_path / f"{name}.parquet"
        duckdb.sql(sql).write_parquet(str(path))
        with pytest.raises(UsageError, match=words):
            book.issue_forecast(path, **RULE, now=ASKED)
    assert not book.path.exists()
    book.issue_forecast(path, **RULE, model="m", origin="0", vintage="v", now=ASKED)
    assert book.entries()[0].body["resolves"] == date(2026, 4, 1).isoformat()
