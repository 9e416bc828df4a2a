"""What people do in the web app, in Debian's Chromium: at a desk and on a phone, on a light and on a dark page."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from afterstrike.web import Settings, create_app

pytestmark = pytest.mark.browser
VIEWS = {
    "desk-light": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "desk-dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "phone-light": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light", "has_touch": True},
    "phone-dark": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark", "has_touch": True},
}


@pytest.fixture(scope="module")
def address(made_record: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server on a free port of this machine, with a record of its own."""
    import uvicorn

    folder = tmp_path_factory.mktemp("served")
    record = Path(shutil.copy(made_record, folder / "made.duckdb"))
    made_effect(folder / "made.effects" / "simulated")
    config = uvicorn.Config(
        create_app(Settings(record)), port=0, log_level="error", access_log=False, ws="none"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


def made_effect(folder: Path) -> None:
    """Write an estimate on the simulated events that ship."""
    from afterstrike.effects import Study, matched_wakes, save_effect
    from afterstrike.record import LayoutOptions, load_mapping, open_record
    from afterstrike.record.shipped import simulated_path

    folder.mkdir(parents=True)
    path = simulated_path()
    with open_record(folder / "sim.duckdb") as record:
        mapping = load_mapping(path.with_suffix(".mapping.toml"))
        record.add(path, layout="mapping", options=LayoutOptions(mapping=mapping))
        study = Study(treatment=record.events(kind="strike"), outcome=record.events(kind="attack"))
    (folder / "sim.duckdb").unlink()
    save_effect(matched_wakes(study, days=(7, 14), km=(25,)), folder)


# each thing people do is tried at both widths and in both colours; how pages look, in all four
@pytest.fixture(params=("desk-light", "phone-dark"))
def page(request: Any, browser: Any, address: str) -> Iterator[Any]:
    """A page of a browser that writes down what it asks for, what goes wrong, and what pops up."""
    context = browser.new_context(**VIEWS[request.param], base_url=address, accept_downloads=True)
    one = context.new_page()
    asked: list[str] = []
    wrong: list[str] = []
    context.on("request", lambda sent: asked.append(sent.url))
    one.on("pageerror", lambda error: wrong.append(str(error)))
    one.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    one.on("dialog", lambda dialog: wrong.append(f"dialog: {dialog.message}"))
    yield one
    outside = [a for a in asked if urlsplit(a).scheme in ("http", "https") and not a.startswith(address)]
    context.close()
    assert not outside, f"asked outside the host: {outside[:3]}"
    assert not wrong, wrong[:3]


def numbers(page: Any, selector: str) -> list[int]:
    return [int(n.replace(",", "")) for n in re.findall(r"\d[\d,]*", page.inner_text(selector))]


def until(page: Any, expression: str) -> None:
    """Wait for what Playwright's own waiting cannot ask under the page's security policy."""
    for _ in range(200):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"not within 10 s: {expression}")


def settled(page: Any) -> None:
    """Wait until map, timeline and table show one selection."""
    until(page, "(d => d.shown && d.shown === d.wanted)(document.querySelector('#view').dataset)")


def open_record_page(page: Any, query: str = "") -> None:
    page.goto(f"/record{query}")
    settled(page)


def drag(page: Any, start: float, end: float) -> None:
    """Draw a window over a part of the timeline."""
    page.locator("#timeline").scroll_into_view_if_needed()
    box = page.locator("#timeline svg").bounding_box()
    left, wide, y = box["x"] + 44, box["width"] - 56, box["y"] + 50
    page.mouse.move(left + wide * start, y)
    page.mouse.down()
    page.mouse.move(left + wide * (start + end) / 2, y, steps=3)
    page.mouse.move(left + wide * end, y, steps=3)
    page.mouse.up()
    settled(page)


def test_every_view_is_an_address(page: Any) -> None:
    open_record_page(page)
    everything = page.inner_text("#counts")
    drag(page, 0.3, 0.6)
    page.locator("#filters .main").scroll_into_view_if_needed()
    page.check("input[name=kind][value=strike]")
    page.wait_for_url(re.compile("kind=strike"))
    settled(page)
    chosen, where = page.inner_text("#counts"), page.url
    assert chosen != everything and "from=" in where
    again = page.context.new_page()
    again.goto(where)
    assert again.inner_text("#counts") == chosen
    again.close()
    page.go_back()
    page.wait_for_url(re.compile("from=(?!.*kind)"))
    page.go_back()
    until(page, "!location.search")
    settled(page)
    assert page.inner_text("#counts") == everything


