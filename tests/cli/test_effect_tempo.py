"""`afterstrike effect tempo`: the files it writes, what it prints, one line for bad input."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from afterstrike.cli import main

FILES = ["tempo.csv", "tempo.html", "tempo.json", "tempo.png", "tempo.svg", "tempo.txt"]
TIMES = ["--window", "2018-01-01/2018-03-31", "--against", "2017"]


@pytest.fixture
def events(tmp_path: Path) -> str:
    days = np.arange("2016-01-01", "2018-04-01", dtype="datetime64[D]")
    many = np.random.default_rng(1).poisson(np.where(days < np.datetime64("2018-01-01"), 1.0, 3.0))
    table = pd.DataFrame({"kind": "attack", "date_start": days.repeat(many), "lat": 35.0, "lon": 40.0})
    table.loc[len(table)] = {"kind": "strike", "date_start": days[0], "lat": 35.0, "lon": 40.0}
    table.to_csv(tmp_path / "events.csv", index=False)
    return str(tmp_path / "events.csv")


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(["effect", "tempo", *arguments])
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def test_it_prints_words_and_writes_files(
    events: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    status, said, _ = run(capsys, events, "--outcome", "attack", *TIMES, "-o", str(out))
    assert status == 0 and sorted(path.name for path in out.iterdir()) == FILES
    assert "rate ratio" in said and "times as many" in said and "not a test" in said
    found = json.loads((out / "tempo.json").read_text())
    first = found["windows"][0]
    assert first["rate_ratio_low"] < 3 < first["rate_ratio_high"] and first["reference"] == "2017"
    assert found["provenance"]["parameters"]["outcome"] == "attack"
    page = (out / "tempo.html").read_text()
    assert "A recorded rate against the past" in page and "<svg" in page
    assert (out / "tempo.csv").read_text().startswith("reference,first,last,days,events")


def test_options_reach_the_library(events: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, said, _ = run(
        capsys, events, "--outcome", "attack", *TIMES, "--period", "2016-07-01/2018-03-31", "--region",
        "39,34,41,36", "--gap", "2017-02-01/2017-02-10", "--level", "0.9", "--json",
    )  # fmt: skip
    found = json.loads(said)
    assert status == 0 and found["windows"][0]["days"] == 355 and found["windows"][0]["level"] == 0.9
    assert found["provenance"]["exclusions"]["outside the period"] > 0


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["--outcome", "atack", *TIMES], 2, "did you mean 'attack'"),
        (
            ["--outcome", "attack", "--window", "2019", "--against", "2017"],
            3,
            "the record covers 0 of its 365 days",
        ),
        (["--outcome", "attack", "--window", "2017-05-01/2017-06-01", "--against", "2017"], 2, "share days"),
        (["--outcome", "attack", "--window", "spring", "--against", "2017"], 2, "allowed a year as '2017'"),
        (["--outcome", "attack", *TIMES, "--gap", "2016"], 2, "--gap"),
        (["--outcome", "strike", *TIMES], 3, "it runs from 2016-01-01 to 2016-01-01"),
    ],
)
def test_bad_input_is_one_line(
    events: str, capsys: pytest.CaptureFixture[str], arguments: list[str], status: int, words: str
) -> None:
    got, _, said = run(capsys, events, *arguments)
    assert got == status and words in said and "Traceback" not in said
