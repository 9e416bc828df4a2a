"""`afterstrike forecast`: a panel or a record in, draws out, refusals in words."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from afterstrike.cli import main
from afterstrike.containment import load_forecast


@pytest.fixture(scope="module")
def panel(tmp_path_factory: pytest.TempPathFactory) -> str:
    rng = np.random.default_rng(3)
    rows = [
        {"country": f"c{u}", "month": f"{2018 + t // 12}-{t % 12 + 1:02d}", "deaths": int(rng.poisson(3 + 4 * u))}
        for u in range(6) for t in range(72)
    ]  # fmt: skip
    path = tmp_path_factory.mktemp("panel") / "deaths.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return str(path)


COLUMNS = ("--unit", "country", "--time", "month", "--value", "deaths")


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(["forecast", *arguments])
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def test_draws_are_written_and_words_printed(
    panel: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "draws.parquet"
    code, said, err = run(capsys, panel, *COLUMNS, "--origin", "2023-06", "--horizons", "3-5", "--draws", "100",
                          "--check", "1", "-o", str(out))  # fmt: skip
    assert code == 0, err
    assert "2023-09 to 2023-11" in said and "95% range" in said and "No skill beyond climatology" in said
    found = load_forecast(out)
    assert found.draws.shape == (6, 3, 100)
    assert list(found.to_frame().columns) == ["unit", "time", "draw", "value"]


def test_json(panel: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, said, _ = run(
        capsys, panel, *COLUMNS, "--horizons", "1,2", "--model", "negative_binomial", "--check", "0", "--json"
    )
    told = json.loads(said)
    assert code == 0 and told["origin"] == "2023-12" and len(told["forecast"]) == 12


@pytest.mark.parametrize(
    ("more", "status", "words"),
    [
        (["--origin", "2031-01"], 2, "outside the panel"),
        (["--horizons", "0-3"], 2, "overlaps the origin"),
        (["--horizons", "5-3"], 2, "smaller number first"),
        (["--horizons", "soon"], 2, "3-14 or 1,3,6"),
        (["--origin", "2018-05"], 3, "a year of them"),
        (["--kind", "attack"], 2, "rows of a record"),
        (["-o", "draws.csv"], 2, "ends in .parquet"),
        (["--unit", "land"], 2, "no column 'land'"),
    ],
)
def test_refusals(
    panel: str, capsys: pytest.CaptureFixture[str], more: list[str], status: int, words: str
) -> None:
    code, _, err = run(capsys, panel, *COLUMNS, *more)
    assert code == status and words in err and "Traceback" not in err


def test_a_record_own_series(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = []
    for number in range(400):
        day = (pd.Timestamp("2016-01-01") + pd.Timedelta(days=4 * number)).date().isoformat()
        rows.append(
            {"id": number, "type_of_violence": 3, "side_a": "IS", "side_b": "Civilians", "where_prec": 1,
             "where_coordinates": "Quay town", "latitude": 35.5, "longitude": 38.5,
             "country": "Syria" if number % 2 else "Iraq", "date_prec": 1, "date_start": day, "date_end": day,
             "best": 3, "low": 3, "high": 4}
        )  # fmt: skip
    pd.DataFrame(rows).to_csv(tmp_path / "ged.csv", index=False)
    path = tmp_path / "r.duckdb"
    assert main(["record", "add", str(tmp_path / "ged.csv"), "--record", str(path)]) == 0
    capsys.readouterr()
    for every in ("month", "week"):
        code, said, err = run(capsys, "--record", str(path), "--kind", "violence_against_civilians", "--by", "adm0",
                              "--every", every, "--horizons", "1-2", "--draws", "50", "--check", "0")  # fmt: skip
        assert code == 0, err
        assert "2 units" in said and "zero recorded events" in said
    code, _, err = run(capsys, "--record", str(path), "--kind", "prison_break")
    assert code == 3 and "0 events were selected" in err