def test_download_exactly_this_selection(page: Any, tmp_path: Path) -> None:
    open_record_page(page, "?kind=strike&kind=clash&from=2015-01-01")
    shown = numbers(page, "#counts")[0]
    for ending in ("csv", "geojson", "parquet"):
        with page.expect_download() as started:
            page.click(f"#downloads a[href*='.{ending}']")
        file = tmp_path / f"got.{ending}"
        started.value.save_as(file)
        assert 0 < rows_in(file) == shown < 403


def rows_in(file: Path) -> int:
    """Count the rows of a download, after looking for its citation and date."""
    ending = file.suffix[1:]
    rows: Any
    if ending == "csv":
        rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"))))
        assert {row["citation"] for row in rows} >= {"Made for a test"}
        assert all(row["record_as_of"] for row in rows)
    elif ending == "geojson":
        whole = json.loads(file.read_text(encoding="utf-8"))
        rows = whole["features"]
        assert "Made for a test" in json.dumps(whole) and "record_as_of" in json.dumps(whole)
    else:
        import duckdb

        rows = duckdb.read_parquet(str(file)).df().to_dict("records")
        assert {row["citation"] for row in rows} >= {"Made for a test"}
    return len(rows)


def test_counts_add_up_whatever_is_chosen(page: Any, address: str) -> None:
    whole = page.request.get(f"{address}/record.json").json()["counts"]["total"]
    for query in ("", "?kind=strike", "?harm=1&from=2016-01-01&to=2017-12-31", "?bbox=36,33,38,35"):
        open_record_page(page, query)
        shown, total, without_place, imprecise, without_day = numbers(page, "#counts")
        drawn, country_only, no_coordinate, together = numbers(page, "#left-out")[:4]
        assert 0 < shown <= total == whole
        assert drawn + country_only + no_coordinate == together == shown
        assert no_coordinate == without_place and country_only <= imprecise <= shown
        series = json.loads(page.get_attribute("#table", "data-series"))
        if "from" not in query:
            in_weeks = sum(sum(counts) for counts in series["kinds"].values())
            assert in_weeks + sum(series["left_out"].values()) == shown
            assert series["left_out"]["no_day"] == without_day


def test_the_brush_moves_map_charts_and_table_together(page: Any) -> None:
    open_record_page(page)
    before = numbers(page, "#counts")[0]
    with page.expect_response(re.compile("map.json.*from=")) as answered:
        drag(page, 0.5, 0.7)
    first, last = (page.input_value(f"#filters [name={name}]") for name in ("from", "to"))
    assert first and first < last
    shown = numbers(page, "#counts")[0]
    assert 0 < shown < before
    settled(page)
    assert answered.value.ok
    on_map = page.evaluate("document.querySelector('#map').eventMap.shown")
    assert on_map == numbers(page, "#left-out")[0] < before
    days = page.locator("#table tbody time").evaluate_all("all => all.map(t => t.dateTime)")
    assert days and all(day <= last for day in days)
    assert page.locator("#timeline .handle").count() == 2
    page.click("#chips a:has-text('to')")
    until(page, "!location.search")
    settled(page)
    assert numbers(page, "#counts")[0] == before


def test_precision_is_drawn_as_disc_or_area_and_never_a_false_pin(page: Any) -> None:
    open_record_page(page)
    drawn = page.evaluate("document.querySelector('#map').eventMap.drawn")
    assert {f["precision"] for f in drawn["dots"]} == {1}
    assert {f["precision"] for f in drawn["areas"]} == {2, 3, 4}
    wide = {f["precision"]: f["km"] for f in drawn["areas"]}
    assert wide == {2: 25, 3: 35, 4: 80}
    assert "not drawn" in page.inner_text("#left-out")
    asked = page.evaluate("fetch('/record/map.json').then(r => r.json())")
    assert sum(f["n"] for f in drawn["dots"] + drawn["areas"]) == asked["drawn"]


