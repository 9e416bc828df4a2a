"""`afterstrike effect seams`: the same numbers as the library, files, one line for bad input."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import shapely

from afterstrike.cli import main
from afterstrike.cli._effect_seams import seams
from afterstrike.effects import seam_contrast, seam_exposure, share_exposure
from afterstrike.effects._seams._file import seams_from_file

from .conftest import START, make_world


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    status = main(["effect", "seams", *map(str, arguments)])
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def geojson(path: Path, features: list[tuple[dict[str, Any], Any]]) -> Path:
    listed = [{"type": "Feature", "properties": p, "geometry": g.__geo_interface__} for p, g in features]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": listed}), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Events, shares and, from the same shares, areas: A holds the south-west corner of each zone."""
    folder = tmp_path_factory.mktemp("seams")
    events, shares = make_world(weeks=26)
    events.to_csv(folder / "events.csv", index=False)
    shares.to_csv(folder / "shares.csv", index=False)
    zones = [({"name": f"z{k}"}, shapely.box(40 + k, 34, 41 + k, 35)) for k in range(10)]
    geojson(folder / "zones.geojson", zones)
    held = []
    for row in shares.itertuples():
        west, side = 40 + int(str(row.zone)[1:]), 0.05 + float(row.A) / 100
        corner = shapely.box(west, 34, west + side, 34 + side)
        held.append(({"party": "A", "date": row.date}, corner))
        held.append(
            ({"party": "B", "date": row.date}, shapely.box(west, 34, west + 1, 35).difference(corner))
        )
    geojson(folder / "control.geojson", held)
    return folder


