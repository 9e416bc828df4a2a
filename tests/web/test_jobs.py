"""Briefs and effects are made in processes of their own, for a limited time, and a few at once."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from afterstrike.record import LayoutOptions, load_mapping, open_record
from afterstrike.record.shipped import simulated_path
from afterstrike.web import Settings
from afterstrike.web._folders import names_in, read_result, slug, take_in
from afterstrike.web._jobs import Jobs
from afterstrike.web._problem import Problem

from .conftest import SCRIPT, Visitor, mark_of, visit

ARTICLE = f"""Strikes on the depot {SCRIPT}

The army said 14 camps were hit on 3 May 2019 in Homs. {SCRIPT} It claimed 99999999999999999999 fighters were killed and
\u202e gnirts live \u202c \u200f <img src=x onerror=alert(2)> http://127.0.0.1:9/fetched "quoted" 'single'.
A resident said the strikes would end the war by next year.
"""


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A record of the simulated events that ship, on which an effect can be estimated."""
    path = tmp_path_factory.mktemp("simulated") / "sim.duckdb"
    mapping = load_mapping(simulated_path().with_name("simulated_events.mapping.toml"))
    with open_record(path) as record:
        record.add(simulated_path(), options=LayoutOptions(mapping=mapping))
    return path


@pytest.fixture
def writer(simulated: Path, tmp_path: Path) -> Iterator[Visitor]:
    with visit(Settings(simulated, briefs=tmp_path / "briefs", effects=tmp_path / "effects")) as client:
        yield client


def send(visitor: Visitor, path: str, files: Any = None, **fields: Any) -> Any:
    data = {"csrf": mark_of(visitor), **fields}
    return visitor.post(path, data=data, files=files, headers={"accept": "application/json"})


def ended(visitor: Visitor, answer: Any, seconds: float = 90) -> dict[str, Any]:
    """Wait until a job is over, and give it."""
    assert answer.status_code == 200, answer.text
    see, until = answer.json()["see"], time.monotonic() + seconds
    while time.monotonic() < until:
        job: dict[str, Any] = visitor.get(f"{see}.json").json()["job"]
        assert visitor.get(see).status_code == 200
        if job["is_over"]:
            return job
        time.sleep(0.1)
    raise AssertionError(f"the job did not end: {job}")


def test_a_pasted_article_becomes_a_brief_that_is_shown_inert(writer: Visitor, tmp_path: Path) -> None:
    job = ended(writer, send(writer, "/briefs", text=ARTICLE, published="2019-05-04"))
    assert job["state"] == "done", job
    name = job["see"].removeprefix("/briefs/")
    brief = writer.get(f"{job['see']}.json").json()
    assert brief["article"]["published"] == "2019-05-04" and SCRIPT in brief["article"]["text"]
    assert brief["provenance"]["created_at"] and str(tmp_path) not in json.dumps(brief)

    page = writer.get(job["see"])
    policy = page.headers["content-security-policy"]
    assert (
        policy.startswith("sandbox ") and "allow-same-origin" not in policy and "default-src 'none'" in policy
    )
    assert "connect-src" not in policy and "form-action 'none'" in policy
    assert page.headers["x-content-type-options"] == "nosniff"
    assert SCRIPT not in page.text and "onerror=alert" not in page.text.replace(
        "&lt;img src=x onerror=alert", ""
    )

    listed = writer.get("/briefs.json").json()
    assert [one["name"] for one in listed["briefs"]] == [name] and listed["total"] == 1
    assert (
        listed["briefs"][0]["claims"] == len(brief["claims"]) == sum(listed["briefs"][0]["verdicts"].values())
    )
    assert (
        SCRIPT not in writer.get("/briefs").text and SCRIPT not in writer.get(f"/jobs/{job['number']}").text
    )


def test_an_uploaded_file_becomes_a_brief_and_its_name_leads_nowhere(writer: Visitor, tmp_path: Path) -> None:
    words = b"<p>Two strikes hit Homs on 3 May 2019, the army said.</p>"
    body = b"<!doctype html><html><body><article>" + words + b"</article></body></html>"
    given = "../../etc/cron.d\\..\\Strike on Homs.html"
    job = ended(writer, send(writer, "/briefs", files={"file": (given, body)}))
    assert job["state"] == "done", job
    (name,) = names_in(tmp_path / "briefs", "brief.json")
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\d-[0-9a-f]{8}", name
    )  # nothing of a headline, which may name the dead
    made = {path.relative_to(tmp_path).parts[0] for path in tmp_path.rglob("*") if path.is_file()}
    assert made == {"briefs"}


