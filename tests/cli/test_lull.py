"""`afterstrike lull`: one call of the library."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from afterstrike.cli import main
from afterstrike.effects.theatres import Theatre, simulate_theatre


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("lull") / "theatre.csv"
    simulate_theatre(Theatre.preset("null", strikes="random"), seed=1).events.to_csv(path, index=False)
    return path


def _run(events: Path, *further: str) -> int:
    return main(
        ["lull", str(events), "--treatment", "strike", "--outcome", "attack", "--days", "7", *further]
    )


def test_words_and_files(events: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(events, "--design", "naive before and after", "-o", str(tmp_path / "out")) == 0
    output = capsys.readouterr().out
    assert output.startswith("Civilian deaths")
    assert "naive before and after" in output
    assert (tmp_path / "out/lull.html").exists()


def test_json(events: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(events, "--design", "naive before and after", "--json") == 0
    assert json.loads(capsys.readouterr().out)["windows"][0]["design"] == "naive before and after"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("--design", "guess"), "--design"),
        (("--zones", "0"), "zones="),
        (("--gap", "2001-05-01/2001-04-01"), "turn them round"),
        (("--gap", "1990-01-01/1990-02-01"), "outside the record"),
        (("--campaign", "2001-09-30/2001-07-01"), "turn them round"),
        (("--zones", "nowhere"), "nowhere"),
        (("--gap", "2018"), "--gap"),
    ],
)
def test_bad_options(
    events: Path, asked: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(events, *asked) == 2
    assert said in capsys.readouterr().err


def test_help_names_the_designs_there_are() -> None:
    from afterstrike.cli.lull import DESIGN_NAMES
    from afterstrike.effects._beside._designs import DESIGNS

    assert tuple(design.name for design in DESIGNS) == DESIGN_NAMES


def test_no_design_at_all_is_a_refusal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "two.csv"
    path.write_text("kind,date,lat,lon\nstrike,2018-01-02,35,40\nattack,2018-01-03,35,40\n")
    assert _run(path, "--design", "matched wakes") == 3
    told = capsys.readouterr()
    assert "not estimated" in told.out
    assert "no design can be run" in told.err