def test_shares_give_the_numbers_of_the_library(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(
        capsys, folder / "events.csv", "--outcome", "attack", "--shares", folder / "shares.csv", "--zones", "zone",
        "--placebos", 0, "--json",
    )  # fmt: skip
    assert (status, err) == (0, "")
    exposure = share_exposure(pd.read_csv(folder / "shares.csv"), zone="zone")
    expected = seam_contrast(
        pd.read_csv(folder / "events.csv"), exposure, zones="zone", placebos=0
    ).to_frame()
    told = json.loads(out)
    assert told["windows"][0]["rate_ratio"] == pytest.approx(expected["rate_ratio"].iloc[0])
    assert told["provenance"]["control"]["name"] == "shares.csv"
    assert told["provenance"]["input"]["name"] == "events.csv"


def test_areas_give_the_numbers_of_the_library_and_files(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out_folder = folder / "out"
    status, out, err = run(
        capsys, folder / "events.csv", "--outcome", "kind=attack", "--control", folder / "control.geojson",
        "--zones", folder / "zones.geojson", "--placebos", 0, "-o", out_folder,
    )  # fmt: skip
    assert status == 0, err
    assert out.startswith("Smallest change this panel could show")
    names = sorted(path.name for path in out_folder.iterdir())
    assert names == [f"seams.{end}" for end in ("csv", "html", "json", "png", "svg", "txt")]
    days = pd.date_range(START, periods=26, freq="7D")
    exposure = seam_exposure(folder / "control.geojson", zones=folder / "zones.geojson", dates=days)
    expected = seam_contrast(pd.read_csv(folder / "events.csv"), exposure, placebos=0).to_frame()
    written = pd.read_csv(out_folder / "seams.csv")
    assert written["rate_ratio"].tolist() == pytest.approx(expected["rate_ratio"].tolist())
    page = (out_folder / "seams.html").read_text(encoding="utf-8")
    assert "association after adjustment" in page and page.count("<svg") == 2


def test_a_file_of_coordination_with_open_ends(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "party_1,party_2,coordination,valid_from,valid_to\nA,B,0.5,2016-03-01,\nB,A,1,,2016-02-29\n"
    (folder / "k.csv").write_text(text, encoding="utf-8")
    status, out, err = run(
        capsys, folder / "events.csv", "--outcome", "attack", "--control", folder / "control.geojson",
        "--zones", folder / "zones.geojson", "--coordination", folder / "k.csv", "--placebos", 0, "--json",
    )  # fmt: skip
    assert status == 0, err
    told = json.loads(out)
    assert told["provenance"]["parameters"]["exposure"]["coordination"] is True
    assert "weighted by 1 - coordination" in told["estimand"]
    # As one up to the end of February: no exposure there, half of it after.
    days = pd.date_range(START, periods=26, freq="7D")
    plain = seam_exposure(folder / "control.geojson", zones=folder / "zones.geojson", dates=days).to_frame()
    factor = (plain["date"] >= "2016-03-01") * 0.5
    table = pd.read_csv(folder / "k.csv")
    lowered = seam_exposure(
        folder / "control.geojson", zones=folder / "zones.geojson", dates=days, coordination=table
    ).to_frame()
    assert lowered["exposure"].tolist() == pytest.approx((plain["exposure"] * factor).tolist())


def test_one_zone_says_what_it_cannot_tell(
    folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    one = pd.read_csv(folder / "shares.csv").query("zone == 'z1'").drop(columns="zone")
    one.to_csv(tmp_path / "one.csv", index=False)
    status, out, _ = run(
        capsys, folder / "events.csv", "--outcome", "attack", "--shares", tmp_path / "one.csv"
    )
    assert status == 0
    assert "one zone: borders cannot be told from whatever else changed over time" in out


def test_a_region_keeps_rows_and_counts_the_others(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(
        capsys, folder / "events.csv", "--outcome", "attack", "--shares", folder / "shares.csv", "--zones", "zone",
        "--placebos", 0, "--region", "40,34,49,35", "--json",
    )  # fmt: skip
    events = pd.read_csv(folder / "events.csv")
    assert status == 0
    assert json.loads(out)["provenance"]["exclusions"]["outside the region"] == int(
        (events["lon"] > 49).sum()
    )


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        ([], 2, "allowed one of control"),
        (["--shares", "{}/shares.csv", "--control", "{}/control.geojson"], 2, "allowed one of control"),
        (["--control", "{}/control.geojson"], 2, "need a GeoJSON file of zones"),
        (["--control", "{}/control.geojson", "--zones", "zone"], 2, "need a GeoJSON file of zones"),
        (["--control", "{}/events.csv", "--zones", "{}/zones.geojson"], 2, "events.csv is no GeoJSON"),
        (["--control", "{}/none.geojson", "--zones", "{}/zones.geojson"], 2, "is no file"),
        (["--control", "{}/zones.geojson", "--zones", "{}/zones.geojson"], 2, "no 'date' or 'valid_from'"),
        (["--control", "{}/control.geojson", "--zones", "{}/zones.geojson", "--property", "party"], 2, "--property"),
        (["--control", "{}/control.geojson", "--zones", "{}/zones.geojson", "--property", "party=who"], 2, "no 'who'"),
        (["--control", "{}/control.geojson", "--zones", "{}/zones.geojson", "--period", "2030-01-01/2030-03-01"], 3,
         "control is stated on no day from 2030-01-01"),
        (["--control", "{}/control.geojson", "--zones", "{}/zones.geojson", "--period", "x/y"], 2, "allowed two days"),
        (["--control", "{}/control.geojson", "--zones", "{}/zones.geojson", "--coordination", "{}/events.csv"], 2,
         "needed party_1"),
        (["--shares", "{}/shares.csv", "--zones", "nowhere"], 2, "no column 'nowhere'"),
        (["--shares", "{}/shares.csv"], 2, "column 'zone' holds 'z0'"),
        (["--shares", "{}/shares.csv", "--zones", "zone", "--region", "0,0,1,1"], 2, "holds none"),
        (["--shares", "{}/shares.csv", "--zones", "zone", "--time-zone", "Nowhere"], 2, "time_zone='Nowhere'"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], status: int, told: str
) -> None:
    given = [argument.format(folder) for argument in arguments]
    got, out, err = run(capsys, folder / "events.csv", "--outcome", "attack", "--placebos", 0, *given)
    assert (got, out) == (status, "") and told in err
    assert "Traceback" not in err and len(err.strip().split("\n")) == 1


def test_every_option_is_that_of_the_library() -> None:
    ours = {str(parameter.name) for parameter in seams.params}
    library = set(inspect.signature(seams_from_file).parameters)
    renamed = {"events": "path", "column_names": "columns", "property_names": "properties"}
    assert {renamed.get(name, name) for name in ours} - {"as_json", "out", "help"} == library - {"progress"}