@pytest.mark.parametrize(
    ("fields", "files"),
    [
        ({}, None),
        ({"text": "x"}, {"file": ("a.txt", b"y")}),
        ({}, {"file": ("a.exe", b"MZ")}),
        ({}, {"file": ("noending", b"x")}),
        ({"text": "x", "published": "someday"}, None),
        ({"text": "x", "title": "t" * 301}, None),
        ({"text": "y" * 150_001}, None),
    ],
)
def test_an_article_that_cannot_be_taken_is_refused_at_once(writer: Visitor, fields: Any, files: Any) -> None:
    answer = send(writer, "/briefs", files=files, **fields)
    assert answer.status_code == 400 and answer.json()["error"]["do"]
    assert writer.get("/briefs.json").json()["jobs"] == []


def test_an_article_without_text_is_refused_with_the_reason(writer: Visitor) -> None:
    job = ended(writer, send(writer, "/briefs", files={"file": ("a.pdf", b"\x89PNG\r\n\x1a\n" + bytes(200))}))
    assert job["state"] == "refused" and "image" in job["said"] and job["see"] is None


def test_an_effect_is_estimated_kept_and_shown_with_interval_checks_and_assumptions(writer: Visitor) -> None:
    fields = {
        "treatment": "strike",
        "outcome": "attack",
        "days": "7",
        "km": "25",
        "title": "Lull after strikes",
    }
    job = ended(writer, send(writer, "/effects", **fields))
    assert job["state"] == "done", job
    assert job["see"] == "/effects/lull-after-strikes"
    effect = writer.get(f"{job['see']}.json").json()
    (window,) = effect["windows"]
    assert (window["days"], window["km"]) == (7, 25) and window["rate_ratio_low"] < window["rate_ratio_high"]
    assert effect["assumptions"] and effect["checks"] and all(check["text"] for check in effect["checks"])
    assert {check["verdict"] for check in effect["checks"]} <= {"passed", "failed", "told"}
    assert [check["check_name"] for check in effect["checks"] if check["passed"] is False] == effect["failed"]
    figure = writer.get(effect["figure"])
    assert figure.headers["content-type"] == "image/svg+xml" and b"<svg" in figure.content
    assert "default-src 'none'" in figure.headers["content-security-policy"]
    table = writer.get(effect["table"])
    assert "rate_ratio" in table.text and table.headers["content-disposition"].startswith("attachment")
    line = writer.get("/effects.json").json()["effects"][0]
    assert line["windows"][0]["rate_ratio"] == window["rate_ratio"] and sum(line["checks"].values()) == len(
        effect["checks"]
    )
    for address in ("/effects", job["see"]):
        assert writer.get(address).status_code == 200


def test_what_the_data_cannot_carry_is_refused_with_the_reason(writer: Visitor) -> None:
    job = ended(
        writer, send(writer, "/effects", treatment="prison_break", outcome="attack", days="7", km="25")
    )
    assert job["state"] == "refused" and job["said"] and job["see"] is None
    assert writer.get("/effects.json").json()["effects"] == []


@pytest.mark.parametrize(
    "fields",
    [
        {"days": "0"},
        {"days": "7,nan"},
        {"days": "1e3"},
        {"days": ""},
        {"km": "-5"},
        {"km": "inf"},
        {"km": "9999"},
        {"days": "7;14"},
        {"days": ",".join(["7"] * 13)},
        {"days": "1,2,3,4,5", "km": "1,2,3"},
        {"region": "/etc/passwd"},
        {"region": "areas.geojson"},
        {"region": "syr"},
        {"region": "1,2,3"},
        {"region": "999,0,1,1"},
        {"from": "2018-01-01"},
        {"seed": "-1"},
        {"from": "2018-01-01", "to": "2017-01-01"},
        {"treatment": ""},
        {"treatment": "x" * 501},
        {"record": "/etc/passwd"},
    ],
)
def test_a_field_that_is_not_allowed_is_refused_at_once(writer: Visitor, fields: dict[str, str]) -> None:
    whole = {"treatment": "strike", "outcome": "attack", "days": "7", "km": "25"} | fields
    answer = send(writer, "/effects", **whole)
    assert answer.status_code == 400, answer.text
    assert writer.get("/effects.json").json()["jobs"] == []


def waits(jobs: Jobs, number: str, seconds: float = 30) -> str:
    until = time.monotonic() + seconds
    while jobs.job(number).ended_at is None and time.monotonic() < until:
        time.sleep(0.05)
    return jobs.job(number).state


def begin(jobs: Jobs, folder: Path) -> Any:
    """Begin a job that takes seconds."""
    article = folder / "article.txt"
    article.write_text("The army said 14 camps were hit on 3 May 2019 in Homs. " * 500)
    spec = {"article": "article.txt", "record": None, "published": None, "title": None, "effects": False}
    return jobs.begin("brief", "t", spec, lambda made: "/x", {"article.txt": article})