def test_an_incident_opens_its_sources_quotes_and_rivals(page: Any) -> None:
    page.goto("/incidents")
    page.click("a:has-text('Raqqa')")
    assert page.locator(".tellings .card").count() == 2
    rivals = page.inner_text(".rivals")
    assert "12" in rivals and "9" in rivals
    assert page.locator(".tellings a:has-text('original')").count() == 2
    page.fill("form[action$='/grade'] [name=reason]", "checked by hand")
    page.select_option("[name=grade]", "fair")
    page.click("form[action$='/grade'] button")
    page.wait_for_selector("#decisions + ul")
    assert "checked by hand" in page.inner_text("main")
    page.click("button:has-text('Withdraw')")
    page.wait_for_selector("text=withdrawn")


def test_an_effect_shows_interval_checks_and_assumptions(page: Any) -> None:
    page.goto("/effects")
    page.click(".card a")
    assert re.search(r"\d\.\d+ to \d", page.inner_text("#estimates + .scroll"))
    assert page.locator(".checks li").count() >= 3
    assert "believed" in page.inner_text("#assumptions") and page.inner_text("#assumptions + *").strip()
    until(page, "document.querySelector('figure img').naturalWidth > 100")


def test_keyboard_and_screen_reader_path(page: Any) -> None:
    open_record_page(page, "?from=2015-06-01&to=2017-06-30")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the table of events"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#table') !== null")
    handle = page.locator(".handle[data-edge=from]")
    assert handle.get_attribute("aria-valuetext") == "2015-06-01"
    handle.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_url(re.compile("from=2015-06-08"))
    settled(page)
    assert page.evaluate("document.activeElement.dataset.edge") == "from"
    assert page.input_value("[name=from]") == "2015-06-08"
    unnamed = page.evaluate(
        """() => [...document.querySelectorAll('a, button, input:not([type=hidden]), select, [role=slider]')]
        .filter(e => !e.closest('.maplibregl-map') && !(e.textContent.trim() || e.ariaLabel || e.title || e.labels?.length))
        .length"""
    )
    assert unnamed == 0
    assert page.locator("#map[aria-label]").count() == page.locator("h1").count() == 1
    assert page.locator("html").get_attribute("lang") == "en"


def test_the_change_log_between_two_days(page: Any) -> None:
    page.goto("/changes")
    page.click("a:has-text('import-2')")
    rows = page.inner_text("#rows + .scroll")
    assert "updated" in rows and re.search(r"fatalities high: \S+ → 77", rows)
    page.fill("[name=from]", "2001-01-01")
    page.fill("[name=to]", "2001-01-31")
    page.click("main button.main")
    page.wait_for_url(re.compile("from=2001-01-01"))
    assert "No import in these days" in page.inner_text("main")


def test_what_documents_say_is_inert_and_runs_its_own_way(page: Any) -> None:
    open_record_page(page, "?sort=place")
    text = page.inner_text("#table tbody")
    assert "<script>alert(1)</script>" in text
    open_record_page(page, "?sort=place&page=3")
    arabic = page.locator("#table bdi", has_text="الرقة").first
    assert arabic.evaluate("e => getComputedStyle(e).unicodeBidi") == "isolate"
    page.locator("#table tbody a").first.click()
    page.wait_for_selector("dl.facts")
    assert page.locator("main script").count() == 0


@pytest.mark.parametrize("page", VIEWS, indirect=True)
def test_no_page_is_wider_than_its_window_and_all_can_be_read(page: Any) -> None:
    for path in (
        "/record",
        "/incidents",
        "/effects",
        "/effects/simulated",
        "/briefs",
        "/sources",
        "/changes",
        "/login",
    ):
        page.goto(path)
        page.wait_for_load_state()
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 1, path
        assert page.evaluate(CONTRAST) >= 4.5, path


CONTRAST = """() => {
  const rgb = (c) => c.match(/[0-9.]+/g).slice(0, 3).map(Number);
  const light = (c) => rgb(c).map((v) => v / 255).map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const back = light(getComputedStyle(document.body).backgroundColor);
  const worst = [...document.querySelectorAll('main p, main a, .note, .missing')]
    .map((e) => light(getComputedStyle(e).color))
    .map((l) => (Math.max(l, back) + 0.05) / (Math.min(l, back) + 0.05));
  return Math.min(21, ...worst);
}"""
