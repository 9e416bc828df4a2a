"""Shifts of a study's attacks in a brief, and claims of a rise or fall held against them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pandas as pd
import pytest

import afterstrike as aft
from afterstrike.brief._followed import followed_in
from afterstrike.brief._followed_cache import kept_or_made
from afterstrike.brief._followed_model import Followed, ShiftPart, ShiftRow
from afterstrike.brief._model import Check
from afterstrike.brief._schema import json_schema
from afterstrike.brief._shift_verdict import judge_shifts
from afterstrike.brief._shift_words import shift_of
from afterstrike.reading import read_document
from afterstrike.reading._claim import Ledger

from .conftest import MAPPING, record_of

PUBLISHED = "2018-06-30"
WITH_DEATHS = MAPPING + 'fatalities_best = "deaths"\n'


def ledger_of(text: str, published: str | None = PUBLISHED) -> Ledger:
    return read_document(text, published=published)


def read(text: str, published: str | None = PUBLISHED) -> list[Any]:
    ledger = ledger_of(text, published)
    return [found for claim in ledger.claims if (found := shift_of(ledger, claim)) is not None]


@pytest.mark.parametrize(
    ("text", "way", "aspect"),
    [
        ("Officials say ISIS has shifted from survival mode to operational expansion.", "up", "tempo"),
        ("The Islamic State has moved from hiding in the desert to open warfare.", "up", "tempo"),
        ("ISIS has slipped from a regional offensive to sporadic raids in 2017.", "down", "tempo"),
        ("Attacks by the Islamic State have increased this year.", "up", "tempo"),
        ("ISIS is on the offensive again in Syria.", "up", "tempo"),
        ("ISIS activity declined in 2017.", "down", "tempo"),
        ("ISIS has expanded its footprint and stepped up its operations.", "up", "spread"),
        ("ISIS attacks have become deadlier and increased in pace.", "up", "lethality"),
    ],
)
def test_a_claimed_shift_is_read(text: str, way: str, aspect: str) -> None:
    found = read(text)
    assert [(one.way, one.aspect) for one in found] == [(way, aspect)]
    assert found[0].actor == "IS"


@pytest.mark.parametrize(
    "text",
    [
        "ISIS has not shifted from survival mode to operational expansion.",
        "ISIS will shift from survival mode to operational expansion.",
        "The group has shifted from survival mode to operational expansion.",
        "ISIS fighters went from Raqqa to Mosul.",
        "ISIS moved its money from cash to crypto.",
        "ISIS attacks fell by 40 percent in 2017.",
        "ISIS stepped up attacks and its activity declined in 2017.",
        "Attacks by ISIS increased in 2015 and in 2017.",
        "Wheat harvests grew from survival farming to export campaigns.",
    ],
)
def test_what_the_words_do_not_settle_is_left_alone(text: str) -> None:
    assert read(text) == []


def test_the_time_is_the_stated_one_else_the_year_before_publication() -> None:
    told = read("ISIS has moved from hiding to open warfare since 2016.")[0]
    assert (told.start, told.end, told.assumption) == (date(2016, 1, 1), date.fromisoformat(PUBLISHED), None)
    untold = read("ISIS has moved from hiding to open warfare.")[0]
    assert (untold.start, untold.end) == (date(2017, 7, 1), date.fromisoformat(PUBLISHED))
    assert untold.assumption and "no date is given" in untold.assumption
    assert read("ISIS has moved from hiding to open warfare.", None) == []


def test_the_party_is_the_one_named_before_the_change() -> None:
    found = read("US Central Command has moved from retreat to an offensive against ISIS.")
    assert [one.actor for one in found] == ["US Central Command"]


def row(series: str = "tempo", change: float | None = 2.0, **more: Any) -> ShiftRow:
    date_, low, high = more.pop("dates", ("2017-10-02", "2017-09-04", "2017-10-30"))
    return ShiftRow(
        series=series, date=date_, low=low, high=high, before=4.0, after=8.0, change=change,
        change_unit="after / before" if change else "", unit="recorded events a week", p_adjusted=0.01,
        n_periods=150, n_events=900, tested_from=more.pop("tested_from", "2016-06-01"),
        tested_to=more.pop("tested_to", "2018-03-01"), reason="" if change else "no shift at this size of test",
        sentence=f"{series}: a sentence.",
    )  # fmt: skip


NONE = ("2016-01-01", None, None)


def judged(text: str, *rows: ShiftRow, actor: str = "IS", verdict: str = "not_checkable") -> Check:
    ledger = ledger_of(text)
    part = ShiftPart(
        "Said.", "est", "bel", actor, "Syria", "Invented", ("2016-01-01", "2018-06-30"), 0.05, rows, (), ()
    )
    studies = (_bare_study(part),)
    checks = [Check(c.id, verdict, "Nothing.") for c in ledger.claims]  # type: ignore[arg-type]
    return judge_shifts(ledger, checks, Followed("Said.", (), 2, 0, studies))[0]


def _bare_study(part: ShiftPart | None) -> Any:
    from afterstrike.brief._followed_model import FollowedStudy

    return FollowedStudy(
        "T", "why", (), (), "", "", "F", "", "cannot_tell", (), "", "", (), (), (), shifts=part
    )


UP = "ISIS has shifted from survival mode to operational expansion."
DOWN = "ISIS has retreated from a wide offensive to sporadic raids."


@pytest.mark.parametrize(
    ("text", "rows", "verdict", "words"),
    [
        (UP, [row()], "consistent_with", "consistent with the record"),
        (DOWN, [row()], "not_consistent_with", "not consistent with the record"),
        (UP, [row(change=0.5)], "not_consistent_with", "not consistent"),
        (DOWN, [row(change=0.5)], "consistent_with", "consistent"),
        # a shift of another time, or of another series, says nothing
        (UP, [row(dates=("2016-10-03", "2016-09-05", "2016-11-07"))], "cannot_tell", "shifts are dated 2016-10-03"),
        (UP, [row(change=None, dates=(None, None, None)), row("lethality")], "cannot_tell", "not evidence that nothing"),
        # both ways
        (UP, [row(), row(change=0.4, dates=("2018-01-01", "2017-12-04", "2018-02-05"))], "cannot_tell", "both ways"),
        # the other way, but most of the time claimed could not be looked at
        (UP, [row(change=0.5, tested_to="2017-10-20")], "cannot_tell", "less than half"),
        # the time claimed lies outside
        (UP, [row(tested_to="2017-06-01")], "cannot_tell", "from 2016-06-01 to 2017-06-01 only"),
        (UP, [row(tested_from=None, tested_to=None)], "cannot_tell", "cannot tell"),
        (UP, [], "cannot_tell", "Said"),
    ],
)  # fmt: skip
def test_the_rule(text: str, rows: list[ShiftRow], verdict: str, words: str) -> None:
    check = judged(text, *rows)
    assert check.verdict == verdict and words in check.sentence
    assert "no cause is shown" in check.sentence and check.rule
    assert check.assumption and "no date is given" in check.assumption


def test_checks_that_are_settled_or_about_others_stay() -> None:
    assert judged(UP, row(), verdict="contradicted").sentence == "Nothing."
    assert judged(UP, row(), actor="al-Qaida").sentence == "Nothing."
    assert judged("The army built a wall in Homs on 3 May 2018.", row()).sentence == "Nothing."


def events() -> pd.DataFrame:
    rng = np.random.default_rng(2)
    week = np.repeat(np.arange(130), rng.poisson(np.where(np.arange(130) < 94, 4.0, 14.0)))
    day = np.datetime64("2016-01-01") + 7 * week + rng.integers(0, 7, len(week))
    table = pd.DataFrame({"date": day.astype(str), "lat": rng.normal(35, 0.2, len(week)), "kind": "attack"})
    table["who"] = "IS"
    strikes = pd.DataFrame({"date": ["2017-01-01", "2018-06-29"], "lat": 35.0, "kind": "strike"})
    strikes["who"] = "US-led coalition"
    whole = pd.concat([table, strikes], ignore_index=True)
    return whole.assign(lon=40.0, adm0="SYR", deaths=rng.integers(0, 9, len(whole)), id=np.arange(len(whole)))


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Ledger, Followed]]:
    path = record_of(tmp_path_factory.mktemp("shifts"), events(), WITH_DEATHS)
    ledger = ledger_of(f"{UP} US-led coalition aircraft hit camps of the Islamic State in Syria.")
    with aft.open_record(path, read_only=True) as record:
        yield ledger, followed_in(record, ledger)


def test_shifts_stand_also_where_the_study_is_refused(found: tuple[Ledger, Followed]) -> None:
    study = found[1].studies[0]
    assert study.answer == "not_estimated" and study.shifts is not None
    tempo = next(row for row in study.shifts.rows if row.series == "tempo")
    assert (
        tempo.low is not None
        and tempo.high is not None
        and "2017-10-14" <= tempo.low <= tempo.high <= "2017-10-28"
    )
    assert tempo.change == pytest.approx(14 / 4, rel=0.15) and tempo.n_events == len(events()) - 2
    assert study.shifts.actor == "IS" and study.shifts.source.startswith("any table of events")
    assert len(study.shifts.panels[0].values) == tempo.n_periods == 130


def test_the_article_is_led_to_it(found: tuple[Ledger, Followed]) -> None:
    ledger, followed = found
    checks = [Check(c.id, "not_checkable", "Nothing.") for c in ledger.claims]
    check = judge_shifts(ledger, checks, followed)[0]
    assert check.verdict == "consistent_with" and "Tempo: recorded events a week went from" in check.sentence
    assert check.evidence[0].source == followed.studies[0].shifts.source  # type: ignore[union-attr]
    assert "study 1" in str(check.evidence[0].note)
    assert not any(
        check.verdict in ("supported", "same_source") for check in judge_shifts(ledger, checks, followed)
    )


def test_page_json_and_terminal_carry_it_and_the_cache_keeps_it(
    found: tuple[Ledger, Followed],
    assemble: Any,
    parts: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ledger, followed = found
    study = followed.studies[0]
    # a second study of the same attacks is sent to the first
    twice = replace(followed, studies=(study, study))
    record = replace(parts["record"], kind="file")
    brief = assemble(ledger, parts["unchecked"](ledger), followed=twice, record=record)
    html = brief.to_html()
    section = html.split('id="study-1-shifts"')[1].split("</article>")[0]
    order = [
        "Tempo: recorded events a week went",
        "5% of any false shift",
        "<svg",
        "Shifts in numbers",
        "must believe",
    ]
    places = [section.index(words) for words in order]
    assert places == sorted(places)
    assert section.count("<svg") >= 2 and html.count("Tempo: recorded events a week went") < 8
    assert 'href="#study-1-shifts"' in html.split('id="study-2-shifts"')[1]
    whole = json.loads(brief.to_json())
    jsonschema.validate(whole, json_schema())
    assert whole["followed"]["studies"][0]["shifts"]["panels"][0]["series"] == "tempo"
    assert brief.summary().count("Shift in these attacks") == 1
    monkeypatch.setenv("AFTERSTRIKE_CACHE_DIR", str(tmp_path))
    assert kept_or_made("s" * 40, lambda: study) == study == kept_or_made("s" * 40, lambda: study)
