"""Backtests: what an origin may see, vintages and regimes apart, skill, and the files."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from afterstrike.charts import Chart
from afterstrike.cli import main
from afterstrike.containment import BASELINES, Backtest, backtest
from afterstrike.containment._forecast import _entry
from afterstrike.errors import EstimateRefused, UsageError

ORIGINS = [35, 47, 59]
STEPS = range(1, 13)


def panel(units: int = 8, times: int = 72, seed: int = 0) -> pd.DataFrame:
    """Counts whose level wanders, many of them zero."""
    rng = np.random.default_rng(seed)
    level = np.exp(np.cumsum(rng.normal(0, 0.15, (units, times)), axis=1) + rng.normal(0, 1, (units, 1)))
    values = rng.poisson(level)
    return pd.DataFrame(
        [(f"u{u}", t, values[u, t]) for u in range(units) for t in range(times)],
        columns=["unit", "time", "value"],
    )


def run(table: pd.DataFrame, **changes: Any) -> Backtest:
    """A small backtest."""
    arguments: dict[str, Any] = {
        "origins": ORIGINS, "horizons": STEPS, "models": ["negative_binomial"], "draws": 100, "replicates": 200,
    } | changes  # fmt: skip
    return backtest(table, **arguments)


@pytest.fixture(scope="module")
def found() -> Backtest:
    """Three windows, one with a change in it, two vintages, two named units."""
    table = panel()
    revised = table.assign(value=table["value"] * np.where(table["unit"] == "u0", 3, 1))
    return run(
        table,
        actuals={"first": table, "revised": revised},
        focus=["u0", "u1"],
        regimes={50: "the campaign ends"},
    )


def one(table: pd.DataFrame, **where: str) -> pd.Series[Any]:
    """The one row of a table with these values."""
    for name, value in where.items():
        table = table[table[name] == value]
    assert len(table) == 1
    return table.iloc[0]


def test_no_origin_sees_later_data() -> None:
    """All counts after an origin changed: what was forecast from it is scored the same on the old outcomes."""
    table = panel()
    later = table.assign(value=np.where(table["time"] > 47, 999, table["value"]))
    old, new = (run(one_, origins=[35, 47], actuals={"v": table}) for one_ in (table, later))
    pd.testing.assert_frame_equal(old.rows, new.rows)
    pd.testing.assert_frame_equal(old.table, new.table)


def test_a_model_is_handed_nothing_later_than_the_origin(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a model does, the later rows are not in its hands."""
    seen: list[tuple[int, int]] = []
    real = _entry.forecast

    def spy(table: Any, **arguments: Any) -> Any:
        seen.append((table.last, arguments["origin"]))
        return real(table, **arguments)

    monkeypatch.setattr(_entry, "forecast", spy)
    run(panel())
    assert len(seen) == 3 * len(BASELINES) and all(last == origin for last, origin in seen)


def test_every_baseline_is_beside(found: Backtest) -> None:
    """Asked for one model, all of them come, each on the same rows."""
    assert found.models[0] == "negative_binomial" and set(found.models) == set(BASELINES)
    assert {"zero", "last", "last12", "seasonal_walk"} < set(BASELINES)
    assert found.rows.groupby("model").size().nunique() == 1
    assert set(found.rows["horizon"]) == set(STEPS)


def test_skill_is_one_less_the_ratio_of_means(found: Backtest) -> None:
    """Of CRPS and of CRPS on the log scale, from the rows; the interval holds it; the climatology has none."""
    rows = found.rows[(found.rows["vintage"] == "first") & (found.rows["window"] == "36 to 47")]
    means = rows.groupby("model")[["crps", "crps_log1p"]].mean()
    row = one(found.table, vintage="first", window="36 to 47", part="all", model="negative_binomial")
    assert row["skill"] == pytest.approx(
        1 - means.loc["negative_binomial", "crps"] / means.loc["last12", "crps"]
    )
    ratio = means.loc["negative_binomial", "crps_log1p"] / means.loc["last12", "crps_log1p"]
    assert row["skill_log1p"] == pytest.approx(1 - ratio)
    assert row["skill_low"] < row["skill"] < row["skill_high"]
    past = 1 - means.loc["negative_binomial", "crps"] / means.loc["climatology", "crps"]
    assert row["skill_climatology"] == pytest.approx(past)
    assert (row["beyond_climatology"] == "yes") == (row["skill_climatology_low"] > 0)
    base = one(found.table, vintage="first", window="36 to 47", part="all", model="last12")
    assert (base["skill"], base["skill_low"], base["verdict"]) == (0, 0, "the baseline")
    assert row["coverage_80"] == rows.loc[rows["model"] == "negative_binomial", "covered_80"].mean()


