"""Verdicts on numbers: figures of the same measure, area and time, and nothing else."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from afterstrike.brief import _check as check_module
from afterstrike.brief._check import check_claims
from afterstrike.brief._model import Check
from afterstrike.reading import read_document
from afterstrike.record.shipped import Figure


def figure(value: float | None, when: str, **other: Any) -> Figure:
    """An invented figure, by default of troops in Iraq stated by one official body."""
    start, _, end = when.partition("/")
    fields: dict[str, Any] = {
        "figure_id": f"t.{when}.{value}.{other.get('origin')}.{other.get('low')}",
        "measure": "us_troops",
        "area": "IRQ",
        "period_start": date.fromisoformat(start),
        "period_end": date.fromisoformat(end or start),
        "value": value,
        "low": None,
        "high": None,
        "unit": "people",
        "approx": "exact",
        "source": "Invented Gazette",
        "origin": "US Department of Defense",
        "source_url": "https://example.org/figure",
        "note": None,
    }
    return Figure(**{**fields, **other})


@pytest.fixture(autouse=True)
def _no_shipped_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the figures of a test count in it."""
    monkeypatch.setattr(check_module, "shipped_figures", lambda extra=(): ())


def verdict(text: str, figures: list[Figure], published: str | None = "2031-05-10") -> Check:
    """The check of the only claim of a text."""
    checks = check_claims(read_document(text, published=published), extra_figures=figures)
    assert len(checks) == 1, [c.sentence for c in checks]
    return checks[0]


CLAIM = "About 4,000 American troops are stationed in Iraq."


def test_two_independent_origins_support_a_number() -> None:
    found = verdict(
        CLAIM, [figure(4000, "2031-05-01"), figure(4100, "2031-04-20", origin="Iraqi government")]
    )
    assert found.verdict == "supported"
    assert {e.value for e in found.evidence} == {4000, 4100}
    assert found.assumption == "assuming publication on 2031-05-10"
    assert "15%" in (found.tolerance or "")


def test_two_voices_of_one_government_are_one_origin() -> None:
    found = verdict(CLAIM, [figure(4000, "2031-05-01"), figure(4000, "2031-05-02", origin="CENTCOM")])
    assert found.verdict == "same_source"


def test_the_claimants_own_figure_supports_nothing() -> None:
    text = "About 4,000 American troops are stationed in Iraq, according to the Iraqi government."
    figures = [figure(4000, "2031-05-01"), figure(4000, "2031-05-02", origin="Iraqi government")]
    assert verdict(text, figures).verdict == "same_source"


def test_outside_the_tolerance_is_contradicted_and_names_what_was_held_against_it() -> None:
    found = verdict("About 9,000 American troops are stationed in Iraq.", [figure(4000, "2031-05-01")])
    assert found.verdict == "contradicted"
    assert found.rule and found.tolerance
    assert found.evidence[0].source_url == "https://example.org/figure"
    assert found.evidence[0].date_end == "2031-05-01"


@pytest.mark.parametrize(
    ("named", "expected"), [(4550, "same_source"), (4700, "contradicted"), (3300, "contradicted")]
)
def test_the_written_tolerance_is_the_edge(named: int, expected: str) -> None:
    text = f"There are {named:,} American troops in Iraq."
    assert verdict(text, [figure(4000, "2031-05-01")]).verdict == expected


def test_a_figure_dated_after_publication_is_not_used() -> None:
    found = verdict("There are 9,000 American troops in Iraq.", [figure(4000, "2031-05-11")])
    assert found.verdict == "outside_record"
    assert not found.evidence


def test_an_old_figure_does_not_contradict() -> None:
    found = verdict("There are 9,000 American troops in Iraq.", [figure(4000, "2029-05-01")])
    assert found.verdict == "outside_record"
    assert "2 years older" in found.sentence


def test_an_earlier_figure_that_fits_makes_it_outdated() -> None:
    figures = [figure(9000, "2029-02-01"), figure(4000, "2031-05-01")]
    found = verdict("There are 9,000 American troops in Iraq.", figures)
    assert found.verdict == "outdated"
    assert "1 February 2029" in found.sentence and "1 May 2031" in found.sentence
    assert found.assumption == "assuming publication on 2031-05-10"


def test_the_superseded_figure_was_right_in_its_own_time() -> None:
    figures = [figure(9000, "2029-02-01"), figure(4000, "2031-05-01")]
    found = verdict("There are 9,000 American troops in Iraq.", figures, published="2029-02-20")
    assert found.verdict == "same_source"


def test_sources_in_conflict_make_it_contested_and_are_named() -> None:
    figures = [figure(4000, "2031-05-01"), figure(7000, "2031-05-03", origin="Iraqi government")]
    found = verdict(CLAIM, figures)
    assert found.verdict == "contested"
    assert "US Department of Defense" in found.sentence and "Iraqi government" in found.sentence


