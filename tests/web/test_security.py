"""An attempt at each thing that must not be possible."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from afterstrike.errors import UsageError
from afterstrike.web import Settings, create_app
from afterstrike.web._guard import MAX_FORM
from afterstrike.web._settings import is_loopback

from .conftest import HOST, SCRIPT, Post, TestClient, Visitor, mark_of, visit

TOKEN = "a token long enough to be hard to guess"
PAGES = (
    "/record",
    "/incidents",
    "/briefs",
    "/effects",
    "/sources",
    "/changes",
    "/login",
    "/healthz",
    "/nothing-here",
)


def away(record: Path, **more: Any) -> TestClient:
    """Give a visitor of a server that others can reach."""
    return visit(Settings(record, host="0.0.0.0", token=TOKEN, is_read_only=True, **more))


# who may come ------------------------------------------------------------------------------------------------


def test_a_host_that_others_can_reach_needs_a_token(made_record: Path) -> None:
    for host in ("0.0.0.0", "192.168.1.5", "::", "example.org"):
        with pytest.raises(UsageError, match="no token is set"):
            Settings(made_record, host=host)
    with pytest.raises(UsageError, match="can be guessed"):
        Settings(made_record, token="short")
    assert all(map(is_loopback, ("127.0.0.1", "127.9.9.9", "::1", "[::1]", "localhost", "LOCALHOST")))
    assert not any(
        map(is_loopback, ("0.0.0.0", "10.0.0.1", "::", "localhost.evil.org", "127.0.0.1.nip.io", ""))
    )
    assert TOKEN not in repr(Settings(made_record, token=TOKEN))


def test_without_the_token_nothing_is_shown_but_the_form_that_takes_it(made_record: Path) -> None:
    with away(made_record) as client:
        for path in ("/record", "/record.json", "/record/map.json", "/record/download.csv", "/incidents.json", "/openapi.json",
                     "/", "/vendor/maplibre-gl.js", "/basemap.json"):  # fmt: skip
            answer = client.get(path, follow_redirects=False)
            assert answer.status_code == 401, path
            assert "made.duckdb" not in answer.text and "Raqqa" not in answer.text
        login = client.get("/login")
        assert login.status_code == 200 and "made.duckdb" not in login.text
        assert client.get("/healthz.json").json()["state"] == "serving"


def test_the_token_in_the_address_logs_in_once_and_leaves_the_address(made_record: Path) -> None:
    with away(made_record) as client:
        assert client.get("/", params={"token": TOKEN[:-1]}).status_code == 401
        answer = client.get("/", params={"token": TOKEN}, follow_redirects=False)
        cookie = answer.headers["set-cookie"]
        assert (
            answer.status_code == 200 and "url=/record" in answer.text and TOKEN not in answer.text + cookie
        )
        assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
        assert client.get("/record.json").status_code == 200
        client.cookies.clear()
        assert client.get("/record.json").status_code == 401
        # only the first page takes it: no other address may carry the token
        assert client.get("/record.json", params={"token": TOKEN}).status_code == 401


def test_behind_a_proxy_that_speaks_https_the_cookie_stays_on_https(made_record: Path) -> None:
    with away(made_record, allowed_hosts=("record.example.org",)) as client:
        headers = {"host": "record.example.org", "x-forwarded-proto": "https"}
        answer = client.get("/", params={"token": TOKEN}, headers=headers, follow_redirects=False)
        assert "Secure" in answer.headers["set-cookie"]
        bearer = headers | {"authorization": f"Bearer {TOKEN}"}
        page = client.get("/record/download.geojson?kind=strike", headers=bearer).json()["page"]
        assert page == "https://record.example.org/record?kind=strike"
        assert "Secure" not in client.get("/login", headers={"host": "10.0.0.5"}).headers["set-cookie"]


def test_the_form_logs_in_and_a_program_sends_the_header(made_record: Path) -> None:
    with away(made_record) as client:
        csrf = mark_of(client)
        wrong = client.post("/login", data={"csrf": csrf, "token": "wrong"}, follow_redirects=False)
        assert wrong.status_code == 401 and client.get("/record.json").status_code == 401
        right = client.post("/login", data={"csrf": csrf, "token": TOKEN}, follow_redirects=False)
        assert (right.status_code, right.headers["location"]) == (303, "/record")
        assert client.get("/record.json").status_code == 200
        client.cookies.clear()
        assert client.get("/record.json", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200
        assert client.get("/record.json", headers={"authorization": f"Bearer {TOKEN}x"}).status_code == 401


def test_a_cookie_that_was_made_up_or_changed_admits_nobody(made_record: Path) -> None:
    with away(made_record) as client:
        client.get("/login")
        (cookie,) = client.cookies.jar
        number, admitted, mac = str(cookie.value).split(".")
        assert admitted == "0"
        for forged in (
            f"{number}.1.{mac}",
            f"{number}.1.",
            "x.1.y",
            "..",
            f"{number}.1.{mac}é",
            "\u202e.1.z",
        ):
            client.cookies.clear()
            header = {"cookie": f"{cookie.name}={forged}".encode()}
            assert client.get("/record.json", headers=header).status_code == 401, forged


# by which name -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        "evil.org",
        "evil.org:8000",
        "127.0.0.1.evil.org",
        "localhost.evil.org:8000",
        "10.0.0.5:8000",
        "user@127.0.0.1",
        "",
        "[::1",
        "127.0.0.1/x",
        "127.0.0.1:99999",
        "a" * 300,
    ],
)
def test_a_name_that_leads_here_from_elsewhere_is_refused(reader: Visitor, host: str) -> None:
    assert reader.get("/record.json", headers={"host": host}).status_code == 421


def test_our_own_names_and_those_allowed_are_taken(reader: Visitor, made_record: Path) -> None:
    for host in ("127.0.0.1:8000", "localhost:8000", "LocalHost", "[::1]:8000"):
        assert reader.get("/record.json", headers={"host": host}).status_code == 200, host
    with visit(Settings(made_record, allowed_hosts=("Record.Example.org",))) as client:
        assert client.get("/record.json", headers={"host": "record.example.org"}).status_code == 200
        assert client.get("/record.json", headers={"host": "other.example.org"}).status_code == 421
    with away(made_record) as client:
        # numbers are taken where others may come, names are not
        assert client.get("/healthz.json", headers={"host": "10.0.0.5:8000"}).status_code == 200
        assert client.get("/healthz.json", headers={"host": "evil.org"}).status_code == 421


# what browsers are told --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", [*PAGES, "/record.json", "/static/app.css", "/openapi.json", "/nothing.json", "/record?x=1"]
)
def test_every_answer_carries_the_policy(reader: Visitor, path: str) -> None:
    answer = reader.get(path)
    policy = answer.headers["content-security-policy"]
    assert (
        "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "base-uri 'none'" in policy
    )
    assert "unsafe" not in policy and "http" not in policy and "*" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["x-frame-options"] == "DENY"
    assert "geolocation=()" in answer.headers["permissions-policy"]
    assert "server" not in answer.headers


def test_no_page_has_script_or_style_inside_or_names_another_host(visitor: Visitor) -> None:
    incident = visitor.get("/incidents.json").json()["incidents"][0]["incident_id"]
    event = visitor.get("/record.json").json()["rows"][0]["event_id"]
    for path in (*PAGES, f"/incidents/{incident}", f"/events/{event}"):
        page = visitor.get(path).text
        assert not re.search(r"<script(?![^>]*\ssrc=)[^>]*>(?!\s*</script>)", page), path
        assert not re.search(r"<style|\sstyle\s*=|\son\w+\s*=|javascript:", page, re.I), path
        loaded = re.findall(r"<(?:script|link|img|iframe|source)[^>]*(?:src|href)=\"([^\"]*)\"", page)
        assert all(address.startswith("/") and not address.startswith("//") for address in loaded), (
            path,
            loaded,
        )


def test_what_came_from_a_document_is_text_and_nothing_else(visitor: Visitor) -> None:
    """A row's place, its source's words and a report may hold script; they are shown, and do nothing."""
    rows = [
        row
        for row in visitor.get("/record.json?adm0=SYR").json()["rows"]
        if row["place"] and SCRIPT in row["place"]
    ]
    assert rows
    for path in ("/record?adm0=SYR", f"/events/{rows[0]['event_id']}", "/changes"):
        page = visitor.get(path).text
        assert SCRIPT not in page, path
        assert path == "/changes" or "&lt;script&gt;" in page
    answer = visitor.get("/record.json?adm0=SYR")
    assert SCRIPT in answer.text and answer.headers["content-type"] == "application/json"


def test_what_a_visitor_sent_is_not_sent_back_as_script(reader: Visitor) -> None:
    for path in (
        f"/record?kind={SCRIPT}",
        f"/record?{SCRIPT}=1",
        f"/{SCRIPT}",
        f"/incidents/{SCRIPT}",
        f"/record?from={SCRIPT}",
    ):
        answer = reader.get(path)
        assert answer.status_code in (400, 404) and SCRIPT not in answer.text, path


# what may be sent --------------------------------------------------------------------------------------------


def test_a_form_without_our_mark_changes_nothing(visitor: Visitor, post: Post) -> None:
    incident = visitor.get("/incidents.json").json()["incidents"][0]
    path, fields = f"/incidents/{incident['incident_id']}/grade", {"grade": "confirmed", "reason": "seen"}
    for csrf in ({}, {"csrf": "x"}, {"csrf": ""}, {"csrf": "\ud7ff\u202e"}):
        assert visitor.post(path, data=fields | csrf).status_code == 403
    # the mark of another visitor
    stranger = TestClient(visitor.app, base_url=f"http://{HOST}")
    assert visitor.post(path, data=fields | {"csrf": mark_of(stranger)}).status_code == 403
    # no cookie, but a mark
    assert stranger.post(path, data=fields | {"csrf": mark_of(visitor)}).status_code == 403
    assert visitor.get("/incidents.json").json()["incidents"][0]["grade"] == incident["grade"] != "confirmed"
    assert post(path, **fields).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.org"},
        {"origin": "null"},
        {"origin": f"http://{HOST}.evil.org"},
        {"origin": "http://127.0.0.1:9999"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": f"http://{HOST}", "sec-fetch-site": "cross-site"},
    ],
)
def test_a_form_sent_from_another_site_is_refused(visitor: Visitor, headers: dict[str, str]) -> None:
    data = {"csrf": mark_of(visitor), "incident": ["a", "b"], "reason": "x"}
    assert visitor.post("/incidents/merge", data=data, headers=headers).status_code == 403


def test_a_form_of_our_own_passes_with_its_origin(visitor: Visitor) -> None:
    incident = visitor.get("/incidents.json").json()["incidents"][0]["incident_id"]
    data = {"csrf": mark_of(visitor), "grade": "fair", "reason": "x"}
    headers = {"origin": f"http://{HOST}", "sec-fetch-site": "same-origin"}
    done = visitor.post(f"/incidents/{incident}/grade", data=data, headers=headers, follow_redirects=False)
    assert (done.status_code, done.headers["location"]) == (303, f"/incidents/{incident}")


def test_a_server_that_only_reads_takes_nothing(reader: Visitor) -> None:
    csrf = mark_of(reader)
    for path in ("/incidents/merge", "/briefs", "/effects", "/decisions/1/withdraw", "/incidents/x/split"):
        assert reader.post(path, data={"csrf": csrf, "reason": "x"}).status_code == 403, path


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "", "multipart/form-data"])
def test_a_body_that_is_no_form_is_refused(visitor: Visitor, kind: str) -> None:
    answer = visitor.post(
        "/briefs", content=b'{"text": "x"}', headers={"content-type": kind, "accept": "application/json"}
    )
    assert answer.status_code in (400, 415) and answer.json()["error"]["do"]


def test_a_body_is_refused_while_it_comes_in(made_record: Path, tmp_path: Path) -> None:
    sent = 0

    def endless() -> Any:
        nonlocal sent
        while True:
            sent += 100_000
            yield b"a" * 100_000

    with visit(Settings(made_record, briefs=tmp_path / "b", max_upload_bytes=300_000)) as client:
        mark_of(client)
        form = {"content-type": "application/x-www-form-urlencoded"}
        # a length that is stated is believed at once
        assert (
            client.post("/incidents/merge", content=b"a=" + b"b" * MAX_FORM, headers=form).status_code == 413
        )
        stated = {"content-type": "multipart/form-data; boundary=x", "content-length": "900000000"}
        assert client.post("/briefs", content=b"--x", headers=stated).status_code == 413
        answer = client.post(
            "/briefs", data={"csrf": mark_of(client)}, files={"file": ("a.txt", b"x" * 600_000)}
        )
        assert answer.status_code == 413 and not (tmp_path / "b").exists()
        many = {f"field{n}": "x" for n in range(500)}
        assert client.post("/briefs", data=many | {"csrf": mark_of(client)}).status_code == 400


def test_an_endless_body_is_cut_off_at_the_limit(made_record: Path) -> None:
    """Straight at the app, since the test client collects a body before it sends it."""
    import anyio

    app, read, status = create_app(Settings(made_record, max_upload_bytes=1000)), 0, []
    headers = [(b"host", HOST.encode()), (b"content-type", b"multipart/form-data; boundary=x")]
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/briefs",
        "raw_path": b"/briefs",
        "query_string": b"",
        "headers": headers,
        "scheme": "http",
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8000),
        "http_version": "1.1",
    }

    async def receive() -> dict[str, Any]:
        nonlocal read
        read += 50_000
        assert read < 10 * MAX_FORM, "read on and on"
        head = (
            b'--x\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
            if read == 50_000
            else b""
        )
        return {"type": "http.request", "body": head + b"a" * 50_000, "more_body": True}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            status.append(message["status"])

    anyio.run(app, scope, receive, send)
    assert status == [413] and read <= MAX_FORM + 150_000
    app.web.store.stop()


def test_an_address_that_is_too_long_is_refused(reader: Visitor) -> None:
    assert reader.get("/record.json?adm1=" + "a" * 9000).status_code == 414
    assert reader.get("/record.json?" + "&".join(f"adm1={n}" for n in range(60))).status_code == 400


# no way out of the folders -----------------------------------------------------------------------------------

WAYS = (
    "../secret",
    "..%2fsecret",
    "%2e%2e/secret",
    "....//secret",
    "..\\secret",
    "%5c..%5csecret",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "a/../../secret",
    "secret%00",
    "a%00/../secret",
    ".hidden",
    "~root",
    "C:%5csecret",
    "link",
    "\u2025/secret",
)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "base", ["/briefs/", "/effects/", "/archive/", "/static/", "/vendor/", "/effects/x/../", "/jobs/"]
)
def test_no_address_leads_out_of_a_folder(made_record: Path, tmp_path: Path, base: str, way: str) -> None:
    folder, secret = tmp_path / "in", tmp_path / "secret"
    secret.mkdir()
    for name in ("brief.html", "brief.json", "wakes.json", "wakes.svg"):
        (secret / name).write_text("the secret")
    (tmp_path / ".hidden").mkdir()
    folder.mkdir()
    (folder / "link").symlink_to(secret)
    settings = Settings(made_record, briefs=folder, effects=folder, archive=folder)
    app = create_app(settings)
    client = TestClient(app, base_url=f"http://{HOST}")
    for path in (f"{base}{way}", f"{base}{way}.json", f"{base}{way}/figure.svg", f"{base}{way}/raw"):
        answer = client.get(path, follow_redirects=False)
        assert answer.status_code in (400, 404), path
        assert "the secret" not in answer.text and "root:" not in answer.text
    app.web.store.stop()


def test_a_folder_that_is_a_link_elsewhere_is_not_listed_as_content(
    made_record: Path, tmp_path: Path
) -> None:
    folder, secret = tmp_path / "in", tmp_path / "secret"
    secret.mkdir()
    (secret / "brief.json").write_text('{"article": {"title": "the secret"}}')
    folder.mkdir()
    (folder / "link").symlink_to(secret)
    with visit(Settings(made_record, briefs=folder)) as client:
        assert "the secret" not in client.get("/briefs.json").text


# bad input is never our defect -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "kind=foo",
        "from=2017-13-01",
        "from=2017-1-1",
        "from=99999-01-01",
        "from=٢٠١٧-٠١-٠١",
        "to=now",
        "bbox=1,2,3",
        "bbox=nan,0,1,1",
        "bbox=0,1e999,1,2",
        "bbox=0,5,1,2",
        "bbox=-999,0,1,1",
        "bbox=0,0,1,inf",
        "precision=0",
        "precision=8",
        "precision=1.0",
        "precision=1e3",
        "precision=-1",
        "page=0",
        "page=99999999999999999999",
        "page=1_0",
        "page=+1",
        "page=NaN",
        "sort=; drop table",
        "harm=yes",
        "adm1=%00",
        "adm1=a%00b",
        "adm1=%ff",
        "adm1=%ED%A0%80",
        "adm1=" + "a" * 201,
        "kind=strike&kind=%20",
        "q=1",
        "from=2018-01-01&to=2017-01-01",
        "from=2018-01-01&from=2018-01-02",
        "%ff=1",
        "page=١",
    ],
)
def test_bad_input_is_400_and_says_what_is_allowed(reader: Visitor, query: str) -> None:
    answer = reader.get(f"/record.json?{query}")
    assert answer.status_code == 400, answer.text
    error = answer.json()["error"]
    assert error["got"] and error["do"] and error["status"] == 400
    page = reader.get(f"/record?{query}")
    assert page.status_code == 400 and page.headers["content-type"].startswith("text/html")
    assert reader.get(f"/record/download.csv?{query.split('&')[0]}").status_code in (200, 400)


def test_an_empty_field_of_a_form_is_as_if_it_were_not_there(reader: Visitor) -> None:
    full = reader.get("/record.json").json()["counts"]
    assert reader.get("/record.json?kind=&from=&to=&bbox=&adm0=&precision=&page=").json()["counts"] == full


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "POST"])
def test_another_method_is_405(reader: Visitor, method: str) -> None:
    assert reader.request(method, "/record.json").status_code == 405


def test_a_defect_of_ours_shows_no_detail(made_record: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from afterstrike.web import _app, _record_pages

    def broken(*_: Any) -> Any:
        raise RuntimeError("inner words")

    monkeypatch.setattr(_record_pages, "counts_of", broken)
    app = _app.create_app(Settings(made_record))
    answer = TestClient(app, base_url=f"http://{HOST}", raise_server_exceptions=False).get("/record.json")
    assert (
        answer.status_code == 500
        and "inner words" not in answer.text
        and "content-security-policy" in answer.headers
    )
    app.web.store.stop()
