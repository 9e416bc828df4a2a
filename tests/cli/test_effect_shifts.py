"""`afterstrike effect shifts`: the files it writes, what it prints, one line for bad input."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from afterstrike.cli import main

FILES = ["shifts.csv", "shifts.html", "shifts.json", "shifts.png", "shifts.svg", "shifts.txt"]


@pytest.fixture
def events(tmp_path: Path) -> str:
    rng = np.random.default_rng(1)
    week = np.repeat(np.arange(120), rng.poisson(np.where(np.arange(120) < 70, 4, 12)))
    day = np.datetime64("2016-01-04") + 7 * week + rng.integers(0, 7, len(week))
    table = pd.DataFrame({"kind": "attack", "date_start": day, "lat": rng.normal(35, 0.2, len(week)),
                          "lon": 40.0, "deaths": rng.integers(0, 9, len(week))})  # fmt: skip
    table.loc[len(table)] = {"kind": "strike", "date_start": day[0], "lat": 35.0, "lon": 40.0, "deaths": 1}
    table.to_csv(tmp_path / "events.csv", index=False)
    return str(tmp_path / "events.csv")


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(["effect", "shifts", *arguments])
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def test_it_prints_words_and_writes_files(
    events: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    status, said, _ = run(capsys, events, "--outcome", "attack", "--deaths", "deaths", "-o", str(out))
    assert status == 0 and sorted(path.name for path in out.iterdir()) == FILES
    assert "tempo" in said and "no cause is shown" in said and "p over all tests" in said
    found = json.loads((out / "shifts.json").read_text())
    tempo = next(row for row in found["windows"] if row["series"] == "tempo")
    assert tempo["date"] in said and tempo["low"] <= tempo["date"] <= tempo["high"]
    assert found["provenance"]["parameters"]["outcome"] == "attack"
    assert tempo["n_events"] == found["windows"][1]["n_events"] > 800
    page = (out / "shifts.html").read_text()
    assert "Shifts in the record" in page and "<svg" in page and tempo["date"] in page
    assert (out / "shifts.csv").read_text().startswith("series,date,low,high,before,after")


def test_options_reach_the_library(events: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, said, _ = run(
        capsys, events, "--outcome", "attack", "--series", "tempo", "--period", "2016-01-04/2017-01-01",
        "--gap", "2016-02-01/2016-02-14", "--region", "39,34.9,41,36", "--json",
    )  # fmt: skip
    found = json.loads(said)
    assert status == 0 and [row["series"] for row in found["windows"]] == ["tempo"]
    assert found["windows"][0]["n_periods"] == 50
    left_out = found["provenance"]["exclusions"]
    assert left_out["outside the region"] > 0 and left_out["outside the period"] > 0
    assert left_out["in periods the source does not cover"] > 0


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["--outcome", "atack"], 2, "did you mean 'attack'"),
        (["--outcome", "strike"], 3, "1 events; a shift needs at least 20"),
        (["--outcome", "attack", "--series", "pace"], 2, "tempo, place, lethality"),
        (["--outcome", "attack", "--gap", "2016"], 2, "--gap"),
        (["--outcome", "attack", "--column", "time=when"], 2, "no column 'when'"),
    ],
)
def test_bad_input_is_one_line(
    events: str, capsys: pytest.CaptureFixture[str], arguments: list[str], status: int, words: str
) -> None:
    got, _, said = run(capsys, events, *arguments)
    assert got == status and words in said and "Traceback" not in said
