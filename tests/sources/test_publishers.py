"""Every publisher against a server that speaks its format; what is fetched is imported as it is."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from afterstrike.errors import FetchError, LayoutError, SourceError, UsageError
from afterstrike.reading.gazetteer import PlaceQuery, default_gazetteer
from afterstrike.record import open_record
from afterstrike.sources import Archive, WebFetcher
from afterstrike.sources.publishers import PUBLISHERS, Delivery, Request, publisher
from afterstrike.sources.publishers._countries import country
from afterstrike.sources.publishers._gdelt import columns as gdelt_columns
from afterstrike.sources.publishers._tables import columns_of

Fetch = Callable[..., Delivery]


@pytest.fixture
def run(server: Any, fetcher: Callable[..., WebFetcher], tmp_path: Path) -> Fetch:
    """Ask a publisher at the server of the test."""

    def ask(name: str, **asked: Any) -> Delivery:
        request = Request(base=server.base, **asked)
        assert publisher(name).plan(request)
        return publisher(name).fetch(request, fetcher(), tmp_path / "out", lambda *_: None)

    (tmp_path / "out").mkdir()
    return ask


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("UCDP_ACCESS_TOKEN", "ACLED_TOKEN", "ACLED_USERNAME", "ACLED_PASSWORD"):
        monkeypatch.delenv(name, raising=False)


def _zip(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return out.getvalue()


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _imported(delivery: Delivery, tmp_path: Path) -> list[dict[str, Any]]:
    with open_record(tmp_path / "r.duckdb") as record:
        record.add(delivery.files[0])
        return record.rows(limit=1000)


# --- UCDP


def _ged_rows(count: int = 6) -> list[dict[str, Any]]:
    """Rows with all columns of GED; the even ones in Syria, the others in Iraq, a day apart."""
    _, known = columns_of("ged")
    made = []
    for number in range(count):
        row: dict[str, Any] = dict.fromkeys(sorted(known), "")
        row |= {
            "id": 1000 + number, "type_of_violence": 1, "side_a": "Government of Syria", "side_b": "IS",
            "latitude": 35.0 + number / 100, "longitude": 38.5, "date_start": f"2016-03-{number + 1:02} 00:00:00.000",
            "date_end": f"2016-03-{number + 1:02} 00:00:00.000", "date_prec": 1, "where_prec": 1, "best": 3, "low": 2,
            "high": 5, "country": "Syria" if number % 2 == 0 else "Iraq", "country_id": 652 if number % 2 == 0 else 645,
            "source_article": 'A paper, "of note"\nsays so',
        }  # fmt: skip
        made.append(row)
    return made


def _csv(rows: list[dict[str, Any]]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


DOWNLOADS = b"""<a href="/downloads/ged/ged251-csv.zip">old</a> <a href="ged/ged261-csv.zip">new</a>
<a href="candidateged/GEDEvent_v25_0_12.csv">old</a> <a href="candidateged/GEDEvent_v26_0_8.csv">August</a>
<a href="candidateged/GEDEvent_v26_0_10.csv">October</a> <a href="candidateged/GEDEvent_v26_01_26_06.csv">half</a>"""


def test_ged_newest_release_cut_to_country_and_days(server: Any, run: Fetch, tmp_path: Path) -> None:
    server.routes["/downloads/"] = DOWNLOADS
    server.routes["/downloads/ged/ged261-csv.zip"] = _zip({"GEDEvent_v26_1.csv": _csv(_ged_rows())})
    got = run("ged", countries=("SYR",), date_from=date(2016, 3, 2), date_to=date(2016, 3, 5))
    assert [row["id"] for row in _rows(got.files[0])] == ["1002", "1004"]
    assert (got.rows, got.licence) == (2, "CC BY 4.0")
    events = _imported(got, tmp_path)
    assert {(row["event_id"], row["adm0"], row["dataset_version"]) for row in events} == {
        ("ucdp-ged:1002", "SYR", "26.1"),
        ("ucdp-ged:1004", "SYR", "26.1"),
    }


def test_ged_whole(server: Any, run: Fetch, archive: Archive) -> None:
    server.routes["/downloads/ged/ged251-csv.zip"] = _zip({"GEDEvent_v25_1.csv": _csv(_ged_rows())})
    got = run("ged", version="25.1")
    assert got.rows == 6
    assert got.files[0].name == "GEDEvent_v25_1.csv"
    assert "release 25.1" in got.citation
    assert [one.licence for one in archive.fetches()] == ["CC BY 4.0"]
    assert [one.name for one in got.files[0].parent.iterdir()] == ["GEDEvent_v25_1.csv"]


def test_candidate_newest_month(server: Any, run: Fetch, tmp_path: Path) -> None:
    server.routes["/downloads/"] = DOWNLOADS
    server.routes["/downloads/candidateged/GEDEvent_v26_0_10.csv"] = _csv(_ged_rows())
    got = run("ged-candidate", countries=("Iraq",))
    assert got.rows == 3
    assert {row["dataset_version"] for row in _imported(got, tmp_path)} == {"26.0.10"}


def test_candidate_of_several_months(server: Any, run: Fetch) -> None:
    server.routes["/downloads/candidateged/GEDEvent_v26_01_26_06.csv"] = _csv(_ged_rows())
    assert run("ged-candidate", version="26.01.26.06").rows == 6


def test_ged_by_api(server: Any, run: Fetch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UCDP_ACCESS_TOKEN", "geheim")
    rows = _ged_rows()

    def page(reply: Any, asked: Any) -> None:
        assert asked.headers["x-ucdp-access-token"] == "geheim"
        assert (asked.query["Country"], asked.query["StartDate"]) == ("645,652", "2016-03-01")
        number = int(asked.query.get("page", 1))
        following = f"https://elsewhere.example/api/gedevents/26.1?{asked.target.split('?')[1]}"
        following = following.replace("&page=" + str(number), "") + f"&page={number + 1}"
        answer = {"TotalCount": 6, "TotalPages": 3, "NextPageUrl": following if number < 3 else ""}
        reply.send(json.dumps(answer | {"Result": rows[2 * number - 2 : 2 * number]}).encode())

    server.routes["/api/gedevents/26.1"] = page
    got = run("ged", version="26.1", countries=("SYR", "IRQ"), date_from=date(2016, 3, 1))
    assert (got.rows, server.count("/api/gedevents/26.1")) == (6, 3)
    assert len(_imported(got, tmp_path)) == 6


def test_changed_columns_are_named_and_the_bytes_kept(server: Any, run: Fetch, archive: Archive) -> None:
    rows = [
        {("actor_one" if k == "side_a" else k): v for k, v in row.items() if k != "best"}
        for row in _ged_rows()
    ]
    body = _csv(rows)
    server.routes["/downloads/candidateged/GEDEvent_v26_0_8.csv"] = body
    with pytest.raises(LayoutError, match=r"missing best, side_a; new columns: actor_one") as caught:
        run("ged-candidate", version="26.0.8")
    digest = hashlib.sha256(body).hexdigest()
    assert digest in str(caught.value)
    assert archive.bytes(digest) == body


def test_a_new_column_beside_the_others_is_no_fault(server: Any, run: Fetch) -> None:
    server.routes["/downloads/candidateged/GEDEvent_v26_0_8.csv"] = _csv(
        [row | {"novel": 1} for row in _ged_rows()]
    )
    assert run("ged-candidate", version="26.0.8").rows == 6


def test_columns_that_change_between_pages(server: Any, run: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UCDP_ACCESS_TOKEN", "geheim")
    rows = _ged_rows(2)

    def page(reply: Any, asked: Any) -> None:
        second = "page" in asked.query
        answer = {"Result": [rows[1] | {"novel": 1} if second else rows[0]]}
        reply.send(json.dumps(answer | {"NextPageUrl": None if second else "?page=2"}).encode())

    server.routes["/api/gedevents/26.1"] = page
    with pytest.raises(LayoutError, match="between pages: missing none; new novel"):
        run("ged", version="26.1", countries=("SYR",))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<!DOCTYPE html><title>Sign in</title>", "gave a web page where a table was expected"),
        (b"", "gave nothing where a table was expected"),
        (_csv(_ged_rows())[:4000].split(b"\n")[0] + b"\n", "no event that fits"),
        (b"id,\xff\xfe", "missing|no CSV file"),
    ],
    ids=["sign-in", "empty", "header only", "binary"],
)
def test_what_is_no_table(server: Any, run: Fetch, tmp_path: Path, body: bytes, words: str) -> None:
    server.routes["/downloads/candidateged/GEDEvent_v26_0_8.csv"] = body
    with pytest.raises(SourceError, match=words):
        run("ged-candidate", version="26.0.8")
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"GEDEvent_v26_1.csv": b"id\n" + b"0" * 50_000_000}, "refused as a bomb"),
        ({"a.csv": b"1", "b.csv": b"2"}, r"holds 2 \(members: a.csv, b.csv\)"),
        ({"readme.txt": b"1"}, r"holds 0 \(members: readme.txt\)"),
    ],
    ids=["bomb", "two tables", "no table"],
)
def test_a_zip_that_is_not_what_it_should_be(
    server: Any, run: Fetch, tmp_path: Path, members: dict[str, bytes], words: str
) -> None:
    server.routes["/downloads/ged/ged261-csv.zip"] = _zip(members)
    with pytest.raises(SourceError, match=words):
        run("ged", version="26.1")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_damaged_zip(server: Any, run: Fetch) -> None:
    whole = _zip({"GEDEvent_v26_1.csv": _csv(_ged_rows())})
    server.routes["/downloads/ged/ged261-csv.zip"] = whole[: len(whole) // 2]
    with pytest.raises(SourceError, match="no zip file that can be unpacked"):
        run("ged", version="26.1")


def test_the_downloads_page_without_links(server: Any, run: Fetch) -> None:
    server.routes["/downloads/"] = b"<p>We moved.</p>"
    with pytest.raises(SourceError, match="links no release of UCDP GED"):
        run("ged")


# --- ACLED


def _acled_rows(count: int, start: int = 0) -> list[dict[str, Any]]:
    _, known = columns_of("acled")
    return [
        dict.fromkeys(sorted(known), "") | {
            "event_id_cnty": f"SYR{number}", "event_date": "2024-03-01", "event_type": "Explosions/Remote violence",
            "sub_event_type": "Air/drone strike", "actor1": "Military Forces of Turkey", "latitude": "36.1",
            "longitude": "38.2", "iso": 760, "country": "Syria", "fatalities": 2, "timestamp": 1709900000,
            "time_precision": 1, "geo_precision": 1,
        }
        for number in range(start, start + count)
    ]  # fmt: skip


def test_acled_signs_in_and_joins_pages(
    server: Any, run: Fetch, archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from afterstrike.sources.publishers import _acled

    monkeypatch.setattr(_acled, "_ROWS", 3)
    monkeypatch.setenv("ACLED_USERNAME", "somebody@example.org")
    monkeypatch.setenv("ACLED_PASSWORD", "geheim")

    def token(reply: Any, asked: Any) -> None:
        assert asked.method == "POST"
        assert asked.form == {
            "username": "somebody@example.org", "password": "geheim", "grant_type": "password", "client_id": "acled",
        }  # fmt: skip
        reply.send(b'{"access_token": "tokengeheim", "expires_in": 86400}', Content_Type="application/json")

    def page(reply: Any, asked: Any) -> None:
        assert asked.headers["authorization"] == "Bearer tokengeheim"
        assert asked.query["event_date"] == "2024-01-01|2024-12-31"
        assert asked.query["event_date_where"] == "BETWEEN"
        if asked.query["iso"] != "760":
            reply.send(json.dumps({"status": 200, "data": []}).encode())
            return
        start = 3 * (int(asked.query["page"]) - 1)
        rows = _acled_rows(min(3, 7 - start), start)
        reply.send(json.dumps({"status": 200, "success": True, "total_count": 7, "data": rows}).encode())

    server.routes["/oauth/token"] = token
    server.routes["/api/acled/read"] = page
    got = run("acled", countries=("SYR", "IRQ"), date_from=date(2024, 1, 1), date_to=date(2024, 12, 31))
    assert (got.rows, server.count("/api/acled/read"), server.count("/oauth/token")) == (7, 4, 1)
    assert len(_imported(got, tmp_path)) == 7
    assert all("no redistribution" in str(one.licence) for one in archive.fetches())
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert b"geheim" not in path.read_bytes(), path


def test_acled_without_an_account(run: Fetch) -> None:
    with pytest.raises(UsageError, match="set ACLED_USERNAME and ACLED_PASSWORD"):
        run("acled", countries=("SYR",))
    with pytest.raises(UsageError, match="give --country, or a period"):
        run("acled")


def test_acled_refuses_the_password(server: Any, run: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACLED_USERNAME", "somebody")
    monkeypatch.setenv("ACLED_PASSWORD", "geheim")
    server.routes["/oauth/token"] = lambda reply, asked: reply.send(b'{"error": "geheim is wrong"}', 401)
    with pytest.raises(FetchError, match="answered 401 to the sign-in") as caught:
        run("acled", countries=("SYR",))
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b'{"status": 403, "message": "Access denied", "data": []}', "refused the request .Access denied"),
        (b'{"status": 200}', "refused the request"),
        (b'{"status": 200, "data": []}', "no event that fits"),
        (b"<html>Please sign in</html>", "gave a web page"),
        (b'{"status": 200, "data": [{"event_id": 1}]}', "has changed its columns: missing actor1"),
        (b"{", "gave no JSON"),
    ],
)
def test_acled_answers_otherwise(
    server: Any, run: Fetch, monkeypatch: pytest.MonkeyPatch, answer: bytes, words: str
) -> None:
    monkeypatch.setenv("ACLED_TOKEN", "geheim")
    server.routes["/api/acled/read"] = answer
    with pytest.raises(SourceError, match=words):
        run("acled", countries=("SYR",))


# --- GDELT


def _gdelt_line(number: int, code: str = "195", fips: str = "SY", kind: str = "4") -> str:
    row = dict.fromkeys(gdelt_columns(), "")
    row |= {
        "GLOBALEVENTID": str(number), "SQLDATE": "20240301", "Actor1Name": "GEORGE", "Actor1CountryCode": "USA",
        "Actor1Type1Code": "MIL", "Actor2KnownGroupCode": "ISI", "EventCode": code, "EventBaseCode": code[:3],
        "EventRootCode": code[:2], "ActionGeo_Type": kind, "ActionGeo_FullName": 'Raqqa, "Ar Raqqah", Syria',
        "ActionGeo_CountryCode": fips, "ActionGeo_Lat": "35.95", "ActionGeo_Long": "39.01",
        "DATEADDED": "20240301120000", "SOURCEURL": "https://example.org/a",
    }  # fmt: skip
    return "\t".join(row.values())


def _gdelt_serve(server: Any, files: dict[str, list[str]]) -> dict[str, bytes]:
    """Serve event files and a list of them."""
    lines, bodies = [], {}
    for moment, rows in files.items():
        body = _zip({f"{moment}.export.CSV": ("\n".join(rows) + "\n").encode()})
        name = f"/gdeltv2/{moment}.export.CSV.zip"
        server.routes[name] = bodies[name] = body
        address = f"http://data.gdeltproject.org{name}"
        lines.append(f"{len(body)} {hashlib.md5(body).hexdigest()} {address}")
        lines.append(f"9 {'0' * 32} {address.replace('export', 'mentions')}")
    server.routes["/gdeltv2/masterfilelist.txt"] = ("\n".join(lines) + "\n").encode()
    server.routes["/gdeltv2/lastupdate.txt"] = ("\n".join(lines[-2:]) + "\n").encode()
    return bodies


GDELT_FILES = {
    "20240229234500": [_gdelt_line(1)],
    "20240301000000": [_gdelt_line(2), _gdelt_line(3, code="040"), _gdelt_line(4, fips="IZ")],
    "20240301001500": [
        _gdelt_line(5, code="1951", kind="1"),
        _gdelt_line(6, code="190"),
        _gdelt_line(7, "204"),
    ],
    "20240302000000": [_gdelt_line(8)],
}


def test_gdelt_of_a_period(server: Any, run: Fetch, tmp_path: Path) -> None:
    _gdelt_serve(server, GDELT_FILES)
    day = date(2024, 3, 1)
    got = run("gdelt", countries=("SYR",), date_from=day, date_to=day)
    assert got.rows == 4
    events = {row["source_id"]: row for row in _imported(got, tmp_path)}
    assert sorted(events) == ["2", "5", "6", "7"]
    strike = events["2"]
    assert (strike["kind"], strike["initiator"], strike["side_b"]) == ("strike", "USA MIL", "ISI")
    assert (strike["adm0"], strike["geo_precision"], strike["lat"]) == ("SYR", 2, 35.95)
    assert strike["place"] == "Raqqa, 'Ar Raqqah', Syria"
    assert strike["fatalities_best"] is None
    assert (strike["date_start"], strike["date_precision"], strike["confidence"]) == (day, 2, "low")
    assert (events["5"]["geo_precision"], events["5"]["lat"]) == (6, None)
    assert events["5"]["weapon"] == "precision-guided aerial munitions"
    assert (events["6"]["kind"], events["6"]["initiator"], events["7"]["kind"]) == ("clash", None, "attack")
    with open_record(tmp_path / "r.duckdb", read_only=True) as record:
        tables = [name for (name,) in record.connection.execute("SHOW TABLES").fetchall()]
        for name in tables:
            assert "GEORGE" not in str(record.connection.execute(f'SELECT * FROM "{name}"').fetchall()), name


def test_gdelt_files_that_are_here_are_not_asked_for_again(server: Any, run: Fetch) -> None:
    bodies = _gdelt_serve(server, GDELT_FILES)
    broken = "/gdeltv2/20240301001500.export.CSV.zip"
    server.routes[broken] = lambda reply, asked: reply.send(b"no", 404)
    with pytest.raises(FetchError, match="404"):
        run("gdelt", date_from=date(2024, 2, 29))
    server.routes[broken] = bodies[broken]
    assert run("gdelt", date_from=date(2024, 2, 29), everything=True).rows == 8
    assert [server.count(name) for name in bodies] == [1, 1, 2, 1]


def test_gdelt_newest(server: Any, run: Fetch) -> None:
    _gdelt_serve(server, GDELT_FILES)
    got = run("gdelt")
    assert (got.rows, got.files[0].name) == (1, "gdelt-20240302000000.csv")


def test_gdelt_checksum_and_columns(server: Any, run: Fetch) -> None:
    bodies = _gdelt_serve(server, {"20240302000000": ["1\t2\t3"]})
    with pytest.raises(LayoutError, match=r"has 3, the codebook 61"):
        run("gdelt")
    (name,) = bodies
    _gdelt_serve(server, {"20240302001500": [_gdelt_line(1)]})
    server.routes["/gdeltv2/20240302001500.export.CSV.zip"] = bodies[name]
    with pytest.raises(FetchError, match="its publisher says"):
        run("gdelt")


def test_gdelt_periods_that_cannot_be(run: Fetch) -> None:
    with pytest.raises(UsageError, match="begins on 2015-02-18"):
        run("gdelt", date_from=date(2014, 1, 1))
    with pytest.raises(UsageError, match="needs --from"):
        run("gdelt", date_to=date(2020, 1, 1))


# --- Airwars

TERMS = {
    "country": [
        {"id": 7, "name": "Syria", "slug": "syria"},
        {"id": 8, "name": "The Gaza Strip", "slug": "gaza"},
    ],
    "belligerent": [{"id": 20, "name": "US-led Coalition", "slug": "coalition"}],
    "strike_type": [{"id": 30, "name": "Airstrike &amp; artillery", "slug": "airstrike"}],
    "civilian_harm_status": [{"id": 40, "name": "Fair", "slug": "fair"}],
}


def _incident(number: int, day: str = "20170310", **acf: Any) -> dict[str, Any]:
    return {
        "id": number, "link": f"https://airwars.org/civilian-casualties/cs{number}/", "modified": "2020-01-01T00:00:00",
        "country": [7], "belligerent": [20], "strike_type": [30], "civilian_harm_status": [40],
        "acf": {
            "unique_reference_code": f"CS{number}", "incident_date": day, "location_name": "near Raqqa",
            "region": "Raqqa", "latitude": "", "longitude": "",
            "geolocations": [
                {"latitude": 1, "longitude": 2, "geolocation_accuracy": "village"},
                {"latitude": 35.95, "longitude": 39.01, "geolocation_accuracy": "city", "primary_coordinate": True},
            ],
            "killed_injured_civilian_non_combatants": {
                "killed_min": 2, "killed_max": 5, "injured_min": "", "injured_max": None,
            },
        } | acf,
    }  # fmt: skip


def _airwars_serve(server: Any, incidents: list[dict[str, Any]], page_size: int = 2) -> None:
    for name, terms in TERMS.items():
        server.routes[f"/wp-json/wp/v2/{name}"] = lambda reply, asked, terms=terms: reply.send(
            json.dumps(terms).encode(), X_WP_TotalPages="1"
        )

    def page(reply: Any, asked: Any) -> None:
        number = int(asked.query["page"])
        chosen = [one for one in incidents if int(asked.query.get("country", 7)) in one["country"]]
        pages = max(-(-len(chosen) // page_size), 1)
        if number > pages:
            reply.send(b'{"code": "rest_post_invalid_page_number"}', 400)
        else:
            start = page_size * (number - 1)
            reply.send(json.dumps(chosen[start : start + page_size]).encode(), X_WP_TotalPages=str(pages))

    server.routes["/wp-json/wp/v2/civ"] = page


def test_airwars(server: Any, run: Fetch, tmp_path: Path) -> None:
    incidents = [_incident(one, f"201703{one:02}") for one in range(10, 15)]
    _airwars_serve(server, [*incidents, _incident(14)])
    got = run("airwars", countries=("SYR",), date_from=date(2017, 3, 11))
    assert got.rows == 4
    row = _imported(got, tmp_path)[0]
    assert (row["source_id"], row["kind"], row["initiator"]) == ("CS11", "strike", "US-led coalition")
    assert (row["lat"], row["geo_precision"], row["adm0"], row["hedging"]) == (35.95, 2, "SYR", "Fair")
    assert (row["civilian_fatalities_low"], row["civilian_fatalities_high"]) == (2, 5)
    assert row["civilian_fatalities_best"] is None
    assert (row["injured_low"], row["injured_high"]) == (None, None)
    asked = next(one for one in server.asked if one.path.endswith("/civ"))
    assert "victims" not in asked.query["_fields"] and "content" not in asked.query["_fields"]


def test_airwars_countries_by_its_own_names(server: Any, run: Fetch) -> None:
    gaza = _incident(1) | {"country": [8]}
    _airwars_serve(server, [_incident(2), gaza])
    assert [row["code"] for row in _rows(run("airwars", countries=("gaza",)).files[0])] == ["CS1"]
    with pytest.raises(UsageError, match="it has Syria, The Gaza Strip"):
        run("airwars", countries=("YEM",))


def test_airwars_points_that_are_not_marked_are_none(server: Any, run: Fetch) -> None:
    two = [{"latitude": 1, "longitude": 2}, {"latitude": 3, "longitude": 4}]
    _airwars_serve(server, [_incident(1, geolocations=two), _incident(2, geolocations=two[:1])])
    found = [(row["latitude"], row["longitude"]) for row in _rows(run("airwars").files[0])]
    assert found == [("", ""), ("1", "2")]


def test_airwars_changed(server: Any, run: Fetch) -> None:
    _airwars_serve(server, [{"id": 1, "country": [7], "date": "2020"}])
    with pytest.raises(LayoutError, match=r"missing acf\.incident_date; it has country, date, id"):
        run("airwars")
    server.routes["/wp-json/wp/v2/civ"] = b'{"code": "rest_no_route"}'
    with pytest.raises(LayoutError, match="no list of entries"):
        run("airwars")


# --- places

SHAPES = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature", "properties": {"shapeName": "Raqqa"},
            "geometry": {"type": "Polygon", "coordinates": [[[38, 35], [40, 35], [40, 37], [38, 37], [38, 35]]]},
        }
    ],
}  # fmt: skip


def test_boundaries(server: Any, run: Fetch, archive: Archive) -> None:
    about = {
        "boundaryISO": "SYR", "gjDownloadURL": f"{server.base}/raw/SYR.geojson", "boundaryLicense": "CC BY 3.0 IGO",
        "boundarySource": "OCHA", "boundaryYearRepresented": "2018",
    }  # fmt: skip
    server.routes["/api/current/gbOpen/SYR/ADM2/"] = json.dumps(about).encode()
    server.routes["/raw/SYR.geojson"] = json.dumps(SHAPES).encode()
    got = run("boundaries", countries=("Syria",), level=2)
    assert got.files[0].name == "geoBoundaries-SYR-ADM2.geojson"
    assert json.loads(got.files[0].read_text()) == SHAPES
    assert got.licence == "SYR: CC BY 3.0 IGO (source: OCHA; shows 2018)"
    assert archive.fetches()[-1].licence == "CC BY 3.0 IGO"
    import pandas as pd

    from afterstrike.effects._region import rows_of_region

    points = pd.DataFrame({"lat": [36.0, 30.0], "lon": [39.0, 39.0]})
    kept, dropped = rows_of_region(points, str(got.files[0]), None)
    assert (len(kept), dropped) == (1, 1)


@pytest.mark.parametrize(
    ("about", "shapes", "words"),
    [
        (b'{"downloadURL": "x"}', b"", "missing gjDownloadURL; it has downloadURL"),
        (b"[]", b"", "missing gjDownloadURL"),
        (None, b"version https://git-lfs.github.com/spec/v1\n", "gave no JSON where GeoJSON"),
        (None, b'{"type": "FeatureCollection", "features": []}', "no GeoJSON with features"),
    ],
)
def test_boundaries_changed(server: Any, run: Fetch, about: bytes | None, shapes: bytes, words: str) -> None:
    given = json.dumps({"gjDownloadURL": f"{server.base}/x"}).encode()
    server.routes["/api/current/gbOpen/SYR/ADM1/"] = given if about is None else about
    server.routes["/x"] = shapes
    with pytest.raises(SourceError, match=words):
        run("boundaries", countries=("SYR",))


def test_the_api_cannot_lead_into_the_private_network(server: Any, run: Fetch) -> None:
    inside = type(server)()
    try:
        about = {"gjDownloadURL": f"{inside.base}/secret"}
        server.routes["/api/current/gbOpen/SYR/ADM1/"] = json.dumps(about).encode()
        with pytest.raises(FetchError, match="private network"):
            run("boundaries", countries=("SYR",))
        assert inside.asked == []
    finally:
        inside.close()


def _geonames_line(number: int, name: str) -> str:
    cells = [str(number), name, name, "", "36.5", "39.9", "P", "PPL", "SY", "", "08", "", "", "", "900", "", "300",
             "Asia/Damascus", "2020-01-01"]  # fmt: skip
    return "\t".join(cells)


def test_geonames(server: Any, run: Fetch) -> None:
    lines = [_geonames_line(1, "Zzyzxville"), _geonames_line(2, "Qqwertabad")]
    server.routes["/export/dump/SY.zip"] = _zip({"readme.txt": b"x", "SY.txt": "\n".join(lines).encode()})
    got = run("geonames", countries=("SYR",))
    assert (got.rows, got.files[0].name, got.licence) == (2, "SY.txt", "CC BY 4.0")
    answer = default_gazetteer([str(got.files[0])]).resolve(PlaceQuery("Zzyzxville", adm0="SYR"))
    assert (answer.lat, answer.lon) == (36.5, 39.9)


def test_geonames_changed(server: Any, run: Fetch) -> None:
    server.routes["/export/dump/SY.zip"] = _zip({"SY.txt": b"1\ta\n"})
    with pytest.raises(LayoutError, match=r"line 1 of .* has 2, its readme says 19"):
        run("geonames", countries=("SYR",))
    server.routes["/export/dump/SY.zip"] = _zip({"SY.txt": b""})
    with pytest.raises(SourceError, match="holds no places"):
        run("geonames", countries=("SYR",))


# --- any address, any feed


def test_url(server: Any, run: Fetch) -> None:
    server.routes["/reports/../a b.html"] = b"<p>Two boats sank.</p>"
    server.routes["/r"] = lambda reply, asked: reply.send(b"%PDF-1.4", Content_Type="application/pdf")
    got = run("url", address=f"{server.base}/r?key=geheim")
    assert (got.files[0].name, got.files[0].read_bytes()) == ("r.pdf", b"%PDF-1.4")
    assert "geheim" not in got.citation
    server.routes["/..%2f..%2fevil.csv"] = b"a,b\n1,2\n"
    got = run("url", address=f"{server.base}/..%2f..%2fevil.csv")
    assert got.files[0].name == "evil.csv"
    assert got.files[0].parent.name == "out"


RSS = """<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>أخبار</title><language>ar</language>
<item><title>غارة على &lt;b&gt;قرية&lt;/b&gt;</title><link>/a?id=1</link><guid>1</guid>
<pubDate>Mon, 02 Mar 2026 10:00:00 +0300</pubDate></item><item><title>B</title></item></channel></rss>"""


def test_feed(server: Any, run: Fetch) -> None:
    server.routes["/feed"] = RSS.encode()
    got = run("feed", address=f"{server.base}/feed")
    items = [json.loads(line) for line in got.files[0].read_text(encoding="utf-8").splitlines()]
    assert got.rows == 2
    assert items[0] == {
        "key": "1", "address": f"{server.base}/a?id=1", "title": "غارة على قرية", "summary": None, "lang": "ar",
        "published": "2026-03-02T07:00:00+00:00", "updated": None,
    }  # fmt: skip
    server.routes["/feed"] = b"<!doctype html><p>Sign in"
    with pytest.raises(SourceError, match="gave a web page where a feed"):
        run("feed", address=f"{server.base}/feed")


# --- all


@pytest.mark.parametrize("name", PUBLISHERS)
def test_a_plan_asks_nobody(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    request = Request(countries=("SYR",), address="https://me:geheim@example.org/a?token=geheim")
    plan = publisher(name).plan(request)
    assert all(one.startswith("http") for one in plan)
    assert "geheim" not in str(plan)


def test_countries() -> None:
    assert country("SYR") == country("syria") == country("SY")
    assert (country("SRB").gleditsch_ward, country("YEM").numeric) == (("340", "345"), "887")
    assert set(country("PSE").fips) == {"WE", "GZ"}
    with pytest.raises(UsageError, match=r"did you mean SYR"):
        country("Syriaa")


def test_country_codes_agree_with_the_publishers_own(shared: Path) -> None:
    import duckdb

    path = shared / "data" / "ucdp_ged_year_only" / "syria_iraq_region_2003_2018_noday.parquet"
    pairs = duckdb.sql(f"SELECT DISTINCT country, country_id FROM '{path}'").fetchall()
    assert len(pairs) > 4
    for name, code in pairs:
        assert str(code) in country(name).gleditsch_ward