def test_conflicting_sources_never_contradict() -> None:
    figures = [figure(4000, "2031-05-01"), figure(7000, "2031-05-03", origin="Iraqi government")]
    assert verdict("There are 20,000 American troops in Iraq.", figures).verdict == "contested"


def test_a_lower_bound_neither_bears_out_nor_rules_out_a_higher_number() -> None:
    bound = figure(4000, "2031-05-01", low=4000, approx="over")
    assert verdict("There are 6,000 American troops in Iraq.", [bound]).verdict == "not_in_record"
    assert verdict("There are 2,000 American troops in Iraq.", [bound]).verdict == "contradicted"
    assert verdict("There are more than 4,000 American troops in Iraq.", [bound]).verdict == "same_source"


def test_a_far_bound_is_not_borne_out() -> None:
    found = verdict("There are at least 400 American troops in Iraq.", [figure(4000, "2031-05-01")])
    assert found.verdict == "not_in_record"


def test_another_area_is_not_used() -> None:
    found = verdict("There are 9,000 American troops in Syria.", [figure(4000, "2031-05-01")])
    assert found.verdict == "outside_record"
    found = verdict("There are 9,000 American troops in Somalia.", [figure(4000, "2031-05-01")])
    assert found.verdict not in ("contradicted", "supported", "same_source", "outdated")


def test_two_countries_in_one_sentence_keep_their_numbers_apart() -> None:
    figures = [figure(4000, "2031-05-01"), figure(600, "2031-05-01", area="SYR")]
    right = verdict("There are 4,000 American troops in Iraq and 600 American troops in Syria.", figures)
    swapped = verdict("There are 600 American troops in Iraq and 4,000 American troops in Syria.", figures)
    assert (right.verdict, swapped.verdict) == ("same_source", "contradicted")


def test_an_area_the_sentence_does_not_name_is_never_contradicted() -> None:
    text = "Iraq and its guests\n\nThe mood in Baghdad is calm.\n\nThere are 9,000 American troops."
    checks = check_claims(
        read_document(text, published="2031-05-10"), extra_figures=[figure(4000, "2031-05-01")]
    )
    assert "contradicted" not in {c.verdict for c in checks}


@pytest.mark.parametrize(
    "text",
    [
        "The Pentagon will send another 9,000 American troops to Iraq.",
        "Washington sent an additional 9,000 American troops to Iraq.",
        "The number of American troops in Iraq rose by 9,000.",
        "Some 9,000 American troops once served in Iraq.",
        "Washington denied that 9,000 American troops are in Iraq.",
        "American troops in Iraq cost 9,000 dollars a day.",
    ],
)
def test_a_change_a_plan_the_past_and_a_denial_are_not_levels(text: str) -> None:
    checks = check_claims(
        read_document(text, published="2031-05-10"), extra_figures=[figure(4000, "2031-05-01")]
    )
    assert not {c.verdict for c in checks} & {"contradicted", "outdated", "supported", "same_source"}


def weapons(value: float, when: str, **other: Any) -> Figure:
    """An invented figure of weapons released over Iraq and Syria."""
    return figure(value, when, measure="weapons_released", area="IRQ+SYR", unit="weapons", **other)


def test_only_the_same_period_is_compared() -> None:
    march = weapons(3000, "2030-03-01/2030-03-31")
    text = "Coalition aircraft released {n} weapons in Iraq and Syria in {when}."
    assert verdict(text.format(n="3,050", when="March 2030"), [march]).verdict == "same_source"
    assert verdict(text.format(n="6,000", when="March 2030"), [march]).verdict == "contradicted"
    for when in ("2030", "April 2030", "the first half of 2030", "March 2029"):
        assert verdict(text.format(n="6,000", when=when), [march]).verdict == "outside_record", when


def test_eleven_months_are_not_a_year() -> None:
    found = verdict(
        "Coalition aircraft released 9,000 weapons in Iraq and Syria in 2030.",
        [weapons(6000, "2030-01-01/2030-11-30")],
    )
    assert found.verdict == "outside_record"


def test_a_flow_without_a_period_is_not_checkable() -> None:
    found = verdict(
        "Coalition aircraft released 9,000 weapons in Iraq and Syria.",
        [weapons(6000, "2029-01-01/2029-11-30")],
    )
    assert found.verdict == "not_checkable"


def test_unlike_units_are_not_compared() -> None:
    found = verdict(
        "Coalition aircraft dropped 40 tons of weapons on Iraq and Syria in March 2030.",
        [weapons(3000, "2030-03-01/2030-03-31")],
    )
    assert found.verdict == "outside_record"