def test_vintages_are_never_put_together(found: Backtest) -> None:
    """Every row of every table has one; changing one vintage's outcomes leaves the other's scores as they were."""
    assert found.vintages == ("first", "revised")
    alone = run(panel(), focus=["u0", "u1"], regimes={50: "x"}, vintage="first")
    mine = found.table[found.table["vintage"] == "first"].drop(columns="regime").reset_index(drop=True)
    pd.testing.assert_frame_equal(mine, alone.table.drop(columns="regime"))
    both = found.table[found.table["part"] == "all"].pivot(
        index=["window", "model"], columns="vintage", values="crps"
    )
    assert (both["first"] < both["revised"]).all()
    for frame in (found.table, found.heaviest, found.pit):
        assert set(frame["vintage"]) == {"first", "revised"}


def test_a_window_with_a_change_is_in_no_mean(found: Backtest) -> None:
    """The pooled row is over the other two windows; the third stands alone with what changed."""
    assert found.regimes == {"48 to 59": "50: the campaign ends"}
    pooled = one(
        found.table, vintage="first", window="windows without a regime change", part="all", model="last"
    )
    calm = found.rows[
        (found.rows["vintage"] == "first") & found.rows["window"].isin(["36 to 47", "60 to 71"])
    ]
    assert pooled["crps"] == pytest.approx(calm.loc[calm["model"] == "last", "crps"].mean())
    assert (pooled["windows"], pooled["rows"]) == (2, 2 * 8 * 12)
    assert "In 48 to 59 something changed (50: the campaign ends)" in found.summary()
    assert "all windows" not in set(found.table["window"])


def test_parts_of_the_rows(found: Backtest) -> None:
    """Rows above zero, named units, and all but the ten heaviest, each from the rows themselves."""
    rows = found.rows[
        (found.rows["vintage"] == "first")
        & (found.rows["window"] == "36 to 47")
        & (found.rows["model"] == "last")
    ]
    where = {"vintage": "first", "window": "36 to 47", "model": "last"}
    assert one(found.table, part="positive", **where)["crps"] == pytest.approx(
        rows.loc[rows["observed"] > 0, "crps"].mean()
    )
    named = rows[rows["unit"].isin(["u0", "u1"])]
    assert one(found.table, part="focus", **where)["crps"] == pytest.approx(named["crps"].mean())
    assert np.isnan(one(found.table, part="focus", **where)["skill_low"])
    rest = rows.sort_values("observed", ascending=False, kind="stable").iloc[10:]
    row = one(found.table, part="without_heaviest", **where)
    assert row["rows"] == len(rest) == 86
    heavy = found.heaviest[(found.heaviest["vintage"] == "first") & (found.heaviest["window"] == "36 to 47")]
    assert heavy["observed"].tolist() == sorted(rows["observed"], reverse=True)[:10]
    assert heavy["share_so_far"].iloc[-1] == pytest.approx(heavy["observed"].sum() / rows["observed"].sum())
    kept = rows[~rows.set_index(["unit", "time"]).index.isin(heavy.set_index(["unit", "time"]).index)]
    assert row["crps"] == pytest.approx(kept["crps"].mean())


def test_missing_outcomes_are_not_zero() -> None:
    """They are counted, and no mean moves."""
    table = panel()
    actuals = table[(table["unit"] != "u3") | (table["time"] < 40)]
    found = run(table, origins=[35], actuals={"v": actuals})
    row = one(found.table, window="36 to 47", part="all", model="last")
    assert (row["rows"], row["missing"]) == (8 * 12 - 8, 8)
    assert row["crps"] == pytest.approx(found.rows.loc[found.rows["model"] == "last", "crps"].mean())
    assert found.rows["crps"].isna().sum() == 8 * len(BASELINES)


def test_a_vintage_that_ends_early_is_scored_as_far_as_it_goes() -> None:
    """The window it lacks is named, and in no row of it."""
    table = panel()
    found = run(table, origins=[35, 47], actuals={"old": table[table["time"] < 48], "new": table})
    assert found.notes == ("In 48 to 59 vintage old holds no outcome; not scored on it.",)
    assert set(found.table.loc[found.table["vintage"] == "old", "window"]) == {"36 to 47"}
    assert set(found.table.loc[found.table["vintage"] == "new", "window"]) == {
        "36 to 47",
        "48 to 59",
        "all windows",
    }
    assert found.plot("pit", vintage="old").alt.startswith("PIT histogram, negative_binomial: ")
    assert "no rows" not in found.plot("pit", vintage="old").alt + found.plot("coverage", vintage="old").alt


def test_units_without_a_past_are_named() -> None:
    """They have outcomes but no forecast."""
    table = panel()
    found = run(table[(table["unit"] != "u7") | (table["time"] > 40)], origins=[35])
    assert any("u7" in note for note in found.notes) and "u7" in found.summary()
    assert set(found.rows["unit"]) == {f"u{k}" for k in range(7)}


