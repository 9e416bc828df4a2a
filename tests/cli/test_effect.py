"""`afterstrike effect wakes`: recorded numbers, the files it writes, one line for bad input."""

from __future__ import annotations

import csv
import inspect
import json
import math
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import click
import numpy as np
import pandas as pd
import pytest

from afterstrike.cli import main
from afterstrike.cli.effect import effect
from afterstrike.effects import WakeDesign, matched_wakes, wakes_from_file
from afterstrike.effects._design import WakeModel
from afterstrike.effects._matched_wakes import TimeUnit
from afterstrike.effects.theatres import Theatre, simulate_theatre

WINDOWS = ["--days", "2,4", "--km", "25,50"]
ROLES = ["--treatment", "strike", "--control", "show_of_force", "--outcome", "attack"]
MWA = ["--convention", "mwa-0.5"]
FILES = ["wakes.csv", "wakes.html", "wakes.json", "wakes.png", "wakes.svg", "wakes.txt"]


def events(count: int = 400, seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    days = pd.Timestamp("2018-01-01") + pd.to_timedelta(rng.integers(0, 200, count), unit="D")
    return pd.DataFrame(
        {
            "kind": rng.choice(["strike", "show_of_force", "attack"], count, p=[0.1, 0.2, 0.7]),
            "initiator": rng.choice(["US-led coalition", "Russia"], count),
            "date_start": days.strftime("%Y-%m-%d"),
            "lat": rng.normal(35, 0.2, count).round(4),
            "lon": rng.normal(40, 0.2, count).round(4),
            "adm0": rng.choice(["SYR", "IRQ"], count, p=[0.8, 0.2]),
            "population": rng.integers(0, 1000, count),
        }
    )


def saved(folder: Path, frame: pd.DataFrame, name: str = "events.csv") -> str:
    frame.to_csv(folder / name, index=False)
    return str(folder / name)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(["effect", "wakes", *arguments])
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def windows(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, object]]:
    status, out, err = run(capsys, *arguments, "--json", *MWA)
    assert status == 0, err
    rows: list[dict[str, object]] = json.loads(out)["windows"]
    return rows


# --- the recorded runs ------------------------------------------------------------------------------------

RECORDED: dict[str, list[str]] = {
    "example_weighted_TCM": ["--match-overlap"],
    "unweighted_noTCM": ["--unweighted"],
    "diff_formula": ["--match-overlap", "--model", "difference"],
    "deleteSUTVA": ["--match-overlap", "--drop-overlaps"],
    "controls_match1": ["--match-overlap", "--controls", "match1"],
    "cutpoints": ["--cutpoints", "cut.json"],
    "hours": ["--time-unit", "hour"],
}


