"""A run of scenarios: its tables, words, figures and files, and what none of them may say."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from afterstrike.containment import (
    Scenario,
    ScenarioResult,
    fan_chart,
    load_costs,
    load_scenario,
    run_scenarios,
    tornado_chart,
    tornado_table,
)
from afterstrike.containment._figure import FANS
from afterstrike.containment._scenario_costs import NO_COSTS
from afterstrike.containment._scenario_outputs import OUTPUTS
from afterstrike.containment._words import FORBIDDEN, escapes_line, number
from afterstrike.errors import EstimateRefused, UsageError

TODAY = date(2026, 3, 15)
COSTS = """
currency = "USD"
[strike]
low = 20000
high = 200000
price_year = 2024
source = "an invented budget"
[custody]
low = 5
high = 20
price_year = 2024
source = "an invented report"
[items_per_target]
low = 1
high = 4
source = "an invented count"
"""


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> ScenarioResult:
    path = tmp_path_factory.mktemp("costs") / "costs.toml"
    path.write_text(COSTS, encoding="utf-8")
    return run_scenarios(
        ["strikes_only", "repatriate", "withdraw"], members=250, repeats=5, until="2026-12-31", costs=path, drivers_n=64,
        today=TODAY, jobs=1,
    )  # fmt: skip


@pytest.fixture(scope="module")
def saved(result: ScenarioResult, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    result.save(folder)
    return folder


# ---- pairs


def test_scenarios_share_draws_and_chance(result: ScenarioResult) -> None:
    base, other, later = result.ensembles.values()
    for name, values in base.draws.items():
        np.testing.assert_array_equal(values, other.draws[name])
    # withdraw changes nothing for half a year: the same attacks to the last one, in every member
    months = [k for k, end in enumerate(base.periods) if end <= date(2026, 7, 31)]
    np.testing.assert_array_equal(
        base.series("attacks")[:, months], later.series("attacks")[:, months]
    )  # fmt: skip
    assert (base.series("attacks") != later.series("attacks")).any()


def test_each_prior_draw_is_run_as_often_as_asked(result: ScenarioResult) -> None:
    assert result.comparison is not None and result.comparison.repeats == 5
    assert set(result.comparison.to_frame()["draws"]) == {50}


def test_levers_do_what_they_should(result: ScenarioResult) -> None:
    base, home, _ = result.ensembles.values()
    assert OUTPUTS["repatriated"].of(base).max() == 0
    assert np.median(OUTPUTS["repatriated"].of(home)) > 3000
    assert (OUTPUTS["detained_at_end"].of(home) <= OUTPUTS["detained_at_end"].of(base)).all()
    row = result.to_frame().query("output == 'detained_at_end' and scenario == 'repatriate'").iloc[0]
    assert row["order"] == "fewer" and row["difference_median"] < 0


def test_the_same_seed_gives_the_same_table_for_any_number_of_processors() -> None:
    one, other = (
        run_scenarios(["strikes_only", "all"], members=50, until="2026-04-30", jobs=jobs) for jobs in (1, 2)
    )
    pd.testing.assert_frame_equal(one.to_frame(), other.to_frame())
    different = run_scenarios(["strikes_only", "all"], members=50, until="2026-04-30", seed=1)
    assert not one.to_frame().equals(different.to_frame())


def test_given_draws_are_run_and_said(result: ScenarioResult) -> None:
    drawn = result.world.draw(50, seed=0)
    drawn["attacks_per_fighter"] = drawn["attacks_per_fighter"] / 10
    found = run_scenarios(["strikes_only"], members=250, repeats=5, until="2026-12-31", draws=drawn)
    few, many = (np.median(OUTPUTS["attacks"].of(one.ensembles["strikes_only"])) for one in (found, result))
    assert few < many / 5
    assert "are not the world's own ranges" in found.summary() and found.provenance["draws"] == "given"
    assert "are not the world's own ranges" not in result.summary()
    with pytest.raises(UsageError, match="draws are not 25 of each number"):
        run_scenarios(["strikes_only"], members=250, draws=drawn)


# ---- words


def texts_of(result: ScenarioResult, saved: Path) -> dict[str, str]:
    """Everything a person reads of a run: summary, page, figures with their captions, and each text file."""
    found = {"summary": result.summary(), "repr": repr(result)}
    for name, chart in result.figures().items():
        found[f"figure {name}"] = (
            f"{chart.alt}. {chart.caption}. {json.dumps(chart.spec, ensure_ascii=False)}"
        )
    for name in ("summary.md", "scenarios.html"):
        found[name] = re.sub(
            r"<style>.*?</style>|<[^>]*>", " ", (saved / name).read_text(encoding="utf-8"), flags=re.S
        )
    return found


def test_nothing_says_what_it_may_not(result: ScenarioResult, saved: Path) -> None:
    for where, text in texts_of(result, saved).items():
        for why, pattern in FORBIDDEN:
            hit = pattern.search(text)
            assert hit is None, f"{where}: {why}: {text[max(0, hit.start() - 60) : hit.end() + 60]!r}"


@pytest.mark.parametrize(
    "name", ["strikes_only", "repatriate", "coordinate", "all", "withdraw", "article", "feb2026"]
)
def test_presets_say_nothing_they_may_not(name: str) -> None:
    one = load_scenario(name)
    text = " ".join([one.title, one.note, *one.assumptions, *one.sources])
    assert not [why for why, pattern in FORBIDDEN if pattern.search(text)]


@pytest.mark.parametrize(
    "text",
    [
        "Attacks will fall.",
        "The model predicts fewer attacks.",
        "ISIS needs to be held by 12 strikes a month.",
        "It takes 30 strikes per month.",
        "Children in the camp are a stock to recruit from.",
        "A recruitment pool of minors.",
    ],
)
def test_the_list_of_what_may_not_be_said_finds_it(text: str) -> None:
    assert [why for why, pattern in FORBIDDEN if pattern.search(text)]


def test_no_order_is_told_where_it_flips(result: ScenarioResult) -> None:
    assert result.comparison is not None
    rows = result.comparison.table[result.comparison.table["order"] == "not known"]
    assert len(rows), "the run was chosen to have some"
    lines = result.summary().split("\n")
    for row in rows[rows["against"] == "strikes_only"].to_dict("records"):
        head = f"{row['scenario']} against {row['against']}, {result.titles[row['output']]}:"
        (line,) = [line for line in lines if line.startswith(head)]
        assert "the order is not known" in line
        assert not re.search(r"\b(fewer|more) in\b", line)


def test_every_output_says_its_world_its_age_and_its_assumptions(result: ScenarioResult, saved: Path) -> None:
    world = result.world
    assumed = sum(one.is_assumption for one in world.numbers.values())
    for where, text in texts_of(result, saved).items():
        if where == "repr":
            continue
        assert "as of 13 February 2026 (30 days before this run)" in text, where
        assert f"{assumed} of its {len(world.numbers)} numbers" in text, where
        assert "ollows from stated assumptions" in text and "no forecast" in text, where
    told = json.loads((saved / "result.json").read_text(encoding="utf-8"))
    assert told["world"] == {
        "name": "feb2026", "title": world.title, "as_of": "2026-02-13", "age_days": 30,
        "numbers": len(world.numbers), "numbers_assumed": assumed,
    }  # fmt: skip
    for name in ("outputs.csv", "months.csv"):
        assert next(csv.DictReader((saved / name).open(encoding="utf-8")))["world"] == "feb2026"


def test_what_the_article_claims_is_called_so() -> None:
    found = run_scenarios(["article"], world="article", members=200, until="2025-01-31", today=TODAY)
    assert "Claimed by the article, and no data: detained.ne_syria 10,000 persons." in found.summary()
    assert "claimed by the article" in json.dumps(found.plot().spec)
    assert "since then no Assad government holds territory" in found.summary()
    assert found.comparison is None and len(found.to_frame()) == len(OUTPUTS)


@pytest.mark.parametrize(
    ("value", "told"),
    [(0, "0"), (0.04, "0"), (9.44, "9.4"), (12.3, "12"), (123, "120"), (-2345, "-2,300"), (float("nan"), "–")],
)  # fmt: skip
def test_numbers_look_no_more_exact_than_they_are(value: float, told: str) -> None:
    assert number(value) == told


@pytest.mark.parametrize(
    ("above", "told"),
    [(0, "in none of 1,000 runs"), (3, "one run in 1,000"), (12, "one run in 100"), (80, "one run in 10"),
     (400, "one run in two")],
)  # fmt: skip
def test_breaks_are_told_to_an_order_of_magnitude(above: int, told: str) -> None:
    assert told in escapes_line("x", np.repeat([5000, 0], [above, 1000 - above]))


# ---- figures and files


def test_files_of_a_run(result: ScenarioResult, saved: Path) -> None:
    names = {path.name for path in saved.iterdir()}
    tables = {"outputs.csv", "months.csv", "world.csv", "comparison.csv", "drivers.csv", "tornado.csv"}
    assert {
        "summary.md",
        "scenarios.html",
        "result.json",
        "draws.parquet",
        "members.parquet",
        *tables,
    } <= names
    for figure in result.figures():
        assert {f"{figure}.png", f"{figure}.svg"} <= names
        assert (saved / f"{figure}.png").read_bytes().startswith(b"\x89PNG")
    assert not [name for name in names if name.startswith(".")]


def test_the_draws_behind_the_numbers_are_kept(result: ScenarioResult, saved: Path) -> None:
    import duckdb

    draws = duckdb.sql(f"select * from read_parquet('{saved / 'draws.parquet'}')").df()
    assert (
        len(draws) == 250
        and draws["draw"].nunique() == 50
        and {"lull_halflife", "detained.iraq"} <= set(draws)
    )
    members = duckdb.sql(f"select * from read_parquet('{saved / 'members.parquet'}')").df()
    medians = members.groupby("scenario")["attacks"].median()
    levels = result.to_frame().query("output == 'attacks'").set_index("scenario")["median"]
    assert medians.to_dict() == levels.to_dict()


def test_the_page_fetches_nothing_and_runs_nothing(saved: Path) -> None:
    page = (saved / "scenarios.html").read_text(encoding="utf-8")
    assert "<script" not in page and not re.search(r"(src|href)=", page)
    assert "default-src 'none'" in page


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    result = run_scenarios(["strikes_only"], members=10, until="2026-03-31")
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match="is a file"):
        result.save(tmp_path / "file")
    (tmp_path / "out" / "result.json").mkdir(parents=True)
    with pytest.raises(UsageError, match=r"result\.json is a folder"):
        result.save(tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["result.json"]


def test_fans_have_a_panel_a_scenario_and_bands_that_nest(result: ScenarioResult) -> None:
    for output in FANS:
        spec = fan_chart(result.ensembles, output, today=TODAY).spec
        assert [panel["title"]["text"] for panel in spec["concat"]] == list(result.ensembles)
        for row in spec["concat"][0]["layer"][0]["data"]["values"]:
            cuts = [
                row[name]
                for name in ("low_95", "low_80", "low_50", "median", "high_50", "high_80", "high_95")
            ]
            assert cuts == sorted(cuts)
    with pytest.raises(UsageError, match="did you mean attacks"):
        fan_chart(result.ensembles, "atacks")


def test_a_part_month_is_drawn_as_a_rate(result: ScenarioResult) -> None:
    first = result.plot().spec["concat"][0]["layer"][0]["data"]["values"][0]
    raw = float(np.median(result.ensembles["strikes_only"].series("attacks")[:, 0]))
    assert first["median"] == pytest.approx(raw * 365.25 / 12 / 46)  # 14 February to 31 March


def test_a_recorded_series_stands_beside_and_gaps_stay_open(result: ScenarioResult) -> None:
    past = pd.DataFrame({"month": ["2025-10-01", "2025-12-01"], "value": [10, 20]})
    chart = result.plot(past=past, past_title="an invented record")
    steps = chart.spec["concat"][1]["layer"][-1]["data"]["values"]
    assert [(row["day"], row["value"]) for row in steps] == [
        ("2025-10-01", 10.0), ("2025-11-01", None), ("2025-12-01", 20.0), ("2026-01-01", 20.0),
    ]  # fmt: skip
    assert "an invented record" in chart.caption
    chart.to_svg()
    with pytest.raises(UsageError, match="it takes month and value"):
        result.plot(past=past.rename(columns={"value": "count"}))


def test_a_tornado_finds_what_matters_and_shows_no_dose(result: ScenarioResult) -> None:
    one = result.ensembles["strikes_only"]
    table = tornado_table(one, "camp_returns").set_index("name")
    assert table.index[0] == "camp_population.al_hol"
    assert table.iloc[0]["drawn"] and table.iloc[0]["high"] > table.iloc[0]["low"]
    dose = table[table.index.str.startswith(("targets_per_month", "reactive_targets", "casualty_"))]
    assert len(dose) >= 6 and not dose["drawn"].any()
    assert not table[table.index.str.startswith("camp_recruitment")]["drawn"].any()
    few = replace(one, draws={name: np.zeros(250) for name in one.draws})
    with pytest.raises(EstimateRefused, match="at least 40"):
        tornado_chart(few)


def test_a_dose_is_not_drawn_even_where_it_tells(result: ScenarioResult) -> None:
    """Targets a month made the very number that attacks follow: still no bar."""
    one = result.ensembles["strikes_only"]
    draws = {
        **one.draws,
        "targets_per_month.iraq": OUTPUTS["attacks"].of(one).astype(float).reshape(50, 5).mean(1).repeat(5),
    }
    chart = tornado_chart(replace(one, draws=draws))
    row = tornado_table(replace(one, draws=draws)).set_index("name").loc["targets_per_month.iraq"]
    assert row["score"] > 6 and not row["drawn"]
    assert "targets per month" not in json.dumps(chart.spec)


# ---- costs


def test_costs_follow_from_the_units(result: ScenarioResult) -> None:
    frame = result.to_frame().set_index(["output", "scenario"])
    strike = result.ensembles["strikes_only"].total("targets_hit")
    assert result.costs is not None
    drawn = result.costs.outputs()["cost_strike"].of(result.ensembles["strikes_only"])
    ratio = drawn[strike > 0] / strike[strike > 0]
    assert ratio.min() >= 20_000 and ratio.max() <= 200_000
    assert frame.loc[("cost_custody", "repatriate"), "order"] == "fewer"
    assert result.costs.break_even() == (5_000.0, 200_000.0)
    assert "Break-even replacement cost of an item: 5,000 to 200,000 USD" in result.summary()


def test_a_fixed_unit_cost_gives_person_days(tmp_path: Path, result: ScenarioResult) -> None:
    path = tmp_path / "costs.toml"
    path.write_text(
        'currency = "USD"\n[custody]\nlow = 2\nhigh = 2\nprice_year = 2024\nsource = "x"\n', encoding="utf-8"
    )
    one = result.ensembles["strikes_only"]
    days = np.array([46, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    np.testing.assert_allclose(
        load_costs(path).outputs()["cost_custody"].of(one),
        2 * (one.series("detained_now") * days).sum(axis=1),
    )


def test_without_sources_nothing_is_computed() -> None:
    found = run_scenarios(["strikes_only"], members=50, until="2026-03-31")
    assert NO_COSTS in found.summary() and not found.to_frame()["output"].str.startswith("cost").any()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("price_year = 2024\nsource = \"an invented report\"", "price_year = 2023\nsource = \"x\"", "of different years"),
        ('source = "an invented budget"', "", "[strike]: source is missing"),
        ("low = 20000", "low = 300000", "low not above high"),
        ("low = 20000", "low = 0", "allowed numbers above 0"),
        ("[custody]", "[custodi]", "did you mean custody?"),
        ('currency = "USD"', "", "currency is missing"),
        ("price_year = 2024", "", "price_year=None"),
        ("[strike]", "[strike", "is no TOML file"),
    ],
)  # fmt: skip
def test_a_wrong_file_of_costs_says_what_is_wrong(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in COSTS
    path = tmp_path / "costs.toml"
    path.write_text(COSTS.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        load_costs(path)
    assert words in str(caught.value)


# ---- what is refused before anything is run


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"presets": []}, "no scenario"),
        ({"presets": ["all", "all"]}, "all is given twice"),
        ({"members": 7}, "allowed multiples of 10"),
        ({"members": 0}, "allowed multiples of 10"),
        ({"repeats": 0}, "allowed whole numbers from 1"),
        ({"until": "soon"}, "until='soon' is no day"),
        ({"until": "2026-02-13"}, "allowed days after that"),
        ({"changes": ["start strike x 0"]}, "did you mean strikes"),
        ({"changes": ["start guard = 2 at irak"]}, "did you mean iraq"),
        ({"presets": ["article"], "changes": ["start guard = 2 at irak"]}, "its lines name places of the world article"),
        ({"drivers_n": 100}, "powers of two"),
        ({"presets": ["repatriate"], "changes": ["start repatriation = 20"]}, "different values"),
        ({"world": "feb2027"}, "feb2026"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_before_anything_is_run(given: dict[str, Any], words: str) -> None:
    asked: dict[str, Any] = {"presets": ["strikes_only"], "world": "feb2026", "members": 10} | given
    presets = asked.pop("presets")
    with pytest.raises(UsageError) as caught:
        run_scenarios(presets, **asked)
    assert words in str(caught.value)


def test_faults_of_all_scenarios_come_together() -> None:
    bad = [load_scenario(name).with_changes(["start guard = 2 at irak"]) for name in ("all", "coordinate")]
    with pytest.raises(UsageError) as caught:
        run_scenarios([*bad, Scenario("third")], members=7)
    assert str(caught.value).count("did you mean iraq") == 2 and "multiples of 10" in str(caught.value)


def test_further_lines_go_to_every_scenario() -> None:
    found = run_scenarios(
        ["strikes_only", "coordinate"],
        members=50,
        until="2026-03-31",
        changes=["start repatriation = 100 at iraq"],
    )
    assert list(found.ensembles) == ["strikes_only, changed", "coordinate, changed"]
    assert all(OUTPUTS["repatriated"].of(one).min() > 2000 for one in found.ensembles.values())


SMALL = """
name = "small"
title = "One zone, invented"
as_of = 2025-06-30
note = "Every number here is invented."
[[zones]]
id = "north"
name = "The north"
[numbers.fighters]
low = 1000
high = 3000
unit = "persons"
kind = "L"
source = "An invented office"
as_of = 2025-05-01
[numbers."targets_per_month.north"]
low = 1
high = 4
unit = "targets/month"
kind = "S"
source = "scenario assumption"
note = "invented: no office counts them"
[numbers."missions_per_month.north"]
low = 2
high = 5
unit = "missions/month"
kind = "D"
source = "An invented office"
"""


def test_general_presets_run_on_a_world_without_custody_or_camps(tmp_path: Path) -> None:
    path = tmp_path / "small.toml"
    path.write_text(SMALL, encoding="utf-8")
    general = ["strikes_only", "repatriate", "coordinate", "all", "withdraw"]
    found = run_scenarios(general, world=path, members=200, until="2026-03-31", drivers_n=64)
    assert "'start repatriation = 50' does nothing: the world small has no custody systems" in found.summary()
    assert OUTPUTS["net_escapes"].of(found.ensembles["all"]).max() == 0
    names = {written.name for written in found.save(tmp_path / "out")}
    assert "fan-attacks.png" in names and "fan-net-escapes.png" not in names
