"""Incidents: sources side by side, exact words from the archive, what an analyst decides, and who told what."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from afterstrike.record import open_record
from afterstrike.record.incidents import decisions
from afterstrike.watch._tables import make_watch_tables
from afterstrike.web import Settings

from .conftest import SCRIPT, TEXTS, Post, Visitor, visit


def archive_of(folder: Path, body: bytes) -> str:
    """Put bytes into an archive as fetching does."""
    digest = hashlib.sha256(body).hexdigest()
    path = folder / "objects" / digest[:2] / digest
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    return digest


@pytest.fixture(scope="session")
def watched_record(made_record: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The record as a watch leaves it: each report with its archived copy."""
    path = Path(shutil.copy(made_record, tmp_path_factory.mktemp("watched") / "watched.duckdb"))
    archive = path.with_suffix(".archive")
    with open_record(path) as record:
        con = record.connection
        make_watch_tables(con)
        con.execute(
            "INSERT INTO watch_sources VALUES ('one', 'feed', 'https://example.org/feed', 'en', 'Outlet a', NULL, NULL, 60, "
            "now()::TIMESTAMP, NULL), ('quiet', 'page', 'https://example.net/', 'ar', NULL, NULL, NULL, 60, "
            "now()::TIMESTAMP, NULL)"
        )
        con.execute(
            "INSERT INTO watch_polls VALUES ('one', TIMESTAMP '2018-06-10 10:00:00', 'new', 200, 3, 0, NULL, 0.1), "
            "('one', TIMESTAMP '2018-06-10 11:00:00', 'outage', 503, 0, 0, 'answered 503', 0.1)"
        )
        for key, text in TEXTS.items():
            address = f"https://example.org/{key}"
            # the archived copy of b is another text than the one that was read
            sha256 = archive_of(archive, (text if key != "b" else "The page was edited later.").encode())
            con.execute(
                "INSERT INTO watch_items (source, item_key, address, title, last_seen, sha256, report_id, state, version) "
                "VALUES ('one', ?, ?, ?, now()::TIMESTAMP, ?, ?, 'read', 1)",
                [key, address, f"Title {key} {SCRIPT}", sha256, address],
            )
        incident = record.incidents()[0]["incident_id"]
        con.execute("INSERT INTO incident_changes VALUES (?, TIMESTAMP '2018-06-11 00:00:00', 'import-3', 'added', NULL, "
                    "'{\"grade\": \"weak\"}')", [incident])  # fmt: skip
        con.execute(
            "INSERT INTO watch_alarms VALUES ('strikes SYR', now()::TIMESTAMP, DATE '2018-06-10', 9, 2.0, 0.001, "
            "'up', 1.0, 'more')"
        )
    return path


@pytest.fixture(scope="session")
def watcher(watched_record: Path) -> Iterator[Visitor]:
    with visit(Settings(watched_record)) as client:
        yield client


def incident_with(visitor: Visitor, report: str) -> dict[str, Any]:
    for line in visitor.get("/incidents.json").json()["incidents"]:
        found: dict[str, Any] = visitor.get(f"/incidents/{line['incident_id']}.json").json()
        if any(told["report_id"].endswith(report) for told in found["tellings"]):
            return found
    raise AssertionError(f"no incident tells {report}")


def test_civilian_harm_stands_first_and_counts_add_up(reader: Visitor) -> None:
    answer = reader.get("/incidents.json").json()
    flags = [one["is_harm"] for one in answer["incidents"]]
    assert flags == sorted(flags, reverse=True) and True in flags and False in flags
    assert (
        answer["counts"]["shown"] == answer["counts"]["total"] == sum(answer["grades"].values()) == len(flags)
    )
    assert answer["counts"]["harm"] == sum(flags)


@pytest.mark.parametrize(
    ("query", "reports"),
    [("harm=1", "ab"), ("place=raqq", "ab"), ("place=nowhere", ""), ("from=2018-01-01", "c"), ("to=2017-12-31", "ab"),
     ("from=2017-05-03&to=2017-05-03", "ab"), ("grade=confirmed&grade=discounted", "")],
)  # fmt: skip
def test_incidents_are_filtered(reader: Visitor, query: str, reports: str) -> None:
    found = ""
    for one in reader.get(f"/incidents.json?{query}").json()["incidents"]:
        told = reader.get(f"/incidents/{one['incident_id']}.json").json()["tellings"]
        found += "".join(sorted(report["report_id"][-1] for report in told))
    assert sorted(found) == sorted(reports)


def test_an_incident_sets_its_sources_side_by_side_with_their_rival_numbers(watcher: Visitor) -> None:
    found = incident_with(watcher, "/a")
    assert {told["report_id"] for told in found["tellings"]} == {
        "https://example.org/a",
        "https://example.org/b",
    }
    rivals = {rival["name"]: [value["value"] for value in rival["values"]] for rival in found["rivals"]}
    assert sorted(rivals["civilian_fatalities_low"]) == [9, 12]
    # b says "at least 9", so that it has no highest number, which is no rival of 12
    assert "civilian_fatalities_high" not in rivals
    assert "kind" not in rivals
    assert found["incident"]["reason"] and found["incident"]["graded_by"] == "rule"