@pytest.mark.parametrize("name", RECORDED)
def test_recorded_numbers(
    shared: Path,
    name: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = shared / "reference" / "mwa"
    if not folder.is_dir():
        pytest.skip("the recorded runs of mwa are not beside this repository (../shared/reference/mwa)")
    monkeypatch.chdir(tmp_path)
    cut = {
        "match1": [round(0.5 + i / 10, 1) for i in range(11)],
        "match2": [0.9, 0.95, 1, 1.05, 1.1],
        "dependent_trend": [-10, -0.5, 0.5, 10],
    }
    Path("cut.json").write_text(json.dumps(cut), encoding="utf-8")
    status, _, err = run(
        capsys,
        str(folder / "input_mwa_data.csv"),
        *["--treatment", "type=treatment", "--control", "control", "--outcome", "dependent"],
        *["--days", "48,96,144" if name == "hours" else "2,4,6,8,10", "--km", "2,4,6,8,10"],
        *["--match-on", "match1,match2", "--column", "time=timestamp", "-o", "out", *MWA, *RECORDED[name]],
    )
    assert status == 0, err
    ours = pd.read_csv("out/wakes.csv")
    theirs = pd.read_csv(folder / f"{name}_estimates.csv")
    assert ours[["days", "km"]].to_numpy().tolist() == theirs[["t_window", "spat_window"]].to_numpy().tolist()
    pairs = {"estimate": "estimate", "p_value": "pvalue", "adj_r2": "adj.r.squared", "intercept": "intercept"}
    for mine, peer in pairs.items():
        np.testing.assert_allclose(ours[mine], theirs[peer].astype(float), rtol=1e-10, atol=1e-10)
    assert ours["estimate"].notna().any()
    matching = pd.read_csv(folder / f"{name}_matching.csv")
    assert ours["n_treated_matched"].tolist() == matching["treatment_post"].tolist()
    assert ours["l1_after"].tolist() == matching["L1_post"].astype(float).tolist()


# --- files and printed output -----------------------------------------------------------------------------


def test_every_file_tells_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "deep" / "out"
    frame = events()
    frame.loc[frame.index[:3], "lat"] = np.nan
    status, text, err = run(capsys, saved(tmp_path, frame), *ROLES, *WINDOWS, *MWA, "-o", str(out))
    assert status == 0, err
    assert sorted(path.name for path in out.iterdir()) == FILES
    with (out / "wakes.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    told = json.loads((out / "wakes.json").read_text(encoding="utf-8"))
    assert [float(row["km"]) for row in rows] == [25, 50, 25, 50]
    for row, window in zip(rows, told["windows"], strict=True):
        assert float(row["estimate"]) == window["estimate"]
    assert told["provenance"]["input"]["name"] == "events.csv"
    assert len(told["provenance"]["input"]["sha256"]) == 64
    assert sum(told["provenance"]["exclusions"].values()) == 3
    assert text == (out / "wakes.txt").read_text(encoding="utf-8")
    assert "no coordinates" in text and "mwa-0.5" in text
    assert (out / "wakes.png").read_bytes().startswith(b"\x89PNG")
    # progress and what was written are no results
    assert err.count("wrote") == len(FILES) and "wrote" not in text


def test_page_asks_for_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frame = events()
    frame["initiator"] = "<script>alert(1)</script>"
    conditions = "kind=strike;initiator=<script>alert(1)</script>"
    roles = ["--treatment", conditions, "--control", "show_of_force", "--outcome", "attack"]
    run(capsys, saved(tmp_path, frame, "<b>.csv"), *roles, *WINDOWS, *MWA, "-o", str(tmp_path / "out"))
    page = (tmp_path / "out" / "wakes.html").read_text(encoding="utf-8")
    assert "<svg" in page and "default-src 'none'" in page
    assert not re.search(r"""(src|href)\s*=\s*["'](?!\#)|url\((?!#)|@import|<script|<link|<b>""", page)
    # the names of two XML vocabularies are the only addresses
    assert set(re.findall(r"https?://[^\"'<> ]+", page)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    assert page.count("<tr>") > 8


def test_csv_parquet_json_lines_and_record_agree(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import duckdb

    from afterstrike.record import LayoutOptions, load_mapping, open_record

    source = saved(tmp_path, events())
    duckdb.sql(f"COPY (FROM read_csv('{source}')) TO '{tmp_path}/events.parquet'")
    duckdb.sql(f"COPY (FROM read_csv('{source}')) TO '{tmp_path}/events.jsonl' (FORMAT json)")
    wanted = windows(capsys, source, *ROLES, *WINDOWS, "--match-on", "population")
    for name in ("events.parquet", "events.jsonl"):
        assert windows(capsys, str(tmp_path / name), *ROLES, *WINDOWS, "--match-on", "population") == wanted
    mapping = tmp_path / "mapping.toml"
    frame = events().assign(id=range(400))
    frame["kind"] = frame["kind"].replace("show_of_force", "other")
    with open_record(tmp_path / "all.duckdb") as record:
        columns = {"source_id": "id", "kind": "kind", "date_start": "date_start", "lat": "lat", "lon": "lon"}
        lines = ["[columns]", *(f'{ours} = "{theirs}"' for ours, theirs in columns.items())]
        mapping.write_text("\n".join(lines), encoding="utf-8")
        options = LayoutOptions(dataset="test", mapping=load_mapping(mapping))
        report = record.add(saved(tmp_path, frame, "mapped.csv"), options=options)
    assert report.to_dict()["added"] == 400
    roles = ["--treatment", "strike", "--control", "other", "--outcome", "attack"]
    # a record orders rows by day and id, the file does not; mwa-0.5 decides ties by the order of rows
    from_record = windows(capsys, str(tmp_path / "all.duckdb"), *roles, *WINDOWS)
    assert [row["n_treated"] for row in from_record] == [row["n_treated"] for row in wanted]
    assert all(isinstance(row["estimate"], float) for row in from_record)


def test_conditions_period_and_region_narrow(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, frame = saved(tmp_path, events()), events()
    base = windows(capsys, path, *ROLES, *WINDOWS)[0]
    chosen = windows(capsys, path, "--treatment", "kind=strike;initiator=Russia", *ROLES[2:], *WINDOWS)[0]
    assert 0 < int(str(chosen["n_treated"])) < int(str(base["n_treated"]))
    square = {"type": "Polygon", "coordinates": [[[39.8, 34.8], [40.2, 34.8], [40.2, 35.2], [39.8, 35.2]]]}
    (tmp_path / "square.geojson").write_text(json.dumps({"type": "Feature", "geometry": square}), "utf-8")
    inside = frame["lon"].between(39.8, 40.2) & frame["lat"].between(34.8, 35.2)
    kept = {
        "39.8,34.8,40.2,35.2": inside,
        str(tmp_path / "square.geojson"): inside,
        "SYR": frame["adm0"] == "SYR",
    }
    for region, mask in kept.items():
        status, out, err = run(capsys, path, *ROLES, *WINDOWS, *MWA, "--json", "--region", region)
        assert status == 0, err
        told = json.loads(out)
        study = {row["part"]: row["value"] for row in told["study"]}
        assert study["treatment"] == int(((frame["kind"] == "strike") & mask).sum())
        assert sum(told["provenance"]["exclusions"].values()) == int((~mask).sum())
    span = ["--period", "2018-02-01/2018-05-31"]
    told = json.loads(run(capsys, path, *ROLES, *WINDOWS, *MWA, "--json", *span)[1])
    days = frame["date_start"].between("2018-02-01", "2018-05-31")
    assert sum(told["provenance"]["exclusions"].values()) == int((~days).sum())


def test_without_control_rows_a_comparison_is_drawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    theatre = simulate_theatre(Theatre.preset("lull", strikes="random", overlap=0.05), seed=2)
    path = saved(tmp_path, theatre.events)
    asked = ["--treatment", "strike", "--outcome", "attack", "--days", "7,14", "--km", "25", "--seed", "5"]
    out = tmp_path / "out"
    status, text, err = run(capsys, path, *asked, "-o", str(out))
    assert status == 0, err
    told = json.loads((out / "wakes.json").read_text(encoding="utf-8"))
    assert told["provenance"]["parameters"]["convention"] == "afterstrike"
    assert told["provenance"]["seed"] == 5
    wanted = theatre.truth(horizon_days=14, radius_km=25).rate_ratio
    last = told["windows"][-1]
    assert last["rate_ratio_low"] < wanted < last["rate_ratio_high"] < 1
    assert "lower than expected" in text
    assert sorted(path.name for path in out.iterdir()) == FILES
    # the same seed draws the same comparison
    again = json.loads(run(capsys, path, *asked, "--json")[1])
    assert again["windows"] == told["windows"]
    for extra in (["--match-on", "fatalities_best"], ["--time-unit", "hour"], ["--model", "att"]):
        status, printed, err = run(capsys, path, *asked, *extra)
        assert (status, printed) == (2, "") and "'afterstrike'" in err and err.count("\n") == 1


def test_placebo_labels_are_among_the_checks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = saved(tmp_path, events())
    status, out, _ = run(capsys, path, *ROLES, *WINDOWS, *MWA, "--placebos", "19", "--json")
    check = json.loads(out)["checks"][-1]
    assert status == 0 and check["check_name"] == "placebo labels" and check["passed"] is None
    assert len(check["table"]) == 4 and all(row["p_placebo"] >= 0.05 for row in check["table"])
    assert check["text"].startswith("19 swaps, 4 of 4 windows")
    status, out, _ = run(capsys, path, *ROLES, *WINDOWS, *MWA)
    assert status == 0 and "placebo" not in out
    status, out, err = run(capsys, path, *ROLES, *WINDOWS, "--placebos", "19")
    assert status == 2 and not out and "allowed 'mwa-0.5'" in err


def test_columns_by_option(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frame = events()
    wanted = windows(capsys, saved(tmp_path, frame), *ROLES, *WINDOWS)
    names = {"date_start": "when", "lat": "y", "lon": "x", "kind": "what"}
    path = saved(tmp_path, frame.rename(columns=names), "other.csv")
    mapping = [
        f"--column={what}={name}"
        for what, name in zip(["time", "lat", "lon", "kind"], names.values(), strict=True)
    ]
    assert windows(capsys, path, *ROLES, *WINDOWS, *mapping) == wanted


def test_zones_are_moved_to_utc_and_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frame = events()
    wanted = windows(
        capsys, saved(tmp_path, frame.assign(date_start=frame["date_start"] + " 22:00:00")), *ROLES, *WINDOWS
    )
    later = pd.to_datetime(frame["date_start"]) + pd.Timedelta(days=1)
    zoned = frame.assign(date_start=later.dt.strftime("%Y-%m-%dT01:00:00+03:00"))
    path = saved(tmp_path, zoned, "zoned.csv")
    assert windows(capsys, path, *ROLES, *WINDOWS) == wanted
    told = json.loads(run(capsys, path, *ROLES, *WINDOWS, *MWA, "--json")[1])
    assert "400 times had a zone" in {row["part"]: str(row["value"]) for row in told["study"]}["time zones"]


def test_year_only_rows_are_left_out_and_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frame = events()
    frame.loc[frame.index[frame["kind"] == "attack"][:7], "date_start"] = "2018"
    status, text, _ = run(capsys, saved(tmp_path, frame), *ROLES, *WINDOWS, *MWA)
    assert status == 0
    assert "outcome: year or month only (7)" in text


def test_numbers_are_read_as_written(tmp_path: Path) -> None:
    from afterstrike.effects._event_file import read_event_file

    lines = [
        "kind,lat,code,size,date",
        "a,0.51959714852273498,007,12,2018",
        "b,NA,12,1e3,20180102",
        "c,.5,1,,x",
    ]
    (tmp_path / "t.csv").write_text("\n".join([*lines, "too,many,fields,in,this,line"]), encoding="utf-8")
    read = read_event_file(tmp_path / "t.csv")
    assert read.frame["lat"].tolist()[0] == 0.51959714852273498 and math.isnan(read.frame["lat"][1])
    assert read.frame["code"].tolist() == ["007", "12", "1"]
    assert read.frame["size"].tolist()[:2] == [12.0, 1000.0]
    assert read.frame["date"].tolist() == ["2018", "20180102", "x"]
    assert read.left_out == 1


# --- bad input: one line, the right status, nothing written -----------------------------------------------

EVENTS = events()
STRIKES = EVENTS.index[EVENTS["kind"] == "strike"]
Case = tuple[pd.DataFrame, Sequence[str], int, str]
BAD: dict[str, Case] = {
    "no control": (EVENTS, [*ROLES[:2], *ROLES[4:], *WINDOWS], 3, "no control rows"),
    "one treatment": (EVENTS.drop(STRIKES[1:]), [*ROLES, *WINDOWS], 3, "1 treatment row"),
    "same rows": (
        EVENTS,
        ["--treatment", "strike", "--outcome", "kind=strike", "--control", "show_of_force", *WINDOWS],
        2,
        "both treatment and outcome",
    ),
    "years only": (EVENTS.assign(date_start="2018"), [*ROLES, *WINDOWS], 3, "year or month only"),
    "long windows": (EVENTS, [*ROLES, "--days", "400", "--km", "25"], 3, "longer than the data"),
    "no coordinates": (EVENTS.assign(lat=np.nan), [*ROLES, *WINDOWS], 3, "no coordinates"),
    "no such match column": (
        EVENTS,
        [*ROLES, *WINDOWS, "--match-on", "populaton"],
        2,
        "did you mean 'population'",
    ),
    "no such control column": (EVENTS, [*ROLES, *WINDOWS, "--controls", "adm"], 2, "did you mean 'adm0'"),
    "no such time": (
        EVENTS,
        [*ROLES, *WINDOWS, "--column", "time=date_strat"],
        2,
        "did you mean 'date_start'",
    ),
    "no such condition": (
        EVENTS,
        ["--treatment", "initator=Russia", *ROLES[2:], *WINDOWS],
        2,
        "did you mean 'initiator'",
    ),
    "no such value": (
        EVENTS,
        ["--treatment", "kind=strike;initiator=russia", *ROLES[2:], *WINDOWS],
        2,
        "did you mean 'Russia'",
    ),
    "no such kind": (EVENTS, ["--treatment", "airstrike", *ROLES[2:], *WINDOWS], 2, "chooses no row"),
    "words to match on": (EVENTS, [*ROLES, *WINDOWS, "--match-on", "adm0"], 2, "adm0"),
    "column without name": (EVENTS, [*ROLES, *WINDOWS, "--column", "time"], 2, "--column time=timestamp"),
    "column of what": (EVENTS, [*ROLES, *WINDOWS, "--column", "when=date_start"], 2, "allowed 'time'"),
    "words as days": (EVENTS, [*ROLES, "--days", "two", "--km", "25"], 2, "--days 2,4,6"),
    "half a day": (EVENTS, [*ROLES, "--days", "2.5", "--km", "25"], 2, "whole numbers"),
    "no km": (EVENTS, [*ROLES, "--days", "2", "--km", "0"], 2, "positive"),
    "endless km": (EVENTS, [*ROLES, "--days", "2", "--km", "inf"], 2, "finite"),
    "convention": (EVENTS, [*ROLES, *WINDOWS, "--convention", "mwa-9"], 2, "allowed"),
    "period": (EVENTS, [*ROLES, *WINDOWS, "--period", "2018"], 2, "--period 2016-01-01/2018-12-31"),
    "period of no days": (EVENTS, [*ROLES, *WINDOWS, "--period", "a/b"], 2, "two days"),
    "region": (EVENTS, [*ROLES, *WINDOWS, "--region", "Atlantis"], 2, "GeoJSON"),
    "region elsewhere": (EVENTS, [*ROLES, *WINDOWS, "--region", "FRA"], 3, "none of 400 rows"),
    "box upside down": (EVENTS, [*ROLES, *WINDOWS, "--region", "39,36,41,34"], 2, "south below north"),
    "no countries": (EVENTS.drop(columns="adm0"), [*ROLES, *WINDOWS, "--region", "SYR"], 2, "adm0"),
    "cut points": (EVENTS, [*ROLES, *WINDOWS, "--cutpoints", "none.json"], 2, "cut points"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_line(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frame, options, wanted, words = BAD[name]
    path = saved(tmp_path, frame)
    convention = [] if name == "convention" else MWA
    status, out, err = run(capsys, path, *options, *convention, "-o", str(tmp_path / "out"))
    assert (status, out) == (wanted, ""), err
    assert words in err and err.count("\n") == 1 and "Traceback" not in err
    assert not (tmp_path / "out").exists()


def test_place_that_takes_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = saved(tmp_path, events())
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    taken = tmp_path / "taken"
    (taken / "wakes.csv").mkdir(parents=True)
    for out in (tmp_path / "file", tmp_path / "file" / "below", taken):
        status, printed, err = run(capsys, path, *ROLES, *WINDOWS, *MWA, "-o", str(out))
        assert (status, printed) == (2, "") and "cannot be written to" in err and err.count("\n") == 1
    assert [p.name for p in taken.iterdir()] == ["wakes.csv"]


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "is empty"), (b"%PDF-1.7 x", "PDF"), (b"one line of words\n", ""), (b"a,b\n", "no rows")],
)
def test_file_that_is_no_table(
    content: bytes, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.csv").write_bytes(content)
    status, out, err = run(capsys, str(tmp_path / "x.csv"), *ROLES, *WINDOWS, *MWA)
    assert (status, out) == (2, "") and words in err and err.count("\n") == 1


def test_missing_file_and_missing_record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("none.csv", "none.duckdb"):
        status, _, err = run(capsys, str(tmp_path / name), *ROLES, *WINDOWS, *MWA)
        assert status == 2 and "does not exist" in err and err.count("\n") == 1
    assert not (tmp_path / "none.duckdb").exists()


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from afterstrike.cli import main; main(['effect', 'wakes', '--help']); "
        "print(sorted({'numpy', 'pandas', 'duckdb', 'numba', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_options_and_defaults_are_those_of_the_library() -> None:
    options = {option.name: option for option in effect.commands["wakes"].params}
    library = inspect.signature(wakes_from_file).parameters
    assert options["convention"].default == library["convention"].default
    own = inspect.signature(matched_wakes).parameters["convention"].default
    assert own in (inspect.Parameter.empty, library["convention"].default)
    design = WakeDesign()
    for name in ("model", "weighted"):
        assert options[name].default == getattr(design, name), name
    allowed = {"time_unit": TimeUnit, "model": WakeModel}
    for name, words in allowed.items():
        choice = options[name].type
        assert isinstance(choice, click.Choice) and tuple(choice.choices) == get_args(words)


def test_checks_and_ring_are_options_of_the_default_convention(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = simulate_theatre(Theatre.preset("null", strikes="random", overlap=None), seed=2).events
    table = saved(tmp_path, made)
    asked = [table, "--treatment", "strike", "--outcome", "attack", "--days", "14", "--km", "25"]
    code, out, _ = run(capsys, *asked, "--checks", "--ring-km", "60", "--json")
    told = json.loads(out)
    names = [check["check_name"] for check in told["checks"]]
    assert code == 0 and names[-3:] == ["placebo strikes", "standard errors", "redraws within precision"]
    assert told["provenance"]["parameters"]["ring_km"] == 60
    code, _, error = run(capsys, *asked, "--checks", "--convention", "mwa-0.5")
    assert code == 2 and "--placebos" in error
