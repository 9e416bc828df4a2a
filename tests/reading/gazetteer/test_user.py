"""Files of places a user brings: every known shape is read, anything else is refused in one line."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from afterstrike.errors import SourceError
from afterstrike.reading.gazetteer import PlaceQuery, default_gazetteer

GEONAMES = "\t".join(
    "1|Zzyzx|Zzyzx|Zizix,ززيزكس|36.1|43.2|P|PPL|IQ||15||||1200||1|Asia/Baghdad|2024-01-01".split("|")  # noqa: SIM905
)
SITE = GEONAMES.replace("PPL", "MILB").replace("P\t", "S\t", 1)

FILES = {
    "comma": "name,name_ar,lat,lon,country\nZzyzx,ززيزكس,36.1,43.2,Iraq\n",
    "semicolon, decimal comma": "Place;Latitude;Longitude\nZzyzx;36,1;43,2\n",
    "aliases in a column": "name,aliases,latitude,lng\nQxq,Zzyzx|ززيزكس,36.1,43.2\n",
    "geonames": GEONAMES + "\n",
    "json list": json.dumps(
        [{"name": {"en": "Zzyzx", "ar": "ززيزكس"}, "centroid": {"latitude": 36.1, "longitude": 43.2}}]
    ),
    "json texts": json.dumps([{"name": "Zzyzx", "latitude": "36.1", "longitude": "43.2", "country": "Iraq"}]),
    "json aliases": json.dumps([{"name": "Qxq", "aliases": [{"value": "Zzyzx"}], "lat": 36.1, "lon": 43.2}]),
    "json lines": '{"place_en": "Zzyzx", "place_ar": null, "lat": 36.1, "lon": 43.2}\n' * 2,
    "geojson": json.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": {"name": "Zzyzx"},
                    "geometry": {"type": "Point", "coordinates": [43.2, 36.1]},
                }
            ],
        }
    ),
}  # fmt: skip


@pytest.mark.parametrize("shape", FILES)
@pytest.mark.parametrize("zipped", [False, True])
def test_shapes_are_told_apart_by_content(tmp_path: Path, shape: str, zipped: bool) -> None:
    content = FILES[shape].encode()
    path = tmp_path / "places.dat"
    path.write_bytes(gzip.compress(content) if zipped else content)
    answer = default_gazetteer().add(path).resolve(PlaceQuery("Zzyzx", adm0="IRQ"))
    assert (answer.lat, answer.lon, answer.adm0, answer.gazetteer) == (36.1, 43.2, "IRQ", "places")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"PAR1\x00\x00rest", "a Parquet file"),
        (b"\x00\x01\x02" * 50, "binary data"),
        (b"date,deaths\n2020-01-01,3\n", "columns date, deaths"),
        (b'[{"name": "Zzyzx", "lat": 36.1', "starts like JSON but is damaged"),
        (b"name,lat,lon\nZzyzx,,\n", "no position for any"),
        (b"name,lat,lon\nZzyzx,4239,43\n", "no position for any"),
        (b"name,lat,lon\n", "no row with a name and a position"),
        (b"\x1f\x8b damaged", "damaged gzip"),
    ],
)
def test_other_files_are_refused_by_what_they_hold(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=words) as caught:
        default_gazetteer().add(path)
    assert str(path) in str(caught.value)


def test_absent_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot read the gazetteer"):
        default_gazetteer([tmp_path / "absent.csv"])


def test_user_rows_win_and_others_stay(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("name,lat,lon,country\nMosul,36.0,43.0,Iraq\n")
    mine = default_gazetteer([path])
    assert mine.resolve("Mosul").gazetteer == "mine"
    assert mine.resolve("Tikrit").gazetteer == "geonames"
    assert default_gazetteer().resolve("Mosul").gazetteer == "geonames"
    assert mine is default_gazetteer([path])


def test_names_without_position_become_names_of_the_known_place(tmp_path: Path) -> None:
    path = tmp_path / "names.json"
    tree = {"country": "Iraq", "provinces": [{"engName": "Mosul", "krdName": "Zzyzx", "villages": []}]}
    path.write_text(json.dumps(tree))
    answer = default_gazetteer([path]).resolve("Zzyzx")
    known = default_gazetteer().resolve("Mosul")
    assert (answer.lat, answer.lon) == (known.lat, known.lon)
    assert known.gazetteer_id is not None and known.gazetteer_id in str(answer.gazetteer_id)


def test_military_sites_of_a_file_are_given_at_their_division(tmp_path: Path) -> None:
    dump = tmp_path / "IQ.txt"
    dump.write_text(SITE + "\n")
    table = tmp_path / "sites.csv"
    table.write_text("name,lat,lon,country,adm1,type\nZzyzx,36.1,43.2,Iraq,Nineveh,military base\n")
    for path in (dump, table):
        answer = default_gazetteer([path]).resolve(PlaceQuery("Zzyzx", adm0="IRQ"))
        assert answer.geo_precision == 4
        assert (answer.lat, answer.lon) != (36.1, 43.2)


def test_shared_gazetteers_are_read(shared: Path) -> None:
    syria = [
        shared / "data" / "gazetteer_syria" / f"{x}.json"
        for x in ("governorates", "districts", "subdistricts")
    ]
    iraq = sorted((shared / "data" / "gazetteer_iraq").iterdir())
    coded = shared / "data" / "text" / "airwars_gazetteer" / "places.jsonl.gz"
    for path in (*syria, *iraq, coded):
        assert default_gazetteer([path]).resolve(PlaceQuery("Mosul", adm0="IRQ")).lat is not None
    # Villages no city list holds are found once the file that has them is added.
    village = PlaceQuery("Hamouriya", adm0="SYR")
    assert default_gazetteer().resolve(village).lat is None
    assert default_gazetteer([coded]).resolve(village).gazetteer == "places"
    # A district does not push the town it is named after aside.
    assert default_gazetteer(syria).resolve(PlaceQuery("Manbij", adm0="SYR")).geo_precision == 1