def test_no_skill_is_said_where_there_is_none() -> None:
    """Counts of one constant law: no model is told to beat or lose to the last twelve by much; zero is worse."""
    rng = np.random.default_rng(1)
    table = panel(units=30).assign(value=rng.poisson(20, 30 * 72))
    found = run(table, models=["last"], draws=300)
    told = {row["model"]: row["verdict"] for row in found.table.to_dict("records")
            if row["part"] == "all" and row["window"] == "all windows"}  # fmt: skip
    assert told["zero"] == told["last"] == "worse than last12"
    assert told["negative_binomial"] in ("better than last12", "no skill beyond last12")
    assert (
        0.85
        < one(found.table, part="all", window="all windows", model="negative_binomial")["coverage_90"]
        < 0.97
    )


def test_no_skill_beyond_climatology_is_said() -> None:
    """Counts of one law that never changes: the unit's whole past cannot be beaten, and that is said."""
    rng = np.random.default_rng(2)
    table = panel(units=30).assign(value=rng.poisson(20, 30 * 72))
    found = run(table, models=["last"])
    row = one(found.table, part="all", window="all windows", model="last")
    assert row["beyond_climatology"] == "no" and row["skill_climatology"] < 0
    assert "worse than last12, and no skill beyond climatology" in found.summary()


def test_every_n_steps() -> None:
    """As far back as there are two years before the first origin; or on from the one named."""
    assert run(panel(), origins=(), every=12).provenance["origins"] == [23, 35, 47, 59]
    assert run(panel(), origins=[40], every=10).provenance["origins"] == [40, 50]


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"origins": [99]}, UsageError, "outside the data"),
        ({"origins": [47, 47]}, UsageError, "given twice"),
        ({"origins": []}, UsageError, "no origin"),
        ({"origins": [30, 40], "every": 12}, UsageError, "at most the first"),
        ({"origins": ["2020-01"]}, UsageError, "not written as"),
        ({"horizons": [0, 1]}, UsageError, "above 0"),
        ({"horizons": []}, UsageError, "above 0"),
        ({"horizons": [2, 2]}, UsageError, "each once"),
        ({"models": "last"}, UsageError, r"as \['last'\]"),
        ({"models": ["oracle"]}, UsageError, "allowed are"),
        ({"focus": ["nowhere"]}, UsageError, "no unit of the panel"),
        ({"replicates": 10}, UsageError, "200 or more"),
        ({"origins": [71]}, EstimateRefused, "no outcome is known in 72 to 83"),
        ({"origins": [5]}, EstimateRefused, "origin 5, model"),
    ],
)
def test_bad_input_is_told(changes: dict[str, Any], error: type[Exception], words: str) -> None:
    """What was got and what is allowed."""
    with pytest.raises(error, match=words):
        run(panel(), **changes)


def test_one_unit_has_no_interval() -> None:
    """Scores, and the reason why no skill is told."""
    table = panel()
    found = run(table[table["unit"] == "u2"])
    row = one(found.table, window="36 to 47", part="all", model="last")
    assert np.isnan(row["skill_low"]) and row["verdict"] == "cannot tell: too few units"
    assert "no interval from 1 units" in found.summary()


@pytest.mark.shared
def test_the_challenge_rows_come_out_as_published(shared: Path) -> None:
    """Window 2020 from October 2019: scores of the last twelve months are the official ones, row by row."""
    import duckdb

    data = shared / "data" / "forecast"
    with duckdb.connect() as connection:
        table = connection.sql(
            f"SELECT country_id, month_id, ged_sb AS deaths FROM '{data}/cm_history_1989_2017.parquet' UNION ALL "
            f"SELECT country_id, month_id, outcome FROM '{data}/cm_actuals_2018_2022.parquet' WHERE year < 2021"
        ).df()
        official = connection.sql(
            f"SELECT country_id AS unit, month_id AS time, crps, mis FROM '{data}/official_row_scores_2018_2022.parquet' "
            "WHERE benchmark LIKE 'conflictology%' AND \"window\" = 2020"
        ).df()
    found = backtest(
        table, origins=[478], horizons=range(3, 15), models=["last12"], draws=50, replicates=200, unit="country_id",
        time="month_id", value="deaths", focus=[220, 60],
    )  # fmt: skip
    mine = found.rows[found.rows["model"] == "last12"].merge(
        official, on=["unit", "time"], suffixes=("", "_official")
    )
    assert len(mine) == 2292
    np.testing.assert_allclose(mine["crps"], mine["crps_official"], atol=1e-9)
    np.testing.assert_allclose(mine["mis"], mine["mis_official"], atol=1e-9)
    assert one(found.table, part="all", model="last12")["crps"] == pytest.approx(21.34, abs=0.005)
    assert "last12 CRPS 21.34." in found.summary() and "the baseline" not in found.summary()


