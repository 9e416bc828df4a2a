"""`calibrate` and its command: what is held against what, what is never told apart, and bad input."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from afterstrike.cli import main
from afterstrike.containment import load_world, simulate
from afterstrike.containment._calibrate import Calibration, Targets, WeeklySeries, calibrate, read_targets
from afterstrike.containment._calibrate._calibration import COLUMNS, DERIVED
from afterstrike.containment._words import FORBIDDEN
from afterstrike.errors import EstimateRefused, SourceError, UsageError

NEVER = (
    "fighters", "attacks_per_fighter", "recruited_per_sympathiser", "recruited_per_fighter", "demobilised",
    "materiel_loss", "materiel_halflife", "command_loss", "command_halflife", "lull_per_target", "camp_recruitment",
    "break_attempts_per_year.ne_syria", "handover_multiplier", "campaign_attempts_per_year",
)  # fmt: skip


def table_of(seed: int = 0, weeks: int = 120) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "week": pd.date_range("2022-03-07", periods=weeks, freq="7D"),
            "attacks": rng.negative_binomial(12, 0.5, weeks),
            "strikes": rng.poisson(0.7, weeks),
        }
    )


@pytest.fixture(scope="module")
def with_series() -> Calibration:
    return calibrate("mid2024", series=table_of(), members=1500)


@pytest.fixture(scope="module")
def without() -> Calibration:
    return calibrate("feb2026", members=1000)


def test_a_row_for_every_number(with_series: Calibration) -> None:
    frame = with_series.to_frame()
    assert tuple(frame.columns) == COLUMNS
    world = load_world("mid2024")
    assert set(world.numbers) <= set(frame["name"])
    assert set(DERIVED) <= set(frame["name"])
    assert (frame["reason"] != "").all()
    assert set(frame["basis"]) == {"prior only", "series", "counts", "simulated"}


@pytest.mark.parametrize("name", NEVER)
def test_never_told_apart(with_series: Calibration, name: str) -> None:
    row = with_series.to_frame().set_index("name").loc[name]
    assert not row["identified"]
    assert "not" in row["reason"]


def test_prior_only_keeps_the_range(without: Calibration) -> None:
    frame = without.to_frame().set_index("name")
    rest = frame[frame["basis"] == "prior only"]
    assert len(rest) > 90 and not rest["identified"].any()
    for end in ("low", "median", "high"):
        assert rest[f"prior_{end}"].tolist() == rest[f"posterior_{end}"].tolist()
    assert frame.loc["strike_effect", "posterior_low"] < 0 < frame.loc["strike_effect", "posterior_high"]


def test_counts_start_from_before_those_counts(without: Calibration) -> None:
    row = without.to_frame().set_index("name").loc["removed_per_mission"]
    assert row["identified"] and row["basis"] == "counts"
    # Not from the world's own range, which rests on the same counts.
    assert row["prior_low"] < 0.2 and row["prior_high"] > 4
    assert 0.4 < row["posterior_low"] < 1.07 < row["posterior_high"] < 2.5


def test_draws_run_and_give_the_rate(without: Calibration) -> None:
    draws = without.draws(400)
    assert all(values.shape == (400,) for values in draws.values())
    run = simulate("feb2026", until="2026-03-31", draws=draws, jobs=1)
    assert int(run.imbalance.max()) == 0
    days = (run.periods[-1] - run.start).days + 1
    ratio = (
        run.total("attacks").sum() / days / without.posterior["attacks_per_day"][:: 1000 // 400][:400].sum()
    )
    # The first weeks: strikes, materiel and recruitment have hardly moved it.
    assert 0.7 < ratio < 1.2


def test_rate_is_that_of_the_series_where_it_ends_by_the_worlds_day(with_series: Calibration) -> None:
    row = with_series.to_frame().set_index("name").loc["attacks_per_day"]
    assert row["basis"] == "series" and row["identified"]
    assert row["posterior_low"] < 12 / 7 < row["posterior_high"]


def test_later_states_pull_the_members(with_series: Calibration) -> None:
    weighed = with_series.weighed
    assert weighed is not None and weighed.effective > 100
    kept = with_series.posterior["fighters"]
    assert np.quantile(kept, 0.95) < np.quantile(with_series.prior["fighters"], 0.95)
    names = [check.check_name for check in with_series.checks]
    assert sum(name.startswith("later state") for name in names) == 5
    assert {"strikes to come", "effective members", "reporting by source"} <= set(names)


def test_same_seed_same_numbers() -> None:
    one, two = (calibrate("feb2026", members=500, seed=3).draws() for _ in range(2))
    assert all((one[name] == two[name]).all() or np.isnan(one[name]).all() for name in one)
    other = calibrate("feb2026", members=500, seed=4).draws()
    assert (one["removed_per_mission"] != other["removed_per_mission"]).any()


def test_nothing_forbidden_is_said(with_series: Calibration, without: Calibration) -> None:
    for found in (with_series, without):
        told = found.summary() + found.plot().alt + " ".join(found.to_frame()["reason"])
        for why, pattern in FORBIDDEN:
            assert not pattern.search(told), why
        assert "association" in told or found.fit is None
        assert found.world.as_of.strftime("%B %Y") in told


def test_unidentified_is_said_on_the_figure(without: Calibration) -> None:
    svg = without.plot().to_svg()
    marks = re.findall(r">not identified[^<]*<", svg)
    frame = without.to_frame()
    assert len(marks) == int((~frame["identified"]).sum())


def test_saved_files(with_series: Calibration, tmp_path: Path) -> None:
    names = {path.name for path in with_series.save(tmp_path / "out")}
    assert names == {
        "calibration.csv", "calibration.json", "calibration.txt", "calibration.html", "draws.csv", "series.svg",
        "series.png", "prior-posterior.svg", "prior-posterior.png",
    }  # fmt: skip
    draws = pd.read_csv(tmp_path / "out" / "draws.csv", index_col="member")
    again = {name: draws[name].to_numpy() for name in draws}
    assert simulate("mid2024", until="2024-08-31", draws=again, jobs=1).members == 1500
    page = (tmp_path / "out" / "calibration.html").read_text()
    assert "http://" not in page.replace("http://www.w3.org", "") and "not identified" in page


def test_figures_that_bear_on_a_world() -> None:
    past, latest = (read_targets(load_world(name)) for name in ("mid2024", "feb2026"))
    assert "removed_per_target" not in past.counts and "removed_per_target" in latest.counts
    assert len(past.stocks) == 5 and latest.stocks == ()
    assert past.without(stocks=True).stocks == () and past.without(counts=True).counts == {}


def test_own_figures(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[[stock]]\noutput = "camp_now"\nplaces = ["al_hol_roj"]\nfigure = "none"\nspread = 0.1\n')
    with pytest.raises(SourceError, match="'none'"):
        calibrate("mid2024", targets=own)
    own.write_text("[[stock]\n")
    with pytest.raises(SourceError, match="no TOML"):
        calibrate("mid2024", targets=own)
    own.write_text('[[stock]]\noutput = "camp_now"\n')
    with pytest.raises(SourceError, match="lacks 'figure'"):
        calibrate("mid2024", targets=own)
    with pytest.raises(SourceError, match="cannot be read"):
        calibrate("mid2024", targets=tmp_path / "missing.toml")
    found = calibrate("mid2024", targets=Targets(), members=500)
    assert found.evidence == {} and not found.to_frame()["identified"].any()


@pytest.mark.parametrize("members", [10, True, 10**7])
def test_members_out_of_bounds(members: Any) -> None:
    with pytest.raises(UsageError, match="500 to 100,000"):
        calibrate("feb2026", members=members)


def test_draws_out_of_bounds(without: Calibration) -> None:
    with pytest.raises(UsageError, match="1 or more"):
        without.draws(0)
    assert len(without.draws(2500)["fighters"]) == 2500


@pytest.mark.parametrize(
    "change, error",
    [
        (lambda t: t.drop(columns="week"), UsageError),
        (lambda t: t.drop(columns="attacks"), UsageError),
        (lambda t: t.drop(columns="strikes"), UsageError),
        (lambda t: t.assign(attacks=-1), UsageError),
        (lambda t: t.assign(attacks=0.5), UsageError),
        (lambda t: t.assign(attacks="many"), UsageError),
        (lambda t: t.assign(strikes=np.nan), UsageError),
        (lambda t: t.assign(week="someday"), UsageError),
        (lambda t: pd.concat([t, t]), UsageError),
        (lambda t: t.assign(week=t["week"] + pd.to_timedelta(np.arange(len(t)) % 3, "D")), UsageError),
        (lambda t: t.drop(index=50), UsageError),  # strikes of the absent week are not known
        (lambda t: t.head(30), EstimateRefused),
        (lambda t: t.assign(attacks=0), EstimateRefused),
        (lambda t: t.assign(strikes=0), EstimateRefused),
    ],
)
def test_tables_that_cannot_be_read(change: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        WeeklySeries.from_frame(change(table_of()))


def test_rows_in_any_order_and_weeks_without_attacks() -> None:
    table = table_of()
    table.loc[5, "attacks"] = None
    one, two = WeeklySeries.from_frame(table), WeeklySeries.from_frame(table.sample(frac=1, random_state=1))
    assert one.sha256 == two.sha256
    assert np.isnan(one.attacks[0, 5])


def test_shipped_strikes_beside_attacks() -> None:
    weeks = pd.date_range("2015-01-05", periods=80, freq="7D")
    table = pd.DataFrame({"week": weeks, "attacks": np.arange(80) % 7})
    series = WeeklySeries.from_frame(table, strikes="us_strikes_weekly")
    assert series.strikes.min() > 20
    with pytest.raises(UsageError, match="once"):
        WeeklySeries.from_frame(table.assign(strikes=1), strikes="us_strikes_weekly")
    with pytest.raises(UsageError, match="us_strikes_weekly"):
        WeeklySeries.from_frame(table, strikes="is_events_weekly_adm1")


def events() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    days = rng.integers(0, 700, 900)
    return pd.DataFrame(
        {
            "kind": np.where(np.arange(900) < 780, "attack", "strike"),
            "date_start": (np.datetime64("2022-01-03") + days).astype(str),
            "lat": 35.0 + rng.random(900),
            "lon": 40.0 + rng.random(900),
            "source": np.where(rng.random(900) < 0.6, "agency", "local"),
        }
    )


def test_events_are_counted_by_week(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    events().to_csv(path, index=False)
    series = WeeklySeries.from_file(
        path, treatment="strike", outcome="attack", gaps=[("2022-03-01", "2022-03-20")]
    )
    assert np.isnan(series.attacks).sum() in (3, 4)
    assert 700 < np.nansum(series.attacks) < 780
    by = WeeklySeries.from_file(path, treatment="strike", outcome="attack", sources="source")
    assert by.sources == ("agency", "local") and by.attacks.sum() == pytest.approx(780, abs=10)
    with pytest.raises(UsageError):
        WeeklySeries.from_file(path, treatment="strike", outcome="attack", sources="kinds")


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "events.csv"
    events().to_csv(path, index=False)
    chosen = ["--record", str(path), "--treatment", "strike", "--outcome", "attack"]
    status = main(
        ["world", "calibrate", "feb2026", *chosen, "--members", "600", "--json", "-o", str(tmp_path / "o")]
    )
    told = json.loads(capsys.readouterr().out)
    assert status == 0 and {"summary", "numbers", "checks", "provenance"} == set(told)
    assert (tmp_path / "o" / "prior-posterior.svg").exists()
    assert main(["world", "calibrate", "feb2026", "--members", "500"]) == 0
    assert "World feb2026" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments, status",
    [
        (["nowhere"], 2),
        (["feb2026", "--treatment", "strike"], 2),
        (["feb2026", "--record", "x.csv"], 2),
        (["feb2026", "--record", "x.csv", "--series", "y.csv"], 2),
        (["feb2026", "--strikes", "us_strikes_weekly"], 2),
        (["feb2026", "--series", "missing.csv"], 2),
        (["feb2026", "--series", "short.csv"], 3),
        (["feb2026", "--members", "5"], 2),
        (["feb2026", "--lag-weeks", "0"], 2),
    ],
)
def test_command_refuses(
    arguments: list[str], status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    table_of(weeks=20).to_csv("short.csv", index=False)
    assert main(["world", "calibrate", *arguments]) == status
    assert "Traceback" not in capsys.readouterr().err
