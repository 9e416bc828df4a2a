"""Comparisons with an earlier year, beside the record's own counts of both times."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

import afterstrike as aft
from afterstrike.brief._model import Check
from afterstrike.brief._past_record import beside_record
from afterstrike.reading import read_document
from afterstrike.reading._claim import Ledger

from .conftest import record_of


def rows(kind: str, who: str, rate: Any, seed: int) -> pd.DataFrame:
    days = pd.date_range("2016-01-01", "2018-06-30")
    made = days.repeat(np.random.default_rng(seed).poisson(rate(days)))
    return pd.DataFrame({"date": made.strftime("%Y-%m-%d"), "kind": kind, "who": who})


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("past")
    steady = rows("attack", "IS", lambda days: np.full(len(days), 1.0), 1)
    fallen = rows("strike", "US-led coalition", lambda days: np.where(days < "2018-03-01", 3.0, 1.0), 2)
    whole = pd.concat([steady, fallen], ignore_index=True)
    whole = whole.assign(id=np.arange(len(whole)), lat=35.0, lon=40.0, adm0="SYR")
    with aft.open_record(record_of(folder, whole), read_only=True) as opened:
        yield opened


def told(record: Any, text: str, published: str | None = "2018-06-30") -> tuple[Ledger, Check]:
    ledger = read_document(text, published=published)
    assert ledger.claims
    checks = [Check(claim.id, "outside_record", "Before.") for claim in ledger.claims]
    return ledger, beside_record(record, ledger, checks)[0]


STRIKES = "US-led coalition aircraft are flying air strikes over Syria at rates reminiscent of 2017."


def test_strikes_now_stand_beside_those_of_the_year_named(record: Any) -> None:
    _, check = told(record, STRIKES)
    assert check.verdict == "outside_record" and check.sentence.startswith("Before. In the record itself")
    assert "recorded strikes by US-led coalition, Syria" in check.sentence
    assert "The closest measure is that of" in check.sentence and "rates of records" in check.sentence
    evidence = check.evidence[-1]
    assert evidence.low is not None and evidence.high is not None and evidence.value is not None
    assert evidence.low < evidence.value < evidence.high < 0.6 and "fewer (rate ratio" in evidence.text
    assert (evidence.date_start, evidence.date_end) == ("2017-01-01", "2018-06-30")
    assert "same days of the year" in str(evidence.note) and "not a test" in str(evidence.note)


def test_the_nearest_word_says_what_is_compared(record: Any) -> None:
    text = "Despite air strikes, attacks by the Islamic State in Syria are back to levels seen in 2017."
    _, check = told(record, text)
    assert "recorded attacks by IS" in check.sentence and "cannot tell; anything from" in check.sentence
    assert "recorded strikes" not in check.sentence


@pytest.mark.parametrize(
    ("text", "published"),
    [
        (STRIKES, None),
        (STRIKES, "2019-06-30"),  # the record ends a year before
        (STRIKES.replace("2017", "2014"), "2018-06-30"),  # and begins in 2016
        ("Syria has a wheat harvest of 3 million tons, reminiscent of 2017.", "2018-06-30"),
        ("The army said 14 air strikes hit camps in Syria in 2017.", "2018-06-30"),
    ],
)
def test_without_both_times_or_a_comparison_the_check_stays(
    record: Any, text: str, published: str | None
) -> None:
    assert told(record, text, published)[1] == Check(
        told(record, text, published)[1].claim_id, "outside_record", "Before."
    )


def test_no_day_after_publication_is_counted(record: Any) -> None:
    _, check = told(record, STRIKES, "2018-02-28")
    evidence = check.evidence[-1]
    assert evidence.date_end == "2018-02-28" and "cannot tell" in evidence.text
    # The year named reaches to the last of December: the present is the 59 days after it.
    assert "2018-01-01 to 2018-02-28" in evidence.text
    assert told(record, STRIKES, "2018-01-20")[1].evidence == ()
