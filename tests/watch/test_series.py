"""What alarms are raised on: days first reported, only what sources watched throughout gave, no day without them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from afterstrike.record._store import transaction
from afterstrike.record.incidents import build_incidents, store_reports
from afterstrike.watch._news import raise_alarms
from afterstrike.watch._series import Area, series_of, tempo_of_series
from afterstrike.watch._tables import make_watch_tables, note_sources

from .conftest import HIT, Town

START = date(2026, 1, 1)
LAST = START + timedelta(days=70)
NAMES = ("Raqqa", "Aleppo", "Homs", "Hama", "Idlib", "Daraa", "Palmyra")


class History:
    """A record that was watched for some weeks, written without a network."""

    def __init__(self, town: Town) -> None:
        self.config = replace(town.config, places=("Syria",), sources=town.config.sources[:2])
        self.watch = town.watch()
        self.is_written = False
        self.out: dict[str, set[date]] = {}
        self.began = {source.name: START for source in self.config.sources}
        self.reports: list[tuple[str, date, str]] = []

    def tell(self, source: str, day: date, town: str = "Raqqa") -> None:
        self.reports.append((source, day, town))

    def tested(self, day: date = LAST) -> dict[str, Any]:
        with self.watch.record() as con:
            self._write(con)
            return {one.series.name: one for one in tempo_of_series(con, self.config, day)}

    def alarms(self, *days: date) -> list[dict[str, Any]]:
        with self.watch.record() as con:
            self._write(con)
            now = datetime(2026, 6, 1)
            return [row for day in days for row in raise_alarms(con, self.config, day, now.astimezone())]

    def _write(self, con: Any) -> None:
        if self.is_written:
            return
        self.is_written = True
        from afterstrike.reading import read_batch

        with transaction(con):
            make_watch_tables(con)
            note_sources(con, self.config.sources, f"{START} 00:00:00")
            for name, since in self.began.items():
                con.execute("UPDATE watch_sources SET first_seen = ? WHERE name = ?", [since, name])
                for n in range((LAST - since).days + 2):
                    day = since + timedelta(days=n)
                    outcome = "outage" if day in self.out.get(name, ()) else "unchanged"
                    con.execute(
                        'INSERT INTO watch_polls (source, "at", outcome) VALUES (?, ?, ?)',
                        [name, day, outcome],
                    )
            records = []
            for number, (source, day, town) in enumerate(self.reports):
                text = HIT.replace("Raqqa", town).replace("Monday", f"{day.day} {day:%B %Y}")
                records.append(
                    {
                        "id": f"r{number}",
                        "text": text,
                        "published": str(day),
                        "outlet": source,
                        "line": number,
                    }
                )
                con.execute(
                    "INSERT INTO watch_items (source, item_key, published, first_seen, report_id, state, version) "
                    "VALUES (?, ?, ?, ?, ?, 'read', 1)",
                    [source, f"k{number}", day, day, f"r{number}"],
                )
            read = zip(records, read_batch(records, candidates=False), strict=True)
            store_reports(con, read, name="made", digest="made")
            build_incidents(con)


@pytest.fixture
def history(town: Town) -> History:
    made = History(town)
    for n in range(2, 64, 3):  # every third day, long before the last week
        made.tell("outlet-0", START + timedelta(days=n))
    return made


HARM = "civilian harm in Syria"


def test_days_are_counted_by_first_report_and_weeks_held_against_weeks(history: History) -> None:
    history.tell("outlet-1", START + timedelta(days=65), "Aleppo")
    tempo = history.tested()[HARM].tempo
    assert (tempo.count, tempo.window_days, tempo.baseline_days) == (1, 7, 56)
    assert tempo.expected == pytest.approx(7 * 19 / 56, abs=0.6)


def test_a_surge_raises_one_alarm_and_no_second_within_the_window(history: History) -> None:
    for n in range(64, 71):
        for town in NAMES[:5]:
            history.tell("outlet-1", START + timedelta(days=n), town)
    found = history.alarms(LAST, LAST + timedelta(days=1))
    mine = [row for row in found if row["series"] == HARM]
    assert [(row["direction"], row["day"]) for row in mine] == [("rise", LAST)]
    assert mine[0]["count"] >= 15 and "were to be expected" in mine[0]["words"]


def test_a_real_silence_is_a_drop(history: History) -> None:
    for n in range(2, 62):
        for town in NAMES[:3]:
            history.tell("outlet-1", START + timedelta(days=n), town)
    quiet = history.tested()[HARM]
    assert quiet.tempo.chance_of_drop < 1e-3  # a real silence would be seen


def test_days_without_the_sources_that_give_most_are_left_out(history: History) -> None:
    for n in range(2, 62):
        for town in NAMES[:3]:
            history.tell("outlet-1", START + timedelta(days=n), town)
    history.out["outlet-1"] = {LAST - timedelta(days=n) for n in range(9)}
    one = history.tested()[HARM]
    assert one.tempo is None and "missing on too many days" in one.why_not
    assert LAST in one.left_out and not history.alarms(LAST)


def test_an_outage_of_a_source_that_gives_little_costs_no_day(history: History) -> None:
    history.out["outlet-1"] = {LAST - timedelta(days=n) for n in range(9)}
    assert history.tested()[HARM].left_out == ()


def test_a_source_that_came_later_counts_neither_now_nor_before(history: History) -> None:
    history.began["outlet-1"] = LAST - timedelta(days=10)
    for n in range(64, 71):
        for town in NAMES[:5]:
            history.tell("outlet-1", START + timedelta(days=n), town)
    assert history.tested()[HARM].tempo.count == 0


def test_before_there_are_four_weeks_nothing_is_tested_and_it_says_so(history: History) -> None:
    one = history.tested(START + timedelta(days=20))[HARM]
    assert one.tempo is None and "of 28 days of baseline so far" in one.why_not


def test_places_are_countries_divisions_and_towns(history: History) -> None:
    raqqa, syria, nowhere = (Area.named(name) for name in ("Raqqa, Syria", "Syria", "Nowhereville"))
    event = {"adm0": "SYR", "adm1": "Ar-Raqqah", "lat": 35.95, "lon": 39.0, "geo_precision": 1}
    far = event | {"lat": 33.5, "lon": 36.3}
    coarse = event | {"geo_precision": 4}
    assert raqqa.holds(event) and not raqqa.holds(far) and not raqqa.holds(coarse)
    assert syria.holds(event) and syria.holds(far) and not syria.holds({**event, "adm0": "IRQ"})
    assert not nowhere.is_known
    names = [
        one.name for one in series_of(replace(history.config, places=("Nowhereville",), actors=("ISIS",)))
    ]
    assert names == ["civilian harm", "strike", "attack", "events begun by IS"]
