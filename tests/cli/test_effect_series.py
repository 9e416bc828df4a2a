"""`afterstrike effect series` and `interrupted`: thin, readable, and refusing what cannot be said."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from afterstrike.cli import main
from afterstrike.effects import interrupted_from_file, series_from_file
from afterstrike.effects.theatres import Theatre, simulate_theatre


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> str:
    spec = Theatre.preset("lull", strikes="random", overlap=None).with_strikes(rate_factor=1.0)
    path = tmp_path_factory.mktemp("events") / "events.csv"
    simulate_theatre(spec, seed=1).events.to_csv(path, index=False)
    return str(path)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(["effect", *arguments])
    printed = capsys.readouterr()
    return status, printed.out, printed.err


ROLES = ("--treatment", "strike", "--outcome", "attack")


def test_series_files_words_and_the_same_numbers_as_the_library(
    table: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(
        capsys, "series", table, *ROLES, "--zones", "adm1", "--days", "14", "-o", str(tmp_path)
    )
    assert code == 0, err
    assert out.startswith("Civilian deaths") and "rate ratio" in out and "nan" not in out.lower()
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {f"series.{end}" for end in ("csv", "json", "txt", "png", "svg", "html")}
    page = (tmp_path / "series.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 2 and "<h1>Recorded attacks along time" in page
    told = json.loads((tmp_path / "series.json").read_text(encoding="utf-8"))
    library = series_from_file(table, treatment="strike", outcome="attack", zones="adm1", days=14)
    row = library.to_frame().iloc[0]
    assert told["windows"][0]["rate_ratio"] == pytest.approx(row["rate_ratio"])
    assert told["provenance"]["input"]["name"] == "events.csv" and told["study"]
    assert {check["check_name"] for check in told["checks"]} >= {"strikes to come", "few zones"}


def test_interrupted_with_and_without_strikes_in_the_file(
    table: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dated = ("--start", "2002-07-01", "--end", "2002-09-29")
    code, out, err = run(
        capsys, "interrupted", table, "--outcome", "attack", *dated, "--json", "-o", str(tmp_path)
    )
    assert code == 0, err
    told = json.loads(out)
    library = interrupted_from_file(table, outcome="attack", start="2002-07-01", end="2002-09-29")
    assert told["windows"][-1]["rate_ratio"] == pytest.approx(library.to_frame()["rate_ratio"].iloc[-1])
    assert told["windows"][-1]["days"] == 91 and "not in a series of counts" in told["summary"]
    assert (tmp_path / "interrupted.png").stat().st_size > 1000
    code, out, _ = run(capsys, "interrupted", table, *ROLES, *dated, "--days", "30", "--placebos", "0")
    assert code == 0 and "stated for" in out.splitlines()[0] and "In the 30 days from 2002-07-01" in out


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("series", *ROLES, "--zones", "adm9"), 2, "adm9"),
        (("series", *ROLES, "--zones", "0.1"), 2, "1 to 2000 km"),
        (("series", *ROLES, "--gap", "2001-01-01"), 2, "--gap"),
        (("series", *ROLES, "--days", "x"), 2, "--days"),
        (("series", *ROLES, "--period", "2001-02-01/2001-03-01"), 3, "whole weeks"),
        (("interrupted", "--outcome", "attack", "--start", "soon"), 2, "allowed a date"),
        (("interrupted", "--outcome", "attack", "--start", "2001-02-01"), 3, "a trend needs 26"),
        (("interrupted", "--outcome", "nothing", "--start", "2002-02-01"), 2, "nothing"),
    ],
)
def test_bad_input_is_one_line(
    table: str, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], status: int, message: str
) -> None:
    code, _, err = run(capsys, arguments[0], table, *arguments[1:])
    assert code == status and message in err and "Traceback" not in err


def test_one_attack_and_a_gap_that_covers_all_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    days = pd.date_range("2018-01-01", periods=400).strftime("%Y-%m-%d")
    kind = np.where(np.arange(400) == 7, "attack", "strike")
    path = tmp_path / "one.csv"
    pd.DataFrame({"kind": kind, "date_start": days, "lat": 35.0, "lon": 40.0}).to_csv(path, index=False)
    code, _, err = run(capsys, "series", str(path), *ROLES)
    assert code == 3 and "attack" in err
    code, _, err = run(capsys, "series", str(path), *ROLES, "--gap", "2018-01-01/2019-12-31")
    assert code == 3 and "declared gaps" in err
