"""/openapi.json says what the server does: every route is in it, and whatever is asked, the answer is as described."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import jsonschema
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from starlette.routing import Route

from afterstrike.web import Settings
from afterstrike.web._app import ACTIONS, FILES, PAGES

from .conftest import HOST, Visitor, mark_of, visit
from .test_incidents import watched_record  # noqa: F401

FEW = settings(max_examples=25, deadline=None, derandomize=True, phases=[Phase.generate],
               suppress_health_check=list(HealthCheck))  # fmt: skip


@pytest.fixture(scope="module")
def watcher(watched_record: Path) -> Iterator[Visitor]:  # noqa: F811
    with visit(Settings(watched_record, is_read_only=True)) as client:
        yield client


def test_every_route_is_described_and_every_description_is_a_route(reader: Visitor) -> None:
    described = reader.get("/openapi.json").json()["paths"]
    told = {(path, method.upper()) for path, methods in described.items() for method in methods}
    routes = set()
    for route in reader.app._app.routes:  # type: ignore[attr-defined]
        assert isinstance(route, Route)
        path = re.sub(r":\w+\}", "}", route.path)
        is_page = any(path == re.sub(r":\w+\}", "}", page.path) and not page.is_twin_only for page in PAGES)
        for method in set(route.methods or ()) - {"HEAD"}:
            if not (method == "GET" and is_page):
                routes.add((path, method))
    assert routes - told == {("/", "GET"), ("/openapi.json", "GET")}
    assert told - routes == set()
    # each page that is shown has its twin
    assert all(f"{re.sub(r':[a-z]+}', '}', page.path)}.json" in described for page in PAGES)
    assert len(told) == len(PAGES) + len(FILES) + len(ACTIONS)


def test_every_schema_is_one(reader: Visitor) -> None:
    for page in PAGES:
        jsonschema.Draft202012Validator.check_schema(page.schema)
    schema = schemathesis.openapi.from_dict(reader.get("/openapi.json").json())
    assert len(list(schema.get_all_operations())) == len(PAGES) + len(FILES) + len(ACTIONS)


def test_what_the_twins_say_is_what_is_described(watcher: Visitor) -> None:
    """One answer of every twin, on a record with all tables, held against its schema."""
    incident = watcher.get("/incidents.json").json()["incidents"][0]["incident_id"]
    archive = watcher.get(f"/incidents/{incident}.json").json()["tellings"][0]["archive"]
    event = watcher.get("/record.json").json()["rows"][0]["event_id"]
    values = {"{incident_id}": incident, "{event_id:path}": event, "{sha256}": archive.rpartition("/")[2]}
    checked = 0
    for page in PAGES:
        path = page.path
        for name, value in values.items():
            path = path.replace(name, value)
        if "{" in path:
            continue
        answer = watcher.get(f"{path}.json")
        assert answer.status_code == 200, path
        jsonschema.validate(answer.json(), page.schema)
        checked += 1
    assert checked >= 11


HOSTILE = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [
            "NaN",
            "-0",
            "1e309",
            "99999999999999999999",
            "\x00",
            "\ud800",
            "\u202e",
            "a" * 300,
            "../..",
            "' OR 1=1 --",
            "%",
            "null",
            "true",
            "[]",
            "2017-02-30",
            "0000-00-00",
            "9999-12-31",
            "0001-01-01",
            "-180,-90,180,90",
            "1,2,3,4,5",
        ]
    ),
    st.integers().map(str),
    st.floats().map(str),
)


def sendable(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path)
def test_whatever_is_asked_the_answer_is_as_described(watcher: Visitor, page: Any) -> None:
    names = [one.name for one in page.query]
    in_path = [one.name for one in page.in_path]
    good = {one.name: one.schema.get("enum") for one in page.query if one.schema.get("enum")}

    @given(data=st.data())
    @FEW
    def ask(data: st.DataObject) -> None:
        path = page.path
        for name in in_path:
            path = re.sub(rf"\{{{name}(:\w+)?\}}", lambda _: sendable(data.draw(HOSTILE)) or "x", path)
        pairs = []
        for name in data.draw(st.lists(st.sampled_from(names), max_size=4)) if names else []:
            value = data.draw(
                st.sampled_from(good[name]) if name in good and data.draw(st.booleans()) else HOSTILE
            )
            pairs.append(f"{sendable(name)}={sendable(str(value))}")
        query = f"?{'&'.join(pairs)}" if pairs else ""
        answer = watcher.get(f"{path}.json{query}", follow_redirects=False)
        assert answer.status_code in (200, 400, 404, 414), (path, query, answer.text[:200])
        if answer.status_code == 200 and answer.headers["content-type"] == "application/json":
            jsonschema.validate(answer.json(), page.schema)
        elif answer.status_code != 200:
            assert answer.json()["error"]["got"]
        shown = watcher.get(f"{path}{query}", follow_redirects=False) if not page.is_twin_only else answer
        assert shown.status_code < 500

    ask()


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.path)
def test_whatever_is_sent_is_refused_or_done_and_never_a_defect(
    made_record: Path, tmp_path: Path, action: Any
) -> None:
    import shutil

    record = Path(shutil.copy(made_record, tmp_path / "r.duckdb"))
    with visit(Settings(record, jobs_waiting=0)) as client:
        csrf = mark_of(client)

        @given(data=st.data())
        @FEW
        def send(data: st.DataObject) -> None:
            path = re.sub(r"\{\w+\}", lambda _: sendable(data.draw(HOSTILE)) or "x", action.path)
            fields: list[tuple[str, str]] = [("csrf", csrf)]
            for one in action.form:
                choices = st.sampled_from(one.schema["enum"]) | HOSTILE if "enum" in one.schema else HOSTILE
                fields += [(one.name, data.draw(choices)) for _ in range(data.draw(st.integers(0, 2)))]
            body = urlencode([(k, v.encode("utf-8", "surrogatepass")) for k, v in fields])
            headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
            answer = client.post(path, content=body, headers=headers)
            assert answer.status_code in (200, 400, 401, 403, 404, 405, 503), (path, body, answer.text[:300])

        send()


def test_schemathesis_finds_no_defect(reader: Visitor) -> None:
    """Its own generators, over every GET, straight at the app."""
    described = reader.get("/openapi.json").json()
    described["paths"] = {
        path: {"get": what["get"]} for path, what in described["paths"].items() if "get" in what
    }
    schema = schemathesis.openapi.from_dict(described)
    seen = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        strategy = operation.as_strategy()

        @given(case=strategy)
        @settings(
            max_examples=8,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
            database=None,
        )
        def check(case: Any) -> None:
            nonlocal seen
            request = case.as_transport_kwargs(base_url=f"http://{HOST}")
            answer = reader.get(request["url"], params=request.get("params"), follow_redirects=False)
            assert answer.status_code < 500 or answer.status_code == 503, (request["url"], answer.text[:200])
            assert answer.status_code in (200, 304, 400, 401, 404, 409, 413, 414), request["url"]
            seen += 1

        check()
    assert seen >= 50