def running(value: float, end: str, **other: Any) -> Figure:
    """An invented running total of strikes since August 2014."""
    return figure(
        value,
        f"2014-08-08/{end}",
        measure="air_strikes",
        area="IRQ+SYR",
        unit="strikes",
        origin="CJTF-OIR",
        **other,
    )


def test_running_totals_grow_and_old_ones_are_outdated() -> None:
    totals = [running(10000, "2016-01-31"), running(20000, "2017-03-31")]
    text = "Since 2014 the US-led coalition has carried out {n} strikes in Iraq and Syria."
    day = "2017-04-10"
    assert verdict(text.format(n="20,100"), totals, day).verdict == "same_source"
    assert verdict(text.format(n="10,000"), totals, day).verdict == "outdated"
    assert verdict(text.format(n="60,000"), totals, day).verdict == "contradicted"
    assert verdict(text.format(n="15,000"), totals, day).verdict == "contradicted"
    # A year later it may have grown: nothing held here covers that day.
    assert verdict(text.format(n="26,000"), totals, "2018-04-10").verdict == "outside_record"


def test_a_weak_figure_contradicts_nothing() -> None:
    weak = figure(4000, "2031-05-01", note="weak: a blog's copy")
    assert verdict("There are 9,000 American troops in Iraq.", [weak]).verdict == "not_in_record"


def test_a_number_between_the_figures_around_it_is_not_contradicted() -> None:
    figures = [figure(9000, "2031-02-01"), figure(4000, "2031-04-15")]
    assert (
        verdict("There were 6,000 American troops in Iraq in April 2031.", figures).verdict == "not_in_record"
    )


def test_without_a_publication_date_a_stock_cannot_be_dated() -> None:
    found = verdict("There are 9,000 American troops in Iraq.", [figure(4000, "2031-05-01")], published=None)
    assert found.verdict == "not_checkable"


def test_extra_tables_are_read_from_files(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from afterstrike.record.shipped import figures as shipped

    monkeypatch.setattr(check_module, "shipped_figures", shipped)
    path = tmp_path / "mine.csv"
    path.write_text(
        "figure_id,measure,area,period_start,period_end,value,low,high,unit,approx,source,origin,source_url,note\n"
        "mine.1,us_troops,IRQ,2031-05-01,2031-05-01,4000,,,people,exact,Invented Gazette,Iraqi government,,\n",
        encoding="utf-8",
    )
    ledger = read_document("There are 9,000 American troops in Iraq.", published="2031-05-10")
    assert check_claims(ledger, extra_figures=[path])[0].verdict == "contradicted"
    assert check_claims(ledger)[0].verdict != "contradicted"


@pytest.mark.parametrize(
    "text",
    [
        "There are 200 American troops near Ramadi in Iraq.",
        "There are 200 American troops at a garrison in Iraq.",
        "About 200 American special forces troops are in Iraq.",
        "There are 200 American troops with Iraqi forces in Iraq.",
        "There are 200 American and Danish troops in Iraq.",
    ],
)
def test_a_part_is_not_held_against_the_whole(text: str) -> None:
    whole = verdict("There are 200 American troops in Iraq.", [figure(4000, "2031-05-01")])
    part = verdict(text, [figure(4000, "2031-05-01")])
    assert whole.verdict == "contradicted"
    assert part.verdict in ("not_in_record", "outside_record", "not_checkable")


def test_another_air_force_is_not_held_against_the_coalitions_series() -> None:
    text = "{} carried out {} strikes in Iraq in July 2015, the ministry said."
    coalition = verdict(text.format("US-led coalition aircraft", "5,000"), [], "2016-04-15")
    iraqi = verdict(text.format("Iraqi jets of the coalition", "5,000"), [], "2016-04-15")
    assert coalition.verdict == "contradicted"
    assert coalition.evidence[0].kind == "series" and coalition.evidence[0].licence
    assert iraqi.verdict == "not_in_record"


def test_a_month_of_the_series_is_shared_out_by_days() -> None:
    text = "US-led coalition aircraft carried out {} strikes in Iraq in July 2015."
    assert verdict(text.format("500"), [], "2016-04-15").verdict == "same_source"
    assert verdict(text.format("500"), [], "2015-07-20").verdict != "contradicted"


def test_a_source_of_its_own_stands_against_one_other_source() -> None:
    text = "There are 9,000 American troops in Iraq, according to Airwars."
    found = verdict(text, [figure(4000, "2031-05-01")])
    assert found.verdict == "contested"
    assert "Airwars" in found.sentence and "US Department of Defense" in found.sentence


def test_a_sub_area_of_the_one_place_a_measure_has() -> None:
    camp = figure(
        24000, "2031-05-01", measure="al_hol_population", area="SYR", origin="camp management", unit="people"
    )
    assert (
        verdict("Some 24,000 people live in al-Hol camp in north-east Syria.", [camp]).verdict
        == "same_source"
    )
