"""`afterstrike effect intervention`: thin, readable, and refusing what cannot be said."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from afterstrike.cli import main
from afterstrike.effects import InterventionDesign, intervention_from_file

BOX = "40,34,42,36"


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> str:
    rng, n = np.random.default_rng(1), 3000
    events = pd.DataFrame(
        {
            "kind": rng.choice(["strike", "attack"], n, p=[0.1, 0.9]),
            "date_start": pd.Timestamp("2018-01-01") + pd.to_timedelta(rng.integers(0, 300, n), unit="D"),
            "lat": rng.uniform(33.9, 36, n),
            "lon": rng.uniform(40, 42, n),
        }
    )
    path = tmp_path_factory.mktemp("events") / "events.csv"
    events.to_csv(path, index=False)
    return str(path)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(["effect", "intervention", *arguments])
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def asked(table: str, *more: str) -> list[str]:
    roles = ["--treatment", "strike", "--outcome", "attack", "--region", BOX, "--grid", "16"]
    return [table, *roles, *more]


def test_files_words_and_the_same_numbers_as_the_library(
    table: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = asked(table, "--scenario", "scale=1.1,scale=1.2", "--lag", "1,3", "--area", "west=40,34,41,36")
    code, out, _ = run(capsys, *options, "-o", str(tmp_path))
    assert code == 0
    assert "instead of as observed" in out and "outside the window" in out
    assert "- cannot tell or no test" in out or "- passed" in out
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {f"intervention.{end}" for end in ("csv", "json", "txt", "png", "svg", "html")}
    page = (tmp_path / "intervention.html").read_text(encoding="utf-8")
    assert "<h1>Had strikes been drawn by another policy</h1>" in page and page.count("<svg") == 2
    assert "rather than 'as observed', lag 1: difference" in page.replace("&#39;", "'")
    code, out, _ = run(capsys, *options, "--json")
    told = json.loads(out)
    library = intervention_from_file(
        table, treatment="strike", outcome="attack", region=BOX, factors=(1.1, 1.2), lags=(1, 3),
        areas={"west": "40,34,41,36"}, design=InterventionDesign(shape=16),
    )  # fmt: skip
    assert [row["estimate"] for row in told["windows"]] == pytest.approx(
        library.to_frame()["estimate"].tolist()
    )
    assert {row["area"] for row in told["windows"]} == {"west"} and len(told["windows"]) == 4


def test_checks_that_take_longer_and_what_goes_with_them(
    table: str, capsys: pytest.CaptureFixture[str]
) -> None:
    options = asked(table, "--scenario", "scale=1.1", "--lag", "1")
    code, out, _ = run(capsys, *options, "--folds", "3", "--checks", "--jobs", "2", "--seed", "1")
    assert code == 0
    for name in ("standard errors", "outcomes moved in time", "propensity out of sample", "super-thinning"):
        assert f" {name}: " in out or f" {name}. " in out
    assert "propensity fitted again" in out
    # Truncated weights have no bootstrap; the rest is said all the same.
    code, out, _ = run(capsys, *options, "--truncation", "0.95", "--checks")
    assert code == 0 and "propensity fitted again" not in out and "super-thinning" in out
    code, _, err = run(capsys, *options, "--cluster", "tcp://127.0.0.1:9")
    assert code == 2 and "give both" in err
    code, _, err = run(capsys, *options, "--folds", "1")
    assert code == 2 and "folds=1" in err


def test_a_region_from_a_file_keeps_its_hole(
    table: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ring = [[40, 34], [42, 34], [42, 36], [40, 36], [40, 34]]
    hole = [[40.5, 34.5], [40.5, 35.5], [41.5, 35.5], [41.5, 34.5], [40.5, 34.5]]
    area = tmp_path / "area.geojson"
    area.write_text(json.dumps({"type": "Polygon", "coordinates": [ring, hole]}), encoding="utf-8")
    left = {}
    for region in (BOX, str(area)):
        options = asked(table, "--scenario", "scale=1.1", "--lag", "1", "--json")
        options[options.index(BOX)] = region
        code, out, _ = run(capsys, *options)
        assert code == 0
        left[region] = json.loads(out)["windows"][0]["mean_1"]
    assert 0.65 < left[str(area)] / left[BOX] < 0.85  # a quarter of the box is hole


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"--scenario": "scale=9", "--lag": "7"}, 3, "Use factors nearer to 1"),
        ({"--scenario": "scale=1"}, 2, "other than 1"),
        ({"--scenario": "more=2"}, 2, "allowed factors as scale=1.1"),
        ({"--scenario": "scale=-1"}, 2, "allowed factors above 0"),
        ({"--lag": "400"}, 2, "allowed up to"),
        ({"--region": "1,2,3"}, 2, "allowed"),
        ({"--region": "10,10,11,11"}, 3, "no treatment row lies in the window"),
        ({"--treatment": "raid"}, 2, "chooses no row"),
        ({"--area": "west"}, 2, "--area"),
    ],
)
def test_what_cannot_be_said_is_refused_in_one_line(
    table: str, change: dict[str, str], status: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    options = asked(table, "--scenario", "scale=1.1", "--lag", "1", "--model", "poisson")
    for name, value in change.items():
        if name in options:
            options[options.index(name) + 1] = value
        else:
            options += [name, value]
    code, _, error = run(capsys, *options)
    assert code == status and said in error, error
    assert "Traceback" not in error
