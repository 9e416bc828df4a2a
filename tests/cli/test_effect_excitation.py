"""`afterstrike effect excitation`: the files it writes, what it prints, one line for bad input."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from afterstrike.cli import main
from afterstrike.effects import Study, mutual_excitation, simulate_hawkes

ROLES = ("--treatment", "strike", "--outcome", "attack", "--days", "7")
DAYS = 500


@lru_cache
def rows() -> pd.DataFrame:
    rng = np.random.default_rng(2)
    struck = np.sort(rng.choice(DAYS, 30, replace=False))
    lift = np.zeros(DAYS)
    for day in struck:
        lift[day + 1 : day + 8] -= 1.0
    times = simulate_hawkes(DAYS, rate=1.5 * np.exp(lift), branching_ratio=0.2, memory_days=2.0, seed=rng)
    table = pd.DataFrame({"kind": "attack", "at": np.floor(times)})
    table = pd.concat([table, pd.DataFrame({"kind": "strike", "at": struck})], ignore_index=True)
    table["date_start"] = pd.Timestamp("2017-01-01") + pd.to_timedelta(table.pop("at"), unit="D")
    return table.assign(lat=35.0, lon=40.0, adm1="Deir")


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "events.csv"
    rows().to_csv(path, index=False)
    return str(path)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(["effect", "excitation", *arguments])
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def test_numbers_are_those_of_the_library_and_files_are_written(
    capsys: pytest.CaptureFixture[str], file: str, tmp_path: Path
) -> None:
    gap = "2017-06-01/2017-06-10"
    status, out, err = run(
        capsys, file, *ROLES, "--zones", "adm1", "--gap", gap, "--json", "-o", str(tmp_path / "out")
    )
    assert status == 0, err
    told = json.loads(out)
    study = Study.from_frame(rows(), treatment="strike", outcome="attack")
    direct = mutual_excitation(study, days=(7,), zones="adm1", gaps=[("2017-06-01", "2017-06-10")]).to_frame()
    assert [row["rate_ratio"] for row in told["windows"]] == pytest.approx(direct["rate_ratio"].tolist())
    assert direct["rate_ratio_high"].iloc[1] < 1
    assert told["provenance"]["parameters"]["zones"] == "adm1"
    assert told["provenance"]["input"]["name"] == "events.csv"
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        f"excitation.{ending}" for ending in ("csv", "html", "json", "png", "svg", "txt")
    ]


def test_words_start_with_harm_and_hold_both_baselines(capsys: pytest.CaptureFixture[str], file: str) -> None:
    status, out, _ = run(capsys, file, *ROLES, "--zones", "100", "--period", "2017-01-01/2018-03-01")
    assert status == 0 and out.startswith("Civilian deaths in these strikes")
    assert "constant" in out and "drift" in out and "cells of 100 km" in out


@pytest.mark.parametrize(
    ("options", "status", "word"),
    [
        (("--gap", "2017-06-01"), 2, "--gap"),
        (("--days", "x"), 2, "--days"),
        (("--zones", "adm9"), 2, "adm9"),
        (("--zones", "0"), 2, "zones"),
        (("--period", "2017-03-01/2017-04-10"), 3, "at least"),
        (("--kernel", "gamma"), 2, "gamma"),
    ],
)
def test_bad_input_is_one_line(
    capsys: pytest.CaptureFixture[str], file: str, options: tuple[str, ...], status: int, word: str
) -> None:
    got, out, err = run(capsys, file, *ROLES, *options)
    assert got == status and not out and word in err
    assert "Traceback" not in err