def test_a_quote_is_the_exact_words_of_the_archived_copy(watcher: Visitor) -> None:
    told = next(t for t in incident_with(watcher, "/a")["tellings"] if t["report_id"].endswith("/a"))
    (quote,) = told["quotes"]
    (words,) = [piece["text"] for piece in quote["pieces"] if piece["is_quote"]]
    assert words == TEXTS["a"][quote["start"] : quote["end"]] and "killing 12 civilians" in words
    assert TEXTS["a"] == "".join(piece["text"] for piece in quote["pieces"])
    assert told["no_quote"] is None and told["address"] == "https://example.org/a"
    copy = watcher.get(f"{told['archive']}.json").json()
    assert copy["text"] == TEXTS["a"] and copy["text_sha256"] == told["text_sha256"]


def test_words_of_a_text_that_changed_are_not_quoted(watcher: Visitor) -> None:
    told = next(t for t in incident_with(watcher, "/b")["tellings"] if t["report_id"].endswith("/b"))
    assert told["quotes"] == [] and "another text" in told["no_quote"] and told["archive"]


def test_without_an_archive_the_page_says_why_there_is_no_quote(reader: Visitor) -> None:
    told = incident_with(reader, "/a")["tellings"][0]
    assert told["quotes"] == [] and "not kept" in told["no_quote"] and told["archive"] is None
    assert told["statements"] and told["address"].startswith("https://example.org/")


def test_an_archived_page_is_shown_as_text_and_does_nothing(watcher: Visitor) -> None:
    told = incident_with(watcher, "/c")["tellings"][0]
    for path in (f"/incidents/{incident_with(watcher, '/c')['incident']['incident_id']}", told["archive"]):
        page = watcher.get(path).text
        assert SCRIPT not in page and "&lt;script&gt;" in page, path
    raw = watcher.get(f"{told['archive']}/raw")
    assert raw.content == TEXTS["c"].encode()
    assert (
        raw.headers["content-type"] == "application/octet-stream"
        and "attachment" in raw.headers["content-disposition"]
    )
    assert "sandbox" in raw.headers["content-security-policy"]


