"""The loop: every item accounted for once, sources followed, and nothing lost where a process dies."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import textwrap
import threading
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

import pytest

from afterstrike.errors import RecordError
from afterstrike.record import open_record
from afterstrike.sources import Archive
from afterstrike.watch import SourceConfig, Watch, archived_text

from .conftest import HIT, HIT_AR, Town, version


def test_reports_of_feeds_become_incidents_that_lead_to_archived_bytes(town: Town) -> None:
    town.add(0, version(HIT, "Desk one."))
    town.add(2, version(HIT_AR, "تحرير ثان."))
    town.watch().once()
    assert town.states() == {"0/0": ("read", 1), "2/0": ("read", 1)}
    (one,) = town.incidents()
    assert (one["grade"], one["civilian_fatalities_low"], len(one["tellings"])) == ("fair", 9, 2)
    archive = Archive(town.config.archive, read_only=True)
    rows = town.rows("SELECT w.sha256, r.text_sha256 FROM watch_items w JOIN reports r USING (report_id)")
    for sha256, text_sha256 in rows:
        text = archived_text(archive, sha256)
        assert hashlib.sha256(text.encode()).hexdigest() == text_sha256
        assert "Home" not in text  # the article, not the page around it


def test_nothing_new_changes_nothing_and_is_asked_for_conditionally(town: Town) -> None:
    town.add(0, version(HIT, "Desk one."))
    town.watch().once()
    before = town.rows("SELECT count(*), max(number) FROM imports")
    town.pass_hours(1.2)
    (done,) = town.watch().once()
    assert done.polls == {"unchanged": 3}
    assert town.rows("SELECT count(*), max(number) FROM imports") == before
    town.watch().once()  # nothing is due
    assert len([p for _, _, p in town.server.requests if p.endswith("/feed")]) == 6


def test_a_feed_that_was_archived_and_not_stored_is_read_all_the_same(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.add(0, version(HIT, "Desk one."))
    import afterstrike.watch._discover as module

    def killed(*_: Any) -> None:
        raise SystemExit("killed between archive and record")

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(module, "discover", killed)
        town.watch().once()
    assert Archive(town.config.archive).latest(town.config.sources[0].address) is not None
    town.watch().once()  # the server now answers 304
    assert town.states()["0/0"] == ("read", 1)


def test_items_that_wait_are_read_by_the_next_process(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.add(0, version(HIT, "Desk one."))
    import afterstrike.watch._article as module

    def killed(*_: Any) -> None:
        raise SystemExit("killed while an article was read")

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(module, "read_item", killed)
        town.watch().once()
    assert town.states() == {"0/0": ("waiting", 1)}
    town.watch().once()
    assert town.states() == {"0/0": ("read", 1)} and len(town.incidents()) == 1


def test_an_article_that_ends_every_process_is_left_unread_and_holds_up_no_other(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.add(0, version(HIT, "Desk one."))
    town.add(1, version(HIT.replace("Raqqa", "Aleppo"), "Desk two."))
    import afterstrike.watch._article as module

    real = module.read_item

    def deadly(row: Any, *rest: Any) -> Any:
        if row["source"] == "outlet-0":
            raise SystemExit("out of memory")
        return real(row, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(module, "read_item", deadly)
        for number in range(3):
            with pytest.raises(SystemExit):
                town.watch().once()
            assert town.states()["1/0"][0] == ("read" if number else "waiting")
        town.watch().once()
        assert town.states() == {"0/0": ("unreadable", 1), "1/0": ("read", 1)}
        ((reason,),) = town.rows("SELECT reason FROM watch_items WHERE source = 'outlet-0'")
        assert "ended 3 times while this was read" in reason
        town.watch().once()
    assert not list(town.folder.glob("*.reading"))


def test_a_small_pdf_that_would_be_read_for_hours_is_left_for_the_words_of_the_feed(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.reading.test_limited import pdf

    import afterstrike.reading._limited as module

    town.add(0, version(HIT, "Desk one."))
    body, real = pdf(b"BT /F1 12 Tf (A strike) Tj ET\n" * 20_000), town.server.answer
    monkeypatch.setattr(
        town.server,
        "answer",
        lambda path: (200, body, "application/pdf", None) if "/a/" in path else real(path),
    )
    limited = module.limited_document
    monkeypatch.setattr(module, "limited_document", lambda given, **_: limited(given, seconds=1))
    town.watch().once()
    ((state, reason),) = town.rows("SELECT state, reason FROM watch_items")
    assert state == "read" and "longer than 1 seconds" in reason and "feed's own words" in reason


def test_reports_stored_without_incidents_get_them_at_the_next_start(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.add(0, version(HIT, "Desk one."))
    watch = town.watch()

    def killed(**_: Any) -> None:
        raise SystemExit("killed before the incidents were built")

    monkeypatch.setattr(watch, "_build", killed)
    with pytest.raises(SystemExit):
        watch.once()
    assert town.incidents() == []
    town.watch().once()
    assert len(town.incidents()) == 1


def test_a_batch_is_stored_whole_or_not_at_all(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.add(0, version(HIT, "Desk one."))
    import afterstrike.watch._keep as module

    def killed(*_: Any, **__: Any) -> None:
        raise SystemExit("killed inside the transaction")

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(module, "_next_check", killed)
        town.watch().once()
    assert town.states() == {"0/0": ("waiting", 1)}
    assert town.rows("SELECT count(*) FROM reports") == [(0,)]


def test_a_change_in_the_feed_is_a_version_of_the_same_report(town: Town) -> None:
    town.add(0, version(HIT, "Desk one."), version(HIT.replace("nine", "ten"), "Desk two.", hour=3.0))
    town.watch().once()
    town.pass_hours(4)
    town.watch().once()
    assert town.states() == {"0/0": ("read", 2)}
    (one,) = town.incidents()
    assert (one["civilian_fatalities_low"], one["civilian_fatalities_high"]) == (10, 10)
    assert town.rows("SELECT count(*), count(superseded_by) FROM reports") == [(2, 1)]


def test_a_page_changed_in_silence_is_found_when_it_is_looked_at_again(town: Town) -> None:
    town.add(
        0,
        version(HIT, "Desk one."),
        version(HIT.replace("nine", "seven"), "Desk two.", hour=1.0, silent=True),
    )
    town.watch().once()
    town.pass_hours(1.5)
    town.watch().once()
    assert town.states() == {"0/0": ("read", 1)}
    town.pass_hours(1.0)
    town.watch().once()
    assert town.states() == {"0/0": ("read", 2)} and town.incidents()[0]["civilian_fatalities_high"] == 7


@pytest.mark.parametrize("how", ["gone", "english", "arabic", "notice"])
def test_what_a_source_takes_back_counts_no_more_and_stays_in_the_log(town: Town, how: str) -> None:
    other = town.add(1, version(HIT.replace("nine", "eleven"), "Desk of another outlet, written at length."))
    outlet = 2 if how == "arabic" else 0
    item = town.add(outlet, version(HIT_AR if how == "arabic" else HIT, "Desk one."))
    if how == "gone":
        item.gone = 1.0
    elif how == "english":
        item.versions.append(
            version("This article has been retracted because it could not be confirmed.", "-", hour=1.0)
        )
    elif how == "arabic":
        item.versions.append(version("تم سحب هذا الخبر لأنه لم يتأكد.", "-", hour=1.0))
    town.watch().once()
    assert [len(one["tellings"]) for one in town.incidents()] == [2]
    if how == "notice":
        town.add(
            0,
            version(
                "We withdraw the report linked here.", "-", hour=1.0, head="Retraction: an earlier report"
            ),
            refers=(0, 0),
        )
    town.pass_hours(3)
    town.watch().once()
    key = f"{outlet}/0"
    assert town.states()[key] == ("retracted", 2) and town.states()[f"1/{other.number}"][0] == "read"
    (one,) = town.incidents()
    assert [t["outlet"] for t in one["tellings"]] == ["Outlet 1"] and one["grade"] == "weak"
    assert town.rows("SELECT count(*) FROM reports WHERE superseded_by IS NOT NULL") == [(1,)]
    with open_record(town.config.record) as record:
        last = max(row["number"] for row in record.log() if row["layout"] == "reports")
        assert record.undo(f"import-{last}")["restored"] == 1
        assert [len(i["tellings"]) for i in record.incidents()] == [2]


def test_one_page_in_two_feeds_and_one_text_of_two_outlets_are_one_report(town: Town) -> None:
    first = town.add(0, version(HIT, "Desk one."))
    town.add(1, version(HIT, "Desk one."), link=(0, first.number))
    town.add(1, version(HIT, "Desk one."))
    town.watch().once()
    assert town.states() == {"0/0": ("read", 1), "1/0": ("duplicate", 1), "1/1": ("duplicate", 1)}
    (one,) = town.incidents()
    assert one["grade"] == "weak" and len(one["tellings"]) == 1
    assert len(town.rows("SELECT DISTINCT report_id FROM watch_items")) == 1


@pytest.mark.parametrize("order", ["listed before", "listed after"])
def test_no_source_takes_back_what_another_says_of_its_own_page(town: Town, order: str) -> None:
    page = town.add(1, version(HIT, "Desk one."))
    source, other = town.config.sources[:2]
    listed = SourceConfig("stranger", "feed", source.address, None, "Stranger", 60)
    taken_back = "Retraction: the report is withdrawn"
    address = town.server.page(page)
    item = "<item><guid isPermaLink='false'>1</guid><title>{}</title><link>{}</link></item>"
    heads = ["Strike on a market"]
    real = town.server.answer

    def answer(path: str) -> Any:
        if "0/feed" in path or path == urlsplit(source.address).path:
            body = "<rss version='2.0'><channel>" + item.format(heads[0], address) + "</channel></rss>"
            return 200, body.encode(), "application/rss+xml", None
        return real(path)

    town.server.answer = answer  # type: ignore[method-assign]
    town.watch(sources=(listed,)).once()
    if order == "listed before":
        town.watch(sources=(listed, other)).once()
        assert town.rows("SELECT state FROM watch_items WHERE source = 'outlet-1'") == [("duplicate",)]
    heads[0] = taken_back
    town.pass_hours(1.5)
    town.watch(sources=(listed,)).once()
    assert town.rows("SELECT max_by(state, version) FROM watch_items WHERE source = 'stranger'") == [
        ("retracted",)
    ]
    town.pass_hours(1.5)
    town.watch(sources=(listed, other)).once()
    assert town.rows("SELECT state FROM watch_items WHERE source = 'outlet-1'") == [("read",)]
    (one,) = town.incidents()
    assert [told["outlet"] for told in one["tellings"]] == ["Outlet 1"]


def test_a_source_from_outside_cannot_point_into_a_private_server(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    import afterstrike.sources._network as network

    town.add(0, version(HIT, "Desk one."))
    town.add(1, version("An outside item.", "Desk two."), link=(0, 0))
    monkeypatch.setattr(network, "is_public", lambda address: True)  # the second port stands for the internet
    source = town.config.sources[1]
    inside = urlsplit(town.server.page(town.press.outlets[0].items[0])).netloc
    assert urlsplit(source.address).netloc != inside
    town.watch(sources=(source,), allow_private=(inside,)).once()
    ((state, reason),) = town.rows("SELECT state, reason FROM watch_items")
    assert state in ("read", "unreadable") and "may not point at a private address" in reason
    assert not [path for _, _, path in town.server.requests if "/a/" in path]


def test_a_page_that_is_gone_is_gone_for_every_source_that_lists_it(town: Town) -> None:
    first = town.add(0, version(HIT, "Desk one."))
    first.gone = 1.0
    town.add(1, version(HIT, "Desk one."), link=(0, first.number))
    town.watch().once()
    assert town.states()["1/0"][0] == "duplicate"
    town.pass_hours(3)
    town.watch().once()
    assert {state for state, _ in town.states().values()} == {"retracted"} and town.incidents() == []


def test_a_copy_tells_on_its_own_when_the_first_text_changes(town: Town) -> None:
    town.add(0, version(HIT, "Desk one."), version(HIT.replace("nine", "three"), "Desk two.", hour=1.0))
    town.add(1, version(HIT, "Desk one."))
    town.watch().once()
    assert town.states()["1/0"][0] == "duplicate"
    town.pass_hours(1.5)
    town.watch().once()
    assert town.states() == {"0/0": ("read", 2), "1/0": ("read", 1)}
    assert {t["outlet"] for one in town.incidents() for t in one["tellings"]} == {"Outlet 0", "Outlet 1"}


def test_the_same_words_weeks_apart_are_two_reports(town: Town) -> None:
    town.add(0, version(HIT, "Desk one."))
    town.watch().once()
    town.pass_hours(24 * 14)
    town.add(1, version(HIT, "Desk one.", hour=24 * 14.0))
    town.watch().once()
    assert town.states() == {"0/0": ("read", 1), "1/0": ("read", 1)} and len(town.incidents()) == 2


def test_where_the_article_cannot_be_had_the_feed_speaks_and_says_so(town: Town) -> None:
    town.add(0, version(HIT, "Desk one."), is_missing=True)
    town.add(0, version(HIT.replace("Raqqa", "Aleppo"), "Desk two."), is_forbidden=True)
    town.add(0, version("-"), is_missing=True, is_bare=True)
    town.watch().once()
    rows = dict(town.rows("SELECT item_key, reason FROM watch_items"))
    reasons = [rows[f"tag:o0:{n}"] for n in range(3)]
    assert "feed's own words" in reasons[0] and "404" in reasons[0]
    assert "robots.txt" in reasons[1] and not any("closed" in path for _, _, path in town.server.requests)
    assert town.states()["0/2"] == ("unreadable", 1) and "no words of its own" in reasons[2]
    archive = Archive(town.config.archive, read_only=True)
    ((sha256,),) = town.rows("SELECT sha256 FROM watch_items WHERE item_key = 'tag:o0:0'")
    assert HIT in archived_text(archive, sha256)


@pytest.mark.parametrize("fault", ["500", "503", "cut", "timeout"])
def test_an_outage_is_waited_out(town: Town, fault: Any) -> None:
    town.add(0, version(HIT, "Desk one."))
    town.add(1, version(HIT.replace("Raqqa", "Aleppo"), "Desk two."))
    town.press.outlets[0].faults.append((0.0, 5.0, fault))
    done = town.watch(timeout_seconds=0.3).once()
    assert done[0].polls["outage"] == 1 and town.states() == {"1/0": ("read", 1)}
    town.pass_hours(7)
    town.watch().once()
    assert town.states()["0/0"] == ("read", 1)
    assert town.rows("SELECT failures, last_good IS NOT NULL FROM watch_state WHERE source = 'outlet-0'") == [
        (0, True)
    ]


@pytest.mark.parametrize("fault", ["malformed", "truncated"])
def test_a_feed_that_is_broken_loses_and_invents_nothing(town: Town, fault: Any) -> None:
    for number in range(4):
        town.add(0, version(HIT.replace("nine", f"{number + 3}"), f"Desk {number}."))
    town.press.outlets[0].faults.append((0.0, 2.0, fault))
    town.watch().once()
    town.pass_hours(3)
    town.watch().once()
    town.pass_hours(12)
    town.watch().once()
    assert {key: state for key, (state, _) in town.states().items()} == {f"0/{n}": "read" for n in range(4)}
    assert town.rows("SELECT count(*) FROM reports WHERE superseded_by IS NULL") == [(4,)]


def test_a_source_taken_out_of_the_file_is_left_alone_and_kept(town: Town) -> None:
    town.add(0, version(HIT, "Desk one."))
    town.watch().once()
    town.pass_hours(3)
    town.watch(sources=town.config.sources[1:]).once()
    assert town.rows("SELECT removed_at IS NOT NULL FROM watch_sources WHERE name = 'outlet-0'") == [(True,)]
    assert town.states()["0/0"] == ("read", 1)


def test_a_single_page_and_a_list_are_followed_too(town: Town) -> None:
    town.press.outlets[1].form = "list"
    town.add(1, version(HIT, "Desk one."))
    page = town.add(
        0,
        version(HIT.replace("Raqqa", "Aleppo"), "Desk two."),
        version(HIT.replace("Raqqa", "Homs"), "Desk three.", hour=1.0),
    )
    sources = (
        SourceConfig("list", "list", town.server.feed(town.press.outlets[1]), links=r"/a/\d+"),
        SourceConfig("page", "page", town.server.page(page)),
    )
    town.watch(sources=sources).once()
    town.pass_hours(1.5)
    town.watch(sources=sources).once()
    found = town.rows(
        "SELECT source, max(version), max_by(state, version) FROM watch_items GROUP BY 1 ORDER BY 1"
    )
    assert found == [("list", 1, "read"), ("page", 2, "read")]
    assert {one["place"] for one in town.incidents()} == {"Raqqa", "Homs"}


def test_a_second_watch_refuses_and_a_lock_left_behind_does_not_matter(town: Town) -> None:
    lock = town.config.record.with_name("r.duckdb.watch.lock")
    code = f"""
        import sys, time
        from pathlib import Path
        from afterstrike.watch._lock import only_watch
        with only_watch(Path({str(town.config.record)!r})):
            print("held", flush=True)
            time.sleep(60)
    """
    child = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None and child.stdout.readline().strip() == "held"
    with pytest.raises(RecordError, match=f"watched already by process {child.pid}"):
        town.watch().once()
    child.kill()
    child.wait()
    assert lock.read_text().strip() == str(child.pid)
    said: list[str] = []
    Watch(
        town.config,
        now=town.clock.now,
        sleep=town.clock.sleep,
        clock=lambda: town.clock.seconds,
        log=said.append,
    ).once()
    assert "did not end by itself" in said[0] and lock.read_text() == ""


def test_a_reader_of_the_record_is_waited_for(town: Town) -> None:
    town.add(0, version(HIT, "Desk one."))
    town.watch().once()
    town.pass_hours(2)
    code = """
        import sys, time
        from afterstrike.record import open_record
        with open_record(sys.argv[1], read_only=True):
            print("open", flush=True)
            time.sleep(1.0)
    """
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), str(town.config.record)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None and child.stdout.readline().strip() == "open"
    (done,) = town.watch().once()
    assert done.polls == {"unchanged": 3}
    child.wait()


def test_a_reader_of_the_same_process_is_waited_for(town: Town) -> None:
    town.watch().once()
    town.pass_hours(2)
    reader = open_record(town.config.record, read_only=True)
    ends = threading.Timer(1.0, reader.close)
    ends.start()
    (done,) = town.watch().once()
    assert done.polls == {"unchanged": 3}
    ends.join()


def test_a_failing_source_is_named_with_when_it_is_asked_again(town: Town) -> None:
    town.press.outlets[0].faults.append((0.0, 5.0, "500"))
    said: list[str] = []
    watch = town.watch()
    watch.log = said.append
    (done,) = watch.once()
    (problem,) = done.problems
    assert problem.startswith("outlet-0: outage: ") and "500" in problem and "asked again at 2026-" in problem
    assert said == [problem] and "1 problem" in done.summary()


def test_stop_ends_the_run_and_gives_the_lock_back(town: Town) -> None:
    watch = Watch(town.config, now=town.clock.now, clock=lambda: town.clock.seconds)
    runner = threading.Thread(target=watch.run)
    runner.start()
    watch.stop()
    runner.join(20)
    assert not runner.is_alive()
    town.watch().once()


def test_a_long_crawl_delay_leaves_items_for_later_rounds(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = town.server.answer

    def slow(path: str) -> Any:
        return (
            (200, b"User-agent: *\nCrawl-delay: 600\n", "text/plain", None)
            if path == "/robots.txt"
            else real(path)
        )

    monkeypatch.setattr(town.server, "answer", slow)
    for number in range(2):
        town.add(1, version(HIT.replace("nine", f"{number + 3}"), f"Desk {number}."))
    watch = town.watch(sources=town.config.sources[1:2])
    for _ in range(4):
        watch.once()
        town.pass_hours(0.25)
    assert {state for state, _ in town.states().values()} == {"read"}
    times = [at for at, host, path in town.server.requests if host == 1 and path != "/robots.txt"]
    assert min(b - a for a, b in pairwise(times)) >= 600


def test_headlines_are_not_kept(town: Town) -> None:
    town.add(0, version(HIT, "Desk one.", head="Zzyxqor family killed in Raqqa"))
    town.watch().once()
    with town.watch().record(read_only=True) as con:
        tables = [row[0] for row in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        everything = "".join(str(con.execute(f"FROM {table}").fetchall()) for table in tables)
    assert "Zzyxqor" not in everything


def test_a_defect_in_reading_costs_one_item_and_not_the_watch(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.add(0, version(HIT, "Desk one."))
    town.add(1, version(HIT.replace("Raqqa", "Aleppo"), "Desk two."))
    import afterstrike.watch._article as module

    real = module._read

    def broken(row: Any, *rest: Any) -> Any:
        if row["source"] == "outlet-0":
            raise ZeroDivisionError("by nothing")
        return real(row, *rest)

    monkeypatch.setattr(module, "_read", broken)
    town.watch().once()
    assert town.states() == {"0/0": ("unreadable", 1), "1/0": ("read", 1)}
    assert (
        "a defect of afterstrike (ZeroDivisionError"
        in town.rows("SELECT reason FROM watch_items WHERE source = 'outlet-0'")[0][0]
    )


def test_what_sources_list_is_stored_whole_or_not_at_all(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.add(0, version(HIT, "Desk one."))
    town.add(1, version(HIT.replace("Raqqa", "Aleppo"), "Desk two."))
    import afterstrike.watch._discover as module

    real, calls = module._missing, []

    def killed(*given: Any) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise SystemExit("killed inside the transaction")
        real(*given)

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(module, "_missing", killed)
        town.watch().once()
    assert town.rows("SELECT (SELECT count(*) FROM watch_items), (SELECT count(*) FROM watch_polls)") == [
        (0, 0)
    ]
    assert town.rows("SELECT count(body_sha256) FROM watch_state") == [(0,)]
    town.watch().once()
    assert town.states() == {"0/0": ("read", 1), "1/0": ("read", 1)}


def test_a_notice_listed_with_what_it_takes_back_counts_whatever_the_order(town: Town) -> None:
    town.add(0, version(HIT, "Desk one."))
    town.add(
        0,
        version("We withdraw the report linked here.", "-", head="Retraction: an earlier report"),
        refers=(0, 0),
    )
    town.watch().once()  # the server lists the newest first
    assert {state for state, _ in town.states().values()} == {"retracted"} and town.incidents() == []
