"""Actors get one name each; words that only look like one do not."""

from __future__ import annotations

import csv
from importlib.resources import files
from pathlib import Path

import pytest

from afterstrike.reading import ACTOR_KINDS, actor_kind, canonical_actor, find_actors


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("ISIS", "IS"),
        ("ISIL", "IS"),
        ("Daesh", "IS"),
        ("Islamic State group", "IS"),
        ("داعش", "IS"),
        ("IS", "IS"),
        ("the Islamic State", "IS"),
        ("CENTCOM", "US Central Command"),
        ("Operation Inherent Resolve", "US-led coalition"),
        ("U.S.-led coalition", "US-led coalition"),
        ("Syrian Democratic Forces", "SDF"),
        ("قسد", "SDF"),
        ("Assad regime", "Government of Syria"),
        ("Syrian army", "Government of Syria"),
        ("Syria", "Government of Syria"),
        ("Syrian insurgents", "Syrian insurgents"),
        ("Houthis", "Ansarallah"),
        ("al-Qaeda", "al-Qaida"),
        ("Hay’at Tahrir al-Sham", "HTS"),
        ("the United States", "Government of United States of America"),
        ("Malian troops", "Government of Mali"),
        ("Government of Chad", "Government of Chad"),
        ("PYD", "PYD"),
        ("Government of Russia (Soviet Union)", "Government of Russia"),
        ("Government of Yemen (North Yemen)", "Government of Yemen"),
        ("Government of Korea (North)", "Government of Korea (North)"),
        ("Government of Congo (Democratic Republic)", "Government of Congo (Democratic Republic)"),
        ("is", None),
        ("", None),
        ("somebody", None),
        ("The Islamic Museum", None),
        ("un", None),
    ],
)
def test_canonical_names(written: str, name: str | None) -> None:
    assert canonical_actor(written) == name


def test_every_canonical_name_is_its_own_name_and_no_alias_has_two() -> None:
    rows = files("afterstrike.reading").joinpath("actors.csv").read_text(encoding="utf-8").splitlines()
    owners: dict[str, str] = {}
    for row in csv.DictReader(rows):
        assert canonical_actor(row["canonical"]) == row["canonical"]
        assert row["kind"] in ACTOR_KINDS
        for alias in row["alias"].split("|"):
            assert owners.setdefault(alias, row["canonical"]) == row["canonical"], alias


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("This is an isthmus; the AP wires say so.", ["Associated Press"]),
        ("Islamists and Hamastan are words.", []),
        ("He said so in Damascus.", []),
        ("Damascus denied it.", ["Government of Syria"]),
        (
            "Talks between Washington and Moscow failed.",
            ["Government of United States of America", "Government of Russia"],
        ),
        ("The road between Damascus and Homs is open.", []),
        ("The US-backed militia fled.", []),
        ("900 US troops left.", ["Government of United States of America"]),
        ("Islamic\n   State fighters fled.", ["IS"]),
        ("ISIS’s men met al-Shabaab.", ["IS", "al-Shabaab"]),
        ("Iraqi Security Forces and the Popular Mobilisation Forces", ["Government of Iraq", "PMF"]),
        ("The Saudi-led coalition struck Houthi positions.", ["Saudi-led coalition", "Ansarallah"]),
    ],
)
def test_find_actors(text: str, names: list[str]) -> None:
    found = find_actors(text)
    assert [m.name for m in found] == names
    assert all(text[m.start : m.end] == m.text for m in found)


def test_kinds() -> None:
    assert actor_kind("US-led coalition") == "coalition"
    assert actor_kind("Airwars") == "ngo"
    assert actor_kind("nobody") is None


def test_the_sides_of_a_published_event_set_pass(shared: Path) -> None:
    import duckdb

    path = shared / "data/ucdp_ged_syria/ged_syria_2016_2018.parquet"
    query = (
        f"SELECT side, count(*) FROM (SELECT unnest([side_a, side_b]) AS side FROM '{path}') GROUP BY side"
    )
    counts = dict(duckdb.connect().execute(query).fetchall())
    known = {name: canonical_actor(name) for name in counts}
    for name in ("Government of Syria", "IS", "SDF", "HTS", "Syrian insurgents", "Government of Turkey"):
        assert known[name] == name
    covered = sum(count for name, count in counts.items() if known[name])
    assert covered / sum(counts.values()) > 0.93
    for name, found in known.items():
        if name.startswith("Government of "):
            assert found == name