@pytest.fixture(scope="module")
def folder(found: Backtest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a backtest."""
    target = tmp_path_factory.mktemp("backtest") / "out"
    written = found.save(target)
    assert all(path.stat().st_size for path in written) and len(written) == 7 + 2 * 3 * 2
    return target


def test_files_agree(found: Backtest, folder: Path) -> None:
    """Tables, JSON and rows hold what the object does."""
    table = pd.read_csv(folder / "scores.csv")
    assert len(table) == len(found.table) and table["crps"].sum() == pytest.approx(found.table["crps"].sum())
    told = json.loads((folder / "result.json").read_text())
    assert len(told["scores"]) == len(table) and told["regimes"] == dict(found.regimes)
    assert (folder / "skill-1-first.png").read_bytes().startswith(b"\x89PNG")
    assert not list(folder.glob(".afterstrike-*"))


def test_the_page_stands_alone(found: Backtest, folder: Path) -> None:
    """Six drawings, no script, nothing from elsewhere; each vintage under its own head; every number in a table."""
    page = (folder / "backtest.html").read_text()
    assert page.count("<figure") == page.count("</svg>") == 6
    assert not re.search(r"<script|<link|<img|url\((?!#)|@import", page)
    assert not re.search(r"(src|href)=\"(?!#)", page)
    assert [re.sub("<.*?>", "", head) for head in re.findall("<h2>.*?</h2>", page)] == [
        "Outcomes of vintage: first", "Outcomes of vintage: revised",
    ]  # fmt: skip
    assert page.count("without the ten heaviest rows") >= 2 and "the campaign ends" in page
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_figures_say_what_they_show(found: Backtest) -> None:
    """Words for who cannot see them; the vintage is drawn into each."""
    for kind in ("skill", "coverage", "pit"):
        chart = found.plot(kind, vintage="revised")  # type: ignore[arg-type]
        assert isinstance(chart, Chart) and chart.alt and chart.caption
        assert "Outcomes of vintage: revised" in json.dumps(chart.spec)
    with pytest.raises(UsageError, match="allowed skill, coverage, pit"):
        found.plot("pie")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="there are first, revised"):
        found.plot(vintage="third")


def test_a_folder_that_cannot_be_written_to(found: Backtest, tmp_path: Path) -> None:
    """A file in its place: told, and left as it is."""
    target = tmp_path / "out"
    target.write_text("mine")
    with pytest.raises(UsageError):
        found.save(target)
    assert target.read_text() == "mine"


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Words on standard output, files beside, other names of columns, months as text."""
    table = panel()
    months = pd.period_range("2018-01", periods=72, freq="M").astype(str)
    table["when"] = months[table["time"]]
    path = tmp_path / "panel.csv"
    table.rename(columns={"unit": "where", "value": "deaths"})[["where", "when", "deaths"]].to_csv(
        path, index=False
    )
    arguments = ["backtest", str(path), "--unit", "where", "--time", "when", "--value", "deaths", "--origins",
                 "2020-12,2021-12", "--horizons", "1,2,3,6", "--models", "last", "--draws", "50", "--replicates", "200",
                 "--focus", "u1", "--regime", "2022-02=a truce", "--vintage", "of May"]  # fmt: skip
    assert main([*arguments, "-o", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out
    assert "2022-01 to 2022-06 something changed (2022-02: a truce)" in said and "vintage: of May" in said
    assert (tmp_path / "out/backtest.html").is_file()
    assert main([*arguments, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["provenance"]["horizons"] == [1, 2, 3, 6]


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        (["--origins", "40", "--horizons", "3-"], "as 3-14"),
        (["--origins", "40", "--horizons", ","], "--horizons"),
        (["--origins", "40", "--actuals", "panel.csv"], "a name of its own"),
        (["--origins", "40", "--vintage", "a", "--vintage", "b"], "no --actuals"),
        (["--origins", "40", "--models", "oracle"], "allowed are"),
        (["--origins", "40", "--unit", "country"], "country"),
        ([], "no origin|--every"),
    ],
)
def test_bad_commands(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    extra: list[str],
    words: str,
) -> None:
    """Exit 2, one line, no traceback."""
    monkeypatch.chdir(tmp_path)
    panel(times=30 if not extra else 72).to_csv("panel.csv", index=False)
    if "--models" not in extra:
        extra = [*extra, "--models", "last"]
    assert main(["backtest", "panel.csv", *extra]) == 2
    said = capsys.readouterr().err
    assert re.search(words, said) and "Traceback" not in said
