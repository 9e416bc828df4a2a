"""A made-up article with claims, checks and flags of every sort, to render."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from afterstrike.brief import _outlook
from afterstrike.brief._assemble import assumption_list, source_list
from afterstrike.brief._brief import Brief
from afterstrike.brief._followed import NO_RECORD, followed_without
from afterstrike.brief._followed_model import Followed
from afterstrike.brief._model import Check, Evidence, Flag
from afterstrike.brief._record_view import RecordView
from afterstrike.charts import MapPoint, Panel
from afterstrike.reading._claim import ActorMention, Claim, DateMention, Ledger, PlaceMention, Quantity
from afterstrike.record import LayoutOptions, open_record

MAPPING = """
dataset = "invented"
[columns]
event_id = "id"
date_start = "date"
lat = "lat"
lon = "lon"
kind = "kind"
initiator = "who"
adm0 = "adm0"
"""


def record_of(folder: Path, frame: pd.DataFrame, mapping: str = MAPPING) -> Path:
    """Make a record of invented events."""
    table = folder / "events.csv"
    frame.to_csv(table, index=False)
    path = folder / "record.duckdb"
    with open_record(path) as record:
        record.add(table, options=LayoutOptions(mapping=tomllib.loads(mapping)))
    return path


TEXT = """Why 40 tons fell on Exampleland
5 min read
At 02:00 local time on 3 May 2019 aircraft hit 14 camps near Samplestan, the command said.
There are currently 900 foreign troops guarding 10,000 detained fighters.
وقال المتحدث: «قُتل 12 شخصاً في المدينة».
The strikes will likely bring a temporary lull. It is a policy of despair.
"""
PARTS = (
    ("figure", "Why 40 tons fell on Exampleland", "40 tons", 40, "tons", "tons"),
    (
        "event",
        "At 02:00 local time on 3 May 2019 aircraft hit 14 camps near Samplestan",
        "14 camps",
        14,
        "camps",
        "camps",
    ),
    ("figure", "currently 900 foreign troops", "900 foreign troops", 900, "troops", "foreign troops"),
    (
        "figure",
        "guarding 10,000 detained fighters",
        "10,000 detained fighters",
        10000,
        "people",
        "detained fighters",
    ),
    ("figure", "«قُتل 12 شخصاً في المدينة»", "12 شخصاً", 12, "people", "شخصاً"),
    ("forecast", "The strikes will likely bring a temporary lull.", None, None, None, None),
    ("opinion", "It is a policy of despair.", None, None, None, None),
)
VERDICTS = (
    "not_checkable",
    "supported",
    "outdated",
    "contradicted",
    "outside_record",
    "cannot_tell",
    "opinion",
)


def make_ledger() -> Ledger:
    """Give a ledger whose spans are exact."""
    claims = []
    for n, (kind, quote, number, value, unit, about) in enumerate(PARTS, start=1):
        start = TEXT.index(quote)
        quantities: tuple[Quantity, ...] = ()
        if number:
            at = TEXT.index(number)
            quantities = (Quantity(number, at, at + len(number), value, value, value, unit, about, False),)
        claims.append(
            Claim(
                f"c{n}", start, start + len(quote), quote, kind,  # type: ignore[arg-type]
                "the command" if kind == "event" else None,
                "official" if kind == "event" else "author",
                "likely" if kind == "forecast" else "stated",
                quantities,
                in_headline=n == 1,
                cue="likely" if kind == "forecast" else None,
            )
        )  # fmt: skip
    at = TEXT.index("Samplestan")
    day = TEXT.index("3 May 2019")
    claims[1] = replace(
        claims[1],
        places=(PlaceMention("Samplestan", at, at + 10, "Samplestan", 34.7, 38.3, 2, "SYR"),),
        dates=(DateMention("3 May 2019", day, day + 10, "2019-05-03", "2019-05-03", 1),),
        actors=(ActorMention("the command", 0, 3, "Command"),),
    )
    furniture = TEXT.index("5 min read")
    return Ledger(
        TEXT,
        tuple(claims),
        title="Why 40 tons fell on Exampleland",
        title_span=(0, len("Why 40 tons fell on Exampleland")),
        published="2026-01-20",
        published_from="given by the user",
        furniture=((furniture, furniture + 10),),
    )


def figure(
    value: float, day: str, source: str, low: float | None = None, high: float | None = None
) -> Evidence:
    """Give one dated figure as evidence."""
    return Evidence(
        "figure", f"{source} gave {value:g} troops.", source, f"https://{source.split()[-1]}.example/a?b=1&c=2",
        "CC BY 4.0", day, day, value, low, high, "troops", (f"troops-{day}",), "counted at one base",
    )  # fmt: skip


def make_checks() -> tuple[Check, ...]:
    """Give a check of a different verdict for each claim."""
    troops = (
        figure(900, "2021-06-01", "Paper One"),
        figure(2000, "2024-12-19", "Paper Two", 1800, 2100),
        figure(1400, "2025-06-03", "Paper Three"),
    )
    checks = []
    for n, verdict in enumerate(VERDICTS, start=1):
        checks.append(
            Check(
                f"c{n}",
                verdict,  # type: ignore[arg-type]
                f"Sentence for claim {n}.",
                rule="R-stock: latest dated figure before publication",
                tolerance="10% of the sourced figure",
                assumption="assuming publication on 2026-01-20" if verdict == "outdated" else None,
                evidence=troops if n == 3 else (troops[0],) if n in (2, 4) else (),
            )
        )
    return tuple(checks)


FLAGS = (
    Flag("headline_only", "high", ("c1",), "The headline has 40 tons; the body never repeats it."),
    Flag(
        "clock_conflict", "medium", ("c2",), "02:00 there was 19:00 the day before in the capital.",
        (Evidence("arithmetic", "02:00 UTC+3 = 23:00 UTC = 19:00 UTC-4"),),
    ),
)  # fmt: skip


def make_record(weeks: int = 60) -> RecordView:
    """Give a record with two series and places of every precision."""
    start = date(2017, 1, 2)
    week = [start + timedelta(days=7 * i) for i in range(weeks)]
    covered = [(start, start + timedelta(days=7 * weeks))]
    return RecordView(
        "file",
        "made.duckdb",
        datasets=(
            {
                "dataset": "made", "title": "Made-up events", "dataset_version": "1",
                "licence": "CC0", "citation": "None.",
            },
        ),
        panels=(
            Panel("Strikes per week", [(w, i % 7) for i, w in enumerate(week)], covered, "strike"),
            Panel("Attacks per week", [(w, (i * 5) % 11) for i, w in enumerate(week)], covered, "attack"),
        ),
        points=(
            MapPoint(34.7, 38.3, 1, "strike", 12, "Samplestan"),
            MapPoint(35.3, 40.1, 2, "attack", 3, "Other <b>place</b>"),
            MapPoint(35.9, 39.0, 4, "attack", 2, "A governorate"),
            MapPoint(None, None, 6, "attack", 5),
        ),
    )  # fmt: skip


def put_together(
    ledger: Ledger,
    checks: tuple[Check, ...],
    flags: tuple[Flag, ...] = (),
    record: RecordView | None = None,
    followed: Followed | None = None,
    **provenance: Any,
) -> Brief:
    """Make a brief of given parts."""
    view = record or RecordView("none")
    article = {
        "title": ledger.title,
        "text": ledger.text,
        "published": ledger.published,
        "published_from": ledger.published_from,
        "language": ledger.language,
        "media_type": ledger.media_type,
        "encoding": ledger.encoding,
        "sha256": "0" * 64,
        "address": None,
        "notes": list(ledger.notes),
        "furniture": [list(span) for span in ledger.furniture],
    }
    made = {
        "input": {"name": "story.txt", "address": None, "sha256": "0" * 64, "bytes": 1, "retrieved_at": None},
        "package": {"name": "afterstrike", "version": "0"},
        "python": "3",
        "libraries": {"duckdb": "2"},
        "shipped_tables_sha256": {"a.csv": "f" * 64},
        "record": None,
        "command": "afterstrike brief story.txt",
        "created_at": "2026-01-21T00:00:00Z",
    }
    return Brief(
        article, ledger, checks, flags, view, followed or followed_without(NO_RECORD),
        tuple(source_list(checks, flags, view)),
        tuple(assumption_list(ledger, checks, [])),
        {**made, **provenance},
    )  # fmt: skip


def unchecked(ledger: Ledger) -> tuple[Check, ...]:
    """Give a check without evidence for each claim of a ledger."""
    return tuple(Check(c.id, "not_checkable", "Nothing here could be checked.") for c in ledger.claims)


@pytest.fixture(scope="session", autouse=True)
def few_runs() -> Iterator[None]:
    """Where an article asks what comes next, the model runs small: tests of briefs are not tests of it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_outlook, "SETTINGS", (40, 4, 64, 0))
        yield


@pytest.fixture(scope="session")
def made_brief() -> Brief:
    """A brief that fills every section."""
    return put_together(make_ledger(), make_checks(), FLAGS, make_record())


@pytest.fixture(scope="session")
def assemble() -> Callable[..., Brief]:
    """`put_together`, for tests that need other parts."""
    return put_together


@pytest.fixture(scope="session")
def parts() -> dict[str, Any]:
    """The parts themselves."""
    return {
        "ledger": make_ledger(), "checks": make_checks(), "flags": FLAGS, "record": make_record(),
        "unchecked": unchecked,
    }  # fmt: skip