def test_a_job_that_takes_too_long_is_ended_and_says_so(tmp_path: Path) -> None:
    jobs = Jobs(at_once=1, waiting=5, seconds=0.05)
    job = begin(jobs, tmp_path)
    assert waits(jobs, job.number) == "stopped" and "longer than 0.05 s" in job.said
    assert not jobs._processes


def test_only_so_many_run_and_wait(tmp_path: Path) -> None:
    jobs = Jobs(at_once=1, waiting=2, seconds=60)
    begun = [begin(jobs, tmp_path)]
    until = time.monotonic() + 20
    while begun[0].state == "waiting" and time.monotonic() < until:
        time.sleep(0.01)
    begun += [begin(jobs, tmp_path) for _ in range(2)]
    with pytest.raises(Problem, match="wait already") as caught:
        begin(jobs, tmp_path)
    assert caught.value.status == 503
    assert [job.state for job in begun] == ["running", "waiting", "waiting"]
    processes = list(jobs._processes.values())
    jobs.stop()
    assert [waits(jobs, job.number) for job in begun] == ["stopped"] * 3
    for process in processes:
        process.wait(timeout=10)
        with pytest.raises(ProcessLookupError):
            os.kill(process.pid, 0)


def test_a_job_that_begins_while_the_server_stops_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = Jobs(at_once=1, waiting=2, seconds=60)
    real, made = subprocess.Popen, []

    def stopped_meanwhile(*given: Any, **options: Any) -> Any:
        made.append(real(*given, **options))
        jobs.stop()  # it is not yet among the processes that are known
        return made[0]

    monkeypatch.setattr("afterstrike.web._jobs.subprocess.Popen", stopped_meanwhile)
    job = begin(jobs, tmp_path)
    assert waits(jobs, job.number) == "stopped" and job.said == "the server stopped"
    assert made[0].returncode == -signal.SIGKILL


def test_a_job_knows_no_secret_of_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from afterstrike.web._jobs import _environment

    monkeypatch.setenv("AFTERSTRIKE_TOKEN", "secret")
    monkeypatch.setenv("ACLED_KEY", "secret")
    monkeypatch.setenv("SMTP_PASSWORD", "secret")
    assert "secret" not in _environment().values() and "PATH" in _environment()


def test_a_job_fetches_nothing() -> None:
    from afterstrike.errors import SourceError
    from afterstrike.web._worker import _NoFetcher

    with pytest.raises(SourceError, match="not fetched here"):
        _NoFetcher().fetch("http://127.0.0.1:1/", max_bytes=1)


def test_a_name_is_made_of_a_title_in_any_script(tmp_path: Path) -> None:
    assert slug("قصف سوق الرقة", "x") == "قصف-سوق-الرقة"
    assert (
        slug("../../etc/passwd", "x") == "etc-passwd"
        and slug("\u202e..", "x") == "x"
        and slug("a" * 200, "x") == "a" * 60
    )
    made = tmp_path / "made"
    made.mkdir()
    (made / "brief.json").write_text("{}")
    names = [take_in(tmp_path / "in", "same", made, ("brief.json",)) for _ in range(3)]
    assert names == ["same", "same-2", "same-3"]
    with pytest.raises(OSError, match=r"did not write brief\.html"):
        take_in(tmp_path / "in", "same", made, ("brief.html",))
    assert sorted(path.name for path in (tmp_path / "in").iterdir()) == names


def test_results_that_cannot_be_read_are_listed_as_such(simulated: Path, tmp_path: Path) -> None:
    for name, body in {"cut": '{"article":', "other": "[1]", "empty": "", "whole": '{"article": {}}'}.items():
        for folder, file in (("briefs", "brief.json"), ("effects", "wakes.json")):
            (tmp_path / folder / name).mkdir(parents=True)
            (tmp_path / folder / name / file).write_text(body)
    with visit(Settings(simulated, briefs=tmp_path / "briefs", effects=tmp_path / "effects")) as client:
        for page, what in (("/briefs", "briefs"), ("/effects", "effects")):
            assert client.get(page).status_code == 200
            listed = client.get(f"{page}.json").json()[what]
            assert len(listed) == 4 and all("cannot be read" in one["trouble"] for one in listed)
            for one in listed:
                assert client.get(f"{page}/{one['name']}").status_code in (200, 404)
                assert client.get(f"{page}/{one['name']}.json").status_code in (200, 404)


@pytest.mark.parametrize("name", [".new-half", "..", "a/b", "a\x00", "-x", "", "a" * 81])
def test_only_a_name_as_results_have_is_read(tmp_path: Path, name: str) -> None:
    """A result that is just being put in is hidden, and no page shows half of it."""
    (tmp_path / ".new-half").mkdir()
    (tmp_path / ".new-half" / "brief.json").write_text("{}")
    assert names_in(tmp_path, "brief.json") == []
    with pytest.raises(Problem) as caught:
        read_result(tmp_path, name, "brief.json")
    assert caught.value.status == 404