def test_an_archived_copy_that_was_tampered_with_is_refused(watched_record: Path, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    digest = archive_of(archive, b"what was read")
    (archive / "objects" / digest[:2] / digest).write_bytes(b"what someone wrote over it")
    with visit(Settings(watched_record, archive=archive)) as client:
        for end in (".json", "/raw", ""):
            assert client.get(f"/archive/{digest}{end}").status_code == 409
        assert client.get(f"/archive/{'0' * 64}.json").status_code == 404


def test_an_address_of_another_kind_is_no_link(record_path: Path) -> None:
    with open_record(record_path) as record:
        record.connection.execute(
            "UPDATE reports SET report_id = 'javascript:alert(1)' WHERE report_id LIKE '%/c'"
        )
        record.connection.execute(
            "UPDATE report_events SET report_id = 'javascript:alert(1)' WHERE report_id LIKE '%/c'"
        )
    with visit(Settings(record_path)) as client:
        found = incident_with(client, "javascript:alert(1)")
        assert found["tellings"][0]["address"] is None
        assert 'href="javascript' not in client.get(f"/incidents/{found['incident']['incident_id']}").text


def test_history_decisions_and_the_row_of_the_record(watcher: Visitor) -> None:
    first = next(
        one
        for line in watcher.get("/incidents.json").json()["incidents"]
        if (one := watcher.get(f"/incidents/{line['incident_id']}.json").json())["history"]
    )
    assert first["history"][0]["after"] == {"grade": "weak"}
    row = watcher.get(f"/events/{first['event_id']}.json").json()
    assert row["incident"] == first["incident"]["incident_id"] and row["event"]["dataset"] == "incidents"


def test_an_analyst_grades_splits_merges_and_withdraws(
    visitor: Visitor, post: Post, record_path: Path
) -> None:
    found = incident_with(visitor, "/a")
    incident, told = (
        found["incident"]["incident_id"],
        {t["report_id"][-1]: t["told_id"] for t in found["tellings"]},
    )

    done = post(f"/incidents/{incident}/grade", grade="confirmed", reason="the army said so on 5 May")
    assert done.json()["see"] == f"/incidents/{incident}"
    graded = visitor.get(f"/incidents/{incident}.json").json()
    assert (graded["incident"]["grade"], graded["incident"]["graded_by"]) == ("confirmed", "analyst")
    assert graded["incident"]["reason"] == "the army said so on 5 May"

    done = post(f"/incidents/{incident}/split", telling=told["b"], reason="another market")
    apart = visitor.get(f"{done.json()['see']}.json").json()
    assert [t["told_id"] for t in apart["tellings"]] == [told["b"]]
    assert len(visitor.get("/incidents.json").json()["incidents"]) == 3

    ids = [incident_with(visitor, f"/{key}")["incident"]["incident_id"] for key in "ab"]
    done = post("/incidents/merge", incident=ids, reason="the same market after all")
    whole = visitor.get(f"{done.json()['see']}.json").json()
    assert {t["told_id"] for t in whole["tellings"]} == set(told.values())
    log = [(d["number"], d["verb"], d["reason"]) for d in whole["decisions"]]
    assert [entry[1:] for entry in log] == [("grade", "the army said so on 5 May"), ("split", "another market"),
                                            ("merge", "the same market after all")]  # fmt: skip

    assert post("/decisions/1/withdraw").status_code == 200
    assert visitor.get(f"{done.json()['see']}.json").json()["incident"]["graded_by"] == "rule"
    assert (
        post("/decisions/1/withdraw").status_code in (400, 409)
        and post("/decisions/99/withdraw").status_code == 404
    )
    with open_record(record_path, read_only=True) as record:
        stored = decisions(record.connection)
    assert [d["verb"] for d in stored] == ["grade", "split", "merge"] and stored[0]["withdrawn_at"]
    shown = visitor.get("/changes.json").json()["decisions"]
    assert [d["number"] for d in shown] == [1, 2, 3]


@pytest.mark.parametrize(
    ("path", "fields", "status"),
    [
        ("/incidents/merge", {"incident": ["nope", "neither"], "reason": "x"}, 404),
        ("/incidents/merge", {"incident": ["nope"], "reason": "x"}, 404),
        ("/incidents/merge", {"reason": "x"}, 400),
        ("/incidents/{id}/grade", {"grade": "certain", "reason": "x"}, 400),
        ("/incidents/{id}/grade", {"grade": "fair"}, 400),
        ("/incidents/{id}/grade", {"grade": "fair", "reason": "x" * 1001}, 400),
        ("/incidents/{id}/grade", {"grade": "fair", "reason": "a\x00b"}, 400),
        ("/incidents/{id}/split", {"telling": ["x"], "reason": "x"}, 400),
        ("/incidents/{id}/split", {"telling": [], "reason": "x"}, 400),
        ("/incidents/{id}/split", {"telling": ["x"], "reason": "x", "more": "y"}, 400),
        ("/incidents/nope/split", {"telling": ["x"], "reason": "x"}, 404),
        ("/decisions/0/withdraw", {}, 404),
        ("/decisions/x/withdraw", {}, 404),
    ],
)
def test_a_decision_that_makes_no_sense_is_refused_and_not_logged(
    visitor: Visitor, post: Post, path: str, fields: dict[str, Any], status: int
) -> None:
    incident = visitor.get("/incidents.json").json()["incidents"][0]["incident_id"]
    answer = post(path.replace("{id}", incident), **fields)
    assert answer.status_code == status and answer.json()["error"]["got"], answer.text
    assert visitor.get("/changes.json").json()["decisions"] == []


def test_sources_say_how_they_fare(watcher: Visitor, reader: Visitor) -> None:
    answer = watcher.get("/sources.json").json()
    one, quiet = answer["sources"]
    assert (one["name"], one["polls"], one["outages"], one["last_outcome"], one["last_status"]) == (
        "one",
        2,
        1,
        "outage",
        503,
    )
    assert one["last_good"].startswith("2018-06-10T10:00") and one["items"] == {"read": 3}
    assert (quiet["name"], quiet["polls"], quiet["last_poll"]) == ("quiet", 0, None)
    assert {d["dataset"]: d["citation"] for d in answer["datasets"]}["made"] == "Made for a test"
    assert answer["alarms"][0]["words"] == "more"
    plain = reader.get("/sources.json").json()
    assert plain["is_watched"] is False and plain["sources"] == []
    assert watcher.get("/sources").status_code == 200


def test_no_page_names_a_person(tmp_path: Path) -> None:
    from afterstrike.web._archived import archived_copy, describe_copy, quotes_of

    text = (
        "A strike hit Raqqa. The boy Zaid Qarmuti, 12, was killed with two others. "
        + "Rain fell. " * 60
        + "Nine were hurt."
    )
    sha256 = archive_of(tmp_path, text.encode())
    spans = [(20, 73), (0, 19), (len(text) - 15, len(text))]
    quotes, why_not = quotes_of(tmp_path, sha256, hashlib.sha256(text.encode()).hexdigest(), spans)
    assert why_not is None and len(quotes) == 2  # what stands close together is shown once
    marked = [[piece["text"] for piece in quote["pieces"] if piece["is_quote"]] for quote in quotes]
    assert marked == [
        ["A strike hit Raqqa.", "The boy [name left out], 12, was killed with two others."],
        ["Nine were hurt."],
    ]
    shown = describe_copy(tmp_path, archived_copy(tmp_path, sha256))
    assert "Qarmuti" not in str(quotes) + str(shown) and shown["names_left_out"] == 1
