"""The section on what earlier strikes were followed by: chosen by a rule, honest about what is missing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import afterstrike as aft
from afterstrike.brief._effect_words import direction_of
from afterstrike.brief._followed import followed_in
from afterstrike.brief._followed_cache import kept_or_made
from afterstrike.brief._followed_model import Followed, FollowedStudy
from afterstrike.brief._followed_verdict import judge_effects
from afterstrike.brief._model import Check
from afterstrike.brief._study_choice import choose_studies
from afterstrike.effects.theatres import Theatre, simulate_theatre
from afterstrike.reading import read_document
from afterstrike.reading._claim import Ledger

from .conftest import MAPPING, record_of

ARTICLE = (
    "US-led coalition aircraft hit camps of the Islamic State in Syria. The air strikes will bring a lull in "
    "attacks by the Islamic State. The strikes provoked more attacks in Syria, an official said."
)
WITH_HARM = (
    MAPPING
    + """
civilian_fatalities_low = "dead_low"
civilian_fatalities_best = "dead_low"
civilian_fatalities_high = "dead_high"
"""
)


def events_of(effect: str, *, attacks: int | None = None, strikes: int | None = None) -> pd.DataFrame:
    spec = Theatre.preset(effect, strikes="random", overlap=None)  # type: ignore[arg-type]
    spec = replace(spec, attacks_per_day=8.0, days=400)
    made = simulate_theatre(spec.with_strikes(rate_factor=1.0), seed=3).events
    frame = pd.DataFrame(
        {
            "id": made["event_id"].astype(str),
            "date": pd.to_datetime(made["date_start"]).dt.strftime("%Y-%m-%d"),
            "lat": made["lat"],
            "lon": made["lon"],
            "kind": made["kind"].astype(str),
            "adm0": "SYR",
        }
    )
    frame["who"] = frame["kind"].map({"strike": "US-led coalition", "attack": "IS"})
    strike = frame["kind"] == "strike"
    frame["dead_low"], frame["dead_high"] = pd.array([pd.NA] * len(frame), dtype="Int64"), pd.NA
    first = frame.index[strike][:2]
    frame.loc[first, ["dead_low", "dead_high"]] = [[1, 3], [2, 2]]
    if attacks is not None:
        frame = frame[strike | (~strike & (frame.groupby("kind").cumcount() < attacks))]
    if strikes is not None:
        frame = frame[(frame["kind"] == "attack") | (frame.groupby("kind").cumcount() < strikes)]
    return frame


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return read_document(ARTICLE, published="2018-05-01")


@pytest.fixture(scope="module")
def lull(tmp_path_factory: pytest.TempPathFactory, ledger: Ledger) -> Iterator[tuple[Path, Followed]]:
    path = record_of(tmp_path_factory.mktemp("lull"), events_of("lull"), WITH_HARM)
    with aft.open_record(path, read_only=True) as record:
        yield path, followed_in(record, ledger)


def test_a_known_lull_is_found_and_told_in_the_right_order(lull: tuple[Path, Followed]) -> None:
    _, followed = lull
    assert len(followed.studies) == 1
    study = followed.studies[0]
    assert study.title == "Strikes by US-led coalition and recorded attacks by IS, Syria"
    assert "the article names it" in study.why
    assert study.civilian_harm == (
        "Civilian deaths in these strikes, as recorded: 3 to 5 (stated for 2 of "
        f"{int(_trial(study)['treatment']):,} rows)."
    )
    main = study.windows[-1]
    assert main.days == 14 and main.high is not None and main.high < 0.85
    assert study.answer in ("fewer", "cannot_tell")
    assert {"placebo strikes", "standard errors", "redraws within precision"} <= {
        c.name for c in study.checks
    }
    assert "No estimate is made for this strike" in study.transport
    assert [row.day for row in study.curve] == list(range(1, 15))
    assert study.curve[0].placebo_low is not None


def _trial(study: FollowedStudy) -> dict[str, str]:
    return dict(study.trial)


def test_the_page_carries_the_section_with_harm_first_and_nothing_from_outside(
    lull: tuple[Path, Followed], assemble: Any, ledger: Ledger, parts: dict[str, Any]
) -> None:
    _, followed = lull
    html = assemble(ledger, parts["unchecked"](ledger), followed=followed).to_html()
    section = html.split('id="followed"')[2 if html.count('id="followed"') > 1 else 1].split("</section>")[0]
    order = ["Civilian deaths", "Smallest change", "recorded attacks were", "quiet days", "<svg", "Checks"]
    places = [section.index(words) for words in order]
    assert places == sorted(places)
    assert "http" not in section.replace("http://www.w3.org", "")
    assert (
        json.loads(assemble(ledger, parts["unchecked"](ledger), followed=followed).to_json())["followed"][
            "studies"
        ][0]["windows"][1]["days"]
        == 14
    )


@pytest.mark.parametrize(
    ("frame", "missing"),
    [
        (events_of("null", strikes=0), "no row of the record is coded as one of strikes"),
        (events_of("null", attacks=0), "no row of the record is coded as one of attacks"),
        (events_of("null").assign(lat=None, lon=None), "none states its day within a few days and its place"),
        (events_of("null").assign(who="US-led coalition"), "no attack in Syria by a party other than"),
    ],
)
def test_a_record_that_cannot_carry_it_says_what_is_missing(
    frame: pd.DataFrame, missing: str, tmp_path: Path, ledger: Ledger
) -> None:
    with aft.open_record(record_of(tmp_path, frame, WITH_HARM), read_only=True) as record:
        followed = followed_in(record, ledger)
    assert not followed.studies and followed.specifications == 0
    assert "cannot carry the study" in followed.said and "Needed is a record" in followed.said
    assert any(missing in line for line in followed.missing), followed.missing


def test_too_few_strikes_are_an_answer_with_the_reason(tmp_path: Path, ledger: Ledger) -> None:
    with aft.open_record(
        record_of(tmp_path, events_of("null", strikes=5), WITH_HARM), read_only=True
    ) as record:
        study = followed_in(record, ledger).studies[0]
    assert study.answer == "not_estimated" and "Cannot tell what followed" in study.finding
    assert "needed" in study.open_points[0] and not study.curve


def test_choice_follows_the_article_and_never_the_party_that_struck(
    lull: tuple[Path, Followed], ledger: Ledger
) -> None:
    path, _ = lull
    with aft.open_record(path, read_only=True) as record:
        chosen, missing = choose_studies(record, ledger)
        silent, _ = choose_studies(record, read_document("Nothing was said.", published="2018-05-01"))
    assert not missing and [(c.striker, c.attacker, c.adm0) for c in chosen] == [
        ("US-led coalition", "IS", "SYR")
    ]
    assert [(c.striker, c.attacker) for c in silent] == [("US-led coalition", "IS")]
    assert "it has most strikes there on record" in silent[0].why


def claims_by_kind(ledger: Ledger) -> dict[str, Any]:
    return {claim.quote: direction_of(ledger, claim) for claim in ledger.claims}


def test_direction_is_read_only_where_words_settle_it() -> None:
    said = read_document(
        "The air strikes will bring a lull. The strikes will not bring a lull. Sanctions will bring a lull. "
        "The bombing will likely provoke reprisals. The raids will weaken the group and provoke a backlash.",
        published="2018-05-01",
    )
    found = {quote[:28]: way for quote, way in claims_by_kind(said).items()}
    assert found.get("The air strikes will bring a") == "fewer"
    assert "fewer" not in [way for quote, way in found.items() if "not" in quote or "Sanctions" in quote]
    assert found.get("The bombing will likely prov") == "more"
    assert all(way is None for quote, way in found.items() if quote.startswith("The raids"))


@pytest.mark.parametrize(
    ("answers", "fewer", "more"),
    [
        (["fewer"], "consistent_with", "not_consistent_with"),
        (["more"], "not_consistent_with", "consistent_with"),
        (["cannot_tell"], "cannot_tell", "cannot_tell"),
        (["not_estimated"], "cannot_tell", "cannot_tell"),
        (["fewer", "more"], "cannot_tell", "cannot_tell"),
        (["fewer", "cannot_tell"], "consistent_with", "not_consistent_with"),
    ],
)
def test_verdicts_on_causes_and_forecasts(
    answers: list[str], fewer: str, more: str, lull: tuple[Path, Followed], ledger: Ledger
) -> None:
    one = lull[1].studies[0]
    one = replace(one, beside=None)
    studies = tuple(replace(one, answer=answer, open_points=("a point",)) for answer in answers)  # type: ignore[arg-type]
    followed = replace(lull[1], studies=studies)
    before = [
        Check(c.id, "cannot_tell", "Nothing held. No estimate is made for this strike. A fact.")
        for c in ledger.claims
    ]
    after = {check.claim_id: check for check in judge_effects(ledger, before, followed)}
    wanted = {"fewer": fewer, "more": more}
    ways = {claim.id: direction_of(ledger, claim) for claim in ledger.claims}
    assert set(ways.values()) >= {"fewer", "more"}
    for claim_id, way in ways.items():
        if way is None:
            assert after[claim_id].sentence.startswith("Nothing held")
            continue
        assert after[claim_id].verdict == wanted[way]
        assert "No estimate is made for this strike." in after[claim_id].sentence
        assert after[claim_id].sentence.endswith("A fact.")


def test_another_design_that_answers_the_other_way_leaves_it_untold(
    lull: tuple[Path, Followed], ledger: Ledger
) -> None:
    one = lull[1].studies[0]
    assert one.beside is not None
    rows = tuple(
        replace(row, answer="more") if row.design == "mutual excitation" and row.is_main else row
        for row in one.beside.rows
    )
    assert any(row.answer == "more" for row in rows)
    other = replace(one, answer="fewer", beside=replace(one.beside, rows=rows))
    before = [Check(c.id, "cannot_tell", "Nothing held.") for c in ledger.claims]
    told = {
        check.claim_id: check for check in judge_effects(ledger, before, replace(lull[1], studies=(other,)))
    }
    for claim in ledger.claims:
        if direction_of(ledger, claim) is not None:
            assert told[claim.id].verdict == "cannot_tell"
            assert "the other way (mutual excitation)" in told[claim.id].sentence


def test_every_design_stands_beside_the_study(
    lull: tuple[Path, Followed], assemble: Any, ledger: Ledger, parts: dict[str, Any]
) -> None:
    study = lull[1].studies[0]
    assert study.beside is not None
    main = {row.design: row for row in study.beside.rows if row.is_main}
    assert {"matched wakes", "mutual excitation", "distributed lags by day"} <= set(main)
    assert main["matched wakes"].value == study.windows[-1].rate_ratio
    assert {row.design for row in study.beside.rows if row.role == "bad example"} == {
        "naive before and after"
    }
    assert lull[1].specifications == len(study.windows) + study.beside.specifications
    html = assemble(ledger, parts["unchecked"](ledger), followed=lull[1]).to_html()
    section = html.split("beside each other</h4>")[1].split("</article>")[0]
    assert section.index(study.beside.said[0][:30]) < section.index("<svg")
    for row in study.beside.rows:
        assert row.estimand_words in section


def test_a_study_is_kept_and_a_broken_file_is_made_again(
    lull: tuple[Path, Followed], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AFTERSTRIKE_CACHE_DIR", str(tmp_path))
    study, calls = lull[1].studies[0], []

    def make() -> FollowedStudy:
        calls.append(1)
        return study

    assert kept_or_made("k" * 40, make) == study == kept_or_made("k" * 40, make)
    assert len(calls) == 1
    assert asdict(kept_or_made("k" * 40, make)) == asdict(study)
    next(tmp_path.glob("study-*.json")).write_text('{"title": ', encoding="utf-8")
    assert kept_or_made("k" * 40, make) == study and len(calls) == 2
    assert kept_or_made(None, make) == study and len(calls) == 3


def test_a_record_that_names_no_party_and_no_country_is_still_a_record(
    tmp_path: Path,
    ledger: Ledger,
    assemble: Any,
    parts: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AFTERSTRIKE_CACHE_DIR", str(tmp_path))
    bare = events_of("null").assign(who=None, adm0=None)
    with aft.open_record(record_of(tmp_path, bare, WITH_HARM), read_only=True) as record:
        chosen, _ = choose_studies(record, ledger)
        study = followed_in(record, ledger).studies[0]
    assert [(c.striker, c.attacker, c.adm0) for c in chosen] == [("", "", "")]
    assert (
        study.title.startswith("Strikes by a party the record does not name")
        and "area of the record" in study.title
    )
    assert study.windows[-1].rate_ratio is not None
    policy = study.policy
    assert policy is not None and [row.lag for row in policy.rows] == [1, 3, 7]
    assert policy.policies == ("as observed", "1.1 times as observed") and policy.factor == 1.1
    assert all(row.low < 0 < row.high for row in policy.rows if row.low is not None and row.high is not None)
    assert "Cannot tell: anything from" in policy.finding and "area of the record" in policy.finding
    assert sum(cell.n_outcomes for cell in policy.cells) > 1000
    # What is kept in the cache is the same, rings of the map included.
    assert kept_or_made("p" * 40, lambda: study) == study == kept_or_made("p" * 40, lambda: study)
    section = assemble(
        ledger, parts["unchecked"](ledger), followed=Followed("Said.", (), 2, 0, (study,))
    ).to_html()
    section = section.split("a tenth more strikes</h4>")[1].split("</article>")[0]
    order = [policy.finding[:40], "by days of more strikes", "<svg", "cells of the country", "must believe"]
    places = [section.index(words) for words in order]
    assert places == sorted(places)


def test_a_region_without_the_strikes_is_an_answer_of_the_policy_part(lull: tuple[Path, Followed]) -> None:
    policy = lull[1].studies[0].policy
    # The invented strikes say Syria and lie in the Atlantic.
    assert policy is not None and not policy.rows and not policy.cells
    assert policy.finding.startswith("Cannot tell what a tenth more strikes would have gone with: no ")


def test_rows_without_a_party_do_not_count_where_others_of_their_kind_name_one(
    tmp_path: Path, ledger: Ledger
) -> None:
    mixed = events_of("null")
    unnamed = mixed.index[mixed["kind"] == "strike"][1::2]
    mixed.loc[unnamed, "who"] = None
    with aft.open_record(record_of(tmp_path, mixed, WITH_HARM), read_only=True) as record:
        study = followed_in(record, ledger).studies[0]
    named = int((mixed["who"] == "US-led coalition").sum())
    assert int(_trial(study)["treatment"]) <= named < (mixed["kind"] == "strike").sum()


def test_deaths_of_coarse_rows_count_and_rows_after_the_article_do_not(tmp_path: Path) -> None:
    frame = events_of("null")
    frame["precision"] = 1
    coarse = frame.index[frame["kind"] == "strike"][5]
    frame.loc[coarse, ["precision", "dead_low", "dead_high"]] = [4, 10, 10]
    path = record_of(tmp_path, frame, WITH_HARM + 'geo_precision = "precision"\n')
    early = read_document(ARTICLE, published="2001-10-01")
    with aft.open_record(path, read_only=True) as record:
        chosen, _ = choose_studies(record, early)
        study = followed_in(record, early).studies[0]
        none, missing = choose_studies(record, read_document(ARTICLE, published="1999-01-01"))
    assert chosen[0].period[1] == "2001-10-01"
    assert not none and "before the article" in missing[0]
    assert "as recorded: 13 to 15 (stated for 3 of" in study.civilian_harm
